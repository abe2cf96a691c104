//! Reading a large press on one machine: an hour of 5,000 channels on 500 hosts, and 20,000 pages as fast as the
//! limiter allows. The press is a process of its own, so that CPU and memory are the reader's alone.
//!
//! `cargo run --release -p diembao-pipeline --example load -- hour` or `-- pages`; see bench/collect.

use std::fs;
use std::io::{BufRead, BufReader as LineReader, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use anyhow::Context;
use chrono::{DateTime, TimeDelta, Utc};
use diembao_news::{CanonicalUrl, ChannelId, Item};
use diembao_pipeline::{Clock, Event, Home, Intake, Pipeline, Progress, RunReport, Share};
use diembao_store::{Poll, PollResult};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};

const N_HOSTS: usize = 500;
const N_CHANNELS: usize = 5_000;
const N_PAGES: usize = 20_000;
/// One host's interval while pages are fetched: 500 hosts allow 5,000 pages a second.
const INTERVAL: &str = "100ms";
/// When the simulated time begins: 07:00 of a Saturday in Vietnam.
const BEGIN: i64 = 1_795_219_200;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    match std::env::args().nth(1).as_deref() {
        Some("serve") => serve().await,
        Some("hour") => hour().await,
        Some("pages") => pages().await,
        _ => anyhow::bail!("usage: load hour|pages"),
    }
}

/// Another process of this program that serves the press; ends with it.
struct Press {
    child: Child,
    port: u16,
}

impl Press {
    fn start() -> anyhow::Result<Self> {
        let program = std::env::current_exe()?;
        let mut child = Command::new(program).arg("serve").stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
        let mut line = String::new();
        LineReader::new(child.stdout.take().context("no output")?).read_line(&mut line)?;
        Ok(Self { child, port: line.trim().parse()? })
    }

    /// Tells it what time it is.
    fn tell(&mut self, now: DateTime<Utc>) -> anyhow::Result<()> {
        let stdin = self.child.stdin.as_mut().context("no input")?;
        writeln!(stdin, "{}", now.timestamp())?;
        Ok(stdin.flush()?)
    }
}

impl Drop for Press {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

async fn serve() -> anyhow::Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    println!("{}", listener.local_addr()?.port());
    let now = Arc::new(AtomicI64::new(BEGIN));
    let told = Arc::clone(&now);
    std::thread::spawn(move || {
        for line in std::io::stdin().lines().map_while(Result::ok) {
            told.store(line.parse().unwrap_or(BEGIN), Ordering::Relaxed);
        }
    });
    loop {
        let (stream, _) = listener.accept().await?;
        let now = Arc::clone(&now);
        tokio::spawn(async move {
            let _ = converse(stream, &now).await;
        });
    }
}

async fn converse(stream: TcpStream, now: &AtomicI64) -> std::io::Result<()> {
    let mut stream = BufReader::new(stream);
    let mut line = String::new();
    loop {
        line.clear();
        if stream.read_line(&mut line).await? == 0 {
            return Ok(());
        }
        let path = line.split(' ').nth(1).unwrap_or("/").to_owned();
        let (mut host, mut tag) = (String::new(), String::new());
        loop {
            line.clear();
            if stream.read_line(&mut line).await? <= 2 {
                break;
            }
            let lower = line.to_ascii_lowercase();
            if let Some(value) = lower.strip_prefix("host:") {
                host = value.trim().to_owned();
            } else if let Some(value) = lower.strip_prefix("if-none-match:") {
                tag = value.trim().to_owned();
            }
        }
        let answer = answer(&path, &host, &tag, now.load(Ordering::Relaxed));
        stream.get_mut().write_all(answer.as_bytes()).await?;
    }
}

