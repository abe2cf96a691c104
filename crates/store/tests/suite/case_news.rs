//! Closed cases that the press writes on about: a list of their own until somebody looks.

use diembao_desk::{Action, CaseEvent, DeskError, NewCase, PROGRAM, Spread};
use diembao_news::{CaseId, FlagKind, Severity, StoryId};
use diembao_store::{CaseCursor, CaseFilter, CaseStates, Store, StoreError};

use crate::backend::on_both;
use crate::samples::{at, id};

on_both!(news_of_a_closed_case_stands_until_somebody_looks, the_list_of_news_is_filtered_and_paged);

const UNIT: &str = "Sở Y tế tỉnh Song Lam";

async fn closed(store: &Store, n: usize, severity: Severity) -> CaseId {
    let new = NewCase {
        story: StoryId::beginning_with(id(n)),
        kind: FlagKind::Incident,
        severity,
        title: "Sập trần phòng khám, hai người bị thương".to_owned(),
        published: at(0),
        spread: Spread { n_articles: 2, n_outlets: 1 },
        opened_at: at(5),
        by: PROGRAM.to_owned(),
        note: String::new(),
    };
    let case = store.open_case(&new).await.unwrap();
    for action in [Action::Acknowledge, Action::Transfer { unit: UNIT.to_owned() }, Action::Close] {
        add(store, case, 6, action).await.unwrap();
    }
    case
}

async fn add(store: &Store, case: CaseId, minute: i64, action: Action) -> Result<(), StoreError> {
    let version = store.case(case).await?.unwrap().0.version;
    let event = CaseEvent { at: at(minute), actor: "lan".to_owned(), action, note: "đã có kết luận".to_owned() };
    store.append_event(case, version, &event).await.map(|_| ())
}

async fn with_news(store: &Store, filter: CaseFilter) -> Vec<CaseId> {
    let filter = CaseFilter { states: CaseStates::News, ..filter };
    store.cases(&filter).await.unwrap().iter().map(|c| c.id).collect()
}

async fn news_of_a_closed_case_stands_until_somebody_looks(store: Store, _: String) {
    let case = closed(&store, 1, Severity::Orange).await;
    let nothing = add(&store, case, 7, Action::Seen).await;
    assert!(matches!(nothing, Err(StoreError::Desk(DeskError::Illegal { .. }))), "{nothing:?}");
    for (round, end) in [Action::Seen, Action::Reopen].into_iter().enumerate() {
        let minute = 10 + 10 * i64::try_from(round).unwrap();
        add(&store, case, minute, Action::News { n_articles: 2 }).await.unwrap();
        add(&store, case, minute + 1, Action::News { n_articles: 1 }).await.unwrap();
        add(&store, case, minute + 2, Action::Note).await.unwrap();
        let (stored, _) = store.case(case).await.unwrap().unwrap();
        assert_eq!(stored.times.news, Some(at(minute)), "since the first that nobody has seen");
        assert_eq!(with_news(&store, CaseFilter::default()).await, [case]);
        add(&store, case, minute + 3, end).await.unwrap();
        assert_eq!(store.case(case).await.unwrap().unwrap().0.times.news, None);
        assert!(with_news(&store, CaseFilter::default()).await.is_empty());
    }
    assert!(add(&store, case, 40, Action::News { n_articles: 1 }).await.is_err(), "an open case is followed as it is");
}

async fn the_list_of_news_is_filtered_and_paged(store: Store, _: String) {
    let mut cases = Vec::new();
    for (n, severity) in [(1, Severity::Yellow), (2, Severity::Red), (3, Severity::Orange), (4, Severity::Red)] {
        cases.push(closed(&store, n, severity).await);
    }
    for case in &cases[..3] {
        add(&store, *case, 9, Action::News { n_articles: 1 }).await.unwrap();
    }
    assert_eq!(with_news(&store, CaseFilter::default()).await, [cases[1], cases[2], cases[0]], "the gravest first");
    let of = |unit: Option<&str>, owner: Option<&str>| CaseFilter {
        unit: unit.map(str::to_owned),
        owner: owner.map(str::to_owned),
        ..CaseFilter::default()
    };
    assert_eq!(with_news(&store, of(Some(UNIT), None)).await.len(), 3);
    assert_eq!(with_news(&store, of(None, Some("lan"))).await.len(), 3);
    assert_eq!(with_news(&store, of(Some("Sở khác"), Some("lan"))).await.len(), 0);
    assert_eq!(with_news(&store, of(Some(UNIT), Some("minh"))).await.len(), 0);
    assert_eq!(with_news(&store, CaseFilter { at_least: Severity::Orange, ..CaseFilter::default() }).await.len(), 2);
    let (first, _) = store.case(cases[1]).await.unwrap().unwrap();
    let next = CaseFilter { behind: Some(CaseCursor::behind(&first)), ..CaseFilter::default() };
    assert_eq!(with_news(&store, next).await, [cases[2], cases[0]]);
}
