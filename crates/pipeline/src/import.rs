//! Articles from elsewhere: JSON lines, or CSV for print and broadcast; through the same stages.

use std::io::BufRead;

use anyhow::Context;
use chrono::{DateTime, TimeZone, Utc};
use chrono_tz::Asia::Ho_Chi_Minh;
use diembao_news::dates::{DateReading, parse_date};
use diembao_news::{Article, ArticleId, ArticleText, ArticleTimes, CanonicalUrl, OutletId, TimeSource};
use diembao_store::{Added, NewArticle};
use serde::Deserialize;

use crate::Pipeline;

const BATCH_ARTICLES: usize = 200;
/// One record's longest line.
const MAX_LINE_BYTES: u64 = 16 << 20;
const MAX_PROBLEMS: usize = 50;

/// The form of what is imported.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ImportFormat {
    /// A JSON object a line.
    JsonLines,
    /// CSV with a header line.
    Csv,
}

/// What an import did.
#[derive(Debug, Clone, Default)]
pub struct ImportReport {
    /// Records read.
    pub n_read: u64,
    /// Articles that were new.
    pub n_new: u64,
    /// Articles that were known already.
    pub n_known: u64,
    /// Records that were refused.
    pub n_refused: u64,
    /// Why, with the line; at most 50.
    pub problems: Vec<String>,
}

