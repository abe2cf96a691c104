//! Servers that mean harm or are broken: each fetch ends, soon, small, and with the right word.

mod support;

use std::time::{Duration, Instant};

use async_compression::tokio::bufread::{BrotliEncoder, GzipEncoder, ZstdEncoder};
use diembao_fetch::{AddressPolicy, FailureClass, FetchSettings, Limits, Timeouts};
use diembao_news::CanonicalUrl;
use support::{Reply, Server, fetcher, get, ok, redirect, reply, settings};
use tokio::io::{AsyncRead, AsyncReadExt};

/// Fetches what the server answers under small limits; returns the word for what went wrong.
async fn kind(answer: impl Fn(&support::Seen) -> Reply + Send + Sync + 'static) -> String {
    let server = Server::start(answer).await;
    let start = Instant::now();
    let error = get(&fetcher(&strict()), &server.url("/")).await.expect_err("it was fetched");
    assert!(start.elapsed() < Duration::from_secs(60), "it took {:?}", start.elapsed());
    assert!(error.to_string().contains("http://"), "{error}");
    error.kind().into_owned()
}

fn strict() -> FetchSettings {
    let short = Duration::from_millis(400);
    FetchSettings {
        timeouts: Timeouts { connect: short, headers: short, body: short, whole: Duration::from_secs(2) },
        limits: Limits { page_bytes: 1 << 20, ..Limits::default() },
        ..settings()
    }
}

#[tokio::test]
async fn redirects_in_a_circle_end() {
    assert_eq!(kind(|_| redirect("/")).await, "redirect-loop");
    let circle = |seen: &support::Seen| redirect(if seen.path == "/" { "/a" } else { "/" });
    assert_eq!(kind(circle).await, "redirect-loop");
    let growing = |seen: &support::Seen| redirect(&format!("{}x", seen.path));
    assert_eq!(kind(growing).await, "too-many-redirects");
}

#[tokio::test]
async fn five_redirects_are_followed() {
    let server = Server::start(|seen| match seen.path.len() {
        1..=5 => redirect(&format!("{}x", seen.path)),
        _ => ok("x"),
    })
    .await;
    assert!(get(&fetcher(&strict()), &server.url("/")).await.is_ok());
    assert_eq!(server.seen().len(), 6);
}

#[tokio::test]
async fn redirects_to_where_nobody_should_go_are_refused() {
    for target in [
        "http://10.0.0.1/",
        "http://169.254.169.254/latest/meta-data/",
        "http://[fe80::1]/",
        "http://0x0a000001/",
        "http://192.168.1.1:8080/",
    ] {
        assert_eq!(kind(move |_| redirect(target)).await, "private-address", "{target}");
    }
    for target in [
        "file:///etc/passwd",
        "ftp://bao.vn/",
        "gopher://127.0.0.1:25/",
        "http://user:pass@127.0.0.1/",
        "javascript:alert(1)",
        "http://",
        "//[",
        "data:,x",
    ] {
        assert_eq!(kind(move |_| redirect(target)).await, "bad-redirect", "{target}");
    }
}

#[tokio::test]
async fn without_leave_loopback_is_not_touched() {
    let server = Server::start(|_| ok("secret")).await;
    let fetcher = fetcher(&FetchSettings { addresses: AddressPolicy::PublicOnly, ..strict() });
    let port = server.addr.port();
    for host in
        ["127.0.0.1", "localhost", "bao.localhost", "[::1]", "2130706433", "127.1", "[::ffff:127.0.0.1]", "0.0.0.0"]
    {
        let url = CanonicalUrl::parse(&format!("http://{host}:{port}/")).unwrap();
        let error = get(&fetcher, &url).await.expect_err(host);
        assert_eq!((error.kind().as_ref(), error.class()), ("private-address", FailureClass::Hard), "{host}");
    }
    assert!(server.seen().is_empty());
}

#[tokio::test]
async fn bodies_without_end_are_cut() {
    let head = b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n".to_vec();
    assert_eq!(kind(move |_| Reply::Endless(head.clone(), vec![b'x'; 65536])).await, "too-large");
    let chunked = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n".to_vec();
    let chunk = [b"4000\r\n".as_slice(), &[b'x'; 0x4000], b"\r\n"].concat();
    assert_eq!(kind(move |_| Reply::Endless(chunked.clone(), chunk.clone())).await, "too-large");
}

