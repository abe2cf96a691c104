//! Pieces several pages show: choices, cases in a row, clocks.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use diembao_desk::{Action, Case, CaseEvent, CaseState, ClockLevel, ClockReading};
use diembao_news::{CaseId, FlagKind, Severity};
use serde::Serialize;

use crate::access::Actor;
use crate::answer::Stop;
use crate::format::{distance, machine, moment, remaining, span};
use crate::rights;
use crate::state::Console;

/// One option of a list.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Choice {
    pub(crate) value: String,
    pub(crate) name: String,
    pub(crate) on: bool,
}

/// A list's options.
pub(crate) fn choices<T: PartialEq + Copy>(
    all: impl IntoIterator<Item = T>,
    on: Option<T>,
    words: impl Fn(T) -> (&'static str, &'static str),
) -> Vec<Choice> {
    let choice = |v: T| {
        let (value, name) = words(v);
        Choice { value: value.to_owned(), name: name.to_owned(), on: Some(v) == on }
    };
    all.into_iter().map(choice).collect()
}

/// What a kind of flag is called on screen.
pub(crate) fn kind(kind: FlagKind) -> &'static str {
    match kind {
        FlagKind::Incident => "Sự cố",
        FlagKind::Misinformation => "Tin sai",
    }
}

/// A case as a row.
#[derive(Debug, Serialize)]
pub(crate) struct CaseRow {
    pub(crate) id: i64,
    pub(crate) title: String,
    pub(crate) severity: &'static str,
    pub(crate) severity_name: &'static str,
    pub(crate) kind: &'static str,
    pub(crate) state: &'static str,
    pub(crate) state_id: &'static str,
    pub(crate) owner: String,
    pub(crate) unit: String,
    pub(crate) opened: String,
    pub(crate) opened_machine: String,
    pub(crate) age: String,
    pub(crate) spread: String,
    pub(crate) version: i64,
    pub(crate) is_new: bool,
    pub(crate) has_news: bool,
    pub(crate) clock: Option<ClockRow>,
}

/// A case as a row, with its most pressing clock.
pub(crate) fn case_row(case: &Case, clock: Option<&ClockReading>, now: DateTime<Utc>) -> CaseRow {
    CaseRow {
        id: case.id.as_i64(),
        title: case.title.clone(),
        severity: case.severity.as_str(),
        severity_name: case.severity.label(),
        kind: kind(case.kind),
        state: case.state.label(),
        state_id: case.state.as_str(),
        owner: case.owner.clone().unwrap_or_default(),
        unit: case.handling.unit.clone().unwrap_or_default(),
        opened: moment(case.opened_at, now),
        opened_machine: machine(case.opened_at),
        age: distance(case.opened_at, now),
        spread: format!("{} bài · {} báo", case.spread.n_articles, case.spread.n_outlets),
        version: case.version,
        is_new: case.state == CaseState::Detected,
        has_news: case.times.news.is_some(),
        clock: clock.map(|c| clock_row(c, now)),
    }
}

/// A closed case that the press wrote more of.
#[derive(Debug, Serialize)]
pub(crate) struct NewsRow {
    pub(crate) case: CaseRow,
    pub(crate) headline: String,
    pub(crate) since: String,
    pub(crate) may: bool,
}

/// A closed case that the press wrote more of, with a headline of it.
pub(crate) fn news_row(actor: &Actor, case: &Case, headline: &str, now: DateTime<Utc>) -> NewsRow {
    NewsRow {
        case: case_row(case, None, now),
        headline: headline.to_owned(),
        since: case.times.news.map(|at| moment(at, now)).unwrap_or_default(),
        may: rights::may(&actor.user, case, &Action::Seen),
    }
}

/// A clock.
#[derive(Debug, Serialize)]
pub(crate) struct ClockRow {
    pub(crate) name: String,
    pub(crate) level: &'static str,
    pub(crate) wording: String,
    /// The wording without the clock's name and basis, which stand beside it.
    pub(crate) said: String,
    pub(crate) due: String,
    pub(crate) rest: String,
    /// The used part of the time in hundredths, at most 100.
    pub(crate) used: i64,
    pub(crate) paused: bool,
    pub(crate) basis: String,
    pub(crate) status: &'static str,
    pub(crate) lost: Option<String>,
}

/// A clock as it is shown.
pub(crate) fn clock_row(c: &ClockReading, now: DateTime<Utc>) -> ClockRow {
    #[expect(clippy::cast_possible_truncation, reason = "a percentage between 0 and 100")]
    let used = (c.used * 100.0).clamp(0.0, 100.0).round() as i64;
    ClockRow {
        name: c.name.clone(),
        level: level(c.level),
        wording: c.wording.clone(),
        said: said(c),
        due: c.due.map(|t| moment(t, now)).unwrap_or_default(),
        rest: c.due.map(|t| remaining(t, now)).unwrap_or_default(),
        used,
        paused: c.paused,
        basis: c.basis.clone(),
        status: c.status.label(),
        lost: (c.lost_before_detection.num_minutes() > 0).then(|| span(c.lost_before_detection)),
    }
}

fn said(c: &ClockReading) -> String {
    let text = c.wording.strip_prefix(c.name.as_str()).map_or(c.wording.as_str(), |t| t.trim_start_matches(": "));
    text.split_once(" (căn cứ").map_or(text, |(text, _)| text).to_owned()
}

fn level(level: ClockLevel) -> &'static str {
    match level {
        ClockLevel::NotStarted => "waiting",
        ClockLevel::Met => "met",
        ClockLevel::MetLate => "late",
        ClockLevel::Running => "running",
        ClockLevel::Half => "half",
        ClockLevel::Most => "most",
        ClockLevel::Due => "due",
    }
}

/// The severities, the gravest first.
pub(crate) const SEVERITIES: [Severity; 4] = [Severity::Red, Severity::Orange, Severity::Yellow, Severity::Green];

/// The clocks of a list of cases.
pub(crate) struct Clocks(HashMap<CaseId, Vec<ClockReading>>);

impl Clocks {
    /// Reads them.
    pub(crate) async fn read(console: &Console, cases: &[Case], now: DateTime<Utc>) -> Result<Self, Stop> {
        let ids: Vec<CaseId> = cases.iter().map(|c| c.id).collect();
        let mut events = console.p.store.case_events(&ids).await?;
        let readings = cases.iter().map(|case| {
            let events = events.remove(&case.id).unwrap_or_default();
            (case.id, clocks_of(console, case, &events, now))
        });
        Ok(Self(readings.collect()))
    }

    /// A case's most pressing clock that still runs.
    pub(crate) fn first(&self, case: &Case) -> Option<&ClockReading> {
        let runs =
            |c: &&ClockReading| !matches!(c.level, ClockLevel::NotStarted | ClockLevel::Met | ClockLevel::MetLate);
        self.0.get(&case.id)?.iter().find(runs)
    }
}

/// The clocks of one case.
pub(crate) fn clocks_of(console: &Console, case: &Case, events: &[CaseEvent], now: DateTime<Utc>) -> Vec<ClockReading> {
    diembao_desk::clocks(case, events, &console.p.home.registry.clocks, now)
}

/// The outlets' names as readers know them, by id.
pub(crate) fn outlet_names(console: &Console) -> HashMap<&str, &str> {
    console.p.home.outlets.iter().map(|o| (o.id.as_str(), o.name.as_str())).collect()
}

/// An outlet's name; its id when feeds.toml no longer knows it.
pub(crate) fn outlet_name(names: &HashMap<&str, &str>, id: &str) -> String {
    names.get(id).copied().unwrap_or(id).to_owned()
}
