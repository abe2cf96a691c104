//! `diembao show ID`

use std::io::Write;

use clap::Args;
use diembao_news::CanonicalUrl;
use diembao_store::StoredArticle;
use serde_json::json;

use super::show_versions;
use crate::context::Global;
use crate::exit::Exit;
use crate::output::{json_line, local_long, rfc3339, stdout};

/// Which article.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  diembao show 4k7m2p9x0abc\n  diembao show https://example.vn/bai.html --json\n  diembao show 4k7m2p9x0abc --versions"
)]
pub(crate) struct Options {
    /// Its id, its address, or the ref it was imported with
    article: String,
    /// What its page said over time, and the difference by sentence
    #[arg(long)]
    versions: bool,
    /// Print one JSON object; with --versions, one a version
    #[arg(long)]
    json: bool,
}

pub(crate) async fn run(options: &Options, global: &Global) -> anyhow::Result<Exit> {
    let p = global.open().await?;
    let stored = super::find_article(&p, &options.article).await?;
    let mut out = stdout();
    let flagged = stored.classification.as_ref().is_some_and(|c| !c.flags.is_empty());
    let facts = flagged.then(|| p.home.rules.facts(&stored.article.text));
    if options.versions {
        let versions = p.store.versions(stored.article.id).await?;
        if options.json {
            for row in show_versions::as_json(&versions) {
                json_line(&mut out, &row)?;
            }
        } else {
            show_versions::print(&mut out, &versions)?;
        }
    } else if options.json {
        let mut whole = as_json(&stored);
        whole["facts"] = facts.as_ref().map(super::facts::as_json).unwrap_or_default();
        json_line(&mut out, &whole)?;
    } else {
        print(&mut out, &stored)?;
        facts.iter().try_for_each(|f| super::facts::print(&mut out, f))?;
    }
    out.flush()?;
    Ok(Exit::Done)
}

fn as_json(stored: &StoredArticle) -> serde_json::Value {
    let a = &stored.article;
    json!({
        "id": a.id.to_string(),
        "ref": a.reference,
        "outlet": a.outlet.as_str(),
        "url": a.url.as_ref().map(CanonicalUrl::as_str),
        "title": a.text.title,
        "lead": a.text.lead,
        "body": a.text.body,
        "authors": a.authors,
        "published": rfc3339(a.times.published),
        "published_source": a.times.published_source.as_str(),
        "modified": a.times.modified.map(rfc3339),
        "first_seen": rfc3339(a.times.first_seen),
        "section": a.section,
        "image": a.image,
        "lang": a.lang,
        "story": stored.story.map(|s| s.to_string()),
        "health": stored.classification.as_ref().map(|c| c.health),
        "topics": stored.classification.as_ref().map(|c| c.topics.iter().map(|t| t.id.as_str()).collect::<Vec<_>>()),
        "flags": stored.classification.as_ref().map(|c| c.flags.iter().map(|f| f.rule.as_str()).collect::<Vec<_>>()),
    })
}

fn print(out: &mut impl Write, stored: &StoredArticle) -> std::io::Result<()> {
    let a = &stored.article;
    writeln!(out, "{}", a.text.title)?;
    writeln!(out, "{} · {} (from {})", a.outlet, local_long(a.times.published), a.times.published_source.as_str())?;
    if let Some(url) = &a.url {
        writeln!(out, "{url}")?;
    }
    if !a.authors.is_empty() {
        writeln!(out, "by {}", a.authors.join(", "))?;
    }
    let story = stored.story.map_or_else(|| "none yet".to_owned(), |s| s.to_string());
    writeln!(out, "article {} · story {story}\n", a.id)?;
    if !a.text.lead.is_empty() {
        writeln!(out, "{}\n", a.text.lead)?;
    }
    writeln!(out, "{}", a.text.body)
}
