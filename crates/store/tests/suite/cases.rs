//! Cases: one for each story, events only added, no update lost.

use diembao_desk::{
    Action, Alert, AlertCause, CaseEvent, CaseState, DeadlineStage, DismissReason, NewCase, PageChange, Spread,
};
use diembao_news::{CaseId, FlagKind, Severity, StoryId};
use diembao_store::{AlertState, Attached, CaseCursor, CaseFilter, CaseStates, Store, StoreError};

use crate::backend::on_both;
use crate::samples::{article, at, id};

on_both!(
    a_story_has_one_case,
    cases_are_numbered_without_gaps,
    every_action_comes_back,
    two_officers_conflict,
    lists_are_filtered,
    many_writers_lose_nothing,
    cases_of_many_stories_are_two_questions,
    a_shift_is_signed_once,
    alerts_go_with_the_events_that_call_for_them,
    warnings_are_queued_once,
    merged_cases_are_one,
    lists_and_the_log_are_read_page_by_page,
);

fn new_case(n: usize, severity: Severity) -> NewCase {
    NewCase {
        story: StoryId::beginning_with(id(n)),
        kind: FlagKind::Incident,
        severity,
        title: "Sản phụ tử vong sau sinh, gia đình đề nghị làm rõ".to_owned(),
        published: at(0),
        spread: Spread { n_articles: 2, n_outlets: 1 },
        opened_at: at(5),
        by: diembao_desk::PROGRAM.to_owned(),
        note: String::new(),
    }
}

fn event(minute: i64, action: Action) -> CaseEvent {
    CaseEvent { at: at(minute), actor: "lan".to_owned(), action, note: "theo báo".to_owned() }
}

async fn a_story_has_one_case(store: Store, _: String) {
    let new = new_case(1, Severity::Red);
    let first = store.open_case(&new).await.unwrap();
    assert_eq!(store.open_case(&new).await.unwrap(), first);
    let (case, events) = store.case(first).await.unwrap().unwrap();
    assert_eq!((case.version, events.len()), (1, 1));
    assert_eq!(case, diembao_desk::open(first, &new).0);
    assert_eq!(events[0], diembao_desk::open(first, &new).1);
    assert_eq!(store.case_of_story(new.story).await.unwrap().unwrap().id, first);

    // The story is merged into an older one: its case is found under both names.
    store.add_articles(&[article(0), article(1)]).await.unwrap();
    let older = StoryId::beginning_with(id(0));
    assert!(store.case_of_story(older).await.unwrap().is_none());
    store.save_stories(&[(id(0), older), (id(1), older)], at(9)).await.unwrap();
    assert_eq!(store.case_of_story(older).await.unwrap().unwrap().id, first);
    assert_eq!(store.open_case(&new_case(0, Severity::Red)).await.unwrap(), first);
    assert!(store.case(CaseId::new(99).unwrap()).await.unwrap().is_none());
}

async fn cases_are_numbered_without_gaps(store: Store, _: String) {
    let refused = [event(6, Action::Reopen)];
    let opened = store.open_case_with(&new_case(1, Severity::Red), &refused, &Attached::default()).await;
    assert!(matches!(opened, Err(StoreError::Desk(_))), "{opened:?}");
    let mut tasks = tokio::task::JoinSet::new();
    for n in 0..24 {
        let store = store.clone();
        tasks.spawn(async move { store.open_case(&new_case(n / 2, Severity::Red)).await.unwrap().as_i64() });
    }
    let mut numbers = tasks.join_all().await;
    numbers.sort_unstable();
    numbers.dedup();
    assert_eq!(numbers, (1..=12).collect::<Vec<_>>());
}

