//! A case's life: the table of legal changes, and any sequence of actions at all.

#![expect(clippy::unwrap_used, reason = "a test that cannot set itself up has failed")]

use chrono::{DateTime, TimeDelta, Utc};
use diembao_desk::{
    Action, Case, CaseEvent, CaseState, ClockRule, ClockStart, ClockStop, DeadlineStage, DeskError, DismissReason,
    NewCase, Spread, apply, clocks, open,
};
use diembao_news::{ArticleId, CanonicalUrl, CaseId, FlagKind, Severity, StoryId};
use proptest::prelude::*;

fn now() -> DateTime<Utc> {
    "2026-11-21T00:00:00Z".parse().unwrap()
}

fn fresh() -> Case {
    let new = NewCase {
        story: StoryId::beginning_with(ArticleId::of_url(&CanonicalUrl::parse("https://a.vn/1").unwrap())),
        kind: FlagKind::Incident,
        severity: Severity::Orange,
        title: "Gia đình phản ánh bệnh viện chậm xử trí".to_owned(),
        published: now(),
        spread: Spread { n_articles: 1, n_outlets: 1 },
        opened_at: now() + TimeDelta::hours(2),
        by: diembao_desk::PROGRAM.to_owned(),
        note: String::new(),
    };
    open(CaseId::new(1).unwrap(), &new).0
}

fn event(action: Action) -> CaseEvent {
    CaseEvent {
        at: now() + TimeDelta::hours(3), actor: "lan".to_owned(), action, note: "đã gọi điện".to_owned()
    }
}

fn dismiss() -> Action {
    Action::Dismiss { reason: DismissReason::Foreign }
}

/// Actions are given by their first letters: a ack, v verify, t transfer, c convene, n answer, x close, d dismiss,
/// r reopen, R raise, m merged into another, N news, s seen.
#[track_caller]
fn check(actions: &str, expected: Result<CaseState, &str>) {
    let mut case = fresh();
    let mut result = Ok(case.state);
    for letter in actions.chars() {
        let action = match letter {
            'a' => Action::Acknowledge,
            'v' => Action::Verify,
            't' => Action::Transfer { unit: "Sở Y tế".to_owned() },
            'c' => Action::Convene,
            'n' => Action::Answer,
            'x' => Action::Close,
            'd' => dismiss(),
            'r' => Action::Reopen,
            'm' => Action::MergedInto { case: CaseId::new(2).unwrap() },
            'N' => Action::News { n_articles: 1 },
            's' => Action::Seen,
            _ => Action::Raise { severity: Severity::Red },
        };
        result = apply(&case, &event(action)).map(|next| {
            case = next;
            case.state
        });
    }
    assert_eq!(result.map_err(|e| e.to_string()), expected.map_err(str::to_owned), "{actions}");
}

#[test]
fn the_table_of_legal_changes() {
    use CaseState::{Acknowledged, Answered, Closed, Council, Detected, Dismissed, Transferred, Verifying};
    check("", Ok(Detected));
    check("a", Ok(Acknowledged));
    check("avtcnx", Ok(Closed));
    check("avtv", Ok(Verifying));
    check("avt", Ok(Transferred));
    check("ac", Ok(Council));
    check("an", Ok(Answered));
    check("anv", Ok(Verifying));
    check("d", Ok(Dismissed));
    check("avtcd", Ok(Dismissed));
    check("axr", Ok(Acknowledged));
    check("dr", Ok(Acknowledged));
    check("axR", Ok(Detected));
    check("aR", Ok(Acknowledged));
    check(
        "v",
        Err(
            "case 1 is detected: verify is possible only when it is acknowledged or transferred or council or answered",
        ),
    );
    check("aa", Err("case 1 is acknowledged: ack is possible only when it is detected"));
    check(
        "x",
        Err(
            "case 1 is detected: close is possible only when it is acknowledged or verifying or transferred or council or answered",
        ),
    );
    check("dR", Ok(Detected));
    check("mR", Err("case 1 is dismissed: raise is possible only when it is not merged into another"));
    check("axN", Ok(Closed));
    check("axNs", Ok(Closed));
    check("axNr", Ok(Acknowledged));
    check("axs", Err("case 1 is closed: seen is possible only when it is closed with news since"));
    check("axNss", Err("case 1 is closed: seen is possible only when it is closed with news since"));
    check("axNrs", Err("case 1 is acknowledged: seen is possible only when it is closed with news since"));
    check("dN", Err("case 1 is dismissed: news is possible only when it is closed"));
    check("RR", Err("case 1 is red: raise needs a severity above that"));
}

