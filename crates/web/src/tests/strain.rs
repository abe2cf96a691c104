//! Many at once, and clients that dawdle: what is bounded, what is answered, what ends.

use std::time::{Duration, Instant};

use axum::body::Body;
use axum::http::{StatusCode, header};
use chrono::TimeDelta;
use diembao_desk::Action;
use diembao_news::Severity;
use diembao_pipeline::desk::{self, Act};
use diembao_store::Role;
use futures::StreamExt as _;
use futures::future::join_all;
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;

use super::support::{Browser, Desk};

/// Five hundred listen; of one user, twelve; a place that is left is free again.
#[tokio::test]
async fn streams_are_bounded_for_all_and_for_each() {
    let desk = Desk::new().await;
    let listen =
        async |browser: &Browser| desk.response(browser.request("GET", "/events").body(Body::empty()).unwrap()).await;
    let (mut streams, mut last) = (Vec::new(), Browser::default());
    for _ in 0..42 {
        last = desk.signed_in(Role::Viewer).await;
        for _ in 0..12 {
            let response = listen(&last).await;
            if response.status() == StatusCode::OK {
                streams.push(response);
            }
        }
        if streams.len() == 12 {
            assert_eq!(listen(&last).await.status(), StatusCode::SERVICE_UNAVAILABLE, "the thirteenth of one");
        }
    }
    assert_eq!(streams.len(), 500);
    let refused = listen(&last).await;
    assert_eq!(
        (refused.status(), &refused.headers()[header::RETRY_AFTER]),
        (StatusCode::SERVICE_UNAVAILABLE, &"5".parse().unwrap())
    );
    assert_eq!(desk.get(&mut last, "/account").await.status, StatusCode::OK, "pages are answered all the same");
    streams.pop();
    assert_eq!(listen(&last).await.status(), StatusCode::OK);
}

/// A page that begins to listen hears at once of what changed since it was made, and else of nothing.
#[tokio::test]
async fn what_changes_before_a_page_listens_is_told() {
    let desk = Desk::new().await;
    let mut browser = desk.signed_in(Role::Viewer).await;
    let page = desk.get(&mut browser, "/cases").await.body;
    let listen = page.split_once("data-events=\"").unwrap().1.split_once('"').unwrap().0;
    let first = async || {
        let request = browser.request("GET", &format!("/events?seen={listen}")).body(Body::empty()).unwrap();
        let mut stream = desk.response(request).await.into_body().into_data_stream();
        let heard = tokio::time::timeout(Duration::from_millis(300), stream.next()).await;
        heard.ok().map(|bytes| String::from_utf8(bytes.unwrap().unwrap().to_vec()).unwrap())
    };
    assert_eq!(first().await, None);
    desk.console.live.tell();
    assert!(first().await.is_some_and(|event| event.contains("event: change")));
}

/// Eight officers press at the same moment, by form and by API: one is written, seven are told.
#[tokio::test(flavor = "multi_thread")]
async fn of_changes_at_the_same_moment_one_is_written() {
    let desk = Desk::new().await;
    let id = desk.case("Nghi ngộ độc tại bếp ăn", Severity::Orange).await;
    let version: i64 = desk.version(id).await.parse().unwrap();
    let mut requests = Vec::new();
    for i in 0..8 {
        let mut browser = desk.signed_in(Role::Officer).await;
        let token = desk.get(&mut browser, &format!("/cases/{id}")).await.form_token();
        let note = format!("cán bộ {i}");
        let request = if i % 2 == 0 {
            let body = format!("csrf={token}&version={version}&do=note&note={}", note.replace(' ', "+"));
            let request = browser.request("POST", &format!("/cases/{id}"));
            request.header(header::CONTENT_TYPE, "application/x-www-form-urlencoded").body(Body::from(body))
        } else {
            let request = browser.request("POST", &format!("/api/v1/cases/{id}/events"));
            let request = request.header(header::CONTENT_TYPE, "application/json").header("x-csrf-token", token);
            request.body(Body::from(json!({"version": version, "do": "note", "note": note}).to_string()))
        };
        requests.push(request.unwrap());
    }
    let got = join_all(requests.into_iter().map(|r| desk.ask(r))).await;
    let n = |wanted: &[StatusCode]| got.iter().filter(|g| wanted.contains(&g.status)).count();
    assert_eq!(
        n(&[StatusCode::SEE_OTHER, StatusCode::OK]),
        1,
        "{:?}",
        got.iter().map(|g| g.status).collect::<Vec<_>>()
    );
    assert_eq!(n(&[StatusCode::CONFLICT]), 7);
    let (case, events) = desk.console.p.store.case(id).await.unwrap().unwrap();
    assert_eq!((case.version, events.len()), (version + 1, usize::try_from(version).unwrap() + 1));
}

