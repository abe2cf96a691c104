//! `diembao init DIR`

use std::io::Write;
use std::path::PathBuf;

use clap::Args;

use crate::exit::Exit;
use crate::output::stdout;

/// Where.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  diembao init /var/lib/diembao")]
pub(crate) struct Options {
    /// The folder; made if it does not exist
    dir: PathBuf,
}

pub(crate) fn run(options: &Options) -> anyhow::Result<Exit> {
    let written = diembao_pipeline::init(&options.dir)?;
    let mut out = stdout();
    for path in written {
        writeln!(out, "wrote {}", path.display())?;
    }
    writeln!(out, "next: put your contact address and recipients into diembao.toml, then")?;
    writeln!(out, "  diembao --home {} sources check", options.dir.display())?;
    out.flush()?;
    Ok(Exit::Done)
}
