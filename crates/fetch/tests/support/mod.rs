//! A web server that answers exactly what a test wants, byte by byte, and remembers what it was asked.

#![allow(clippy::unwrap_used, dead_code, unreachable_pub, reason = "each test file uses its own part")]
#![allow(clippy::allow_attributes, reason = "an expectation would fail in the files that use all of it")]

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use diembao_fetch::{
    AddressPolicy, FetchError, FetchSettings, Fetched, Fetcher, Pace, Purpose, Request, RobotsPolicy, Validators,
};
use diembao_news::CanonicalUrl;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::Instant;

/// One request as it arrived.
#[derive(Debug, Clone)]
pub struct Seen {
    pub at: Instant,
    pub path: String,
    pub headers: Vec<(String, String)>,
}

impl Seen {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, v)| v.as_str())
    }
}

/// What is answered.
pub enum Reply {
    /// These bytes, and the connection stays open.
    Bytes(Vec<u8>),
    /// These bytes, then the end of the connection.
    Last(Vec<u8>),
    /// These bytes, then one more now and then.
    Drip(Vec<u8>, Duration),
    /// These bytes, then others without end.
    Endless(Vec<u8>, Vec<u8>),
    /// Nothing, for ever.
    Silence,
}

pub fn reply(status: &str, headers: &[(&str, &str)], body: impl AsRef<[u8]>) -> Reply {
    let body = body.as_ref();
    let mut bytes = format!("HTTP/1.1 {status}\r\nContent-Length: {}\r\n", body.len()).into_bytes();
    for (name, value) in headers {
        bytes.extend(format!("{name}: {value}\r\n").as_bytes());
    }
    bytes.extend(b"\r\n");
    bytes.extend(body);
    Reply::Bytes(bytes)
}

pub fn ok(body: impl AsRef<[u8]>) -> Reply {
    reply("200 OK", &[("Content-Type", "text/html; charset=utf-8")], body)
}

pub fn redirect(to: &str) -> Reply {
    reply("302 Found", &[("Location", to)], "")
}

pub struct Server {
    pub addr: SocketAddr,
    seen: Arc<Mutex<Vec<Seen>>>,
}

impl Server {
    pub async fn start(answer: impl Fn(&Seen) -> Reply + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let addr = listener.local_addr().unwrap();
        let seen = Arc::new(Mutex::new(Vec::new()));
        let (log, answer) = (Arc::clone(&seen), Arc::new(answer));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (log, answer) = (Arc::clone(&log), Arc::clone(&answer));
                tokio::spawn(async move {
                    let _ = serve(stream, &log, &*answer).await;
                });
            }
        });
        Self { addr, seen }
    }

    pub fn url(&self, path: &str) -> CanonicalUrl {
        CanonicalUrl::parse(&format!("http://{}{path}", self.addr)).unwrap()
    }

    pub fn seen(&self) -> Vec<Seen> {
        self.seen.lock().unwrap().clone()
    }

    pub fn paths(&self) -> Vec<String> {
        self.seen().into_iter().map(|s| s.path).collect()
    }
}

async fn serve(
    stream: TcpStream,
    log: &Mutex<Vec<Seen>>,
    answer: &(dyn Fn(&Seen) -> Reply + Send + Sync),
) -> std::io::Result<()> {
    stream.set_nodelay(true)?;
    let mut stream = BufReader::new(stream);
    loop {
        let mut lines = Vec::new();
        loop {
            let mut line = String::new();
            if stream.read_line(&mut line).await? == 0 {
                return Ok(());
            }
            if line.trim().is_empty() {
                break;
            }
            lines.push(line.trim().to_owned());
        }
        let path = lines[0].split(' ').nth(1).unwrap_or("/").to_owned();
        let headers =
            lines[1..].iter().filter_map(|l| l.split_once(": ")).map(|(n, v)| (n.to_owned(), v.to_owned())).collect();
        let seen = Seen { at: Instant::now(), path, headers };
        log.lock().unwrap().push(seen.clone());
        let out = stream.get_mut();
        match answer(&seen) {
            Reply::Bytes(bytes) => out.write_all(&bytes).await?,
            Reply::Last(bytes) => return out.write_all(&bytes).await,
            Reply::Drip(bytes, every) => {
                out.write_all(&bytes).await?;
                loop {
                    tokio::time::sleep(every).await;
                    out.write_all(b"x").await?;
                }
            }
            Reply::Endless(bytes, piece) => {
                out.write_all(&bytes).await?;
                loop {
                    out.write_all(&piece).await?;
                }
            }
            Reply::Silence => std::future::pending::<()>().await,
        }
    }
}

/// Loopback allowed, no waiting, no robots.txt.
pub fn settings() -> FetchSettings {
    FetchSettings {
        user_agent: "diembao/0.1 (+mailto:trucban@byt.example)".to_owned(),
        addresses: AddressPolicy::AllowLoopback,
        pace: Pace { interval: Duration::ZERO, concurrency: 8, ..Pace::default() },
        robots: RobotsPolicy::Ignore,
        ..FetchSettings::default()
    }
}

pub fn fetcher(settings: &FetchSettings) -> Fetcher {
    Fetcher::new(settings).unwrap()
}

pub async fn get(fetcher: &Fetcher, url: &CanonicalUrl) -> Result<Fetched, FetchError> {
    fetcher.fetch(&Request { url, validators: &Validators::default(), purpose: Purpose::Page }).await
}

pub fn bytes(fetched: Fetched) -> Vec<u8> {
    match fetched.body {
        diembao_fetch::Body::Bytes(bytes) => bytes,
        diembao_fetch::Body::NotModified => panic!("not modified"),
    }
}
