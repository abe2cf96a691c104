//! `diembao reindex`

use std::io::Write;

use clap::Args;

use crate::context::Global;
use crate::exit::Exit;
use crate::output::stdout;

/// There is nothing to choose.
#[derive(Debug, Args)]
#[command(
    after_help = "Searches go on while it works; the new index takes the old one's place when it is complete.\n\n\
Example:\n  diembao reindex"
)]
pub(crate) struct Options {}

pub(crate) async fn run(_: &Options, global: &Global) -> anyhow::Result<Exit> {
    let p = global.open().await?;
    let _lock = p.lock().await?;
    let n = diembao_pipeline::rebuild_index(&p).await?;
    writeln!(stdout(), "{n} articles indexed")?;
    Ok(Exit::Done)
}
