//! `diembao sources`: the outlets and channels of feeds.toml, and how they do.

use std::fs;
use std::io::Write;
use std::path::PathBuf;

use anyhow::Context;
use clap::{Args, Subcommand};
use diembao_feeds::health::Grade;
use diembao_news::Outlet;
use diembao_pipeline::{ChannelHealth, Pipeline, SourceHealth};
use serde_json::json;

use super::{sources_add, sources_check};
use crate::context::Global;
use crate::exit::Exit;
use crate::output::{json_line, local, rfc3339, stdout, table};

/// What to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Sources {
    /// List outlets and channels, and how each does
    List(List),
    /// Ask channels now, record nothing, and say in words what is wrong
    Check(sources_check::Options),
    /// Propose an outlet from its home page, ask its channels, and write it
    Add(sources_add::Options),
    /// Print the sources as OPML
    Export,
    /// Print what an OPML file would add to feeds.toml
    Import(Import),
}

/// How to print.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  diembao sources list --json")]
pub(crate) struct List {
    /// Channels that are not polled too
    #[arg(long)]
    all: bool,
    /// Print one JSON object a channel
    #[arg(long)]
    json: bool,
}

/// Which file.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  diembao sources import danh-sach.opml >> feeds.toml")]
pub(crate) struct Import {
    /// The OPML file
    file: PathBuf,
}

pub(crate) async fn run(command: Sources, global: &Global) -> anyhow::Result<Exit> {
    match command {
        Sources::List(options) => list(&global.open().await?, &options).await,
        Sources::Check(options) => sources_check::run(&options, global).await,
        Sources::Add(options) => sources_add::run(&global.open().await?, &options).await,
        Sources::Export => {
            let mut out = stdout();
            write!(out, "{}", diembao_feeds::opml_write(&global.home()?.outlets))?;
            out.flush()?;
            Ok(Exit::Done)
        }
        Sources::Import(options) => import(&options),
    }
}

async fn list(p: &Pipeline, options: &List) -> anyhow::Result<Exit> {
    let health = diembao_pipeline::source_health(p).await?;
    let mut out = stdout();
    let mut rows = table(&["channel", "health", "last read", "last new", "24 h", "a day", "next", "what is wrong"]);
    for source in &health {
        for c in source.channels.iter().filter(|c| options.all || c.channel.enabled) {
            if options.json {
                json_line(&mut out, &as_json(&source.outlet, c))?;
            } else {
                rows.add_row(row(c));
            }
        }
    }
    if !options.json {
        writeln!(out, "{rows}")?;
        writeln!(out, "{}", summary(&health))?;
    }
    out.flush()?;
    Ok(Exit::Done)
}

fn row(c: &ChannelHealth) -> [String; 8] {
    let state = c.state.as_ref();
    let time = |t: Option<chrono::DateTime<chrono::Utc>>| t.map(local).unwrap_or_default();
    // Before three days a channel's normal is not known.
    let per_day = if c.items.days >= 3.0 { format!("{:.1}", c.items.per_day) } else { String::new() };
    let what = c.diagnosis.findings.first().map(|f| f.what.clone());
    [
        c.channel.id.to_string(),
        c.diagnosis.grade.as_str().to_owned(),
        time(state.and_then(|s| s.last_success)),
        time(state.and_then(|s| s.last_new_item)),
        state.map(|_| c.items.n_last_day.to_string()).unwrap_or_default(),
        per_day,
        time(state.and_then(|s| s.next_poll)),
        what.or_else(|| state.and_then(|s| s.last_problem.clone())).unwrap_or_default(),
    ]
}

fn summary(health: &[SourceHealth]) -> String {
    let n_channels: usize = health.iter().map(|h| h.polled().count()).sum();
    let blind: Vec<&str> = health.iter().filter(|h| h.grade() == Grade::Broken).map(|h| h.outlet.id.as_str()).collect();
    let mut text = format!("{} outlets, {n_channels} channels that are polled", health.len());
    if !blind.is_empty() {
        text.push_str(&format!("; blind spots: {} (`diembao sources check ID` says why)", blind.join(", ")));
    }
    text
}

fn as_json(outlet: &Outlet, c: &ChannelHealth) -> serde_json::Value {
    let state = c.state.as_ref();
    json!({
        "outlet": outlet.id.as_str(),
        "name": outlet.name,
        "tier": outlet.tier.as_str(),
        "channel": c.channel.id.as_str(),
        "kind": c.channel.kind.as_str(),
        "url": c.channel.url.as_str(),
        "enabled": c.channel.enabled,
        "grade": c.diagnosis.grade.as_str(),
        "findings": c.diagnosis.findings.iter()
            .map(|f| json!({"ailment": f.ailment.as_str(), "what": f.what, "advice": f.advice}))
            .collect::<Vec<_>>(),
        "last_read": state.and_then(|s| s.last_success).map(rfc3339),
        "last_new": state.and_then(|s| s.last_new_item).map(rfc3339),
        "next_poll": state.and_then(|s| s.next_poll).map(rfc3339),
        "items": state.map(|s| s.n_items_total),
        "items_last_day": state.map(|_| c.items.n_last_day),
        "items_per_day": (c.items.days >= 3.0).then_some(c.items.per_day),
        "empty_in_a_row": state.map(|s| s.conduct.n_empty),
        "misses_in_a_row": state.map(|s| s.conduct.n_misses),
        "clock_ahead_seconds": state.and_then(|s| s.conduct.skew).map(|skew| skew.num_seconds()),
        "failures": state.map(|s| s.failures),
        "problem": state.and_then(|s| s.last_problem.as_deref()),
    })
}

fn import(options: &Import) -> anyhow::Result<Exit> {
    let text = fs::read_to_string(&options.file).with_context(|| options.file.display().to_string())?;
    let (outlets, left_out) = diembao_feeds::opml_read(&text).with_context(|| options.file.display().to_string())?;
    let toml = outlets.iter().fold(String::new(), |toml, outlet| diembao_feeds::add_outlet(&toml, outlet));
    let mut out = stdout();
    write!(out, "{toml}")?;
    out.flush()?;
    for why in left_out {
        tracing::warn!("left out: {why}");
    }
    Ok(Exit::Done)
}
