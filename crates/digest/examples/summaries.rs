//! Summaries of stories read as JSON lines, for bench/edition/rouge.py.
//!
//! In: one article a line (cluster, title, lead, body) on standard input. Out: one `{"cluster","summary"}` a line.

#![expect(clippy::unwrap_used, reason = "a measurement that cannot be read has failed")]

use std::collections::BTreeMap;
use std::io::{BufRead, Write};

use chrono::{DateTime, Utc};
use diembao_digest::{ArticleInput, summarise};
use diembao_news::{ArticleId, ArticleText, CanonicalUrl, Tier};
use serde_json::Value;

/// As in the editions.
const MAX_WORDS: usize = 60;

fn main() {
    let mut stories: BTreeMap<String, Vec<ArticleInput>> = BTreeMap::new();
    for (n, line) in std::io::stdin().lock().lines().enumerate() {
        let v: Value = serde_json::from_str(&line.unwrap()).unwrap();
        let field = |key: &str| v[key].as_str().unwrap_or_default().to_owned();
        stories.entry(field("cluster")).or_default().push(ArticleInput {
            id: ArticleId::of_url(&CanonicalUrl::parse(&format!("https://bao.example.vn/{n}")).unwrap()),
            outlet: field("outlet"),
            tier: Tier::Central,
            url: None,
            text: ArticleText { title: field("title"), lead: field("lead"), body: field("body") },
            published: DateTime::<Utc>::UNIX_EPOCH,
            is_reprint: false,
        });
    }
    let mut out = std::io::stdout().lock();
    for (cluster, articles) in stories {
        let summary = summarise(&articles, MAX_WORDS);
        writeln!(out, "{}", serde_json::json!({"cluster": cluster, "summary": summary})).unwrap();
    }
}