async fn every_action_comes_back(store: Store, _: String) {
    let case = store.open_case(&new_case(1, Severity::Yellow)).await.unwrap();
    let actions = [
        Action::Evidence { n_articles: 5, n_outlets: 3 },
        Action::Route {
            unit: "Sở Y tế Nghệ An".to_owned(), spokesperson: Some("Bà V., Giám đốc Sở".to_owned())
        },
        Action::Quote { article: id(1), speaker: "Sở Y tế Nghệ An".to_owned() },
        Action::Figures { dead: Some(2), ill: None },
        Action::Page { article: id(1), change: PageChange::Gone },
        Action::Merge { case: CaseId::new(9).unwrap(), n_articles: 6, n_outlets: 4 },
        Action::Raise { severity: Severity::Red },
        Action::Lower { severity: Severity::Orange },
        Action::Acknowledge,
        Action::Occurred { at: at(-60) },
        Action::SetDeadline { stage: DeadlineStage::Interim, due: at(600) },
        Action::Verify,
        Action::Transfer { unit: "Sở Y tế tỉnh Song Lam".to_owned() },
        Action::Convene,
        Action::Pause,
        Action::Resume,
        Action::Assign { to: "minh".to_owned() },
        Action::Escalate { to: "Chánh Văn phòng".to_owned() },
        Action::Note,
        Action::Answer,
        Action::Close,
        Action::News { n_articles: 3 },
        Action::Seen,
        Action::Reopen,
        Action::MergedInto { case: CaseId::new(8).unwrap() },
        Action::Reopen,
        Action::Dismiss { reason: DismissReason::Unfounded },
    ];
    let mut now = 6;
    for (version, action) in (1..).zip(&actions) {
        now += 1;
        store.append_event(case, version, &event(now, action.clone())).await.unwrap();
    }
    let (stored, events) = store.case(case).await.unwrap().unwrap();
    assert_eq!(events[1..].iter().map(|e| e.action.clone()).collect::<Vec<_>>(), actions);
    assert_eq!(stored.version, i64::try_from(events.len()).unwrap());
    // The row is what the events come to.
    let (mut replayed, _) = diembao_desk::open(case, &new_case(1, Severity::Yellow));
    for event in &events[1..] {
        replayed = diembao_desk::apply(&replayed, event).unwrap();
    }
    assert_eq!(stored, replayed);
    assert_eq!(stored.handling.dismissed, Some(DismissReason::Unfounded));
    let refused = store.append_event(case, stored.version, &event(99, Action::Verify)).await;
    assert!(matches!(refused, Err(StoreError::Desk(_))), "{refused:?}");
}

async fn two_officers_conflict(store: Store, _: String) {
    let case = store.open_case(&new_case(1, Severity::Red)).await.unwrap();
    let ack = event(6, Action::Acknowledge);
    assert_eq!(store.append_event(case, 1, &ack).await.unwrap().state, CaseState::Acknowledged);
    assert_eq!(store.append_event(case, 1, &ack).await.unwrap().version, 2, "the same event again");
    let other = store.append_event(case, 1, &event(7, Action::Note)).await;
    assert!(matches!(other, Err(StoreError::Conflict { expected: 1, found: 2, .. })), "{other:?}");
    assert_eq!(store.case(case).await.unwrap().unwrap().1.len(), 2);
    let nowhere = store.append_event(CaseId::new(77).unwrap(), 1, &ack).await;
    assert!(matches!(nowhere, Err(StoreError::NoCase(_))), "{nowhere:?}");
}

