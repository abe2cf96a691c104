//! `[edition]` and `[bulletin]`: when editions are made, and whether an editor has to say yes.

use std::time::Duration;

use chrono::{NaiveTime, Weekday};

use super::model::{Approval, BulletinSettings, EditionSettings, WhenEmpty};
use super::table::Table;
use crate::calendar::{Calendar, DaysOff, RestDays};

pub(super) fn edition(t: &Table) -> EditionSettings {
    let edition = EditionSettings {
        draft_at: time(t, "draft_at").unwrap_or_else(|| full_hour(6)),
        send_at: time(t, "send_at").unwrap_or_else(|| full_hour(7)),
        first_window: t.duration("first_window", Duration::from_secs(24 * 3600)),
        approval: t
            .parsed("approval", "\"automatic\", \"required\" or \"until HH:MM\"", approval)
            .unwrap_or(Approval::Automatic),
        calendar: calendar(t),
    };
    if edition.draft_at > edition.send_at {
        t.report("draft_at", "is later than send_at");
    }
    if matches!(edition.approval, Approval::RequiredUntil(until) if until < edition.send_at) {
        t.report("approval", "names a time before send_at");
    }
    t.finish();
    edition
}

pub(super) fn bulletin(t: &Table) -> BulletinSettings {
    let when = |s: &str| match s {
        "never" => Some(None),
        _ => clock_time(s).map(Some),
    };
    let empty = |s: &str| match s {
        "send" => Some(WhenEmpty::Send),
        "skip" => Some(WhenEmpty::Skip),
        _ => None,
    };
    let bulletin = BulletinSettings {
        send_at: t.parsed("send_at", "a time of day such as \"07:15\", or \"never\"", when).unwrap_or_default(),
        when_empty: t.parsed("when_empty", "\"send\" or \"skip\"", empty).unwrap_or(WhenEmpty::Send),
    };
    t.finish();
    bulletin
}

fn calendar(t: &Table) -> Calendar {
    let days = |name, expected: &str, names: Vec<String>| {
        let read: Vec<Option<DaysOff>> = names.iter().map(|s| DaysOff::parse(s)).collect();
        if let Some(bad) = names.iter().zip(&read).find(|(_, day)| day.is_none()) {
            t.report(name, format!("{:?} is not {expected}", bad.0));
        }
        read.into_iter().flatten().collect::<Vec<_>>()
    };
    let extra = days("extra_working_days", "a day such as \"2027-02-13\"", t.strings("extra_working_days"));
    let rest = |s: &str| match s {
        "same" => Some(RestDays::Same),
        "none" => Some(RestDays::Skip),
        _ => clock_time(s).map(RestDays::At),
    };
    Calendar {
        working: working_days(t),
        holidays: days(
            "holidays",
            "a day \"2027-01-01\", a span \"2027-02-05..2027-02-11\" or a yearly day \"09-02\"",
            t.strings_or("holidays", HOLIDAYS),
        ),
        extra: extra
            .into_iter()
            .filter_map(|day| match day {
                DaysOff::Span(first, last) if first == last => Some(first),
                DaysOff::Span(..) | DaysOff::Yearly(..) => {
                    t.report("extra_working_days", "takes single days with their year");
                    None
                }
            })
            .collect(),
        rest: t.parsed("rest_days", "\"same\", \"none\" or a time of day", rest).unwrap_or(RestDays::Same),
    }
}

/// Days off that fall on the same day every year; Tết and the kings' day follow the moon and are written in.
const HOLIDAYS: &[&str] = &["01-01", "04-30", "05-01", "09-02"];

fn working_days(t: &Table) -> Vec<Weekday> {
    let names = t.strings("working_days");
    if names.is_empty() {
        return vec![Weekday::Mon, Weekday::Tue, Weekday::Wed, Weekday::Thu, Weekday::Fri];
    }
    let mut days = Vec::new();
    for name in &names {
        match name.parse() {
            Ok(day) => days.push(day),
            Err(_) => t.report("working_days", format!("{name:?} is not a day such as \"mon\"")),
        }
    }
    days
}

fn approval(s: &str) -> Option<Approval> {
    match s {
        "automatic" => Some(Approval::Automatic),
        "required" => Some(Approval::Required),
        _ => clock_time(s.strip_prefix("until ")?).map(Approval::RequiredUntil),
    }
}

fn time(t: &Table, name: &'static str) -> Option<NaiveTime> {
    t.parsed(name, "a time of day such as \"07:00\"", clock_time)
}

fn clock_time(s: &str) -> Option<NaiveTime> {
    NaiveTime::parse_from_str(s, "%H:%M").ok()
}

fn full_hour(hour: u32) -> NaiveTime {
    NaiveTime::from_hms_opt(hour, 0, 0).expect("a full hour below 24 is a time")
}