/// The thirty newest items of a channel that publishes one every four minutes to an hour, each by its own number;
/// 304 when there is none since the tag was given.
fn answer(path: &str, host: &str, tag: &str, now: i64) -> String {
    let Some(channel) = path.strip_prefix("/rss-") else {
        let body = if path == "/robots.txt" { String::new() } else { page(path) };
        let head = "HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8";
        return format!("{head}\r\nContent-Length: {}\r\n\r\n{body}", body.len());
    };
    let seed = host.bytes().chain(channel.bytes()).fold(7_i64, |n, b| (n * 31 + i64::from(b)) % 1_000_003);
    let gap = 240 + seed % 3360;
    let newest = now / gap;
    if tag == format!("\"{newest}\"") {
        return format!("HTTP/1.1 304 Not Modified\r\nETag: {tag}\r\n\r\n");
    }
    let items: String = (newest - 29..=newest)
        .filter_map(|n| {
            let date = DateTime::from_timestamp(n * gap, 0)?.to_rfc2822();
            Some(format!(
                "<item><title>Tin y tế số {n}</title><link>http://{host}/{channel}/tin-{n}.html</link>\
                 <pubDate>{date}</pubDate></item>"
            ))
        })
        .collect();
    let body = format!("<rss version=\"2.0\"><channel><title>Báo</title>{items}</channel></rss>");
    format!("HTTP/1.1 200 OK\r\nETag: \"{newest}\"\r\nContent-Length: {}\r\n\r\n{body}", body.len())
}

/// A page of about 20 KB, as the sample press has.
fn page(path: &str) -> String {
    let sentence =
        "Bệnh viện đa khoa tỉnh cho biết đã tiếp nhận và điều trị cho người bệnh theo đúng quy trình chuyên môn. ";
    let paragraphs: String = (0..12).map(|n| format!("<p>{}{path} {n}</p>", sentence.repeat(3))).collect();
    let furniture = "<li><a href=\"/chuyen-muc\">Chuyên mục khác của báo</a></li>".repeat(150);
    format!(
        "<html><head><title>Tin {path}</title></head><body><ul>{furniture}</ul><article><h1>Tin y tế {path}</h1>\
         {paragraphs}</article></body></html>"
    )
}

struct World {
    p: Pipeline,
    now: Arc<AtomicI64>,
    press: Press,
    _dir: tempfile::TempDir,
}

impl World {
    async fn make(interval: &str, progress: Progress) -> anyhow::Result<Self> {
        let press = Press::start()?;
        let dir = tempfile::tempdir()?;
        let root = dir.path().join("home");
        diembao_pipeline::init(&root)?;
        let settings = fs::read_to_string(root.join("diembao.toml"))?
            .replace("allow_loopback = false", "allow_loopback = true")
            .replace("host_interval = \"2s\"", &format!("host_interval = \"{interval}\""))
            .replace("\nconcurrency = 32", "\nconcurrency = 256");
        fs::write(root.join("diembao.toml"), settings)?;
        fs::write(root.join("feeds.toml"), feeds(press.port))?;
        let now = Arc::new(AtomicI64::new(BEGIN * 1_000_000));
        let shown = Arc::clone(&now);
        let clock =
            Clock::new(move || DateTime::from_timestamp_micros(shown.load(Ordering::SeqCst)).unwrap_or_default());
        let p = Pipeline::open(Home::load(Path::new(&root))?, clock, progress).await?;
        Ok(Self { p, now, press, _dir: dir })
    }
}

fn feeds(port: u16) -> String {
    let mut text = String::new();
    for host in 0..N_HOSTS {
        text.push_str(&format!("[[outlet]]\nid = \"bao-{host}\"\nname = \"Báo {host}\"\ntier = \"local\"\n"));
        for channel in 0..N_CHANNELS / N_HOSTS {
            text.push_str(&format!(
                "[[outlet.channel]]\nname = \"k{channel}\"\nkind = \"feed\"\n\
                 url = \"http://bao-{host}.localhost:{port}/rss-{channel}\"\n"
            ));
        }
    }
    text
}

