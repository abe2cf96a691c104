//! Deadlines in a directive's text: "trước 12 giờ ngày 15/4/2025".

use std::sync::LazyLock;

use chrono::{DateTime, Datelike, NaiveDate, NaiveTime, TimeZone, Utc};
use chrono_tz::Asia::Ho_Chi_Minh;
use regex::Regex;

const MAX_FOUND: usize = 50;

/// A deadline found in a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deadline {
    /// When it is due.
    pub due: DateTime<Utc>,
    /// First byte of the words it was read from.
    pub start: usize,
    /// One past their last byte.
    pub end: usize,
    /// The words as they stand there.
    pub text: String,
}

static PATTERN: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"(?xi)
        \b(?P<word>trước|chậm\s+nhất(?:\s+là)?|muộn\s+nhất(?:\s+là)?|không\s+quá|hạn\s+cuối(?:\s+là)?)\s+
        (?:(?:lúc\s+|vào\s+)?(?P<hour>\d{1,2})\s*(?:giờ|h|g|:)\s*(?P<minute>\d{2})?\s*(?:phút)?\s*
           (?P<part>sáng|trưa|chiều|tối)?\s*,?\s*)?
        (?:(?:vào\s+|hết\s+)?ngày\s+)(?P<day>\d{1,2})\s*[/.\-]\s*(?P<month>\d{1,2})(?:\s*[/.\-]\s*(?P<year>\d{4}))?",
    )
    .expect("the pattern is a constant")
});

/// Finds the deadlines a directive states, in the order of the text.
///
/// "Before the day N" means the end of the day before; "at the latest on the day N" the end
/// of that day; an hour is taken as it stands, in `Asia/Ho_Chi_Minh`. A date without a year is
/// the next such date from the day of publication.
#[must_use]
pub fn deadlines_in(text: &str, published: DateTime<Utc>) -> Vec<Deadline> {
    PATTERN
        .captures_iter(text)
        .filter_map(|found| {
            let all = found.get(0)?;
            let due = due(&found, published)?;
            Some(Deadline {
                due,
                start: all.start(),
                end: all.end(),
                text: all.as_str().to_owned(),
            })
        })
        .take(MAX_FOUND)
        .collect()
}

fn due(found: &regex::Captures<'_>, published: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let number = |name: &str| {
        found
            .name(name)
            .and_then(|m| m.as_str().parse::<u32>().ok())
    };
    let (day, month) = (number("day")?, number("month")?);
    let from = published.with_timezone(&Ho_Chi_Minh).date_naive();
    let date = match number("year") {
        Some(year) => NaiveDate::from_ymd_opt(i32::try_from(year).ok()?, month, day)?,
        None => next_date(from, month, day)?,
    };
    let before = found
        .name("word")
        .is_some_and(|m| m.as_str().to_lowercase() == "trước");
    let local = match number("hour") {
        Some(hour) => {
            let hour = match found.name("part").map(|m| m.as_str().to_lowercase()) {
                Some(part) if (part == "chiều" || part == "tối") && hour < 12 => hour + 12,
                _ => hour,
            };
            if hour == 24 {
                date.succ_opt()?.and_time(NaiveTime::MIN)
            } else {
                date.and_time(NaiveTime::from_hms_opt(
                    hour,
                    number("minute").unwrap_or(0),
                    0,
                )?)
            }
        }
        None if before => date.and_time(NaiveTime::MIN),
        None => date.succ_opt()?.and_time(NaiveTime::MIN),
    };
    Some(
        Ho_Chi_Minh
            .from_local_datetime(&local)
            .earliest()?
            .with_timezone(&Utc),
    )
}

fn next_date(from: NaiveDate, month: u32, day: u32) -> Option<NaiveDate> {
    // The 29th of February may be up to eight years away.
    (0..=8).find_map(|years| {
        NaiveDate::from_ymd_opt(from.year() + years, month, day).filter(|d| *d >= from)
    })
}
