//! What can go wrong with the store, in words that say what to do.

use diembao_desk::DeskError;
use diembao_news::{CaseId, EditionId};

/// A store that did not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The address names no database the product knows.
    #[error("{0:?} is not a store: give sqlite:PATH or postgres://USER@HOST/DATABASE")]
    Address(String),
    /// It cannot be opened.
    #[error("cannot open the store {place}; check that the folder exists and the server answers")]
    Open {
        /// The file or server.
        place: String,
        /// Why.
        source: sqlx::Error,
    },
    /// Another process held it for longer than the allowed time.
    #[error("the store {place} is locked by another process; end it or try again")]
    Busy {
        /// The file or server.
        place: String,
    },
    /// No room is left.
    #[error("no space is left for the store {place}; free some and run again, nothing committed is lost")]
    Full {
        /// The file or server.
        place: String,
    },
    /// It may not be written.
    #[error("the store {place} cannot be written; check the rights of the file and its folder")]
    ReadOnly {
        /// The file or server.
        place: String,
    },
    /// The file is damaged.
    #[error("the store {place} is damaged or no database; restore a backup")]
    Corrupt {
        /// The file or server.
        place: String,
    },
    /// A newer program has written it.
    #[error("the store {place} has schema {found}, this program knows {known}; install the newer program")]
    NewerSchema {
        /// The file or server.
        place: String,
        /// The schema's version in the store.
        found: i64,
        /// The newest version this program knows.
        known: i64,
    },
    /// Somebody else changed the case first.
    #[error("case {case} was changed by another: expected version {expected}, found {found}; read it again")]
    Conflict {
        /// The case.
        case: CaseId,
        /// The version the caller had read.
        expected: i64,
        /// The version in the store.
        found: i64,
    },
    /// Somebody else changed the draft first.
    #[error("edition {edition} was changed by another and is at version {found} now; read it again")]
    EditionChanged {
        /// The edition.
        edition: EditionId,
        /// The version in the store.
        found: i64,
    },
    /// There is nothing that could be changed.
    #[error("edition {0} is frozen or was never drafted: it cannot be changed")]
    NoDraft(EditionId),
    /// This database does it by itself or with its own tool.
    #[error("the store {place} cannot do that; {instead}")]
    NotHere {
        /// The server.
        place: String,
        /// What to do.
        instead: &'static str,
    },
    /// The case does not exist.
    #[error("there is no case {0}")]
    NoCase(CaseId),
    /// The case does not allow the change.
    #[error(transparent)]
    Desk(#[from] DeskError),
    /// A row holds what no version of the program writes.
    #[error("table {table} holds {value:?} where {expected} is expected; restore a backup")]
    BadRow {
        /// The table.
        table: &'static str,
        /// What it holds.
        value: String,
        /// What belongs there.
        expected: &'static str,
    },
    /// Anything else the database says.
    #[error("the store {place} failed")]
    Sql {
        /// The file or server.
        place: String,
        /// What it said.
        source: sqlx::Error,
    },
}

impl StoreError {
    /// Sorts a database's error into what a person can act on.
    pub(crate) fn of_sqlx(place: &str, source: sqlx::Error) -> Self {
        let place = place.to_owned();
        if matches!(source, sqlx::Error::PoolTimedOut) {
            return Self::Busy { place };
        }
        let code = source.as_database_error().and_then(|e| e.code()).unwrap_or_default().into_owned();
        // SQLite speaks in extended result codes whose low byte is the class; PostgreSQL in five characters.
        match (code.len(), code.parse::<u32>().ok().map(|n| n & 0xff)) {
            (5, _) => match code.as_str() {
                "53100" => Self::Full { place },
                "25006" | "42501" => Self::ReadOnly { place },
                "55P03" | "40P01" | "40001" => Self::Busy { place },
                "XX001" | "XX002" => Self::Corrupt { place },
                _ => Self::Sql { place, source },
            },
            (_, Some(5 | 6)) => Self::Busy { place },
            (_, Some(13)) => Self::Full { place },
            (_, Some(8)) => Self::ReadOnly { place },
            (_, Some(11 | 26)) => Self::Corrupt { place },
            (_, Some(14)) => Self::Open { place, source },
            _ => Self::Sql { place, source },
        }
    }
}
