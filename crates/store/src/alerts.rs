//! The outbox of the duty desk. As with editions, a row is marked before the message is handed
//! over and again when the answer is known; no message is queued twice.

use chrono::{DateTime, Utc};
use diembao_desk::Alert;
use diembao_news::{CaseId, DeliveryState};
use sqlx::any::AnyRow;

use crate::sql::{args, bad, count, limit};
use crate::{Store, StoreError};

/// An alert on its way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QueuedAlert {
    /// The message.
    pub alert: Alert,
    /// Where it is.
    pub state: DeliveryState,
    /// How often it was tried.
    pub attempts: u32,
    /// What the receiver last said.
    pub last_reply: Option<String>,
}

macro_rules! columns {
    () => {
        "case_id, version, rung, recipient, due_at, state, attempts, last_reply"
    };
}

const QUEUE: &str = "INSERT INTO alerts (name, case_id, version, rung, recipient, due_at, state, attempts, next_try,
    updated_at) VALUES {rows} ON CONFLICT (name) DO NOTHING";
const DUE: &str = concat!(
    "SELECT ",
    columns!(),
    " FROM alerts WHERE next_try IS NOT NULL AND next_try <= $1 ORDER BY next_try, name LIMIT $2"
);
const OF_CASE: &str = concat!("SELECT ", columns!(), " FROM alerts WHERE case_id = $1 ORDER BY due_at, name");
const SENDING: &str = "UPDATE alerts SET state = 'sending', attempts = attempts + 1, updated_at = $3
    WHERE name = $1 AND attempts = $2 AND next_try IS NOT NULL";
const REPLY: &str = "UPDATE alerts SET state = $2, last_reply = $3, next_try = $4, updated_at = $5
    WHERE name = $1 AND state <> 'sent'";
/// What may have been handed over already is kept.
const WITHDRAW: &str = "DELETE FROM alerts WHERE case_id = $1 AND state = 'queued'";

impl Store {
    /// Queues alerts that are not in the outbox yet, sent or not; how many those were.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub async fn queue_alerts(&self, alerts: &[Alert], now: DateTime<Utc>) -> Result<u64, StoreError> {
        if alerts.is_empty() {
            return Ok(0);
        }
        let mut sorted: Vec<&Alert> = alerts.iter().collect();
        sorted.sort_by_key(|a| a.key());
        let rows = sorted.iter().map(|a| {
            let rung = limit(a.rung);
            let state = DeliveryState::Queued.as_str();
            args![a.key(), a.case.as_i64(), a.version, rung, a.to.as_str(), a.due, state, 0_i64, now, now]
        });
        let mut tx = self.begin().await?;
        let n = self.execute_rows(&mut tx, QUEUE, rows.collect()).await?;
        self.commit(tx).await?;
        Ok(n)
    }

    /// The alerts to send now, those found in doubt after a crash among them.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn due_alerts(&self, now: DateTime<Utc>, n_max: usize) -> Result<Vec<QueuedAlert>, StoreError> {
        self.fetch(DUE, args![now, limit(n_max)]).await?.iter().map(|row| self.queued_alert(row)).collect()
    }

    /// Every alert of a case that was sent or is to be.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn alerts(&self, case: CaseId) -> Result<Vec<QueuedAlert>, StoreError> {
        self.fetch(OF_CASE, args![case.as_i64()]).await?.iter().map(|row| self.queued_alert(row)).collect()
    }

    /// Records that an alert is being handed over. False: another began this try, or it is done.
    ///
    /// # Errors
    /// When the store cannot be written: then do not send.
    pub async fn mark_alert_sending(&self, queued: &QueuedAlert, now: DateTime<Utc>) -> Result<bool, StoreError> {
        let mut tx = self.begin().await?;
        let n = self.execute(&mut tx, SENDING, args![queued.alert.key(), queued.attempts, now]).await?;
        self.commit(tx).await?;
        Ok(n > 0)
    }

    /// Records the receiver's answer. `next_try` is when to try again; none for `Sent` and `Bounced`.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub async fn record_alert_reply(
        &self,
        alert: &Alert,
        (state, reply): (DeliveryState, &str),
        next_try: Option<DateTime<Utc>>,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let next_try = match state {
            DeliveryState::Sent | DeliveryState::Bounced => None,
            DeliveryState::Queued | DeliveryState::Sending | DeliveryState::Deferred => Some(next_try.unwrap_or(now)),
        };
        let mut tx = self.begin().await?;
        self.execute(&mut tx, REPLY, args![alert.key(), state.as_str(), reply, next_try, now]).await?;
        self.commit(tx).await
    }

    /// Takes a case's alerts that nobody was told yet out of the queue: a person has acted; how many.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub async fn withdraw_alerts(&self, case: CaseId) -> Result<u64, StoreError> {
        let mut tx = self.begin().await?;
        let n = self.execute(&mut tx, WITHDRAW, args![case.as_i64()]).await?;
        self.commit(tx).await?;
        Ok(n)
    }

    fn queued_alert(&self, row: &AnyRow) -> Result<QueuedAlert, StoreError> {
        let (rung, state): (i64, String) = (self.get(row, 2)?, self.get(row, 5)?);
        Ok(QueuedAlert {
            alert: Alert {
                case: self.case_id(row, 0)?,
                version: self.get(row, 1)?,
                rung: usize::try_from(rung).map_err(|_| bad("alerts", rung.to_string(), "a rung"))?,
                to: self.get(row, 3)?,
                due: self.time(row, 4)?,
            },
            state: DeliveryState::parse(&state).ok_or_else(|| bad("alerts", state, "a state"))?,
            attempts: count(self.get(row, 6)?),
            last_reply: self.get(row, 7)?,
        })
    }
}
