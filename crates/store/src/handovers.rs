//! Hand-overs of the duty desk's shifts, as they were signed.

use chrono::{DateTime, Utc};
use sqlx::any::AnyRow;

use crate::sql::{args, limit};
use crate::{Store, StoreError};

/// A signed hand-over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedHandover {
    /// When the shift began.
    pub from: DateTime<Utc>,
    /// When it ended.
    pub to: DateTime<Utc>,
    /// What was signed, word for word.
    pub text: String,
    /// Who handed over.
    pub given_by: String,
    /// Who took over.
    pub taken_by: String,
    /// When it was signed.
    pub signed_at: DateTime<Utc>,
}

const SIGN: &str = "INSERT INTO handovers (from_at, to_at, body, given_by, taken_by, signed_at)
    VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (from_at, to_at) DO NOTHING";
const LAST: &str = "SELECT from_at, to_at, body, given_by, taken_by, signed_at FROM handovers
    ORDER BY to_at DESC, id DESC LIMIT $1";

impl Store {
    /// Keeps a signed hand-over; false when that shift was signed before: the first signature stands.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub async fn sign_handover(&self, signed: &SignedHandover) -> Result<bool, StoreError> {
        let mut tx = self.begin().await?;
        let args = args![
            signed.from,
            signed.to,
            signed.text.as_str(),
            signed.given_by.as_str(),
            signed.taken_by.as_str(),
            signed.signed_at,
        ];
        let n = self.execute(&mut tx, SIGN, args).await?;
        self.commit(tx).await?;
        Ok(n > 0)
    }

    /// The last hand-overs, the newest first; the newest one's `to` is where the present shift began.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn handovers(&self, n_max: usize) -> Result<Vec<SignedHandover>, StoreError> {
        self.fetch(LAST, args![limit(n_max)]).await?.iter().map(|row| self.signed_handover(row)).collect()
    }

    fn signed_handover(&self, row: &AnyRow) -> Result<SignedHandover, StoreError> {
        Ok(SignedHandover {
            from: self.time(row, 0)?,
            to: self.time(row, 1)?,
            text: self.get(row, 2)?,
            given_by: self.get(row, 3)?,
            taken_by: self.get(row, 4)?,
            signed_at: self.time(row, 5)?,
        })
    }
}
