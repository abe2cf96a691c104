//! A small press that writes down every request under a clock that is moved by hand, and a home that reads it.

#![allow(clippy::unwrap_used, dead_code, unreachable_pub, reason = "each test file uses its own part")]
#![allow(clippy::allow_attributes, reason = "an expectation would fail in the files that use all of it")]

use std::net::SocketAddr;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use diembao_pipeline::{Clock, Home, Intake, Pipeline, Progress, RunReport, Share};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};

/// A moment: so many minutes after six in the morning of 2 November 2026 in Việt Nam.
pub fn at(minutes: i64) -> DateTime<Utc> {
    "2026-11-01T23:00:00Z".parse::<DateTime<Utc>>().unwrap() + TimeDelta::minutes(minutes)
}

/// One request as it arrived.
#[derive(Debug, Clone)]
pub struct Seen {
    pub at: DateTime<Utc>,
    pub host: String,
    pub path: String,
    pub headers: Vec<(String, String)>,
}

impl Seen {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, v)| v.as_str())
    }
}

pub struct World {
    now: Arc<AtomicI64>,
    seen: Arc<Mutex<Vec<Seen>>>,
    pub addr: SocketAddr,
    dir: tempfile::TempDir,
}

/// An answer: status line, headers, body.
pub type Reply = (&'static str, Vec<(&'static str, String)>, String);

pub fn reply(status: &'static str, headers: &[(&'static str, &str)], body: impl Into<String>) -> Reply {
    (status, headers.iter().map(|(n, v)| (*n, (*v).to_owned())).collect(), body.into())
}

pub fn ok(body: impl Into<String>) -> Reply {
    reply("200 OK", &[("Content-Type", "text/html; charset=utf-8")], body)
}

pub fn not_found() -> Reply {
    reply("404 Not Found", &[], "")
}

impl World {
    pub async fn start(answer: impl Fn(&Seen) -> Reply + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let addr = listener.local_addr().unwrap();
        let now = Arc::new(AtomicI64::new(at(0).timestamp_micros()));
        let seen = Arc::new(Mutex::new(Vec::new()));
        let (log, clock, answer) = (Arc::clone(&seen), Arc::clone(&now), Arc::new(answer));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (log, clock, answer) = (Arc::clone(&log), Arc::clone(&clock), Arc::clone(&answer));
                tokio::spawn(async move {
                    let _ = serve(stream, &log, &clock, &*answer).await;
                });
            }
        });
        Self { now, seen, addr, dir: tempfile::tempdir().unwrap() }
    }

    pub fn now(&self) -> DateTime<Utc> {
        DateTime::from_timestamp_micros(self.now.load(Ordering::SeqCst)).unwrap()
    }

    /// Moves the clock, and the timers with it, without waiting.
    pub async fn until(&self, t: DateTime<Utc>) {
        let before = self.now.swap(t.timestamp_micros(), Ordering::SeqCst);
        let passed = u64::try_from(t.timestamp_micros() - before).expect("time goes forward");
        tokio::time::pause();
        tokio::time::advance(Duration::from_micros(passed)).await;
        tokio::time::resume();
    }

    /// A home whose outlets each have one feed, `http://ID.localhost/rss`.
    pub async fn home(&self, outlets: &[&str]) -> (Pipeline, Intake) {
        let root = self.dir.path().join("home");
        diembao_pipeline::init(&root).unwrap();
        let settings = std::fs::read_to_string(root.join("diembao.toml")).unwrap();
        let settings = settings
            .replace("allow_loopback = false", "allow_loopback = true")
            .replace("host_interval = \"2s\"", "host_interval = \"0s\"");
        std::fs::write(root.join("diembao.toml"), settings).unwrap();
        let port = self.addr.port();
        let feeds: String = outlets.iter().map(|id| outlet(id, &format!("http://{id}.localhost:{port}/rss"))).collect();
        std::fs::write(root.join("feeds.toml"), feeds).unwrap();
        self.open().await
    }

    /// Opens the home as a new process would.
    pub async fn open(&self) -> (Pipeline, Intake) {
        let home = Home::load(&self.dir.path().join("home")).unwrap();
        let now = Arc::clone(&self.now);
        let clock = Clock::new(move || DateTime::from_timestamp_micros(now.load(Ordering::SeqCst)).unwrap());
        let p = Pipeline::open(home, clock, Progress::default()).await.unwrap();
        let intake = Intake::open(&p, Share::Home).await.unwrap();
        (p, intake)
    }

    /// Polls whatever becomes due until a moment, as the daemon would; returns all notices.
    pub async fn live_until(&self, end: DateTime<Utc>, p: &Pipeline, intake: &Intake) -> Vec<String> {
        let mut notices = Vec::new();
        loop {
            let mut report = RunReport::default();
            diembao_pipeline::gather(p, intake, &mut report).await.unwrap();
            notices.extend(report.notices);
            let states = p.store.channel_states().await.unwrap();
            let next = states.iter().filter_map(|s| s.next_poll).min().unwrap();
            if next > end {
                self.until(end).await;
                return notices;
            }
            self.until(next.max(self.now())).await;
        }
    }

    pub fn seen(&self, path: &str) -> Vec<Seen> {
        self.seen.lock().unwrap().iter().filter(|s| s.path == path).cloned().collect()
    }

    /// Minutes between the requests for a path.
    pub fn gaps(&self, path: &str) -> Vec<i64> {
        self.seen(path).windows(2).map(|pair| (pair[1].at - pair[0].at).num_minutes()).collect()
    }
}

