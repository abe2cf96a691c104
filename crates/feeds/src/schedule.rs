//! When a channel is polled next: pure functions of what is known of it.

use chrono::{DateTime, Duration, Utc};
use diembao_news::ChannelId;

/// How a poll ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
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
    /// When its recent items appeared, in any order; the last 28 days are enough.
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
    /// Never later than this, whatever a well channel asks for.
    pub max_interval: Duration,
    /// The greatest pause of a failing channel, and the greatest Retry-After that is obeyed.
    pub max_backoff: Duration,
}

impl Default for ScheduleSettings {
    fn default() -> Self {
        Self {
            min_interval: Duration::minutes(10),
            max_interval: Duration::hours(3),
            max_backoff: Duration::hours(24),
        }
    }
}

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

/// When to poll next. Never in the past: a channel whose time has gone by is due now.
#[must_use]
pub fn next_poll(
    history: &PollHistory,
    hints: &PollHints,
    settings: &ScheduleSettings,
    now: DateTime<Utc>,
    channel: &ChannelId,
) -> DateTime<Utc> {
    let _ = (hints, channel);
    match history.last_poll {
        None => now,
        Some(last) => (last + settings.min_interval).max(now),
    }
}
