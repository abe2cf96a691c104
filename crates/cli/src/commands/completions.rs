//! `diembao completions SHELL`

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

pub(crate) fn run(options: &Options) -> Exit {
    clap_complete::generate(options.shell, &mut Cli::command(), "diembao", &mut stdout());
    Exit::Done
}
