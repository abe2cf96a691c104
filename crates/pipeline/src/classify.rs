//! The third stage: articles get their topics and flags.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use diembao_news::CanonicalUrl;
use diembao_rules::Scratch;

use crate::{Pipeline, RunReport, Stage};

const BATCH_ARTICLES: usize = 500;

/// Judges every article that has not been judged.
///
/// # Errors
/// When the store fails.
pub async fn classify(p: &Pipeline, report: &mut RunReport) -> anyhow::Result<()> {
    let mut run = p.progress.begin(Stage::Classify, None);
    loop {
        let articles = p.store.unclassified(BATCH_ARTICLES).await?;
        if articles.is_empty() {
            break;
        }
        let n = articles.len() as u64;
        let home = Arc::clone(&p.home);
        let judged = tokio::task::spawn_blocking(move || {
            let mut scratch = Scratch::default();
            let judge = |a: &diembao_store::Unclassified| {
                let url = a.url.as_deref().and_then(|u| CanonicalUrl::parse(u).ok());
                (a.id, home.rules.classify_with(&mut scratch, &a.text, url.as_ref().map(CanonicalUrl::path)))
            };
            articles.iter().map(judge).collect::<Vec<_>>()
        })
        .await?;
        run.report.n_in += n;
        run.report.n_out += judged.iter().filter(|(_, c)| c.health).count() as u64;
        run.report.count("flagged", judged.iter().filter(|(_, c)| !c.flags.is_empty()).count() as u64);
        p.store.save_classifications(&judged).await?;
        run.advance(n);
    }
    report.stages.insert(Stage::Classify, run.end());
    Ok(())
}

/// Forgets the judgement of articles first seen since a time, so that the present rules judge them anew.
///
/// # Errors
/// When the store fails.
pub async fn reclassify(p: &Pipeline, since: DateTime<Utc>) -> anyhow::Result<u64> {
    Ok(p.store.reset_classifications(since).await?)
}
