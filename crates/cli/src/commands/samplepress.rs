//! `diembao samplepress`

use std::fs;
use std::io::Write;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use anyhow::Context;
use clap::Args;
use diembao_samplepress::{Misbehaviour, Press, PressSpec};

use crate::context::Global;
use crate::exit::Exit;
use crate::output::stdout;

/// What to serve.
#[derive(Debug, Args)]
#[command(
    after_help = "Ends with Ctrl-C. The feeds.toml it writes needs collect.allow_loopback = true in diembao.toml.\n\n\
Examples:\n  diembao samplepress --listen 127.0.0.1:8900 --write-feeds feeds.toml\n  diembao samplepress --articles 10000 --outlets 40 --misbehave slow,404,challenge"
)]
pub(crate) struct Options {
    /// Where to answer; port 0 takes a free one
    #[arg(long, default_value = "127.0.0.1:0")]
    listen: SocketAddr,
    /// Write a feeds.toml that points at it
    #[arg(long, value_name = "FILE")]
    write_feeds: Option<PathBuf>,
    /// Give every outlet a host of its own under .localhost
    #[arg(long)]
    hosts: bool,
    /// The same number makes the same press
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// How many outlets [default: the written ones]
    #[arg(long)]
    outlets: Option<usize>,
    /// Over how many days
    #[arg(long)]
    days: Option<u32>,
    /// How many articles [default: the written ones]
    #[arg(long)]
    articles: Option<usize>,
    /// Outlets with bad habits to add
    #[arg(long, value_delimiter = ',', value_parser = parse_misbehaviour)]
    misbehave: Vec<Misbehaviour>,
}

fn parse_misbehaviour(s: &str) -> Result<Misbehaviour, String> {
    let names = || Misbehaviour::ALL.map(Misbehaviour::as_str).join(", ");
    Misbehaviour::parse(s).ok_or_else(|| format!("expected one of {}", names()))
}

pub(crate) async fn run(options: &Options, global: &Global) -> anyhow::Result<Exit> {
    let spec = PressSpec::hand_made(global.clock().now());
    let spec = PressSpec {
        seed: options.seed,
        outlets: options.outlets.unwrap_or(spec.outlets),
        days: options.days.unwrap_or(spec.days),
        articles: options.articles.unwrap_or(spec.articles),
        misbehave: options.misbehave.clone(),
        ..spec
    };
    let press = Arc::new(Press::new(&spec));
    let listener = tokio::net::TcpListener::bind(options.listen)
        .await
        .with_context(|| format!("cannot listen on {}", options.listen))?;
    let address = listener.local_addr()?;
    if let Some(path) = &options.write_feeds {
        let feeds = if options.hosts { press.feeds_toml_hosts(address) } else { press.feeds_toml(address) };
        fs::write(path, feeds).with_context(|| path.display().to_string())?;
    }
    let mut out = stdout();
    writeln!(out, "serving {} articles at http://{address}/", press.n_articles())?;
    out.flush()?;
    drop(out);
    let stopped = async {
        // Without a signal handler the press ends the hard way, which is just as well.
        let _ = tokio::signal::ctrl_c().await;
    };
    diembao_samplepress::serve(press, listener, stopped).await?;
    Ok(Exit::Done)
}
