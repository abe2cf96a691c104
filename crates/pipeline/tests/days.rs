//! Days of reading the press under a clock that is moved by hand: how often it asks, what it sends along, how it
//! backs off and comes back, and what it tells people.

mod support;

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use chrono::{DateTime, TimeDelta, Utc};
use diembao_feeds::health::Grade;
use support::{World, at, feed, not_found, ok, reply};

const DAY: i64 = 24 * 60;

fn http(t: DateTime<Utc>) -> String {
    t.format("%a, %d %b %Y %H:%M:%S GMT").to_string()
}

#[tokio::test]
async fn a_week_of_one_channel() {
    let world = World::start(|seen| match seen.path.as_str() {
        "/rss" => {
            // A new item every six hours.
            let newest = (seen.at - at(0)).num_hours() / 6;
            let tag = format!("\"{newest}\"");
            if seen.header("if-none-match") == Some(tag.as_str()) {
                return reply("304 Not Modified", &[("ETag", &tag)], "");
            }
            reply("200 OK", &[("ETag", &tag)], feed(&seen.host, newest - 3..=newest))
        }
        "/robots.txt" => reply("200 OK", &[], "User-agent: *\nDisallow: /tin-2.html\n"),
        _ => ok("<html><body><p>Không phải bài báo</p></body></html>"),
    })
    .await;
    let (p, intake) = world.home(&["bao"]).await;
    world.live_until(at(7 * DAY), &p, &intake).await;
    let gaps = world.gaps("/rss");
    assert!(gaps.iter().all(|gap| (10..=200).contains(gap)), "{gaps:?}");
    assert!(gaps.len() >= 7 * 24 / 4, "{} polls in a week", gaps.len() + 1);
    let polls = world.seen("/rss");
    assert!(polls[1..].iter().all(|s| s.header("if-none-match").is_some()), "a poll was not conditional");
    assert!(polls.iter().all(|s| s.header("user-agent").unwrap().contains("+https://")), "{:?}", polls[0]);
    let n_robots = world.seen("/robots.txt").len();
    assert!((7..=8).contains(&n_robots), "robots.txt was asked {n_robots} times in a week");
    assert!(world.seen("/tin-2.html").is_empty(), "robots.txt forbids it");
    assert_eq!(world.seen("/tin-5.html").len(), 1, "a page is asked for once");
}

#[tokio::test]
async fn the_first_answer_tells_the_rhythm() {
    let world = World::start(|seen| match seen.path.as_str() {
        "/rss" => {
            // An item every twenty minutes, and the last day of them at once.
            let newest = (seen.at - at(-DAY)).num_minutes() / 20;
            let dated = |n: i64| format!("<pubDate>{}</pubDate></item>", http(at(20 * n - DAY)));
            let items = (newest - 71..=newest).map(|n| feed(&seen.host, [n]).replace("</item>", &dated(n)));
            let rows: String = items
                .filter_map(|f| Some(f.split_once("</title>")?.1.split_once("</channel>")?.0.to_owned()))
                .collect();
            ok(format!("<rss version=\"2.0\"><channel><title>Báo</title>{rows}</channel></rss>"))
        }
        _ => not_found(),
    })
    .await;
    let (p, intake) = world.home(&["bao"]).await;
    world.live_until(at(60), &p, &intake).await;
    let gaps = world.gaps("/rss");
    assert!(gaps.len() >= 4 && gaps.iter().all(|gap| (10..=15).contains(gap)), "{gaps:?}");
}

#[tokio::test]
async fn who_is_busy_is_left_alone_as_long_as_it_asks() {
    for (status, dated) in [("429 Too Many", false), ("429 Too Many", true), ("503 Busy", false), ("503 Busy", true)] {
        let world = World::start(move |seen| match seen.path.as_str() {
            "/rss" if seen.at < at(60) => {
                let after = if dated { http(seen.at + TimeDelta::hours(5)) } else { "18000".to_owned() };
                reply(status, &[("Retry-After", &after)], "")
            }
            "/rss" => ok(feed(&seen.host, 0..3)),
            _ => not_found(),
        })
        .await;
        let (p, intake) = world.home(&["bao"]).await;
        world.live_until(at(DAY / 2), &p, &intake).await;
        let gap = world.gaps("/rss")[0];
        assert!((5 * 60..7 * 60).contains(&gap), "{status}, as a date: {dated}: asked again after {gap} minutes");
    }
}

