//! How fast the store takes articles in and gives them back:
//! `cargo run --release -p diembao-store --example bulk [ADDRESS] [N]`
//!
//! Without an address a SQLite file in a temporary folder is used. Each stage of the pipeline
//! is run in batches of 100 over N made-up articles with pages of about 80 KB.

#![expect(clippy::unwrap_used, reason = "a measurement that fails has nothing to say")]

use std::time::{Duration, Instant};

use chrono::{DateTime, TimeDelta, Utc};
use diembao_news::{
    Article, ArticleId, ArticleText, ArticleTimes, CanonicalUrl, ChannelId, Classification, Evidence, Field, Flag,
    FlagKind, Item, OutletId, Severity, StoryId, TimeSource, TopicMatch,
};
use diembao_store::{NewArticle, Page, Poll, PollResult, Store, StoreOptions, Which};

const BATCH: usize = 100;
const SENTENCE: &str = "Theo báo cáo nhanh của bệnh viện, bệnh nhân được chuyển đến lúc rạng sáng. ";

fn start() -> DateTime<Utc> {
    "2026-11-20T23:00:00Z".parse().unwrap()
}

fn url(n: usize) -> CanonicalUrl {
    CanonicalUrl::parse(&format!("https://bao{}.example.vn/suc-khoe/bai-so-{n}.html", n % 40)).unwrap()
}

fn item(n: usize) -> Item {
    Item {
        channel: ChannelId::parse(&format!("bao{}/moi", n / BATCH % 40)).unwrap(),
        url: url(n),
        title: format!("Bệnh viện tuyến tỉnh tiếp nhận ca bệnh thứ {n}"),
        summary: SENTENCE.to_owned(),
        published: Some(start()),
    }
}

/// Markup repeats, text does not: a page shrinks to about a sixth, as real ones do.
fn html(n: usize) -> Vec<u8> {
    let mut seed = n as u64 + 1;
    let mut out = String::with_capacity(82_000);
    while out.len() < 80_000 {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        let word = format!("{:x}", seed >> 24);
        out.push_str("<div class=\"item-news item-news-common\"><a href=\"/suc-khoe/");
        out.push_str(&word);
        out.push_str(".html\" title=\"\">Bệnh viện tiếp nhận</a></div>\n");
    }
    out.into_bytes()
}

fn article(n: usize, page: &[u8]) -> NewArticle {
    let published = start() + TimeDelta::seconds(i64::try_from(n).unwrap());
    NewArticle {
        article: Article {
            id: ArticleId::of_url(&url(n)),
            reference: None,
            outlet: OutletId::parse(&format!("bao{}", n % 40)).unwrap(),
            url: Some(url(n)),
            text: ArticleText { title: item(n).title, lead: SENTENCE.repeat(2), body: SENTENCE.repeat(35) },
            authors: vec!["Minh Hà".to_owned()],
            times: ArticleTimes {
                published,
                published_source: TimeSource::Page,
                modified: None,
                first_seen: published,
            },
            image: Some("https://anh.example.vn/1.jpg".to_owned()),
            section: Some("Sức khỏe".to_owned()),
            lang: "vi".to_owned(),
        },
        item: Some(ArticleId::of_url(&url(n))),
        page: Some(Page {
            url: url(n).as_str().to_owned(),
            fetched_at: published,
            status: 200,
            content_type: Some("text/html".to_owned()),
            body: page.to_vec(),
        }),
        read: Some(vec![diembao_store::LayoutCount::Title]),
    }
}

/// One article in three is health news with two topics, one in fifteen is flagged.
fn classification(n: usize) -> Classification {
    let evidence: Vec<Evidence> = (0..4)
        .map(|i| Evidence {
            field: Field::Body,
            start: i * 50,
            end: i * 50 + 12,
            text: "bệnh viện".to_owned(),
            group: "setting".to_owned(),
            weight: 1.0,
        })
        .collect();
    let topic = |id: &str| TopicMatch { id: id.to_owned(), score: 3.5, evidence: evidence.clone() };
    let flag = Flag {
        rule: "tu-vong".to_owned(),
        kind: FlagKind::Incident,
        severity: Severity::Orange,
        stance: None,
        score: 4.0,
        evidence: evidence.clone(),
    };
    let health = n.is_multiple_of(3);
    Classification {
        health,
        health_score: 5.0,
        topics: if health { vec![topic("kham-chua-benh"), topic("duoc-my-pham")] } else { Vec::new() },
        flags: if n.is_multiple_of(15) { vec![flag] } else { Vec::new() },
        rules_version: "v1".to_owned(),
    }
}

