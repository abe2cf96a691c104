//! Rhythms, and texts that were extracted anew.

use diembao_news::{FlagKind, Severity, StoryId};
use diembao_store::{ItemCounts, Poll, PollResult, Store};

use crate::backend::on_both;
use crate::samples::{article, at, channel, classification, id, item};

on_both!(
    items_have_a_rhythm,
    counts_are_what_each_channel_brought,
    days_are_those_of_viet_nam,
    a_replaced_text_is_judged_anew
);

fn unchanged() -> Poll {
    Poll {
        channel: channel("song-lam/suc-khoe"),
        polled_at: at(0),
        next_poll: at(15),
        result: PollResult::Unchanged,
        etag: None,
        last_modified: None,
        problem: None,
        answer: None,
        skew: None,
    }
}

async fn items_have_a_rhythm(store: Store, _: String) {
    let poll = unchanged();
    let undated = diembao_news::Item { published: None, ..item(2) };
    store.record_poll(&poll, &[item(1)]).await.unwrap();
    store.record_poll(&Poll { polled_at: at(5), ..poll.clone() }, &[undated]).await.unwrap();
    assert_eq!(store.recent_item_times(&poll.channel, at(0)).await.unwrap(), [at(5), at(0)]);
    assert_eq!(store.recent_item_times(&poll.channel, at(5)).await.unwrap(), [at(5)]);
}

/// The one question for all channels says what asking each for its items would.
async fn counts_are_what_each_channel_brought(store: Store, _: String) {
    let (from, middle, to) = (at(-28 * 1440), at(-1440), at(0));
    let names = ["song-lam/suc-khoe", "song-lam/tin-moi", "tuyen-dau/rss", "im-lang/rss"];
    for (c, name) in names.into_iter().enumerate() {
        // The first channel is older than what is looked at, each other began ten days after the one before it.
        let first = at(-40 * 1440 + i64::try_from(c).unwrap() * 14_400);
        for k in 0..60_i64 {
            let polled_at = first + chrono::TimeDelta::hours(17 * k);
            let n = c * 1000 + usize::try_from(k).unwrap() * 3;
            let dated = |n: usize, hours: i64| diembao_news::Item {
                channel: channel(name),
                published: Some(polled_at - chrono::TimeDelta::hours(hours)),
                ..item(n)
            };
            let undated = diembao_news::Item { published: None, ..dated(n + 2, 0) };
            // One from an archive, one that claims to be from tomorrow.
            let given = [dated(n, 30), dated(n + 1, -24), undated];
            let brings = polled_at <= to && name != "im-lang/rss";
            let poll = Poll { channel: channel(name), polled_at, next_poll: polled_at, ..unchanged() };
            store.record_poll(&poll, if brings { &given } else { &[] }).await.unwrap();
        }
    }
    let counts = store.item_counts(from, middle, to).await.unwrap();
    let states = store.channel_states().await.unwrap();
    assert_eq!(states.len(), names.len());
    for state in states {
        let times = store.recent_item_times(&state.id, from).await.unwrap();
        let since = state.conduct.first_poll.unwrap().max(from);
        let n = |after, until| times.iter().filter(|t| **t > after && **t <= until).count() as u64;
        let expected = ItemCounts { n_before: n(since, middle), n_lately: n(middle, to) };
        assert_eq!(counts.get(&state.id).copied().unwrap_or_default(), expected, "{}", state.id);
        assert_eq!(expected == ItemCounts::default(), state.id.as_str() == "im-lang/rss");
    }
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
