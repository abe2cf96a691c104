//! Reads feeds and prints what is found, one JSON object a line: for comparing with another parser's reading.
//!
//! `cargo run -p diembao-feeds --example feed_oracle -- FILE…`

use chrono::{DateTime, Utc};
use diembao_feeds::{ParseContext, parse_any};
use diembao_news::{CanonicalUrl, ChannelKind, SectionRules};

fn main() {
    let base = CanonicalUrl::parse("https://example.org/feed").expect("a sound address");
    let now: DateTime<Utc> = "2026-11-21T00:00:00Z".parse().expect("a sound date");
    let rules = SectionRules::default();
    for file in std::env::args().skip(1) {
        let Ok(bytes) = std::fs::read(&file) else { continue };
        let context = ParseContext {
            kind: ChannelKind::Feed,
            base: &base,
            rules: &rules,
            zone: chrono_tz::Asia::Ho_Chi_Minh,
            now,
            charset: None,
        };
        let parsed = parse_any(&context, &bytes);
        let items: Vec<serde_json::Value> = parsed
            .items
            .iter()
            .map(|i| {
                serde_json::json!({
                    "url": i.link, "id": i.id, "title": i.title, "summary": i.summary,
                    "published": i.published, "published_raw": i.published_raw,
                })
            })
            .collect();
        let line = serde_json::json!({
            "file": file, "kind": parsed.kind, "title": parsed.title, "items": items, "problems": parsed.problems,
        });
        println!("{line}");
    }
}
