//! Looking after the store: a copy while it is in use, a check, throwing away old pages.

use std::path::Path;

use chrono::{DateTime, Utc};
use sqlx::{AnyConnection, Connection, Executor};

use crate::sql::{args, limit};
use crate::store::Backend;
use crate::{Store, StoreError};

/// Pages of flagged articles are kept: they are evidence.
const PRUNE: &str = "DELETE FROM pages WHERE article_id IN (SELECT article_id FROM pages WHERE fetched_at < $1
    AND NOT EXISTS (SELECT 1 FROM flags WHERE flags.article_id = pages.article_id) ORDER BY fetched_at LIMIT $2)";

impl Store {
    /// Writes a whole and consistent copy of a SQLite store to a new file, while others go on working.
    ///
    /// # Errors
    /// [`StoreError::NotHere`] on PostgreSQL, whose own tool does it; when the file exists or
    /// cannot be written.
    pub async fn backup(&self, to: &Path) -> Result<(), StoreError> {
        if self.inner.backend == Backend::Postgres {
            return Err(StoreError::NotHere { place: self.inner.place.clone(), instead: "use pg_dump" });
        }
        // A connection of its own: the reading ones refuse every statement that writes, even
        // elsewhere, and the writing one is needed meanwhile.
        let mut conn = AnyConnection::connect(&self.inner.address).await.map_err(|e| self.error(e))?;
        let query = sqlx::query("VACUUM INTO $1").bind(to.display().to_string());
        let copied = conn.execute(query).await;
        conn.close().await.map_err(|e| self.error(e))?;
        copied.map_err(|e| StoreError::of_sqlx(&to.display().to_string(), e))?;
        Ok(())
    }

    /// What is damaged in a SQLite file, in its own words; empty: nothing. A PostgreSQL server
    /// looks after itself.
    ///
    /// # Errors
    /// When the store cannot be read at all.
    pub async fn damages(&self) -> Result<Vec<String>, StoreError> {
        if self.inner.backend == Backend::Postgres {
            return Ok(Vec::new());
        }
        let rows = self.fetch("PRAGMA quick_check(20)", args![]).await?;
        let mut found: Vec<String> = rows.iter().map(|row| self.get(row, 0)).collect::<Result<_, _>>()?;
        found.retain(|line| line != "ok");
        Ok(found)
    }

    /// Throws away archived pages fetched before a moment, at most `n_max` of them, but none of
    /// a flagged article; how many.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub async fn prune_pages(&self, before: DateTime<Utc>, n_max: usize) -> Result<u64, StoreError> {
        let mut tx = self.begin().await?;
        let n = self.execute(&mut tx, PRUNE, args![before, limit(n_max)]).await?;
        self.commit(tx).await?;
        Ok(n)
    }
}
