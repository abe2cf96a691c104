//! Kill -9 at random moments: a child does the pipeline's work on a store, is killed twenty
//! times, and then runs to the end. What it had reported as committed must be there after each
//! kill, and the store must end as one whose child was never killed. SQLite always; PostgreSQL
//! when `DIEMBAO_TEST_POSTGRES` holds a server's address.
//!
//! This program is both: with `DIEMBAO_CRASH_URL` set it is the child.

#![expect(clippy::unwrap_used, reason = "a test that cannot set itself up has failed")]
#![expect(clippy::print_stderr, reason = "a test of its own harness says what it did")]

#[path = "suite/samples.rs"]
mod samples;

use std::io::{BufRead, BufReader, Write};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use chrono::TimeDelta;
use diembao_desk::{Action, CaseEvent, NewCase, Spread};
use diembao_news::{
    AudienceId, CaseId, Delivery, DeliveryState, Edition, EditionId, EditionState, FlagKind, Item, Severity, StoryId,
};
use diembao_store::{CaseFilter, CaseStates, NewArticle, Outcome, Poll, PollResult, RenderedPart, Store, StoreError};
use diembao_store::{Round, StoreOptions, Which};
use samples::{article, at, channel, classification, item};
use sqlx::{AnyConnection, AssertSqlSafe, Connection, Executor};

const CHANNELS: usize = 30;
const PER_CHANNEL: usize = 40;
const KILLS: usize = 20;

fn main() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    if let Ok(url) = std::env::var("DIEMBAO_CRASH_URL") {
        runtime.block_on(child(&url));
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let sqlite = |name: &str| format!("sqlite:{}/{name}.db", folder.path().display());
    runtime.block_on(check("sqlite", &sqlite("whole"), &sqlite("killed")));
    let Ok(server) = std::env::var("DIEMBAO_TEST_POSTGRES") else {
        eprintln!("crash postgres ... skipped: DIEMBAO_TEST_POSTGRES holds no server's address");
        return;
    };
    runtime.block_on(async {
        let schema = |name: &str| format!("crash{}_{name}", std::process::id());
        let joint = if server.contains('?') { '&' } else { '?' };
        let url = |name: &str| format!("{server}{joint}options[search_path]={}", schema(name));
        for name in ["whole", "killed"] {
            direct(&server, &format!("CREATE SCHEMA {}", schema(name))).await;
        }
        check("postgres", &url("whole"), &url("killed")).await;
        for name in ["whole", "killed"] {
            direct(&server, &format!("DROP SCHEMA {} CASCADE", schema(name))).await;
        }
    });
}

async fn direct(server: &str, sql: &str) {
    sqlx::any::install_default_drivers();
    let mut conn = AnyConnection::connect(server).await.unwrap();
    conn.execute(sqlx::raw_sql(AssertSqlSafe(format!("SET client_min_messages = warning; {sql}")))).await.unwrap();
    conn.close().await.unwrap();
}

async fn check(name: &str, whole: &str, killed: &str) {
    let began = Instant::now();
    run(whole, None);
    let length = began.elapsed();
    let mut seed = u64::from(std::process::id());
    let mut n_hit = 0;
    for _ in 0..KILLS {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        // Twenty stretches of this length on average are a little less than the whole work.
        let share = f64::from(u32::try_from(seed >> 33).unwrap()) / f64::from(1u32 << 31);
        let (reported, ended) = run(killed, Some(length.mul_f64(0.01 + 0.07 * share)));
        n_hit += usize::from(!ended);
        confirm(killed, &reported).await;
    }
    let (_, ended) = run(killed, None);
    assert!(ended, "{name}: the last run ends by itself");
    let (expected, found) = (dump(whole).await, dump(killed).await);
    let differing: Vec<_> = expected.iter().zip(&found).filter(|(a, b)| a != b).take(3).collect();
    assert!(differing.is_empty() && expected.len() == found.len(), "{name}: {differing:#?}");
    eprintln!("crash {name} ... ok: {n_hit} of {KILLS} kills hit the work ({length:.1?}), {} rows alike", found.len());
    assert!(n_hit >= KILLS / 2, "{name}: the work is too short to be killed");
}

/// Runs the child, kills it after a time, and gives what it reported and whether it ended by itself.
fn run(url: &str, kill_after: Option<Duration>) -> (Vec<String>, bool) {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .env("DIEMBAO_CRASH_URL", url)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let out = child.stdout.take().unwrap();
    let reader = std::thread::spawn(move || BufReader::new(out).lines().map_while(Result::ok).collect::<Vec<_>>());
    if let Some(after) = kill_after {
        std::thread::sleep(after);
        child.kill().unwrap();
    }
    let status = child.wait().unwrap();
    assert!(status.success() || kill_after.is_some(), "the child failed: {status}");
    let mut lines = reader.join().unwrap();
    // The last line may be cut off in the middle.
    lines.retain(|line| line.ends_with(';'));
    (lines, status.success())
}

