//! Reads large or hostile channels and prints what was found, how long it took and the most memory held.
//!
//! `cargo run --release -p diembao-feeds --example feed_memory -- FILE` (one file a run: memory is the process's)

use std::time::Instant;

use diembao_feeds::{ParseContext, parse_any};
use diembao_news::{CanonicalUrl, ChannelKind, SectionRules};

fn main() {
    let Some(bytes) = std::env::args().nth(1).and_then(|file| std::fs::read(file).ok()) else {
        return;
    };
    let base = CanonicalUrl::parse("https://baomau.example/feed").expect("a sound address");
    let rules = SectionRules::default();
    let context = ParseContext {
        kind: ChannelKind::Feed,
        base: &base,
        rules: &rules,
        zone: chrono_tz::Asia::Ho_Chi_Minh,
        now: "2026-11-21T00:00:00Z".parse().expect("a sound date"),
        charset: None,
    };
    let begun = Instant::now();
    let parsed = parse_any(&context, &bytes);
    let took = begun.elapsed();
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let peak = status.lines().find(|line| line.starts_with("VmHWM")).unwrap_or("VmHWM: unknown");
    println!("{} {} items, {} MB read in {took:?}, {peak}", parsed.kind, parsed.items.len(), bytes.len() >> 20);
    for problem in &parsed.problems {
        println!("  {problem}");
    }
}
