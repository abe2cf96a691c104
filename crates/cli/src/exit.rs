//! Exit codes, and the one place where an error is printed.

use std::io::Write;
use std::process::ExitCode;

use diembao_pipeline::{Busy, HomeError, Watched};
use diembao_search::SearchError;
use diembao_store::StoreError;

/// How a command ended. The numbers are part of the command's contract.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Exit {
    /// Done.
    Done = 0,
    /// Failed: store, index, disk, or a check that found mistakes.
    Failed = 1,
    /// The home's files have mistakes, or the folder is not a home.
    Configuration = 3,
    /// No source could be read; the digest left and says so.
    Unreachable = 4,
    /// There is no such article, story, case or edition.
    NotFound = 5,
    /// Another process holds the home or the database.
    Busy = 6,
    /// Mail is still waiting to be delivered, or was refused.
    Undelivered = 7,
}

/// The table of exit codes, for `--help`.
pub(crate) const HELP: &str = "Exit codes:\n  \
    0  done\n  \
    1  failed: store, index or disk, or a check found mistakes\n  \
    2  the command line was not understood\n  \
    3  the home's files have mistakes, or the folder is not a home\n  \
    4  no source could be read; the digest left and says so\n  \
    5  there is no such article, story, case or edition\n  \
    6  another process holds the home or the database\n  \
    7  mail is still waiting to be delivered, or was refused";

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

/// Something that was asked for by id and is not there.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(crate) struct NotFound(pub(crate) String);

/// Prints an error with its causes and tells the exit code.
pub(crate) fn fail(error: &anyhow::Error) -> ExitCode {
    if is_closed_pipe(error) {
        return Exit::Done.into();
    }
    let mut stderr = std::io::stderr().lock();
    let _ = writeln!(stderr, "error: {error}");
    for cause in error.chain().skip(1) {
        let _ = writeln!(stderr, "  because: {cause}");
    }
    code_of(error).into()
}

fn code_of(error: &anyhow::Error) -> Exit {
    for cause in error.chain() {
        if let Some(home) = cause.downcast_ref::<HomeError>() {
            return match home {
                HomeError::Io { .. } => Exit::Failed,
                HomeError::NotAHome { .. } | HomeError::Mistakes(_) => Exit::Configuration,
            };
        }
        if cause.is::<NotFound>() {
            return Exit::NotFound;
        }
        if is_busy(cause) {
            return Exit::Busy;
        }
    }
    Exit::Failed
}

fn is_busy(cause: &(dyn std::error::Error + 'static)) -> bool {
    cause.is::<Busy>()
        || cause.is::<Watched>()
        || matches!(cause.downcast_ref(), Some(StoreError::Busy { .. }))
        || matches!(cause.downcast_ref(), Some(SearchError::Locked { .. }))
}

/// `diembao search … | head` closes the pipe; that is not a failure.
fn is_closed_pipe(error: &anyhow::Error) -> bool {
    error.chain().filter_map(|e| e.downcast_ref::<std::io::Error>()).any(|e| e.kind() == std::io::ErrorKind::BrokenPipe)
}
