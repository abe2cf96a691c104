//! Items: each ends in exactly one outcome, with its reason.

use chrono::{DateTime, Utc};
use diembao_news::{ArticleId, CanonicalUrl, ChannelId, Item};
use sqlx::any::AnyRow;

use crate::sql::{args, bad, count, limit};
use crate::{Store, StoreError};

/// How an item ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Outcome {
    /// It became an article.
    Article,
    /// Its article was known.
    Duplicate,
    /// The page is no article.
    NotAnArticle,
    /// The page is gone (404, 410).
    Gone,
    /// It may not be fetched: robots.txt, a private address, a challenge.
    Refused,
    /// It failed as often as it may.
    Failed,
    /// It is older than what is collected.
    TooOld,
}

impl Outcome {
    /// Every outcome.
    pub const ALL: [Self; 7] =
        [Self::Article, Self::Duplicate, Self::NotAnArticle, Self::Gone, Self::Refused, Self::Failed, Self::TooOld];

    /// The name used in the store and in JSON.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Article => "article",
            Self::Duplicate => "duplicate",
            Self::NotAnArticle => "not-an-article",
            Self::Gone => "gone",
            Self::Refused => "refused",
            Self::Failed => "failed",
            Self::TooOld => "too-old",
        }
    }

    /// Reads the name used in the store and in JSON.
    #[must_use]
    pub fn parse(s: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|v| v.as_str() == s)
    }
}

/// An item that has no outcome yet.
#[derive(Debug, Clone)]
pub struct PendingItem {
    /// The id its article will have.
    pub id: ArticleId,
    /// The item.
    pub item: Item,
    /// How often it was tried.
    pub attempts: u32,
    /// When it was first given.
    pub first_seen: DateTime<Utc>,
}

const PENDING: &str = "SELECT id, channel, url, title, summary, published, attempts, first_seen FROM items
    WHERE outcome IS NULL AND next_try <= $1 ORDER BY next_try, first_seen, id LIMIT $2";
/// The first outcome stands.
pub(crate) const FINISH: &str = "UPDATE items SET outcome = given.column2, reason = given.column3,
    finished_at = given.column4, holder = NULL, held_until = NULL FROM (VALUES {rows}) AS given WHERE items.id = given.column1 AND items.outcome IS NULL";
const RETRY: &str =
    "UPDATE items SET attempts = attempts + 1, next_try = $2, reason = $3, holder = NULL, held_until = NULL
    WHERE id = $1 AND outcome IS NULL AND next_try < $2";
const PUT_OFF: &str = "UPDATE items SET next_try = $2, reason = $3, holder = NULL, held_until = NULL
    WHERE id = $1 AND outcome IS NULL";
const NOT_ARTICLES: &str = "SELECT id, channel, url, title, summary, published, attempts, first_seen FROM items
    WHERE outcome = 'not-an-article' AND finished_at >= $1 ORDER BY id";
const REOPEN: &str = "UPDATE items SET outcome = NULL, reason = NULL, finished_at = NULL
    WHERE id = $1 AND outcome = 'not-an-article'";
const COUNTS: &str =
    "SELECT outcome, COUNT(*) FROM items WHERE outcome IS NOT NULL AND finished_at >= $1 GROUP BY outcome";
const UNFINISHED: &str = "SELECT COUNT(*) FROM items WHERE outcome IS NULL";

impl Store {
    /// The items to fetch now, the longest waiting first.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn pending_items(&self, now: DateTime<Utc>, n_max: usize) -> Result<Vec<PendingItem>, StoreError> {
        self.fetch(PENDING, args![now, limit(n_max)]).await?.iter().map(|row| self.pending_item(row)).collect()
    }

    /// Records how items ended. An item that has an outcome keeps it.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub async fn finish_items(
        &self,
        items: &[(ArticleId, Outcome, String)],
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        if items.is_empty() {
            return Ok(());
        }
        let mut rows: Vec<_> = items.iter().collect();
        rows.sort_by_key(|(id, ..)| *id);
        rows.dedup_by_key(|(id, ..)| *id);
        let rows = rows.into_iter().map(|(id, outcome, reason)| args![*id, outcome.as_str(), reason.as_str(), now]);
        let mut tx = self.begin().await?;
        self.execute_rows(&mut tx, FINISH, rows.collect()).await?;
        self.commit(tx).await
    }

    /// Puts an item off, and counts the try. Recorded again with the same time, it counts once.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub async fn retry_item(&self, id: ArticleId, next_try: DateTime<Utc>, reason: &str) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        self.execute(&mut tx, RETRY, args![id, next_try, reason]).await?;
        self.commit(tx).await
    }

    /// Puts an item off that was not tried: its host wants to be left alone.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub async fn put_off_item(&self, id: ArticleId, next_try: DateTime<Utc>, reason: &str) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        self.execute(&mut tx, PUT_OFF, args![id, next_try, reason]).await?;
        self.commit(tx).await
    }

    /// The items that ended since a moment because their pages were no articles.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn items_not_articles(&self, since: DateTime<Utc>) -> Result<Vec<PendingItem>, StoreError> {
        self.fetch(NOT_ARTICLES, args![since]).await?.iter().map(|row| self.pending_item(row)).collect()
    }

    /// Opens such an item again: its page turned out to be an article.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub async fn reopen_item(&self, id: ArticleId) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        self.execute(&mut tx, REOPEN, args![id]).await?;
        self.commit(tx).await
    }

    /// How many items ended how, from a moment on.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn outcome_counts(&self, since: DateTime<Utc>) -> Result<Vec<(Outcome, i64)>, StoreError> {
        let mut counts = Vec::new();
        for row in self.fetch(COUNTS, args![since]).await? {
            let name: String = self.get(&row, 0)?;
            counts.push((Outcome::parse(&name).ok_or_else(|| bad("items", name, "an outcome"))?, self.get(&row, 1)?));
        }
        counts.sort_unstable();
        Ok(counts)
    }

    /// How many items have no outcome yet.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn unfinished_items(&self) -> Result<i64, StoreError> {
        let rows = self.fetch(UNFINISHED, args![]).await?;
        rows.first().map_or(Ok(0), |row| self.get(row, 0))
    }

    pub(crate) fn pending_item(&self, row: &AnyRow) -> Result<PendingItem, StoreError> {
        let channel: String = self.get(row, 1)?;
        let url: String = self.get(row, 2)?;
        Ok(PendingItem {
            id: self.article_id(row, 0)?,
            item: Item {
                channel: ChannelId::parse(&channel).map_err(|_| bad("items", channel, "a channel id"))?,
                url: CanonicalUrl::parse(&url).map_err(|_| bad("items", url, "a URL"))?,
                title: self.get(row, 3)?,
                summary: self.get(row, 4)?,
                published: self.time_or_none(row, 5)?,
            },
            attempts: count(self.get(row, 6)?),
            first_seen: self.time(row, 7)?,
        })
    }
}