async fn lists_are_filtered(store: Store, _: String) {
    for (n, severity) in [(1, Severity::Yellow), (2, Severity::Red), (3, Severity::Orange)] {
        store.open_case(&new_case(n, severity)).await.unwrap();
    }
    let all = store.cases(&CaseFilter::default()).await.unwrap();
    assert_eq!(all.iter().map(|c| c.severity).collect::<Vec<_>>(), [Severity::Red, Severity::Orange, Severity::Yellow]);
    let dismissed = event(9, Action::Dismiss { reason: DismissReason::Foreign });
    store.append_event(all[0].id, 1, &dismissed).await.unwrap();
    let n = async |filter: CaseFilter| store.cases(&filter).await.unwrap().len();
    assert_eq!(n(CaseFilter::default()).await, 2);
    assert_eq!(n(CaseFilter { states: CaseStates::All, ..CaseFilter::default() }).await, 3);
    assert_eq!(n(CaseFilter { states: CaseStates::Only(CaseState::Dismissed), ..CaseFilter::default() }).await, 1);
    assert_eq!(n(CaseFilter { at_least: Severity::Orange, ..CaseFilter::default() }).await, 1);
    assert_eq!(n(CaseFilter { kind: Some(FlagKind::Misinformation), ..CaseFilter::default() }).await, 0);
    assert_eq!(n(CaseFilter { opened_from: Some(at(6)), ..CaseFilter::default() }).await, 0);
    assert_eq!(n(CaseFilter { n_max: 1, ..CaseFilter::default() }).await, 1);
    let counts = store.counts().await.unwrap();
    assert_eq!((counts.cases, counts.open_cases), (3, 2));
}

/// Eight tasks write to one case, each reading again after a conflict: every event arrives.
async fn many_writers_lose_nothing(store: Store, _: String) {
    let case = store.open_case(&new_case(1, Severity::Red)).await.unwrap();
    let mut tasks = tokio::task::JoinSet::new();
    for who in 0..8 {
        let store = store.clone();
        tasks.spawn(async move {
            for n in 0..5 {
                let mut note = event(10 + n, Action::Note);
                note.note = format!("{who}/{n}");
                loop {
                    let version = store.case(case).await.unwrap().unwrap().0.version;
                    match store.append_event(case, version, &note).await {
                        Ok(_) => break,
                        Err(StoreError::Conflict { .. }) => {}
                        Err(e) => panic!("{e}"),
                    }
                }
            }
        });
    }
    tasks.join_all().await;
    let (stored, events) = store.case(case).await.unwrap().unwrap();
    assert_eq!((stored.version, events.len()), (41, 41));
    let mut notes: Vec<_> = events.iter().map(|e| e.note.as_str()).collect();
    notes.sort_unstable();
    notes.dedup();
    assert_eq!(notes.len(), 41);
}

async fn cases_of_many_stories_are_two_questions(store: Store, _: String) {
    store.add_articles(&[article(0), article(1), article(2), article(3)]).await.unwrap();
    let story = |n| StoryId::beginning_with(id(n));
    let first = store.open_case(&new_case(1, Severity::Red)).await.unwrap();
    let second = store.open_case(&new_case(2, Severity::Red)).await.unwrap();
    let third = store.open_case(&new_case(3, Severity::Red)).await.unwrap();
    // Two stories with a case each are merged into one without: the older case stands for it.
    store
        .save_stories(&[(id(0), story(0)), (id(1), story(0)), (id(2), story(0)), (id(3), story(3))], at(9))
        .await
        .unwrap();
    let found = store.cases_of_stories(&[story(0), story(3), story(9)]).await.unwrap();
    assert_eq!(found.len(), 2);
    assert_eq!((found[&story(0)].id, found[&story(3)].id), (first, third));
    assert!(store.cases_of_stories(&[]).await.unwrap().is_empty());
    assert_eq!(store.cases_of_stories(&[story(2)]).await.unwrap()[&story(2)].id, second, "by its own name");
}

async fn a_shift_is_signed_once(store: Store, _: String) {
    let signed = diembao_store::SignedHandover {
        from: at(0),
        to: at(720),
        text: "Trong ca: không phát sinh.".to_owned(),
        given_by: "lan".to_owned(),
        taken_by: "minh".to_owned(),
        signed_at: at(725),
    };
    assert!(store.sign_handover(&signed).await.unwrap());
    let other = diembao_store::SignedHandover { taken_by: "hoa".to_owned(), ..signed.clone() };
    assert!(!store.sign_handover(&other).await.unwrap());
    assert_eq!(store.handovers(5).await.unwrap(), [signed]);
}