/// The first page is made for many at once; who changes something sees it there all the same.
#[tokio::test]
async fn the_first_page_is_shared_and_shows_what_was_just_changed() {
    let desk = Desk::new().await;
    let mine = desk.case("Nghi ngộ độc tại bếp ăn", Severity::Red).await;
    let theirs = desk.case("Cháy tại khoa dược một bệnh viện", Severity::Red).await;
    let mut officer = desk.signed_in(Role::Officer).await;
    let mut waiting = async || {
        let page = desk.get(&mut officer, "/").await.body;
        let list = page.split("id=\"pressing\"").next().unwrap().to_owned();
        [mine, theirs].map(|id| list.contains(&format!("/cases/{id}\"")))
    };
    assert_eq!(waiting().await, [true, true]);
    let taken = || Act { by: "Lê Chi".into(), action: Action::Acknowledge, note: String::new(), expected: None };
    desk::act(&desk.console.p, theirs, taken()).await.unwrap();
    assert_eq!(waiting().await, [true, true], "another process did it");
    let mut colleague = desk.signed_in(Role::Officer).await;
    let version = desk.version(mine).await;
    let path = format!("/cases/{mine}");
    desk.post(&mut colleague, (&path, &path), &[("version", &version), ("do", "ack")]).await;
    assert_eq!(waiting().await, [false, true], "it was done here");
    desk.console.renew_board().await.unwrap();
    assert_eq!(waiting().await, [false, false], "the look at the store found it");
}

/// A script that runs wild is told to wait; others do not notice.
#[tokio::test]
async fn a_flood_is_answered_with_wait() {
    let desk = Desk::new().await;
    let (mut script, mut officer) = (desk.signed_in(Role::Viewer).await, desk.signed_in(Role::Officer).await);
    for i in 0..240 {
        assert_eq!(desk.get(&mut script, "/account").await.status, StatusCode::OK, "{i}");
    }
    let got = desk.get(&mut script, "/account").await;
    assert_eq!((got.status, got.header("retry-after")), (StatusCode::TOO_MANY_REQUESTS, "5"));
    assert!(got.body.contains("Quá nhiều yêu cầu"), "{}", got.body);
    assert_eq!(desk.get(&mut officer, "/account").await.status, StatusCode::OK);
    desk.wait(TimeDelta::seconds(1));
    assert_eq!(desk.get(&mut script, "/account").await.status, StatusCode::OK);
}

struct Served {
    address: std::net::SocketAddr,
    stop: oneshot::Sender<()>,
    done: tokio::task::JoinHandle<anyhow::Result<()>>,
}

async fn serve(desk: &Desk) -> Served {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (stop, stopped) = oneshot::channel();
    let until = async {
        let _ = stopped.await;
    };
    Served { address, stop, done: tokio::spawn(crate::serve(desk.console.p.clone(), listener, until)) }
}

fn request(browser: &Browser, path: &str) -> String {
    let cookie = browser.cookie("diembao").unwrap_or_default();
    format!("GET {path} HTTP/1.1\r\nHost: a\r\nCookie: diembao={cookie}\r\n\r\n")
}

/// Told to stop, it ends the streams, answers what is under way, takes nothing new, and is gone.
#[tokio::test]
async fn a_shutdown_answers_what_is_under_way() {
    let desk = Desk::new().await;
    let browser = desk.signed_in(Role::Viewer).await;
    let served = serve(&desk).await;
    let mut stream = TcpStream::connect(served.address).await.unwrap();
    stream.write_all(request(&browser, "/events").as_bytes()).await.unwrap();
    let mut head = [0_u8; 15];
    stream.read_exact(&mut head).await.unwrap();
    assert_eq!(&head, b"HTTP/1.1 200 OK");
    let mut half = TcpStream::connect(served.address).await.unwrap();
    half.write_all(b"POST /login HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nname=").await.unwrap();
    tokio::time::sleep(Duration::from_millis(100)).await;
    let began = Instant::now();
    served.stop.send(()).unwrap();
    let mut rest = String::new();
    stream.read_to_string(&mut rest).await.unwrap();
    assert!(rest.ends_with("0\r\n\r\n"), "the stream ended as a stream ends: {rest}");
    half.write_all(b"x&y=1").await.unwrap();
    let mut answer = String::new();
    half.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 403"), "{answer}");
    served.done.await.unwrap().unwrap();
    assert!(began.elapsed() < Duration::from_secs(2), "{:?}", began.elapsed());
    assert!(TcpStream::connect(served.address).await.is_err(), "nothing new is taken");
}

