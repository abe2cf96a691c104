//! `diembao completions SHELL`

use std::io::Write;

use clap::{Args, CommandFactory};
use clap_complete::Shell;

use crate::app::Cli;
use crate::exit::Exit;
use crate::output::stdout;

/// For which shell.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  diembao completions bash > /etc/bash_completion.d/diembao")]
pub(crate) struct Options {
    /// bash, elvish, fish, powershell or zsh
    shell: Shell,
}

pub(crate) fn run(options: &Options) -> std::io::Result<Exit> {
    // Made in memory first: the generator panics where a pipe is closed early.
    let mut script = Vec::new();
    clap_complete::generate(options.shell, &mut Cli::command(), "diembao", &mut script);
    let mut out = stdout();
    out.write_all(&script)?;
    out.flush()?;
    Ok(Exit::Done)
}
