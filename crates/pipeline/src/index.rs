//! The fifth stage: what changed in the store becomes searchable.

use anyhow::Context;
use diembao_news::FlagKind;
use diembao_search::{Index, IndexDoc, SearchError};
use diembao_store::StoredArticle;

use crate::{Pipeline, RunReport, Stage, StageRun};

/// Articles read at a time when the index is made again.
const BATCH_ARTICLES: usize = 500;
/// Articles made searchable in one commit.
const COMMIT_ARTICLES: usize = 2_000;

/// Brings the index up to date with the store; an index that cannot be used is made again.
///
/// # Errors
/// When the store fails, or the index's folder cannot be written.
pub async fn index(p: &Pipeline, report: &mut RunReport) -> anyhow::Result<()> {
    let mut run = p.progress.begin(Stage::Index, None);
    let result = match open_index(p) {
        Ok(index) => {
            let queued = queue_if_new(p, &index).await;
            match queued {
                Ok(()) => update(p, &index, &mut run).await,
                Err(e) => Err(e),
            }
        }
        Err(e) => Err(e.into()),
    };
    if let Err(e) = result {
        let unusable = e.downcast_ref::<SearchError>().is_some_and(SearchError::wants_rebuild);
        if !unusable {
            return Err(e.context("the articles are stored; `diembao reindex` makes them searchable"));
        }
        report.notices.push(format!("the search index was made again from the store: {e}"));
        tracing::warn!("the search index is made again from the store: {e}");
        run.report.n_in = rebuild_into(p, &mut run).await?;
        run.report.n_out = run.report.n_in;
    }
    report.stages.insert(Stage::Index, run.end());
    Ok(())
}

/// The home's index, made empty if there is none.
///
/// # Errors
/// When it is corrupt, of another version, or cannot be read.
pub fn open_index(p: &Pipeline) -> Result<Index, SearchError> {
    Index::open(&p.home.index_dir())
}

/// An empty index beside a store with articles is a lost one: everything is queued again.
async fn queue_if_new(p: &Pipeline, index: &Index) -> anyhow::Result<()> {
    if index.count()? == 0 && !p.store.articles_page(None, 1).await?.is_empty() {
        p.store.queue_all_for_index().await?;
    }
    Ok(())
}

async fn update(p: &Pipeline, index: &Index, run: &mut StageRun<'_>) -> anyhow::Result<()> {
    let mut writer = None;
    loop {
        let batch = p.store.index_batch(COMMIT_ARTICLES).await?;
        if batch.is_empty() {
            return Ok(());
        }
        let writer = match &mut writer {
            Some(writer) => writer,
            None => writer.insert(index.writer()?),
        };
        for (article, _) in &batch {
            writer.put(&document(article))?;
        }
        // Committed before it is marked: a crash between the two only indexes the batch again.
        writer.commit()?;
        let written: Vec<_> = batch.iter().map(|(a, version)| (a.article.id, *version)).collect();
        p.store.mark_indexed(&written).await?;
        run.report.n_in += batch.len() as u64;
        run.report.n_out += batch.len() as u64;
        run.advance(batch.len() as u64);
    }
}

/// Makes the index again from the store, in a new folder that takes the old one's place when it is complete.
///
/// # Errors
/// When the store fails, or the folder cannot be written.
pub async fn rebuild_index(p: &Pipeline) -> anyhow::Result<u64> {
    let mut run = p.progress.begin(Stage::Index, None);
    let n = rebuild_into(p, &mut run).await?;
    let _ = run.end();
    Ok(n)
}

async fn rebuild_into(p: &Pipeline, run: &mut StageRun<'_>) -> anyhow::Result<u64> {
    let dir = p.home.index_dir();
    // Whatever changes while the rebuild reads stays queued and is indexed after it.
    let mut rebuild = Index::rebuild(&dir).with_context(|| dir.display().to_string())?;
    let mut after = None;
    let mut n = 0;
    loop {
        let articles = p.store.articles_page(after, BATCH_ARTICLES).await?;
        let Some(last) = articles.last() else { break };
        after = Some(last.article.id);
        for article in &articles {
            rebuild.add(&document(article))?;
        }
        n += articles.len() as u64;
        run.advance(articles.len() as u64);
    }
    rebuild.finish()?;
    Ok(n)
}

fn document(stored: &StoredArticle) -> IndexDoc<'_> {
    let article = &stored.article;
    let judged = stored.classification.as_ref();
    let flags = judged.map(|c| c.flags.as_slice()).unwrap_or_default();
    let mut names: Vec<&str> = flags.iter().map(|f| f.rule.as_str()).collect();
    for kind in [FlagKind::Incident, FlagKind::Misinformation] {
        if flags.iter().any(|f| f.kind == kind) {
            names.push(kind.as_str());
        }
    }
    IndexDoc {
        id: article.id,
        reference: article.reference.as_deref(),
        url: article.url.as_ref().map(diembao_news::CanonicalUrl::as_str),
        text: &article.text,
        outlet: &article.outlet,
        published: article.times.published,
        story: stored.story,
        topics: judged.map(|c| c.topics.iter().map(|t| t.id.as_str()).collect()).unwrap_or_default(),
        flags: names,
        severity: flags.iter().map(|f| f.severity).max(),
        provinces: Vec::new(),
        section: article.section.as_deref(),
    }
}
