//! Officers at their browsers: so many read, so many write, so many pages listen to events; what each
//! waited, and how often something went wrong.
//!
//! `diembao-bench-console ADDRESS PASSWORD SECONDS READERS WRITERS STREAMS`, users named `tai0`, `tai1` …
//! A reader asks for a page every two seconds, a writer writes into a case every four, each beginning at
//! a moment of its own. What a request waited is counted from when it was due, not from when the one
//! before was answered: a stall is counted for everybody whom it kept waiting.

mod http;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use http::Browser;
use tokio::io::AsyncBufReadExt;
use tokio::sync::Mutex;
use tokio::time::{Instant, sleep_until};

const READ_EVERY: Duration = Duration::from_millis(2000);
const WRITE_EVERY: Duration = Duration::from_millis(4000);

#[derive(Default)]
struct Seen {
    reads: Mutex<Vec<(usize, Duration)>>,
    writes: Mutex<Vec<Duration>>,
    conflicts: AtomicU64,
    errors: AtomicU64,
    events: AtomicU64,
    streams: AtomicU64,
}

const PAGES: [&str; 5] = ["/", "/cases", "/cases/{case}", "/cases?state=all&severity=red", "/stories"];

#[tokio::main]
async fn main() {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let [address, password, rest @ ..] = &args[..] else { panic!("ADDRESS PASSWORD SECONDS READERS WRITERS STREAMS") };
    let n: Vec<usize> = rest.iter().map(|s| s.parse().expect("a number")).collect();
    let (seconds, readers, writers, streams) = (n[0] as u64, n[1], n[2], n[3]);
    floor(address).await;
    let mut browsers = Vec::new();
    for i in 0..(readers + writers).max(1) {
        let mut browser = Browser::new(address);
        browser.sign_in(&format!("tai{i}"), password).await.expect("signs in");
        browsers.push(browser);
        // Two requests each, from one address: faster and the console would tell it to wait.
        tokio::time::sleep(Duration::from_millis(80)).await;
    }
    println!("{} signed in", browsers.len());
    let seen = Arc::new(Seen::default());
    let cases: Vec<String> = open_cases(&mut browsers[0]).await;
    let begin = Instant::now() + Duration::from_secs(1);
    let end = begin + Duration::from_secs(seconds);
    for i in 0..streams {
        let of = i % browsers.len();
        let stream = browsers[of].stream("/events").await;
        let seen = Arc::clone(&seen);
        match stream {
            Ok(mut stream) => {
                seen.streams.fetch_add(1, Ordering::Relaxed);
                tokio::spawn(async move {
                    let mut line = String::new();
                    while stream.read_line(&mut line).await.is_ok_and(|n| n > 0) {
                        if line.starts_with("data:") {
                            seen.events.fetch_add(1, Ordering::Relaxed);
                        }
                        line.clear();
                    }
                    seen.streams.fetch_sub(1, Ordering::Relaxed);
                });
            }
            Err(e) => println!("stream {i}: {e}"),
        }
    }
    let mut working = Vec::new();
    for (i, browser) in browsers.into_iter().enumerate() {
        let (seen, cases) = (Arc::clone(&seen), cases.clone());
        working.push(if i < readers {
            tokio::spawn(read(browser, (i, begin, end), seen, cases))
        } else {
            tokio::spawn(write(browser, (i, begin, end), seen, cases))
        });
    }
    for work in working {
        work.await.expect("goes on");
    }
    report(&seen, seconds).await;
}

/// What the server needs for next to nothing, in the same run.
async fn floor(address: &str) {
    let mut browser = Browser::new(address);
    let mut times = Vec::new();
    for _ in 0..200 {
        let began = Instant::now();
        assert_eq!(browser.get("/static/console.css").await.expect("answers").status, 200);
        times.push(began.elapsed());
        tokio::time::sleep(Duration::from_millis(55)).await;
    }
    println!("floor: a static file, one at a time: {}", line(&mut times));
}

async fn open_cases(browser: &mut Browser) -> Vec<String> {
    let page = browser.get("/cases").await.expect("answers");
    let text = String::from_utf8_lossy(&page.body).replace("&#x2f;", "/");
    let mut cases: Vec<String> = text
        .split("href=\"/cases/")
        .skip(1)
        .filter_map(|part| part.split('"').next())
        .filter(|id| !id.is_empty() && id.bytes().all(|b| b.is_ascii_digit()))
        .map(str::to_owned)
        .collect();
    cases.dedup();
    assert!(!cases.is_empty(), "there are cases to work on");
    cases
}

