//! `diembao sources`: the outlets and channels of feeds.toml, and how they do.

use std::fs;
use std::io::Write;
use std::path::PathBuf;

use anyhow::Context;
use clap::{Args, Subcommand};
use diembao_fetch::Fetcher;
use diembao_news::{Channel, ChannelId, Outlet};
use diembao_pipeline::{Pipeline, SourceHealth};
use diembao_store::ChannelState;
use futures::StreamExt;
use serde_json::json;

use super::{sources_add, sources_layout};
use crate::context::Global;
use crate::exit::{Exit, NotFound};
use crate::output::{json_line, local, rfc3339, stdout, table};

/// What to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Sources {
    /// List outlets and channels, and how each does
    List(List),
    /// Ask channels now, record nothing, and say in words what is wrong
    Check(Check),
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

/// Which channels.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  diembao sources check\n  diembao sources check tuoi-tre tuoi-tre/suc-khoe --json")]
pub(crate) struct Check {
    /// Outlets or channels [default: all that are polled]
    ids: Vec<String>,
    /// Only read feeds.toml
    #[arg(long)]
    offline: bool,
    /// Extract one article of each outlet too, and compare what its pages gave lately with before
    #[arg(long)]
    sample: bool,
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
        Sources::Check(options) if options.offline => offline(global),
        Sources::Check(options) => check(&global.open().await?, &options).await,
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
    let mut rows = table(&["channel", "kind", "last read", "last new", "items", "next", "problem"]);
    for (outlet, channel, state) in each(&health, options.all) {
        if options.json {
            json_line(&mut out, &as_json(outlet, channel, state))?;
            continue;
        }
        let time = |t: Option<chrono::DateTime<chrono::Utc>>| t.map(local).unwrap_or_default();
        rows.add_row([
            channel.id.to_string(),
            channel.kind.as_str().to_owned(),
            time(state.and_then(|s| s.last_success)),
            time(state.and_then(|s| s.last_new_item)),
            state.map(|s| s.n_items_total.to_string()).unwrap_or_default(),
            time(state.and_then(|s| s.next_poll)),
            word(channel, state),
        ]);
    }
    if !options.json {
        writeln!(out, "{rows}")?;
        let n_channels: usize = health.iter().map(|h| h.channels.len()).sum();
        writeln!(out, "{} outlets, {n_channels} channels that are polled", health.len())?;
    }
    out.flush()?;
    Ok(Exit::Done)
}

fn each(health: &[SourceHealth], all: bool) -> impl Iterator<Item = (&Outlet, &Channel, Option<&ChannelState>)> {
    health.iter().flat_map(move |h| {
        let state = |c: &Channel| h.channels.iter().find(|(id, _)| *id == c.id).and_then(|(_, s)| s.as_ref());
        h.outlet.channels.iter().filter(move |c| all || c.enabled).map(move |c| (&h.outlet, c, state(c)))
    })
}

fn word(channel: &Channel, state: Option<&ChannelState>) -> String {
    match state {
        _ if !channel.enabled => "not polled".to_owned(),
        None => "never read".to_owned(),
        Some(s) => s.last_problem.clone().unwrap_or_default(),
    }
}

fn as_json(outlet: &Outlet, channel: &Channel, state: Option<&ChannelState>) -> serde_json::Value {
    json!({
        "outlet": outlet.id.as_str(),
        "name": outlet.name,
        "tier": outlet.tier.as_str(),
        "channel": channel.id.as_str(),
        "kind": channel.kind.as_str(),
        "url": channel.url.as_str(),
        "enabled": channel.enabled,
        "last_read": state.and_then(|s| s.last_success).map(rfc3339),
        "last_new": state.and_then(|s| s.last_new_item).map(rfc3339),
        "next_poll": state.and_then(|s| s.next_poll).map(rfc3339),
        "items": state.map(|s| s.n_items_total),
        "failures": state.map(|s| s.failures),
        "problem": state.and_then(|s| s.last_problem.as_deref()),
    })
}

/// feeds.toml alone: reading it reports every mistake.
fn offline(global: &Global) -> anyhow::Result<Exit> {
    let home = global.home()?;
    let n: usize = home.outlets.iter().map(|o| o.channels.len()).sum();
    writeln!(stdout(), "feeds.toml: {} outlets, {n} channels, no mistakes", home.outlets.len())?;
    Ok(Exit::Done)
}