async fn alerts_go_with_the_events_that_call_for_them(store: Store, _: String) {
    let alert = |case, version, rung: usize, to: &str, minute| Alert {
        case,
        version,
        rung,
        to: to.to_owned(),
        due: at(minute),
        cause: AlertCause::Alarm,
    };
    let nobody = CaseId::new(1).unwrap();
    let first = [
        alert(nobody, 1, 0, "truc@example.vn", 5),
        alert(nobody, 1, 0, "webhook:phong-truc", 5),
        alert(nobody, 1, 1, "pho@example.vn", 20),
        alert(nobody, 1, 1, "pho@example.vn", 20),
    ];
    store.open_case(&new_case(1, Severity::Green)).await.unwrap();
    store.add_articles(&[article(2), article(3)]).await.unwrap();
    let with = Attached { alerts: first.to_vec(), articles: vec![id(2), id(3)], next_warning: Some(at(30)) };
    let noted = [event(5, Action::Evidence { n_articles: 3, n_outlets: 2 })];
    let (case, new) = store.open_case_with(&new_case(2, Severity::Orange), &noted, &with).await.unwrap();
    assert!(new && case != nobody);
    assert_eq!(store.open_case_with(&new_case(2, Severity::Orange), &noted, &with).await.unwrap(), (case, false));
    assert_eq!(store.case(case).await.unwrap().unwrap().0.version, 2);
    assert_eq!(store.case_articles(&[case]).await.unwrap()[&case].len(), 2);
    let due = store.due_alerts(at(6), 10).await.unwrap();
    assert_eq!(due.len(), 2, "the later rung is not due");
    assert!(due.iter().all(|q| q.alert.case == case), "the number is filled in");
    assert!(store.mark_alert_sending(&due[0], at(6)).await.unwrap());
    assert!(!store.mark_alert_sending(&due[0], at(6)).await.unwrap());
    assert_eq!(store.due_alerts(at(7), 10).await.unwrap().len(), 1, "it is left to who sends it");
    assert_eq!(store.due_alerts(at(9), 10).await.unwrap().len(), 2, "but not for ever");
    store.record_alert_reply(&due[0].alert, (AlertState::Sent, "250"), None, at(6)).await.unwrap();
    assert!(store.mark_alert_sending(&due[1], at(6)).await.unwrap());
    store.record_alert_reply(&due[1].alert, (AlertState::Deferred, "503"), Some(at(9)), at(6)).await.unwrap();
    assert_eq!(store.next_alert().await.unwrap(), Some(at(9)));

    // The alarm is sounded anew: what was not told of the old one is withdrawn.
    let with = Attached { alerts: vec![alert(case, 3, 0, "truc@example.vn", 7)], ..Attached::default() };
    let raise = [event(7, Action::Raise { severity: Severity::Red })];
    store.append_events(case, 2, &raise, &with).await.unwrap();
    assert_eq!(store.append_events(case, 2, &raise, &with).await.unwrap().version, 3, "the same again");
    let due = store.due_alerts(at(60), 10).await.unwrap();
    assert_eq!(due.iter().map(|q| q.alert.version).collect::<Vec<_>>(), [3]);

    // A person acts: nothing is left to tell.
    store.append_event(case, 3, &event(8, Action::Acknowledge)).await.unwrap();
    assert!(store.due_alerts(at(999), 10).await.unwrap().is_empty());
    assert_eq!(store.next_alert().await.unwrap(), None);
    let states: Vec<_> = store.alerts(case).await.unwrap().into_iter().map(|q| (q.alert.rung, q.state)).collect();
    let n = |state| states.iter().filter(|s| s.1 == state).count();
    assert_eq!((n(AlertState::Sent), n(AlertState::Withdrawn)), (1, 3), "{states:?}");
    assert_eq!(store.recent_alerts(at(7), 10).await.unwrap().len(), 3);
}

