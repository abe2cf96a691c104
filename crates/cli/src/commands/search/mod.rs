//! `diembao search QUERY`, and searches under a name.

pub(crate) mod asked;
pub(crate) mod print;
pub(crate) mod rows;
mod saved;

use std::fs;
use std::io::Write;
use std::path::PathBuf;
use std::time::Instant;

use anyhow::Context;
use chrono::{DateTime, Utc};
use clap::Args;
use diembao_pipeline::{Home, Question, open_index};
use diembao_search::{Answer, Cursor, Facet, Index, Query, Unit};

use self::asked::{Asked, Order, parse_facet};
use self::print::Names;
use crate::context::Global;
use crate::exit::Exit;
use crate::output::{json_line, stdout};

/// What to find.
#[derive(Debug, Args)]
#[command(
    args_conflicts_with_subcommands = true,
    subcommand_negates_reqs = true,
    after_help = "Words are all wanted; \"in quotes\" is a phrase, \"a b\"~3 a near one, word* a beginning, -word unwanted,\n\
OR and ( ) combine, title: lead: body: outlet: topic: flag: severity: province: facility: story: date: narrow.\n\
Without accents, words are found with any; with accents, only so. * finds everything.\n\n\
Examples:\n  diembao search 'ngộ độc'\n  diembao search '\"ngộ độc\" trường' --last 7d --by outlet\n  diembao search 'thieu vac xin' --articles --json\n  diembao search 'thiếu vắc xin' --province 'Đồng Nai' --last 7d --count\n  diembao search '*' --flag incident --severity orange --sort severity --csv\n  diembao search save ngo-doc 'ngộ độc' --mail phong-tin@byt.example"
)]
pub(crate) struct Options {
    #[command(subcommand)]
    saved: Option<saved::Saved>,
    /// The query; `*` finds everything
    #[arg(required_unless_present = "queries", allow_hyphen_values = true)]
    query: Option<String>,
    /// Run every line of a file as a query and print one JSON object each
    #[arg(long, value_name = "FILE", conflicts_with = "query")]
    queries: Option<PathBuf>,
    /// List articles instead of stories
    #[arg(long)]
    articles: bool,
    #[command(flatten)]
    asked: Asked,
    /// In which order
    #[arg(long, value_enum, default_value_t)]
    sort: Order,
    #[command(flatten)]
    page: Page,
    #[command(flatten)]
    form: Form,
}

/// Which hits, and what is counted.
#[derive(Debug, Args)]
pub(crate) struct Page {
    /// Hits at the most
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u32).range(0..=1_000))]
    limit: u32,
    /// Hits to leave out first
    #[arg(long, default_value_t = 0, value_parser = clap::value_parser!(u32).range(0..=100_000))]
    offset: u32,
    /// Go on after an earlier answer: its `next`. What was first seen since then is left out
    #[arg(long, value_name = "CURSOR", conflicts_with = "offset")]
    after: Option<Cursor>,
    /// Count articles by outlet, topic, flag, severity, province, facility, section, day, week or month; may be repeated
    #[arg(long, value_name = "WHAT", value_parser = parse_facet)]
    by: Vec<Facet>,
    /// Print only how many
    #[arg(long)]
    count: bool,
}

/// In which form.
#[derive(Debug, Args)]
#[group(multiple = false)]
pub(crate) struct Form {
    /// Print one JSON object
    #[arg(long)]
    json: bool,
    /// Print CSV: the hits, or with --by the counts
    #[arg(long)]
    csv: bool,
    /// Print Markdown tables in Vietnamese
    #[arg(long)]
    md: bool,
}

pub(crate) async fn run(options: &Options, global: &Global) -> anyhow::Result<Exit> {
    if let Some(saved) = &options.saved {
        return saved::run(saved, global).await;
    }
    let home = global.home()?;
    let now = global.clock().now();
    let unit = if options.articles { Unit::Articles } else { Unit::Stories };
    let question = |text: &str| options.asked.question(text, unit, options.sort.sort());
    let Some(file) = &options.queries else {
        let text = options.query.as_deref().unwrap_or_default();
        return answer(&home, &question(text), (&options.page, &options.form), now);
    };
    let text = fs::read_to_string(file).with_context(|| file.display().to_string())?;
    let index = open_index(&home)?;
    let mut out = stdout();
    for line in text.lines() {
        let (answer, took_us) = timed(&index, &query(&question(line), &options.page, now)?)?;
        json_line(&mut out, &rows::as_json(line, &answer, took_us))?;
    }
    out.flush()?;
    Ok(Exit::Done)
}

/// Asks one question and prints the answer.
fn answer(home: &Home, question: &Question, (page, form): (&Page, &Form), now: DateTime<Utc>) -> anyhow::Result<Exit> {
    let (answer, took_us) = timed(&open_index(home)?, &query(question, page, now)?)?;
    let (mut out, names) = (stdout(), Names(home));
    if form.json {
        json_line(&mut out, &rows::as_json(&question.text, &answer, took_us))?;
    } else if page.count {
        writeln!(out, "{}", answer.total)?;
    } else if form.csv {
        rows::csv(&mut out, &answer, &names)?;
    } else if form.md {
        print::markdown(&mut out, &question.text, &answer, &names)?;
    } else {
        print::terminal(&mut out, &answer, &names, question.unit)?;
    }
    out.flush()?;
    for note in &answer.notes {
        tracing::warn!("query: {note}");
    }
    Ok(Exit::Done)
}

/// The query of a page. Later pages are asked as of the first one, so that spans of time do not move.
fn query(question: &Question, page: &Page, now: DateTime<Utc>) -> anyhow::Result<Query> {
    let query = Query {
        limit: if page.count { 0 } else { page.limit as usize },
        offset: page.offset as usize,
        after: page.after,
        facets: page.by.clone(),
        ..question.query(page.after.map_or(now, |cursor| cursor.as_of()))
    };
    if let Some(cursor) = &page.after {
        cursor.check(&query).context("--after")?;
    }
    Ok(query)
}

fn timed(index: &Index, query: &Query) -> anyhow::Result<(Answer, u128)> {
    let started = Instant::now();
    let answer = index.search(query)?;
    Ok((answer, started.elapsed().as_micros()))
}
