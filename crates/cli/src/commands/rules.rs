//! `diembao rules`: check, test and try the rules of the home.

use std::io::Write;
use std::path::PathBuf;

use clap::{Args, Subcommand};
use diembao_news::{ArticleText, CanonicalUrl};
use diembao_pipeline::Home;
use diembao_rules::{Expected, Got, RuleSet};
use serde_json::json;

use super::{rules_correct, rules_diff, rules_gold, why};
use crate::context::Global;
use crate::exit::Exit;
use crate::output::{json_line, stdout};

/// What to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Rules {
    /// Read the rules and report every mistake with file, line and key
    Check,
    /// Run the rules' own examples, or labelled articles
    Test(Test),
    /// Judge one headline and say why
    Try(TryOptions),
    /// List topics and rules
    List(List),
    /// Compare two folders of rules on stored articles
    Diff(rules_diff::Options),
    /// Say what the rules should have said of an article; it is kept as a test
    Correct(rules_correct::Options),
}

/// How to print.
#[derive(Debug, Args)]
#[command(after_help = "A line of the labelled file is a JSON object with title, lead, body, url, and any of\n\
health: true or false · incident and misinformation: a severity, a stance, \"any\" or \"none\" ·\n\
topics: ids that must be found · rules: all rules that must fire.\n\n\
Examples:\n  diembao rules test\n  diembao rules test --gold nhan.jsonl")]
pub(crate) struct Test {
    /// Labelled articles, one JSON object a line: prints precision, recall and F1, and every confusion
    #[arg(long, value_name = "FILE")]
    gold: Option<PathBuf>,
    /// Print JSON objects, one a line
    #[arg(long)]
    json: bool,
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

pub(crate) async fn run(command: Rules, global: &Global) -> anyhow::Result<Exit> {
    match &command {
        Rules::Diff(options) => return rules_diff::run(options, global).await,
        Rules::Correct(options) => return rules_correct::run(options, global).await,
        _ => {}
    }
    let home = global.home()?;
    let mut out = stdout();
    let exit = match command {
        Rules::Check => check(&mut out, &home)?,
        Rules::Test(Test { gold: Some(file), json, .. }) => rules_gold::test(&mut out, &home.rules, &file, json)?,
        Rules::Test(options) => test(&mut out, &home.rules, &options)?,
        Rules::Try(options) => {
            let text = ArticleText { title: options.headline, lead: options.lead, body: options.body };
            let path = options.url.as_ref().map(|u| u.0.path());
            why::print(&mut out, &text, &home.rules.explain(&text, path))?;
            Exit::Done
        }
        Rules::List(options) => list(&mut out, &home.rules, &options)?,
        Rules::Diff(_) | Rules::Correct(_) => Exit::Done,
    };
    out.flush()?;
    Ok(exit)
}

fn check(out: &mut impl Write, home: &Home) -> std::io::Result<Exit> {
    for warning in &home.warnings {
        writeln!(out, "warning: {warning}")?;
    }
    let (topics, flags) = (home.rules.topics().count(), home.rules.rules().count());
    writeln!(out, "rules {}: {topics} topics, {flags} rules, no mistakes", home.rules.version())?;
    Ok(Exit::Done)
}

fn test(out: &mut impl Write, rules: &RuleSet, options: &Test) -> std::io::Result<Exit> {
    let outcomes = rules.run_examples();
    let failed = outcomes.iter().filter(|o| !o.passed()).count();
    for o in outcomes.iter().filter(|o| options.all || !o.passed()) {
        let (want, got) = (expected(&o.expected), got(&o.got));
        if options.json {
            let passed = o.passed();
            json_line(
                out,
                &json!({"rule": o.rule, "headline": o.headline, "passed": passed, "wanted": want, "got": got}),
            )?;
            continue;
        }
        let mark = if o.passed() { "ok  " } else { "FAIL" };
        writeln!(out, "{mark} {:<28} wanted {want}, got {got}: {}", o.rule, o.headline)?;
    }
    if !options.json {
        writeln!(out, "{} examples, {failed} failed", outcomes.len())?;
    }
    Ok(if failed > 0 { Exit::Failed } else { Exit::Done })
}

fn list(out: &mut impl Write, rules: &RuleSet, options: &List) -> std::io::Result<Exit> {
    for topic in rules.topics() {
        if options.json {
            json_line(out, &json!({"topic": topic.id, "name": topic.name, "field": topic.field}))?;
        } else {
            let field = topic.field.map_or_else(String::new, |n| n.to_string());
            writeln!(out, "{:<14} {:<28} {} {field}", "topic", topic.id, topic.name)?;
        }
    }
    for rule in rules.rules() {
        let (kind, gravest) = (rule.kind.as_str(), rule.gravest);
        if options.json {
            json_line(
                out,
                &json!({
                    "rule": rule.id,
                    "name": rule.name,
                    "kind": kind,
                    "gravest": gravest.as_str(),
                    "author": rule.author,
                    "reason": rule.reason,
                }),
            )?;
        } else {
            writeln!(out, "{kind:<14} {:<28} {} (up to {})", rule.id, rule.name, gravest.label())?;
            let changed = [rule.author.as_str(), rule.reason.as_str()].into_iter().filter(|s| !s.is_empty());
            let changed: Vec<&str> = changed.collect();
            if !changed.is_empty() {
                writeln!(out, "{:<14} last changed: {}", "", changed.join(": "))?;
            }
        }
    }
    Ok(Exit::Done)
}

fn expected(expected: &Expected) -> &'static str {
    match expected {
        Expected::Fires => "a flag",
        Expected::Silent => "silence",
        other => other.as_str(),
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
