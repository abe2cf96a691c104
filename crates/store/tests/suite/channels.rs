//! Channels and items: nothing doubled, every item with one outcome.

use chrono::NaiveDate;
use diembao_store::{NewItems, Outcome, Poll, PollResult, Store};

use crate::backend::on_both;
use crate::samples::{article, at, channel, id, item};

on_both!(
    a_poll_records_state_and_new_items,
    failures_weigh_once_and_a_success_forgets_them,
    items_end_in_exactly_one_outcome,
    an_item_of_a_stored_article_ends_as_duplicate,
    retried_items_wait,
    hostile_text_is_kept_or_cleaned,
);

fn poll(minute: i64, result: PollResult) -> Poll {
    Poll {
        channel: channel("song-lam/suc-khoe"),
        polled_at: at(minute),
        next_poll: at(minute + 15),
        result,
        etag: Some(format!("\"{minute}\"")),
        last_modified: None,
        problem: None,
        answer: None,
        skew: None,
    }
}

fn changed(minute: i64) -> Poll {
    poll(minute, PollResult::Changed { body_hash: format!("h{minute}") })
}

async fn a_poll_records_state_and_new_items(store: Store, _: String) {
    let first = changed(0);
    let items: Vec<_> = [1, 2, 2, 3].map(item).to_vec();
    assert_eq!(store.record_poll(&first, &items).await.unwrap(), NewItems { n_new: 3 });
    assert_eq!(store.record_poll(&first, &items).await.unwrap(), NewItems { n_new: 0 }, "again");
    let second = Poll { channel: channel("song-lam/tin-moi"), ..changed(5) };
    assert_eq!(store.record_poll(&second, &[item(3), item(4)]).await.unwrap().n_new, 1);

    let states = store.channel_states().await.unwrap();
    assert_eq!(states.len(), 2);
    assert_eq!(states[0].etag.as_deref(), Some("\"0\""));
    assert_eq!(states[0].body_hash.as_deref(), Some("h0"));
    assert_eq!((states[0].next_poll, states[0].last_poll), (Some(at(15)), Some(at(0))));
    assert_eq!((states[0].last_new_item, states[0].n_items_total), (Some(at(0)), 3));

    let unchanged = Poll { etag: None, problem: Some("empty feed".to_owned()), ..poll(20, PollResult::Unchanged) };
    store.record_poll(&unchanged, &[]).await.unwrap();
    let state = &store.channel_states().await.unwrap()[0];
    assert_eq!(state.etag.as_deref(), Some("\"0\""), "a 304 keeps the validators");
    assert_eq!(state.body_hash.as_deref(), Some("h0"));
    assert_eq!(state.last_problem.as_deref(), Some("empty feed"));
    assert_eq!(state.last_new_item, Some(at(0)));

    let day = NaiveDate::from_ymd_opt(2026, 11, 21).unwrap();
    let per_day = store.items_per_day(&channel("song-lam/suc-khoe"), day).await.unwrap();
    assert_eq!(per_day, [(day, 3)]);
    assert!(store.items_per_day(&channel("song-lam/suc-khoe"), day.succ_opt().unwrap()).await.unwrap().is_empty());
}

async fn failures_weigh_once_and_a_success_forgets_them(store: Store, _: String) {
    let failed = |minute, weight| poll(minute, PollResult::Failed { weight, problem: "HTTP 503".to_owned() });
    store.record_poll(&failed(0, 0.25), &[]).await.unwrap();
    store.record_poll(&failed(0, 0.25), &[]).await.unwrap();
    store.record_poll(&failed(1, 1.0), &[]).await.unwrap();
    let state = &store.channel_states().await.unwrap()[0];
    assert!((state.failures - 1.25).abs() < 1e-9, "{}", state.failures);
    assert_eq!(state.last_problem.as_deref(), Some("HTTP 503"));
    assert_eq!(state.last_success, None);
    store.record_poll(&changed(2), &[]).await.unwrap();
    let state = &store.channel_states().await.unwrap()[0];
    assert!(state.failures.abs() < 1e-9);
    assert_eq!(state.last_problem, None);
}

async fn items_end_in_exactly_one_outcome(store: Store, _: String) {
    let items: Vec<_> = (0..150).map(item).collect();
    store.record_poll(&changed(0), &items).await.unwrap();
    assert_eq!(store.pending_items(at(-1), 10).await.unwrap().len(), 10, "due even after a clock is set back");
    assert_eq!(store.pending_items(at(0), 10).await.unwrap().len(), 10);
    assert_eq!(store.unfinished_items().await.unwrap(), 150);

    let gone: Vec<_> = (0..100).map(|n| (id(n), Outcome::Gone, "HTTP 410".to_owned())).collect();
    store.finish_items(&gone, at(1)).await.unwrap();
    store.finish_items(&[(id(0), Outcome::Failed, "late".to_owned())], at(2)).await.unwrap();
    store.add_articles(&[article(120), article(120)]).await.unwrap();
    store.add_articles(&[article(120)]).await.unwrap();
    assert_eq!(store.unfinished_items().await.unwrap(), 49);
    let counts = store.outcome_counts(at(0)).await.unwrap();
    assert_eq!(counts, [(Outcome::Article, 1), (Outcome::Gone, 100)]);
    assert!(store.outcome_counts(at(1000)).await.unwrap().is_empty());
    assert!(store.record_poll(&changed(3), &items).await.unwrap().n_new == 0, "finished items stay finished");
}

async fn an_item_of_a_stored_article_ends_as_duplicate(store: Store, _: String) {
    let mut imported = article(7);
    imported.item = None;
    store.add_articles(&[imported]).await.unwrap();
    assert_eq!(store.record_poll(&changed(0), &[item(7), item(8)]).await.unwrap().n_new, 2);
    assert_eq!(store.outcome_counts(at(0)).await.unwrap(), [(Outcome::Duplicate, 1)]);
    assert_eq!(store.pending_items(at(0), 10).await.unwrap()[0].id, id(8));
}

async fn retried_items_wait(store: Store, _: String) {
    store.record_poll(&changed(0), &[item(1)]).await.unwrap();
    store.retry_item(id(1), at(30), "HTTP 503").await.unwrap();
    store.retry_item(id(1), at(30), "HTTP 503").await.unwrap();
    assert!(store.pending_items(at(29), 10).await.unwrap().is_empty());
    let pending = store.pending_items(at(30), 10).await.unwrap();
    assert_eq!((pending[0].attempts, pending[0].first_seen), (1, at(0)));
    assert_eq!(pending[0].item.title, item(1).title);
    assert_eq!(pending[0].item.published, Some(at(0)));
}

async fn hostile_text_is_kept_or_cleaned(store: Store, _: String) {
    let mut odd = item(1);
    odd.title = "'); DROP TABLE items; -- \u{0}\u{202e}🏥".to_owned();
    store.record_poll(&changed(0), &[odd]).await.unwrap();
    let pending = store.pending_items(at(0), 10).await.unwrap();
    assert_eq!(pending[0].item.title, "'); DROP TABLE items; -- \u{202e}🏥");
}
