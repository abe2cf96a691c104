//! What can go wrong with the index.

use std::path::PathBuf;

/// Why the index could not be opened, written or searched.
///
/// On [`Mismatch`](Self::Mismatch) and [`Corrupt`](Self::Corrupt) the caller rebuilds it: it is derived data.
#[derive(Debug, thiserror::Error)]
pub enum SearchError {
    /// The index was made by another version of the schema or the analysis.
    #[error(
        "the index at {dir} was made by version {found:?}, this program needs {expected:?}; rebuild it with `diembao reindex`"
    )]
    Mismatch {
        /// The index folder.
        dir: PathBuf,
        /// The version written there.
        found: String,
        /// The version this program writes.
        expected: &'static str,
    },
    /// Files of the index are missing or damaged.
    #[error("the index at {dir} is damaged ({what}); rebuild it with `diembao reindex`")]
    Corrupt {
        /// The index folder.
        dir: PathBuf,
        /// What was found.
        what: String,
    },
    /// The folder cannot be written; searching still works.
    #[error("the index at {dir} is read-only")]
    ReadOnly {
        /// The index folder.
        dir: PathBuf,
    },
    /// Another process writes the index.
    #[error("another process writes the index at {dir}; wait for it or stop it")]
    Locked {
        /// The index folder.
        dir: PathBuf,
    },
    /// The folder could not be read or written.
    #[error("cannot use the index at {dir}")]
    Io {
        /// The index folder.
        dir: PathBuf,
        /// Why.
        source: std::io::Error,
    },
}

impl SearchError {
    /// Whether rebuilding the index from the store is the remedy.
    #[must_use]
    pub fn wants_rebuild(&self) -> bool {
        matches!(self, Self::Mismatch { .. } | Self::Corrupt { .. })
    }
}
