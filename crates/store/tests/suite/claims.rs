//! Several workers: nothing is claimed twice, what a dead one had comes back, turns are kept; and pages watched.

use std::collections::HashSet;

use chrono::TimeDelta;
use diembao_news::{ArticleText, Severity};
use diembao_store::{Change, Claim, HostRequest, HostTurn, Look, Outcome, Poll, PollResult, Reading, Store};

use crate::backend::on_both;
use crate::samples::{article, at, channel, classification, id, item};

on_both!(
    channels_are_claimed_once_and_come_back,
    workers_at_once_share_without_overlap,
    items_are_claimed_once_and_come_back,
    turns_at_a_host_follow_each_other,
    no_more_are_open_at_a_host_than_may_be,
    conduct_is_counted,
    flagged_pages_are_watched_and_their_versions_kept,
    an_item_that_was_no_article_can_become_one,
);

fn claim(holder: &str, minute: i64) -> Claim<'_> {
    Claim { holder, now: at(minute), lease: TimeDelta::minutes(2) }
}

fn poll(name: &str, minute: i64, result: PollResult, answer: Option<&'static str>) -> Poll {
    Poll {
        channel: channel(name),
        polled_at: at(minute),
        next_poll: at(minute + 15),
        result,
        etag: None,
        last_modified: None,
        problem: None,
        answer,
        skew: None,
    }
}

fn changed(hash: &str) -> PollResult {
    PollResult::Changed { body_hash: hash.to_owned() }
}

async fn ids(store: &Store, claim: &Claim<'_>, n: usize) -> Vec<String> {
    let claimed = store.claim_channels(claim, at(0), n).await.unwrap();
    claimed.into_iter().map(|state| state.id.to_string()).collect()
}

async fn channels_are_claimed_once_and_come_back(store: Store, _: String) {
    let (a, b, c) = (channel("a/x"), channel("b/x"), channel("c/x"));
    store.set_polled(&[&a, &b, &c]).await.unwrap();
    assert!(store.channel_states().await.unwrap().is_empty(), "none was ever polled");
    assert_eq!(ids(&store, &claim("p1", 0), 2).await, ["a/x", "b/x"]);
    assert_eq!(ids(&store, &claim("p2", 0), 9).await, ["c/x"]);
    assert!(ids(&store, &claim("p1", 1), 9).await.is_empty(), "not even its own twice");
    assert!(store.channels_elsewhere(&claim("p2", 1), at(0)).await.unwrap());
    store.record_poll(&poll("a/x", 1, changed("h"), Some("items")), &[]).await.unwrap();
    store.renew_claims(&claim("p2", 1)).await.unwrap();
    assert_eq!(ids(&store, &claim("p2", 2), 9).await, ["b/x"], "p1 is dead; what it has read stays read");
    store.give_back_claims("p2").await.unwrap();
    assert_eq!(ids(&store, &claim("p3", 2), 9).await, ["b/x", "c/x"]);
    store.set_polled(&[&a]).await.unwrap();
    store.give_back_claims("p3").await.unwrap();
    assert!(ids(&store, &claim("p3", 2), 9).await.is_empty(), "others are no longer polled");
    assert!(!store.channels_elsewhere(&claim("p1", 2), at(0)).await.unwrap());
}

async fn workers_at_once_share_without_overlap(store: Store, _: String) {
    let channels: Vec<_> = (0..60).map(|n| channel(&format!("bao-{n}/x"))).collect();
    store.set_polled(&channels.iter().collect::<Vec<_>>()).await.unwrap();
    let mut tasks = tokio::task::JoinSet::new();
    for worker in 0..6 {
        let store = store.clone();
        tasks.spawn(async move {
            let name = format!("p{worker}");
            let mut mine = Vec::new();
            loop {
                let claimed = ids(&store, &claim(&name, 0), 3).await;
                if claimed.is_empty() {
                    return mine;
                }
                mine.extend(claimed);
            }
        });
    }
    let all: Vec<String> = tasks.join_all().await.into_iter().flatten().collect();
    let different: HashSet<&String> = all.iter().collect();
    assert_eq!(all.len(), different.len(), "claimed twice");
    // A worker may pass over a row another is just claiming; nothing is lost by it.
    let rest = ids(&store, &claim("last", 0), 100).await.len();
    assert_eq!(all.len() + rest, 60);
}