/// What the child reported as committed is there.
async fn confirm(url: &str, reported: &[String]) {
    let store = Store::open(url, &StoreOptions::default()).await.unwrap();
    for line in reported {
        let words: Vec<&str> = line.trim_end_matches(';').split(' ').collect();
        let there = match words[..] {
            ["article", id] => store.article(id.parse().unwrap()).await.unwrap().is_some(),
            ["event", case, version] => {
                let case = store.case(case.parse().unwrap()).await.unwrap();
                case.is_some_and(|(case, _)| case.version >= version.parse::<i64>().unwrap())
            }
            ["sent", recipient] => {
                let all = store.deliveries(&day()).await.unwrap();
                all.iter().any(|d| d.recipient == recipient && d.state == DeliveryState::Sent)
            }
            _ => panic!("{line}"),
        };
        assert!(there, "lost: {line}");
    }
    store.close().await;
}

/// Everything the store holds that must not depend on kills.
async fn dump(url: &str) -> Vec<String> {
    let store = Store::open(url, &StoreOptions::default()).await.unwrap();
    let mut out = vec![format!("{:?}", store.counts().await.unwrap())];
    out.extend(store.channel_states().await.unwrap().iter().map(|s| format!("{s:?}")));
    for n in 0..CHANNELS {
        let days = store.items_per_day(&channel_of(n), at(0).date_naive()).await.unwrap();
        out.push(format!("{days:?}"));
    }
    out.push(format!("{:?}", store.outcome_counts(at(-1000)).await.unwrap()));
    let mut after = None;
    loop {
        let page = store.articles_page(after, 100).await.unwrap();
        let Some(last) = page.last() else { break };
        after = Some(last.article.id);
        for a in &page {
            let bytes = store.page(a.article.id).await.unwrap().map(|p| p.body.len());
            out.push(format!("{a:?} {bytes:?}"));
        }
    }
    let filter = CaseFilter { states: CaseStates::All, ..CaseFilter::default() };
    let mut cases = store.cases(&filter).await.unwrap();
    cases.sort_by_key(|c| c.story);
    for case in cases {
        let (case, events) = store.case(case.id).await.unwrap().unwrap();
        out.push(format!("{:?} {:?} {} {events:?}", case.story, case.state, case.version));
    }
    out.push(format!("{:?}", store.edition(&day()).await.unwrap()));
    out.push(format!("{:?}", store.rendered_parts(&day()).await.unwrap()));
    out.push(format!("{} wait for the index", store.waiting_for_index().await.unwrap()));
    for delivery in store.deliveries(&day()).await.unwrap() {
        // How often a delivery was tried depends on the kills.
        out.push(format!("{:?}", Delivery { attempts: 0, ..delivery }));
    }
    store.close().await;
    out
}

fn day() -> EditionId {
    EditionId::parse("2026-11-21").unwrap()
}

fn channel_of(n: usize) -> diembao_news::ChannelId {
    channel(&format!("song-lam/kenh-{n}"))
}

fn report(line: &str) {
    // One write, so that a kill cuts at most the last line.
    let mut out = std::io::stdout().lock();
    out.write_all(format!("{line};\n").as_bytes()).unwrap();
    out.flush().unwrap();
}

/// The pipeline's stages in order, each taking up what is still to be done.
async fn child(url: &str) {
    let store = Store::open(url, &StoreOptions::default()).await.unwrap();
    poll(&store).await;
    read_pages(&store).await;
    judge(&store).await;
    desk(&store).await;
    send(&store).await;
    store.close().await;
}

async fn poll(store: &Store) {
    let known = store.channel_states().await.unwrap();
    for c in 0..CHANNELS {
        let channel = channel_of(c);
        if known.iter().any(|state| state.id == channel) {
            continue;
        }
        // Each channel repeats five items of the one before.
        let from = (c * PER_CHANNEL).saturating_sub(5);
        let items: Vec<Item> =
            (from..(c + 1) * PER_CHANNEL).map(|n| Item { channel: channel.clone(), ..item(n) }).collect();
        let poll = Poll {
            channel,
            polled_at: at(i64::try_from(c).unwrap()),
            next_poll: at(60),
            result: PollResult::Changed { body_hash: c.to_string() },
            etag: None,
            last_modified: None,
            problem: None,
            answer: None,
            skew: None,
        };
        store.record_poll(&poll, &items).await.unwrap();
    }
}

