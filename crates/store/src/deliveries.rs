//! The outbox: one row for each edition and recipient. A row is marked before the mail is
//! handed over and again when the answer is known; between the two it is in doubt, and is
//! tried again with the same Message-ID.

use chrono::{DateTime, Utc};
use diembao_news::{AudienceId, Delivery, DeliveryState, EditionId};
use sqlx::any::AnyRow;

use crate::sql::{Arg, args, bad, count, limit};
use crate::{Store, StoreError};

macro_rules! columns {
    () => {
        "edition, audience, recipient, message_id, state, attempts, last_reply"
    };
}

pub(crate) const INSERT: &str = "INSERT INTO deliveries (edition, recipient, audience, message_id, state, attempts,
    last_reply, next_try, updated_at) VALUES {rows} ON CONFLICT (edition, recipient) DO NOTHING";
const DUE: &str = concat!(
    "SELECT ",
    columns!(),
    " FROM deliveries WHERE next_try IS NOT NULL AND next_try <= $1
    ORDER BY next_try, edition, audience, recipient LIMIT $2"
);
const OF_EDITION: &str =
    concat!("SELECT ", columns!(), " FROM deliveries WHERE edition = $1 ORDER BY audience, recipient");
/// Only the one who knows the last try may begin the next.
const SENDING: &str = "UPDATE deliveries SET state = 'sending', attempts = attempts + 1, updated_at = $4
    WHERE edition = $1 AND recipient = $2 AND attempts = $3 AND next_try IS NOT NULL";
/// What was sent stays sent.
const REPLY: &str = "UPDATE deliveries SET state = $3, last_reply = $4, next_try = $5, updated_at = $6
    WHERE edition = $1 AND recipient = $2 AND state <> 'sent'";

impl Store {
    /// The deliveries to try now, those found in doubt after a crash among them.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn due_deliveries(&self, now: DateTime<Utc>, n_max: usize) -> Result<Vec<Delivery>, StoreError> {
        self.fetch(DUE, args![now, limit(n_max)]).await?.iter().map(|row| self.delivery_of(row)).collect()
    }

    /// Records that a delivery is being handed to the server. False: another began this try
    /// first, or it is done; do not send.
    ///
    /// # Errors
    /// When the store cannot be written: then do not send.
    pub async fn mark_sending(&self, delivery: &Delivery, now: DateTime<Utc>) -> Result<bool, StoreError> {
        let mut tx = self.begin().await?;
        let args = args![delivery.edition.as_str(), delivery.recipient.as_str(), delivery.attempts, now];
        let n = self.execute(&mut tx, SENDING, args).await?;
        self.commit(tx).await?;
        Ok(n > 0)
    }

    /// Records the server's answer. `next_try` is when to try again; none for `Sent` and `Bounced`.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub async fn record_reply(
        &self,
        delivery: &Delivery,
        (state, reply): (DeliveryState, &str),
        next_try: Option<DateTime<Utc>>,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let next_try = match state {
            DeliveryState::Sent | DeliveryState::Bounced => None,
            DeliveryState::Queued | DeliveryState::Sending | DeliveryState::Deferred => Some(next_try.unwrap_or(now)),
        };
        let mut tx = self.begin().await?;
        let args = args![delivery.edition.as_str(), delivery.recipient.as_str(), state.as_str(), reply, next_try, now];
        self.execute(&mut tx, REPLY, args).await?;
        self.commit(tx).await
    }

    /// Every delivery of an edition.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn deliveries(&self, edition: &EditionId) -> Result<Vec<Delivery>, StoreError> {
        self.fetch(OF_EDITION, args![edition.as_str()]).await?.iter().map(|row| self.delivery_of(row)).collect()
    }

    fn delivery_of(&self, row: &AnyRow) -> Result<Delivery, StoreError> {
        let (edition, audience, state): (String, String, String) =
            (self.get(row, 0)?, self.get(row, 1)?, self.get(row, 4)?);
        Ok(Delivery {
            edition: self.edition_id(edition)?,
            audience: AudienceId::parse(&audience).map_err(|_| bad("deliveries", audience, "an audience"))?,
            recipient: self.get(row, 2)?,
            message_id: self.get(row, 3)?,
            state: DeliveryState::parse(&state).ok_or_else(|| bad("deliveries", state, "a state"))?,
            attempts: count(self.get(row, 5)?),
            last_reply: self.get(row, 6)?,
        })
    }
}

/// A new row of the outbox.
pub(crate) fn row(d: &Delivery, now: DateTime<Utc>) -> Vec<Arg> {
    args![
        d.edition.as_str(),
        d.recipient.as_str(),
        d.audience.as_str(),
        d.message_id.as_str(),
        DeliveryState::Queued.as_str(),
        0_i64,
        None::<&str>,
        now,
        now,
    ]
}
