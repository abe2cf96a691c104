//! `diembao man DIR`

use std::fs;
use std::io::Write;
use std::path::PathBuf;

use anyhow::Context;
use clap::{Args, CommandFactory};

use crate::app::Cli;
use crate::exit::Exit;
use crate::output::stdout;

/// Where to.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  diembao man /usr/local/share/man/man1")]
pub(crate) struct Options {
    /// The folder; made if it is not there
    dir: PathBuf,
}

pub(crate) fn run(options: &Options) -> anyhow::Result<Exit> {
    let dir = &options.dir;
    fs::create_dir_all(dir).with_context(|| dir.display().to_string())?;
    let mut command = Cli::command();
    command.build();
    clap_mangen::generate_to(command, dir).with_context(|| dir.display().to_string())?;
    writeln!(stdout(), "man pages written to {}", dir.display())?;
    Ok(Exit::Done)
}
