//! Extracts pages given as JSON lines `{"id","url","path"}` and prints one JSON object a line:
//! what `diembao try extract --json` prints, without the rest of the product. For measuring.
//!
//! `extract_lines NOW < items.jsonl`, NOW being an RFC 3339 time.

use std::io::{BufRead, Write};

use chrono::{DateTime, Utc};
use diembao_extract::{Extraction, PageContext, Stated, extract};
use diembao_news::{CanonicalUrl, ExtractRules};
use serde_json::{Value, json};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let now: DateTime<Utc> = std::env::args().nth(1).ok_or("name the present time")?.parse()?;
    let rules = ExtractRules::default();
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    for line in std::io::stdin().lock().lines() {
        let item: Value = serde_json::from_str(&line?)?;
        let text = |key: &str| item[key].as_str().unwrap_or_default().to_owned();
        let url = CanonicalUrl::parse(&text("url"))?;
        let html = String::from_utf8_lossy(&std::fs::read(text("path"))?).into_owned();
        let page = PageContext { url: &url, rules: &rules, zone: chrono_tz::Asia::Ho_Chi_Minh, now };
        writeln!(out, "{}", shown(&text("id"), &extract(&html, &page)))?;
    }
    Ok(())
}

fn shown(id: &str, e: &Extraction) -> Value {
    let at = |s: &Option<Stated>| s.as_ref().map(|s| s.at.to_rfc3339());
    let steps: Vec<String> = e
        .trace
        .iter()
        .map(|s| format!("{} {} {}: {}", if s.chosen { "+" } else { "-" }, s.field, s.candidate, s.note))
        .collect();
    json!({
        "id": id, "kind": e.kind.as_str(), "title": e.title, "lead": e.lead, "body": e.body, "authors": e.authors,
        "published": at(&e.published), "modified": at(&e.modified),
        "published_from": e.published.as_ref().map(|s| s.from), "published_raw": e.published.as_ref().map(|s| s.raw.as_str()),
        "image": e.image, "image_caption": e.image_caption, "canonical": e.canonical.as_ref().map(CanonicalUrl::as_str),
        "lang": e.lang, "section": e.section, "tags": e.tags, "credited_source": e.credited_source,
        "n_words": e.n_words, "problems": e.problems, "trace": steps,
    })
}
