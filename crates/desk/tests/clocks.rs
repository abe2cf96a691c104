//! Clocks: running, warning, pausing, stopping, and what they say.

#![expect(clippy::unwrap_used, reason = "a test that cannot set itself up has failed")]

use diembao_news::{ArticleId, CanonicalUrl, CaseId, FlagKind, Severity, StoryId};

use chrono::{DateTime, TimeDelta, Utc};
use diembao_desk::{
    Action, BasisStatus, Case, CaseEvent, CaseState, ClockLevel, ClockRule, ClockScope, ClockStart, ClockStop,
    DeadlineStage, NewCase, Spread, apply, clocks, next_deadline, open,
};

fn at(hours: i64) -> DateTime<Utc> {
    "2026-11-21T00:00:00Z".parse::<DateTime<Utc>>().unwrap() + TimeDelta::hours(hours)
}

fn rule(hours: i64, starts_from: ClockStart, stops_at: ClockStop, status: BasisStatus) -> ClockRule {
    ClockRule {
        id: "r".to_owned(),
        name: "Phản hồi đầu tiên".to_owned(),
        span: TimeDelta::hours(hours),
        starts_from,
        stops_at,
        basis: "Quy chế A".to_owned(),
        status,
        valid_from: None,
        valid_to: None,
        scope: ClockScope::default(),
    }
}

/// Published at hour 0, found at hour 2, then these actions.
fn case(actions: &[(i64, Action)]) -> (Case, Vec<CaseEvent>) {
    let new = NewCase {
        story: StoryId::beginning_with(ArticleId::of_url(&CanonicalUrl::parse("https://a.vn/1").unwrap())),
        kind: FlagKind::Incident,
        severity: Severity::Orange,
        title: "Sự cố".to_owned(),
        published: at(0),
        spread: Spread::default(),
        opened_at: at(2),
        by: diembao_desk::PROGRAM.to_owned(),
        note: String::new(),
    };
    let (mut case, first) = open(CaseId::new(1).unwrap(), &new);
    let mut events = vec![first];
    for (hour, action) in actions {
        let event =
            CaseEvent { at: at(*hour), actor: "lan".to_owned(), action: action.clone(), note: "vì".to_owned() };
        case = apply(&case, &event).unwrap();
        events.push(event);
    }
    (case, events)
}

#[track_caller]
fn check(actions: &[(i64, Action)], rule: ClockRule, now: i64, level: ClockLevel, used: f64) {
    let (case, events) = case(actions);
    let reading = &clocks(&case, &events, &[rule], at(now))[0];
    assert_eq!(reading.level, level, "{reading:?}");
    assert!((reading.used - used).abs() < 1e-6, "{reading:?}");
}

#[test]
fn clocks_run_warn_and_stop() {
    use BasisStatus::Unverified;
    use ClockStart::{Acknowledged, Detected, Occurred, Published};
    use ClockStop::Answered;
    let day = |start| rule(24, start, Answered, Unverified);
    check(&[], day(Published), 6, ClockLevel::Running, 0.25);
    check(&[], day(Published), 12, ClockLevel::Half, 0.5);
    check(&[], day(Detected), 12, ClockLevel::Running, 10.0 / 24.0);
    check(&[], day(Published), 20, ClockLevel::Most, 20.0 / 24.0);
    check(&[], day(Published), 24, ClockLevel::Due, 1.0);
    check(&[], day(Published), 48, ClockLevel::Due, 2.0);
    check(&[], day(Acknowledged), 6, ClockLevel::NotStarted, 0.0);
    check(&[(3, Action::Occurred { at: at(-6) })], day(Occurred), 6, ClockLevel::Half, 0.5);
    let answered = [(3, Action::Acknowledge), (18, Action::Answer)];
    check(&answered, day(Published), 99, ClockLevel::Met, 0.75);
    check(&[(3, Action::Acknowledge), (36, Action::Answer)], day(Published), 99, ClockLevel::MetLate, 1.5);
    check(&[(3, Action::Acknowledge), (12, Action::Close)], day(Published), 99, ClockLevel::Met, 0.5);
    let paused = [(6, Action::Pause), (12, Action::Resume)];
    check(&paused, day(Published), 18, ClockLevel::Half, 0.5);
    check(&[(6, Action::Pause)], day(Published), 90, ClockLevel::Running, 0.25);
    check(&[], rule(0, Published, Answered, Unverified), 1, ClockLevel::Due, 1.0);
}

#[test]
fn a_pause_moves_what_is_due_and_shows() {
    let (case, events) = case(&[(6, Action::Pause)]);
    let rule = rule(24, ClockStart::Published, ClockStop::Answered, BasisStatus::Unverified);
    let reading = &clocks(&case, &events, &[rule], at(16))[0];
    assert!(reading.paused);
    assert_eq!(reading.due, Some(at(34)));
    assert_eq!(reading.lost_before_detection, TimeDelta::hours(2));
}

/// The clocks of two machines differ: an event may be older than the one before it.
#[test]
fn pauses_that_overlap_count_once() {
    let actions = [(4, Action::Pause), (12, Action::Resume), (6, Action::Pause), (10, Action::Resume)];
    check(
        &actions,
        rule(24, ClockStart::Published, ClockStop::Answered, BasisStatus::Unverified),
        20,
        ClockLevel::Half,
        0.5,
    );
}