/// The processor time of this process so far.
fn cpu() -> Duration {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or("").split_whitespace().collect();
    let ticks: u64 = [11, 12].iter().filter_map(|&i| fields.get(i)?.parse::<u64>().ok()).sum();
    Duration::from_millis(ticks * 10)
}

#[expect(clippy::cast_precision_loss, reason = "figures for the eye")]
fn report(stage: &str, n: usize, (wall, used): (Instant, Duration)) {
    let (wall, used) = (wall.elapsed().as_secs_f64(), (cpu() - used).as_secs_f64());
    println!("{stage:<24} {:>9.0} articles/s {:>7.3} ms CPU an article", n as f64 / wall, used * 1000.0 / n as f64);
}

#[tokio::main]
async fn main() {
    let mut args = std::env::args().skip(1);
    let folder = tempfile::tempdir().unwrap();
    let address = args.next().unwrap_or_else(|| format!("sqlite:{}/bulk.db", folder.path().display()));
    let n: usize = args.next().and_then(|n| n.parse().ok()).unwrap_or(10_000);
    let store = Store::open(&address, &StoreOptions::default()).await.unwrap();
    println!("{n} articles in {}", store.place());
    let total = (Instant::now(), cpu());
    write(&store, n).await;
    read(&store, n).await;
    report("all stages", n, total);
    println!("{:?}", store.counts().await.unwrap());
    store.close().await;
}

async fn write(store: &Store, n: usize) {
    let now = start() + TimeDelta::days(1);
    let pages: Vec<Vec<u8>> = (0..50).map(html).collect();
    let mark = (Instant::now(), cpu());
    for b in (0..n).step_by(BATCH) {
        let items: Vec<Item> = (b..b + BATCH).map(item).collect();
        let poll = Poll {
            channel: items[0].channel.clone(),
            polled_at: start() + TimeDelta::seconds(i64::try_from(b).unwrap()),
            next_poll: now,
            result: PollResult::Changed { body_hash: b.to_string() },
            etag: None,
            last_modified: None,
            problem: None,
            answer: None,
            skew: None,
        };
        store.record_poll(&poll, &items).await.unwrap();
    }
    report("record_poll", n, mark);
    let mark = (Instant::now(), cpu());
    for b in (0..n).step_by(BATCH) {
        let batch: Vec<NewArticle> = (b..b + BATCH).map(|i| article(i, &pages[i % 50])).collect();
        store.add_articles(&batch).await.unwrap();
    }
    report("add_articles", n, mark);
    let mark = (Instant::now(), cpu());
    loop {
        let waiting = store.unclassified(BATCH).await.unwrap();
        if waiting.is_empty() {
            break;
        }
        let given: Vec<_> = waiting.iter().enumerate().map(|(i, a)| (a.id, classification(i))).collect();
        store.save_classifications(&given).await.unwrap();
    }
    report("classify", n, mark);
    let mark = (Instant::now(), cpu());
    let rows = store.waiting_for_story().await.unwrap();
    let first: Vec<ArticleId> = rows.chunks(4).map(|c| c[0].id).collect();
    let given: Vec<_> = rows.iter().enumerate().map(|(i, r)| (r.id, StoryId::beginning_with(first[i / 4]))).collect();
    store.save_stories(&given, now).await.unwrap();
    report("group", n, mark);
}

async fn read(store: &Store, n: usize) {
    let mark = (Instant::now(), cpu());
    loop {
        let batch = store.index_batch(BATCH).await.unwrap();
        if batch.is_empty() {
            break;
        }
        store.mark_indexed(&batch.iter().map(|(a, v)| (a.article.id, *v)).collect::<Vec<_>>()).await.unwrap();
    }
    report("index_batch, mark", n, mark);
    let mark = (Instant::now(), cpu());
    let stories = store.stories_between(start(), start() + TimeDelta::days(30), Which::Health).await.unwrap();
    report("stories_between", stories.iter().map(|s| s.articles.len()).sum(), mark);
    let mark = (Instant::now(), cpu());
    let mut after = None;
    while let Some(last) = store.articles_page(after, BATCH).await.unwrap().last() {
        after = Some(last.article.id);
    }
    report("articles_page", n, mark);
}
