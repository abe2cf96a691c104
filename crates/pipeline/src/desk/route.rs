//! Who should answer a case, from what its articles say and the registry.

use chrono::{DateTime, Utc};
use chrono_tz::Asia::Ho_Chi_Minh;
use diembao_desk::{RouteFacts, propose};
use diembao_news::CaseId;
use diembao_store::StoredArticle;

use super::{DeskFailure, case_articles};
use crate::Pipeline;

/// Articles of a case that are read for a proposal, the first published first.
const MAX_ARTICLES: usize = 8;

/// Who should answer, with the reasons in Vietnamese.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proposal {
    /// The unit.
    pub unit: String,
    /// The ministry's unit for the field, when it is another.
    pub with: Option<String>,
    /// Who speaks: name and office.
    pub spokesperson: Option<String>,
    /// How to reach that person.
    pub contact: Option<String>,
    /// Why, a sentence each.
    pub reasons: Vec<String>,
}

/// Proposes who should answer a case now; none: nothing in its articles leads to a unit.
///
/// # Errors
/// When there is no such case, or the store fails.
pub async fn route(p: &Pipeline, id: CaseId) -> Result<Option<Proposal>, DeskFailure> {
    let articles = case_articles(p, id).await?;
    Ok(of_articles(p, &articles, p.clock.now()))
}

pub(crate) fn of_articles(p: &Pipeline, articles: &[StoredArticle], now: DateTime<Utc>) -> Option<Proposal> {
    let mut text = String::new();
    let mut topics: Vec<&str> = Vec::new();
    for stored in articles.iter().take(MAX_ARTICLES) {
        let a = &stored.article.text;
        for part in [&a.title, &a.lead, &a.body] {
            text.push_str(part);
            text.push('\n');
        }
        let of_this = stored.classification.iter().flat_map(|c| c.topics.iter().map(|t| t.id.as_str()));
        for topic in of_this {
            if !topics.contains(&topic) {
                topics.push(topic);
            }
        }
    }
    let day = now.with_timezone(&Ho_Chi_Minh).date_naive();
    let found = propose(&p.home.registry, &RouteFacts { text: &text, topics, day })?;
    Some(Proposal {
        unit: found.unit.name.clone(),
        with: found.with.map(|unit| unit.name.clone()),
        spokesperson: found.spokesperson.map(|s| format!("{}, {}", s.name, s.title)),
        contact: found.spokesperson.and_then(|s| s.contact.clone()),
        reasons: found.reasons.into_iter().map(|reason| named(p, reason)).collect(),
    })
}

/// A reason names fields by their ids; people know them by their names.
fn named(p: &Pipeline, reason: String) -> String {
    p.home
        .rules
        .topics()
        .fold(reason, |text, topic| text.replace(&format!("“{}”", topic.id), &format!("“{}”", topic.name)))
}
