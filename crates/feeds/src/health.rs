//! How a channel is doing, in words: what is wrong and what to do about it.
//!
//! Pure functions of what the store remembers. A channel is compared with its own past, not with others:
//! a department that writes once a week is well, a newspaper that is silent for a morning is not.

use chrono::{DateTime, Duration, Utc};

/// What the last readable answer of a channel was.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Answer {
    /// Items, or "not modified".
    #[default]
    Items,
    /// Well formed, without items.
    Empty,
    /// A web page where a feed was expected.
    Html,
    /// A bot wall: JavaScript cookie, CAPTCHA, HTTP 428.
    Challenge,
}

impl Answer {
    /// The name used in the store and in JSON.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Items => "items",
            Self::Empty => "empty",
            Self::Html => "html",
            Self::Challenge => "challenge",
        }
    }

    /// Reads the name used in the store.
    #[must_use]
    pub fn parse(s: &str) -> Option<Self> {
        [Self::Items, Self::Empty, Self::Html, Self::Challenge].into_iter().find(|a| a.as_str() == s)
    }
}

/// How many items a channel brings.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Yield {
    /// New items in the last 24 hours.
    pub n_last_day: u64,
    /// New items a day before that, over at most 28 days.
    pub per_day: f64,
    /// How many days that is known from.
    pub days: f64,
}

/// What is remembered of a channel.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ChannelFacts {
    /// It is polled at all.
    pub enabled: bool,
    /// Its last poll.
    pub last_poll: Option<DateTime<Utc>>,
    /// Its last poll that was answered with something readable.
    pub last_success: Option<DateTime<Utc>>,
    /// When it last brought something new.
    pub last_new_item: Option<DateTime<Utc>>,
    /// The weighted failures since the last good poll; see [`charge`](crate::schedule::charge).
    pub failures: f64,
    /// What the last failure was, in words.
    pub last_error: Option<String>,
    /// What the last readable answer was.
    pub answer: Answer,
    /// Answers without items in a row.
    pub n_empty: u32,
    /// How many items it brings.
    pub items: Yield,
    /// Articles in a row from which no text could be extracted.
    pub n_extraction_misses: u32,
    /// How far its server's clock is ahead of ours.
    pub skew: Option<Duration>,
}

/// What is wrong with a channel. In order of gravity, the gravest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Ailment {
    /// A bot wall stands before it.
    Challenge,
    /// It has never answered anything readable.
    NeverWorked,
    /// It used to answer and does not now.
    Failing,
    /// It answers a web page.
    HtmlInstead,
    /// It answers without items.
    Empty,
    /// It brings nothing new for longer than its own past explains.
    Silent,
    /// Its articles cannot be read.
    Unreadable,
    /// It brings far less than it used to.
    Fewer,
    /// Its server's clock is wrong.
    ClockSkew,
}

impl Ailment {
    /// The name used in JSON.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Challenge => "challenge",
            Self::NeverWorked => "never-worked",
            Self::Failing => "failing",
            Self::HtmlInstead => "html-instead",
            Self::Empty => "empty",
            Self::Silent => "silent",
            Self::Unreadable => "unreadable",
            Self::Fewer => "fewer",
            Self::ClockSkew => "clock-skew",
        }
    }

    /// What is wrong, for notices, in Vietnamese.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Challenge => "trang yêu cầu xác minh người truy cập, máy không đọc được",
            Self::NeverWorked => "chưa đọc được lần nào",
            Self::Failing => "không truy cập được",
            Self::HtmlInstead => "địa chỉ bản tin trả về trang web thông thường",
            Self::Empty => "bản tin rỗng nhiều lần liên tiếp",
            Self::Silent => "lâu bất thường không có bài mới",
            Self::Unreadable => "không tách được nội dung bài",
            Self::Fewer => "số bài giảm mạnh so với trước",
            Self::ClockSkew => "đồng hồ máy chủ sai lệch",
        }
    }
}

/// How a channel is doing, at a glance.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Grade {
    /// Nothing is wrong.
    Good,
    /// Known, but not polled.
    Off,
    /// Not polled yet.
    Unknown,
    /// Something is odd; items still come.
    Doubtful,
    /// Nothing can be expected from it: its outlet is a blind spot.
    Broken,
}

