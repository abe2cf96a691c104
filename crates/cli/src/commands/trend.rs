//! `diembao trend QUERY`

use std::fs;
use std::io::Write;
use std::path::PathBuf;

use anyhow::Context;
use chrono::{DateTime, Datelike, Days, Months, NaiveDate, Utc};
use chrono_tz::Asia::Ho_Chi_Minh;
use clap::{Args, ValueEnum};
use diembao_pipeline::{Question, When, open_index};
use diembao_search::{Facet, Query, Sort, Unit};
use serde_json::json;

use crate::chart::{Bar, Chart};
use crate::commands::search::asked::Asked;
use crate::commands::search::print::bars;
use crate::context::Global;
use crate::exit::Exit;
use crate::output::{json_line, stdout};

/// Of what, and in which form.
#[derive(Debug, Args)]
#[command(
    after_help = "Counts the articles that match, by the day they were published in Vietnam. Without a time, the last 90 days.\n\n\
Examples:\n  diembao trend 'ngộ độc' --last 90d\n  diembao trend 'thiếu vắc xin' --province 'Đồng Nai' --by week\n  diembao trend 'sởi' --last 30d --svg soi.svg --png soi.png"
)]
pub(crate) struct Options {
    /// The query; `*` finds everything
    #[arg(allow_hyphen_values = true)]
    query: String,
    #[command(flatten)]
    asked: Asked,
    /// Count by day, week or month
    #[arg(long, value_enum, default_value_t)]
    by: Step,
    /// Write the chart as SVG
    #[arg(long, value_name = "FILE")]
    svg: Option<PathBuf>,
    /// Write the chart as PNG
    #[arg(long, value_name = "FILE")]
    png: Option<PathBuf>,
    /// Print one JSON object
    #[arg(long, conflicts_with = "csv")]
    json: bool,
    /// Print CSV
    #[arg(long)]
    csv: bool,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
enum Step {
    #[default]
    Day,
    Week,
    Month,
}

impl Step {
    fn facet(self) -> Facet {
        match self {
            Self::Day => Facet::Day,
            Self::Week => Facet::Week,
            Self::Month => Facet::Month,
        }
    }

    /// The first day of the stretch a day lies in.
    fn begin(self, day: NaiveDate) -> NaiveDate {
        match self {
            Self::Day => day,
            Self::Week => day - Days::new(day.weekday().num_days_from_monday().into()),
            Self::Month => day.with_day(1).unwrap_or(day),
        }
    }

