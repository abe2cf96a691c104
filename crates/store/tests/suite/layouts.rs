//! What was read from pages, counted once for each article.

use diembao_store::{LayoutCount, NewArticle, Outcome, Poll, PollResult, Store};

use crate::backend::on_both;
use crate::samples::{article, at, channel, id, item};

on_both!(fields_are_counted_once, counts_are_forgotten, readings_come_last_first);

async fn counts(store: &Store) -> Vec<(LayoutCount, u64)> {
    let days = store.layouts_since(at(0).date_naive()).await.unwrap();
    assert!(days.iter().all(|d| d.outlet.as_str() == "song-lam" && d.day == at(0).date_naive()));
    days.into_iter().map(|d| (d.count, d.n)).filter(|(count, _)| *count != LayoutCount::BodyChars).collect()
}

async fn fields_are_counted_once(store: Store, _: String) {
    let bare = NewArticle { read: Some(Vec::new()), ..article(3) };
    let imported = NewArticle { read: None, ..article(4) };
    store.add_articles(&[article(1), article(1), bare, imported]).await.unwrap();
    store.add_articles(&[article(1), article(2)]).await.unwrap();
    let expect = [(LayoutCount::Authors, 2), (LayoutCount::Pages, 3), (LayoutCount::Title, 2)];
    assert_eq!(counts(&store).await, expect);
}

async fn counts_are_forgotten(store: Store, _: String) {
    store.add_articles(&[article(1)]).await.unwrap();
    store.forget_layouts(at(0).date_naive()).await.unwrap();
    assert_eq!(counts(&store).await.len(), 3);
    store.forget_layouts(at(0).date_naive().succ_opt().unwrap()).await.unwrap();
    assert!(counts(&store).await.is_empty());
}

async fn readings_come_last_first(store: Store, _: String) {
    let poll = Poll {
        channel: channel("song-lam/suc-khoe"),
        polled_at: at(0),
        next_poll: at(15),
        result: PollResult::Unchanged,
        etag: None,
        last_modified: None,
        problem: None,
        answer: None,
        skew: None,
    };
    store.record_poll(&poll, &[item(1), item(2), item(3)]).await.unwrap();
    store.finish_items(&[(id(1), Outcome::NotAnArticle, "too-short".to_owned())], at(1)).await.unwrap();
    store.finish_items(&[(id(2), Outcome::Gone, "404".to_owned())], at(2)).await.unwrap();
    store.finish_items(&[(id(3), Outcome::NotAnArticle, "listing".to_owned())], at(3)).await.unwrap();
    let readings = store.recent_readings(at(0)).await.unwrap();
    let reasons: Vec<&str> = readings.iter().map(|(_, _, reason)| reason.as_str()).collect();
    assert_eq!(reasons, ["listing", "too-short"]);
    assert_eq!(store.recent_readings(at(2)).await.unwrap().len(), 1);
}
