//! Channels: what is remembered of each, and what a poll found.

use std::collections::HashSet;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use chrono_tz::Asia::Ho_Chi_Minh;
use diembao_news::{ArticleId, ChannelId, Item};
use sqlx::any::AnyRow;

use crate::sql::{Arg, args, bad, count};
use crate::store::Tx;
use crate::{Store, StoreError};

/// What is remembered of a channel.
#[derive(Debug, Clone, PartialEq)]
pub struct ChannelState {
    /// The channel.
    pub id: ChannelId,
    /// The `ETag` its server gave last.
    pub etag: Option<String>,
    /// The Last-Modified its server gave last.
    pub last_modified: Option<String>,
    /// The hash of the body last read: what decides "changed".
    pub body_hash: Option<String>,
    /// Not asked before this.
    pub next_poll: Option<DateTime<Utc>>,
    /// Last asked.
    pub last_poll: Option<DateTime<Utc>>,
    /// Last answered well.
    pub last_success: Option<DateTime<Utc>>,
    /// Last gave something new.
    pub last_new_item: Option<DateTime<Utc>>,
    /// The weight of failures since the last success.
    pub failures: f64,
    /// What was wrong at the last poll.
    pub last_problem: Option<String>,
    /// Items it was the first to give, ever.
    pub n_items_total: i64,
    /// How it answers over time.
    pub conduct: Conduct,
}

/// How a channel answers over time.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Conduct {
    /// First asked.
    pub first_poll: Option<DateTime<Utc>>,
    /// What the last answer was, in the words of whoever recorded it: "items", "empty", "html" …
    pub answer: Option<String>,
    /// Answers that said "empty", in a row.
    pub n_empty: u32,
    /// Pages in a row that no text was found on.
    pub n_misses: u32,
    /// The server's clock less ours.
    pub skew: Option<TimeDelta>,
}

/// How a poll ended.
#[derive(Debug, Clone, PartialEq)]
pub enum PollResult {
    /// A body that differs from the last.
    Changed {
        /// Its hash.
        body_hash: String,
    },
    /// The same body, or "not modified".
    Unchanged,
    /// No usable answer.
    Failed {
        /// 1 hard, 0.5 soft, 0.25 temporary.
        weight: f64,
        /// What happened.
        problem: String,
    },
}

/// One poll of a channel.
#[derive(Debug, Clone, PartialEq)]
pub struct Poll {
    /// The channel.
    pub channel: ChannelId,
    /// When it was asked.
    pub polled_at: DateTime<Utc>,
    /// When it is asked next.
    pub next_poll: DateTime<Utc>,
    /// How it ended.
    pub result: PollResult,
    /// The `ETag` of the answer.
    pub etag: Option<String>,
    /// The Last-Modified of the answer.
    pub last_modified: Option<String>,
    /// What was odd about a good answer: an empty feed, a repaired one.
    pub problem: Option<String>,
    /// What the answer was: "items", "empty" … None: no readable answer, or unchanged.
    pub answer: Option<&'static str>,
    /// The server's clock less ours, where it told the time.
    pub skew: Option<TimeDelta>,
}

/// How the latest pages of a channel could be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reading {
    /// One held text, and so many after it did not.
    Text {
        /// How many.
        then_misses: u32,
    },
    /// So many held none.
    Misses(u32),
}

/// What a poll brought.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct NewItems {
    /// Items nobody had given before.
    pub n_new: usize,
}

/// The columns [`Store::channel_state`] reads.
macro_rules! columns {
    () => {
        "id, etag, last_modified, body_hash, next_poll, last_poll, last_success, last_new_item, failures, last_problem,
        n_items, first_poll, answer, n_empty, n_misses, skew"
    };
}
pub(crate) use columns;

const STATES: &str = concat!("SELECT ", columns!(), " FROM channels WHERE last_poll IS NOT NULL ORDER BY id");
const INSERT_ITEMS: &str =
    "INSERT INTO items (id, channel, url, title, summary, published, first_seen, attempts, next_try)
    VALUES {rows} ON CONFLICT (id) DO NOTHING RETURNING id";
const KNOWN_ARTICLES: &str = "SELECT id FROM articles WHERE id IN ({ids})";
const FINISH_KNOWN: &str = "UPDATE items SET outcome = 'duplicate', reason = 'the article was already stored',
    finished_at = first_seen WHERE outcome IS NULL AND id IN ({ids})";
