//! Answers for programs: JSON objects and CSV.

use std::io::Write;

use diembao_news::Severity;
use diembao_search::{Answer, Hit};
use serde_json::json;

use super::print::Names;
use crate::output::rfc3339;

/// One answer as one object; see `docs/analysts.md`.
pub(crate) fn as_json(query: &str, answer: &Answer, took_us: u128) -> serde_json::Value {
    let facets: serde_json::Map<String, serde_json::Value> = answer
        .facets
        .iter()
        .map(|(facet, counts)| {
            let counts: Vec<_> = counts.iter().map(|(value, n)| json!({"value": value, "count": n})).collect();
            (facet.as_str().to_owned(), counts.into())
        })
        .collect();
    json!({
        "query": query,
        "total": answer.total,
        "took_us": u64::try_from(took_us).unwrap_or(u64::MAX),
        "hits": answer.hits.iter().map(hit_json).collect::<Vec<_>>(),
        "facets": facets,
        "next": answer.next.map(|c| c.to_string()),
        "notes": answer.notes,
    })
}

/// One hit as one object.
pub(crate) fn hit_json(hit: &Hit) -> serde_json::Value {
    let highlights: Vec<[usize; 2]> = hit.snippet.highlights.iter().map(|r| [r.start, r.end]).collect();
    json!({
        "id": hit.id.to_string(),
        "ref": hit.reference,
        "url": hit.url,
        "title": hit.title,
        "outlet": hit.outlet,
        "published": rfc3339(hit.published),
        "story": hit.story.map(|s| s.to_string()),
        "topics": hit.topics,
        "flags": hit.flags,
        "severity": hit.severity.map(Severity::as_str),
        "score": hit.score,
        "snippet": hit.snippet.text,
        "highlights": highlights,
        "articles": hit.n_articles,
        "outlets": hit.n_outlets,
    })
}

const COLUMNS: [&str; 13] = [
    "id",
    "ref",
    "story",
    "published",
    "outlet",
    "severity",
    "articles",
    "outlets",
    "topics",
    "flags",
    "title",
    "url",
    "snippet",
];

/// Hits as CSV (RFC 4180) with a header; when something is counted, the counts instead.
pub(crate) fn csv(out: &mut impl Write, answer: &Answer, names: &Names<'_>) -> anyhow::Result<()> {
    let mut csv = csv::Writer::from_writer(out);
    if answer.facets.is_empty() {
        csv.write_record(COLUMNS)?;
        for hit in &answer.hits {
            csv.write_record(record(hit).map(|field| harmless(&field)))?;
        }
    } else {
        csv.write_record(["by", "value", "name", "articles"])?;
        for (facet, counts) in &answer.facets {
            for (value, n) in counts {
                let name = names.of(*facet, value);
                csv.write_record([facet.as_str(), &harmless(value), &harmless(&name), &n.to_string()])?;
            }
        }
    }
    csv.flush()?;
    Ok(())
}

fn record(hit: &Hit) -> [String; 13] {
    [
        hit.id.to_string(),
        hit.reference.clone().unwrap_or_default(),
        hit.story.map(|s| s.to_string()).unwrap_or_default(),
        rfc3339(hit.published),
        hit.outlet.clone(),
        hit.severity.map_or("", Severity::as_str).to_owned(),
        hit.n_articles.to_string(),
        hit.n_outlets.to_string(),
        hit.topics.join(" "),
        hit.flags.join(" "),
        hit.title.clone(),
        hit.url.clone().unwrap_or_default(),
        crate::output::on_one_line(&hit.snippet.text),
    ]
}

/// A spreadsheet runs what begins like a formula; headlines come from anywhere.
fn harmless(field: &str) -> String {
    let runs = field.starts_with(['=', '+', '-', '@', '\t', '\r']);
    if runs { format!("'{field}") } else { field.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_headline_is_a_formula() {
        for (field, expect) in [("=1+1", "'=1+1"), ("@x", "'@x"), ("68 học sinh", "68 học sinh"), ("", "")] {
            assert_eq!(harmless(field), expect);
        }
    }
}
