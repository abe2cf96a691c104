//! Times one extractor on pages: `bench-extract NAME NOW < items.jsonl`, an item being
//! `{"id","url","path"}`. Pages are read before the clock starts; each page is repeated until 40 ms of CPU
//! time are spent on it, and the least counts. Prints one JSON object: pages a second, ratios, peak memory.

use std::hint::black_box;
use std::io::Read;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

use diembao_extract::{PageContext, extract};
use diembao_news::{CanonicalUrl, ExtractRules};
use rustix::time::{ClockId, clock_gettime};
use serde_json::{Value, json};

struct Page {
    id: String,
    url: String,
    html: String,
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut args = std::env::args().skip(1);
    let name = args.next().ok_or("name an extractor: diembao, parse, trafilatura, trafilatura-fallback, dom_smoothie")?;
    let now = args.next().ok_or("name the present time")?.parse()?;
    let bodies = args.next().is_some_and(|a| a == "bodies");
    let pages = read_pages()?;
    let work = |page: &Page| -> String {
        match name.as_str() {
            "parse" => parse_only(&page.html),
            "trafilatura" => trafilatura(&page.html, false),
            "trafilatura-fallback" => trafilatura(&page.html, true),
            "dom_smoothie" => dom_smoothie(&page.html),
            _ => ours(page, now),
        }
    };
    if bodies {
        for page in &pages {
            println!("{}", json!({"id": page.id, "kind": "article", "title": "", "lead": "", "body": guarded(&work, page), "trace": []}));
        }
        return Ok(());
    }
    let times: Vec<Duration> = pages.iter().map(|page| cost(&work, page)).collect();
    println!("{}", report(&name, &pages, &times));
    Ok(())
}

fn read_pages() -> Result<Vec<Page>, Box<dyn std::error::Error>> {
    let mut input = String::new();
    std::io::stdin().read_to_string(&mut input)?;
    let mut pages = Vec::new();
    for line in input.lines() {
        let item: Value = serde_json::from_str(line)?;
        let text = |key: &str| item[key].as_str().unwrap_or_default().to_owned();
        let html = String::from_utf8_lossy(&std::fs::read(text("path"))?).into_owned();
        pages.push(Page { id: text("id"), url: text("url"), html });
    }
    Ok(pages)
}

fn guarded(work: &impl Fn(&Page) -> String, page: &Page) -> String {
    catch_unwind(AssertUnwindSafe(|| work(page))).unwrap_or_default()
}

/// The least CPU time of at least three runs, and of as many as fill 40 ms: what else the machine does can only add to it.
fn cost(work: &impl Fn(&Page) -> String, page: &Page) -> Duration {
    let (mut least, mut spent, mut n_runs) = (Duration::MAX, Duration::ZERO, 0);
    while n_runs < 3 || spent < Duration::from_millis(40) && n_runs < 2000 {
        let start = cpu_time();
        black_box(guarded(work, page));
        let run = cpu_time().saturating_sub(start);
        least = least.min(run);
        spent += run;
        n_runs += 1;
    }
    least
}

fn report(name: &str, pages: &[Page], times: &[Duration]) -> Value {
    let total: f64 = times.iter().map(Duration::as_secs_f64).sum();
    let mut per_byte: Vec<f64> =
        pages.iter().zip(times).map(|(p, t)| t.as_secs_f64() / p.html.len().max(1) as f64).collect();
    per_byte.sort_by(f64::total_cmp);
    let median = per_byte[per_byte.len() / 2];
    let bytes: usize = pages.iter().map(|p| p.html.len()).sum();
    json!({
        "extractor": name, "pages": pages.len(), "pages_per_s": (pages.len() as f64 / total).round(),
        "mb_per_s": (bytes as f64 / total / 1e5).round() / 10.0,
        "slowest_page_ms": (times.iter().max().map_or(0.0, Duration::as_secs_f64) * 1e4).round() / 10.0,
        "slowest_per_byte_over_median": (per_byte[per_byte.len() - 1] / median * 10.0).round() / 10.0,
        "peak_mb": peak_mb(),
    })
}

/// CPU time this thread has had.
fn cpu_time() -> Duration {
    let now = clock_gettime(ClockId::ThreadCPUTime);
    Duration::new(now.tv_sec.unsigned_abs(), now.tv_nsec as u32)
}

/// The process's peak resident memory.
fn peak_mb() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|l| l.starts_with("VmHWM"))?;
    line.split_whitespace().nth(1)?.parse::<u64>().ok().map(|kb| kb / 1024)
}

fn ours(page: &Page, now: chrono::DateTime<chrono::Utc>) -> String {
    let Ok(url) = CanonicalUrl::parse(&page.url) else { return String::new() };
    let rules = ExtractRules::default();
    extract(&page.html, &PageContext { url: &url, rules: &rules, zone: chrono_tz::Asia::Ho_Chi_Minh, now }).body
}

fn trafilatura(html: &str, fallback: bool) -> String {
    let options = trafilatura::Options::default().with_fallback(fallback);
    trafilatura::extract(html, &options).map(|r| r.content_text.to_string()).unwrap_or_default()
}

fn dom_smoothie(html: &str) -> String {
    let Ok(mut reader) = dom_smoothie::Readability::new(html, None, None) else { return String::new() };
    reader.parse().map(|a| a.text_content.to_string()).unwrap_or_default()
}

/// html5ever building a tree and nothing else: the floor for everything built on it.
fn parse_only(html: &str) -> String {
    use html5ever::tendril::TendrilSink;
    let sink = scraper::HtmlTreeSink::new(scraper::Html::new_document());
    let parsed = html5ever::parse_document(sink, Default::default()).one(html);
    parsed.tree.values().len().to_string()
}