async fn warnings_are_queued_once(store: Store, _: String) {
    let with = Attached { next_warning: Some(at(30)), ..Attached::default() };
    let (id, _) = store.open_case_with(&new_case(1, Severity::Red), &[], &with).await.unwrap();
    assert!(store.cases_to_warn(at(29), 10).await.unwrap().is_empty());
    let case = store.cases_to_warn(at(30), 10).await.unwrap().remove(0);
    assert_eq!(case.id, id);
    let cause = AlertCause::Clock { mark: "tra-loi/50/1".to_owned(), wording: "Trả lời: còn 30 phút".to_owned() };
    let alert = Alert { case: id, version: 1, rung: 0, to: "truc@example.vn".to_owned(), due: at(30), cause };
    let with = Attached { alerts: vec![alert.clone()], next_warning: Some(at(48)), ..Attached::default() };
    assert_eq!(store.queue_warnings(&case, &with, at(30)).await.unwrap(), 1);
    assert_eq!(store.queue_warnings(&case, &with, at(31)).await.unwrap(), 0, "it is queued already");
    assert_eq!(store.due_alerts(at(31), 10).await.unwrap()[0].alert, alert);
    store.append_event(id, 1, &event(32, Action::Acknowledge)).await.unwrap();
    assert_eq!(store.queue_warnings(&case, &with, at(33)).await.unwrap(), 0, "the case is another now");
    assert!(store.cases_to_warn(at(99), 10).await.unwrap().is_empty(), "an event sets it anew");
}

async fn merged_cases_are_one(store: Store, _: String) {
    store.add_articles(&[article(0), article(1), article(2), article(3)]).await.unwrap();
    let story = |n| StoryId::beginning_with(id(n));
    let stories: Vec<_> = (0..4).map(|n| (id(n), story(n))).collect();
    store.save_stories(&stories, at(9)).await.unwrap();
    let open = async |n: usize| {
        let with = Attached { articles: vec![id(n)], ..Attached::default() };
        store.open_case_with(&new_case(n, Severity::Red), &[], &with).await.unwrap().0
    };
    let (a, b, c) = (open(0).await, open(1).await, open(2).await);
    let read = async |id| store.case(id).await.unwrap().unwrap().0;
    let merge = async |from: CaseId, into: CaseId| {
        let (from, into) = (read(from).await, read(into).await);
        let out = event(10, Action::MergedInto { case: into.id });
        let on = event(10, Action::Merge { case: from.id, n_articles: 4, n_outlets: 2 });
        store.merge_cases((&from, &out), (&into, &on), Some(at(20))).await
    };
    merge(a, b).await.unwrap();
    let merged = merge(b, c).await.unwrap();
    assert_eq!((merged.id, merged.spread.n_articles, merged.version), (c, 4, 2));
    for old in [a, b] {
        let case = read(old).await;
        assert_eq!((case.handling.merged_into, case.handling.dismissed), (Some(c), Some(DismissReason::Duplicate)));
    }
    for n in 0..3 {
        assert_eq!(store.case_of_story(story(n)).await.unwrap().unwrap().id, c);
        assert_eq!(store.cases_of_stories(&[story(n)]).await.unwrap()[&story(n)].id, c);
    }
    let mut held = store.case_stories(c).await.unwrap();
    held.sort_unstable();
    let mut expected = vec![story(0), story(1), story(2)];
    expected.sort_unstable();
    assert_eq!(held, expected);
    assert_eq!(store.case_articles(&[c]).await.unwrap()[&c].len(), 3);
    // Taken up again, it is a case of its own.
    let case = read(a).await;
    store.append_event(a, case.version, &event(11, Action::Reopen)).await.unwrap();
    assert_eq!(store.case_of_story(story(0)).await.unwrap().unwrap().id, a);
    let (out, on) = (Action::MergedInto { case: c }, Action::Merge { case: a, n_articles: 1, n_outlets: 1 });
    let (out, on) = (event(12, out), event(12, on));
    let stale = store.merge_cases((&case, &out), (&merged, &on), None).await;
    assert!(matches!(stale, Err(StoreError::Conflict { .. })), "{stale:?}");
    assert_eq!(read(c).await.version, 2, "nothing is half done");
}

