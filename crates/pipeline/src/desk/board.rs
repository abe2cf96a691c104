//! The board of health falsehoods: claims beside their rebuttals.

use chrono::{DateTime, Utc};
use diembao_desk::{ClaimRow, StoryFacts, claim_board};
use diembao_news::{FlagKind, StoryId};

use super::DeskFailure;
use super::update::facts_of;
use crate::Pipeline;

/// The falsehoods in articles published since a time: those nobody has answered first.
///
/// # Errors
/// When the store fails.
pub async fn board(p: &Pipeline, since: DateTime<Utc>) -> Result<Vec<ClaimRow>, DeskFailure> {
    let now = p.clock.now();
    let stories = p.store.flagged_stories(FlagKind::Misinformation, since).await?;
    let ids: Vec<StoryId> = stories.iter().map(|row| row.id).collect();
    let cases = p.store.cases_of_stories(&ids).await?;
    let rows: Vec<_> = stories
        .iter()
        .map(|row| {
            let facts = StoryFacts { story: row.id, articles: row.articles.iter().map(facts_of).collect() };
            (facts, cases.get(&row.id).and_then(|case| case.times.answered))
        })
        .collect();
    Ok(claim_board(&rows, now))
}
