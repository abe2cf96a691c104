//! How much of everything the store holds.

use crate::sql::args;
use crate::{Store, StoreError};

/// How much of everything the store holds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Channels that were polled.
    pub channels: i64,
    /// Items.
    pub items: i64,
    /// Items without an outcome.
    pub unfinished: i64,
    /// Articles.
    pub articles: i64,
    /// Articles that are health news.
    pub health: i64,
    /// Articles with a flag.
    pub flagged: i64,
    /// Stories.
    pub stories: i64,
    /// Cases in which somebody still has to do something.
    pub open_cases: i64,
    /// Cases.
    pub cases: i64,
    /// Frozen editions.
    pub editions: i64,
    /// Deliveries the server took.
    pub sent: i64,
    /// Deliveries still to be made.
    pub waiting: i64,
}

const COUNTS: &str = "SELECT (SELECT COUNT(*) FROM channels), (SELECT COUNT(*) FROM items),
    (SELECT COUNT(*) FROM items WHERE outcome IS NULL), (SELECT COUNT(*) FROM articles),
    (SELECT COUNT(*) FROM articles WHERE health = 1), (SELECT COUNT(DISTINCT article_id) FROM flags),
    (SELECT COUNT(DISTINCT story) FROM articles WHERE story IS NOT NULL),
    (SELECT COUNT(*) FROM cases WHERE state NOT IN ('closed', 'dismissed')), (SELECT COUNT(*) FROM cases),
    (SELECT COUNT(*) FROM editions WHERE state = 'frozen'),
    (SELECT COUNT(*) FROM deliveries WHERE state = 'sent'),
    (SELECT COUNT(*) FROM deliveries WHERE next_try IS NOT NULL)";

/// Each from its own index, so that it can be asked every few seconds.
const LAST_CHANGE: &str = "SELECT COALESCE((SELECT MAX(updated_at) FROM cases), 0),
    COALESCE((SELECT MAX(first_seen) FROM articles), 0), COALESCE((SELECT MAX(frozen_at) FROM editions), 0)";

impl Store {
    /// When a case, the articles and an edition last changed, in microseconds since 1970; two
    /// equal answers mean that none of them did between.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn last_change(&self) -> Result<[i64; 3], StoreError> {
        let rows = self.fetch(LAST_CHANGE, args![]).await?;
        let Some(row) = rows.first() else {
            return Ok([0; 3]);
        };
        Ok([self.get(row, 0)?, self.get(row, 1)?, self.get(row, 2)?])
    }

    /// Counts everything.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn counts(&self) -> Result<Counts, StoreError> {
        let rows = self.fetch(COUNTS, args![]).await?;
        let Some(row) = rows.first() else {
            return Ok(Counts::default());
        };
        Ok(Counts {
            channels: self.get(row, 0)?,
            items: self.get(row, 1)?,
            unfinished: self.get(row, 2)?,
            articles: self.get(row, 3)?,
            health: self.get(row, 4)?,
            flagged: self.get(row, 5)?,
            stories: self.get(row, 6)?,
            open_cases: self.get(row, 7)?,
            cases: self.get(row, 8)?,
            editions: self.get(row, 9)?,
            sent: self.get(row, 10)?,
            waiting: self.get(row, 11)?,
        })
    }
}
