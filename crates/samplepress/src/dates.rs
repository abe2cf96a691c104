//! Dates as Vietnamese sites print them.

use chrono::{DateTime, Datelike, Utc, Weekday};
use chrono_tz::Asia::Ho_Chi_Minh;

/// How an outlet prints a time for readers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum DateStyle {
    /// `Thứ sáu, 20/11/2026 - 08:15`
    Long,
    /// `20/11/2026 08:15 GMT+7`
    Gmt7,
    /// `08:15 | 20/11/2026`
    Bar,
    /// `2026-11-20T08:15:00`, in Vietnam's time without saying so.
    NoZone,
    /// `20-11-2026 8:15 SA`, twelve hours.
    TwelveHours,
}

/// The time for readers.
pub(crate) fn for_readers(at: DateTime<Utc>, style: DateStyle) -> String {
    let local = at.with_timezone(&Ho_Chi_Minh);
    match style {
        DateStyle::Long => format!("{}, {}", weekday(local.weekday()), local.format("%d/%m/%Y - %H:%M")),
        DateStyle::Gmt7 => local.format("%d/%m/%Y %H:%M GMT+7").to_string(),
        DateStyle::Bar => local.format("%H:%M | %d/%m/%Y").to_string(),
        DateStyle::NoZone => local.format("%Y-%m-%dT%H:%M:%S").to_string(),
        DateStyle::TwelveHours => {
            let half = if local.format("%p").to_string() == "AM" { "SA" } else { "CH" };
            format!("{} {half}", local.format("%d-%m-%Y %-I:%M"))
        }
    }
}

/// `2026-11-20T08:15:00+07:00`
pub(crate) fn iso(at: DateTime<Utc>) -> String {
    at.with_timezone(&Ho_Chi_Minh).format("%Y-%m-%dT%H:%M:%S+07:00").to_string()
}

/// `Fri, 20 Nov 2026 08:15:00 +0700`
pub(crate) fn rfc2822(at: DateTime<Utc>) -> String {
    at.with_timezone(&Ho_Chi_Minh).format("%a, %d %b %Y %H:%M:%S +0700").to_string()
}

/// Vietnam's time labelled GMT, as some papers' feeds do.
pub(crate) fn local_called_gmt(at: DateTime<Utc>) -> String {
    at.with_timezone(&Ho_Chi_Minh).format("%a, %d %b %Y %H:%M:%S GMT").to_string()
}

/// The HTTP date.
pub(crate) fn http(at: DateTime<Utc>) -> String {
    at.format("%a, %d %b %Y %H:%M:%S GMT").to_string()
}

/// The day's path, `2026/11/20`.
pub(crate) fn day_path(at: DateTime<Utc>) -> String {
    at.with_timezone(&Ho_Chi_Minh).format("%Y/%m/%d").to_string()
}

/// `20/11`
pub(crate) fn day_month(at: DateTime<Utc>) -> String {
    at.with_timezone(&Ho_Chi_Minh).format("%-d/%-m").to_string()
}

fn weekday(day: Weekday) -> &'static str {
    match day {
        Weekday::Mon => "Thứ hai",
        Weekday::Tue => "Thứ ba",
        Weekday::Wed => "Thứ tư",
        Weekday::Thu => "Thứ năm",
        Weekday::Fri => "Thứ sáu",
        Weekday::Sat => "Thứ bảy",
        Weekday::Sun => "Chủ nhật",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::TimeZone;

    #[test]
    fn styles() {
        let at = Utc.with_ymd_and_hms(2026, 11, 20, 1, 15, 0).unwrap();
        assert_eq!(for_readers(at, DateStyle::Long), "Thứ sáu, 20/11/2026 - 08:15");
        assert_eq!(for_readers(at, DateStyle::TwelveHours), "20-11-2026 8:15 SA");
        assert_eq!(local_called_gmt(at), "Fri, 20 Nov 2026 08:15:00 GMT");
        assert_eq!(iso(at), "2026-11-20T08:15:00+07:00");
    }
}
