//! Stories: which articles belong together, what people say of it, and reading them back.

use std::collections::HashMap;

use chrono::{DateTime, TimeDelta, Utc};
use diembao_news::{ArticleId, FlagKind, StoryId};
use sqlx::any::AnyRow;

use crate::sql::{args, bad};
use crate::{Store, StoreError, StoredArticle};

/// How far back a story's articles are given.
const STORY_DAYS: i64 = 30;

/// What a person says of two articles.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum LinkKind {
    /// They are of one story.
    Together,
    /// They are not.
    Apart,
}

impl LinkKind {
    /// The name used in the store and in JSON.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Together => "together",
            Self::Apart => "apart",
        }
    }

    /// Reads the name used in the store and in JSON.
    #[must_use]
    pub fn parse(s: &str) -> Option<Self> {
        [Self::Together, Self::Apart].into_iter().find(|v| v.as_str() == s)
    }
}

/// A person's merge or split.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoryLink {
    /// One article; the one with the smaller id.
    pub a: ArticleId,
    /// The other.
    pub b: ArticleId,
    /// What was said.
    pub kind: LinkKind,
    /// By whom.
    pub who: String,
    /// When.
    pub at: DateTime<Utc>,
    /// The stories the articles have now.
    pub stories: (Option<StoryId>, Option<StoryId>),
}

/// A story with its articles, the first published first.
#[derive(Debug, Clone)]
pub struct StoryRow {
    /// Its id.
    pub id: StoryId,
    /// Its articles.
    pub articles: Vec<StoredArticle>,
}

/// Which stories are asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Which {
    /// Those with a health article among the new ones, or with a case: a person may have seen what no rule saw.
    Health,
    /// All.
    All,
}

pub(crate) const SAVE: &str = "UPDATE articles SET story = given.column2, grouped_at = given.column3,
    version = version + CASE WHEN story IS DISTINCT FROM given.column2 THEN 1 ELSE 0 END
    FROM (VALUES {rows}) AS given WHERE articles.id = given.column1
    AND (articles.grouped_at IS NULL OR articles.story IS DISTINCT FROM given.column2)";
const LINK: &str = "INSERT INTO story_links (a, b, kind, actor, decided_at) VALUES ($1, $2, $3, $4, $5)
    ON CONFLICT (a, b) DO UPDATE SET kind = excluded.kind, actor = excluded.actor, decided_at = excluded.decided_at";
const REGROUP: &str = "UPDATE articles SET grouped_at = NULL WHERE id IN ({ids})";
const LINKS: &str = "SELECT a, b, kind, actor, decided_at, one.story, other.story FROM story_links
    LEFT JOIN articles one ON one.id = a LEFT JOIN articles other ON other.id = b ORDER BY decided_at, a, b";
const BETWEEN: &str = "SELECT id, story FROM articles WHERE first_seen >= $3 AND first_seen < $2 AND story IN
    (SELECT story FROM articles new WHERE first_seen >= $1 AND first_seen < $2 AND story IS NOT NULL AND (health >= $4
    OR EXISTS (SELECT 1 FROM cases WHERE cases.story = new.story AND state <> 'dismissed')))
    ORDER BY story, published, id";
const FLAGGED: &str = "SELECT id, story FROM articles WHERE story IN
    (SELECT story FROM articles JOIN flags ON flags.article_id = articles.id
    WHERE flags.kind = $1 AND published >= $2 AND story IS NOT NULL) ORDER BY story, published, id";
const STORY: &str = "SELECT id, story FROM articles WHERE story = $1 ORDER BY published, id";

