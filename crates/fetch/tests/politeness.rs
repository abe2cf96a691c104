//! A guest's manners over days: a server that writes down every request, and a clock that is moved
//! by hand between them.

mod support;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use diembao_fetch::{Body, FailureClass, FetchSettings, Limits, Pace, Purpose, Request, RobotsPolicy, Validators};
use support::{Reply, Server, fetcher, get, ok, redirect, reply, settings};

const HOUR: Duration = Duration::from_secs(3600);

fn obedient() -> FetchSettings {
    FetchSettings { robots: RobotsPolicy::Obey, ..settings() }
}

/// Lets so much time pass without waiting for it.
async fn pass(time: Duration) {
    tokio::time::pause();
    tokio::time::advance(time).await;
    tokio::time::resume();
}

#[tokio::test]
async fn robots_txt_is_read_before_anything_else_and_once_a_day() {
    let server = Server::start(|seen| match seen.path.as_str() {
        "/robots.txt" => ok("User-agent: *\nDisallow: /rieng/\n"),
        _ => ok("x"),
    })
    .await;
    let fetcher = fetcher(&obedient());
    for _ in 0..3 {
        get(&fetcher, &server.url("/tin")).await.unwrap();
    }
    let error = get(&fetcher, &server.url("/rieng/1")).await.unwrap_err();
    assert_eq!((error.kind().as_ref(), error.class()), ("robots", FailureClass::Hard));
    assert_eq!(server.paths(), ["/robots.txt", "/tin", "/tin", "/tin"]);
    pass(23 * HOUR).await;
    get(&fetcher, &server.url("/tin")).await.unwrap();
    assert_eq!(server.paths().len(), 5);
    pass(2 * HOUR).await;
    get(&fetcher, &server.url("/tin")).await.unwrap();
    assert_eq!(server.paths()[5..], ["/robots.txt", "/tin"]);
}

#[tokio::test]
async fn ten_who_ask_at_once_cost_one_robots_txt() {
    let server = Server::start(|_| ok("")).await;
    let fetcher = fetcher(&obedient());
    let url = server.url("/tin");
    futures::future::join_all((0..10).map(|_| get(&fetcher, &url))).await;
    assert_eq!(server.paths().iter().filter(|p| *p == "/robots.txt").count(), 1);
}

#[tokio::test]
async fn without_a_robots_txt_all_is_allowed() {
    for status in ["404 Not Found", "403 Forbidden", "410 Gone"] {
        let server = Server::start(move |seen| match seen.path.as_str() {
            "/robots.txt" => reply(status, &[], "User-agent: *\nDisallow: /"),
            _ => ok("x"),
        })
        .await;
        assert!(get(&fetcher(&obedient()), &server.url("/tin")).await.is_ok(), "{status}");
    }
}

#[tokio::test]
async fn a_robots_txt_that_cannot_be_reached_forbids_all_for_a_while() {
    let broken = Arc::new(AtomicUsize::new(1));
    let switch = Arc::clone(&broken);
    let server = Server::start(move |seen| match (seen.path.as_str(), switch.load(Ordering::SeqCst)) {
        ("/robots.txt", 1) => reply("503 Busy", &[], ""),
        ("/robots.txt", 2) => Reply::Last(Vec::new()),
        ("/robots.txt", _) => ok("User-agent: *\nDisallow: /rieng/"),
        _ => ok("x"),
    })
    .await;
    let fetcher = fetcher(&obedient());
    for _ in 0..3 {
        let error = get(&fetcher, &server.url("/tin")).await.unwrap_err();
        assert_eq!((error.kind().as_ref(), error.class()), ("robots-unreachable", FailureClass::Temporary));
    }
    assert_eq!(server.paths(), ["/robots.txt"]);
    pass(Duration::from_secs(660)).await;
    broken.store(0, Ordering::SeqCst);
    get(&fetcher, &server.url("/tin")).await.unwrap();
    // Broken again a day later: the copy of yesterday still speaks.
    broken.store(2, Ordering::SeqCst);
    pass(25 * HOUR).await;
    get(&fetcher, &server.url("/tin")).await.unwrap();
    assert_eq!(get(&fetcher, &server.url("/rieng/")).await.unwrap_err().kind(), "robots");
    // A month later it no longer does.
    pass(31 * 24 * HOUR).await;
    assert_eq!(get(&fetcher, &server.url("/tin")).await.unwrap_err().kind(), "robots-unreachable");
}