const CREATE: &str = "INSERT INTO channels (id, failures, n_items) VALUES ($1, $2, 0) ON CONFLICT (id) DO NOTHING";
const SUCCEED: &str = "UPDATE channels SET etag = COALESCE($2, etag), last_modified = COALESCE($3, last_modified),
    body_hash = COALESCE($4, body_hash), next_poll = $5,
    n_empty = CASE WHEN answer = 'empty' AND last_poll < $6 THEN n_empty + 1 ELSE n_empty END,
    answer = CASE WHEN answer = 'empty' THEN answer ELSE $9 END, skew = COALESCE($10, skew),
    first_poll = COALESCE(first_poll, $6), last_poll = $6, last_success = $6,
    last_new_item = CASE WHEN $7 > 0 THEN $6 ELSE last_new_item END, failures = 0, last_problem = $8,
    n_items = n_items + $7, holder = NULL, held_until = NULL WHERE id = $1";
/// A new body replaces the validators even by none: an old `ETag` must not vouch for it.
const CHANGE: &str = "UPDATE channels SET etag = $2, last_modified = $3, body_hash = $4, next_poll = $5,
    n_empty = CASE WHEN $9 <> 'empty' THEN 0 WHEN last_poll = $6 THEN n_empty ELSE n_empty + 1 END, answer = $9,
    skew = COALESCE($10, skew), first_poll = COALESCE(first_poll, $6), last_poll = $6, last_success = $6,
    last_new_item = CASE WHEN $7 > 0 THEN $6 ELSE last_new_item END, failures = 0, last_problem = $8,
    n_items = n_items + $7, holder = NULL, held_until = NULL WHERE id = $1";
/// The same poll recorded again does not weigh twice.
const FAIL: &str = "UPDATE channels SET failures = CASE WHEN last_poll = $2 THEN failures ELSE failures + $3 END,
    next_poll = $4, first_poll = COALESCE(first_poll, $2), last_poll = $2, last_problem = $5, answer = $6,
    holder = NULL, held_until = NULL WHERE id = $1";
const MISS: &str = "UPDATE channels SET n_misses = n_misses + $2 WHERE id = $1";
const READABLE: &str = "UPDATE channels SET n_misses = $2 WHERE id = $1 AND n_misses <> $2";
const COUNT_DAY: &str = "INSERT INTO channel_days (channel, day, n_items) VALUES ($1, $2, $3)
    ON CONFLICT (channel, day) DO UPDATE SET n_items = channel_days.n_items + excluded.n_items";
const DAYS: &str = "SELECT day, n_items FROM channel_days WHERE channel = $1 AND day >= $2 ORDER BY day";

