//! Rhythms, and texts that were extracted anew.

use diembao_news::{FlagKind, Severity, StoryId};
use diembao_store::{Poll, PollResult, Store};

use crate::backend::on_both;
use crate::samples::{article, at, channel, classification, id, item};

on_both!(items_have_a_rhythm, days_are_those_of_viet_nam, a_replaced_text_is_judged_anew);

async fn items_have_a_rhythm(store: Store, _: String) {
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
    let undated = diembao_news::Item { published: None, ..item(2) };
    store.record_poll(&poll, &[item(1)]).await.unwrap();
    store.record_poll(&Poll { polled_at: at(5), ..poll.clone() }, &[undated]).await.unwrap();
    assert_eq!(store.recent_item_times(&poll.channel, at(0)).await.unwrap(), [at(5), at(0)]);
    assert_eq!(store.recent_item_times(&poll.channel, at(5)).await.unwrap(), [at(5)]);
}

async fn days_are_those_of_viet_nam(store: Store, _: String) {
    // The samples begin at 6:00 on the 21st in Việt Nam: minus seven hours is the evening of the 20th.
    let mut evening = article(1);
    evening.article.times.published = at(-7 * 60);
    store.add_articles(&[evening, article(2), article(3)]).await.unwrap();
    let given = [1, 2, 3].map(|n| (id(n), classification("v1", Severity::Red)));
    store.save_classifications(&given).await.unwrap();
    assert_eq!(given[0].1.flags[0].kind, FlagKind::Incident);
    let story = StoryId::beginning_with(id(2));
    store.save_stories(&[(id(2), story), (id(3), story)], at(9)).await.unwrap();
    let days = store.health_per_day(at(-1000), at(1000)).await.unwrap();
    let shown: Vec<_> = days.iter().map(|d| (d.day.to_string(), d.n_health, d.n_incidents)).collect();
    assert_eq!(shown, [("2026-11-20".to_owned(), 1, 1), ("2026-11-21".to_owned(), 2, 1)]);
}

async fn a_replaced_text_is_judged_anew(store: Store, _: String) {
    store.add_articles(&[article(1)]).await.unwrap();
    store.save_classifications(&[(id(1), classification("v1", Severity::Red))]).await.unwrap();
    store.save_stories(&[(id(1), StoryId::beginning_with(id(1)))], at(9)).await.unwrap();
    let mut better = article(1).article;
    better.text.body = "Toàn văn".to_owned();
    store.replace_text(&better).await.unwrap();
    let stored = store.article(id(1)).await.unwrap().unwrap();
    assert_eq!(stored.article.text.body, "Toàn văn");
    assert!(stored.classification.is_none());
    assert_eq!(store.unclassified(9).await.unwrap().len(), 1);
    assert_eq!(store.waiting_for_story().await.unwrap().len(), 1);
}