async fn lists_and_the_log_are_read_page_by_page(store: Store, _: String) {
    for n in 1..=7 {
        let severity = if n % 2 == 0 { Severity::Red } else { Severity::Yellow };
        let case = store.open_case(&new_case(n, severity)).await.unwrap();
        let to = if n < 4 { "an" } else { "binh" };
        store.append_event(case, 1, &event(6, Action::Assign { to: to.to_owned() })).await.unwrap();
    }
    let whole = store.cases(&CaseFilter::default()).await.unwrap();
    let mut paged = Vec::new();
    let mut filter = CaseFilter { n_max: 3, ..CaseFilter::default() };
    loop {
        let page = store.cases(&filter).await.unwrap();
        let Some(last) = page.last() else { break };
        filter.behind = Some(CaseCursor::behind(last));
        paged.extend(page);
    }
    assert_eq!(paged, whole);
    let of = async |owner: &str, states| {
        let filter = CaseFilter { owner: Some(owner.to_owned()), states, ..CaseFilter::default() };
        store.cases(&filter).await.unwrap().len()
    };
    assert_eq!(of("an", CaseStates::Open).await, 3);
    assert_eq!(of("binh", CaseStates::All).await, 4);
    assert_eq!(of("binh", CaseStates::Only(CaseState::Closed)).await, 0);
    let of_unit = async |unit: &str, owner: Option<&str>, states| {
        let (unit, owner) = (Some(unit.to_owned()), owner.map(str::to_owned));
        let filter = CaseFilter { unit, owner, states, ..CaseFilter::default() };
        store.cases(&filter).await.unwrap().iter().map(|c| c.id).collect::<Vec<_>>()
    };
    let moved = whole.iter().find(|c| c.owner.as_deref() == Some("an")).unwrap();
    store.append_event(moved.id, 2, &event(7, Action::Acknowledge)).await.unwrap();
    store.append_event(moved.id, 3, &event(8, Action::Transfer { unit: "Sở A".to_owned() })).await.unwrap();
    for states in [CaseStates::Open, CaseStates::All, CaseStates::Only(CaseState::Transferred)] {
        assert_eq!(of_unit("Sở A", None, states).await, [moved.id], "{states:?}");
        assert_eq!(of_unit("Sở A", Some("an"), states).await, [moved.id], "{states:?}");
        assert!(of_unit("Sở A", Some("binh"), states).await.is_empty(), "{states:?}");
        assert!(of_unit("Sở B", None, states).await.is_empty(), "{states:?}");
    }
    let counts = store.open_cases().await.unwrap();
    assert_eq!(counts.iter().map(|(_, _, n)| n).sum::<u64>(), 7);

    let (mut log, mut behind) = (Vec::new(), None);
    loop {
        let page = store.case_log((at(0), at(99)), behind.as_ref(), 4).await.unwrap();
        let Some(last) = page.last() else { break };
        behind = Some(last.clone());
        log.extend(page);
    }
    assert_eq!(log.len(), 16);
    assert!(log.is_sorted_by_key(|e| std::cmp::Reverse((e.event.at, e.case, e.version))));
    assert_eq!(store.cases_ended(at(0), at(99)).await.unwrap().len(), 0);
    let ids: Vec<CaseId> = whole.iter().map(|c| c.id).collect();
    let events = store.case_events(&ids).await.unwrap();
    assert!(events.values().all(|e| e.len() >= 2 && matches!(e[0].action, Action::Open { .. })));
}