#[tokio::test]
async fn robots_txt_follows_redirects_and_survives_circles() {
    let server = Server::start(|seen| match seen.path.as_str() {
        "/robots.txt" => redirect("/khac/robots.txt"),
        "/khac/robots.txt" => ok("User-agent: *\nDisallow: /rieng/"),
        _ => ok("x"),
    })
    .await;
    let error = get(&fetcher(&obedient()), &server.url("/rieng/")).await.unwrap_err();
    assert_eq!(error.kind(), "robots");
    let circle =
        Server::start(|seen| if seen.path.contains("robots") { redirect("/robots.txt") } else { ok("x") }).await;
    assert!(get(&fetcher(&obedient()), &circle.url("/tin")).await.is_ok());
}

#[tokio::test]
async fn a_redirect_into_forbidden_ground_is_not_followed() {
    let server = Server::start(|seen| match seen.path.as_str() {
        "/robots.txt" => ok("User-agent: *\nDisallow: /rieng/"),
        "/tin" => redirect("/rieng/tin"),
        _ => ok("x"),
    })
    .await;
    assert_eq!(get(&fetcher(&obedient()), &server.url("/tin")).await.unwrap_err().kind(), "robots");
    assert_eq!(server.paths(), ["/robots.txt", "/tin"]);
}

#[tokio::test]
async fn an_endless_robots_txt_counts_up_to_its_limit() {
    let mut body = "User-agent: *\nDisallow: /dau/\n".to_owned();
    while body.len() < 2000 {
        body.push_str("# chú thích\n");
    }
    body.push_str("Disallow: /cuoi/\n");
    let server = Server::start(move |seen| if seen.path == "/robots.txt" { ok(&body) } else { ok("x") }).await;
    let settings = FetchSettings { limits: Limits { robots_bytes: 1000, ..Limits::default() }, ..obedient() };
    let fetcher = fetcher(&settings);
    assert_eq!(get(&fetcher, &server.url("/dau/")).await.unwrap_err().kind(), "robots");
    assert!(get(&fetcher, &server.url("/cuoi/")).await.is_ok());
}

#[tokio::test]
async fn a_challenge_in_place_of_robots_txt_forbids_nothing() {
    let page = "<html><script>document.cookie='D1N=1';location.reload()</script></html>";
    let server = Server::start(move |seen| if seen.path == "/robots.txt" { ok(page) } else { ok("tin") }).await;
    assert!(get(&fetcher(&obedient()), &server.url("/tin")).await.is_ok());
}

#[tokio::test]
async fn the_server_sees_requests_an_interval_apart_and_never_too_many_at_once() {
    let server = Server::start(|_| ok("x")).await;
    let interval = Duration::from_millis(240);
    let settings = FetchSettings { pace: Pace { interval, concurrency: 2, ..Pace::default() }, ..obedient() };
    let fetcher = fetcher(&settings);
    let urls: Vec<_> = (0..6).map(|i| server.url(&format!("/{i}"))).collect();
    futures::future::join_all(urls.iter().map(|url| get(&fetcher, url))).await;
    let seen = server.seen();
    assert_eq!(seen.len(), 7, "six pages and robots.txt");
    for pair in seen.windows(2) {
        let apart = pair[1].at - pair[0].at;
        // The server notes a request when it has read it: a late note makes the next seem early.
        assert!(apart >= interval - Duration::from_millis(120), "{} after {}: {apart:?}", pair[1].path, pair[0].path);
    }
    let whole = seen[6].at - seen[0].at;
    assert!(whole >= interval * 6 - Duration::from_millis(120), "{whole:?}");
}

