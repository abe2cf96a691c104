//! `diembao search QUERY`

use std::fs;
use std::io::Write;
use std::path::PathBuf;
use std::time::Instant;

use anyhow::Context;
use chrono::{DateTime, Days, NaiveDate, TimeZone, Utc};
use chrono_tz::Asia::Ho_Chi_Minh;
use clap::{Args, ValueEnum};
use diembao_news::Severity;
use diembao_search::{Answer, Facet, Filter, Hit, Index, Matching, Query, Sort, Unit};
use serde_json::json;

use crate::context::Global;
use crate::exit::Exit;
use crate::output::{json_line, local_long, rfc3339, stdout};

/// What to find.
#[derive(Debug, Args)]
#[command(
    after_help = "Words are all wanted; \"in quotes\" is a phrase, \"a b\"~3 a near one, word* a beginning, -word unwanted,\n\
OR and ( ) combine, title: lead: body: outlet: topic: flag: severity: province: story: narrow. Without\naccents, words are found with any; with accents, only so. * finds everything.\n\n\
Examples:\n  diembao search 'ngộ độc'\n  diembao search '\"ngộ độc\" trường' --last 7d --by outlet\n  diembao search 'thieu vac xin' --articles --json\n  diembao search '*' --flag incident --severity orange --sort severity"
)]
pub(crate) struct Options {
    /// The query; `*` finds everything
    #[arg(required_unless_present = "queries", allow_hyphen_values = true)]
    query: Option<String>,
    /// Run every line of a file as a query and print one JSON object each
    #[arg(long, value_name = "FILE", conflicts_with = "query")]
    queries: Option<PathBuf>,
    /// Some of the words are enough
    #[arg(long)]
    any: bool,
    /// List articles instead of stories
    #[arg(long)]
    articles: bool,
    #[command(flatten)]
    filter: FilterOptions,
    /// In which order
    #[arg(long, value_enum, default_value_t = Order::Relevance)]
    sort: Order,
    /// Hits at the most
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u32).range(0..=10_000))]
    limit: u32,
    /// Hits to leave out first
    #[arg(long, default_value_t = 0, value_parser = clap::value_parser!(u32).range(0..=100_000))]
    offset: u32,
    /// Count by outlet, topic, flag, severity, province, section or day; may be repeated
    #[arg(long, value_name = "WHAT", value_parser = parse_facet)]
    by: Vec<Facet>,
    /// Print only how many
    #[arg(long)]
    count: bool,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

/// Where to look.
#[derive(Debug, Args)]
struct FilterOptions {
    /// Published from this day on
    #[arg(long, value_name = "DAY")]
    from: Option<NaiveDate>,
    /// Published up to and including this day
    #[arg(long, value_name = "DAY")]
    to: Option<NaiveDate>,
    /// Published within this time: 12h, 7d
    #[arg(long, value_name = "SPAN", value_parser = super::parse_span, conflicts_with = "from")]
    last: Option<chrono::TimeDelta>,
    /// Only this outlet; may be repeated
    #[arg(long)]
    outlet: Vec<String>,
    /// Only this topic; may be repeated
    #[arg(long)]
    topic: Vec<String>,
    /// Only with this flag: a rule's id, `incident` or `misinformation`; may be repeated
    #[arg(long)]
    flag: Vec<String>,
    /// Only as grave as this or graver
    #[arg(long, value_parser = parse_severity)]
    severity: Option<Severity>,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Order {
    Relevance,
    Date,
    Severity,
    Outlets,
}

fn parse_facet(s: &str) -> Result<Facet, String> {
    let names = || Facet::ALL.map(Facet::as_str).join(", ");
    Facet::parse(s).ok_or_else(|| format!("expected one of {}", names()))
}

fn parse_severity(s: &str) -> Result<Severity, String> {
    Severity::parse(s).ok_or_else(|| "expected green, yellow, orange or red".to_owned())
}

pub(crate) async fn run(options: &Options, global: &Global) -> anyhow::Result<Exit> {
    let home = global.home()?;
    let now = global.clock().now();
    let index = Index::open(&home.index_dir())?.with_synonyms(home.synonyms);
    let mut out = stdout();
    if let Some(file) = &options.queries {
        let text = fs::read_to_string(file).with_context(|| file.display().to_string())?;
        for line in text.lines() {
            let (answer, took_us) = timed(&index, &query(options, line, now))?;
            json_line(&mut out, &as_json(line, &answer, took_us))?;
        }
        out.flush()?;
        return Ok(Exit::Done);
    }
    let text = options.query.as_deref().unwrap_or_default();
    let (answer, took_us) = timed(&index, &query(options, text, now))?;
    if options.json {
        json_line(&mut out, &as_json(text, &answer, took_us))?;
    } else if options.count {
        writeln!(out, "{}", answer.total)?;
    } else {
        print(&mut out, &answer, options.articles)?;
    }
    for note in &answer.notes {
        tracing::warn!("query: {note}");
    }
    out.flush()?;
    Ok(Exit::Done)
}

fn timed(index: &Index, query: &Query) -> anyhow::Result<(Answer, u128)> {
    let started = Instant::now();
    let answer = index.search(query)?;
    Ok((answer, started.elapsed().as_micros()))
}

fn query(options: &Options, text: &str, now: DateTime<Utc>) -> Query {
    let filter = &options.filter;
    let from = filter.last.map(|span| now - span).or_else(|| filter.from.map(midnight));
    Query {
        matching: if options.any { Matching::Any } else { Matching::All },
        filter: Filter {
            from,
            to: filter.to.and_then(|day| day.checked_add_days(Days::new(1))).map(midnight),
            outlets: filter.outlet.clone(),
            topics: filter.topic.clone(),
            flags: filter.flag.clone(),
            severity_at_least: filter.severity,
            ..Filter::default()
        },
        sort: match options.sort {
            Order::Relevance => Sort::Relevance,
            Order::Date => Sort::Date,
            Order::Severity => Sort::Severity,
            Order::Outlets => Sort::Outlets,
        },
        unit: if options.articles { Unit::Articles } else { Unit::Stories },
        limit: if options.count { 0 } else { options.limit as usize },
        offset: options.offset as usize,
        facets: options.by.clone(),
        ..Query::new(text, now)
    }
}

fn midnight(day: NaiveDate) -> DateTime<Utc> {
    let local = Ho_Chi_Minh.from_local_datetime(&day.and_time(chrono::NaiveTime::MIN)).earliest();
    local.map_or_else(DateTime::default, |t| t.with_timezone(&Utc))
}

fn as_json(query: &str, answer: &Answer, took_us: u128) -> serde_json::Value {
    let hits: Vec<serde_json::Value> = answer.hits.iter().map(hit_json).collect();
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
        "hits": hits,
        "facets": facets,
        "notes": answer.notes,
    })
}

