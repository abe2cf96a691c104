//! `diembao reprocess`

use std::io::Write;

use clap::Args;
use diembao_pipeline::RunReport;

use super::report;
use crate::context::Global;
use crate::exit::Exit;
use crate::output::stdout;

/// What to do again.
#[derive(Debug, Args)]
#[command(after_help = "People's decisions stay: cases, merges and splits are not touched.\n\n\
Examples:\n  diembao reprocess --rules --since 7d\n  diembao reprocess --extraction --since 30d")]
pub(crate) struct Options {
    /// Extract again from the archived pages, then judge again
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
    let _lock = p.lock()?;
    let since = p.clock.now() - options.since;
    let mut out = stdout();
    if options.extraction {
        let n = diembao_pipeline::reextract(&p, since).await?;
        writeln!(out, "{n} articles changed by extraction")?;
    }
    let n = diembao_pipeline::reclassify(&p, since).await?;
    writeln!(out, "{n} articles are judged again")?;
    let mut stages = RunReport::default();
    diembao_pipeline::absorb(&p, &mut stages).await?;
    report::print(&mut out, &stages)?;
    out.flush()?;
    Ok(report::exit_of(&stages))
}
