//! Dates in queries: days of Vietnam as instants.

use chrono::{DateTime, Datelike, Days, Months, NaiveDate, TimeDelta, TimeZone, Utc};
use chrono_tz::Asia::Ho_Chi_Minh;
use diembao_text::fold;

type Instant = Option<DateTime<Utc>>;

/// The comparison sign at the beginning, and the rest.
pub(crate) fn operator(value: &str) -> (&str, &str) {
    let op = [">=", "<=", ">", "<", "="].into_iter().find(|op| value.starts_with(op)).unwrap_or("");
    (op, value[op.len()..].trim())
}

/// `2026-11-21`, `21/11/2026`, `2026-11`, `2026`, `>=…`, `<…`, `A..B`, `7d`, `24h`, `hôm-nay` → from (inclusive), to (exclusive).
pub(crate) fn range(value: &str, now: DateTime<Utc>) -> Option<(Instant, Instant)> {
    if let Some((from, to)) = value.split_once("..") {
        let from = if from.is_empty() { None } else { Some(period(from, now)?.0) };
        let to = if to.is_empty() { None } else { Some(period(to, now)?.1) };
        return (from.is_some() || to.is_some()).then_some((from, to));
    }
    let (op, rest) = operator(value);
    let (from, to) = period(rest, now)?;
    Some(match op {
        ">=" => (Some(from), None),
        ">" => (Some(to), None),
        "<" => (None, Some(from)),
        "<=" => (None, Some(to)),
        _ => (Some(from), Some(to)),
    })
}

/// The beginning of a day in Vietnam.
pub(crate) fn day_start(day: NaiveDate) -> Option<DateTime<Utc>> {
    let local = day.and_hms_opt(0, 0, 0)?;
    Ho_Chi_Minh.from_local_datetime(&local).earliest().map(|t| t.with_timezone(&Utc))
}

/// The day of an instant in Vietnam.
pub(crate) fn day_of(at: DateTime<Utc>) -> NaiveDate {
    at.with_timezone(&Ho_Chi_Minh).date_naive()
}

fn period(text: &str, now: DateTime<Utc>) -> Option<(DateTime<Utc>, DateTime<Utc>)> {
    if text.len() > 40 {
        return None;
    }
    let today = day_of(now);
    let word: String = fold(text).chars().filter(|c| c.is_alphanumeric()).collect();
    match word.as_str() {
        "homnay" | "today" => return days(today, today.succ_opt()?),
        "homqua" | "yesterday" => return days(today.pred_opt()?, today),
        _ => {}
    }
    if let Some(back) = ago(&word) {
        return Some((now.checked_sub_signed(back)?, now.checked_add_signed(TimeDelta::seconds(1))?));
    }
    if let Some(day) = day(text) {
        return days(day, day.succ_opt()?);
    }
    let mut parts = text.split(['-', '/']).map(|p| p.parse::<u32>().ok());
    let (first, second, more) = (parts.next()??, parts.next(), parts.next());
    let (year, month) = match (second, more) {
        (None, None) => (first, None),
        (Some(Some(second)), None) if first > 12 => (first, Some(second)),
        (Some(Some(second)), None) => (second, Some(first)),
        _ => return None,
    };
    let year = i32::try_from(year).ok().filter(|y| (1900..2200).contains(y))?;
    let start = NaiveDate::from_ymd_opt(year, month.unwrap_or(1), 1)?;
    days(start, start.checked_add_months(Months::new(if month.is_some() { 1 } else { 12 }))?)
}

fn days(from: NaiveDate, to: NaiveDate) -> Option<(DateTime<Utc>, DateTime<Utc>)> {
    Some((day_start(from)?, day_start(to)?))
}

/// `7d`, `7ngay`, `24h`, `24gio`, `2w`.
fn ago(word: &str) -> Option<TimeDelta> {
    let unit_at = word.find(|c: char| !c.is_ascii_digit())?;
    let n: i64 = word[..unit_at].parse().ok().filter(|n| *n <= 100_000)?;
    match &word[unit_at..] {
        "h" | "gio" => TimeDelta::try_hours(n),
        "d" | "ngay" => TimeDelta::try_days(n),
        "w" | "tuan" => TimeDelta::try_weeks(n),
        _ => None,
    }
}

/// `2026-11-21` or `21/11/2026`, with `-`, `/` or `.`.
fn day(text: &str) -> Option<NaiveDate> {
    let mut parts = text.split(['-', '/', '.']).map(|p| p.parse::<u32>().ok());
    let (a, b, c) = (parts.next()??, parts.next()??, parts.next()??);
    if parts.next().is_some() {
        return None;
    }
    let (year, day) = if a > 31 { (a, c) } else { (c, a) };
    let year = i32::try_from(year).ok().filter(|y| (1900..2200).contains(y))?;
    let date = NaiveDate::from_ymd_opt(year, b, day)?;
    date.checked_sub_days(Days::new(0)).filter(|d| d.year() == year)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(value: &str, expect: Option<(&str, &str)>) {
        let now = "2026-11-21T02:30:00Z".parse().unwrap();
        let show = |t: Instant| t.map_or(String::new(), |t| t.with_timezone(&Ho_Chi_Minh).format("%F %R").to_string());
        let got = range(value, now).map(|(a, b)| (show(a), show(b)));
        assert_eq!(got, expect.map(|(a, b)| (a.to_owned(), b.to_owned())), "{value}");
    }

    #[test]
    fn dates_as_people_write_them() {
        check("2026-11-21", Some(("2026-11-21 00:00", "2026-11-22 00:00")));
        check("21/11/2026", Some(("2026-11-21 00:00", "2026-11-22 00:00")));
        check(">=2026-11-01", Some(("2026-11-01 00:00", "")));
        check(">1/11/2026", Some(("2026-11-02 00:00", "")));
        check("<2026", Some(("", "2026-01-01 00:00")));
        check("2026-11", Some(("2026-11-01 00:00", "2026-12-01 00:00")));
        check("11/2026", Some(("2026-11-01 00:00", "2026-12-01 00:00")));
        check("2026-11-01..2026-11-05", Some(("2026-11-01 00:00", "2026-11-06 00:00")));
        check("..2026-11-05", Some(("", "2026-11-06 00:00")));
        check("hôm-nay", Some(("2026-11-21 00:00", "2026-11-22 00:00")));
        check("hom-qua", Some(("2026-11-20 00:00", "2026-11-21 00:00")));
        check("24h", Some(("2026-11-20 09:30", "2026-11-21 09:30")));
    }

    #[test]
    fn what_is_no_date_is_none() {
        for bad in ["", "mai", "2026-13-01", "30/2/2026", "..", "99999999999d", "1-2-3-4", "2026-11-01..x"] {
            check(bad, None);
        }
    }
}