async fn items_are_claimed_once_and_come_back(store: Store, _: String) {
    let first = poll("song-lam/suc-khoe", 0, changed("h"), Some("items"));
    store.record_poll(&first, &[item(1), item(2), item(3)]).await.unwrap();
    let mine = store.claim_items(&claim("p1", 0), 2).await.unwrap();
    assert_eq!(mine.len(), 2);
    assert_eq!(store.claim_items(&claim("p2", 0), 9).await.unwrap().len(), 1);
    assert!(store.items_elsewhere(&claim("p2", 1)).await.unwrap());
    store.finish_items(&[(mine[0].id, Outcome::Gone, String::new())], at(1)).await.unwrap();
    store.put_off_item(mine[1].id, at(1), "its host wants to be left alone").await.unwrap();
    let again = store.claim_items(&claim("p2", 1), 9).await.unwrap();
    assert_eq!(again.iter().map(|i| (i.id, i.attempts)).collect::<Vec<_>>(), [(mine[1].id, 0)]);
    assert_eq!(store.claim_items(&claim("p3", 4), 9).await.unwrap().len(), 2, "p2 is dead");
}

fn ask<'a>(host: &'a str, ticket: &'a str, minute: i64) -> HostRequest<'a> {
    HostRequest {
        host,
        ticket,
        interval: TimeDelta::seconds(2),
        n_open: 100,
        now: at(minute),
        lease: TimeDelta::minutes(1),
    }
}

async fn turns_at_a_host_follow_each_other(store: Store, _: String) {
    let start = |n: i32| HostTurn::Start(at(0) + TimeDelta::seconds(2) * n);
    let take = async |host, ticket, minute| store.take_turn(&ask(host, ticket, minute)).await.unwrap();
    for (n, ticket) in [(0, "a"), (1, "b"), (2, "c")] {
        assert_eq!(take("bao.vn", ticket, 0).await, start(n));
    }
    assert_eq!(take("khac.vn", "a", 0).await, HostTurn::Start(at(0)));
    assert_eq!(take("bao.vn", "d", 1).await, HostTurn::Start(at(1)), "turns that were not taken are past");
    let early = -60 * 24;
    assert_eq!(take("bao.vn", "e", early).await, HostTurn::Start(at(early)), "a clock that was wrong");
    let mut tasks = tokio::task::JoinSet::new();
    for n in 0..8 {
        let store = store.clone();
        tasks.spawn(async move {
            loop {
                // Two that begin at once may find the same place free; one asks again.
                match store.take_turn(&ask("cung-luc.vn", &n.to_string(), 0)).await.unwrap() {
                    HostTurn::Start(at) => return at,
                    _ => tokio::task::yield_now().await,
                }
            }
        });
    }
    let mut starts = tasks.join_all().await;
    starts.sort();
    assert_eq!(starts.into_iter().map(HostTurn::Start).collect::<Vec<_>>(), (0..8).map(start).collect::<Vec<_>>());
}

async fn no_more_are_open_at_a_host_than_may_be(store: Store, _: String) {
    let take = async |ticket, minute| {
        let ask = HostRequest { n_open: 2, interval: TimeDelta::zero(), ..ask("bao.vn", ticket, minute) };
        store.take_turn(&ask).await.unwrap()
    };
    assert_eq!(take("a", 0).await, HostTurn::Start(at(0)));
    assert_eq!(take("b", 0).await, HostTurn::Start(at(0)));
    assert_eq!(take("c", 0).await, HostTurn::Busy);
    store.end_turn("bao.vn", "a").await.unwrap();
    assert_eq!(take("c", 0).await, HostTurn::Start(at(0)));
    assert_eq!(take("d", 0).await, HostTurn::Busy);
    assert_eq!(take("d", 2).await, HostTurn::Start(at(2)), "the two before it are dead");
    assert_eq!(take("p1/0", 2).await, HostTurn::Start(at(2)));
    assert_eq!(take("e", 2).await, HostTurn::Busy);
    store.give_back_claims("p").await.unwrap();
    assert_eq!(take("e", 2).await, HostTurn::Busy, "p is not p1");
    store.give_back_claims("p1").await.unwrap();
    assert_eq!(take("e", 2).await, HostTurn::Start(at(2)), "p1 begins anew");
    store.hold_host("bao.vn", at(2), at(30)).await.unwrap();
    assert_eq!(take("e", 29).await, HostTurn::Held(at(30)));
    assert_eq!(take("e", 30).await, HostTurn::Start(at(30)));
    store.hold_host("bao.vn", at(30), at(60 * 24 * 9)).await.unwrap();
    assert_eq!(take("f", 40).await, HostTurn::Start(at(40)), "a clock that was wrong");
}