#[tokio::test]
async fn a_body_announced_too_large_is_not_begun() {
    assert_eq!(
        kind(|_| Reply::Bytes(b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n".to_vec())).await,
        "too-large"
    );
}

async fn bomb(mut encoder: impl AsyncRead + Unpin) -> Vec<u8> {
    let mut packed = Vec::new();
    encoder.read_to_end(&mut packed).await.expect("packing cannot fail");
    packed
}

#[tokio::test]
async fn bombs_do_not_go_off() {
    let zeros = || tokio::io::BufReader::new(tokio::io::repeat(0).take(64 << 20));
    let gzip = bomb(GzipEncoder::new(zeros())).await;
    let bombs = vec![
        ("gzip", gzip.clone()),
        ("br", bomb(BrotliEncoder::with_quality(zeros(), async_compression::Level::Fastest)).await),
        ("zstd", bomb(ZstdEncoder::new(zeros())).await),
        ("gzip, gzip", bomb(GzipEncoder::new(std::io::Cursor::new(gzip.clone()))).await),
        ("identity", gzip),
    ];
    for (name, packed) in bombs {
        assert!(packed.len() < 1 << 19, "{name}: {} bytes", packed.len());
        assert_eq!(kind(move |_| reply("200 OK", &[("Content-Encoding", name)], &packed)).await, "too-large", "{name}");
    }
    assert_eq!(kind(|_| reply("200 OK", &[("Content-Encoding", "gzip, br, gzip, zstd")], "x")).await, "encoding");
}

#[tokio::test]
async fn a_body_that_is_large_only_on_the_wire_is_cut_too() {
    // Empty members unpack to nothing, however many there are.
    let empty = bomb(GzipEncoder::new(std::io::Cursor::new(b""))).await;
    let head = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nConnection: close\r\n\r\n".to_vec();
    let word = kind(move |_| Reply::Endless(head.clone(), empty.repeat(1000))).await;
    // Which limit comes first depends on the machine.
    assert!(matches!(word.as_str(), "too-large" | "timeout"), "{word}");
}

#[tokio::test]
async fn dripping_bodies_are_cut() {
    let head = b"HTTP/1.1 200 OK\r\nContent-Length: 10000\r\n\r\n".to_vec();
    assert_eq!(kind(move |_| Reply::Drip(head.clone(), Duration::from_millis(30))).await, "timeout");
    assert_eq!(kind(|_| Reply::Drip(b"HTTP/1.1 200 OK\r\nX: ".to_vec(), Duration::from_millis(30))).await, "timeout");
}

#[tokio::test]
async fn silence_ends() {
    assert_eq!(kind(|_| Reply::Silence).await, "timeout");
}

#[tokio::test]
async fn the_whole_journey_has_an_end() {
    let settings =
        FetchSettings { timeouts: Timeouts { whole: Duration::from_millis(300), ..strict().timeouts }, ..strict() };
    let slow_hop = |_: &support::Seen| {
        Reply::Drip(b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n".to_vec(), Duration::from_millis(10))
    };
    let server = Server::start(slow_hop).await;
    let start = Instant::now();
    let error = get(&fetcher(&settings), &server.url("/")).await.unwrap_err();
    assert_eq!(error.kind(), "timeout");
    assert!(start.elapsed() < Duration::from_secs(30), "{:?}", start.elapsed());
}

#[tokio::test]
async fn huge_headers_are_refused() {
    let many = |_: &support::Seen| {
        let headers: String = (0..500).map(|i| format!("X-{i}: y\r\n")).collect();
        Reply::Bytes(format!("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n{headers}\r\nx").into_bytes())
    };
    assert_eq!(kind(many).await, "headers");
    let long = |_: &support::Seen| reply("200 OK", &[("X-Long", &"y".repeat(100_000))], "x");
    assert_eq!(kind(long).await, "headers");
    assert_eq!(
        kind(|_| Reply::Endless(b"HTTP/1.1 200 OK\r\nX-Endless: ".to_vec(), vec![b'y'; 65536])).await,
        "headers"
    );
}

#[tokio::test]
async fn what_is_not_http_is_named() {
    for garbage in ["220 mail.byt.example ESMTP\r\n", "SSH-2.0-OpenSSH\r\n", "\0\0\0\0\r\n\r\n", "HTTP/9.9 abc\r\n\r\n"]
    {
        assert_eq!(kind(move |_| Reply::Last(garbage.into())).await, "protocol", "{garbage:?}");
    }
    assert_eq!(kind(|_| Reply::Last(Vec::new())).await, "interrupted");
}

#[tokio::test]
async fn no_connection_is_said_as_such() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = CanonicalUrl::parse(&format!("http://{}/", listener.local_addr().unwrap())).unwrap();
    drop(listener);
    let error = get(&fetcher(&strict()), &url).await.unwrap_err();
    assert_eq!((error.kind().as_ref(), error.class()), ("connect", FailureClass::Soft));
}

#[tokio::test]
async fn encryption_that_is_none_is_said_as_such() {
    let server = Server::start(|_| ok("x")).await;
    let url = CanonicalUrl::parse(&format!("https://{}/", server.addr)).unwrap();
    let error = get(&fetcher(&strict()), &url).await.unwrap_err();
    assert!(matches!(error.kind().as_ref(), "tls" | "timeout"), "{error}");
}

#[tokio::test]
async fn a_certificate_nobody_vouches_for_is_refused_by_name() {
    let signed = rcgen::generate_simple_self_signed(vec!["bao.localhost".to_owned()]).unwrap();
    let key = rustls::pki_types::PrivatePkcs8KeyDer::from(signed.signing_key.serialize_der());
    let provider = std::sync::Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![signed.cert.der().clone()], key.into())
        .unwrap();
    let acceptor = tokio_rustls::TlsAcceptor::from(std::sync::Arc::new(config));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let _ = acceptor.accept(stream).await;
        }
    });
    let url = CanonicalUrl::parse(&format!("https://bao.localhost:{port}/")).unwrap();
    let error = get(&fetcher(&strict()), &url).await.unwrap_err();
    assert_eq!((error.kind().as_ref(), error.class()), ("tls", FailureClass::Soft));
    assert!(error.to_string().contains("certificate"), "{error}");
}
