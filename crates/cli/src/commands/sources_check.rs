//! `diembao sources check`: channels asked now, and in words what is wrong with each and what to do.

use std::collections::HashMap;
use std::io::Write;

use clap::Args;
use diembao_fetch::Fetcher;
use diembao_news::{Channel, ChannelId, Outlet};
use diembao_pipeline::{ChannelCheck, ChannelHealth, Pipeline};
use futures::StreamExt;
use serde_json::{Value, json};

use super::sources_layout;
use crate::context::Global;
use crate::exit::{Exit, NotFound};
use crate::output::{json_line, stdout};

/// Which channels.
#[derive(Debug, Args)]
#[command(after_help = "Asks each channel now, and adds what is remembered of it.\n\n\
Examples:\n  diembao sources check\n  diembao sources check tuoi-tre tuoi-tre/suc-khoe --json")]
pub(crate) struct Options {
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

/// One channel as it does now and did before.
struct Checked<'h> {
    outlet: &'h Outlet,
    channel: &'h Channel,
    now: ChannelCheck,
    past: Option<&'h ChannelHealth>,
}

pub(crate) async fn run(options: &Options, global: &Global) -> anyhow::Result<Exit> {
    if options.offline {
        return offline(global);
    }
    let p = &global.open().await?;
    let wanted = select(&p.home.outlets, &options.ids)?;
    let health = diembao_pipeline::source_health(p).await?;
    let past: HashMap<&ChannelId, &ChannelHealth> =
        health.iter().flat_map(|h| &h.channels).map(|c| (&c.channel.id, c)).collect();
    let fetcher = &Fetcher::new(&diembao_pipeline::fetch_settings(&p.home.settings.collect))?;
    let past = &past;
    let mut checks = futures::stream::iter(wanted)
        .map(|(outlet, channel)| async move {
            let now = diembao_pipeline::check_channel(p, fetcher, outlet, channel).await;
            Checked { outlet, channel, now, past: past.get(&channel.id).copied() }
        })
        .buffered(p.home.settings.collect.pace.concurrency);
    let mut out = stdout();
    let (mut n_good, mut n_bad) = (0, 0);
    let mut sampled = Vec::new();
    while let Some(checked) = checks.next().await {
        *(if checked.now.answer.is_ok() { &mut n_good } else { &mut n_bad }) += 1;
        if options.json {
            json_line(&mut out, &as_json(&checked))?;
        } else {
            print(&mut out, &checked)?;
        }
        if options.sample
            && !sampled.contains(&checked.outlet.id)
            && sample(p, fetcher, &checked, (options, &mut out)).await?
        {
            sampled.push(checked.outlet.id.clone());
        }
        out.flush()?;
    }
    if options.sample {
        for layout in diembao_pipeline::layout_checks(p).await?.iter().filter(|l| sampled.contains(&l.outlet)) {
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

/// feeds.toml alone: reading it reports every mistake.
fn offline(global: &Global) -> anyhow::Result<Exit> {
    let home = global.home()?;
    let n: usize = home.outlets.iter().map(|o| o.channels.len()).sum();
    writeln!(stdout(), "feeds.toml: {} outlets, {n} channels, no mistakes", home.outlets.len())?;
    Ok(Exit::Done)
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

/// Extracts the first article the channel gave; false when it gave none.
async fn sample(
    p: &Pipeline,
    fetcher: &Fetcher,
    checked: &Checked<'_>,
    (options, out): (&Options, &mut impl Write),
) -> anyhow::Result<bool> {
    let items = checked.now.answer.iter().flat_map(|parsed| &parsed.items);
    let Some(url) = items.filter(|item| !item.opaque).find_map(|item| item.url.as_ref()) else { return Ok(false) };
    let read = diembao_pipeline::sample_article(p, fetcher, checked.outlet, url).await;
    let print = if options.json { sources_layout::sample_json } else { sources_layout::print_sample };
    print(out, url, &read)?;
    Ok(true)
}

fn as_json(checked: &Checked<'_>) -> Value {
    let findings: Vec<Value> = checked.past.map_or_else(Vec::new, |past| {
        let rows = past.diagnosis.findings.iter();
        rows.map(|f| json!({"ailment": f.ailment.as_str(), "what": f.what, "advice": f.advice})).collect()
    });
    let mut row = match &checked.now.answer {
        Ok(parsed) => {
            json!({"ok": true, "kind": parsed.kind, "items": parsed.items.len(), "problems": parsed.problems})
        }
        Err((kind, message)) => json!({"ok": false, "kind": kind, "problems": [message], "advice": advice(kind)}),
    };
    row["channel"] = json!(checked.channel.id.as_str());
    row["grade"] = json!(checked.past.map(|past| past.diagnosis.grade.as_str()));
    row["findings"] = json!(findings);
    row["moved"] = json!(checked.now.moved.as_ref().map(|url| url.as_str()));
    row
}

fn print(out: &mut impl Write, checked: &Checked<'_>) -> std::io::Result<()> {
    let Checked { channel, now, past, .. } = checked;
    match &now.answer {
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
    if let Some(url) = &now.moved {
        writeln!(out, "      it has moved for good: write url = \"{url}\" in feeds.toml")?;
    }
    for finding in past.iter().flat_map(|past| &past.diagnosis.findings) {
        writeln!(out, "      so far: {}; {}", finding.what, finding.advice)?;
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
