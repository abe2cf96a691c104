//! The working calendar: which days are working days, and when editions are made on the others.

use chrono::{Datelike, NaiveDate, NaiveTime, Weekday};

use crate::settings::EditionSettings;

/// Which days are working days.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Calendar {
    /// Days of the week that are worked on.
    pub working: Vec<Weekday>,
    /// Days off on which the week would have one work.
    pub holidays: Vec<DaysOff>,
    /// Days worked on although the week would have them free.
    pub extra: Vec<NaiveDate>,
    /// What happens on the other days.
    pub rest: RestDays,
}

/// Days off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DaysOff {
    /// From a day to a day, both included.
    Span(NaiveDate, NaiveDate),
    /// Month and day of every year.
    Yearly(u32, u32),
}

/// Editions of days that nobody works on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RestDays {
    /// As on working days.
    Same,
    /// None: the next working day's edition covers them.
    Skip,
    /// Sent at this time of day, drafted as long before as on working days.
    At(NaiveTime),
}

/// When a day's edition is drafted and sent, `Asia/Ho_Chi_Minh`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hours {
    /// The draft is made.
    pub draft_at: NaiveTime,
    /// It leaves.
    pub send_at: NaiveTime,
}

impl Calendar {
    /// Whether a day is a working day.
    #[must_use]
    pub fn is_working(&self, day: NaiveDate) -> bool {
        let is_off = self.holidays.iter().any(|off| match *off {
            DaysOff::Span(first, last) => first <= day && day <= last,
            DaysOff::Yearly(month, date) => (month, date) == (day.month(), day.day()),
        });
        self.extra.contains(&day) || (self.working.contains(&day.weekday()) && !is_off)
    }
}

impl DaysOff {
    /// Reads "2027-02-05", "2027-02-05..2027-02-11" or, for every year, "09-02".
    #[must_use]
    pub fn parse(s: &str) -> Option<Self> {
        if let Some((first, last)) = s.split_once("..") {
            let (first, last) = (first.parse().ok()?, last.parse().ok()?);
            return (first <= last).then_some(Self::Span(first, last));
        }
        if let Ok(day) = s.parse() {
            return Some(Self::Span(day, day));
        }
        // A leap year, so that 29 February may be named.
        let day: NaiveDate = format!("2028-{s}").parse().ok().filter(|_| s.len() == 5)?;
        Some(Self::Yearly(day.month(), day.day()))
    }
}

/// When the edition of a day is made; none: there is none that day.
#[must_use]
pub fn hours(settings: &EditionSettings, day: NaiveDate) -> Option<Hours> {
    let usual = Hours { draft_at: settings.draft_at, send_at: settings.send_at };
    match settings.calendar.rest {
        _ if settings.calendar.is_working(day) => Some(usual),
        RestDays::Same => Some(usual),
        RestDays::Skip => None,
        RestDays::At(send_at) => {
            let (draft_at, over_midnight) = send_at.overflowing_sub_signed(settings.send_at - settings.draft_at);
            Some(Hours { draft_at: if over_midnight == 0 { draft_at } else { NaiveTime::MIN }, send_at })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(edition: &str) -> EditionSettings {
        crate::settings::parse(&format!("[edition]\n{edition}"), "d.toml").unwrap().edition
    }

    fn sent(edition: &str, day: &str) -> Option<String> {
        let hours = hours(&settings(edition), day.parse().unwrap())?;
        Some(format!("{} {}", hours.draft_at.format("%H:%M"), hours.send_at.format("%H:%M")))
    }

    #[test]
    fn rest_days_are_as_the_settings_say() {
        let (friday, saturday, usual) = ("2026-11-20", "2026-11-21", Some("06:00 07:00".to_owned()));
        for (edition, day, want) in [
            ("", saturday, usual.clone()),
            ("rest_days = \"none\"", friday, usual.clone()),
            ("rest_days = \"none\"", saturday, None),
            ("rest_days = \"08:30\"", saturday, Some("07:30 08:30".to_owned())),
            ("rest_days = \"00:30\"", saturday, Some("00:00 00:30".to_owned())),
            ("rest_days = \"none\"\nextra_working_days = [\"2026-11-21\"]", saturday, usual.clone()),
            ("rest_days = \"none\"\nworking_days = [\"sat\"]", saturday, usual),
            ("rest_days = \"none\"\nworking_days = [\"sat\"]", friday, None),
        ] {
            assert_eq!(sent(edition, day), want, "{edition} {day}");
        }
    }

    #[test]
    fn holidays_are_single_days_spans_or_yearly() {
        let edition = "rest_days = \"none\"\nholidays = [\"2027-01-04\", \"2027-02-05..2027-02-11\", \"09-02\"]";
        for (day, leaves) in [
            ("2027-01-04", false),
            ("2027-01-05", true),
            ("2027-02-05", false),
            ("2027-02-11", false),
            ("2027-02-12", true),
            ("2026-09-02", false),
            ("2027-09-02", false),
            ("2027-09-03", true),
        ] {
            assert_eq!(sent(edition, day).is_some(), leaves, "{day}");
        }
        for bad in ["2027-02-30", "02-30", "5/2", "2027-02-11..2027-02-05", ""] {
            assert_eq!(DaysOff::parse(bad), None, "{bad}");
        }
    }
}