impl Store {
    /// What is remembered of every channel that was ever polled, by id.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn channel_states(&self) -> Result<Vec<ChannelState>, StoreError> {
        self.fetch(STATES, args![]).await?.iter().map(|row| self.channel_state(row)).collect()
    }

    /// Records a poll and the items it gave, in one transaction. An item that any channel has
    /// given before is not doubled; one whose article is already stored ends as a duplicate.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub async fn record_poll(&self, poll: &Poll, items: &[Item]) -> Result<NewItems, StoreError> {
        let mut tx = self.begin().await?;
        let new = self.insert_items(&mut tx, poll, items).await?;
        self.record_state(&mut tx, poll, new.len()).await?;
        if !new.is_empty() {
            let day = poll.polled_at.with_timezone(&Ho_Chi_Minh).date_naive().to_string();
            let n = crate::sql::limit(new.len());
            self.execute(&mut tx, COUNT_DAY, args![poll.channel.as_str(), day, n]).await?;
        }
        self.commit(tx).await?;
        Ok(NewItems { n_new: new.len() })
    }

    /// How many new items a channel gave on each day from a day on (`Asia/Ho_Chi_Minh`); days
    /// without any are missing.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn items_per_day(
        &self,
        channel: &ChannelId,
        from: NaiveDate,
    ) -> Result<Vec<(NaiveDate, i64)>, StoreError> {
        let rows = self.fetch(DAYS, args![channel.as_str(), from.to_string()]).await?;
        rows.iter()
            .map(|row| {
                let day: String = self.get(row, 0)?;
                let day = day.parse().map_err(|_| bad("channel_days", day, "a date"))?;
                Ok((day, self.get(row, 1)?))
            })
            .collect()
    }

    /// Records how the last pages of some channels could be read: how many held no text, and
    /// whether one before those did.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub async fn record_reading(&self, pages: &[(ChannelId, Reading)]) -> Result<(), StoreError> {
        let mut sorted: Vec<_> = pages.iter().collect();
        sorted.sort_by_key(|(id, _)| id);
        let mut tx = self.begin().await?;
        for (id, reading) in sorted {
            let (statement, n) = match reading {
                Reading::Text { then_misses } => (READABLE, then_misses),
                Reading::Misses(n) => (MISS, n),
            };
            self.execute(&mut tx, statement, args![id.as_str(), *n]).await?;
        }
        self.commit(tx).await
    }

    async fn insert_items(&self, tx: &mut Tx, poll: &Poll, items: &[Item]) -> Result<Vec<i64>, StoreError> {
        let mut seen = HashSet::new();
        let mut rows: Vec<(i64, Vec<Arg>)> = items
            .iter()
            .map(|item| (ArticleId::of_url(&item.url).as_i64(), item))
            .filter(|(id, _)| seen.insert(*id))
            .map(|(id, item)| (id, item_row(id, item, poll.polled_at)))
            .collect();
        // Two processes that insert in the same order cannot block each other for ever.
        rows.sort_by_key(|(id, _)| *id);
        let rows = rows.into_iter().map(|(_, row)| row).collect();
        let new = self.returning_rows(tx, INSERT_ITEMS, rows).await?;
        let new: Vec<i64> = new.iter().map(|row| self.get(row, 0)).collect::<Result<_, _>>()?;
        let known = self.fetch_ids_in(tx, KNOWN_ARTICLES, &new).await?;
        let known: Vec<i64> = known.iter().map(|row| self.get(row, 0)).collect::<Result<_, _>>()?;
        self.execute_ids(tx, FINISH_KNOWN, &known).await?;
        Ok(new)
    }

    async fn record_state(&self, tx: &mut Tx, poll: &Poll, n_new: usize) -> Result<(), StoreError> {
        let channel = poll.channel.as_str();
        self.execute(tx, CREATE, args![channel, 0.0_f64]).await?;
        let n_new = crate::sql::limit(n_new);
        let (statement, body_hash) = match &poll.result {
            PollResult::Failed { weight, problem } => {
                let args = args![channel, poll.polled_at, *weight, poll.next_poll, problem.as_str(), poll.answer];
                self.execute(tx, FAIL, args).await?;
                return Ok(());
            }
            PollResult::Changed { body_hash } => (CHANGE, Some(body_hash.as_str())),
            PollResult::Unchanged => (SUCCEED, None),
        };
        let args = args![
            channel,
            poll.etag.as_deref(),
            poll.last_modified.as_deref(),
            body_hash,
            poll.next_poll,
            poll.polled_at,
            n_new,
            poll.problem.as_deref(),
            poll.answer.unwrap_or("items"),
            poll.skew.and_then(|skew| skew.num_microseconds()),
        ];
        self.execute(tx, statement, args).await?;
        Ok(())
    }

    pub(crate) fn channel_state(&self, row: &AnyRow) -> Result<ChannelState, StoreError> {
        let id: String = self.get(row, 0)?;
        Ok(ChannelState {
            id: ChannelId::parse(&id).map_err(|_| bad("channels", id, "a channel id"))?,
            etag: self.get(row, 1)?,
            last_modified: self.get(row, 2)?,
            body_hash: self.get(row, 3)?,
            next_poll: self.time_or_none(row, 4)?,
            last_poll: self.time_or_none(row, 5)?,
            last_success: self.time_or_none(row, 6)?,
            last_new_item: self.time_or_none(row, 7)?,
            failures: self.get(row, 8)?,
            last_problem: self.get(row, 9)?,
            n_items_total: self.get(row, 10)?,
            conduct: Conduct {
                first_poll: self.time_or_none(row, 11)?,
                answer: self.get(row, 12)?,
                n_empty: count(self.get(row, 13)?),
                n_misses: count(self.get(row, 14)?),
                skew: self.get::<Option<i64>>(row, 15)?.map(TimeDelta::microseconds),
            },
        })
    }
}

fn item_row(id: i64, item: &Item, seen: DateTime<Utc>) -> Vec<Arg> {
    args![
        id,
        item.channel.as_str(),
        item.url.as_str(),
        item.title.as_str(),
        item.summary.as_str(),
        item.published,
        seen,
        0_i64,
        // Due at once, even after a clock is set back.
        0_i64,
    ]
}
