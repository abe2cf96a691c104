//! `diembao sources add URL`: an outlet proposed from its home page, proved, and written.

use std::fs;
use std::io::Write;

use anyhow::Context;
use clap::Args;
use diembao_fetch::{Body, Fetcher, Purpose, Request, Validators};
use diembao_news::{CanonicalUrl, Outlet};
use diembao_pipeline::Pipeline;

use crate::exit::{Exit, NotFound};
use crate::output::stdout;

/// Which site.
#[derive(Debug, Args)]
#[command(after_help = "Finds the feeds the page names, asks each, and prints what it would add to feeds.toml.\n\n\
Examples:\n  diembao sources add https://baomau.example/\n  diembao sources add https://baomau.example/ --write")]
pub(crate) struct Options {
    /// The outlet's home page
    url: String,
    /// Append it to feeds.toml; what stands there, comments too, is not touched
    #[arg(long)]
    write: bool,
}

pub(crate) async fn run(p: &Pipeline, options: &Options) -> anyhow::Result<Exit> {
    let url = CanonicalUrl::parse(&options.url)?;
    let fetcher = Fetcher::new(&diembao_pipeline::fetch_settings(&p.home.settings.collect))?;
    let mut outlet = diembao_feeds::propose_outlet(&read(&fetcher, &url).await?, &url);
    anyhow::ensure!(
        p.home.outlets.iter().all(|o| o.id != outlet.id),
        "feeds.toml has an outlet {} already; `diembao sources check {}` asks it",
        outlet.id,
        outlet.id
    );
    let mut out = stdout();
    let n_found = outlet.channels.len();
    prove(p, &fetcher, &mut outlet, &mut out).await?;
    if outlet.channels.is_empty() {
        return Err(NotFound(format!("none of the {n_found} channels that {url} suggests can be read")).into());
    }
    let file = p.home.root.join("feeds.toml");
    let text = fs::read_to_string(&file).with_context(|| file.display().to_string())?;
    let longer = diembao_feeds::add_outlet(&text, &outlet);
    if options.write {
        // A reader sees the old file or the new one, never a half.
        let temporary = file.with_extension("toml.new");
        fs::write(&temporary, &longer).with_context(|| temporary.display().to_string())?;
        fs::rename(&temporary, &file).with_context(|| file.display().to_string())?;
        writeln!(out, "added {} to {}; look at its name and tier", outlet.id, file.display())?;
    } else {
        let added = longer.strip_prefix(text.as_str()).unwrap_or(&longer);
        writeln!(out, "{}", added.trim())?;
        writeln!(out, "\nnothing was written; --write appends this to {}", file.display())?;
    }
    out.flush()?;
    Ok(Exit::Done)
}

async fn read(fetcher: &Fetcher, url: &CanonicalUrl) -> anyhow::Result<String> {
    let none = Validators::default();
    let fetched = fetcher.fetch(&Request { url, validators: &none, purpose: Purpose::Page }).await?;
    match fetched.body {
        Body::Bytes(bytes) => Ok(diembao_fetch::decode(&bytes, fetched.content_type.as_deref()).text),
        Body::NotModified => anyhow::bail!("{url}: answered \"not modified\" to a first request"),
    }
}

/// Asks every proposed channel and keeps those that bring items.
async fn prove(p: &Pipeline, fetcher: &Fetcher, outlet: &mut Outlet, out: &mut impl Write) -> anyhow::Result<()> {
    let mut kept = Vec::new();
    for channel in std::mem::take(&mut outlet.channels) {
        let checked = diembao_pipeline::check_channel(p, fetcher, outlet, &channel).await;
        match checked.answer {
            Ok(parsed) if !parsed.items.is_empty() => {
                writeln!(out, "# ok    {} {}: {}, {} items", channel.id, channel.url, parsed.kind, parsed.items.len())?;
                kept.push(channel);
            }
            Ok(parsed) => writeln!(out, "# empty {} {}: {}", channel.id, channel.url, parsed.kind)?,
            Err((kind, message)) => writeln!(out, "# FAIL  {} {kind}: {message}", channel.id)?,
        }
    }
    outlet.channels = kept;
    Ok(())
}
