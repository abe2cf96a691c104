//! What servers answer, and what is made of it: conditions, errors, waits, packings.

mod support;

use std::io::Cursor;
use std::time::Duration;

use async_compression::tokio::bufread::{BrotliEncoder, GzipEncoder, ZlibEncoder, ZstdEncoder};
use diembao_fetch::{Body, FailureClass, Purpose, Request, Validators, decode};
use support::{Reply, Server, bytes, fetcher, get, ok, redirect, reply, settings};
use tokio::io::{AsyncRead, AsyncReadExt};

const TEXT: &str = "Trung tâm Y tế huyện Sông Lam mở thêm điểm tiêm chủng tại xã Đồng Xuân. ";

#[tokio::test]
async fn a_copy_held_is_asked_about_and_not_sent_again() {
    let server = Server::start(|seen| match seen.header("if-none-match") {
        Some("\"v1\"") => reply("304 Not Modified", &[("Cache-Control", "max-age=900")], ""),
        _ => reply("200 OK", &[("ETag", "\"v1\""), ("Last-Modified", "Sat, 21 Nov 2026 00:00:00 GMT")], TEXT),
    })
    .await;
    let (fetcher, url) = (fetcher(&settings()), server.url("/rss"));
    let first = get(&fetcher, &url).await.unwrap();
    assert_eq!((first.status, first.body), (200, Body::Bytes(TEXT.into())));
    let again = Request { url: &url, validators: &first.validators, purpose: Purpose::Channel };
    let second = fetcher.fetch(&again).await.unwrap();
    assert_eq!((second.status, &second.body), (304, &Body::NotModified));
    assert_eq!(second.validators, first.validators);
    assert_eq!(second.hints.max_age, Some(Duration::from_secs(900)));
    let seen = server.seen();
    assert_eq!(seen[0].header("if-none-match"), None);
    assert_eq!(seen[1].header("if-modified-since"), Some("Sat, 21 Nov 2026 00:00:00 GMT"));
}

#[tokio::test]
async fn not_modified_without_a_question_is_an_error() {
    let server = Server::start(|_| reply("304 Not Modified", &[], "")).await;
    let error = get(&fetcher(&settings()), &server.url("/")).await.unwrap_err();
    assert_eq!(error.kind(), "status-304");
}

#[tokio::test]
async fn the_fetcher_says_who_it_is_and_no_more() {
    let server = Server::start(|_| ok(TEXT)).await;
    get(&fetcher(&settings()), &server.url("/")).await.unwrap();
    let seen = &server.seen()[0];
    assert_eq!(seen.header("user-agent"), Some("diembao/0.1 (+mailto:trucban@byt.example)"));
    assert_eq!(seen.header("accept-encoding"), Some("gzip, br, zstd"));
    assert_eq!((seen.header("cookie"), seen.header("referer")), (None, None));
}

#[tokio::test]
async fn errors_weigh_by_what_they_promise() {
    let server = Server::start(|seen| reply(&format!("{} X", &seen.path[1..]), &[], "")).await;
    let fetcher = fetcher(&settings());
    for (status, class) in [
        (404, FailureClass::Hard),
        (410, FailureClass::Hard),
        (400, FailureClass::Hard),
        (403, FailureClass::Soft),
        (451, FailureClass::Soft),
        (429, FailureClass::Temporary),
        (500, FailureClass::Temporary),
        (503, FailureClass::Temporary),
    ] {
        let url = server.url(&format!("/{status}"));
        let error = get(&fetcher, &url).await.unwrap_err();
        assert_eq!((error.kind().into_owned(), error.class()), (format!("status-{status}"), class));
        assert!(error.to_string().starts_with(url.as_str()), "{error}");
        assert_eq!(error.status(), Some(status));
    }
    assert_eq!(
        [FailureClass::Hard, FailureClass::Soft, FailureClass::Temporary].map(FailureClass::weight),
        [1.0, 0.5, 0.25]
    );
}

#[tokio::test]
async fn busy_servers_say_when_to_return() {
    let server = Server::start(|seen| match seen.path.as_str() {
        "/429-seconds" => reply("429 Too Many Requests", &[("Retry-After", "120")], ""),
        "/503-seconds" => reply("503 Service Unavailable", &[("Retry-After", "60")], ""),
        _ => reply(
            if seen.path == "/429-date" { "429 Too Many Requests" } else { "503 Service Unavailable" },
            &[("Date", "Sat, 21 Nov 2026 00:00:00 GMT"), ("Retry-After", "Sat, 21 Nov 2026 00:30:00 GMT")],
            "",
        ),
    })
    .await;
    for (path, seconds) in [("/429-seconds", 120), ("/429-date", 1800), ("/503-seconds", 60), ("/503-date", 1800)] {
        let fetcher = fetcher(&settings());
        let error = get(&fetcher, &server.url(path)).await.unwrap_err();
        assert_eq!(error.retry_after(), Some(Duration::from_secs(seconds)), "{path}");
        let error = get(&fetcher, &server.url("/khac")).await.unwrap_err();
        assert_eq!(error.kind(), "held-off", "{path}");
        assert!(error.retry_after().is_some_and(|left| left > Duration::from_secs(seconds - 5)), "{path}");
    }
    assert_eq!(server.paths().len(), 4, "a host that wants to be left alone was asked");
}

async fn pack(mut encoder: impl AsyncRead + Unpin) -> Vec<u8> {
    let mut packed = Vec::new();
    encoder.read_to_end(&mut packed).await.expect("packing cannot fail");
    packed
}

