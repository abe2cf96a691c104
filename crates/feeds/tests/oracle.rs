//! Our reading of feeds against two other parsers' readings: feedparser's (recorded), and feed-rs'.
//!
//! Skipped with a message when the collection of feeds is not beside the project.

#![expect(clippy::unwrap_used, clippy::print_stderr, reason = "a test that cannot go on should fail")]

use std::path::{Path, PathBuf};

use diembao_feeds::{ParseContext, Parsed, parse_any};
use diembao_news::{CanonicalUrl, ChannelKind, SectionRules};

const BASE: &str = "https://example.org/feed";

fn collection() -> Option<PathBuf> {
    let path = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data/feeds"));
    if path.join("oracle.jsonl").exists() {
        return Some(path.to_owned());
    }
    eprintln!("skipped: the collection of feeds is not beside the project");
    None
}

fn read(bytes: &[u8]) -> Parsed {
    let base = CanonicalUrl::parse(BASE).unwrap();
    let rules = SectionRules::default();
    let context = ParseContext {
        kind: ChannelKind::Feed,
        base: &base,
        rules: &rules,
        zone: chrono_tz::Asia::Ho_Chi_Minh,
        now: "2026-11-21T00:00:00Z".parse().unwrap(),
        charset: None,
    };
    parse_any(&context, bytes)
}

/// The recorded readings: file, whether it is well formed, and how many items there are.
fn recorded(folder: &Path) -> Vec<(String, bool, usize)> {
    let text = std::fs::read_to_string(folder.join("oracle.jsonl")).unwrap();
    text.lines()
        .map(|line| {
            let row: serde_json::Value = serde_json::from_str(line).unwrap();
            let n = usize::try_from(row["n_entries"].as_u64().unwrap()).unwrap();
            (row["file"].as_str().unwrap().to_owned(), !row["bozo"].as_bool().unwrap(), n)
        })
        .collect()
}

#[test]
fn every_well_formed_feed_agrees_and_the_others_yield_no_less() {
    let Some(folder) = collection() else { return };
    let (mut n, mut wrong) = (0, Vec::new());
    for (file, well_formed, expected) in recorded(&folder) {
        let got = read(&std::fs::read(folder.join(&file)).unwrap()).items.len();
        n += 1;
        if (well_formed && got != expected) || got < expected {
            wrong.push(format!("{file}: {got} items, expected {expected}"));
        }
    }
    assert!(wrong.is_empty(), "{} of {n}:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn what_feed_rs_accepts_is_read_alike() {
    let Some(folder) = collection() else { return };
    let (mut n, mut wrong) = (0, Vec::new());
    for (file, well_formed, _) in recorded(&folder) {
        let bytes = std::fs::read(folder.join(&file)).unwrap();
        // It panics on some feeds of other charsets, which is why it is not what the product reads with.
        let theirs =
            std::panic::catch_unwind(|| feed_rs::parser::Builder::new().base_uri(Some(BASE)).build().parse(&bytes[..]));
        let Ok(Ok(theirs)) = theirs else { continue };
        if !well_formed {
            continue;
        }
        let ours = read(&bytes);
        n += 1;
        if ours.items.len() < theirs.entries.len() {
            wrong.push(format!("{file}: {} items, feed-rs reads {}", ours.items.len(), theirs.entries.len()));
            continue;
        }
        for (item, entry) in ours.items.iter().zip(&theirs.entries) {
            let links: Vec<CanonicalUrl> = entry
                .links
                .iter()
                .filter(|l| l.rel.as_deref().is_none_or(|rel| rel == "alternate"))
                .filter_map(|l| CanonicalUrl::parse(&l.href).ok())
                .collect();
            if !links.is_empty() && !item.url.as_ref().is_some_and(|url| links.contains(url)) {
                wrong.push(format!("{file}: {:?} is none of {links:?}", item.url));
            }
        }
    }
    assert!(n > 500, "only {n} feeds could be compared");
    assert!(wrong.is_empty(), "{} of {n}:\n{}", wrong.len(), wrong.join("\n"));
}
