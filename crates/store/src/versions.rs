//! Pages under the desk's eye: when each is looked at again, and what it said each time.

use chrono::{DateTime, TimeDelta, Utc};
use diembao_news::{ArticleId, ArticleText, CanonicalUrl};
use sqlx::any::AnyRow;

use crate::sql::{args, bad, limit};
use crate::{Store, StoreError};

/// A page to look at again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Watch {
    /// Its article.
    pub article: ArticleId,
    /// Its address.
    pub url: CanonicalUrl,
    /// When it was first read.
    pub first_seen: DateTime<Utc>,
    /// The `ETag` its server gave last.
    pub etag: Option<String>,
    /// The Last-Modified its server gave last.
    pub last_modified: Option<String>,
    /// The hash of the body last looked at.
    pub body_hash: Option<String>,
}

/// What a look found that was not so before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// The page says this now.
    Text(ArticleText),
    /// The page was taken down; how that showed.
    Gone(String),
    /// It had been taken down and is there again.
    Back,
}

/// One look at a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Look {
    /// Whose page.
    pub article: ArticleId,
    /// When.
    pub at: DateTime<Utc>,
    /// When again; none: never.
    pub next: Option<DateTime<Utc>>,
    /// The `ETag` given now.
    pub etag: Option<String>,
    /// The Last-Modified given now.
    pub last_modified: Option<String>,
    /// The hash of the body, when there was one.
    pub body_hash: Option<String>,
    /// What is new.
    pub change: Option<Change>,
}

/// What a page said from a moment on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PageVersion {
    /// When that was first seen.
    pub seen_at: DateTime<Utc>,
    /// What.
    pub change: Change,
}

/// The first look is a quarter of an hour after the first reading.
const FIRST_LOOK: TimeDelta = TimeDelta::minutes(15);
const WATCH: &str = "INSERT INTO watches (article_id, next_look)
    SELECT articles.id, articles.first_seen + CAST($2 AS BIGINT) FROM articles
    JOIN texts ON texts.article_id = articles.id WHERE articles.first_seen >= $1 AND texts.url IS NOT NULL
    AND (EXISTS (SELECT 1 FROM flags WHERE flags.article_id = articles.id) OR articles.story IN
    (SELECT story FROM cases WHERE state NOT IN ('closed', 'dismissed'))) ON CONFLICT (article_id) DO NOTHING";
const CLAIM: &str = "UPDATE watches SET next_look = $2 WHERE article_id IN (SELECT article_id FROM watches
    WHERE next_look <= $1 ORDER BY next_look LIMIT $3 {skip_locked}) RETURNING article_id";
const READ: &str = "SELECT watches.article_id, texts.url, articles.first_seen, etag, last_modified, body_hash
    FROM watches JOIN articles ON articles.id = watches.article_id JOIN texts ON texts.article_id = articles.id
    WHERE watches.article_id IN ({ids})";
/// The first text is kept beside the second, at the time it was read.
const KEEP_FIRST: &str = "INSERT INTO page_versions (article_id, seen_at, kind, reason, title, lead, body)
    SELECT article_id, articles.first_seen, 'text', '', title, lead, body FROM texts
    JOIN articles ON articles.id = texts.article_id WHERE article_id = $1 ON CONFLICT (article_id, seen_at) DO NOTHING";
const KEEP: &str = "INSERT INTO page_versions (article_id, seen_at, kind, reason, title, lead, body)
    VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (article_id, seen_at) DO NOTHING";
const LOOKED: &str = "UPDATE watches SET next_look = $2, etag = $3, last_modified = $4,
    body_hash = COALESCE($5, body_hash) WHERE article_id = $1";
const VERSIONS: &str = "SELECT seen_at, kind, reason, title, lead, body FROM page_versions WHERE article_id = $1
    ORDER BY seen_at";

impl Store {
    /// Takes every page under the desk's eye first read since a moment into watch: flagged ones, and those of
    /// stories with an open case. How many are new.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub async fn watch_flagged(&self, since: DateTime<Utc>) -> Result<u64, StoreError> {
        let after = FIRST_LOOK.num_microseconds().unwrap_or_default();
        let mut tx = self.begin().await?;
        let n = self.execute(&mut tx, WATCH, args![since, after]).await?;
        self.commit(tx).await?;
        Ok(n)
    }

    /// The pages to look at now. Each is put off until `retry`, so that no other worker takes it, and so
    /// that it comes back should this one die.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub async fn claim_watches(
        &self,
        now: DateTime<Utc>,
        retry: DateTime<Utc>,
        n_max: usize,
    ) -> Result<Vec<Watch>, StoreError> {
        let mut tx = self.begin().await?;
        let rows = self.claim_in(&mut tx, CLAIM, args![now, retry, limit(n_max)]).await?;
        self.commit(tx).await?;
        let ids: Vec<i64> = rows.iter().map(|row| self.get(row, 0)).collect::<Result<_, _>>()?;
        self.fetch_ids(READ, &ids).await?.iter().map(|row| self.watch(row)).collect()
    }

    /// Records a look at a page.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub async fn record_look(&self, look: &Look) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        if let Some(change) = &look.change {
            self.execute(&mut tx, KEEP_FIRST, args![look.article]).await?;
            let (kind, reason, text) = match change {
                Change::Text(text) => ("text", "", Some(text)),
                Change::Gone(reason) => ("gone", reason.as_str(), None),
                Change::Back => ("back", "", None),
            };
            let part = |of: fn(&ArticleText) -> &String| text.map_or("", |t| of(t).as_str());
            let (title, lead, body) = (part(|t| &t.title), part(|t| &t.lead), part(|t| &t.body));
            self.execute(&mut tx, KEEP, args![look.article, look.at, kind, reason, title, lead, body]).await?;
        }
        let (etag, modified) = (look.etag.as_deref(), look.last_modified.as_deref());
        let args = args![look.article, look.next, etag, modified, look.body_hash.as_deref()];
        self.execute(&mut tx, LOOKED, args).await?;
        self.commit(tx).await
    }

    /// What an article's page said over time, the oldest first; empty while it has not changed.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn versions(&self, article: ArticleId) -> Result<Vec<PageVersion>, StoreError> {
        self.fetch(VERSIONS, args![article]).await?.iter().map(|row| self.version(row)).collect()
    }

    fn version(&self, row: &AnyRow) -> Result<PageVersion, StoreError> {
        let kind: String = self.get(row, 1)?;
        let change = match kind.as_str() {
            "text" => {
                Change::Text(ArticleText { title: self.get(row, 3)?, lead: self.get(row, 4)?, body: self.get(row, 5)? })
            }
            "gone" => Change::Gone(self.get(row, 2)?),
            "back" => Change::Back,
            _ => return Err(bad("page_versions", kind, "a kind of version")),
        };
        Ok(PageVersion { seen_at: self.time(row, 0)?, change })
    }

    fn watch(&self, row: &AnyRow) -> Result<Watch, StoreError> {
        let url: String = self.get(row, 1)?;
        Ok(Watch {
            article: self.article_id(row, 0)?,
            url: CanonicalUrl::parse(&url).map_err(|_| bad("texts", url, "a URL"))?,
            first_seen: self.time(row, 2)?,
            etag: self.get(row, 3)?,
            last_modified: self.get(row, 4)?,
            body_hash: self.get(row, 5)?,
        })
    }
}