    fn next(self, day: NaiveDate) -> Option<NaiveDate> {
        match self {
            Self::Day => day.succ_opt(),
            Self::Week => day.checked_add_days(Days::new(7)),
            Self::Month => day.checked_add_months(Months::new(1)),
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Day => "ngày",
            Self::Week => "tuần",
            Self::Month => "tháng",
        }
    }
}

/// A stretch of time and how many articles were published in it.
type Count = (NaiveDate, u64);

/// Stretches in one trend.
const MOST: usize = 4_000;

pub(crate) async fn run(options: &Options, global: &Global) -> anyhow::Result<Exit> {
    let home = global.home()?;
    let now = global.clock().now();
    let mut question = options.asked.question(&options.query, Unit::Articles, Sort::Date);
    if question.when == When::default() {
        question.when.last_s = Some(90 * 86_400);
    }
    let facet = options.by.facet();
    let query = Query { limit: 0, facets: vec![facet], ..question.query(now) };
    let answer = open_index(&home)?.search(&query)?;
    let found: Vec<Count> =
        answer.facets.iter().flat_map(|(_, counts)| counts).filter_map(|(name, n)| Some((day_of(name)?, *n))).collect();
    let counts = every(options.by, &question.when, found, now)?;
    let chart = chart(&question, options.by, &counts);
    if let Some(file) = &options.svg {
        fs::write(file, chart.svg()).with_context(|| file.display().to_string())?;
    }
    if let Some(file) = &options.png {
        fs::write(file, chart.png()?).with_context(|| file.display().to_string())?;
    }
    print(options, &counts)?;
    for note in &answer.notes {
        tracing::warn!("query: {note}");
    }
    Ok(Exit::Done)
}

/// `2026-11-21` or `2026-11`.
fn day_of(name: &str) -> Option<NaiveDate> {
    let day = if name.len() == 7 { format!("{name}-01") } else { name.to_owned() };
    day.parse().ok()
}

/// The counts with zeros for the stretches in which nothing was published.
fn every(step: Step, when: &When, found: Vec<Count>, now: DateTime<Utc>) -> anyhow::Result<Vec<Count>> {
    let (from, to) = when.instants(now);
    let day = |t: DateTime<Utc>| t.with_timezone(&Ho_Chi_Minh).date_naive();
    let first = from.map(day).or_else(|| found.first().map(|c| c.0)).unwrap_or_else(|| day(now));
    let last = to.map_or(now, |t| t.min(now) - chrono::TimeDelta::seconds(1));
    let last = found.last().map_or(day(last), |c| c.0.max(day(last)));
    let found: std::collections::HashMap<NaiveDate, u64> = found.into_iter().collect();
    let days = std::iter::successors(Some(step.begin(first)), |&d| step.next(d)).take_while(|&d| d <= last);
    let counts: Vec<Count> = days.take(MOST + 1).map(|d| (d, found.get(&d).copied().unwrap_or(0))).collect();
    if counts.len() > MOST {
        anyhow::bail!(
            "more than {MOST} {} between {first} and {last}; ask for less time or --by month",
            step.facet().as_str()
        );
    }
    Ok(counts)
}

fn chart(question: &Question, step: Step, counts: &[Count]) -> Chart {
    let written = |d: NaiveDate| d.format("%d/%m/%Y").to_string();
    let (from, to) = (
        counts.first().map_or_else(String::new, |c| written(c.0)),
        counts.last().map_or_else(String::new, |c| written(c.0)),
    );
    let total: u64 = counts.iter().map(|c| c.1).sum();
    let label = |d: NaiveDate| d.format(if step == Step::Month { "%m/%Y" } else { "%d/%m" }).to_string();
    Chart {
        title: if question.text.trim() == "*" { "Tất cả bài báo".to_owned() } else { question.text.clone() },
        subtitle: format!("Số bài báo theo {}, {from} – {to} · tổng cộng {total} bài", step.name()),
        bars: counts.iter().map(|&(day, n)| Bar { label: label(day), n }).collect(),
    }
}

fn print(options: &Options, counts: &[Count]) -> anyhow::Result<()> {
    let mut out = stdout();
    let total: u64 = counts.iter().map(|c| c.1).sum();
    if options.json {
        let rows: Vec<_> = counts.iter().map(|(day, n)| json!({"from": day.to_string(), "count": n})).collect();
        json_line(
            &mut out,
            &json!({"query": options.query, "by": options.by.facet().as_str(), "total": total, "counts": rows}),
        )?;
    } else if options.csv {
        writeln!(out, "{},articles", options.by.facet().as_str())?;
        for (day, n) in counts {
            writeln!(out, "{day},{n}")?;
        }
    } else {
        terminal(&mut out, options, counts, total)?;
    }
    out.flush()?;
    Ok(())
}

/// Signs of a sparkline in one line of it.
const WIDTH: usize = 90;
const SPARKS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

fn terminal(out: &mut impl Write, options: &Options, counts: &[Count], total: u64) -> std::io::Result<()> {
    writeln!(out, "{total} articles by {}\n", options.by.facet().as_str())?;
    let most = counts.iter().map(|c| c.1).max().unwrap_or(0);
    for line in counts.chunks(WIDTH) {
        let signs: String = line.iter().map(|c| spark(c.1, most)).collect();
        let (from, to) = (line[0].0.to_string(), line[line.len() - 1].0.to_string());
        let gap = line.len().saturating_sub(from.len() + to.len()).max(1);
        writeln!(out, "  {signs}\n  {from}{}{to}", " ".repeat(gap))?;
    }
    let rows: Vec<(String, u64)> = counts.iter().filter(|c| c.1 > 0).map(|(d, n)| (d.to_string(), *n)).collect();
    if !rows.is_empty() {
        writeln!(out)?;
        bars(out, &rows)?;
    }
    Ok(())
}

/// A space for nothing, else one of eight heights.
fn spark(n: u64, most: u64) -> char {
    if n == 0 {
        return '·';
    }
    let height = usize::try_from((n * 8).div_ceil(most.max(1))).unwrap_or(8);
    SPARKS[height.clamp(1, 8) - 1]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sparkline_has_eight_heights() {
        let signs: String = (0..=8).map(|n| spark(n, 8)).collect();
        assert_eq!(signs, "·▁▂▃▄▅▆▇█");
        assert_eq!((spark(1, 1_000), spark(0, 0)), ('▁', '·'));
    }

    #[test]
    fn days_without_news_are_counted_too() {
        let now: DateTime<Utc> = "2026-11-21T02:00:00Z".parse().unwrap();
        let day = |s: &str| s.parse::<NaiveDate>().unwrap();
        let when = When { last_s: Some(3 * 86_400), ..When::default() };
        let counts = every(Step::Day, &when, vec![(day("2026-11-20"), 4)], now).unwrap();
        let expect = [("2026-11-18", 0), ("2026-11-19", 0), ("2026-11-20", 4), ("2026-11-21", 0)];
        assert_eq!(counts, expect.map(|(d, n)| (day(d), n)));
        let weeks = every(Step::Week, &when, vec![(day("2026-11-16"), 4)], now).unwrap();
        assert_eq!(weeks, [(day("2026-11-16"), 4)]);
        let when = When { from: Some(day("1900-01-01")), ..When::default() };
        assert!(every(Step::Day, &when, Vec::new(), now).is_err());
    }
}
