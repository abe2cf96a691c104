//! How an outlet's pages are read, for `diembao sources check`: one article extracted now, and what
//! its pages gave lately against what they gave before.

use std::io::Write;

use diembao_extract::Extraction;
use diembao_news::CanonicalUrl;
use diembao_pipeline::LayoutCheck;
use serde_json::{Value, json};

use crate::output::{json_line, local, rfc3339};

/// Characters of a paragraph that are printed.
const SHOWN: usize = 140;

pub(crate) fn sample_json<W: Write>(
    out: &mut W,
    url: &CanonicalUrl,
    sample: &anyhow::Result<Extraction>,
) -> anyhow::Result<()> {
    let row = match sample {
        Ok(read) => json!({
            "sample": url.as_str(),
            "kind": read.kind.as_str(),
            "title": read.title,
            "lead": read.lead,
            "body": read.body,
            "authors": read.authors,
            "published": read.published.as_ref().map(|s| rfc3339(s.at)),
            "words": read.n_words,
            "problems": read.problems,
        }),
        Err(e) => json!({"sample": url.as_str(), "problems": [format!("{e:#}")]}),
    };
    Ok(json_line(out, &row)?)
}

pub(crate) fn print_sample<W: Write>(
    out: &mut W,
    url: &CanonicalUrl,
    sample: &anyhow::Result<Extraction>,
) -> anyhow::Result<()> {
    let read = match sample {
        Ok(read) => read,
        Err(e) => return Ok(writeln!(out, "      sample {url}: {e:#}")?),
    };
    let time = read.published.as_ref().map_or_else(|| "no time".to_owned(), |s| local(s.at));
    let authors = if read.authors.is_empty() { "no author".to_owned() } else { read.authors.join(", ") };
    writeln!(out, "      sample {url}")?;
    writeln!(out, "        {}, {} words, {time}, {authors}", read.kind.as_str(), read.n_words)?;
    writeln!(out, "        title: {}", if read.title.is_empty() { "none" } else { &read.title })?;
    writeln!(out, "        lead:  {}", if read.lead.is_empty() { "none" } else { &read.lead })?;
    let (first, last) = ends_of(&read.body);
    writeln!(out, "        body:  {first}")?;
    if !last.is_empty() {
        writeln!(out, "           …   {last}")?;
    }
    for problem in &read.problems {
        writeln!(out, "        {problem}")?;
    }
    Ok(())
}

/// How a body begins and how it ends, where other articles and bylines get in.
fn ends_of(body: &str) -> (String, String) {
    let short = |line: &str| {
        let head: String = line.chars().take(SHOWN).collect();
        if head.len() < line.len() { head + "…" } else { head }
    };
    let mut lines = body.lines();
    (lines.next().map_or("none".to_owned(), short), lines.next_back().map(short).unwrap_or_default())
}

/// One line an outlet: what its pages gave lately, and what fell.
pub(crate) fn print_layout<W: Write>(out: &mut W, check: &LayoutCheck) -> anyhow::Result<()> {
    let complaints = check.complaints();
    let word = if complaints.is_empty() { "ok   " } else { "FELL " };
    writeln!(out, "{word} {:<36} {} pages lately, {} before", check.outlet, check.n_recent, check.n_before)?;
    for complaint in &complaints {
        writeln!(out, "      {complaint}")?;
    }
    Ok(())
}

pub(crate) fn layout_json<W: Write>(out: &mut W, check: &LayoutCheck) -> anyhow::Result<()> {
    let rates: serde_json::Map<String, Value> = check
        .fields
        .iter()
        .map(|r| (r.field.as_str().to_owned(), json!({"recent": r.recent, "before": r.before})))
        .collect();
    let row = json!({
        "outlet": check.outlet.as_str(),
        "pages": check.n_recent,
        "pages_before": check.n_before,
        "misses": check.misses,
        "rates": rates,
        "problems": check.complaints(),
    });
    Ok(json_line(out, &row)?)
}
