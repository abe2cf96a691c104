//! Saved searches, whom they told of what, and their outbox. As with editions, a mail is marked before it is
//! handed over and again when the answer is known; what was told is written with the mails that tell it.

use std::collections::HashSet;

use chrono::{DateTime, TimeDelta, Utc};
use diembao_news::{ArticleId, DeliveryState};
use sqlx::any::AnyRow;

use crate::sql::{args, bad, count, limit};
use crate::{Store, StoreError};

/// How long it is remembered what was told.
const MEMORY: TimeDelta = TimeDelta::days(90);

/// A search under a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SavedSearch {
    /// Its name.
    pub name: String,
    /// What is asked, in the words of the one who saved it; the store does not read it.
    pub question: String,
    /// Who is told what is new.
    pub recipients: Vec<String>,
    /// When it was saved: what was first seen before is not new.
    pub saved_at: DateTime<Utc>,
    /// When somebody last looked for what is new.
    pub looked_at: Option<DateTime<Utc>>,
}

/// A mail of a saved search.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SavedMail {
    /// Its name; a mail of that name is queued once.
    pub message_id: String,
    /// The saved search.
    pub search: String,
    /// To whom.
    pub recipient: String,
    /// Its subject.
    pub subject: String,
    /// Its body.
    pub html: String,
    /// Its body as text.
    pub text: String,
    /// How often it was tried.
    pub attempts: u32,
}

const SAVE: &str = "INSERT INTO saved_searches (name, question, recipients, saved_at) VALUES ($1, $2, $3, $4)
    ON CONFLICT (name) DO UPDATE SET question = excluded.question, recipients = excluded.recipients,
    saved_at = excluded.saved_at, looked_at = NULL";
const LIST: &str = "SELECT name, question, recipients, saved_at, looked_at FROM saved_searches ORDER BY name";
const ONE: &str = "SELECT name, question, recipients, saved_at, looked_at FROM saved_searches WHERE name = $1";
const DELETE: &str = "DELETE FROM saved_searches WHERE name = $1";
const FORGET: &str = "DELETE FROM saved_told WHERE search = $1";
const WITHDRAW: &str = "DELETE FROM saved_mails WHERE search = $1 AND state = 'queued'";
const TOLD: &str = "SELECT article_id FROM saved_told WHERE search = $1";
const TELL: &str = "INSERT INTO saved_told (search, article_id, told_at) VALUES {rows}
    ON CONFLICT (search, article_id) DO NOTHING";
const FADE: &str = "DELETE FROM saved_told WHERE search = $1 AND told_at < $2";
const LOOKED: &str = "UPDATE saved_searches SET looked_at = $2 WHERE name = $1";
const QUEUE: &str = "INSERT INTO saved_mails (message_id, search, recipient, subject, html, plain, state, attempts,
    next_try, updated_at) VALUES {rows} ON CONFLICT (message_id) DO NOTHING";
const DUE: &str = "SELECT message_id, search, recipient, subject, html, plain, attempts FROM saved_mails
    WHERE next_try IS NOT NULL AND next_try <= $1 ORDER BY next_try, message_id LIMIT $2";
const WAITING: &str = "SELECT message_id, search, recipient, subject, html, plain, attempts FROM saved_mails
    WHERE search = $1 AND next_try IS NOT NULL ORDER BY message_id";
const SENDING: &str = "UPDATE saved_mails SET state = 'sending', attempts = attempts + 1, updated_at = $3
    WHERE message_id = $1 AND attempts = $2 AND next_try IS NOT NULL";
const REPLY: &str = "UPDATE saved_mails SET state = $2, last_reply = $3, next_try = $4, updated_at = $5
    WHERE message_id = $1 AND state <> 'sent'";

