//! Finds the day, the time and the zone among the tokens of a printed date.

use chrono::{DateTime, Datelike, Duration, LocalResult, NaiveDate, NaiveDateTime, NaiveTime, TimeZone, Utc};
use chrono_tz::Tz;

use super::DayOrder;
use super::clock::{clock_at, offset};
use super::scan::{Token, tokens, word};
use super::words;

/// A day, and the time of day where one is stated.
#[derive(Debug, Clone, Copy)]
pub(super) struct Reading {
    pub(super) day: NaiveDate,
    pub(super) clock: Option<Clock>,
}

/// A time of day, and its distance from Greenwich where one is stated.
#[derive(Debug, Clone, Copy)]
pub(super) struct Clock {
    pub(super) time: NaiveTime,
    pub(super) offset: Option<Duration>,
}

type Outcome<T> = Result<T, &'static str>;

/// A day found in the tokens, and where it stands.
struct DayAt {
    day: NaiveDate,
    start: usize,
    end: usize,
}

struct TimeAt {
    clock: Clock,
    next_day: bool,
    start: usize,
}

/// Reads the whole text.
pub(super) fn read(raw: &str, order: DayOrder, zone: Tz, now: DateTime<Utc>) -> Outcome<Reading> {
    let tokens = tokens(raw);
    if let [Token::Number(_, 10 | 13, _)] = tokens[..] {
        return epoch(raw);
    }
    if let Some(reading) = compact(&tokens) {
        return reading;
    }
    let today = now.with_timezone(&zone).date_naive();
    let Some(first) = first_day(&tokens, 0, (order, today))? else {
        return Err(why_no_day(&tokens));
    };
    let time = first_time(&tokens, &first)?;
    let Some(time) = time else {
        return Ok(Reading { day: first.day, clock: None });
    };
    if time.start > first.end
        && let Some(other) = first_day(&tokens, first.end, (order, today)).unwrap_or(None)
        && other.start < time.start
        && other.day != first.day
    {
        return Ok(Reading { day: first.day, clock: None });
    }
    let day = if time.next_day { first.day.succ_opt().ok_or("the year is out of range")? } else { first.day };
    Ok(Reading { day, clock: Some(time.clock) })
}

/// A wall time in a zone; inside the hour a clock change skips, the hour after it.
pub(super) fn in_zone(wall: NaiveDateTime, zone: Tz) -> DateTime<Utc> {
    match zone.from_local_datetime(&wall) {
        LocalResult::Single(t) | LocalResult::Ambiguous(t, _) => t.with_timezone(&Utc),
        LocalResult::None => {
            let later = wall.checked_add_signed(Duration::hours(1)).unwrap_or(wall);
            zone.from_local_datetime(&later).earliest().map_or(wall.and_utc(), |t| t.with_timezone(&Utc))
        }
    }
}

fn epoch(raw: &str) -> Outcome<Reading> {
    let n: i64 = raw.trim().parse().map_err(|_| "a number that is no date")?;
    let seconds = if n > 99_999_999_999 { n / 1000 } else { n };
    let t = DateTime::from_timestamp(seconds, 0).ok_or("a number that is no date")?;
    Ok(Reading { day: t.date_naive(), clock: Some(Clock { time: t.time(), offset: Some(Duration::zero()) }) })
}

/// `20160520T091700+0700`, `20160520`.
fn compact(tokens: &[Token]) -> Option<Outcome<Reading>> {
    let Some(Token::Number(n, 8, _)) = tokens.first() else {
        return None;
    };
    let day = NaiveDate::from_ymd_opt(i32::try_from(n / 10_000).ok()?, n / 100 % 100, n % 100)
        .filter(|d| (1990..2100).contains(&d.year()))?;
    let clock = match (tokens.get(1), tokens.get(2)) {
        (None, _) => None,
        (Some(Token::Word(t)), Some(Token::Number(n, digits @ (4 | 6), _))) if t == "t" => {
            let n = if *digits == 4 { n * 100 } else { *n };
            let Some(time) = NaiveTime::from_hms_opt(n / 10_000, n / 100 % 100, n % 100) else {
                return Some(Err("no such time of day"));
            };
            Some(Clock { time, offset: offset(tokens, 3) })
        }
        _ => return None,
    };
    Some(Ok(Reading { day, clock }))
}

fn why_no_day(tokens: &[Token]) -> &'static str {
    let has = |word: &str| tokens.iter().any(|t| matches!(t, Token::Word(w) if w == word));
    if tokens.is_empty() {
        "empty"
    } else if has("truoc") || has("ago") || has("qua") || has("nay") {
        "relative to a moment that is not stated"
    } else {
        "no day, month and year found"
    }
}

