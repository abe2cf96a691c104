//! The connections of a process, by name. A server goes on for a moment with what a killed process asked of it:
//! its successor reads only when that is over.

use std::hash::{BuildHasher, Hasher, RandomState};
use std::time::{Duration, Instant};

use crate::sql::args;
use crate::store::Backend;
use crate::{Store, StoreError};

/// Between two looks at whether connections have ended.
const PAUSE: Duration = Duration::from_millis(5);

const END: &str = "SELECT COUNT(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE application_name = $1";

/// A name that no other process's connections have.
pub(crate) fn new_name() -> String {
    format!("diembao {:016x}", RandomState::new().build_hasher().finish())
}

impl Store {
    /// What the server calls this process's connections.
    #[must_use]
    pub fn connection_name(&self) -> &str {
        &self.inner.name
    }

    /// Ends the connections of a process that is dead, and waits until nothing it asked for is under way.
    /// A file has no server that goes on by itself.
    ///
    /// # Errors
    /// [`StoreError::Busy`] when they do not end within `patience`; when the server does not answer.
    pub async fn end_connections(&self, name: &str, patience: Duration) -> Result<(), StoreError> {
        if self.inner.backend == Backend::Sqlite || name == self.inner.name {
            return Ok(());
        }
        let deadline = Instant::now() + patience;
        loop {
            let rows = self.fetch(END, args![name]).await?;
            let n_left: i64 = rows.first().map_or(Ok(0), |row| self.get(row, 0))?;
            if n_left == 0 {
                return Ok(());
            }
            if Instant::now() >= deadline {
                return Err(StoreError::Busy { place: self.inner.place.clone() });
            }
            tokio::time::sleep(PAUSE).await;
        }
    }
}
