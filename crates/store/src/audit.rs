//! The audit trail of the console: who did what to what, from where. Only ever added to.

use chrono::{DateTime, Utc};

use crate::sql::{args, limit};
use crate::{Store, StoreError};

/// One thing that somebody did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditEntry {
    /// Its number; 0 before it is written.
    pub id: i64,
    /// When.
    pub at: DateTime<Utc>,
    /// The login name, or what was typed as one.
    pub actor: String,
    /// What: `login`, `user.add`, `case.ack`, `edition.approve` …
    pub action: String,
    /// To what: a case's number, an edition's day, a login name.
    pub target: String,
    /// What else there is to say; never a password or token.
    pub detail: String,
    /// From where; empty for the command line.
    pub address: String,
}

/// Which part of the trail.
#[derive(Debug, Clone, Default)]
pub struct AuditFilter {
    /// By whom; empty: anybody.
    pub actor: String,
    /// Actions that begin so; empty: any.
    pub action: String,
    /// Older than this number.
    pub before: Option<i64>,
    /// How many at most.
    pub n_max: usize,
}

const ADD: &str = "INSERT INTO audit (at, actor, action, target, detail, address) VALUES ($1, $2, $3, $4, $5, $6)";
const LIST: &str = "SELECT id, at, actor, action, target, detail, address FROM audit
    WHERE id < $1 AND ($2 = '' OR actor = $2) AND ($3 = '' OR SUBSTR(action, 1, LENGTH($3)) = $3)
    ORDER BY id DESC LIMIT $4";

impl Store {
    /// Adds to the trail.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub async fn record_audit(&self, e: &AuditEntry) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        let args =
            args![e.at, e.actor.as_str(), e.action.as_str(), e.target.as_str(), e.detail.as_str(), e.address.as_str()];
        self.execute(&mut tx, ADD, args).await?;
        self.commit(tx).await
    }

    /// Reads the trail, the last first.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn audit(&self, filter: &AuditFilter) -> Result<Vec<AuditEntry>, StoreError> {
        let before = filter.before.unwrap_or(i64::MAX);
        let args = args![before, filter.actor.as_str(), filter.action.as_str(), limit(filter.n_max)];
        let rows = self.fetch(LIST, args).await?;
        rows.iter()
            .map(|row| {
                Ok(AuditEntry {
                    id: self.get(row, 0)?,
                    at: self.time(row, 1)?,
                    actor: self.get(row, 2)?,
                    action: self.get(row, 3)?,
                    target: self.get(row, 4)?,
                    detail: self.get(row, 5)?,
                    address: self.get(row, 6)?,
                })
            })
            .collect()
    }
}