#[test]
fn law_is_named_only_where_it_was_verified() {
    let (case, events) = case(&[]);
    let wording = |status| {
        let rule = rule(24, ClockStart::Published, ClockStop::Answered, status);
        clocks(&case, &events, &[rule], at(30))[0].wording.clone()
    };
    assert_eq!(
        wording(BasisStatus::Unverified),
        "Phản hồi đầu tiên: đã qua mốc 07:00 22/11/2026 (căn cứ: Quy chế A, chưa kiểm chứng)"
    );
    assert!(!wording(BasisStatus::Unverified).contains("quá hạn"));
    assert_eq!(wording(BasisStatus::Verified), "Phản hồi đầu tiên: quá thời hạn 07:00 22/11/2026 theo Quy chế A");
}

#[test]
fn a_directive_sets_several_deadlines_and_the_last_word_counts() {
    let deadline = |stage, hour| Action::SetDeadline { stage, due: at(hour) };
    let (case, events) = case(&[
        (4, deadline(DeadlineStage::Interim, 14)),
        (4, deadline(DeadlineStage::Final, 104)),
        (5, deadline(DeadlineStage::Interim, 25)),
        (6, Action::Pause),
    ]);
    let readings = clocks(&case, &events, &[], at(23));
    let shown: Vec<_> = readings.iter().map(|r| (r.rule.as_str(), r.due, r.level)).collect();
    assert_eq!(
        shown,
        [
            ("directive-interim", Some(at(25)), ClockLevel::Most),
            ("directive-final", Some(at(104)), ClockLevel::Running),
        ]
    );
    assert_eq!(next_deadline(&case, &events, at(23)), Some(at(25)));
    assert_eq!(next_deadline(&case, &events, at(30)), Some(at(25)), "it has passed unmet");
    let (case, events) = self::case(&[
        (4, deadline(DeadlineStage::Interim, 14)),
        (5, deadline(DeadlineStage::Final, 104)),
        (5, Action::Acknowledge),
        (6, Action::Answer),
    ]);
    assert_eq!(next_deadline(&case, &events, at(30)), Some(at(104)), "what was answered is met");
    let (case, events) = self::case(&[]);
    assert_eq!(next_deadline(&case, &events, at(30)), None);
}

#[test]
fn only_rules_in_force_run() {
    use BasisStatus::{Repealed, Unverified};
    let (case, events) = case(&[]);
    let day = |s: &str| Some(s.parse().unwrap());
    let base = rule(24, ClockStart::Published, ClockStop::Answered, Unverified);
    let in_force = |from, to, status| {
        let rule = ClockRule { valid_from: from, valid_to: to, status, ..base.clone() };
        clocks(&case, &events, &[rule], at(3)).len() == 1
    };
    assert!(in_force(day("2026-11-21"), day("2026-11-22"), Unverified));
    assert!(!in_force(day("2026-11-22"), None, Unverified));
    assert!(!in_force(None, day("2026-11-21"), Unverified));
    assert!(in_force(None, day("2026-12-01"), Repealed), "repealed later: it was in force then");
    assert!(!in_force(None, None, Repealed));
}

#[test]
fn any_event_may_start_and_stop_a_clock_and_a_state_may_hold_it() {
    let start = ClockStart::parse("transfer").unwrap();
    let stop = ClockStop::parse("convene").unwrap();
    let to = |unit: &str| Action::Transfer { unit: unit.to_owned() };
    let between = || rule(24, start, stop, BasisStatus::Unverified);
    check(&[], between(), 9, ClockLevel::NotStarted, 0.0);
    let moved = [(3, Action::Acknowledge), (4, to("Sở A")), (6, to("Sở B"))];
    check(&moved, between(), 16, ClockLevel::Half, 0.5);
    let stopped = [&moved[..], &[(22, Action::Convene)]].concat();
    check(&stopped, between(), 99, ClockLevel::Met, 0.75);

    let held = || {
        let scope = ClockScope { pauses_in: vec![CaseState::Council], ..ClockScope::default() };
        ClockRule { scope, ..rule(24, start, ClockStop::Answered, BasisStatus::Unverified) }
    };
    let council = [&moved[..], &[(10, Action::Convene)]].concat();
    check(&council, held(), 90, ClockLevel::Running, 0.25);
    let over = [&council[..], &[(40, Action::Verify)]].concat();
    check(&over, held(), 46, ClockLevel::Half, 0.5);
}

#[test]
fn a_clock_runs_for_the_cases_it_is_meant_for() {
    let (case, events) = case(&[]);
    let runs = |at_least, kind| {
        let scope = ClockScope { at_least, kind, ..ClockScope::default() };
        let rule = rule(24, ClockStart::Published, ClockStop::Answered, BasisStatus::Unverified);
        clocks(&case, &events, &[ClockRule { scope, ..rule }], at(3)).len() == 1
    };
    assert!(runs(Some(Severity::Orange), Some(FlagKind::Incident)));
    assert!(!runs(Some(Severity::Red), None));
    assert!(!runs(None, Some(FlagKind::Misinformation)));
}
