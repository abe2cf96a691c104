//! The desk's own tables in the registry's files: clocks and the ladders of alerts.

use chrono::{NaiveTime, TimeDelta};
use diembao_news::{FlagKind, Severity};
use serde::Deserialize;
use toml::value::Datetime;

use super::parse::{Mistake, required, validity};
use crate::{
    AlertPolicy, BasisStatus, CaseState, ClockRule, ClockScope, ClockStart, ClockStop, QuietHours, Rung, WarningPolicy,
};

/// `[[clock]]`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawClock {
    id: String,
    name: String,
    within: String,
    starts_from: String,
    stops_at: String,
    basis: String,
    status: String,
    valid_from: Option<Datetime>,
    valid_to: Option<Datetime>,
    at_least: Option<String>,
    kind: Option<String>,
    #[serde(default)]
    pauses_in: Vec<String>,
}

/// `[[alert]]`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawAlert {
    severity: String,
    ladder: Vec<RawRung>,
    quiet: Option<RawQuiet>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawRung {
    after: String,
    to: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawQuiet {
    from: String,
    to: String,
}

const EVENTS: &str = "raise, verify, transfer, convene, escalate";

fn severity(s: &str) -> Result<Severity, Mistake> {
    Severity::parse(s).ok_or_else(|| format!("severity {s:?} is none of green, yellow, orange, red"))
}

pub(super) fn clock(raw: RawClock) -> Result<ClockRule, Mistake> {
    let validity = validity(raw.valid_from, raw.valid_to)?;
    Ok(ClockRule {
        id: raw.id,
        name: required("name", raw.name)?,
        span: span("within", &raw.within)?,
        starts_from: ClockStart::parse(&raw.starts_from).ok_or_else(|| {
            format!(
                "starts_from {:?} is none of occurred, published, detected, acknowledged, assigned, answered, {EVENTS}",
                raw.starts_from
            )
        })?,
        stops_at: ClockStop::parse(&raw.stops_at).ok_or_else(|| {
            format!("stops_at {:?} is none of acknowledged, assigned, answered, closed, {EVENTS}", raw.stops_at)
        })?,
        basis: required("basis", raw.basis)?,
        status: BasisStatus::parse(&raw.status)
            .ok_or_else(|| format!("status {:?} is none of verified, unverified, repealed", raw.status))?,
        valid_from: validity.from,
        valid_to: validity.to,
        scope: ClockScope {
            at_least: raw.at_least.map(|s| severity(&s)).transpose()?,
            kind: raw
                .kind
                .map(|s| FlagKind::parse(&s).ok_or_else(|| format!("kind {s:?} is none of incident, misinformation")))
                .transpose()?,
            pauses_in: raw
                .pauses_in
                .iter()
                .map(|s| {
                    CaseState::parse(s).ok_or_else(|| format!("pauses_in holds {s:?}, which is no state of a case"))
                })
                .collect::<Result<_, _>>()?,
        },
    })
}

pub(super) fn alert(raw: RawAlert) -> Result<AlertPolicy, Mistake> {
    let severity = severity(&raw.severity)?;
    if raw.ladder.is_empty() {
        return Err("ladder is empty: nobody would be told".to_owned());
    }
    let rung = |raw: RawRung| -> Result<Rung, Mistake> {
        if raw.to.is_empty() {
            return Err("to is empty: nobody would be told".to_owned());
        }
        Ok(Rung { after: span("after", &raw.after)?, to: raw.to })
    };
    let rungs: Vec<Rung> = raw.ladder.into_iter().map(rung).collect::<Result<_, _>>()?;
    if !rungs.is_sorted_by_key(|r| r.after) {
        return Err("the rungs of a ladder are written in the order of their time".to_owned());
    }
    let quiet =
        raw.quiet.map(|q| Ok::<_, Mistake>(QuietHours { from: time(&q.from)?, to: time(&q.to)? })).transpose()?;
    Ok(AlertPolicy { severity, rungs, quiet })
}

/// `[[warning]]`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawWarning {
    percent: u8,
    to: Vec<String>,
}

pub(super) fn warning(raw: RawWarning) -> Result<WarningPolicy, Mistake> {
    if ![50, 80, 100].contains(&raw.percent) {
        return Err(format!("percent {} is none of 50, 80, 100", raw.percent));
    }
    if raw.to.is_empty() {
        return Err("to is empty: nobody would be told".to_owned());
    }
    Ok(WarningPolicy { percent: raw.percent, to: raw.to })
}

/// "15m", "24h", "2d".
fn span(key: &str, text: &str) -> Result<TimeDelta, Mistake> {
    let wrong = || format!("{key} {text:?} is no time: write 15m, 24h or 2d");
    let unit = text.chars().next_back().ok_or_else(wrong)?;
    let n: i64 = text[..text.len() - unit.len_utf8()].parse().map_err(|_| wrong())?;
    let minutes = match unit {
        'm' => 1,
        'h' => 60,
        'd' => 24 * 60,
        _ => return Err(wrong()),
    };
    let minutes = n.checked_mul(minutes).filter(|m| (0..=366 * 24 * 60).contains(m)).ok_or_else(wrong)?;
    Ok(TimeDelta::minutes(minutes))
}

pub(super) fn time(text: &str) -> Result<NaiveTime, Mistake> {
    NaiveTime::parse_from_str(text, "%H:%M").map_err(|_| format!("{text:?} is no time of day: write 22:00"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_written_with_their_unit() {
        for (text, minutes) in [("15m", Some(15)), ("24h", Some(1440)), ("2d", Some(2880)), ("0m", Some(0))] {
            assert_eq!(span("after", text).ok().map(|s| s.num_minutes()), minutes, "{text}");
        }
        for text in ["", "m", "15", "15s", "-1m", "1.5h", "999999999999999999d", "99999d", "1đ"] {
            assert!(span("after", text).is_err(), "{text}");
        }
    }
}
