//! Prints the articles found on saved section pages.
//!
//! `cargo run -p diembao-feeds --example section_links -- URL FILE…`

use diembao_feeds::{ParseContext, parse_channel};
use diembao_news::{CanonicalUrl, ChannelKind, SectionRules};

fn main() {
    let mut arguments = std::env::args().skip(1);
    let base = arguments.next().and_then(|url| CanonicalUrl::parse(&url).ok()).expect("the page's address comes first");
    let rules = SectionRules::default();
    for file in arguments {
        let Ok(bytes) = std::fs::read(&file) else { continue };
        let context = ParseContext {
            kind: ChannelKind::Section,
            base: &base,
            rules: &rules,
            zone: chrono_tz::Asia::Ho_Chi_Minh,
            now: "2026-11-21T00:00:00Z".parse().expect("a sound date"),
            charset: None,
        };
        let parsed = parse_channel(&context, &bytes);
        println!("{file}: {:?} {} items {:?}", parsed.title, parsed.items.len(), parsed.problems);
        for item in &parsed.items {
            println!("  {} | {} | {:?}", item.link.as_deref().unwrap_or("-"), item.title, item.published);
        }
    }
}
