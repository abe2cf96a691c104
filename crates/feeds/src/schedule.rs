//! When a channel is polled next: pure functions of what is known of it.
//!
//! The next poll is the last one plus the largest of the channel's own rhythm, what its last answer asked
//! for, and the pause its failures earn; all within the settings' limits, and spread by a jitter that depends
//! on the channel alone, so that a restart changes nothing.

use chrono::{DateTime, Duration, Timelike, Utc};
use diembao_news::ChannelId;

/// How a poll ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PollOutcome {
    /// The channel answered something readable (304 included).
    Good,
    /// It will not mend by itself: 404, 410, HTML as feed, an unreadable body. Weighs 1.
    Hard,
    /// It may mend by itself: 403, 5xx, a challenge. Weighs 0.5.
    Soft,
    /// It mends by itself: a time-out, 429, 503, DNS. Weighs 0.25.
    Temporary,
    /// Everything failed at that time: nobody is charged.
    Outage,
}

/// What is remembered of a channel's polls.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct PollHistory {
    /// When it was polled last.
    pub last_poll: Option<DateTime<Utc>>,
    /// How that ended.
    pub last_outcome: Option<PollOutcome>,
    /// The weighted failures since the last good poll; see [`charge`].
    pub failures: f64,
    /// When its recent items appeared (published, or else first seen), in any order; 28 days are enough.
    pub recent_items: Vec<DateTime<Utc>>,
}

/// What the last answer asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PollHints {
    /// The feed's own TTL.
    pub ttl: Option<Duration>,
    /// `Cache-Control: max-age`, less `Age`.
    pub max_age: Option<Duration>,
    /// `Expires`.
    pub expires: Option<DateTime<Utc>>,
    /// `Retry-After`, seconds or date, as a moment.
    pub retry_after: Option<DateTime<Utc>>,
}

/// The limits of the schedule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ScheduleSettings {
    /// Never sooner than this.
    pub min_interval: Duration,
    /// Never later than this for a channel that answers, whatever it asks for.
    pub max_interval: Duration,
    /// The pause that a failure of weight 1 adds.
    pub backoff_step: Duration,
    /// The greatest pause of a failing channel, and the greatest Retry-After that is obeyed.
    pub max_backoff: Duration,
}

impl Default for ScheduleSettings {
    fn default() -> Self {
        Self {
            min_interval: Duration::minutes(10),
            max_interval: Duration::hours(1),
            backoff_step: Duration::hours(1),
            max_backoff: Duration::hours(24),
        }
    }
}

/// How many days of items tell the rhythm.
const RHYTHM_DAYS: i64 = 28;
/// A poll is worth while when this many new items are to be expected: an incident should not wait for the second.
const WORTH_A_POLL: f64 = 0.5;
/// The jitter: at most this part of the interval, added.
const JITTER: f64 = 0.1;

/// The failures after a poll: a good one clears them, a failure adds its weight, an outage adds nothing.
#[must_use]
pub fn charge(failures: f64, outcome: PollOutcome) -> f64 {
    match outcome {
        PollOutcome::Good => 0.0,
        PollOutcome::Hard => failures + 1.0,
        PollOutcome::Soft => failures + 0.5,
        PollOutcome::Temporary => failures + 0.25,
        PollOutcome::Outage => failures,
    }
}

/// What a poll says of the way to a host.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Reach {
    /// It answered what was wanted.
    Good,
    /// It answered something else: an error, a web page.
    Other,
    /// It was not reached: no name, no connection, no answer in time.
    None,
}

/// Whether polls since the last good answer of any channel show that the fault is ours: no answer was good, and
/// three hosts at least were not reached and none was, or five hosts at least gave nothing usable (a hotel's
/// network answers everything with its log-in page).
#[must_use]
pub fn is_general_outage<'a>(polls: impl IntoIterator<Item = (&'a str, Reach)>) -> bool {
    let mut hosts = std::collections::HashSet::new();
    let mut none_reached = true;
    for (host, reach) in polls {
        match reach {
            Reach::Good => return false,
            Reach::Other => none_reached = false,
            Reach::None => {}
        }
        hosts.insert(host);
    }
    hosts.len() >= if none_reached { 3 } else { 5 }
}

