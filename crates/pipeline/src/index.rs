//! The fifth stage: what changed in the store becomes searchable.

use std::collections::BTreeSet;
use std::sync::Arc;

use anyhow::Context;
use diembao_news::FlagKind;
use diembao_search::{Index, IndexDoc, Places, Rebuild, SearchError, Writer};
use diembao_store::StoredArticle;
use tokio::sync::{Mutex, Notify};

use crate::{Home, Pipeline, RunReport, Stage, StageRun};

/// Articles read at a time when the index is made again.
const BATCH_ARTICLES: usize = 500;
/// Articles made searchable in one commit.
const COMMIT_ARTICLES: usize = 2_000;

/// The one writer of the index, and whether there is something new for it.
#[derive(Debug, Default)]
pub struct Indexing {
    /// Kept open: a writer that is given back waits for its segments to be merged.
    writer: Mutex<Option<Writer>>,
    news: Notify,
}

impl Indexing {
    /// Tells that articles were committed.
    pub(crate) fn tell(&self) {
        self.news.notify_one();
    }

    /// Waits for articles that were committed since the last time.
    pub(crate) async fn told(&self) {
        self.news.notified().await;
    }
}

/// Brings the index up to date with the store; an index that cannot be used is made again.
///
/// # Errors
/// When the store fails, or the index's folder cannot be written.
pub async fn index(p: &Pipeline, report: &mut RunReport) -> anyhow::Result<()> {
    let mut writer = p.indexing.writer.lock().await;
    let mut run = p.progress.begin(Stage::Index, None);
    if let Err(e) = bring_up_to_date(p, &mut writer, &mut run).await {
        let unusable = e.downcast_ref::<SearchError>().is_some_and(SearchError::wants_rebuild);
        if !unusable {
            return Err(e.context("the articles are stored; `diembao reindex` makes them searchable"));
        }
        report.notices.push(format!("the search index was made again from the store: {e}"));
        tracing::warn!("the search index is made again from the store: {e}");
        // The old writer holds the right to write.
        *writer = None;
        run.report.n_in = rebuild_into(p, &mut run).await?;
        run.report.n_out = run.report.n_in;
    }
    report.stages.insert(Stage::Index, run.end());
    Ok(())
}

/// The home's index with its synonyms and names of provinces, made empty if there is none.
///
/// # Errors
/// When it is corrupt, of another version, or cannot be read.
pub fn open_index(home: &Home) -> Result<Index, SearchError> {
    let places = Places::new(home.rules.places());
    Ok(Index::open(&home.index_dir())?.with_synonyms(home.synonyms.clone()).with_places(places))
}

async fn bring_up_to_date(p: &Pipeline, writer: &mut Option<Writer>, run: &mut StageRun<'_>) -> anyhow::Result<()> {
    let mut index = open_index(&p.home)?;
    if writer.is_none() {
        // Once a process: a flipped bit would else be copied from segment to segment, and told by nobody.
        index = tokio::task::spawn_blocking(move || index.verify().map(|()| index)).await??;
    }
    queue_if_new(p, &index).await?;
    update(p, &index, writer, run).await
}

/// An empty index beside a store with articles is a lost one: everything is queued again.
async fn queue_if_new(p: &Pipeline, index: &Index) -> anyhow::Result<()> {
    if index.count()? == 0 && !p.store.articles_page(None, 1).await?.is_empty() {
        p.store.queue_all_for_index().await?;
    }
    Ok(())
}

async fn update(p: &Pipeline, index: &Index, kept: &mut Option<Writer>, run: &mut StageRun<'_>) -> anyhow::Result<()> {
    loop {
        let batch = p.store.index_batch(COMMIT_ARTICLES).await?;
        if batch.is_empty() {
            return Ok(());
        }
        let mut writer = match kept.take() {
            Some(writer) => writer,
            None => index.writer()?,
        };
        let written: Vec<_> = batch.iter().map(|(a, version)| (a.article.id, *version)).collect();
        let home = Arc::clone(&p.home);
        let writing = tokio::task::spawn_blocking(move || {
            batch.iter().try_for_each(|(article, _)| with_document(&home, article, |d| writer.put(d)))?;
            // Committed before it is marked: a crash between the two only indexes the batch again.
            writer.commit().map(|()| writer)
        });
        *kept = Some(writing.await??);
        p.store.mark_indexed(&written).await?;
        run.report.n_in += written.len() as u64;
        run.report.n_out += written.len() as u64;
        run.advance(written.len() as u64);
    }
}

/// Makes the index again from the store, in a new folder that takes the old one's place when it is complete.
///
/// # Errors
/// When the store fails, or the folder cannot be written.
pub async fn rebuild_index(p: &Pipeline) -> anyhow::Result<u64> {
    let mut writer = p.indexing.writer.lock().await;
    *writer = None;
    let n_articles = p.store.counts().await.ok().and_then(|c| u64::try_from(c.articles).ok());
    let mut run = p.progress.begin(Stage::Index, n_articles);
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
        let n_read = articles.len() as u64;
        let home = Arc::clone(&p.home);
        let adding = tokio::task::spawn_blocking(move || add_all(rebuild, &home, &articles));
        rebuild = adding.await??;
        n += n_read;
        run.advance(n_read);
    }
    tokio::task::spawn_blocking(|| rebuild.finish()).await??;
    Ok(n)
}

fn add_all(mut rebuild: Rebuild, home: &Home, articles: &[StoredArticle]) -> Result<Rebuild, SearchError> {
    articles.iter().try_for_each(|article| with_document(home, article, |d| rebuild.add(d)))?;
    Ok(rebuild)
}

fn with_document<T>(home: &Home, stored: &StoredArticle, put: impl FnOnce(&IndexDoc<'_>) -> T) -> T {
    let article = &stored.article;
    let judged = stored.classification.as_ref();
    let flags = judged.map(|c| c.flags.as_slice()).unwrap_or_default();
    let mut names: Vec<&str> = flags.iter().map(|f| f.rule.as_str()).collect();
    for kind in [FlagKind::Incident, FlagKind::Misinformation] {
        if flags.iter().any(|f| f.kind == kind) {
            names.push(kind.as_str());
        }
    }
    let facts = home.rules.facts(&article.text);
    let provinces: BTreeSet<&str> = facts.provinces.iter().map(|f| f.value.as_str()).collect();
    let facilities: BTreeSet<&str> = facts.facilities.iter().map(|f| f.value.as_str()).collect();
    put(&IndexDoc {
        id: article.id,
        reference: article.reference.as_deref(),
        url: article.url.as_ref().map(diembao_news::CanonicalUrl::as_str),
        text: &article.text,
        outlet: &article.outlet,
        published: article.times.published,
        first_seen: article.times.first_seen,
        story: stored.story,
        topics: judged.map(|c| c.topics.iter().map(|t| t.id.as_str()).collect()).unwrap_or_default(),
        flags: names,
        severity: flags.iter().map(|f| f.severity).max(),
        provinces: provinces.into_iter().collect(),
        facilities: facilities.into_iter().collect(),
        section: article.section.as_deref(),
    })
}
