//! Reads the dates that papers print and feeds state: RFC 3339, RFC 2822 with wrong bits,
//! and the many shapes of Vietnamese pages ("Thứ ba, 24/5/2016 | 07:10 GMT+7", "9h05 ngày 2 tháng 6 năm 2016").
//!
//! In: the text, the outlet's zone, now. Out: what is certain, or why it is not. A text that can be
//! read two ways is never guessed at. Never panics; only the first 200 bytes count.

mod clock;
mod compose;
mod scan;
mod words;

use chrono::{DateTime, Days, NaiveDate, Utc};
use chrono_tz::Tz;

use compose::{Clock, Reading, Shown};

/// What a printed date says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DateReading {
    /// A moment, with the zone it was stated in.
    Zoned(DateTime<Utc>),
    /// A moment stated without a zone: the zone given by the caller was taken.
    Zoneless(DateTime<Utc>),
    /// A day without a time.
    DayOnly(NaiveDate),
    /// Not certain; the reason, in words.
    Unsure(&'static str),
}

impl DateReading {
    /// The moment, where there is one.
    #[must_use]
    pub fn instant(self) -> Option<DateTime<Utc>> {
        match self {
            Self::Zoned(t) | Self::Zoneless(t) => Some(t),
            Self::DayOnly(_) | Self::Unsure(_) => None,
        }
    }

    /// The day as the page's reader sees it in `zone`, where there is one.
    #[must_use]
    pub fn day(self, zone: Tz) -> Option<NaiveDate> {
        match self {
            Self::Zoned(t) | Self::Zoneless(t) => Some(t.with_timezone(&zone).date_naive()),
            Self::DayOnly(day) => Some(day),
            Self::Unsure(_) => None,
        }
    }
}

/// Which of two numbers that may both be a month comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum DayOrder {
    /// Day, month, year: how Vietnam writes.
    #[default]
    DayFirst,
    /// Month, day, year.
    MonthFirst,
}

/// The order that the dates of one source show together: month first only when some date can be read
/// in no other way, and no date shows the contrary.
#[must_use]
pub fn day_order<'a>(raws: impl IntoIterator<Item = &'a str>) -> DayOrder {
    let (mut n_day_first, mut n_month_first, mut n_either) = (0usize, 0usize, 0usize);
    for shown in raws.into_iter().filter_map(compose::shown_order) {
        match shown {
            Shown::Only(DayOrder::DayFirst) => n_day_first += 1,
            Shown::Only(DayOrder::MonthFirst) => n_month_first += 1,
            Shown::Either => n_either += 1,
        }
    }
    // Three days of five are beyond the twelfth: where hardly any date is, the one that is may be a misprint.
    if n_day_first == 0 && n_month_first > 0 && n_month_first * 3 >= n_either {
        DayOrder::MonthFirst
    } else {
        DayOrder::DayFirst
    }
}

/// Reads a date of a source whose order of day and month is known; else as [`parse_date`].
#[must_use]
pub fn parse_ordered(raw: &str, order: DayOrder, zone: Tz, now: DateTime<Utc>) -> DateReading {
    reading(compose::read(raw, order, zone, now), zone)
}

/// Reads a date. `zone` is taken where the text states none; `now` settles two-digit years
/// and exposes a day and month that may be swapped.
#[must_use]
pub fn parse_date(raw: &str, zone: Tz, now: DateTime<Utc>) -> DateReading {
    parse_ordered(raw, DayOrder::DayFirst, zone, now)
}

/// Reads a date and disbelieves its stated zone: the wall time is taken in `zone`.
/// For outlets known to print a wrong zone, such as local time labelled GMT.
#[must_use]
pub fn parse_local(raw: &str, zone: Tz, now: DateTime<Utc>) -> DateReading {
    match compose::read(raw, DayOrder::DayFirst, zone, now) {
        Ok(Reading { day, clock: None }) => DateReading::DayOnly(day),
        Ok(Reading { day, clock: Some(clock) }) => {
            DateReading::Zoneless(compose::in_zone(day.and_time(clock.time), zone))
        }
        Err(reason) => DateReading::Unsure(reason),
    }
}

/// Whether a time of publication can be believed: not more than a day ahead of `now`,
/// and not more than ten years back.
#[must_use]
pub fn believable(t: DateTime<Utc>, now: DateTime<Utc>) -> bool {
    let latest = now.checked_add_days(Days::new(1)).unwrap_or(now);
    let earliest = now.checked_sub_days(Days::new(3653)).unwrap_or(now);
    t <= latest && t >= earliest
}

fn reading(read: Result<Reading, &'static str>, zone: Tz) -> DateReading {
    match read {
        Ok(Reading { day, clock: None }) => DateReading::DayOnly(day),
        Ok(Reading { day, clock: Some(Clock { time, offset: Some(offset) }) }) => {
            match day.and_time(time).checked_sub_signed(offset) {
                Some(utc) => DateReading::Zoned(utc.and_utc()),
                None => DateReading::Unsure("the year is out of range"),
            }
        }
        Ok(Reading { day, clock: Some(Clock { time, offset: None }) }) => {
            DateReading::Zoneless(compose::in_zone(day.and_time(time), zone))
        }
        Err(reason) => DateReading::Unsure(reason),
    }
}

#[cfg(test)]
mod tests;
