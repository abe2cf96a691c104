//! How a run's report is printed.

use std::io::Write;
use std::time::Duration;

use diembao_pipeline::{EditionOutcome, EditionReport, RunReport, Stage};
use serde::Serialize;
use serde_json::json;

use crate::exit::Exit;
use crate::output::{json_line, stdout};

/// How a run's report is printed.
#[derive(Debug, clap::Args)]
#[group(skip)]
pub(crate) struct Options {
    /// Print the report as one JSON object
    #[arg(long)]
    json: bool,
}

/// Prints what a run did, also when it failed half-way, and tells the exit code.
pub(crate) fn conclude(options: &Options, report: &RunReport, result: anyhow::Result<()>) -> anyhow::Result<Exit> {
    let mut out = stdout();
    if options.json {
        print_json(&mut out, report)?;
    } else {
        print(&mut out, report)?;
    }
    out.flush()?;
    result?;
    Ok(exit_of(report))
}

/// Source problems printed before the rest is only counted.
const MAX_PROBLEMS: usize = 12;

/// What a run amounts to, as an exit code.
pub(crate) fn exit_of(report: &RunReport) -> Exit {
    let undelivered = |edition: &EditionReport| {
        edition.outcome == EditionOutcome::AwaitingApproval || edition.deliveries.keys().any(|s| *s != "sent")
    };
    if report.index_failed {
        Exit::Failed
    } else if report.nothing_reached() {
        Exit::Unreachable
    } else if report.edition.as_ref().is_some_and(undelivered) {
        Exit::Undelivered
    } else {
        Exit::Done
    }
}

/// Prints the report as one JSON object.
fn print_json(out: &mut impl Write, report: &RunReport) -> std::io::Result<()> {
    #[derive(Serialize)]
    struct StageRow<'a> {
        stage: &'static str,
        n_in: u64,
        n_out: u64,
        seconds: f64,
        counts: &'a std::collections::BTreeMap<&'static str, u64>,
    }
    let stages: Vec<StageRow> = report
        .stages
        .iter()
        .map(|(stage, r)| StageRow {
            stage: stage.as_str(),
            n_in: r.n_in,
            n_out: r.n_out,
            seconds: r.elapsed.as_secs_f64(),
            counts: &r.counts,
        })
        .collect();
    let sources: Vec<_> = report
        .sources
        .iter()
        .map(|s| json!({"channel": s.channel.as_str(), "kind": s.kind, "message": s.message}))
        .collect();
    let edition = report.edition.as_ref().map(|e| {
        json!({
            "id": e.id.as_str(),
            "outcome": outcome(e.outcome),
            "stories": e.n_stories,
            "subject": e.subject,
            "deliveries": e.deliveries,
        })
    });
    let (polled, answered) = report.channels;
    let whole = json!({
        "channels": {"polled": polled, "answered": answered},
        "stages": stages,
        "sources": sources,
        "edition": edition,
        "notices": report.notices,
    });
    json_line(out, &whole)
}

fn outcome(outcome: EditionOutcome) -> &'static str {
    match outcome {
        EditionOutcome::Frozen => "frozen",
        EditionOutcome::AlreadyFrozen => "already frozen",
        EditionOutcome::AwaitingApproval => "awaiting approval",
    }
}

/// Prints the report for people.
pub(crate) fn print(out: &mut impl Write, report: &RunReport) -> std::io::Result<()> {
    for (stage, r) in &report.stages {
        let mut counts: Vec<String> = r.counts.iter().map(|(name, n)| format!("{n} {name}")).collect();
        counts.insert(0, headline(*stage, r.n_in, r.n_out));
        writeln!(out, "{:<9} {:>8}  {}", stage.as_str(), seconds(r.elapsed), counts.join(", "))?;
    }
    print_sources(out, report)?;
    for notice in &report.notices {
        writeln!(out, "notice: {notice}")?;
    }
    if let Some(edition) = &report.edition {
        match edition.outcome {
            EditionOutcome::Frozen => writeln!(out, "edition {}: {}", edition.id, edition.subject)?,
            EditionOutcome::AlreadyFrozen => {
                writeln!(out, "edition {} had left before; what is new goes into the next one", edition.id)?;
            }
            EditionOutcome::AwaitingApproval => {
                writeln!(out, "edition {} waits for approval: diembao digest approve", edition.id)?;
                return Ok(());
            }
        }
        let states: Vec<String> = edition.deliveries.iter().map(|(state, n)| format!("{n} {state}")).collect();
        if states.is_empty() {
            writeln!(out, "deliveries: none; diembao.toml names no recipients")?;
        } else {
            writeln!(out, "deliveries: {}", states.join(", "))?;
        }
    }
    Ok(())
}

fn headline(stage: Stage, n_in: u64, n_out: u64) -> String {
    match stage {
        Stage::Collect => format!("{n_out} of {n_in} channels answered"),
        Stage::Pages => format!("{n_out} articles from {n_in} pages"),
        Stage::Classify => format!("{n_in} articles, {n_out} about health"),
        Stage::Group => format!("{n_in} articles in {n_out} stories"),
        Stage::Index => format!("{n_out} articles"),
        Stage::Desk => format!("{n_in} health stories"),
        Stage::Edition => format!("{n_in} stories"),
        Stage::Deliver => format!("{n_in} mails"),
    }
}

fn print_sources(out: &mut impl Write, report: &RunReport) -> std::io::Result<()> {
    let (polled, answered) = report.channels;
    if polled > 0 && answered < polled {
        writeln!(out, "{} of {polled} channels could not be read:", polled - answered)?;
    }
    for s in report.sources.iter().take(MAX_PROBLEMS) {
        writeln!(out, "  {:<28} {:<12} {}", s.channel.as_str(), s.kind, s.message)?;
    }
    if report.sources.len() > MAX_PROBLEMS {
        let rest = report.sources.len() - MAX_PROBLEMS;
        writeln!(out, "  … and {rest} more; `diembao sources list` shows all")?;
    }
    Ok(())
}

/// A duration for people: `12 ms`, `3.4 s`.
pub(crate) fn seconds(d: Duration) -> String {
    if d < Duration::from_secs(1) { format!("{} ms", d.as_millis()) } else { format!("{:.1} s", d.as_secs_f64()) }
}
