//! Putting stored articles together from their rows.

use std::collections::HashMap;

use diembao_news::{
    Article, ArticleId, ArticleText, ArticleTimes, CanonicalUrl, Classification, Evidence, Field, Flag, FlagKind,
    OutletId, Severity, Stance, StoryId, TimeSource, TopicMatch,
};
use sqlx::any::AnyRow;

use crate::articles::StoredArticle;
use crate::sql::bad;
use crate::{Store, StoreError};

/// Evidence as it is kept: field, start, end, text, group, weight.
pub(crate) type EvidenceRow = (String, usize, usize, String, String, f32);

const ARTICLES: &str =
    "SELECT articles.id, outlet, reference, published, first_seen, health, health_score, rules_version,
    story, url, title, lead, body, authors, published_source, modified, image, section, lang
    FROM articles JOIN texts ON texts.article_id = articles.id WHERE articles.id IN ({ids})";
const TOPICS: &str = "SELECT article_id, topic, score, evidence FROM topics WHERE article_id IN ({ids})
    ORDER BY article_id, position";
const FLAGS: &str = "SELECT article_id, rule, kind, severity, stance, score, evidence FROM flags
    WHERE article_id IN ({ids}) ORDER BY article_id, position";

impl Store {
    /// The articles with these ids, in this order.
    pub(crate) async fn load(&self, ids: &[i64]) -> Result<Vec<StoredArticle>, StoreError> {
        let mut found: HashMap<i64, StoredArticle> = HashMap::with_capacity(ids.len());
        for row in self.fetch_ids(ARTICLES, ids).await? {
            let article = self.stored_article(&row)?;
            found.insert(article.article.id.as_i64(), article);
        }
        // Only health news carries topics; only what was classified carries flags.
        let classified: Vec<i64> =
            ids.iter().copied().filter(|id| found.get(id).is_some_and(|a| a.classification.is_some())).collect();
        for row in self.fetch_ids(TOPICS, &classified).await? {
            if let Some(classification) = classification_of(&mut found, self.get(&row, 0)?) {
                classification.topics.push(self.topic(&row)?);
            }
        }
        for row in self.fetch_ids(FLAGS, &classified).await? {
            if let Some(classification) = classification_of(&mut found, self.get(&row, 0)?) {
                classification.flags.push(self.flag(&row)?);
            }
        }
        Ok(ids.iter().filter_map(|id| found.remove(id)).collect())
    }

    fn stored_article(&self, row: &AnyRow) -> Result<StoredArticle, StoreError> {
        let rules_version: Option<String> = self.get(row, 7)?;
        let classification = match rules_version {
            Some(rules_version) => Some(Classification {
                health: self.get::<i64>(row, 5)? != 0,
                health_score: narrow(self.get(row, 6)?),
                rules_version,
                ..Classification::default()
            }),
            None => None,
        };
        Ok(StoredArticle { article: self.article_of(row)?, classification, story: self.story_of(row, 8)? })
    }

    pub(crate) fn story_of(&self, row: &AnyRow, column: usize) -> Result<Option<StoryId>, StoreError> {
        let Some(n) = self.get::<Option<i64>>(row, column)? else {
            return Ok(None);
        };
        let first = ArticleId::from_i64(n).map_err(|_| bad("articles", n.to_string(), "a story id"))?;
        Ok(Some(StoryId::beginning_with(first)))
    }

    pub(crate) fn outlet(&self, row: &AnyRow, column: usize) -> Result<OutletId, StoreError> {
        let name: String = self.get(row, column)?;
        OutletId::parse(&name).map_err(|_| bad("articles", name, "an outlet id"))
    }

    fn article_of(&self, row: &AnyRow) -> Result<Article, StoreError> {
        let url: Option<String> = self.get(row, 9)?;
        let authors: String = self.get(row, 13)?;
        let source: String = self.get(row, 14)?;
        Ok(Article {
            id: self.article_id(row, 0)?,
            reference: self.get(row, 2)?,
            outlet: self.outlet(row, 1)?,
            url: match url {
                Some(url) => Some(CanonicalUrl::parse(&url).map_err(|_| bad("texts", url, "a URL"))?),
                None => None,
            },
            text: ArticleText { title: self.get(row, 10)?, lead: self.get(row, 11)?, body: self.get(row, 12)? },
            authors: serde_json::from_str(&authors).map_err(|_| bad("texts", authors, "a list of names"))?,
            times: ArticleTimes {
                published: self.time(row, 3)?,
                published_source: TimeSource::parse(&source).ok_or_else(|| bad("texts", source, "a source of time"))?,
                modified: self.time_or_none(row, 15)?,
                first_seen: self.time(row, 4)?,
            },
            image: self.get(row, 16)?,
            section: self.get(row, 17)?,
            lang: self.get(row, 18)?,
        })
    }

    fn topic(&self, row: &AnyRow) -> Result<TopicMatch, StoreError> {
        let evidence: String = self.get(row, 3)?;
        Ok(TopicMatch { id: self.get(row, 1)?, score: narrow(self.get(row, 2)?), evidence: evidence_of(&evidence)? })
    }

    fn flag(&self, row: &AnyRow) -> Result<Flag, StoreError> {
        let kind: String = self.get(row, 2)?;
        let severity: String = self.get(row, 3)?;
        let stance: Option<String> = self.get(row, 4)?;
        let evidence: String = self.get(row, 6)?;
        Ok(Flag {
            rule: self.get(row, 1)?,
            kind: FlagKind::parse(&kind).ok_or_else(|| bad("flags", kind, "a kind of flag"))?,
            severity: Severity::parse(&severity).ok_or_else(|| bad("flags", severity, "a severity"))?,
            stance: match stance {
                Some(s) => Some(Stance::parse(&s).ok_or_else(|| bad("flags", s, "a stance"))?),
                None => None,
            },
            score: narrow(self.get(row, 5)?),
            evidence: evidence_of(&evidence)?,
        })
    }
}

fn classification_of(found: &mut HashMap<i64, StoredArticle>, id: i64) -> Option<&mut Classification> {
    found.get_mut(&id).and_then(|a| a.classification.as_mut())
}

#[expect(clippy::cast_possible_truncation, reason = "it was widened from f32 when it was stored")]
fn narrow(v: f64) -> f32 {
    v as f32
}

pub(crate) fn evidence_text(evidence: &[Evidence]) -> String {
    let rows: Vec<EvidenceRow> = evidence
        .iter()
        .map(|e| (e.field.as_str().to_owned(), e.start, e.end, e.text.clone(), e.group.clone(), e.weight))
        .collect();
    serde_json::to_string(&rows).expect("texts and numbers are JSON")
}

fn evidence_of(text: &str) -> Result<Vec<Evidence>, StoreError> {
    let broken = || bad("flags", text, "a list of evidence");
    let rows: Vec<EvidenceRow> = serde_json::from_str(text).map_err(|_| broken())?;
    rows.into_iter()
        .map(|(field, start, end, text, group, weight)| {
            let field = Field::parse(&field).ok_or_else(broken)?;
            Ok(Evidence { field, start, end, text, group, weight })
        })
        .collect()
}