async fn conduct_is_counted(store: Store, _: String) {
    let empty = |minute| poll("a/x", minute, changed(&minute.to_string()), Some("empty"));
    for minute in [0, 0, 5] {
        store.record_poll(&empty(minute), &[]).await.unwrap();
    }
    store.record_poll(&poll("a/x", 10, PollResult::Unchanged, None), &[]).await.unwrap();
    let conduct = async || store.channel_states().await.unwrap().remove(0).conduct;
    let now = conduct().await;
    assert_eq!((now.first_poll, now.answer.as_deref(), now.n_empty), (Some(at(0)), Some("empty"), 3));
    let failed = PollResult::Failed { weight: 1.0, problem: "HTML".to_owned() };
    store.record_poll(&poll("a/x", 15, failed, Some("html")), &[]).await.unwrap();
    assert_eq!(conduct().await.answer.as_deref(), Some("html"));
    let good = Poll { skew: Some(TimeDelta::hours(7)), ..poll("a/x", 20, changed("z"), Some("items")) };
    store.record_poll(&good, &[]).await.unwrap();
    let now = conduct().await;
    assert_eq!((now.answer.as_deref(), now.n_empty, now.skew), (Some("items"), 0, Some(TimeDelta::hours(7))));
    for reading in [Reading::Misses(2), Reading::Misses(1)] {
        store.record_reading(&[(channel("a/x"), reading)]).await.unwrap();
    }
    assert_eq!(conduct().await.n_misses, 3);
    store.record_reading(&[(channel("a/x"), Reading::Text { then_misses: 1 })]).await.unwrap();
    assert_eq!(conduct().await.n_misses, 1);
}

async fn flagged_pages_are_watched_and_their_versions_kept(store: Store, _: String) {
    store.add_articles(&[article(1), article(2)]).await.unwrap();
    store.save_classifications(&[(id(1), classification("r1", Severity::Orange))]).await.unwrap();
    assert_eq!(store.watch_flagged(at(-60)).await.unwrap(), 1, "only the flagged one");
    assert_eq!(store.watch_flagged(at(-60)).await.unwrap(), 0, "once");
    let seen = article(1).article.times.first_seen;
    assert!(store.claim_watches(seen, at(60), 9).await.unwrap().is_empty(), "not before its time");
    let due = seen + TimeDelta::minutes(15);
    let watches = store.claim_watches(due, at(60), 9).await.unwrap();
    assert_eq!(watches.iter().map(|w| (w.article, w.first_seen)).collect::<Vec<_>>(), [(id(1), seen)]);
    assert!(store.claim_watches(due, at(60), 9).await.unwrap().is_empty(), "another worker has it");
    let text = ArticleText { title: "Đính chính".to_owned(), ..article(1).article.text };
    let look = |at, change, next| Look {
        article: id(1),
        at,
        next,
        etag: Some("\"2\"".to_owned()),
        last_modified: None,
        body_hash: Some("h".to_owned()),
        change,
    };
    let first = look(due, Some(Change::Text(text.clone())), Some(at(100)));
    store.record_look(&first).await.unwrap();
    store.record_look(&first).await.unwrap();
    store.record_look(&look(at(100), Some(Change::Gone("status 404".to_owned())), None)).await.unwrap();
    let versions = store.versions(id(1)).await.unwrap();
    let changes: Vec<&Change> = versions.iter().map(|v| &v.change).collect();
    let original = Change::Text(article(1).article.text);
    assert_eq!(changes, [&original, &Change::Text(text), &Change::Gone("status 404".to_owned())]);
    assert_eq!((versions[0].seen_at, versions[2].seen_at), (seen, at(100)));
    assert!(store.claim_watches(at(100_000), at(100_001), 9).await.unwrap().is_empty(), "the last look is over");
}

async fn an_item_that_was_no_article_can_become_one(store: Store, _: String) {
    let first = poll("song-lam/suc-khoe", 0, changed("h"), Some("items"));
    store.record_poll(&first, &[item(1), item(2)]).await.unwrap();
    let ended = [(id(1), Outcome::NotAnArticle, "gallery".to_owned()), (id(2), Outcome::Gone, String::new())];
    store.finish_items(&ended, at(1)).await.unwrap();
    let found = store.items_not_articles(at(0)).await.unwrap();
    assert_eq!(found.iter().map(|i| i.id).collect::<Vec<_>>(), [id(1)]);
    assert!(store.items_not_articles(at(2)).await.unwrap().is_empty());
    store.reopen_item(id(1)).await.unwrap();
    store.reopen_item(id(2)).await.unwrap();
    assert_eq!(store.unfinished_items().await.unwrap(), 1);
}
