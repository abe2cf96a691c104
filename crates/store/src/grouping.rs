//! What a round of grouping reads and writes: the articles that wait, what the others are about, and who was placed where.

use chrono::{DateTime, Utc};
use diembao_news::{ArticleId, ArticleText, StoryId};
use sqlx::any::AnyRow;

use crate::sql::args;
use crate::stories::SAVE;
use crate::{Store, StoreError};

/// An article that waits for its story.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Waiting {
    /// Its id.
    pub id: ArticleId,
    /// When it was published.
    pub published: DateTime<Utc>,
    /// The story it had, when it is to be looked at again.
    pub story: Option<StoryId>,
}

/// An article that has a story.
#[derive(Debug, Clone)]
pub struct Member {
    /// Its id.
    pub id: ArticleId,
    /// When it was published.
    pub published: DateTime<Utc>,
    /// Its story.
    pub story: StoryId,
    /// What it is about, in the bytes it was saved with; none when it was grouped before profiles were kept.
    pub profile: Option<Vec<u8>>,
}

/// What one round of grouping decided.
#[derive(Debug, Default)]
pub struct Round {
    /// How many rounds there were before it.
    pub after: i64,
    /// Articles with their stories and what they are about.
    pub placed: Vec<(ArticleId, StoryId, Vec<u8>)>,
    /// Stories that are part of another from now on: (which, of which).
    pub united: Vec<(StoryId, StoryId)>,
}

const WAITING: &str = "SELECT id, published, story FROM articles WHERE grouped_at IS NULL ORDER BY published, id";
const TEXTS: &str = "SELECT article_id, title, lead, body FROM texts WHERE article_id IN ({ids})";
const FLAGS: &str = "SELECT article_id, rule FROM flags WHERE article_id IN ({ids})";
const SAMPLE: &str = "SELECT article_id, title, lead, body FROM texts WHERE article_id IN (SELECT id FROM articles
    WHERE published >= $1 AND published < $2 AND grouped_at IS NOT NULL ORDER BY id LIMIT $3)";
const BETWEEN: &str = "SELECT articles.id, published, story, profile FROM articles
    JOIN profiles ON article_id = articles.id WHERE published >= $1 AND published < $2 AND story IS NOT NULL";
const MEMBERS: &str = "SELECT articles.id, published, story, profile FROM articles
    LEFT JOIN profiles ON article_id = articles.id WHERE story IN ({ids}) ORDER BY published, articles.id";
const ROUNDS: &str = "SELECT n FROM grouping_rounds";
const NEXT: &str = "UPDATE grouping_rounds SET n = n + 1 WHERE n = $1";
const PROFILES: &str = "INSERT INTO profiles (article_id, profile) VALUES {rows}
    ON CONFLICT (article_id) DO UPDATE SET profile = excluded.profile";
const UNITE: &str = "UPDATE articles SET story = $2, version = version + 1 WHERE story = $1";

impl Store {
    /// The articles that wait for a story, the first published first.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn waiting_for_story(&self) -> Result<Vec<Waiting>, StoreError> {
        let rows = self.fetch(WAITING, args![]).await?;
        let waiting = |row: &AnyRow| {
            Ok(Waiting { id: self.article_id(row, 0)?, published: self.time(row, 1)?, story: self.story_of(row, 2)? })
        };
        rows.iter().map(waiting).collect()
    }

    /// What articles say, in no order.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn texts(&self, ids: &[ArticleId]) -> Result<Vec<(ArticleId, ArticleText)>, StoreError> {
        let ids: Vec<i64> = ids.iter().map(|id| id.as_i64()).collect();
        self.texts_of(&self.fetch_ids(TEXTS, &ids).await?)
    }

    /// Which of the articles are flagged, and by which rules, in no order.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn flagged_by(&self, ids: &[ArticleId]) -> Result<Vec<(ArticleId, String)>, StoreError> {
        let ids: Vec<i64> = ids.iter().map(|id| id.as_i64()).collect();
        let rows = self.fetch_ids(FLAGS, &ids).await?;
        rows.iter().map(|row| Ok((self.article_id(row, 0)?, self.get(row, 1)?))).collect()
    }

    /// What at most so many of the grouped articles published in `from..to` say: the same ones each time, spread over
    /// all of them.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn sample_texts(
        &self,
        from: DateTime<Utc>,
        to: DateTime<Utc>,
        limit: u32,
    ) -> Result<Vec<ArticleText>, StoreError> {
        let rows = self.fetch(SAMPLE, args![from, to, limit]).await?;
        Ok(self.texts_of(&rows)?.into_iter().map(|(_, text)| text).collect())
    }

    /// The articles published in `from..to` that have a story and a profile, in no order.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn placed_between(&self, from: DateTime<Utc>, to: DateTime<Utc>) -> Result<Vec<Member>, StoreError> {
        self.members(&self.fetch(BETWEEN, args![from, to]).await?)
    }

    /// Every article of some stories, the first published first.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn members_of(&self, stories: &[StoryId]) -> Result<Vec<Member>, StoreError> {
        let mut ids: Vec<i64> = stories.iter().map(|story| story.first_article().as_i64()).collect();
        ids.sort_unstable();
        ids.dedup();
        let mut members = self.members(&self.fetch_ids(MEMBERS, &ids).await?)?;
        members.sort_by_key(|m| (m.published, m.id));
        members.dedup_by_key(|m| m.id);
        Ok(members)
    }

    /// How many rounds of grouping there were.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn grouping_rounds(&self) -> Result<i64, StoreError> {
        let rows = self.fetch(ROUNDS, args![]).await?;
        rows.first().map_or(Ok(0), |row| self.get(row, 0))
    }

    /// Records a round, in one transaction. False, and nothing is written, when another process grouped in between.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub async fn save_round(&self, round: Round, now: DateTime<Utc>) -> Result<bool, StoreError> {
        let mut placed = round.placed;
        placed.sort_by_key(|(id, ..)| *id);
        let stories = placed.iter().map(|(id, story, _)| args![*id, story.first_article(), now]).collect();
        let profiles = placed.into_iter().map(|(id, _, profile)| args![id, profile]).collect();
        let mut tx = self.begin().await?;
        if self.execute(&mut tx, NEXT, args![round.after]).await? == 0 {
            return Ok(false);
        }
        for (which, of) in round.united {
            self.execute(&mut tx, UNITE, args![which.first_article(), of.first_article()]).await?;
        }
        self.execute_rows(&mut tx, SAVE, stories).await?;
        self.execute_rows(&mut tx, PROFILES, profiles).await?;
        self.commit(tx).await?;
        Ok(true)
    }

    fn members(&self, rows: &[AnyRow]) -> Result<Vec<Member>, StoreError> {
        let mut members = Vec::with_capacity(rows.len());
        for row in rows {
            if let Some(story) = self.story_of(row, 2)? {
                let (id, published) = (self.article_id(row, 0)?, self.time(row, 1)?);
                members.push(Member { id, published, story, profile: self.get(row, 3)? });
            }
        }
        Ok(members)
    }

    fn texts_of(&self, rows: &[AnyRow]) -> Result<Vec<(ArticleId, ArticleText)>, StoreError> {
        let text = |row: &AnyRow| {
            let text = ArticleText { title: self.get(row, 1)?, lead: self.get(row, 2)?, body: self.get(row, 3)? };
            Ok((self.article_id(row, 0)?, text))
        };
        rows.iter().map(text).collect()
    }
}
