//! `diembao rules correct`

use std::io::Write;

use anyhow::ensure;
use clap::Args;
use diembao_pipeline::{CASES, Recorded, Verdict, record_correction};
use diembao_rules::Expected;
use serde_json::json;

use crate::context::Global;
use crate::exit::Exit;
use crate::output::{json_line, stdout};

/// Which articles, and what is right.
#[derive(Debug, Args)]
#[command(after_help = "The correction is a [[case]] in rules/cases.toml, and `diembao rules test` runs it.\n\n\
Examples:\n  diembao rules correct 4k7m2p9x0abc --not-incident --by 'Trực ban A'\n  \
diembao rules correct 4k7m2p9x0abc --rule ngo-doc --expect orange --by 'Trực ban A' --note '12 người nhập viện'")]
pub(crate) struct Options {
    /// Their ids, addresses, or the refs they were imported with
    #[arg(required = true)]
    articles: Vec<String>,
    /// No incident: every incident rule that fired should have been silent
    #[arg(long, conflicts_with_all = ["not_health", "rule"])]
    not_incident: bool,
    /// Not about health
    #[arg(long, conflicts_with = "rule")]
    not_health: bool,
    /// The rule that was wrong: a rule's or topic's id, or "gate" for the health decision
    #[arg(long, requires = "expect")]
    rule: Option<String>,
    /// What it should have said: fires, silent, a severity (red, orange, yellow, green) or a stance (claim, rebuttal, mixed)
    #[arg(long, requires = "rule", value_parser = parse_expected)]
    expect: Option<Expected>,
    /// Who says so
    #[arg(long, env = "DIEMBAO_USER")]
    by: String,
    /// Why
    #[arg(long, default_value = "")]
    note: String,
    /// Print one JSON object a case
    #[arg(long)]
    json: bool,
}

fn parse_expected(word: &str) -> Result<Expected, String> {
    let words = "fires, silent, red, orange, yellow, green, claim, rebuttal or mixed";
    Expected::parse(word).ok_or_else(|| format!("expected {words}"))
}

pub(crate) async fn run(options: &Options, global: &Global) -> anyhow::Result<Exit> {
    let verdict = match (&options.rule, &options.expect) {
        (Some(rule), Some(expected)) => Verdict::Rule { rule: rule.clone(), expected: expected.clone() },
        _ if options.not_health => Verdict::NotHealth,
        _ => {
            ensure!(
                options.not_incident,
                "say what is right: --not-incident, --not-health, or --rule RULE --expect WHAT"
            );
            Verdict::NotIncident
        }
    };
    let p = global.open().await?;
    let mut out = stdout();
    for name in &options.articles {
        let article = super::find_article(&p, name).await?;
        let recorded = record_correction(&p.home, &article, &verdict, &options.by, &options.note)?;
        if recorded.is_empty() && !options.json {
            writeln!(out, "{}: no incident rule fires; there is nothing to correct", article.article.id)?;
        }
        for case in &recorded {
            print(&mut out, case, options)?;
        }
    }
    out.flush()?;
    Ok(Exit::Done)
}

fn print(out: &mut impl Write, case: &Recorded, options: &Options) -> std::io::Result<()> {
    let c = &case.correction;
    if options.json {
        let line = json!({
            "rule": c.rule, "headline": c.headline, "expect": c.expected.as_str(), "by": c.author, "note": c.reason,
            "passes": case.passes, "file": CASES,
        });
        return json_line(out, &line);
    }
    let now = if case.passes { "the rules say so already" } else { "the rules do not say so yet" };
    writeln!(out, "{CASES}: {} {}: {} ({now})", c.rule, c.expected.as_str(), c.headline)
}