/// More than a form ever needs is refused before it is read, stated or not.
#[tokio::test]
async fn oversized_bodies_are_refused() {
    let desk = Desk::new().await;
    let mut admin = desk.signed_in(Role::Admin).await;
    let token = desk.get(&mut admin, "/users").await.form_token();
    let form = |body: Body| {
        let request = admin.request("POST", "/users");
        request.header(header::CONTENT_TYPE, "application/x-www-form-urlencoded").body(body).unwrap()
    };
    let big = format!("csrf={token}&name={}", "a".repeat(300 * 1024));
    assert_eq!(desk.ask(form(Body::from(big.clone()))).await.status, StatusCode::PAYLOAD_TOO_LARGE);
    let pieces = futures::stream::iter(
        big.into_bytes().chunks(1000).map(|c| Ok::<_, std::io::Error>(c.to_vec())).collect::<Vec<_>>(),
    );
    assert_eq!(desk.ask(form(Body::from_stream(pieces))).await.status, StatusCode::PAYLOAD_TOO_LARGE, "in pieces");
}

/// A client that sends its request one byte at a time is hung up on, head or body, and others
/// are answered meanwhile.
#[tokio::test]
async fn slow_clients_are_hung_up_on() {
    let desk = Desk::new().await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let serving = tokio::spawn(crate::serve(desk.console.p.clone(), listener, std::future::pending()));
    let mut slow = TcpStream::connect(address).await.unwrap();
    slow.write_all(b"GET / HTTP/1.1\r\nHost: a\r\nX-Slow: ").await.unwrap();
    let mut quick = TcpStream::connect(address).await.unwrap();
    quick.write_all(b"GET /healthz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n").await.unwrap();
    let mut answer = String::new();
    quick.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    let mut rest = Vec::new();
    let hung_up = tokio::time::timeout(Duration::from_secs(30), slow.read_to_end(&mut rest)).await;
    hung_up.expect("the connection was closed").unwrap();
    let mut slow_body = TcpStream::connect(address).await.unwrap();
    slow_body.write_all(b"POST /login HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\nname=").await.unwrap();
    let mut head = [0_u8; 12];
    slow_body.read_exact(&mut head).await.unwrap();
    assert_eq!(&head, b"HTTP/1.1 408");
    serving.abort();
}

/// Slowloris proper: one machine opens as many connections as it gets and says nothing. Others come in all the same.
#[tokio::test]
async fn one_address_cannot_take_every_place() {
    let desk = Desk::new().await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let serving = tokio::spawn(crate::serve(desk.console.p.clone(), listener, std::future::pending()));
    let from = async |host: &str| {
        let socket = tokio::net::TcpSocket::new_v4().unwrap();
        socket.bind(format!("{host}:0").parse().unwrap()).unwrap();
        let mut stream = socket.connect(address).await.unwrap();
        stream.write_all(b"GET /healthz HTTP/1.1\r\nHost: a\r\n").await.unwrap();
        stream
    };
    let mut held = Vec::new();
    for _ in 0..60 {
        held.push(from("127.0.0.1").await);
    }
    let mut other = from("127.0.0.2").await;
    other.write_all(b"Connection: close\r\n\r\n").await.unwrap();
    let mut answer = String::new();
    let read = tokio::time::timeout(Duration::from_millis(900), other.read_to_string(&mut answer)).await;
    read.expect("answered before the others' time is over").unwrap();
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    let mut last = held.pop().unwrap();
    let mut nothing = [0_u8; 1];
    let ended = tokio::time::timeout(Duration::from_millis(500), last.read(&mut nothing)).await;
    assert!(matches!(ended, Ok(Ok(0) | Err(_))), "it has its places: {ended:?}");
    serving.abort();
}

/// A client that asks for page after page and reads none is hung up on.
#[tokio::test]
async fn who_reads_nothing_is_hung_up_on() {
    let desk = Desk::new().await;
    let browser = desk.signed_in(Role::Viewer).await;
    let served = serve(&desk).await;
    let mut lazy = TcpStream::connect(served.address).await.unwrap();
    let many = request(&browser, "/static/console.css").repeat(40);
    let asked = async {
        // As many answers as no buffer holds.
        while lazy.write_all(many.as_bytes()).await.is_ok() {}
    };
    tokio::time::timeout(Duration::from_secs(30), asked).await.expect("the connection was closed");
    served.stop.send(()).unwrap();
    served.done.await.unwrap().unwrap();
}