async fn check(p: &Pipeline, options: &Check) -> anyhow::Result<Exit> {
    let wanted = select(&p.home.outlets, &options.ids)?;
    let fetcher = Fetcher::new(&diembao_pipeline::fetch_settings(&p.home.settings.collect))?;
    let concurrency = p.home.settings.collect.pace.concurrency;
    let mut checks = futures::stream::iter(wanted)
        .map(|(outlet, channel)| {
            let (p, fetcher) = (&*p, &fetcher);
            async move { (outlet, channel, diembao_pipeline::check_channel(p, fetcher, outlet, channel).await) }
        })
        .buffered(concurrency);
    let mut out = stdout();
    let (mut n_good, mut n_bad) = (0, 0);
    let mut outlets = Vec::new();
    while let Some((outlet, channel, checked)) = checks.next().await {
        let good = checked.answer.is_ok();
        if good {
            n_good += 1;
        } else {
            n_bad += 1;
        }
        if options.json {
            json_line(&mut out, &check_json(channel, &checked))?;
        } else {
            print_check(&mut out, channel, &checked)?;
        }
        if options.sample
            && !outlets.contains(&outlet.id)
            && let Some(url) = checked.answer.iter().flat_map(|parsed| &parsed.items).find_map(|i| i.url.as_ref())
        {
            outlets.push(outlet.id.clone());
            let read = diembao_pipeline::sample_article(p, &fetcher, outlet, url).await;
            let print = if options.json { sources_layout::sample_json } else { sources_layout::print_sample };
            print(&mut out, url, &read)?;
        }
        out.flush()?;
    }
    if options.sample {
        for layout in diembao_pipeline::layout_checks(p).await?.iter().filter(|l| outlets.contains(&l.outlet)) {
            let print = if options.json { sources_layout::layout_json } else { sources_layout::print_layout };
            print(&mut out, layout)?;
        }
    }
    if !options.json {
        writeln!(out, "{n_good} channels answered, {n_bad} did not")?;
        out.flush()?;
    }
    Ok(match (n_good, n_bad) {
        (_, 0) => Exit::Done,
        (0, _) => Exit::Unreachable,
        _ => Exit::Failed,
    })
}

fn select<'h>(outlets: &'h [Outlet], ids: &[String]) -> anyhow::Result<Vec<(&'h Outlet, &'h Channel)>> {
    let all = || outlets.iter().flat_map(|o| o.channels.iter().map(move |c| (o, c)));
    if ids.is_empty() {
        return Ok(all().filter(|(_, c)| c.enabled).collect());
    }
    let mut wanted = Vec::new();
    for id in ids {
        let before = wanted.len();
        wanted.extend(all().filter(|(o, c)| o.id.as_str() == id || ChannelId::parse(id).is_ok_and(|i| i == c.id)));
        if wanted.len() == before {
            return Err(NotFound(format!("feeds.toml has no outlet or channel {id:?}")).into());
        }
    }
    Ok(wanted)
}

fn check_json(channel: &Channel, checked: &diembao_pipeline::ChannelCheck) -> serde_json::Value {
    match &checked.answer {
        Ok(parsed) => json!({
            "channel": channel.id.as_str(),
            "ok": true,
            "kind": parsed.kind,
            "items": parsed.items.len(),
            "problems": parsed.problems,
        }),
        Err((kind, message)) => {
            json!({"channel": channel.id.as_str(), "ok": false, "kind": kind, "problems": [message]})
        }
    }
}

fn print_check(
    out: &mut impl Write,
    channel: &Channel,
    checked: &diembao_pipeline::ChannelCheck,
) -> std::io::Result<()> {
    match &checked.answer {
        Ok(parsed) => {
            writeln!(out, "ok    {:<36} {}, {} items", channel.id.as_str(), parsed.kind, parsed.items.len())?;
            for problem in &parsed.problems {
                writeln!(out, "      {problem}")?;
            }
        }
        Err((kind, message)) => {
            writeln!(out, "FAIL  {:<36} {kind}: {message}", channel.id.as_str())?;
            if let Some(advice) = advice(kind) {
                writeln!(out, "      {advice}")?;
            }
        }
    }
    Ok(())
}

/// What an administrator can do about a failure.
fn advice(kind: &str) -> Option<&'static str> {
    Some(match kind {
        "dns" => "the name does not resolve: is this machine online, and is the domain still the paper's?",
        "tls" => "no trusted encryption: look at the certificate in a browser; the check is never switched off",
        "connect" | "timeout" => "the server does not answer from here: try again later, or ask the outlet",
        "status-404" | "status-410" => "the channel has moved or ended: look for its new address on the home page",
        "status-401" | "status-403" | "status-428" | "challenge" => {
            "the site turns programs away: write to the outlet; it stays a blind spot until then"
        }
        "robots" => "robots.txt forbids it: choose another channel of the outlet, or ask the outlet",
        "html-as-feed" => {
            "a web page came instead of a feed: find the feed's new address, or make it kind = \"section\""
        }
        "private-address" => "the address leads into a private network and is never fetched",
        _ => return None,
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