impl Store {
    /// Records the stories of articles, in one transaction. Only what changes is written and
    /// queued for the index; how many articles that were.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub async fn save_stories(&self, stories: &[(ArticleId, StoryId)], now: DateTime<Utc>) -> Result<u64, StoreError> {
        if stories.is_empty() {
            return Ok(0);
        }
        let mut sorted: Vec<_> = stories.iter().rev().copied().collect();
        sorted.sort_by_key(|(id, _)| *id);
        sorted.dedup_by_key(|(id, _)| *id);
        let mut tx = self.begin().await?;
        let rows = sorted.into_iter().map(|(id, story)| args![id, story.first_article(), now]).collect();
        let n = self.execute_rows(&mut tx, SAVE, rows).await?;
        self.commit(tx).await?;
        Ok(n)
    }

    /// Records a person's merges or splits and has the articles grouped again. The last word on a pair counts.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub async fn add_links(
        &self,
        pairs: &[(ArticleId, ArticleId)],
        kind: LinkKind,
        who: &str,
        at: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        for &(a, b) in pairs {
            self.execute(&mut tx, LINK, args![a.min(b), a.max(b), kind.as_str(), who, at]).await?;
        }
        let ids: Vec<i64> = pairs.iter().flat_map(|(a, b)| [a.as_i64(), b.as_i64()]).collect();
        self.execute_ids(&mut tx, REGROUP, &ids).await?;
        self.commit(tx).await
    }

    /// Every merge and split people have made, the oldest first.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn person_links(&self) -> Result<Vec<StoryLink>, StoreError> {
        let rows = self.fetch(LINKS, args![]).await?;
        rows.iter()
            .map(|row| {
                let kind: String = self.get(row, 2)?;
                Ok(StoryLink {
                    a: self.article_id(row, 0)?,
                    b: self.article_id(row, 1)?,
                    kind: LinkKind::parse(&kind).ok_or_else(|| bad("story_links", kind, "together or apart"))?,
                    who: self.get(row, 3)?,
                    at: self.time(row, 4)?,
                    stories: (self.story_of(row, 5)?, self.story_of(row, 6)?),
                })
            })
            .collect()
    }

    /// The stories that have an article first seen in `from..to`, each with its articles of the
    /// thirty days before `to`.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn stories_between(
        &self,
        from: DateTime<Utc>,
        to: DateTime<Utc>,
        which: Which,
    ) -> Result<Vec<StoryRow>, StoreError> {
        let back = to.checked_sub_signed(TimeDelta::days(STORY_DAYS)).unwrap_or(from).min(from);
        let health = i64::from(which == Which::Health);
        let rows = self.fetch(BETWEEN, args![from, to, back, health]).await?;
        self.story_rows(&rows).await
    }

    /// The stories with an article that was published since a time and carries a flag of a kind.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn flagged_stories(&self, kind: FlagKind, since: DateTime<Utc>) -> Result<Vec<StoryRow>, StoreError> {
        let rows = self.fetch(FLAGGED, args![kind.as_str(), since]).await?;
        self.story_rows(&rows).await
    }

    /// One story with all its articles.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn story(&self, id: StoryId) -> Result<Option<StoryRow>, StoreError> {
        let rows = self.fetch(STORY, args![id.first_article()]).await?;
        Ok(self.story_rows(&rows).await?.pop())
    }

    async fn story_rows(&self, rows: &[AnyRow]) -> Result<Vec<StoryRow>, StoreError> {
        let mut ids = Vec::with_capacity(rows.len());
        let mut stories: HashMap<ArticleId, StoryId> = HashMap::with_capacity(rows.len());
        for row in rows {
            let Some(story) = self.story_of(row, 1)? else {
                continue;
            };
            let id = self.article_id(row, 0)?;
            ids.push(id.as_i64());
            stories.insert(id, story);
        }
        let mut out: Vec<StoryRow> = Vec::new();
        for article in self.load(&ids).await? {
            let Some(&id) = stories.get(&article.article.id) else {
                continue;
            };
            match out.last_mut() {
                Some(last) if last.id == id => last.articles.push(article),
                _ => out.push(StoryRow { id, articles: vec![article] }),
            }
        }
        Ok(out)
    }
}