impl Grade {
    /// The word for lists.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Good => "good",
            Self::Off => "off",
            Self::Unknown => "unknown",
            Self::Doubtful => "doubtful",
            Self::Broken => "broken",
        }
    }
}

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// What it is.
    pub ailment: Ailment,
    /// What is wrong, with its figures.
    pub what: String,
    /// What to do about it.
    pub advice: &'static str,
}

/// How a channel is doing, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnosis {
    /// At a glance.
    pub grade: Grade,
    /// What is wrong, the gravest first.
    pub findings: Vec<Finding>,
}

/// A change that people are told of, once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Notice {
    /// The channel broke.
    Broke,
    /// The channel works again.
    Mended,
}

/// Weighted failures from which a channel counts as broken: one hard failure may be an accident.
pub const BROKEN_AT: f64 = 2.0;
/// How far back a channel's own normal is looked for.
pub const BASELINE: Duration = Duration::days(28);
/// What counts as its present.
pub const LAST_DAY: Duration = Duration::days(1);
/// Silence is odd when so many items should have come: by chance that happens once in a thousand times.
const MISSED_ITEMS: f64 = 7.0;
const SHORTEST_SILENCE_HOURS: i64 = 12;
/// The past is known well enough after so many days.
const KNOWN_DAYS: f64 = 3.0;
const FEWER_THAN: f64 = 0.25;
const FEWER_FROM_PER_DAY: f64 = 12.0;
const EMPTY_IN_A_ROW: u32 = 3;
const MISSES_IN_A_ROW: u32 = 5;
const SKEW_MINUTES: i64 = 10;

/// What a channel brings, from how many items it gave in the last day and in the days before it, as far back as
/// [`BASELINE`] and its first poll.
#[must_use]
pub fn yield_of((n_before, n_last_day): (u64, u64), first_poll: DateTime<Utc>, now: DateTime<Utc>) -> Yield {
    let since = first_poll.max(now - BASELINE);
    let days = ((now - LAST_DAY - since).num_minutes() as f64 / 1440.0).max(0.0);
    let per_day = if days > 0.0 { n_before as f64 / days } else { 0.0 };
    Yield { n_last_day, per_day, days }
}

/// Tells how a channel is doing.
#[must_use]
pub fn diagnose(facts: &ChannelFacts, now: DateTime<Utc>) -> Diagnosis {
    if !facts.enabled {
        return Diagnosis { grade: Grade::Off, findings: Vec::new() };
    }
    if facts.last_poll.is_none() {
        return Diagnosis { grade: Grade::Unknown, findings: Vec::new() };
    }
    let mut findings: Vec<Finding> =
        [answer(facts), failing(facts, now), silent(facts, now), unreadable(facts), fewer(facts), skewed(facts)]
            .into_iter()
            .flatten()
            .collect();
    findings.sort_by_key(|f| f.ailment);
    let grade = findings.iter().map(|f| grade_of(f.ailment, facts)).max().unwrap_or(Grade::Good);
    Diagnosis { grade, findings }
}

/// What to tell people when a channel's grade changes: one notice when it breaks, another when it is mended.
#[must_use]
pub fn notice(before: Grade, after: Grade) -> Option<Notice> {
    match (before, after) {
        (Grade::Broken, Grade::Good | Grade::Doubtful) => Some(Notice::Mended),
        (Grade::Good | Grade::Doubtful | Grade::Unknown, Grade::Broken) => Some(Notice::Broke),
        _ => None,
    }
}

fn grade_of(ailment: Ailment, facts: &ChannelFacts) -> Grade {
    match ailment {
        Ailment::Challenge | Ailment::HtmlInstead | Ailment::Empty | Ailment::Silent => Grade::Broken,
        Ailment::NeverWorked | Ailment::Failing if facts.failures >= BROKEN_AT => Grade::Broken,
        Ailment::NeverWorked | Ailment::Failing | Ailment::Unreadable | Ailment::Fewer | Ailment::ClockSkew => {
            Grade::Doubtful
        }
    }
}