#[tokio::test]
async fn every_packing_is_undone_and_both_sizes_are_known() {
    let text = TEXT.repeat(200);
    let plain = || Cursor::new(text.clone().into_bytes());
    let gzip = pack(GzipEncoder::new(plain())).await;
    let twice = pack(GzipEncoder::new(Cursor::new(gzip.clone()))).await;
    let packings = vec![
        ("gzip", gzip.clone()),
        ("x-gzip", gzip.clone()),
        ("br", pack(BrotliEncoder::new(plain())).await),
        ("zstd", pack(ZstdEncoder::new(plain())).await),
        ("deflate", pack(ZlibEncoder::new(plain())).await),
        ("gzip, gzip", twice.clone()),
        ("identity", gzip.clone()),
        ("utf-8", text.clone().into_bytes()),
        ("gzip", text.clone().into_bytes()),
        ("gzip", twice),
    ];
    for (name, packed) in packings {
        let n_wire = packed.len() as u64;
        let server = Server::start(move |_| reply("200 OK", &[("Content-Encoding", name)], &packed)).await;
        let fetched = get(&fetcher(&settings()), &server.url("/")).await.unwrap_or_else(|e| panic!("{name}: {e}"));
        assert_eq!(fetched.n_bytes_wire, n_wire, "{name}");
        assert_eq!(String::from_utf8(bytes(fetched)).unwrap(), text, "{name}");
    }
}

#[tokio::test]
async fn gzip_in_several_members_is_read_whole() {
    let member = pack(GzipEncoder::new(Cursor::new(TEXT))).await;
    let packed = [member.clone(), member].concat();
    let server = Server::start(move |_| reply("200 OK", &[("Content-Encoding", "gzip")], &packed)).await;
    let fetched = get(&fetcher(&settings()), &server.url("/")).await.unwrap();
    assert_eq!(bytes(fetched), TEXT.repeat(2).into_bytes());
}

#[tokio::test]
async fn a_broken_packing_is_named() {
    let whole = pack(GzipEncoder::new(Cursor::new(TEXT.repeat(50)))).await;
    let cut = whole[..whole.len() / 2].to_vec();
    let server = Server::start(move |_| reply("200 OK", &[("Content-Encoding", "gzip")], &cut)).await;
    let error = get(&fetcher(&settings()), &server.url("/")).await.unwrap_err();
    assert_eq!((error.kind().as_ref(), error.class()), ("encoding", FailureClass::Soft));
}

#[tokio::test]
async fn the_end_of_permanent_redirects_is_the_new_address() {
    let server = Server::start(|seen| match seen.path.as_str() {
        "/a" => reply("301 Moved", &[("Location", "/b#doan-2")], ""),
        "/b" => reply("308 Moved", &[("Location", "c")], ""),
        "/tam" => redirect("/c"),
        _ => ok(TEXT),
    })
    .await;
    let fetcher = fetcher(&settings());
    let moved = get(&fetcher, &server.url("/a")).await.unwrap();
    assert_eq!(moved.url.as_str(), server.url("/c").as_str());
    assert_eq!(moved.moved.unwrap().as_str(), server.url("/c").as_str());
    let lent = get(&fetcher, &server.url("/tam")).await.unwrap();
    assert_eq!((lent.url.as_str(), lent.moved), (server.url("/c").as_str(), None));
}

#[tokio::test]
async fn a_wrong_charset_in_the_header_does_not_hide_the_text() {
    let server = Server::start(|_| reply("200 OK", &[("Content-Type", "text/html; charset=windows-1252")], TEXT)).await;
    let fetched = get(&fetcher(&settings()), &server.url("/")).await.unwrap();
    let decoded = decode(TEXT.as_bytes(), fetched.content_type.as_deref());
    assert_eq!((decoded.text.as_str(), decoded.problems.len()), (TEXT, 1));
}

#[tokio::test]
async fn a_challenge_is_reported_and_not_read_as_news() {
    let page = "<html><script>document.cookie='D1N=0a1b'; window.location.reload(true);</script></html>";
    let server = Server::start(move |seen| match seen.path.as_str() {
        "/428" => reply("428 Precondition Required", &[("Retry-After", "5")], ""),
        _ => ok(page),
    })
    .await;
    let fetcher = fetcher(&settings());
    for path in ["/", "/428"] {
        let error = get(&fetcher, &server.url(path)).await.unwrap_err();
        assert_eq!((error.kind().as_ref(), error.class()), ("challenge", FailureClass::Soft), "{path}");
    }
    assert_eq!(server.paths(), ["/", "/428"], "a challenge was answered");
}

#[tokio::test]
async fn names_under_localhost_lead_here() {
    let server = Server::start(|_| ok(TEXT)).await;
    let url =
        diembao_news::CanonicalUrl::parse(&format!("http://bao-song-lam.localhost:{}/", server.addr.port())).unwrap();
    get(&fetcher(&settings()), &url).await.unwrap();
    assert!(server.seen()[0].header("host").unwrap().starts_with("bao-song-lam.localhost"));
}

#[tokio::test]
async fn an_answer_cut_short_is_not_taken_for_whole() {
    let server =
        Server::start(|_| Reply::Last(b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\nbeginning".to_vec())).await;
    let error = get(&fetcher(&settings()), &server.url("/")).await.unwrap_err();
    assert_eq!((error.kind().as_ref(), error.class()), ("interrupted", FailureClass::Temporary));
    let validators = Validators::default();
    assert_eq!(validators, Validators { etag: None, last_modified: None });
}

#[test]
fn settings_that_cannot_be_sent_are_refused() {
    let broken = diembao_fetch::FetchSettings { user_agent: "diembao\r\nX: y".to_owned(), ..settings() };
    let error = diembao_fetch::Fetcher::new(&broken).err().unwrap();
    assert_eq!(error.kind(), "setup");
    assert!(error.to_string().starts_with("the HTTP client cannot be set up"), "{error}");
}
