//! The pace of polls, in simulated time.

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
    PollHistory { last_poll: Some(last), last_outcome: Some(PollOutcome::Good), failures: 0.0, recent_items }
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
    assert_eq!(minutes(&history(2, "2026-11-21T05:00:00Z"), &none), 15);
    assert_eq!(minutes(&history(2, "2026-11-21T18:00:00Z"), &none), 60);
    // Half an hour before the morning begins, the morning is not slept through.
    assert!(minutes(&history(4, "2026-11-20T23:30:00Z"), &none) < 45);
    assert_eq!(minutes(&PollHistory { recent_items: vec![], ..history(1, "2026-11-21T05:00:00Z") }, &none), 60);
}

#[test]
fn what_the_answer_asks_for_is_honoured_within_limits() {
    let busy = history(20, "2026-11-21T05:00:00Z");
    let ttl = |n| PollHints { ttl: Some(Duration::minutes(n)), ..PollHints::default() };
    assert_eq!(minutes(&busy, &ttl(45)), 45);
    assert_eq!(minutes(&busy, &ttl(60 * 24 * 30)), 60);
    let both = PollHints { max_age: Some(Duration::minutes(20)), expires: Some(at("2026-11-21T05:50:00Z")), ..ttl(5) };
    assert_eq!(minutes(&busy, &both), 50);
}

#[test]
fn retry_after_is_obeyed_up_to_a_day() {
    let mut failing = history(20, "2026-11-21T05:00:00Z");
    failing.failures = charge(0.0, PollOutcome::Temporary);
    failing.last_outcome = Some(PollOutcome::Temporary);
    let hints = |t| PollHints { retry_after: Some(at(t)), ..PollHints::default() };
    let next = |t| next_poll(&failing, &hints(t), &ScheduleSettings::default(), at("2026-11-21T05:00:00Z"), &id());
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
    use Reach::{Good, None, Other};
    assert!(is_general_outage([("a", None), ("b", None), ("c", None)]));
    assert!(!is_general_outage([("a", None), ("b", None), ("c", Good)]));
    assert!(!is_general_outage([("a", None), ("b", Other), ("c", None)]));
    assert!(!is_general_outage([("a", None), ("a", None), ("a", None)]));
    assert!(is_general_outage([("a", Other), ("b", Other), ("c", Other), ("d", Other), ("e", None)]));
    let mut history = history(20, "2026-11-21T05:00:00Z");
    history.failures = charge(2.0, PollOutcome::Outage);
    history.last_outcome = Some(PollOutcome::Outage);
    assert_eq!(minutes(&history, &PollHints::default()), 10);
}

#[test]
fn a_late_poll_is_due_now_and_a_new_channel_too() {
    let now = at("2026-11-21T12:00:00Z");
    let settings = ScheduleSettings::default();
    assert_eq!(next_poll(&history(20, "2026-11-21T05:00:00Z"), &PollHints::default(), &settings, now, &id()), now);
    assert_eq!(next_poll(&PollHistory::default(), &PollHints::default(), &settings, now, &id()), now);
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

/// A fortnight of a paper that publishes from 6:00 to 22:00 in Vietnam: how often it is asked,
/// and how long an item waits to be found.
fn fortnight(per_day: i64, poll: impl Fn(&PollHistory, DateTime<Utc>) -> DateTime<Utc>) -> (f64, f64) {
    let begin = at("2026-10-31T23:00:00Z");
    let step = 16 * 60 / per_day;
    // Items come unevenly: each is moved by a number that repeats late.
    let items: Vec<DateTime<Utc>> = (0..28)
        .flat_map(|day| (0..per_day).map(move |n| day * 1440 + n * step + (day * 37 + n * 101) % step.max(1)))
        .map(|minute| begin + Duration::minutes(minute))
        .collect();
    let start = begin + Duration::days(14);
    let mut now = start;
    let (mut n_polls, mut n_found, mut waited) = (0u32, 0u32, Duration::zero());
    let mut last = now;
    while now < begin + Duration::days(28) {
        for item in items.iter().filter(|t| **t > last && **t <= now) {
            n_found += 1;
            waited += now - *item;
        }
        last = now;
        n_polls += 1;
        let recent_items = items.iter().filter(|t| **t <= now).copied().collect();
        let history =
            PollHistory { last_poll: Some(now), last_outcome: Some(PollOutcome::Good), failures: 0.0, recent_items };
        now = poll(&history, now);
    }
    (f64::from(n_polls) / 14.0, waited.num_seconds() as f64 / 60.0 / f64::from(n_found))
}

#[test]
fn the_rhythm_finds_items_sooner_than_a_fixed_interval_with_as_many_polls() {
    for (per_day, most_polls, longest_wait) in [(24, 60.0, 20.0), (48, 110.0, 8.0)] {
        let rhythm = |history: &PollHistory, now| {
            next_poll(history, &PollHints::default(), &ScheduleSettings::default(), now, &id())
        };
        let (polls, wait) = fortnight(per_day, rhythm);
        let fixed = Duration::seconds((86_400.0 / polls) as i64);
        let (_, fixed_wait) = fortnight(per_day, |_, now| now + fixed);
        assert!(polls <= most_polls && wait <= longest_wait, "{per_day} a day: {polls} polls a day, {wait} minutes");
        assert!(wait < fixed_wait, "{per_day} a day: {wait} minutes, fixed {fixed_wait}");
    }
}