fn outlet(id: &str, url: &str) -> String {
    format!(
        "[[outlet]]\nid = \"{id}\"\nname = \"Báo {id}\"\ntier = \"central\"\n\n\
         [[outlet.channel]]\nname = \"tin\"\nkind = \"feed\"\nurl = \"{url}\"\n\n"
    )
}

/// A feed with one item for each number; the links are `/tin-N.html` of the host asked.
pub fn feed(host: &str, items: impl IntoIterator<Item = i64>) -> String {
    let rows: String = items
        .into_iter()
        .map(|n| format!("<item><title>Tin thứ {n}</title><link>http://{host}/tin-{n}.html</link></item>"))
        .collect();
    format!("<rss version=\"2.0\"><channel><title>Báo</title>{rows}</channel></rss>")
}

async fn serve(
    stream: TcpStream,
    log: &Mutex<Vec<Seen>>,
    clock: &AtomicI64,
    answer: &(dyn Fn(&Seen) -> Reply + Send + Sync),
) -> std::io::Result<()> {
    let mut stream = BufReader::new(stream);
    let mut line = String::new();
    stream.read_line(&mut line).await?;
    let path = line.split(' ').nth(1).unwrap_or("/").to_owned();
    let mut headers = Vec::new();
    loop {
        line.clear();
        if stream.read_line(&mut line).await? <= 2 {
            break;
        }
        if let Some((name, value)) = line.split_once(':') {
            headers.push((name.to_owned(), value.trim().to_owned()));
        }
    }
    let at = DateTime::from_timestamp_micros(clock.load(Ordering::SeqCst)).unwrap();
    let mut seen = Seen { at, host: String::new(), path, headers };
    seen.host = seen.header("host").unwrap_or_default().to_owned();
    log.lock().unwrap().push(seen.clone());
    let (status, headers, body) = answer(&seen);
    let mut headers = headers;
    if !headers.iter().any(|(name, _)| *name == "Date") {
        headers.push(("Date", at.format("%a, %d %b %Y %H:%M:%S GMT").to_string()));
    }
    let mut head = format!("HTTP/1.1 {status}\r\nContent-Length: {}\r\nConnection: close\r\n", body.len());
    for (name, value) in headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    let out = stream.get_mut();
    out.write_all(format!("{head}\r\n{body}").as_bytes()).await?;
    out.shutdown().await
}