fn first_day(tokens: &[Token], from: usize, (order, today): (DayOrder, NaiveDate)) -> Outcome<Option<DayAt>> {
    for at in from..tokens.len() {
        if let Some((parts, len)) = numeric_day(&tokens[at..]) {
            if glued_to_clock(tokens, at) {
                continue;
            }
            let day = settle(parts, weekday(tokens), (order, today))?;
            return Ok(Some(DayAt { day, start: at, end: at + len }));
        }
        if let Some((y, m, d, len)) = worded_day(tokens, at) {
            let day = NaiveDate::from_ymd_opt(full_year(y, today)?, m, d).ok_or("no such day")?;
            return Ok(Some(DayAt { day, start: at, end: at + len }));
        }
    }
    Ok(None)
}

/// The middle of `09:17:00-05/...` must not be read as the start of a day.
fn glued_to_clock(tokens: &[Token], at: usize) -> bool {
    at > 0 && matches!(tokens[at - 1], Token::Sign(':', _)) && matches!(tokens[at], Token::Number(_, _, false))
}

/// Three numbers as they are printed, each with its count of digits.
pub(super) type Parts = [(u32, usize); 3];

/// The numbers of a day that begins at the first token, and how many tokens they take.
pub(super) fn numeric_day(tokens: &[Token]) -> Option<(Parts, usize)> {
    let [
        Token::Number(a, la, _),
        Token::Sign(s1 @ ('/' | '-' | '.'), _),
        Token::Number(b, lb @ (1 | 2), _),
        Token::Sign(s2 @ ('/' | '-' | '.'), _),
        Token::Number(c, lc, _),
        ..,
    ] = tokens
    else {
        return None;
    };
    let lengths_fit = matches!((la, lc), (1 | 2, 2 | 4) | (4, 1 | 2));
    let clock_follows = matches!(tokens.get(5), Some(Token::Sign(':', _)));
    let plain = s1 == s2 || (*la == 4 || *lc == 4);
    (lengths_fit && plain && !clock_follows).then_some(([(*a, *la), (*b, *lb), (*c, *lc)], 5))
}

/// Year, month and day from three numbers. Day first unless only month first is a day,
/// or unless the stated weekday fits month first alone.
fn settle(parts: Parts, weekday: Option<u32>, (order, today): (DayOrder, NaiveDate)) -> Outcome<NaiveDate> {
    let [(a, la), (b, _), (c, lc)] = parts;
    if la == 4 {
        return NaiveDate::from_ymd_opt(full_year((a, 4), today)?, b, c).ok_or("no such day");
    }
    let year = full_year((c, lc), today)?;
    let (day_first, month_first) = (NaiveDate::from_ymd_opt(year, b, a), NaiveDate::from_ymd_opt(year, a, b));
    let fits = |d: NaiveDate| weekday.is_some_and(|w| d.weekday().num_days_from_monday() == w);
    match (day_first, month_first) {
        (Some(d), Some(m)) if d != m => {
            if !fits(d) && (fits(m) || order == DayOrder::MonthFirst) {
                Ok(m)
            } else if d > today + Duration::days(2) && m <= today + Duration::days(1) && !fits(d) {
                Err("day and month may be swapped")
            } else {
                Ok(d)
            }
        }
        (Some(d), _) | (None, Some(d)) => Ok(d),
        (None, None) => Err("no such day"),
    }
}

/// What one numeric date shows of the order of its day and month.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shown {
    /// It is a day in both orders.
    Either,
    /// It is a day in one order, or its weekday fits one.
    Only(DayOrder),
}

/// The order that one text shows; none when it has no numeric date, or nonsense.
pub(super) fn shown_order(raw: &str) -> Option<Shown> {
    let tokens = tokens(raw);
    let ([(a, la), (b, _), (year, ly)], _) = (0..tokens.len()).find_map(|at| numeric_day(&tokens[at..]))?;
    if la == 4 || a == b {
        return None;
    }
    let year = i32::try_from(if ly == 2 { 2000 + year } else { year }).ok()?;
    let (day_first, month_first) = (NaiveDate::from_ymd_opt(year, b, a), NaiveDate::from_ymd_opt(year, a, b));
    let fits = |d: NaiveDate| weekday(&tokens).is_some_and(|w| d.weekday().num_days_from_monday() == w);
    match (day_first, month_first) {
        (None, None) => None,
        (Some(_), None) => Some(Shown::Only(DayOrder::DayFirst)),
        (None, Some(_)) => Some(Shown::Only(DayOrder::MonthFirst)),
        (Some(d), Some(_)) if fits(d) => Some(Shown::Only(DayOrder::DayFirst)),
        (Some(_), Some(m)) if fits(m) => Some(Shown::Only(DayOrder::MonthFirst)),
        (Some(_), Some(_)) => Some(Shown::Either),
    }
}

