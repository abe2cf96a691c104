//! The outbox of the duty desk. As with editions, a row is marked before the message is handed
//! over and again when the answer is known; no message is queued twice.

use chrono::{DateTime, TimeDelta, Utc};
use diembao_desk::{Alert, AlertCause};
use diembao_news::CaseId;
use sqlx::any::AnyRow;

use crate::sql::{Arg, args, bad, count, limit};
use crate::{Store, StoreError};

/// What has become of an alert.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AlertState {
    /// It waits for its time.
    Queued,
    /// It is being handed over, or was when a process died.
    Sending,
    /// It was handed over.
    Sent,
    /// It was not taken, and is tried again.
    Deferred,
    /// It was refused, or given up.
    Bounced,
    /// A person acted before it was handed over.
    Withdrawn,
}

impl AlertState {
    const ALL: [Self; 6] = [Self::Queued, Self::Sending, Self::Sent, Self::Deferred, Self::Bounced, Self::Withdrawn];

    /// The name used in stores and JSON.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Sending => "sending",
            Self::Sent => "sent",
            Self::Deferred => "deferred",
            Self::Bounced => "bounced",
            Self::Withdrawn => "withdrawn",
        }
    }

    /// Reads the name used in stores and JSON.
    #[must_use]
    pub fn parse(s: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|v| v.as_str() == s)
    }

    /// The name on screen, in Vietnamese.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Queued => "đang chờ",
            Self::Sending => "đang gửi",
            Self::Sent => "đã gửi",
            Self::Deferred => "chưa gửi được, sẽ gửi lại",
            Self::Bounced => "không gửi được",
            Self::Withdrawn => "thôi gửi, đã có người xử lý",
        }
    }
}

/// An alert on its way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QueuedAlert {
    /// The message.
    pub alert: Alert,
    /// Where it is.
    pub state: AlertState,
    /// How often it was tried.
    pub attempts: u32,
    /// What the receiver last said.
    pub last_reply: Option<String>,
    /// When it last changed: when it was handed over, of one that was.
    pub updated: DateTime<Utc>,
}

/// How long an alert that is being handed over is left to who does it.
const IN_DOUBT: TimeDelta = TimeDelta::minutes(2);

macro_rules! columns {
    () => {
        "case_id, version, rung, recipient, due_at, state, attempts, last_reply, mark, wording, updated_at"
    };
}

pub(crate) const QUEUE: &str = "INSERT INTO alerts (name, case_id, version, rung, recipient, due_at, state, attempts,
    next_try, updated_at, mark, wording) VALUES {rows} ON CONFLICT (name) DO NOTHING";
const DUE: &str = concat!(
    "SELECT ",
    columns!(),
    " FROM alerts WHERE next_try IS NOT NULL AND next_try <= $1 ORDER BY next_try, name LIMIT $2"
);
const OF_CASE: &str = concat!("SELECT ", columns!(), " FROM alerts WHERE case_id = $1 ORDER BY due_at, name");
/// Until the answer is recorded nobody else tries; after a crash the time runs out.
const SENDING: &str = "UPDATE alerts SET state = 'sending', attempts = attempts + 1, updated_at = $3, next_try = $4
    WHERE name = $1 AND attempts = $2 AND next_try IS NOT NULL";
const RECENT: &str =
    concat!("SELECT ", columns!(), " FROM alerts WHERE updated_at >= $1 ORDER BY updated_at DESC, name LIMIT $2");
const NEXT: &str = "SELECT MIN(next_try) FROM alerts WHERE next_try IS NOT NULL";
const REPLY: &str = "UPDATE alerts SET state = $2, last_reply = $3, next_try = $4, updated_at = $5
    WHERE name = $1 AND (state NOT IN ('sent', 'withdrawn') OR state = 'withdrawn' AND $2 = 'sent')";
/// What may have been handed over already is kept, but not tried again.
pub(crate) const WITHDRAW: &str = "UPDATE alerts SET state = 'withdrawn', next_try = NULL, updated_at = $2
    WHERE case_id = $1 AND next_try IS NOT NULL";

/// Alerts as rows of the outbox, in one order, so that two writers do not wait for each other.
pub(crate) fn queue_rows(alerts: &[Alert], now: DateTime<Utc>) -> Vec<Vec<Arg>> {
    let mut sorted: Vec<&Alert> = alerts.iter().collect();
    sorted.sort_by_key(|a| a.key());
    sorted.dedup_by_key(|a| a.key());
    let row = |a: &&Alert| {
        let (mark, wording) = match &a.cause {
            AlertCause::Alarm => (None, None),
            AlertCause::Clock { mark, wording } => (Some(mark.as_str()), Some(wording.as_str())),
        };
        let state = AlertState::Queued.as_str();
        let (case, rung, to) = (a.case.as_i64(), limit(a.rung), a.to.as_str());
        args![a.key(), case, a.version, rung, to, a.due, state, 0_i64, a.due, now, mark, wording]
    };
    sorted.iter().map(row).collect()
}

impl Store {
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
        let n = self.execute(&mut tx, SENDING, args![queued.alert.key(), queued.attempts, now, now + IN_DOUBT]).await?;
        self.commit(tx).await?;
        Ok(n > 0)
    }

    /// Records the receiver's answer. `next_try` is when to try again; heeded when the alert is to be tried again.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub async fn record_alert_reply(
        &self,
        alert: &Alert,
        (state, reply): (AlertState, &str),
        next_try: Option<DateTime<Utc>>,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let next_try = match state {
            AlertState::Sent | AlertState::Bounced | AlertState::Withdrawn => None,
            AlertState::Queued | AlertState::Sending | AlertState::Deferred => Some(next_try.unwrap_or(now)),
        };
        let mut tx = self.begin().await?;
        self.execute(&mut tx, REPLY, args![alert.key(), state.as_str(), reply, next_try, now]).await?;
        self.commit(tx).await
    }

    /// The alerts of all cases that changed last, the last first.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn recent_alerts(&self, since: DateTime<Utc>, n_max: usize) -> Result<Vec<QueuedAlert>, StoreError> {
        self.fetch(RECENT, args![since, limit(n_max)]).await?.iter().map(|row| self.queued_alert(row)).collect()
    }

    /// When the next alert is to be sent; none: none is queued.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn next_alert(&self) -> Result<Option<DateTime<Utc>>, StoreError> {
        let rows = self.fetch(NEXT, args![]).await?;
        Ok(rows.first().map(|row| self.time_or_none(row, 0)).transpose()?.flatten())
    }

    fn queued_alert(&self, row: &AnyRow) -> Result<QueuedAlert, StoreError> {
        let (rung, state): (i64, String) = (self.get(row, 2)?, self.get(row, 5)?);
        let mark: Option<String> = self.get(row, 8)?;
        Ok(QueuedAlert {
            alert: Alert {
                case: self.case_id(row, 0)?,
                version: self.get(row, 1)?,
                rung: usize::try_from(rung).map_err(|_| bad("alerts", rung.to_string(), "a rung"))?,
                to: self.get(row, 3)?,
                due: self.time(row, 4)?,
                cause: match mark {
                    None => AlertCause::Alarm,
                    Some(mark) => {
                        AlertCause::Clock { mark, wording: self.get::<Option<String>>(row, 9)?.unwrap_or_default() }
                    }
                },
            },
            state: AlertState::parse(&state).ok_or_else(|| bad("alerts", state, "a state"))?,
            attempts: count(self.get(row, 6)?),
            last_reply: self.get(row, 7)?,
            updated: self.time(row, 10)?,
        })
    }
}
