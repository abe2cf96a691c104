//! Rhythms: when a channel's items appeared, how much health news each day brought.

use std::collections::HashMap;

use chrono::{DateTime, FixedOffset, NaiveDate, Utc};
use diembao_news::{Article, ChannelId};

use crate::sql::{args, bad};
use crate::{Store, StoreError};

/// Items of one channel that are looked at for its rhythm.
const MAX_TIMES: i64 = 2_000;
const TIMES: &str = "SELECT COALESCE(published, first_seen) FROM items WHERE channel = $1 AND first_seen >= $2
    ORDER BY first_seen DESC LIMIT $3";
/// An item without a time of its own counts from when it was seen; one from before the first poll is its backlog.
const COUNTS: &str = "SELECT c.id,
    COUNT(CASE WHEN COALESCE(i.published, i.first_seen) > c.since AND COALESCE(i.published, i.first_seen) <= $2
        THEN 1 END),
    COUNT(CASE WHEN COALESCE(i.published, i.first_seen) > $2 AND COALESCE(i.published, i.first_seen) <= $3 THEN 1 END)
    FROM (SELECT id, CASE WHEN first_poll <= $1 THEN $1 ELSE COALESCE(first_poll, $3) END AS since FROM channels) AS c
    JOIN items AS i ON i.channel = c.id AND i.first_seen >= $1 GROUP BY c.id";
/// Days are those of `Asia/Ho_Chi_Minh`, which has kept +07:00 since 1975.
const ZONE_SECONDS: i32 = 7 * 3600;
const HEALTH_DAYS: &str = "SELECT (published + 25200000000) / 86400000000, COUNT(*) FROM articles
    WHERE health = 1 AND published >= $1 AND published < $2 GROUP BY 1";
const INCIDENT_DAYS: &str = "SELECT (a.published + 25200000000) / 86400000000, COUNT(DISTINCT COALESCE(a.story, a.id))
    FROM articles a JOIN flags f ON f.article_id = a.id
    WHERE f.kind = 'incident' AND a.published >= $1 AND a.published < $2 GROUP BY 1";
const REPLACE_TEXT: &str = "UPDATE texts SET title = $1, lead = $2, body = $3, authors = $4 WHERE article_id = $5";
const CHANGED: &str =
    "UPDATE articles SET version = version + 1, rules_version = NULL, grouped_at = NULL WHERE id = $1";

/// How many items a channel brought.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ItemCounts {
    /// In the earlier stretch of time.
    pub n_before: u64,
    /// In the later one.
    pub n_lately: u64,
}

/// The health news of one day in `Asia/Ho_Chi_Minh`, by time of publication.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DayHealth {
    /// The day.
    pub day: NaiveDate,
    /// Health articles.
    pub n_health: u64,
    /// Stories with an article flagged as an incident.
    pub n_incidents: u64,
}

impl Store {
    /// When a channel's items first seen from a moment on were published, the last seen first; at most 2,000.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn recent_item_times(
        &self,
        channel: &ChannelId,
        since: DateTime<Utc>,
    ) -> Result<Vec<DateTime<Utc>>, StoreError> {
        let rows = self.fetch(TIMES, args![channel.as_str(), since, MAX_TIMES]).await?;
        rows.iter().map(|row| Ok(DateTime::from_timestamp_micros(self.get(row, 0)?).unwrap_or_default())).collect()
    }

    /// How many items every channel brought in `from..middle` and in `middle..to`, in one question for all;
    /// channels without any are missing. What a channel published before it was first asked is not in the first.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn item_counts(
        &self,
        from: DateTime<Utc>,
        middle: DateTime<Utc>,
        to: DateTime<Utc>,
    ) -> Result<HashMap<ChannelId, ItemCounts>, StoreError> {
        let count = |n: i64| n.unsigned_abs();
        let rows = self.fetch(COUNTS, args![from, middle, to]).await?;
        rows.iter()
            .map(|row| {
                let id: String = self.get(row, 0)?;
                let id = ChannelId::parse(&id).map_err(|_| bad("channels", id, "a channel id"))?;
                let counts = ItemCounts { n_before: count(self.get(row, 1)?), n_lately: count(self.get(row, 2)?) };
                Ok((id, counts))
            })
            .collect()
    }

    /// The health news published in `from..to` by day, in order; days without any are missing.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn health_per_day(&self, from: DateTime<Utc>, to: DateTime<Utc>) -> Result<Vec<DayHealth>, StoreError> {
        let mut days = std::collections::BTreeMap::<i64, (i64, i64)>::new();
        for row in self.fetch(HEALTH_DAYS, args![from, to]).await? {
            days.entry(self.get(&row, 0)?).or_default().0 = self.get(&row, 1)?;
        }
        for row in self.fetch(INCIDENT_DAYS, args![from, to]).await? {
            days.entry(self.get(&row, 0)?).or_default().1 = self.get(&row, 1)?;
        }
        let zone = FixedOffset::east_opt(ZONE_SECONDS).expect("seven hours are an offset");
        let day = |(day, (n_health, n_incidents)): (i64, (i64, i64))| {
            let noon = DateTime::from_timestamp(day * 86_400 + 43_200 - i64::from(ZONE_SECONDS), 0)?;
            Some(DayHealth {
                day: noon.with_timezone(&zone).date_naive(),
                n_health: n_health.unsigned_abs(),
                n_incidents: n_incidents.unsigned_abs(),
            })
        };
        Ok(days.into_iter().filter_map(day).collect())
    }

    /// Replaces what a stored article says, after a better extraction; it is judged, grouped and indexed anew.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub async fn replace_text(&self, article: &Article) -> Result<(), StoreError> {
        let authors = serde_json::to_string(&article.authors).unwrap_or_else(|_| "[]".to_owned());
        let text = &article.text;
        let mut tx = self.begin().await?;
        let row = args![text.title.as_str(), text.lead.as_str(), text.body.as_str(), authors, article.id];
        self.execute(&mut tx, REPLACE_TEXT, row).await?;
        self.execute(&mut tx, CHANGED, args![article.id]).await?;
        self.commit(tx).await
    }
}
