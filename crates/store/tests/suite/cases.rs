//! Cases: one for each story, events only added, no update lost.

use diembao_desk::{Action, Alert, CaseEvent, CaseState, DeadlineStage, DismissReason, NewCase, Spread};
use diembao_news::{CaseId, DeliveryState, FlagKind, Severity, StoryId};
use diembao_store::{CaseFilter, CaseStates, Store, StoreError};

use crate::backend::on_both;
use crate::samples::{article, at, id};

on_both!(
    a_story_has_one_case,
    every_action_comes_back,
    two_officers_conflict,
    lists_are_filtered,
    many_writers_lose_nothing,
    cases_of_many_stories_are_two_questions,
    a_shift_is_signed_once,
    alerts_are_queued_once_and_withdrawn,
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

async fn every_action_comes_back(store: Store, _: String) {
    let case = store.open_case(&new_case(1, Severity::Yellow)).await.unwrap();
    let actions = [
        Action::Evidence { n_articles: 5, n_outlets: 3 },
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

async fn alerts_are_queued_once_and_withdrawn(store: Store, _: String) {
    let case = store.open_case(&new_case(1, Severity::Red)).await.unwrap();
    let alert = |rung: usize, to: &str| Alert { case, version: 1, rung, to: to.to_owned(), due: at(5) };
    let first = [alert(0, "truc@example.vn"), alert(0, "https://webhook.example.vn/")];
    assert_eq!(store.queue_alerts(&first, at(5)).await.unwrap(), 2);
    let more = [first[0].clone(), first[1].clone(), alert(1, "pho@example.vn")];
    assert_eq!(store.queue_alerts(&more, at(6)).await.unwrap(), 1, "the others are queued already");
    let due = store.due_alerts(at(6), 10).await.unwrap();
    assert_eq!(due.len(), 3);
    assert!(store.mark_alert_sending(&due[0], at(6)).await.unwrap());
    assert!(!store.mark_alert_sending(&due[0], at(6)).await.unwrap());
    store.record_alert_reply(&due[0].alert, (DeliveryState::Sent, "200"), None, at(6)).await.unwrap();
    assert!(store.mark_alert_sending(&due[1], at(6)).await.unwrap());
    store.record_alert_reply(&due[1].alert, (DeliveryState::Deferred, "503"), Some(at(9)), at(6)).await.unwrap();
    assert_eq!(store.due_alerts(at(8), 10).await.unwrap().len(), 1);
    assert_eq!(store.withdraw_alerts(case).await.unwrap(), 1, "only what nobody was told");
    let all = store.alerts(case).await.unwrap();
    assert_eq!(all.len(), 2);
    let sent = all.iter().find(|q| q.state == DeliveryState::Sent).unwrap();
    assert_eq!((sent.attempts, sent.last_reply.as_deref(), &sent.alert), (1, Some("200"), &due[0].alert));
    assert_eq!(store.queue_alerts(&first, at(9)).await.unwrap(), 0, "what was sent is not sent again");
}
