//! The sixth stage: flagged stories become cases, and cases learn what is new in their stories.

use chrono::{DateTime, Utc};
use diembao_desk::{ArticleFacts, CaseEvent, StoryFacts};
use diembao_news::StoryId;
use diembao_store::{StoreError, StoryRow, Which};

use crate::{Pipeline, RunReport, Stage};

const ACTOR: &str = "diembao";

/// Opens a case for every flagged story with an article first seen since a time, and appends to
/// those that are open what has spread or grown graver.
///
/// # Errors
/// When the store fails.
pub async fn update_desk(p: &Pipeline, since: DateTime<Utc>, report: &mut RunReport) -> anyhow::Result<()> {
    let mut run = p.progress.begin(Stage::Desk, None);
    let now = p.clock.now();
    let stories = p.store.stories_between(since, now + chrono::TimeDelta::seconds(1), Which::Health).await?;
    run.report.n_in = stories.len() as u64;
    let ids: Vec<StoryId> = stories.iter().map(|row| row.id).collect();
    let mut cases = p.store.cases_of_stories(&ids).await?;
    for row in &stories {
        let facts = facts(row);
        match cases.remove(&row.id) {
            None => {
                if let Some(new) = diembao_desk::detect(&facts, now) {
                    p.store.open_case(&new).await?;
                    run.report.count("opened", 1);
                }
            }
            Some(case) => {
                let mut version = case.version;
                for action in diembao_desk::progress(&case, &facts) {
                    let event = CaseEvent { at: now, actor: ACTOR.to_owned(), action, note: String::new() };
                    match p.store.append_event(case.id, version, &event).await {
                        Ok(changed) => version = changed.version,
                        // An officer was faster; the next run adds what is still new then.
                        Err(StoreError::Conflict { .. }) => break,
                        Err(e) => return Err(e.into()),
                    }
                    run.report.count("appended", 1);
                }
            }
        }
        run.report.n_out += 1;
        run.advance(1);
    }
    report.stages.insert(Stage::Desk, run.end());
    Ok(())
}

fn facts(row: &StoryRow) -> StoryFacts<'_> {
    let articles = row.articles.iter().map(|stored| ArticleFacts {
        id: stored.article.id,
        outlet: &stored.article.outlet,
        title: &stored.article.text.title,
        published: stored.article.times.published,
        flags: stored.classification.as_ref().map(|c| c.flags.as_slice()).unwrap_or_default(),
    });
    StoryFacts { story: row.id, articles: articles.collect() }
}