/// When to poll next. Never in the past: a channel whose time has gone by is due now.
#[must_use]
pub fn next_poll(
    history: &PollHistory,
    hints: &PollHints,
    settings: &ScheduleSettings,
    now: DateTime<Utc>,
    channel: &ChannelId,
) -> DateTime<Utc> {
    let Some(last) = history.last_poll else { return now };
    // A clock that was set back must not put the next poll days away.
    let last = last.min(now);
    let interval = match history.last_outcome {
        Some(PollOutcome::Outage) => settings.min_interval,
        _ if history.failures > 0.0 => rhythm(history, settings, last).max(pause(history.failures, settings)),
        _ => rhythm(history, settings, last).max(asked(hints, settings, last)),
    };
    let longest = settings.max_backoff.max(settings.max_interval);
    let mut next = last + jittered(interval, channel).min(longest);
    if let Some(retry) = hints.retry_after {
        next = next.max(retry.min(last + settings.max_backoff));
    }
    next.max(now)
}

/// The interval after which [`WORTH_A_POLL`] new items are to be expected, by the channel's rhythm
/// over the hours of the day.
fn rhythm(history: &PollHistory, settings: &ScheduleSettings, last: DateTime<Utc>) -> Duration {
    let rates = hourly_rates(&history.recent_items, last);
    let mut expected = 0.0;
    let mut minutes = 0i64;
    let longest = settings.max_interval.num_minutes().max(1);
    while minutes < longest {
        let hour = (last + Duration::minutes(minutes)).hour() as usize;
        expected += rates[hour % 24] / 60.0;
        if expected >= WORTH_A_POLL {
            break;
        }
        minutes += 1;
    }
    Duration::minutes(minutes).clamp(settings.min_interval, settings.max_interval.max(settings.min_interval))
}

/// Items an hour, for each hour of the day (UTC), smoothed over the neighbouring hours.
fn hourly_rates(items: &[DateTime<Utc>], now: DateTime<Utc>) -> [f64; 24] {
    let since = now - Duration::days(RHYTHM_DAYS);
    let mut counts = [0.0; 24];
    let mut first = now;
    for item in items.iter().filter(|t| **t > since && **t <= now) {
        counts[item.hour() as usize % 24] += 1.0;
        first = first.min(*item);
    }
    // One day at least: a feed that shows only its last hour says nothing of the night.
    let days = ((now - first).num_minutes() as f64 / 1440.0).max(1.0);
    std::array::from_fn(|h| (counts[(h + 23) % 24] + 2.0 * counts[h] + counts[(h + 1) % 24]) / 4.0 / days)
}

/// What the last answer asked for, but never more than the greatest interval.
fn asked(hints: &PollHints, settings: &ScheduleSettings, last: DateTime<Utc>) -> Duration {
    let until_expiry = hints.expires.map(|t| t - last);
    [hints.ttl, hints.max_age, until_expiry]
        .into_iter()
        .flatten()
        .max()
        .unwrap_or(Duration::zero())
        .min(settings.max_interval)
}

/// The pause that failures earn: linear in their weight.
fn pause(failures: f64, settings: &ScheduleSettings) -> Duration {
    let seconds = settings.backoff_step.num_seconds() as f64 * failures.clamp(0.0, 10_000.0);
    Duration::seconds(seconds as i64).min(settings.max_backoff)
}

fn jittered(interval: Duration, channel: &ChannelId) -> Duration {
    // FNV-1a: stable across versions, unlike the standard library's hasher.
    let hash = channel
        .as_str()
        .bytes()
        .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
    let part = (hash >> 11) as f64 / (1u64 << 53) as f64;
    interval + Duration::seconds((interval.num_seconds() as f64 * JITTER * part) as i64)
}

#[cfg(test)]
mod tests;