#[tokio::test]
async fn a_busy_host_s_other_pages_wait_too_and_are_not_given_up() {
    let world = World::start(|seen| match seen.path.as_str() {
        "/rss" => ok(feed(&seen.host, 0..20)),
        "/robots.txt" => not_found(),
        _ if seen.at < at(90) => reply("429 Too Many", &[("Retry-After", "7200")], ""),
        _ => ok("<html><body><p>Không phải bài báo</p></body></html>"),
    })
    .await;
    let (p, intake) = world.home(&["bao"]).await;
    world.live_until(at(100), &p, &intake).await;
    let n: usize = (0..20).map(|n| world.seen(&format!("/tin-{n}.html")).len()).sum();
    assert!(n <= 2, "{n} pages were asked for though the host wants to be left alone");
    world.live_until(at(10 * 60), &p, &intake).await;
    assert_eq!(p.store.unfinished_items().await.unwrap(), 0, "all were read in the end");
}

#[tokio::test]
async fn failures_are_waited_out_ever_longer_and_forgotten_when_they_end() {
    let world = World::start(|seen| match seen.path.as_str() {
        "/rss" if seen.at < at(20 * DAY) => not_found(),
        "/rss" => ok(feed(&seen.host, 0..3)),
        _ => not_found(),
    })
    .await;
    let (p, intake) = world.home(&["bao", "khac"]).await;
    let notices = world.live_until(at(20 * DAY), &p, &intake).await;
    let of_one: Vec<DateTime<Utc>> =
        world.seen("/rss").iter().filter(|s| s.host.starts_with("bao")).map(|s| s.at).collect();
    let gaps: Vec<i64> = of_one.windows(2).map(|pair| (pair[1] - pair[0]).num_minutes()).collect();
    assert!(gaps.windows(2).all(|pair| pair[1] + 1 >= pair[0]), "a pause became shorter: {gaps:?}");
    assert!((60..=200).contains(&gaps[0]) && *gaps.last().unwrap() >= DAY, "{gaps:?}");
    assert!(*gaps.last().unwrap() <= DAY + DAY / 10, "never longer than a day: {gaps:?}");
    assert_eq!(notices.iter().filter(|n| n.contains("blind spot")).count(), 2, "told once each: {notices:?}");
    assert_eq!(p.store.notices().await.unwrap().len(), 2);
    let notices = world.live_until(at(22 * DAY), &p, &intake).await;
    assert!(notices.iter().any(|n| n.contains("channel bao/tin works again")), "{notices:?}");
    assert!(notices.iter().any(|n| n.contains("bao can be read again")), "{notices:?}");
    assert!(p.store.notices().await.unwrap().is_empty());
    assert!(p.store.channel_states().await.unwrap().iter().all(|s| s.failures == 0.0));
}

#[tokio::test]
async fn a_dead_network_charges_nobody_however_few_are_due_at_a_time() {
    let world = World::start(|seen| if seen.path == "/rss" { ok(feed(&seen.host, 0..3)) } else { not_found() }).await;
    let (p, intake) = world.home(&["a", "b", "c", "d"]).await;
    world.live_until(at(DAY), &p, &intake).await;
    // The same channels, with nobody listening: the network is gone.
    let feeds = p.home.root.join("feeds.toml");
    let text = std::fs::read_to_string(&feeds).unwrap();
    std::fs::write(&feeds, text.replace(&format!(":{}/", world.addr.port()), ":1/")).unwrap();
    let (p, intake) = world.open().await;
    let notices = world.live_until(at(2 * DAY), &p, &intake).await;
    let charged: f64 = p.store.channel_states().await.unwrap().iter().map(|s| s.failures).sum();
    assert!(charged <= 1.0, "only the first two, before the third showed what it was: {charged}");
    assert!(p.store.notices().await.unwrap().is_empty(), "{notices:?}");
    assert!(notices.iter().any(|n| n.contains("outage")), "{notices:?}");
}