#[test]
fn events_need_what_they_say() {
    let case = fresh();
    let refused = |event: CaseEvent| apply(&case, &event).unwrap_err().to_string();
    assert_eq!(refused(CaseEvent { actor: " ".to_owned(), ..event(Action::Note) }), "note needs the name of who acts");
    assert_eq!(refused(CaseEvent { note: String::new(), ..event(Action::Note) }), "note needs a reason in the note");
    assert_eq!(refused(event(Action::Escalate { to: String::new() })), "escalate needs a person");
    assert_eq!(
        refused(CaseEvent { note: "x".repeat(5000), ..event(Action::Note) }),
        "the note has 5000 bytes; 4000 is the limit"
    );
    assert!(matches!(
        apply(&case, &event(Action::Open { severity: Severity::Red, kind: FlagKind::Incident })),
        Err(DeskError::Illegal { .. })
    ));
    assert!(matches!(apply(&case, &event(Action::Lower { severity: Severity::Red })), Err(DeskError::Severity { .. })));
}

#[test]
fn who_acknowledges_has_the_case() {
    let case = apply(&fresh(), &event(Action::Acknowledge)).unwrap();
    assert_eq!(case.owner.as_deref(), Some("lan"));
    let case = apply(&case, &event(Action::Assign { to: "minh".to_owned() })).unwrap();
    assert_eq!(case.owner.as_deref(), Some("minh"));
    assert_eq!(case.lost_before_detection(), TimeDelta::hours(2));
}

#[test]
fn names_are_read_back() {
    for state in CaseState::ALL {
        assert_eq!(CaseState::parse(state.as_str()), Some(state));
        assert!(!state.label().is_empty());
    }
    for reason in DismissReason::ALL {
        assert_eq!(DismissReason::parse(reason.as_str()), Some(reason));
        assert!(!reason.label().is_empty());
    }
    assert_eq!(CaseState::parse("x"), None);
}

fn severity() -> impl Strategy<Value = Severity> {
    prop_oneof![Just(Severity::Green), Just(Severity::Yellow), Just(Severity::Orange), Just(Severity::Red)]
}

fn time() -> impl Strategy<Value = DateTime<Utc>> {
    prop_oneof![
        any::<i64>().prop_map(|s| DateTime::from_timestamp_micros(s).unwrap_or(DateTime::<Utc>::MAX_UTC)),
        (-500i64..500).prop_map(|h| now() + TimeDelta::minutes(h)),
        Just(DateTime::<Utc>::MIN_UTC),
        Just(DateTime::<Utc>::MAX_UTC),
    ]
}

fn action() -> impl Strategy<Value = Action> {
    prop_oneof![
        severity().prop_map(|severity| Action::Open { severity, kind: FlagKind::Incident }),
        (any::<u32>(), any::<u32>()).prop_map(|(n_articles, n_outlets)| Action::Evidence { n_articles, n_outlets }),
        severity().prop_map(|severity| Action::Raise { severity }),
        severity().prop_map(|severity| Action::Lower { severity }),
        Just(Action::Acknowledge),
        Just(Action::Verify),
        "[a-zđ]{0,3}".prop_map(|unit| Action::Transfer { unit }),
        Just(Action::Convene),
        Just(Action::Answer),
        Just(Action::Close),
        Just(dismiss()),
        any::<u32>().prop_map(|n_articles| Action::News { n_articles }),
        Just(Action::Seen),
        Just(Action::Reopen),
        "[a-z]{0,3}".prop_map(|to| Action::Escalate { to }),
        "[a-z]{0,3}".prop_map(|to| Action::Assign { to }),
        time().prop_map(|at| Action::Occurred { at }),
        time().prop_map(|due| Action::SetDeadline { stage: DeadlineStage::Final, due }),
        Just(Action::Pause),
        Just(Action::Resume),
        Just(Action::Note),
    ]
}

proptest! {
    #[test]
    fn the_version_is_the_number_of_events(given in prop::collection::vec((action(), time(), "[a-z]{0,2}"), 0..40), now in time()) {
        let mut case = fresh();
        let mut events = vec![event(Action::Open { severity: case.severity, kind: case.kind })];
        let rule = ClockRule {
            id: "r".to_owned(),
            name: "R".to_owned(),
            span: TimeDelta::hours(24),
            starts_from: ClockStart::Occurred,
            stops_at: ClockStop::Answered,
            basis: String::new(),
            status: diembao_desk::BasisStatus::Unverified,
            valid_from: None,
            valid_to: None,
            scope: diembao_desk::ClockScope::default(),
        };
        for (action, at, note) in given {
            let event = CaseEvent { at, actor: "lan".to_owned(), action, note };
            if let Ok(next) = apply(&case, &event) {
                prop_assert_eq!(next.version, case.version + 1);
                case = next;
                events.push(event);
            }
            let readings = clocks(&case, &events, std::slice::from_ref(&rule), now);
            prop_assert!(readings.iter().all(|r| r.used >= 0.0 && !r.wording.is_empty()));
        }
        prop_assert_eq!(case.version, i64::try_from(events.len()).unwrap());
        prop_assert_eq!(case.handling.dismissed.is_some(), case.state == CaseState::Dismissed);
        prop_assert_eq!(case.times.closed.is_some(), !case.state.is_open());
        prop_assert!(case.times.news.is_none() || case.state == CaseState::Closed);
    }
}