impl Store {
    /// Keeps a search under its name, in the place of one of that name.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub async fn save_search(&self, search: &SavedSearch) -> Result<(), StoreError> {
        let recipients = serde_json::to_string(&search.recipients).expect("a list of texts is JSON");
        let args = args![search.name.as_str(), search.question.as_str(), recipients, search.saved_at];
        let mut tx = self.begin().await?;
        self.execute(&mut tx, SAVE, args).await?;
        self.commit(tx).await
    }

    /// All saved searches by name.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn saved_searches(&self) -> Result<Vec<SavedSearch>, StoreError> {
        self.fetch(LIST, args![]).await?.iter().map(|row| self.saved(row)).collect()
    }

    /// The saved search of a name.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn saved_search(&self, name: &str) -> Result<Option<SavedSearch>, StoreError> {
        self.fetch(ONE, args![name]).await?.first().map(|row| self.saved(row)).transpose()
    }

    /// Forgets a saved search, what it told and what it was about to tell; false when there is none of that name.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub async fn delete_search(&self, name: &str) -> Result<bool, StoreError> {
        let mut tx = self.begin().await?;
        let n = self.execute(&mut tx, DELETE, args![name]).await?;
        self.execute(&mut tx, FORGET, args![name]).await?;
        self.execute(&mut tx, WITHDRAW, args![name]).await?;
        self.commit(tx).await?;
        Ok(n > 0)
    }

    /// The articles a saved search has told of.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn told(&self, name: &str) -> Result<HashSet<ArticleId>, StoreError> {
        self.fetch(TOLD, args![name]).await?.iter().map(|row| self.article_id(row, 0)).collect()
    }

    /// Queues mails and remembers what they tell, together; a mail that was queued before stays as it is.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub async fn tell(
        &self,
        name: &str,
        articles: &[ArticleId],
        mails: &[SavedMail],
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let told = articles.iter().map(|id| args![name, *id, now]).collect();
        let state = DeliveryState::Queued.as_str();
        let queued = mails.iter().map(|m| {
            let (id, to, subject) = (m.message_id.as_str(), m.recipient.as_str(), m.subject.as_str());
            args![id, name, to, subject, m.html.as_str(), m.text.as_str(), state, 0_i64, now, now]
        });
        let mut tx = self.begin().await?;
        self.execute_rows(&mut tx, TELL, told).await?;
        self.execute_rows(&mut tx, QUEUE, queued.collect()).await?;
        self.execute(&mut tx, FADE, args![name, now - MEMORY]).await?;
        self.execute(&mut tx, LOOKED, args![name, now]).await?;
        self.commit(tx).await
    }

    /// The mails of saved searches to send now, those found in doubt after a crash among them.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn due_saved_mails(&self, now: DateTime<Utc>, n_max: usize) -> Result<Vec<SavedMail>, StoreError> {
        self.fetch(DUE, args![now, limit(n_max)]).await?.iter().map(|row| self.saved_mail(row)).collect()
    }

    /// Records that a mail is being handed over. False: another began this try, or it is done; do not send.
    ///
    /// # Errors
    /// When the store cannot be written: then do not send.
    pub async fn mark_saved_mail_sending(&self, mail: &SavedMail, now: DateTime<Utc>) -> Result<bool, StoreError> {
        let mut tx = self.begin().await?;
        let n = self.execute(&mut tx, SENDING, args![mail.message_id.as_str(), mail.attempts, now]).await?;
        self.commit(tx).await?;
        Ok(n > 0)
    }

    /// Records the server's answer. `next_try` is when to try again; none for `Sent` and `Bounced`.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub async fn record_saved_mail_reply(
        &self,
        mail: &SavedMail,
        (state, reply): (DeliveryState, &str),
        next_try: Option<DateTime<Utc>>,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        self.execute(&mut tx, REPLY, args![mail.message_id.as_str(), state.as_str(), reply, next_try, now]).await?;
        self.commit(tx).await
    }

    /// The mails of a saved search that are not sent yet and will be tried again.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn saved_mails_waiting(&self, name: &str) -> Result<Vec<SavedMail>, StoreError> {
        self.fetch(WAITING, args![name]).await?.iter().map(|row| self.saved_mail(row)).collect()
    }

    fn saved(&self, row: &AnyRow) -> Result<SavedSearch, StoreError> {
        let recipients: String = self.get(row, 2)?;
        Ok(SavedSearch {
            name: self.get(row, 0)?,
            question: self.get(row, 1)?,
            recipients: serde_json::from_str(&recipients)
                .map_err(|_| bad("saved_searches", recipients, "a list of addresses"))?,
            saved_at: self.time(row, 3)?,
            looked_at: self.time_or_none(row, 4)?,
        })
    }

    fn saved_mail(&self, row: &AnyRow) -> Result<SavedMail, StoreError> {
        Ok(SavedMail {
            message_id: self.get(row, 0)?,
            search: self.get(row, 1)?,
            recipient: self.get(row, 2)?,
            subject: self.get(row, 3)?,
            html: self.get(row, 4)?,
            text: self.get(row, 5)?,
            attempts: count(self.get(row, 6)?),
        })
    }
}
