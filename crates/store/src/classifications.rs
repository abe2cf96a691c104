//! What the rules say of articles: saved in batches, replaced as a whole.

use chrono::{DateTime, Utc};
use diembao_news::{ArticleId, ArticleText, Classification, OutletId};

use crate::load::evidence_text;
use crate::sql::{Arg, args, limit};
use crate::{Store, StoreError};

/// An article the rules were not asked about yet.
#[derive(Debug, Clone)]
pub struct Unclassified {
    /// Its id.
    pub id: ArticleId,
    /// Who published it.
    pub outlet: OutletId,
    /// Where.
    pub url: Option<String>,
    /// What it says.
    pub text: ArticleText,
}

const UNCLASSIFIED: &str = "SELECT articles.id, outlet, url, title, lead, body FROM articles
    JOIN texts ON texts.article_id = articles.id WHERE rules_version IS NULL ORDER BY first_seen, articles.id LIMIT $1";
const SAVE: &str = "UPDATE articles SET health = given.column2, health_score = given.column3,
    rules_version = given.column4, version = version + 1 FROM (VALUES {rows}) AS given WHERE articles.id = given.column1";
const DROP_TOPICS: &str = "DELETE FROM topics WHERE article_id IN ({ids})";
const DROP_FLAGS: &str = "DELETE FROM flags WHERE article_id IN ({ids})";
const ADD_TOPICS: &str = "INSERT INTO topics (article_id, position, topic, score, evidence) VALUES {rows}";
const ADD_FLAGS: &str =
    "INSERT INTO flags (article_id, position, rule, kind, severity, stance, score, evidence) VALUES {rows}";
const PRESENT: &str = "SELECT id FROM articles WHERE id IN ({ids})";
const RESET: &str = "UPDATE articles SET rules_version = NULL, grouped_at = NULL
    WHERE first_seen >= $1 AND rules_version IS NOT NULL";

impl Store {
    /// The articles the rules were not asked about yet, the first seen first.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn unclassified(&self, n_max: usize) -> Result<Vec<Unclassified>, StoreError> {
        let rows = self.fetch(UNCLASSIFIED, args![limit(n_max)]).await?;
        rows.iter()
            .map(|row| {
                Ok(Unclassified {
                    id: self.article_id(row, 0)?,
                    outlet: self.outlet(row, 1)?,
                    url: self.get(row, 2)?,
                    text: ArticleText { title: self.get(row, 3)?, lead: self.get(row, 4)?, body: self.get(row, 5)? },
                })
            })
            .collect()
    }

    /// Replaces what the rules say of articles and queues them for the index, in one
    /// transaction. Of an article named twice the last word counts; one that is not there is left out.
    ///
    /// # Errors
    /// When the store cannot be written: then nothing is changed.
    pub async fn save_classifications(&self, given: &[(ArticleId, Classification)]) -> Result<(), StoreError> {
        if given.is_empty() {
            return Ok(());
        }
        let mut sorted: Vec<&(ArticleId, Classification)> = given.iter().rev().collect();
        sorted.sort_by_key(|(id, _)| *id);
        sorted.dedup_by_key(|(id, _)| *id);
        let ids: Vec<i64> = sorted.iter().map(|(id, _)| id.as_i64()).collect();
        let mut tx = self.begin().await?;
        let present = self.fetch_ids_in(&mut tx, PRESENT, &ids).await?;
        let present: Vec<i64> = present.iter().map(|row| self.get(row, 0)).collect::<Result<_, _>>()?;
        sorted.retain(|(id, _)| present.contains(&id.as_i64()));
        self.execute_ids(&mut tx, DROP_TOPICS, &present).await?;
        self.execute_ids(&mut tx, DROP_FLAGS, &present).await?;
        let rows = sorted
            .iter()
            .map(|(id, c)| args![*id, i64::from(c.health), c.health_score, c.rules_version.as_str()])
            .collect();
        self.execute_rows(&mut tx, SAVE, rows).await?;
        self.execute_rows(&mut tx, ADD_TOPICS, sorted.iter().flat_map(|(id, c)| topic_rows(*id, c)).collect()).await?;
        self.execute_rows(&mut tx, ADD_FLAGS, sorted.iter().flat_map(|(id, c)| flag_rows(*id, c)).collect()).await?;
        self.commit(tx).await
    }

    /// Makes the articles first seen from a moment on unclassified again, and lets them wait for their stories, which
    /// know what the rules recognised; how many. What was said of them stays until it is replaced.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub async fn reset_classifications(&self, since: DateTime<Utc>) -> Result<u64, StoreError> {
        let mut tx = self.begin().await?;
        let n = self.execute(&mut tx, RESET, args![since]).await?;
        self.commit(tx).await?;
        Ok(n)
    }
}

fn topic_rows(id: ArticleId, c: &Classification) -> Vec<Vec<Arg>> {
    let rows = (0_i64..).zip(&c.topics);
    rows.map(|(i, t)| args![id, i, t.id.as_str(), t.score, evidence_text(&t.evidence)]).collect()
}

fn flag_rows(id: ArticleId, c: &Classification) -> Vec<Vec<Arg>> {
    let rows = (0_i64..).zip(&c.flags);
    rows.map(|(i, f)| {
        args![
            id,
            i,
            f.rule.as_str(),
            f.kind.as_str(),
            f.severity.as_str(),
            f.stance.map(diembao_news::Stance::as_str),
            f.score,
            evidence_text(&f.evidence),
        ]
    })
    .collect()
}