/// Sixty minutes, each as long as its polls take. The first minute polls all channels for the first time.
async fn hour() -> anyhow::Result<()> {
    let mut world = World::make("0s", Progress::default()).await?;
    let intake = Intake::open(&world.p, Share::Home).await?;
    let (mut n_polls, mut n_good, mut slowest, mut latest) = (0, 0, Duration::ZERO, TimeDelta::zero());
    let mut first = Duration::ZERO;
    let begun = Instant::now();
    for minute in 0..60 {
        let now = world.p.clock.now();
        let due = world.p.store.channel_states().await?;
        let late = due.iter().filter_map(|s| s.next_poll).filter(|t| *t <= now).map(|t| now - t).max();
        latest = latest.max(late.unwrap_or_default());
        let mut report = RunReport::default();
        let started = Instant::now();
        diembao_pipeline::collect(&world.p, &intake, &mut report).await?;
        if minute == 0 {
            first = started.elapsed();
        } else {
            slowest = slowest.max(started.elapsed());
        }
        n_polls += report.channels.0;
        n_good += report.channels.1;
        world.now.fetch_add(60_000_000, Ordering::SeqCst);
        world.press.tell(world.p.clock.now())?;
    }
    println!("{n_polls} polls of {N_CHANNELS} channels on {N_HOSTS} hosts, {n_good} answered");
    println!(
        "the first poll of all took {:.1} s; the slowest minute after it {:.1} s",
        first.as_secs_f64(),
        slowest.as_secs_f64()
    );
    println!("no poll was later than {} s of simulated time", latest.num_seconds());
    println!("{:.0} s in all", begun.elapsed().as_secs_f64());
    usage()
}

/// All pages of one morning, with the memory at each tenth of them.
async fn pages() -> anyhow::Result<()> {
    let n_done = Arc::new(AtomicU64::new(0));
    let counted = Arc::clone(&n_done);
    let progress = Progress::to(move |event| {
        if let Event::Advance(_, n) = event {
            let before = counted.fetch_add(n, Ordering::Relaxed);
            let tenth = (N_PAGES / 10) as u64;
            if before / tenth < (before + n) / tenth {
                println!("{:>6} pages  {:>4} MB", before + n, memory("VmRSS").unwrap_or(0));
            }
        }
    });
    let world = World::make(INTERVAL, progress).await?;
    let intake = Intake::open(&world.p, Share::Home).await?;
    let port = world.press.port;
    for host in 0..N_HOSTS {
        let channel = ChannelId::parse(&format!("bao-{host}/k0"))?;
        let items: Vec<Item> = (0..N_PAGES / N_HOSTS)
            .map(|n| {
                let url = CanonicalUrl::parse(&format!("http://bao-{host}.localhost:{port}/tin-{n}.html"))?;
                anyhow::Ok(Item {
                    channel: channel.clone(),
                    url,
                    title: String::new(),
                    summary: String::new(),
                    published: None,
                })
            })
            .collect::<Result<_, _>>()?;
        let now = world.p.clock.now();
        let result = PollResult::Changed { body_hash: String::new() };
        let poll = Poll {
            channel,
            polled_at: now,
            next_poll: now + TimeDelta::days(1),
            result,
            etag: None,
            last_modified: None,
            problem: None,
            answer: Some("items"),
            skew: None,
        };
        world.p.store.record_poll(&poll, &items).await?;
    }
    let mut report = RunReport::default();
    let begun = Instant::now();
    diembao_pipeline::fetch_pages(&world.p, &intake, &mut report).await?;
    let seconds = begun.elapsed().as_secs_f64();
    let stage = report.stages.values().next().context("no stage")?;
    println!(
        "{} of {} pages became articles in {seconds:.1} s: {:.0} a second",
        stage.n_out,
        stage.n_in,
        stage.n_in as f64 / seconds
    );
    usage()
}

/// CPU and the most memory of this process so far.
fn usage() -> anyhow::Result<()> {
    let stat = fs::read_to_string("/proc/self/stat")?;
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
    let ticks = |n: usize| fields.get(n).and_then(|f| f.parse::<f64>().ok()).unwrap_or_default();
    println!("{:.1} s of CPU, {} MB at the most", (ticks(11) + ticks(12)) / 100.0, memory("VmHWM")?);
    Ok(())
}

fn memory(field: &str) -> anyhow::Result<u64> {
    let status = fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find(|l| l.starts_with(field)).context("no such field")?;
    Ok(line.split_whitespace().nth(1).unwrap_or("0").parse::<u64>()? / 1024)
}
