//! `diembao reprocess`

use std::io::Write;

use clap::Args;
use diembao_pipeline::{Archive, RunReport};

use super::report;
use crate::context::Global;
use crate::exit::Exit;
use crate::output::stdout;

/// What to do again.
#[derive(Debug, Args)]
#[command(after_help = "People's decisions stay: cases, merges and splits are not touched.\n\n\
Examples:\n  diembao reprocess --rules --since 7d\n  diembao reprocess --extraction --since 30d")]
pub(crate) struct Options {
    /// Extract again from the pages in the store and the archive, without the network; then judge again
    #[arg(long)]
    extraction: bool,
    /// Judge again by the present rules
    #[arg(long)]
    rules: bool,
    /// Articles first seen within this time: 12h, 7d
    #[arg(long, default_value = "7d", value_parser = super::parse_span)]
    since: chrono::TimeDelta,
}

pub(crate) async fn run(options: &Options, global: &Global) -> anyhow::Result<Exit> {
    anyhow::ensure!(options.extraction || options.rules, "say what to do again: --extraction, --rules or both");
    let p = global.open().await?;
    let _lock = p.lock().await?;
    let since = p.clock.now() - options.since;
    let mut out = stdout();
    if options.extraction {
        // What is only read needs no time of keeping.
        let archive = Archive::new(p.home.archive_dir(), chrono::TimeDelta::zero());
        let done = diembao_pipeline::reextract(&p, &archive, since).await?;
        writeln!(out, "{} articles changed by extraction", done.n_changed)?;
        if done.n_new > 0 {
            writeln!(out, "{} pages are articles now that were none before", done.n_new)?;
        }
        if done.n_without_page > 0 {
            writeln!(out, "{} articles stay: their pages are no longer kept", done.n_without_page)?;
        }
    }
    let n = diembao_pipeline::reclassify(&p, since).await?;
    writeln!(out, "{n} articles are judged again")?;
    let mut stages = RunReport::default();
    diembao_pipeline::absorb(&p, &mut stages).await?;
    report::print(&mut out, &stages)?;
    out.flush()?;
    Ok(report::exit_of(&stages))
}