#[tokio::test]
async fn redirects_wait_their_turn_too_and_do_not_stand_in_their_own_way() {
    let server = Server::start(|seen| if seen.path == "/a" { redirect("/b") } else { ok("x") }).await;
    let interval = Duration::from_millis(60);
    let settings = FetchSettings { pace: Pace { interval, concurrency: 1, ..Pace::default() }, ..settings() };
    get(&fetcher(&settings), &server.url("/a")).await.unwrap();
    let seen = server.seen();
    assert!(seen[1].at - seen[0].at >= interval - Duration::from_millis(25));
}

#[tokio::test]
async fn a_crawl_delay_is_kept() {
    let server =
        Server::start(
            |seen| {
                if seen.path == "/robots.txt" { ok("User-agent: *\nCrawl-delay: 0.1\n") } else { ok("x") }
            },
        )
        .await;
    let fetcher = fetcher(&obedient());
    for path in ["/1", "/2", "/3"] {
        get(&fetcher, &server.url(path)).await.unwrap();
    }
    let seen = server.seen();
    for pair in seen[1..].windows(2) {
        assert!(pair[1].at - pair[0].at >= Duration::from_millis(75), "{:?}", pair[1].at - pair[0].at);
    }
}

#[tokio::test]
async fn a_week_of_polls_sends_one_body_and_one_robots_txt_a_day() {
    let server = Server::start(|seen| match (seen.path.as_str(), seen.header("if-none-match")) {
        ("/robots.txt", _) => reply("404 Not Found", &[], ""),
        (_, Some("\"1\"")) => reply("304 Not Modified", &[], ""),
        _ => reply("200 OK", &[("ETag", "\"1\"")], "<rss/>"),
    })
    .await;
    let (fetcher, url) = (fetcher(&obedient()), server.url("/rss"));
    let mut validators = Validators::default();
    let mut n_bodies = 0;
    for _ in 0..7 * 24 * 4 {
        let request = Request { url: &url, validators: &validators, purpose: Purpose::Channel };
        let fetched = fetcher.fetch(&request).await.unwrap();
        n_bodies += usize::from(fetched.body != Body::NotModified);
        validators = fetched.validators;
        pass(HOUR / 4).await;
    }
    let n_robots = server.paths().iter().filter(|p| *p == "/robots.txt").count();
    assert_eq!((n_bodies, n_robots), (1, 7));
    assert!(
        server.seen().iter().filter(|s| s.path == "/rss").skip(1).all(|s| s.header("if-none-match") == Some("\"1\""))
    );
}

#[tokio::test]
async fn five_hundred_hosts_are_fetched_side_by_side() {
    let listening =
        Server::start(|seen| if seen.path == "/robots.txt" { reply("404 X", &[], "") } else { ok("x") }).await;
    let port = listening.addr.port();
    let settings = FetchSettings { pace: Pace { interval: Duration::from_secs(30), ..Pace::default() }, ..settings() };
    let fetcher = fetcher(&settings);
    // Names under .localhost all lead to the one server, and are paced one by one.
    let urls: Vec<_> = (0..500)
        .map(|i| diembao_news::CanonicalUrl::parse(&format!("http://bao{i}.localhost:{port}/")).unwrap())
        .collect();
    let start = std::time::Instant::now();
    let results = futures::future::join_all(urls.iter().map(|url| get(&fetcher, url))).await;
    assert!(results.iter().all(Result::is_ok));
    assert!(start.elapsed() < Duration::from_secs(300), "{:?}", start.elapsed());
}

#[tokio::test]
async fn a_dead_host_is_tried_once_a_minute_and_not_once_a_page() {
    let server = Server::start(|_| Reply::Silence).await;
    let short = Duration::from_millis(200);
    let timeouts = diembao_fetch::Timeouts { connect: short, headers: short, body: short, whole: short };
    let fetcher = fetcher(&FetchSettings { timeouts, ..obedient() });
    for i in 0..20 {
        let error = get(&fetcher, &server.url(&format!("/{i}"))).await.unwrap_err();
        assert_eq!(error.kind(), "timeout");
    }
    assert_eq!(server.paths(), ["/robots.txt"]);
    pass(Duration::from_secs(61)).await;
    get(&fetcher, &server.url("/x")).await.unwrap_err();
    assert_eq!(server.paths().len(), 2);
}