fn answer(facts: &ChannelFacts) -> Option<Finding> {
    let (ailment, what, advice) = match facts.answer {
        Answer::Items => return None,
        Answer::Challenge => (
            Ailment::Challenge,
            "a bot challenge is served instead of the channel".to_owned(),
            "it is not evaded: ask the outlet to let this product's agent in, or find another channel of it",
        ),
        Answer::Html => (
            Ailment::HtmlInstead,
            "a web page is served where a feed was expected".to_owned(),
            "the feed has moved or is gone: look for its new address on the outlet's RSS page, or make it a section channel",
        ),
        Answer::Empty if facts.n_empty >= EMPTY_IN_A_ROW => (
            Ailment::Empty,
            format!("the last {} answers were well formed and held no items", facts.n_empty),
            "the outlet no longer fills it: look for another feed, or make its page a section channel",
        ),
        Answer::Empty => return None,
    };
    Some(Finding { ailment, what, advice })
}

fn failing(facts: &ChannelFacts, now: DateTime<Utc>) -> Option<Finding> {
    if facts.failures <= 0.0 {
        return None;
    }
    let error = facts.last_error.as_deref().unwrap_or("no reason was recorded");
    Some(match facts.last_success {
        Some(last) => Finding {
            ailment: Ailment::Failing,
            what: format!("failing; it last worked {} ago: {error}", span(now - last)),
            advice: "open the address in a browser: if it works there, wait; if not, correct or disable the channel",
        },
        None => Finding {
            ailment: Ailment::NeverWorked,
            what: format!("it has never worked: {error}"),
            advice: "the address is probably wrong: look for the right one on the outlet's RSS page",
        },
    })
}

fn silent(facts: &ChannelFacts, now: DateTime<Utc>) -> Option<Finding> {
    let last = facts.last_new_item?;
    let silence = now - last;
    let expected = facts.items.per_day * silence.num_minutes() as f64 / 1440.0;
    let known = facts.items.days >= KNOWN_DAYS;
    (known && silence >= Duration::hours(SHORTEST_SILENCE_HOURS) && expected >= MISSED_ITEMS).then(|| Finding {
        ailment: Ailment::Silent,
        what: format!("nothing new for {}; about {expected:.0} items should have come", span(silence)),
        advice: "open the outlet's page: if it goes on publishing, this channel is frozen and another is needed",
    })
}

fn fewer(facts: &ChannelFacts) -> Option<Finding> {
    let Yield { n_last_day, per_day, days } = facts.items;
    let far_fewer = (n_last_day as f64) < per_day * FEWER_THAN;
    (days >= KNOWN_DAYS && per_day >= FEWER_FROM_PER_DAY && far_fewer && n_last_day > 0).then(|| Finding {
        ailment: Ailment::Fewer,
        what: format!("{n_last_day} new items in a day; it used to bring {per_day:.0}"),
        advice: "a holiday, or a section that was moved: compare with the outlet's page",
    })
}

fn unreadable(facts: &ChannelFacts) -> Option<Finding> {
    (facts.n_extraction_misses >= MISSES_IN_A_ROW).then(|| Finding {
        ailment: Ailment::Unreadable,
        what: format!("no text could be read from its last {} articles", facts.n_extraction_misses),
        advice: "the pages' layout has changed: state selectors in [outlet.extract] of feeds.toml",
    })
}

fn skewed(facts: &ChannelFacts) -> Option<Finding> {
    let skew = facts.skew.filter(|s| s.num_minutes().abs() >= SKEW_MINUTES)?;
    let side = if skew > Duration::zero() { "ahead of" } else { "behind" };
    Some(Finding {
        ailment: Ailment::ClockSkew,
        what: format!("its server's clock is {} {side} ours", span(skew.abs())),
        advice: "if other outlets show the same, it is this machine's clock: check its time service",
    })
}

/// A length of time in the unit that fits it.
fn span(length: Duration) -> String {
    match (length.num_minutes(), length.num_hours(), length.num_days()) {
        (minutes @ ..=119, ..) => format!("{} minutes", minutes.max(0)),
        (_, hours @ ..=47, _) => format!("{hours} hours"),
        (.., days) => format!("{days} days"),
    }
}

#[cfg(test)]
mod tests;
