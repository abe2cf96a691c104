//! `diembao stories [ID]`

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::Context;
use clap::Args;
use diembao_news::{CanonicalUrl, Severity, StoryId};
use diembao_pipeline::Pipeline;
use diembao_pipeline::settings::FileFormat;
use diembao_store::{StoryRow, Which};
use serde_json::json;

use crate::context::Global;
use crate::exit::{Exit, NotFound};
use crate::output::{json_line, local, rfc3339, stdout};

/// Which stories.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  diembao stories --last 24h\n  diembao stories 4k7m2p9x0abc --json\n  diembao stories 4k7m2p9x0abc --paper dien-bien.pdf"
)]
pub(crate) struct Options {
    /// One story, with its articles
    story: Option<StoryId>,
    /// Write what the press printed of the story, turn by turn, to this file; .pdf or .docx
    #[arg(long, value_name = "FILE", requires = "story")]
    paper: Option<PathBuf>,
    /// Stories with an article first seen within this time
    #[arg(long, default_value = "24h", value_parser = super::parse_span)]
    last: chrono::TimeDelta,
    /// Stories that are not about health too
    #[arg(long)]
    all: bool,
    /// Print one JSON object a story
    #[arg(long)]
    json: bool,
}

pub(crate) async fn run(options: &Options, global: &Global) -> anyhow::Result<Exit> {
    let p = global.open().await?;
    if let (Some(path), Some(id)) = (&options.paper, options.story) {
        return paper(&p, id, path).await;
    }
    let now = p.clock.now();
    let stories = match options.story {
        Some(id) => {
            let row = p.store.story(id).await?;
            vec![row.ok_or_else(|| NotFound(format!("there is no story {id}")))?]
        }
        None => {
            let which = if options.all { Which::All } else { Which::Health };
            let mut rows =
                p.store.stories_between(now - options.last, now + chrono::TimeDelta::seconds(1), which).await?;
            rows.sort_by_key(|row| std::cmp::Reverse((severity(row), row.articles.len(), row.id)));
            rows
        }
    };
    let mut out = stdout();
    for row in &stories {
        if options.json {
            json_line(&mut out, &as_json(row))?;
        } else {
            print(&mut out, row, options.story.is_some())?;
        }
    }
    out.flush()?;
    Ok(Exit::Done)
}

async fn paper(p: &Pipeline, id: StoryId, path: &Path) -> anyhow::Result<Exit> {
    let ending = path.extension().and_then(|e| e.to_str()).unwrap_or_default();
    let formats = [FileFormat::Pdf, FileFormat::Docx];
    let format = formats.into_iter().find(|f| f.ending() == ending);
    let format = format.with_context(|| format!("{}: name a file that ends in .pdf or .docx", path.display()))?;
    let bytes = diembao_pipeline::timeline_file(p, id, format).await?;
    let bytes = bytes.ok_or_else(|| NotFound(format!("there is no story {id}")))?;
    fs::write(path, bytes).with_context(|| path.display().to_string())?;
    let mut out = stdout();
    writeln!(out, "wrote {}", path.display())?;
    out.flush()?;
    Ok(Exit::Done)
}

fn severity(row: &StoryRow) -> Option<Severity> {
    row.articles.iter().filter_map(|a| a.classification.as_ref()).flat_map(|c| &c.flags).map(|f| f.severity).max()
}

fn as_json(row: &StoryRow) -> serde_json::Value {
    let articles: Vec<_> = row
        .articles
        .iter()
        .map(|a| {
            json!({
                "id": a.article.id.to_string(),
                "ref": a.article.reference,
                "outlet": a.article.outlet.as_str(),
                "url": a.article.url.as_ref().map(CanonicalUrl::as_str),
                "title": a.article.text.title,
                "published": rfc3339(a.article.times.published),
            })
        })
        .collect();
    json!({"story": row.id.to_string(), "severity": severity(row).map(Severity::as_str), "articles": articles})
}

fn print(out: &mut impl Write, row: &StoryRow, with_articles: bool) -> std::io::Result<()> {
    let Some(first) = row.articles.first() else {
        return Ok(());
    };
    let label = severity(row).map_or("", Severity::label);
    writeln!(out, "{}  {:>3} articles  {label:<5} {}", row.id, row.articles.len(), first.article.text.title)?;
    if with_articles {
        for a in &row.articles {
            let (a, time) = (&a.article, local(a.article.times.published));
            writeln!(out, "  {time}  {:<20} {}  {}", a.outlet.as_str(), a.id, a.text.title)?;
        }
    }
    Ok(())
}
