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
            max_interval: Duration::hours(2),
            backoff_step: Duration::hours(1),
            max_backoff: Duration::hours(24),
        }
    }
}

/// How many days of items tell the rhythm.
const RHYTHM_DAYS: i64 = 28;
/// A poll is worth while when this many new items are to be expected.
const WORTH_A_POLL: f64 = 1.0;
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

/// Whether a round of polls shows that the fault is ours: at least three hosts were asked, none answered
/// anything, and every failure is of the kind a dead network makes.
#[must_use]
pub fn is_general_outage<'a>(round: impl IntoIterator<Item = (&'a str, PollOutcome)>) -> bool {
    let mut hosts = std::collections::HashSet::new();
    for (host, outcome) in round {
        match outcome {
            PollOutcome::Temporary | PollOutcome::Outage => hosts.insert(host),
            PollOutcome::Good | PollOutcome::Hard | PollOutcome::Soft => return false,
        };
    }
    hosts.len() >= 3
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
    let hash = channel.as_str().bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    let part = (hash >> 11) as f64 / (1u64 << 53) as f64;
    interval + Duration::seconds((interval.num_seconds() as f64 * JITTER * part) as i64)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    fn id() -> ChannelId {
        ChannelId::parse("bao-mau/suc-khoe").unwrap()
    }

    /// Items for 14 days, `per_hour` in each hour from 0:00 to 15:59 UTC (7:00 to 22:59 in Vietnam).
    fn history(per_hour: i64, last: &str) -> PollHistory {
        let last = at(last);
        let recent_items = (1..=14)
            .flat_map(|day| (0..16).map(move |hour| (day, hour)))
            .flat_map(|(day, hour)| (0..per_hour).map(move |n| (day, hour, n * 60 / per_hour)))
            .map(|(day, hour, minute)| {
                at("2026-11-21T00:00:00Z") - Duration::days(day) + Duration::minutes(hour * 60 + minute)
            })
            .collect();
        PollHistory {
            last_poll: Some(last),
            last_outcome: Some(PollOutcome::Good),
            failures: 0.0,
            recent_items,
        }
    }

    /// Minutes from the last poll to the next, without jitter.
    fn minutes(history: &PollHistory, hints: &PollHints) -> i64 {
        let last = history.last_poll.unwrap();
        let next = next_poll(history, hints, &ScheduleSettings::default(), last, &id());
        let jitter = jittered(Duration::minutes(100), &id()).num_seconds() as f64 / 6000.0;
        ((next - last).num_seconds() as f64 / 60.0 / jitter).round() as i64
    }

    #[test]
    fn the_rhythm_of_the_day_sets_the_pace() {
        let none = PollHints::default();
        assert_eq!(minutes(&history(20, "2026-11-21T05:00:00Z"), &none), 10);
        assert_eq!(minutes(&history(2, "2026-11-21T05:00:00Z"), &none), 30);
        assert_eq!(minutes(&history(2, "2026-11-21T18:00:00Z"), &none), 120);
        // Half an hour before the morning begins, the morning is not slept through.
        assert!(minutes(&history(4, "2026-11-20T23:30:00Z"), &none) < 60);
        assert_eq!(
            minutes(
                &PollHistory {
                    recent_items: vec![],
                    ..history(1, "2026-11-21T05:00:00Z")
                },
                &none
            ),
            120
        );
    }

    #[test]
    fn what_the_answer_asks_for_is_honoured_within_limits() {
        let busy = history(20, "2026-11-21T05:00:00Z");
        let ttl = |n| PollHints {
            ttl: Some(Duration::minutes(n)),
            ..PollHints::default()
        };
        assert_eq!(minutes(&busy, &ttl(45)), 45);
        assert_eq!(minutes(&busy, &ttl(60 * 24 * 30)), 120);
        let both = PollHints {
            max_age: Some(Duration::minutes(20)),
            expires: Some(at("2026-11-21T06:00:00Z")),
            ..ttl(5)
        };
        assert_eq!(minutes(&busy, &both), 60);
    }

    #[test]
    fn retry_after_is_obeyed_up_to_a_day() {
        let mut failing = history(20, "2026-11-21T05:00:00Z");
        failing.failures = charge(0.0, PollOutcome::Temporary);
        failing.last_outcome = Some(PollOutcome::Temporary);
        let hints = |t| PollHints {
            retry_after: Some(at(t)),
            ..PollHints::default()
        };
        let next = |t| {
            next_poll(
                &failing,
                &hints(t),
                &ScheduleSettings::default(),
                at("2026-11-21T05:00:00Z"),
                &id(),
            )
        };
        assert_eq!(next("2026-11-21T09:00:00Z"), at("2026-11-21T09:00:00Z"));
        assert_eq!(next("2026-12-21T09:00:00Z"), at("2026-11-22T05:00:00Z"));
        assert!(next("2020-01-01T00:00:00Z") > at("2026-11-21T05:10:00Z"));
    }

    #[test]
    fn failures_pause_longer_and_longer_but_never_for_ever() {
        let mut failing = history(20, "2026-11-21T05:00:00Z");
        let mut failures = 0.0;
        let mut pauses = Vec::new();
        for _ in 0..40 {
            failures = charge(failures, PollOutcome::Hard);
            failing.failures = failures;
            failing.last_outcome = Some(PollOutcome::Hard);
            pauses.push(minutes(&failing, &PollHints::default()));
        }
        assert_eq!(pauses[..3], [60, 120, 180]);
        assert!((23 * 60..=24 * 60).contains(&pauses[39]));
        assert!((charge(1.0, PollOutcome::Soft) - 1.5).abs() < 1e-9);
        assert!((charge(9.0, PollOutcome::Good)).abs() < 1e-9);
    }

    #[test]
    fn a_general_outage_charges_nobody() {
        use PollOutcome::{Good, Hard, Temporary};
        assert!(is_general_outage([
            ("a", Temporary),
            ("b", Temporary),
            ("c", Temporary)
        ]));
        assert!(!is_general_outage([("a", Temporary), ("b", Temporary), ("c", Good)]));
        assert!(!is_general_outage([("a", Temporary), ("b", Hard), ("c", Temporary)]));
        assert!(!is_general_outage([
            ("a", Temporary),
            ("a", Temporary),
            ("a", Temporary)
        ]));
        let mut history = history(20, "2026-11-21T05:00:00Z");
        history.failures = charge(2.0, PollOutcome::Outage);
        history.last_outcome = Some(PollOutcome::Outage);
        assert_eq!(minutes(&history, &PollHints::default()), 10);
    }

    #[test]
    fn a_late_poll_is_due_now_and_a_new_channel_too() {
        let now = at("2026-11-21T12:00:00Z");
        let settings = ScheduleSettings::default();
        assert_eq!(
            next_poll(
                &history(20, "2026-11-21T05:00:00Z"),
                &PollHints::default(),
                &settings,
                now,
                &id()
            ),
            now
        );
        assert_eq!(
            next_poll(&PollHistory::default(), &PollHints::default(), &settings, now, &id()),
            now
        );
    }

    proptest::proptest! {
        #[test]
        fn never_in_the_past_and_never_for_ever(
            failures in 0.0..1e9,
            hours in proptest::collection::vec(0i64..5000, 0..50),
            asked in proptest::collection::vec(-1_000_000i64..1_000_000, 4),
            late in -100i64..100_000,
            outcome in 0usize..6,
        ) {
            use PollOutcome::{Good, Hard, Outage, Soft, Temporary};
            let last = at("2026-11-21T05:00:00Z");
            let now = last + Duration::minutes(late);
            let history = PollHistory {
                last_poll: Some(last),
                last_outcome: [None, Some(Good), Some(Hard), Some(Soft), Some(Temporary), Some(Outage)][outcome],
                failures,
                recent_items: hours.iter().map(|h| last - Duration::minutes(*h)).collect(),
            };
            let hints = PollHints {
                ttl: Some(Duration::minutes(asked[0])),
                max_age: Some(Duration::seconds(asked[1])),
                expires: Some(last + Duration::minutes(asked[2])),
                retry_after: Some(last + Duration::minutes(asked[3])),
            };
            let settings = ScheduleSettings::default();
            let next = next_poll(&history, &hints, &settings, now, &id());
            let begun = last.min(now);
            proptest::prop_assert!(next >= now && next >= begun + settings.min_interval);
            proptest::prop_assert!(next <= now.max(begun + settings.max_backoff));
        }
    }
}
