//! Layouts: what could be read from each outlet's pages, day by day, so that a changed template shows.

use std::collections::{BTreeMap, HashSet};

use chrono::{DateTime, NaiveDate, Utc};
use diembao_news::{ChannelId, OutletId};

use crate::sql::{args, bad};
use crate::store::Tx;
use crate::{NewArticle, Outcome, Store, StoreError};

/// What is counted of the pages that became articles.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LayoutCount {
    /// The pages.
    Pages,
    /// Those that state a title.
    Title,
    /// Those that set a lead apart.
    Lead,
    /// Those that name authors.
    Authors,
    /// Those that state when they were published.
    Published,
    /// Characters of all bodies together.
    BodyChars,
}

impl LayoutCount {
    /// Every count.
    pub const ALL: [Self; 6] = [Self::Pages, Self::Title, Self::Lead, Self::Authors, Self::Published, Self::BodyChars];

    /// The name used in the store and in JSON.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pages => "pages",
            Self::Title => "title",
            Self::Lead => "lead",
            Self::Authors => "authors",
            Self::Published => "published",
            Self::BodyChars => "body-chars",
        }
    }
}

/// One count of one outlet on one day (UTC).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LayoutDay {
    /// The outlet.
    pub outlet: OutletId,
    /// The day its pages were first seen.
    pub day: NaiveDate,
    /// What was counted.
    pub count: LayoutCount,
    /// How much of it.
    pub n: u64,
}

const ADD: &str = "INSERT INTO layouts (outlet, day, field, n) VALUES {rows}
    ON CONFLICT (outlet, day, field) DO UPDATE SET n = layouts.n + excluded.n";
const SINCE: &str = "SELECT outlet, day, field, n FROM layouts WHERE day >= $1 ORDER BY outlet, day, field";
const FORGET: &str = "DELETE FROM layouts WHERE day < $1";
const ENDED: &str = "SELECT channel, outcome, reason FROM items
    WHERE finished_at >= $1 AND outcome IN ('article', 'not-an-article') ORDER BY finished_at DESC, id DESC LIMIT 20000";

impl Store {
    /// Counts new articles in the transaction that stores them.
    pub(crate) async fn count_layouts(
        &self,
        tx: &mut Tx,
        articles: &[NewArticle],
        new: &HashSet<i64>,
    ) -> Result<(), StoreError> {
        let mut seen = HashSet::new();
        let is_new = |a: &&NewArticle| new.contains(&a.article.id.as_i64()) && seen.insert(a.article.id);
        let mut counts: BTreeMap<(&str, i64, &str), i64> = BTreeMap::new();
        for article in articles.iter().filter(is_new) {
            let Some(read) = &article.read else { continue };
            let day = day_number(article.article.times.first_seen.date_naive());
            let mut add = |count: LayoutCount, n: i64| {
                *counts.entry((article.article.outlet.as_str(), day, count.as_str())).or_default() += n;
            };
            add(LayoutCount::Pages, 1);
            add(LayoutCount::BodyChars, i64::try_from(article.article.text.body.chars().count()).unwrap_or(0));
            read.iter().for_each(|field| add(*field, 1));
        }
        let rows = counts.into_iter().map(|((outlet, day, field), n)| args![outlet, day, field, n]).collect();
        self.execute_rows(tx, ADD, rows).await?;
        Ok(())
    }

    /// What was counted from a day on, by outlet and day.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn layouts_since(&self, day: NaiveDate) -> Result<Vec<LayoutDay>, StoreError> {
        let rows = self.fetch(SINCE, args![day_number(day)]).await?;
        let mut out = Vec::with_capacity(rows.len());
        for row in rows {
            let (outlet, field): (String, String) = (self.get(&row, 0)?, self.get(&row, 2)?);
            let (day, n): (i64, i64) = (self.get(&row, 1)?, self.get(&row, 3)?);
            let Some(count) = LayoutCount::ALL.into_iter().find(|c| c.as_str() == field) else { continue };
            out.push(LayoutDay {
                outlet: OutletId::parse(&outlet).map_err(|_| bad("layouts", outlet.as_str(), "an outlet id"))?,
                day: day_of_number(day),
                count,
                n: n.unsigned_abs(),
            });
        }
        Ok(out)
    }

    /// Forgets what was counted before a day.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub async fn forget_layouts(&self, before: NaiveDate) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        self.execute(&mut tx, FORGET, args![day_number(before)]).await?;
        self.commit(tx).await
    }

    /// How pages read from a moment on ended, the last first: outlet, outcome (an article or none), reason.
    /// At most 20,000.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn recent_readings(&self, since: DateTime<Utc>) -> Result<Vec<(OutletId, Outcome, String)>, StoreError> {
        let rows = self.fetch(ENDED, args![since]).await?;
        let mut out = Vec::with_capacity(rows.len());
        for row in rows {
            let (channel, outcome): (String, String) = (self.get(&row, 0)?, self.get(&row, 1)?);
            let reason: Option<String> = self.get(&row, 2)?;
            let channel = ChannelId::parse(&channel).map_err(|_| bad("items", channel.as_str(), "a channel id"))?;
            let outcome = Outcome::parse(&outcome).unwrap_or(Outcome::NotAnArticle);
            out.push((channel.outlet(), outcome, reason.unwrap_or_default()));
        }
        Ok(out)
    }
}

fn day_number(day: NaiveDate) -> i64 {
    (day - NaiveDate::default()).num_days()
}

fn day_of_number(n: i64) -> NaiveDate {
    NaiveDate::default() + chrono::TimeDelta::days(n.clamp(0, 200_000))
}
