//! `diembao try classify`

use std::io::Write;

use clap::Args;
use diembao_news::{ArticleText, CanonicalUrl, Classification, Evidence};
use serde::{Deserialize, Serialize};

use super::{CallerId, json_lines};
use crate::context::Global;
use crate::exit::Exit;
use crate::output::{json_line, stdout};

/// How to print.
#[derive(Debug, Args)]
#[command(after_help = "Reads JSON lines {\"id\",\"url\",\"title\",\"lead\",\"body\"} from standard input.\n\n\
Example:\n  diembao try classify --json < articles.jsonl")]
pub(crate) struct Options {
    /// Print one JSON object an article
    #[arg(long)]
    json: bool,
    /// The rules of the home instead of the built-in ones
    #[arg(long)]
    home_rules: bool,
}

#[derive(Deserialize)]
struct Input {
    id: CallerId,
    #[serde(default)]
    url: Option<String>,
    #[serde(default)]
    title: String,
    #[serde(default)]
    lead: String,
    #[serde(default)]
    body: String,
}

#[derive(Serialize)]
struct Row<'a> {
    id: &'a CallerId,
    health: bool,
    topics: Vec<TopicRow<'a>>,
    flags: Vec<FlagRow<'a>>,
}

#[derive(Serialize)]
struct TopicRow<'a> {
    id: &'a str,
    score: f32,
}

#[derive(Serialize)]
struct FlagRow<'a> {
    rule: &'a str,
    kind: &'static str,
    severity: &'static str,
    stance: Option<&'static str>,
    score: f32,
    evidence: Vec<EvidenceRow<'a>>,
}

#[derive(Serialize)]
struct EvidenceRow<'a> {
    field: &'static str,
    start: usize,
    end: usize,
    text: &'a str,
}

pub(crate) fn run(options: &Options, global: &Global) -> anyhow::Result<Exit> {
    let rules = if options.home_rules { global.home()?.rules } else { diembao_pipeline::default_rules() };
    let mut out = stdout();
    json_lines(|input: Input| {
        let path = input.url.as_deref().and_then(|u| CanonicalUrl::parse(u).ok());
        let text = ArticleText { title: input.title, lead: input.lead, body: input.body };
        let judged = rules.classify(&text, path.as_ref().map(CanonicalUrl::path));
        if options.json {
            json_line(&mut out, &row(&input.id, &judged))?;
        } else {
            print(&mut out, &text.title, &judged)?;
        }
        Ok(())
    })?;
    out.flush()?;
    Ok(Exit::Done)
}

fn row<'a>(id: &'a CallerId, judged: &'a Classification) -> Row<'a> {
    Row {
        id,
        health: judged.health,
        topics: judged.topics.iter().map(|t| TopicRow { id: &t.id, score: t.score }).collect(),
        flags: judged
            .flags
            .iter()
            .map(|f| FlagRow {
                rule: &f.rule,
                kind: f.kind.as_str(),
                severity: f.severity.as_str(),
                stance: f.stance.map(diembao_news::Stance::as_str),
                score: f.score,
                evidence: f.evidence.iter().map(evidence_row).collect(),
            })
            .collect(),
    }
}

fn evidence_row(e: &Evidence) -> EvidenceRow<'_> {
    EvidenceRow { field: e.field.as_str(), start: e.start, end: e.end, text: &e.text }
}

fn print(out: &mut impl Write, title: &str, judged: &Classification) -> std::io::Result<()> {
    let health = if judged.health { "health" } else { "other" };
    writeln!(out, "{health:<6} {:>6.2}  {title}", judged.health_score)?;
    for topic in &judged.topics {
        writeln!(out, "         topic {} {:.2}", topic.id, topic.score)?;
    }
    for flag in &judged.flags {
        let stance = flag.stance.map_or("", diembao_news::Stance::as_str);
        writeln!(
            out,
            "         {} {} {} {stance} {:.2}",
            flag.kind.as_str(),
            flag.rule,
            flag.severity.as_str(),
            flag.score
        )?;
        for e in &flag.evidence {
            writeln!(out, "           {:+.1} {} {:?} ({})", e.weight, e.field.as_str(), e.text, e.group)?;
        }
    }
    Ok(())
}