fn full_year((value, digits): (u32, usize), today: NaiveDate) -> Outcome<i32> {
    let value = i32::try_from(value).map_err(|_| "the year is out of range")?;
    match digits {
        4 if (1970..2200).contains(&value) => Ok(value),
        2 => Ok(if 2000 + value <= today.year() + 1 { 2000 + value } else { 1900 + value }),
        _ => Err("the year is out of range"),
    }
}

fn skip(tokens: &[Token], mut at: usize, what: &[&str]) -> usize {
    loop {
        match tokens.get(at) {
            Some(Token::Sign('.' | ',' | '-' | '/', _)) => at += 1,
            Some(Token::Word(w)) if what.contains(&w.as_str()) => at += 1,
            _ => return at,
        }
    }
}

pub(super) type WordedDay = ((u32, usize), u32, u32, usize);

/// `20 tháng 05 năm 2016`, `22 thg 5, 2016`, `2 Tháng Mười Một 2016`, `20 May 2016`, `May 20, 2016`,
/// `Fri May 20 09:17:00 ICT 2016`.
pub(super) fn worded_day(tokens: &[Token], at: usize) -> Option<WordedDay> {
    let whole = |day: u32, month: u32, year_at: usize| match tokens.get(year_at) {
        Some(Token::Number(y, digits @ (2 | 4), _))
            if !matches!(tokens.get(year_at + 1), Some(Token::Sign(':', _))) =>
        {
            Some(((*y, *digits), month, day, year_at + 1 - at))
        }
        _ => None,
    };
    match tokens.get(at)? {
        Token::Number(day, 1 | 2, _) if *day <= 31 => {
            let next = skip(tokens, at + 1, &["st", "nd", "rd", "th", "of", "ngay"]);
            let (month, after) = month_at(tokens, next)?;
            whole(*day, month, skip(tokens, after, &["nam"]))
        }
        Token::Word(_) => {
            let (month, after) = month_at(tokens, at)?;
            let day_at = skip(tokens, after, &["ngay"]);
            let Some(Token::Number(day, 1 | 2, _)) = tokens.get(day_at) else {
                return None;
            };
            let after = skip(tokens, day_at + 1, &["st", "nd", "rd", "th", "nam"]);
            whole(*day, month, after).or_else(|| {
                let year = tokens[after..].iter().find_map(|t| match t {
                    Token::Number(y @ 1970..2200, 4, true) => Some((*y, 4)),
                    _ => None,
                })?;
                Some((year, month, *day, after - at))
            })
        }
        _ => None,
    }
}

/// The month that begins at a token, and the place after it.
fn month_at(tokens: &[Token], at: usize) -> Option<(u32, usize)> {
    let name = word(tokens, at)?;
    if matches!(name, "thang" | "thg" | "th") {
        let at = skip(tokens, at + 1, &[]);
        return match tokens.get(at)? {
            Token::Number(m @ 1..=12, 1 | 2, _) => Some((*m, at + 1)),
            Token::Word(w) => {
                let (month, used) = words::vietnamese_month(w, word(tokens, at + 1))?;
                Some((month, at + used))
            }
            _ => None,
        };
    }
    Some((words::english_month(name)?, at + 1))
}

/// The weekday the text states, counted from Monday = 0.
fn weekday(tokens: &[Token]) -> Option<u32> {
    (0..tokens.len()).find_map(|at| match word(tokens, at)? {
        "thu" => match tokens.get(at + 1)? {
            Token::Word(w) => words::vietnamese_weekday(w),
            Token::Number(n @ 2..=7, 1, _) => Some(n - 2),
            _ => None,
        },
        "chu" if word(tokens, at + 1) == Some("nhat") => Some(6),
        w => words::english_weekday(w),
    })
}

fn first_time(tokens: &[Token], day: &DayAt) -> Outcome<Option<TimeAt>> {
    for at in 0..tokens.len() {
        if (day.start..day.end).contains(&at) {
            continue;
        }
        let Some((hour, minute, second, next)) = clock_at(tokens, at) else {
            continue;
        };
        let (half, next) = match word(tokens, next).and_then(words::half) {
            Some(half) => (Some(half), next + 1),
            None => (None, next),
        };
        let hour = half.map_or(hour, |half| words::hour24(hour, half));
        let (hour, next_day) = if (hour, minute, second) == (24, 0, 0) { (0, true) } else { (hour, false) };
        let time = NaiveTime::from_hms_opt(hour, minute, second.min(59)).ok_or("no such time of day")?;
        return Ok(Some(TimeAt { clock: Clock { time, offset: offset(tokens, next) }, next_day, start: at }));
    }
    Ok(None)
}
