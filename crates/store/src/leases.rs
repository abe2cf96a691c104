//! Leases, so that two processes do not do the same work at once. A lease ends by itself when
//! its holder dies.

use chrono::{DateTime, Utc};

use crate::sql::args;
use crate::{Store, StoreError};

/// Who does a piece of work, and until when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lease {
    /// Who: a name that no other process has.
    pub holder: String,
    /// Until when.
    pub until: DateTime<Utc>,
}

const ACQUIRE: &str = "INSERT INTO leases (name, holder, until) VALUES ($1, $2, $3) ON CONFLICT (name) DO UPDATE
    SET holder = excluded.holder, until = excluded.until WHERE leases.holder = excluded.holder OR leases.until <= $4";
const RENEW: &str = "UPDATE leases SET until = $3 WHERE name = $1 AND holder = $2 AND until > $4";
const RELEASE: &str = "DELETE FROM leases WHERE name = $1 AND holder = $2";
const READ: &str = "SELECT holder, until FROM leases WHERE name = $1";

impl Store {
    /// Takes a lease that is free, expired or already the holder's own; false when another has it.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub async fn acquire_lease(
        &self,
        name: &str,
        holder: &str,
        until: DateTime<Utc>,
        now: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        self.change_lease(ACQUIRE, args![name, holder, until, now]).await
    }

    /// Lengthens a lease; false when it has expired or another has it: stop working then.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub async fn renew_lease(
        &self,
        name: &str,
        holder: &str,
        until: DateTime<Utc>,
        now: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        self.change_lease(RENEW, args![name, holder, until, now]).await
    }

    /// Gives a lease back.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub async fn release_lease(&self, name: &str, holder: &str) -> Result<(), StoreError> {
        self.change_lease(RELEASE, args![name, holder]).await.map(|_| ())
    }

    /// Who has a lease, expired or not.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn lease(&self, name: &str) -> Result<Option<Lease>, StoreError> {
        let rows = self.fetch(READ, args![name]).await?;
        let Some(row) = rows.first() else {
            return Ok(None);
        };
        Ok(Some(Lease { holder: self.get(row, 0)?, until: self.time(row, 1)? }))
    }

    async fn change_lease(&self, statement: &'static str, args: Vec<crate::sql::Arg>) -> Result<bool, StoreError> {
        let mut tx = self.begin().await?;
        let n = self.execute(&mut tx, statement, args).await?;
        self.commit(tx).await?;
        Ok(n > 0)
    }
}
