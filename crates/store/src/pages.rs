//! Archived pages, compressed, so that extraction can be run again.

use chrono::{DateTime, Utc};
use diembao_news::ArticleId;

use crate::sql::{Arg, args, bad};
use crate::{Store, StoreError};

/// zstd's own default: beyond it pages take twice the time for a few per cent.
const LEVEL: i32 = 3;
/// No page is larger than this when it is read back.
const MAX_PAGE: i64 = 64 << 20;

/// A fetched page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// Where it came from, after redirections.
    pub url: String,
    /// When.
    pub fetched_at: DateTime<Utc>,
    /// The HTTP status.
    pub status: u16,
    /// The Content-Type it was sent with.
    pub content_type: Option<String>,
    /// Its bytes, as they came (but without transfer compression).
    pub body: Vec<u8>,
}

pub(crate) const INSERT: &str = "INSERT INTO pages (article_id, url, fetched_at, status, content_type, n_bytes, body)
    VALUES {rows} ON CONFLICT (article_id) DO NOTHING";
const READ: &str = "SELECT url, fetched_at, status, content_type, n_bytes, body FROM pages WHERE article_id = $1";

impl Store {
    /// The archived page of an article.
    ///
    /// # Errors
    /// When the store cannot be read, or the archived bytes are damaged.
    pub async fn page(&self, id: ArticleId) -> Result<Option<Page>, StoreError> {
        let rows = self.fetch(READ, args![id]).await?;
        let Some(row) = rows.first() else {
            return Ok(None);
        };
        let status: i64 = self.get(row, 2)?;
        let n_bytes: i64 = self.get(row, 4)?;
        let packed: Vec<u8> = self.get(row, 5)?;
        let damaged = || bad("pages", id.to_string(), "a page compressed by zstd");
        let capacity = usize::try_from(n_bytes.clamp(0, MAX_PAGE)).unwrap_or(0);
        let body = zstd::bulk::decompress(&packed, capacity).map_err(|_| damaged())?;
        Ok(Some(Page {
            url: self.get(row, 0)?,
            fetched_at: self.time(row, 1)?,
            status: u16::try_from(status).map_err(|_| bad("pages", status.to_string(), "an HTTP status"))?,
            content_type: self.get(row, 3)?,
            body,
        }))
    }
}

/// The rows of pages, their bodies compressed on a blocking thread.
pub(crate) async fn rows(pages: Vec<(ArticleId, Page)>) -> Result<Vec<Vec<Arg>>, StoreError> {
    if pages.is_empty() {
        return Ok(Vec::new());
    }
    let packed = tokio::task::spawn_blocking(move || pack(pages)).await;
    packed.unwrap_or_else(|e| Err(bad("pages", e.to_string(), "a page that can be compressed")))
}

fn pack(pages: Vec<(ArticleId, Page)>) -> Result<Vec<Vec<Arg>>, StoreError> {
    let failed = |e: std::io::Error| bad("pages", e.to_string(), "a page that can be compressed");
    let mut compressor = zstd::bulk::Compressor::new(LEVEL).map_err(failed)?;
    pages
        .into_iter()
        .map(|(id, page)| {
            let body = compressor.compress(&page.body).map_err(failed)?;
            let n_bytes = i64::try_from(page.body.len()).unwrap_or(i64::MAX);
            Ok(args![
                id,
                page.url,
                page.fetched_at,
                i64::from(page.status),
                page.content_type.as_deref(),
                n_bytes,
                body
            ])
        })
        .collect()
}