/// One record, as the file has it. CSV columns have the same names; authors are separated by `;`.
#[derive(Debug, Deserialize)]
struct Record {
    #[serde(default)]
    id: Option<RecordId>,
    #[serde(default)]
    url: Option<String>,
    #[serde(default)]
    title: Option<String>,
    #[serde(default)]
    lead: Option<String>,
    #[serde(default)]
    body: Option<String>,
    #[serde(default)]
    published: Option<String>,
    #[serde(default)]
    outlet: Option<String>,
    #[serde(default)]
    authors: Option<Authors>,
    #[serde(default)]
    section: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum RecordId {
    Text(String),
    Number(i64),
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Authors {
    List(Vec<String>),
    Text(String),
}

/// Stores every good record; bad ones are reported with their line and harm only themselves.
///
/// # Errors
/// When the input cannot be read, or the store fails.
pub async fn import(p: &Pipeline, input: impl BufRead, format: ImportFormat) -> anyhow::Result<ImportReport> {
    let mut report = ImportReport::default();
    let mut batch = Vec::with_capacity(BATCH_ARTICLES);
    match format {
        ImportFormat::JsonLines => {
            let mut input = input;
            let mut line = Vec::new();
            for number in 1u64.. {
                line.clear();
                let n = std::io::Read::take(&mut input, MAX_LINE_BYTES).read_until(b'\n', &mut line)?;
                if n == 0 {
                    break;
                }
                if line.iter().all(u8::is_ascii_whitespace) {
                    continue;
                }
                let record = serde_json::from_slice::<Record>(&line).map_err(|e| e.to_string());
                take(p, record, number, &mut batch, &mut report).await?;
            }
        }
        ImportFormat::Csv => {
            let mut rows = csv::ReaderBuilder::new().flexible(true).trim(csv::Trim::All).from_reader(input);
            let headers = rows.headers().context("the CSV has no header line")?.clone();
            for row in rows.records() {
                let (record, line) = match row {
                    Ok(row) => (
                        row.deserialize(Some(&headers)).map_err(|e| e.to_string()),
                        row.position().map(csv::Position::line),
                    ),
                    Err(e) => (Err(e.to_string()), e.position().map(csv::Position::line)),
                };
                take(p, record, line.unwrap_or_default(), &mut batch, &mut report).await?;
            }
        }
    }
    flush(p, &mut batch, &mut report).await?;
    Ok(report)
}

async fn take(
    p: &Pipeline,
    record: Result<Record, String>,
    line: u64,
    batch: &mut Vec<NewArticle>,
    report: &mut ImportReport,
) -> anyhow::Result<()> {
    report.n_read += 1;
    match record.and_then(|r| article(r, p.clock.now())) {
        Ok(article) => batch.push(NewArticle { article, item: None, page: None, read: None }),
        Err(why) => {
            report.n_refused += 1;
            if report.problems.len() < MAX_PROBLEMS {
                report.problems.push(format!("line {line}: {why}"));
            }
        }
    }
    if batch.len() >= BATCH_ARTICLES {
        flush(p, batch, report).await?;
    }
    Ok(())
}

async fn flush(p: &Pipeline, batch: &mut Vec<NewArticle>, report: &mut ImportReport) -> anyhow::Result<()> {
    if !batch.is_empty() {
        let added = p.store.add_articles(batch).await?;
        let n_new = added.iter().filter(|a| **a == Added::New).count() as u64;
        report.n_new += n_new;
        report.n_known += added.len() as u64 - n_new;
        batch.clear();
    }
    Ok(())
}

fn article(record: Record, now: DateTime<Utc>) -> Result<Article, String> {
    let reference = record.id.map(|id| match id {
        RecordId::Text(s) => s,
        RecordId::Number(n) => n.to_string(),
    });
    let outlet = outlet_id(record.outlet.as_deref().unwrap_or_default())?;
    let url = record.url.filter(|u| !u.is_empty()).map(|u| CanonicalUrl::parse(&u)).transpose();
    let url = url.map_err(|e| format!("url: {e}"))?;
    let clean = |s: Option<String>| diembao_text::normalize(s.unwrap_or_default().trim()).into_owned();
    let text = ArticleText { title: clean(record.title), lead: clean(record.lead), body: clean(record.body) };
    if text.title.is_empty() && text.lead.is_empty() && text.body.is_empty() {
        return Err("title, lead and body are all empty".to_owned());
    }
    let published = match record.published.as_deref().map(str::trim).filter(|s| !s.is_empty()) {
        Some(raw) => Some(time(raw, now)?),
        None => None,
    };
    let id = match (&url, &reference) {
        (Some(url), _) => ArticleId::of_url(url),
        (None, Some(reference)) => ArticleId::of_reference(&outlet, reference),
        (None, None) => ArticleId::of_reference(&outlet, &format!("{}\n{}", text.title, text.lead)),
    };
    Ok(Article {
        id,
        reference,
        outlet,
        url,
        text,
        authors: authors(record.authors),
        times: ArticleTimes {
            published: published.unwrap_or(now),
            published_source: if published.is_some() { TimeSource::Import } else { TimeSource::FirstSeen },
            modified: None,
            first_seen: now,
        },
        image: None,
        section: record.section.filter(|s| !s.is_empty()),
        lang: "vi".to_owned(),
    })
}

fn authors(authors: Option<Authors>) -> Vec<String> {
    let names = match authors {
        Some(Authors::List(names)) => names,
        Some(Authors::Text(text)) => text.split(';').map(str::to_owned).collect(),
        None => Vec::new(),
    };
    names.into_iter().map(|n| n.trim().to_owned()).filter(|n| !n.is_empty()).collect()
}

/// A bare day is its noon in Hà Nội: as near to every hour of it as one moment can be.
fn time(raw: &str, now: DateTime<Utc>) -> Result<DateTime<Utc>, String> {
    if let Ok(t) = DateTime::parse_from_rfc3339(raw) {
        return Ok(t.with_timezone(&Utc));
    }
    match parse_date(raw, Ho_Chi_Minh, now) {
        DateReading::Zoned(t) | DateReading::Zoneless(t) => Ok(t),
        DateReading::DayOnly(day) => {
            let noon = day.and_hms_opt(12, 0, 0).and_then(|noon| Ho_Chi_Minh.from_local_datetime(&noon).earliest());
            noon.map(|t| t.with_timezone(&Utc)).ok_or_else(|| format!("published: there is no noon on {day}"))
        }
        DateReading::Unsure(why) => Err(format!("published: {raw:?} cannot be read for certain: {why}")),
    }
}

/// "Tuổi Trẻ" is the outlet `tuoi-tre`.
fn outlet_id(name: &str) -> Result<OutletId, String> {
    if let Ok(id) = OutletId::parse(name) {
        return Ok(id);
    }
    let folded = diembao_text::fold(name);
    let words: Vec<&str> = folded.split(|c: char| !c.is_ascii_alphanumeric()).filter(|w| !w.is_empty()).collect();
    OutletId::parse(&words.join("-")).map_err(|_| format!("outlet: {name:?} names no outlet"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(json: &str) -> Result<Article, String> {
        article(serde_json::from_str(json).unwrap(), DateTime::from_timestamp(1_800_000_000, 0).unwrap())
    }

    #[test]
    fn an_outlet_may_be_named_as_readers_know_it() {
        let a =
            record(r#"{"id":7,"title":"Ổ dịch","outlet":"Đài PT-TH Hà Tĩnh","published":"20/11/2026 08:15"}"#).unwrap();
        assert_eq!(a.outlet.as_str(), "dai-pt-th-ha-tinh");
        assert_eq!(a.reference.as_deref(), Some("7"));
        assert_eq!(a.times.published.to_rfc3339(), "2026-11-20T01:15:00+00:00");
        assert_eq!(a.id, ArticleId::of_reference(&a.outlet, "7"));
    }

    #[test]
    fn a_bare_day_is_its_noon() {
        let a = record(r#"{"id":7,"title":"Ổ dịch","outlet":"a","published":"2016-05-18"}"#).unwrap();
        assert_eq!(a.times.published.to_rfc3339(), "2016-05-18T05:00:00+00:00");
    }

    #[test]
    fn bad_records_say_why() {
        for (json, why) in [
            (r#"{"title":"x"}"#, "outlet"),
            (r#"{"outlet":"a"}"#, "empty"),
            (r#"{"outlet":"a","title":"x","url":"ftp://x"}"#, "url"),
            (r#"{"outlet":"a","title":"x","published":"hôm qua"}"#, "published"),
        ] {
            assert!(record(json).unwrap_err().contains(why), "{json}");
        }
    }

    #[test]
    fn an_empty_title_or_lead_is_allowed() {
        assert!(
            record(r#"{"id":"a","url":"https://a.vn/1","title":"","lead":"","body":"Nội dung","outlet":"a"}"#).is_ok()
        );
    }
}
