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
            Some(Deadline { due, start: all.start(), end: all.end(), text: all.as_str().to_owned() })
        })
        .take(MAX_FOUND)
        .collect()
}

fn due(found: &regex::Captures<'_>, published: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let number = |name: &str| found.name(name).and_then(|m| m.as_str().parse::<u32>().ok());
    let (day, month) = (number("day")?, number("month")?);
    let from = published.with_timezone(&Ho_Chi_Minh).date_naive();
    let date = match number("year") {
        Some(year) => NaiveDate::from_ymd_opt(i32::try_from(year).ok()?, month, day)?,
        None => next_date(from, month, day)?,
    };
    let before = found.name("word").is_some_and(|m| m.as_str().to_lowercase() == "trước");
    let local = match number("hour") {
        Some(hour) => {
            let hour = match found.name("part").map(|m| m.as_str().to_lowercase()) {
                Some(part) if (part == "chiều" || part == "tối") && hour < 12 => hour + 12,
                _ => hour,
            };
            if hour == 24 {
                date.succ_opt()?.and_time(NaiveTime::MIN)
            } else {
                date.and_time(NaiveTime::from_hms_opt(hour, number("minute").unwrap_or(0), 0)?)
            }
        }
        None if before => date.and_time(NaiveTime::MIN),
        None => date.succ_opt()?.and_time(NaiveTime::MIN),
    };
    Some(Ho_Chi_Minh.from_local_datetime(&local).earliest()?.with_timezone(&Utc))
}

fn next_date(from: NaiveDate, month: u32, day: u32) -> Option<NaiveDate> {
    // The 29th of February may be up to eight years away.
    (0..=8).find_map(|years| NaiveDate::from_ymd_opt(from.year() + years, month, day).filter(|d| *d >= from))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &[&str]) {
        let published = "2025-04-10T03:00:00Z".parse().unwrap();
        let found: Vec<String> = deadlines_in(text, published)
            .iter()
            .inspect(|d| assert_eq!(&text[d.start..d.end], d.text))
            .map(|d| d.due.with_timezone(&Ho_Chi_Minh).format("%Y-%m-%d %H:%M").to_string())
            .collect();
        assert_eq!(found, expected, "{text}");
    }

    #[test]
    fn deadlines_are_read_as_officials_write_them() {
        check(
            "Báo cáo bước đầu trước 12 giờ ngày 15/4/2025, báo cáo đầy đủ trước ngày 31/5/2025.",
            &["2025-04-15 12:00", "2025-05-31 00:00"],
        );
        check("gửi về Bộ trước 17h00 ngày 5/6", &["2025-06-05 17:00"]);
        check("trước 10 giờ 30 phút sáng ngày 22-11-2026", &["2026-11-22 10:30"]);
        check("Trước 5 giờ chiều, ngày 22.11.2026", &["2026-11-22 17:00"]);
        check("trước 24 giờ ngày 31/12/2025", &["2026-01-01 00:00"]);
        check("chậm nhất ngày 20/4/2025", &["2025-04-21 00:00"]);
        check("chậm nhất là hết ngày 20/4/2025", &["2025-04-21 00:00"]);
        check("không quá 16:30 ngày 20/4/2025", &["2025-04-20 16:30"]);
        check("trước ngày 9/4", &["2026-04-09 00:00"]);
        check("trước ngày 10/4", &["2025-04-10 00:00"]);
        check("trước ngày 29/2", &["2028-02-29 00:00"]);
    }

    #[test]
    fn what_is_no_deadline_is_left_alone() {
        for text in [
            "Ngày 15/4/2025, bệnh viện tiếp nhận ca bệnh",
            "trước ngày 31/2/2025",
            "trước 25 giờ ngày 1/5/2025",
            "trước đó, ngày 3/4",
            "trước ngày 15/13/2025",
            "",
        ] {
            check(text, &[]);
        }
    }

    proptest! {
        #[test]
        fn reading_never_panics(text in "(trước|chậm nhất|ngày|giờ|[0-9/ .:hđ]|\\PC){0,40}", day in 0i64..4_000_000_000) {
            let published = DateTime::from_timestamp(day, 0).unwrap();
            for d in deadlines_in(&text, published) {
                prop_assert_eq!(&text[d.start..d.end], d.text.as_str());
            }
        }
    }
}
