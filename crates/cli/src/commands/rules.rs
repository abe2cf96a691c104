//! `diembao rules`: check, test and try the rules of the home.

use std::io::Write;

use clap::{Args, Subcommand};
use diembao_news::{ArticleText, CanonicalUrl};
use diembao_rules::{Expected, Got};
use serde_json::json;

use super::why;
use crate::context::Global;
use crate::exit::Exit;
use crate::output::{json_line, stdout};

/// What to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Rules {
    /// Read the rules and report every mistake with file, line and key
    Check,
    /// Run the rules' own examples
    Test(Test),
    /// Judge one headline and say why
    Try(TryOptions),
    /// List topics and rules
    List(List),
}

/// How to print.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  diembao rules test")]
pub(crate) struct Test {
    /// Examples that pass too
    #[arg(long)]
    all: bool,
}

/// What to judge.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  diembao rules try 'Sản phụ tử vong sau mổ, gia đình tố bệnh viện tắc trách'")]
pub(crate) struct TryOptions {
    /// The headline
    headline: String,
    /// The lead
    #[arg(long, default_value = "")]
    lead: String,
    /// The body
    #[arg(long, default_value = "")]
    body: String,
    /// The address, for what its section tells
    #[arg(long)]
    url: Option<CanonicalUrlArg>,
}

#[derive(Debug, Clone)]
struct CanonicalUrlArg(CanonicalUrl);

impl std::str::FromStr for CanonicalUrlArg {
    type Err = diembao_news::UrlError;
    fn from_str(s: &str) -> Result<Self, Self::Err> {
        CanonicalUrl::parse(s).map(Self)
    }
}

/// How to print.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  diembao rules list")]
pub(crate) struct List {
    /// Print one JSON object a line
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(command: Rules, global: &Global) -> anyhow::Result<Exit> {
    let home = global.home()?;
    let rules = &home.rules;
    let mut out = stdout();
    let mut exit = Exit::Done;
    match command {
        Rules::Check => {
            for warning in &home.warnings {
                writeln!(out, "warning: {warning}")?;
            }
            let (topics, flags) = (rules.topics().count(), rules.rules().count());
            writeln!(
                out,
                "rules {}: {topics} topics, {flags} rules, no mistakes",
                rules.version()
            )?;
        }
        Rules::Test(options) => {
            let outcomes = rules.run_examples();
            let failed = outcomes.iter().filter(|o| !o.passed()).count();
            for o in outcomes.iter().filter(|o| options.all || !o.passed()) {
                let mark = if o.passed() { "ok  " } else { "FAIL" };
                let (want, got) = (expected(&o.expected), got(&o.got));
                writeln!(out, "{mark} {:<28} wanted {want}, got {got}: {}", o.rule, o.headline)?;
            }
            writeln!(out, "{} examples, {failed} failed", outcomes.len())?;
            if failed > 0 {
                exit = Exit::Failed;
            }
        }
        Rules::Try(options) => {
            let text = ArticleText {
                title: options.headline,
                lead: options.lead,
                body: options.body,
            };
            let path = options.url.as_ref().map(|u| u.0.path());
            why::print(&mut out, &text, &rules.explain(&text, path))?;
        }
        Rules::List(options) => {
            for topic in rules.topics() {
                if options.json {
                    json_line(
                        &mut out,
                        &json!({"topic": topic.id, "name": topic.name, "field": topic.field}),
                    )?;
                } else {
                    let field = topic.field.map_or_else(|| "  ".to_owned(), |n| format!("{n:>2}"));
                    writeln!(out, "topic {field} {:<28} {}", topic.id, topic.name)?;
                }
            }
            for rule in rules.rules() {
                if options.json {
                    let kind = rule.kind.as_str();
                    json_line(
                        &mut out,
                        &json!({"rule": rule.id, "name": rule.name, "kind": kind, "gravest": rule.gravest.as_str()}),
                    )?;
                } else {
                    writeln!(
                        out,
                        "{:<14} {:<28} {} (up to {})",
                        rule.kind.as_str(),
                        rule.id,
                        rule.name,
                        rule.gravest.label()
                    )?;
                }
            }
        }
    }
    out.flush()?;
    Ok(exit)
}

fn expected(expected: &Expected) -> String {
    match expected {
        Expected::Fires => "a flag".to_owned(),
        Expected::Silent => "silence".to_owned(),
        Expected::Severity(severity) => severity.as_str().to_owned(),
        Expected::Stance(stance) => stance.as_str().to_owned(),
    }
}

fn got(got: &Got) -> String {
    match got {
        Got::Silent => "silence".to_owned(),
        Got::Fired(None) => "a topic".to_owned(),
        Got::Fired(Some((severity, None))) => severity.as_str().to_owned(),
        Got::Fired(Some((severity, Some(stance)))) => format!("{} {}", severity.as_str(), stance.as_str()),
    }
}
