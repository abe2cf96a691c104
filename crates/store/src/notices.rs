//! Notices: what an administrator has to know, raised once and cleared once.

use chrono::{DateTime, Utc};

use crate::sql::args;
use crate::{Store, StoreError};

/// Something an administrator has to know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// What it is about: `channel/tuoi-tre/suc-khoe`.
    pub name: String,
    /// Since when.
    pub raised_at: DateTime<Utc>,
    /// Until when; none: still.
    pub cleared_at: Option<DateTime<Utc>>,
    /// What is the matter.
    pub text: String,
}

/// A notice that stands keeps the time it was raised at.
const RAISE: &str = "INSERT INTO notices (name, raised_at, cleared_at, message) VALUES ($1, $2, $3, $4)
    ON CONFLICT (name) DO UPDATE SET raised_at = excluded.raised_at, cleared_at = excluded.cleared_at,
    message = excluded.message WHERE notices.cleared_at IS NOT NULL";
const CLEAR: &str = "UPDATE notices SET cleared_at = $2 WHERE name = $1 AND cleared_at IS NULL";
const STANDING: &str =
    "SELECT name, raised_at, cleared_at, message FROM notices WHERE cleared_at IS NULL ORDER BY raised_at, name";

impl Store {
    /// Raises a notice; true when it did not stand already.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub async fn raise_notice(&self, name: &str, text: &str, now: DateTime<Utc>) -> Result<bool, StoreError> {
        let mut tx = self.begin().await?;
        let n = self.execute(&mut tx, RAISE, args![name, now, None::<i64>, text]).await?;
        self.commit(tx).await?;
        Ok(n > 0)
    }

    /// Clears a notice; true when it stood.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub async fn clear_notice(&self, name: &str, now: DateTime<Utc>) -> Result<bool, StoreError> {
        let mut tx = self.begin().await?;
        let n = self.execute(&mut tx, CLEAR, args![name, now]).await?;
        self.commit(tx).await?;
        Ok(n > 0)
    }

    /// The notices that stand, the oldest first.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn notices(&self) -> Result<Vec<Notice>, StoreError> {
        let rows = self.fetch(STANDING, args![]).await?;
        rows.iter()
            .map(|row| {
                Ok(Notice {
                    name: self.get(row, 0)?,
                    raised_at: self.time(row, 1)?,
                    cleared_at: self.time_or_none(row, 2)?,
                    text: self.get(row, 3)?,
                })
            })
            .collect()
    }
}