async fn read_pages(store: &Store) {
    loop {
        let pending = store.pending_items(at(1000), 20).await.unwrap();
        if pending.is_empty() {
            return;
        }
        let number = |item: &Item| -> usize {
            let path = item.url.path();
            path.trim_end_matches(".html").rsplit('-').next().unwrap().parse().unwrap()
        };
        let (gone, kept): (Vec<_>, Vec<_>) = pending.iter().partition(|p| number(&p.item).is_multiple_of(17));
        let batch: Vec<NewArticle> = kept.iter().map(|p| article(number(&p.item))).collect();
        store.add_articles(&batch).await.unwrap();
        for new in &batch {
            report(&format!("article {}", new.article.id));
        }
        let gone: Vec<_> = gone.iter().map(|p| (p.id, Outcome::Gone, "HTTP 410".to_owned())).collect();
        store.finish_items(&gone, at(1000)).await.unwrap();
    }
}

async fn judge(store: &Store) {
    loop {
        let waiting = store.unclassified(50).await.unwrap();
        if waiting.is_empty() {
            break;
        }
        let severity = |n: i64| if n % 100 == 0 { Severity::Red } else { Severity::Green };
        let given: Vec<_> = waiting.iter().map(|a| (a.id, classification("v1", severity(a.id.as_i64())))).collect();
        store.save_classifications(&given).await.unwrap();
    }
    loop {
        let waiting = store.waiting_for_story().await.unwrap();
        if waiting.is_empty() {
            break;
        }
        let after = store.grouping_rounds().await.unwrap();
        let placed =
            waiting.iter().take(100).map(|w| (w.id, StoryId::beginning_with(w.id), vec![1, 2, 3, 4])).collect();
        assert!(store.save_round(Round { after, placed, united: Vec::new() }, at(1001)).await.unwrap());
    }
    loop {
        let batch = store.index_batch(100).await.unwrap();
        if batch.is_empty() {
            return;
        }
        store.mark_indexed(&batch.iter().map(|(a, v)| (a.article.id, *v)).collect::<Vec<_>>()).await.unwrap();
    }
}

async fn desk(store: &Store) {
    let later = at(100_000);
    for story in store.stories_between(at(0), later, Which::Health).await.unwrap() {
        let facts = &story.articles[0];
        let grave = facts.classification.as_ref().and_then(|c| c.severity(FlagKind::Incident)) == Some(Severity::Red);
        if !grave {
            continue;
        }
        let new = NewCase {
            story: story.id,
            kind: FlagKind::Incident,
            severity: Severity::Red,
            title: facts.article.text.title.clone(),
            published: facts.article.times.published,
            spread: Spread { n_articles: 1, n_outlets: 1 },
            opened_at: later,
            by: diembao_desk::PROGRAM.to_owned(),
            note: String::new(),
        };
        let id = store.open_case(&new).await.unwrap();
        work_on(store, id).await;
    }
}

async fn work_on(store: &Store, id: CaseId) {
    let actions = [Action::Acknowledge, Action::Note, Action::Verify, Action::Answer, Action::Close];
    for (version, action) in (1..).zip(actions) {
        let at = at(100_000) + TimeDelta::minutes(version);
        let event = CaseEvent { at, actor: "lan".to_owned(), action, note: "đã xác minh".to_owned() };
        match store.append_event(id, version, &event).await {
            Ok(case) => report(&format!("event {id} {}", case.version)),
            Err(StoreError::Conflict { found, .. }) if found > version => {}
            Err(e) => panic!("{e}"),
        }
    }
}

async fn send(store: &Store) {
    let audience = AudienceId::parse("lanh-dao").unwrap();
    let edition =
        Edition { id: day(), state: EditionState::Draft, from: at(0), to: at(2000), frozen_at: Some(at(2001)) };
    let part = RenderedPart {
        audience: audience.clone(),
        subject: "Điểm báo".to_owned(),
        html: "<p>34 tin</p>".to_owned(),
        text: "34 tin".to_owned(),
    };
    let deliveries: Vec<Delivery> = (0..40)
        .map(|n| Delivery {
            edition: day(),
            audience: audience.clone(),
            recipient: format!("nguoi-nhan-{n:02}@example.vn"),
            message_id: format!("2026-11-21.{n}@example.vn"),
            state: DeliveryState::Queued,
            attempts: 0,
            last_reply: None,
        })
        .collect();
    store
        .freeze_edition(&edition, &diembao_store::Freezing { parts: vec![part], deliveries, ..Default::default() })
        .await
        .unwrap();
    for delivery in store.due_deliveries(at(2002), 1000).await.unwrap() {
        if store.mark_sending(&delivery, at(2002)).await.unwrap() {
            store.record_reply(&delivery, (DeliveryState::Sent, "250 OK"), None, at(2002)).await.unwrap();
            report(&format!("sent {}", delivery.recipient));
        }
    }
}