async fn read(
    mut browser: Browser,
    (i, begin, end): (usize, Instant, Instant),
    seen: Arc<Seen>,
    cases: Vec<String>,
) {
    let mut due = begin + READ_EVERY.mul_f64((i * 7919 % 200) as f64 / 200.0);
    let mut turn = i;
    while due < end {
        sleep_until(due).await;
        let page = turn % PAGES.len();
        let path = PAGES[page].replace("{case}", &cases[turn * 31 % cases.len()]);
        match browser.get(&path).await {
            Ok(answer) if answer.status == 200 => seen.reads.lock().await.push((page, due.elapsed())),
            Ok(answer) => failed(&seen, &path, &answer.status.to_string()),
            Err(e) => {
                failed(&seen, &path, &e.to_string());
            }
        }
        turn += 1;
        due += READ_EVERY;
    }
}

async fn write(
    mut browser: Browser,
    (i, begin, end): (usize, Instant, Instant),
    seen: Arc<Seen>,
    cases: Vec<String>,
) {
    let mut due = begin + WRITE_EVERY.mul_f64((i * 7919 % 200) as f64 / 200.0);
    let mut turn = i * 13;
    while due < end {
        sleep_until(due).await;
        let path = format!("/cases/{}", cases[turn % cases.len()]);
        let opened = due.elapsed();
        match browser.get(&path).await {
            Ok(page) if page.status == 200 => {
                seen.reads.lock().await.push((2, due.elapsed() - opened));
                let (Some(csrf), Some(version)) = (page.field("csrf"), page.field("version")) else {
                    failed(&seen, &path, "no form");
                    due += WRITE_EVERY;
                    continue;
                };
                let began = Instant::now();
                let fields = [("csrf", csrf.as_str()), ("version", &version), ("do", "note"), ("note", "đã gọi bệnh viện")];
                match browser.post(&path, &fields).await {
                    Ok(answer) if answer.status == 303 => seen.writes.lock().await.push(began.elapsed()),
                    Ok(answer) if answer.status == 409 => {
                        seen.conflicts.fetch_add(1, Ordering::Relaxed);
                    }
                    Ok(answer) => failed(&seen, &path, &answer.status.to_string()),
                    Err(e) => failed(&seen, &path, &e.to_string()),
                }
            }
            Ok(answer) => failed(&seen, &path, &answer.status.to_string()),
            Err(e) => failed(&seen, &path, &e.to_string()),
        }
        turn += 1;
        due += WRITE_EVERY;
    }
}

fn failed(seen: &Seen, path: &str, why: &str) {
    if seen.errors.fetch_add(1, Ordering::Relaxed) < 5 {
        println!("{path}: {why}");
    }
}

fn line(times: &mut [Duration]) -> String {
    times.sort_unstable();
    if times.is_empty() {
        return "none".to_owned();
    }
    let ms = |part: f64| times[((times.len() - 1) as f64 * part) as usize].as_secs_f64() * 1000.0;
    format!(
        "{:6}  p50 {:6.1} ms  p90 {:6.1} ms  p99 {:6.1} ms  most {:6.1} ms",
        times.len(),
        ms(0.5),
        ms(0.9),
        ms(0.99),
        ms(1.0)
    )
}

async fn report(seen: &Seen, seconds: u64) {
    let reads = seen.reads.lock().await;
    for (page, path) in PAGES.iter().enumerate() {
        let mut times: Vec<Duration> = reads.iter().filter(|(p, _)| *p == page).map(|(_, t)| *t).collect();
        println!("{path:<30} {}", line(&mut times));
    }
    let mut all: Vec<Duration> = reads.iter().map(|(_, t)| *t).collect();
    println!("{:<30} {}  ({:.0} a second)", "all reads", line(&mut all), all.len() as f64 / seconds as f64);
    println!("{:<30} {}", "writes", line(&mut seen.writes.lock().await));
    println!(
        "{} conflicts, {} errors, {} streams open at the end, {} events heard",
        seen.conflicts.load(Ordering::Relaxed),
        seen.errors.load(Ordering::Relaxed),
        seen.streams.load(Ordering::Relaxed),
        seen.events.load(Ordering::Relaxed)
    );
}
