//! `diembao try group`

use std::io::Write;

use chrono::{DateTime, Utc};
use clap::Args;
use diembao_news::ArticleText;
use diembao_stories::{Doc, GroupSettings};
use serde::{Deserialize, Serialize};

use super::{CallerId, json_lines};
use crate::exit::Exit;
use crate::output::{json_line, stdout};

/// How to print.
#[derive(Debug, Args)]
#[command(
    after_help = "Reads JSON lines {\"id\",\"title\",\"lead\",\"body\",\"published\",\"outlet\"} from standard input;\n\
\"story\" is the id of the story's first article.\n\nExample:\n  diembao try group --json < articles.jsonl"
)]
pub(crate) struct Options {
    /// Print one JSON object an article
    #[arg(long)]
    json: bool,
}

#[derive(Deserialize)]
struct Input {
    id: CallerId,
    #[serde(default)]
    title: String,
    #[serde(default)]
    lead: String,
    #[serde(default)]
    body: String,
    #[serde(default)]
    published: Option<String>,
    #[serde(default)]
    outlet: Option<String>,
}

struct Row {
    id: CallerId,
    text: ArticleText,
    published: Option<DateTime<Utc>>,
    outlet: String,
}

#[derive(Serialize)]
struct Answer<'a> {
    id: &'a CallerId,
    story: &'a CallerId,
}

pub(crate) fn run(options: &Options) -> anyhow::Result<Exit> {
    let mut rows = Vec::new();
    json_lines(|input: Input| {
        let published = input.published.as_deref().and_then(|s| DateTime::parse_from_rfc3339(s).ok());
        rows.push(Row {
            id: input.id,
            text: ArticleText { title: input.title, lead: input.lead, body: input.body },
            published: published.map(Into::into),
            outlet: input.outlet.unwrap_or_default(),
        });
        Ok(())
    })?;
    let docs: Vec<Doc> = rows
        .iter()
        .zip(0u64..)
        .map(|(row, key)| Doc { key, outlet: &row.outlet, published: row.published, text: &row.text })
        .collect();
    let stories = diembao_stories::group(&docs, &[], &GroupSettings::default());
    let mut out = stdout();
    for (row, &story) in rows.iter().zip(&stories) {
        let story = &rows[story].id;
        if options.json {
            json_line(&mut out, &Answer { id: &row.id, story })?;
        } else {
            writeln!(out, "{}  {}  {}", story.0, row.id.0, row.text.title)?;
        }
    }
    out.flush()?;
    Ok(Exit::Done)
}