#[tokio::test]
async fn a_channel_that_falls_silent_is_told_once_and_once_more_when_it_speaks() {
    let newest = Arc::new(AtomicI64::new(0));
    let shown = Arc::clone(&newest);
    let world = World::start(move |seen| match seen.path.as_str() {
        "/rss" if seen.host.starts_with("im") => {
            let n = shown.load(Ordering::SeqCst);
            ok(feed(&seen.host, n - 5..=n))
        }
        "/rss" => ok(feed(&seen.host, 0..(seen.at - at(0)).num_hours() + 1)),
        _ => not_found(),
    })
    .await;
    let (p, intake) = world.home(&["im", "khac"]).await;
    for hour in 1..=6 * 24 {
        newest.fetch_add(2, Ordering::SeqCst);
        world.live_until(at(hour * 60), &p, &intake).await;
    }
    let silence = at(6 * DAY);
    assert!(p.store.notices().await.unwrap().is_empty());
    let notices = world.live_until(silence + TimeDelta::days(2), &p, &intake).await;
    let told: Vec<&String> = notices.iter().filter(|n| n.contains("im is a blind spot")).collect();
    assert_eq!(told.len(), 1, "{notices:?}");
    let standing = p.store.notices().await.unwrap();
    assert_eq!(standing.len(), 1);
    assert!(
        standing[0].text.contains("Báo im") && standing[0].text.contains("không có bài mới"),
        "{}",
        standing[0].text
    );
    let coverage = diembao_pipeline::coverage(&p, world.now() - TimeDelta::days(1)).await.unwrap();
    assert_eq!((coverage.n_read, coverage.silent), (2, vec!["Báo im".to_owned()]), "named in the coverage line");
    newest.fetch_add(20, Ordering::SeqCst);
    let notices = world.live_until(world.now() + TimeDelta::hours(6), &p, &intake).await;
    assert!(notices.iter().any(|n| n == "im can be read again"), "{notices:?}");
    assert!(p.store.notices().await.unwrap().is_empty());
}

#[tokio::test]
async fn what_is_wrong_is_told_from_what_channels_answered() {
    let world = World::start(|seen| match (seen.host.split('.').next().unwrap(), seen.path.as_str()) {
        (_, "/robots.txt") => not_found(),
        ("rong", _) => ok(format!("{}<!-- {} -->", feed("x", []), seen.at)),
        ("html", "/rss") => ok("<!doctype html><html><head><title>Trang chủ</title></head><body>RSS</body></html>"),
        ("chan", _) => reply("428 Precondition Required", &[], ""),
        ("lech", "/rss") => reply("200 OK", &[("Date", &http(seen.at + TimeDelta::hours(7)))], feed(&seen.host, 0..3)),
        (_, "/rss") => ok(feed(&seen.host, 0..8)),
        _ => ok("<html><head><title>Ảnh</title></head><body><img src=x></body></html>"),
    })
    .await;
    let (p, intake) = world.home(&["rong", "html", "chan", "lech", "trang"]).await;
    world.live_until(at(DAY), &p, &intake).await;
    let health = diembao_pipeline::source_health(&p).await.unwrap();
    let told: Vec<String> = health
        .iter()
        .map(|h| {
            let found: Vec<&str> = h.channels[0].diagnosis.findings.iter().map(|f| f.ailment.as_str()).collect();
            format!("{} {} {}", h.outlet.id, h.grade().as_str(), found.join(" "))
        })
        .collect();
    assert_eq!(
        told,
        [
            "rong broken empty",
            "html broken never-worked html-instead",
            "chan broken challenge never-worked",
            "lech doubtful clock-skew",
            "trang doubtful unreadable",
        ]
    );
    assert_eq!(health[0].grade(), Grade::Broken);
    let metrics = p.metrics.text(&p).await.unwrap();
    for line in [
        "diembao_channels 5",
        "diembao_channels_broken 2",
        "diembao_polls_total{outcome=\"challenge\"}",
        "diembao_fetch_seconds_bucket{le=\"0.05\"}",
        "diembao_items_total{outcome=\"not-an-article\"} 11",
        "# EOF",
    ] {
        assert!(metrics.contains(line), "{line} is missing in\n{metrics}");
    }
}