fn hit_json(hit: &Hit) -> serde_json::Value {
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

fn print(out: &mut impl Write, answer: &Answer, articles: bool) -> std::io::Result<()> {
    let what = if articles { "articles" } else { "stories" };
    writeln!(out, "{} {what}", answer.total)?;
    for hit in &answer.hits {
        let severity = hit.severity.map_or(String::new(), |s| format!(" [{}]", s.label()));
        writeln!(out, "\n{}{severity}", hit.title)?;
        let spread = if articles || hit.n_articles < 2 {
            String::new()
        } else {
            format!(" · {} articles, {} outlets", hit.n_articles, hit.n_outlets)
        };
        writeln!(out, "  {} · {} · {}{spread}", hit.id, hit.outlet, local_long(hit.published))?;
        if !hit.snippet.text.is_empty() {
            writeln!(out, "  {}", marked(&hit.snippet.text, &hit.snippet.highlights))?;
        }
    }
    for (facet, counts) in &answer.facets {
        writeln!(out, "\nby {}", facet.as_str())?;
        print_bars(out, counts)?;
    }
    Ok(())
}

/// A snippet with its highlights in brackets; line breaks become spaces.
fn marked(text: &str, highlights: &[std::ops::Range<usize>]) -> String {
    let mut marked = String::with_capacity(text.len() + 2 * highlights.len());
    let mut at = 0;
    for range in highlights {
        if range.start < at || range.end > text.len() {
            continue;
        }
        marked.push_str(&text[at..range.start]);
        marked.push('[');
        marked.push_str(&text[range.clone()]);
        marked.push(']');
        at = range.end;
    }
    marked.push_str(&text[at..]);
    marked.replace('\n', " ")
}

const BAR_CELLS: u64 = 40;

fn print_bars(out: &mut impl Write, counts: &[(String, u64)]) -> std::io::Result<()> {
    let most = counts.iter().map(|(_, n)| *n).max().unwrap_or(1).max(1);
    for (value, n) in counts {
        let cells = usize::try_from((n * BAR_CELLS).div_ceil(most)).unwrap_or(0);
        writeln!(out, "  {value:<28} {n:>7} {}", "█".repeat(cells))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn highlights_stand_in_brackets() {
        let text = "ổ dịch\nở xa";
        let dich = text.find("dịch").unwrap();
        let found = std::slice::from_ref(&(dich..dich + "dịch".len())).to_vec();
        assert_eq!(marked(text, &found), "ổ [dịch] ở xa");
        assert_eq!(marked(text, &[]), "ổ dịch ở xa");
    }
}
