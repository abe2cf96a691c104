//! The second stage: pages of new items are fetched, extracted and stored.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use diembao_fetch::{Body, FailureClass, FetchError, Fetched, Fetcher, Purpose, Request, Validators};
use diembao_news::{ArticleId, Outlet, OutletId};
use diembao_store::{Added, NewArticle, Outcome, Page, PendingItem};
use futures::StreamExt;
use tokio::sync::{Semaphore, mpsc};

use crate::articles::{Read, read_page};
use crate::layout::watch_layouts;
use crate::{Pipeline, RunReport, Stage, StageReport, StageRun};

/// Items taken from the store at a time.
const BATCH_ITEMS: usize = 4_000;
/// Articles written in one transaction.
const WRITE_ITEMS: usize = 64;
/// Between two tries of one page, times the number of tries.
const RETRY: TimeDelta = TimeDelta::minutes(10);

/// What became of one item.
enum Done {
    Article(Box<NewArticle>),
    Finished(ArticleId, Outcome, String),
    Later(ArticleId, DateTime<Utc>, String),
}

/// Fetches and stores every pending page whose time has come.
///
/// # Errors
/// Only when the store fails; a page that fails is recorded with its reason.
pub async fn fetch_pages(p: &Pipeline, fetcher: &Fetcher, report: &mut RunReport) -> anyhow::Result<()> {
    let outlets: Arc<HashMap<OutletId, Outlet>> =
        Arc::new(p.home.outlets.iter().map(|o| (o.id.clone(), o.clone())).collect());
    let mut run = p.progress.begin(Stage::Pages, None);
    let parsers = Arc::new(Semaphore::new(std::thread::available_parallelism().map_or(2, usize::from)));
    loop {
        let batch = p.store.pending_items(p.clock.now(), BATCH_ITEMS).await?;
        if batch.is_empty() {
            break;
        }
        run.report.n_in += batch.len() as u64;
        let (tell, told) = mpsc::channel(2 * WRITE_ITEMS);
        let worker = Worker { p, fetcher, outlets: &outlets, parsers: &parsers, tell };
        let (written, ()) = futures::join!(write(p, told, &mut run), worker.work(batch));
        written?;
    }
    let n_read = run.report.n_in;
    report.stages.insert(Stage::Pages, run.end());
    if n_read > 0 {
        watch_layouts(p, report).await?;
    }
    Ok(())
}

/// What fetching one batch needs.
struct Worker<'w> {
    p: &'w Pipeline,
    fetcher: &'w Fetcher,
    outlets: &'w Arc<HashMap<OutletId, Outlet>>,
    parsers: &'w Arc<Semaphore>,
    tell: mpsc::Sender<Done>,
}

impl Worker<'_> {
    /// Fetches host by host, so that a slow host holds up only its own pages.
    async fn work(self, batch: Vec<PendingItem>) {
        let mut hosts: BTreeMap<String, Vec<PendingItem>> = BTreeMap::new();
        for item in batch {
            hosts.entry(item.item.url.host().to_owned()).or_default().push(item);
        }
        let pace = &self.p.home.settings.collect.pace;
        let worker = &self;
        futures::stream::iter(hosts.into_values())
            .for_each_concurrent(pace.concurrency, |items| {
                futures::stream::iter(items).for_each_concurrent(pace.host_concurrency, |item| async move {
                    let done = worker.one(item).await;
                    // The receiver is gone only when the store failed, which ends the stage.
                    let _ = worker.tell.send(done).await;
                })
            })
            .await;
    }

    async fn one(&self, item: PendingItem) -> Done {
        let now = self.p.clock.now();
        let max_age = TimeDelta::from_std(self.p.home.settings.collect.max_age).unwrap_or(TimeDelta::MAX);
        if item.item.published.is_some_and(|t| now - t > max_age) {
            return Done::Finished(item.id, Outcome::TooOld, "published before collect.max_age".to_owned());
        }
        let Some(outlet) = self.outlets.get(&item.item.channel.outlet()) else {
            return Done::Finished(item.id, Outcome::Refused, "its outlet is no longer in feeds.toml".to_owned());
        };
        let none = Validators::default();
        let request = Request { url: &item.item.url, validators: &none, purpose: Purpose::Page };
        match self.fetcher.fetch(&request).await {
            Ok(fetched) => self.read(item, outlet.clone(), fetched, now).await,
            Err(e) => failed(&item, &e, now, self.p.home.settings.collect.max_attempts),
        }
    }

    async fn read(&self, item: PendingItem, outlet: Outlet, fetched: Fetched, now: DateTime<Utc>) -> Done {
        let id = item.id;
        let permit = Arc::clone(self.parsers).acquire_owned().await;
        let read = tokio::task::spawn_blocking(move || {
            let _permit = permit;
            let Body::Bytes(bytes) = fetched.body else {
                return Done::Finished(
                    item.id,
                    Outcome::Failed,
                    "answered \"not modified\" to a first request".to_owned(),
                );
            };
            let html = diembao_fetch::decode(&bytes, fetched.content_type.as_deref()).text;
            match read_page(&item, &outlet, &fetched.url, &html, now) {
                Read::Other(kind) => Done::Finished(item.id, Outcome::NotAnArticle, kind.as_str().to_owned()),
                Read::Article(article, stated) => Done::Article(Box::new(NewArticle {
                    article: *article,
                    item: Some(item.id),
                    page: Some(Page {
                        url: fetched.url.as_str().to_owned(),
                        fetched_at: now,
                        status: fetched.status,
                        content_type: fetched.content_type,
                        body: bytes,
                    }),
                    read: Some(stated),
                })),
            }
        });
        read.await.unwrap_or_else(|e| Done::Finished(id, Outcome::Failed, format!("reading the page failed: {e}")))
    }
}

fn failed(item: &PendingItem, e: &FetchError, now: DateTime<Utc>, max_attempts: u32) -> Done {
    let attempts = item.attempts + 1;
    let reason = e.to_string();
    match e.status() {
        Some(404 | 410) => return Done::Finished(item.id, Outcome::Gone, reason),
        _ if matches!(&*e.kind(), "robots" | "private-address" | "challenge" | "bad-address") => {
            return Done::Finished(item.id, Outcome::Refused, reason);
        }
        _ => {}
    }
    if e.class() == FailureClass::Hard || attempts >= max_attempts {
        return Done::Finished(item.id, Outcome::Failed, reason);
    }
    let asked = e.retry_after().and_then(|d| TimeDelta::from_std(d).ok()).unwrap_or_default();
    let backoff = RETRY * i32::try_from(attempts).unwrap_or(i32::MAX);
    Done::Later(item.id, now + backoff.max(asked), reason)
}

/// Writes what was done, a transaction a batch.
async fn write(p: &Pipeline, mut told: mpsc::Receiver<Done>, run: &mut StageRun<'_>) -> anyhow::Result<()> {
    let mut batch = Vec::with_capacity(WRITE_ITEMS);
    while told.recv_many(&mut batch, WRITE_ITEMS).await > 0 {
        // Let a batch fill: one transaction costs the same for one article and for sixty.
        while batch.len() < WRITE_ITEMS {
            match tokio::time::timeout(std::time::Duration::from_millis(100), told.recv()).await {
                Ok(Some(done)) => batch.push(done),
                Ok(None) | Err(_) => break,
            }
        }
        run.advance(batch.len() as u64);
        write_batch(p, std::mem::take(&mut batch), &mut run.report).await?;
    }
    Ok(())
}

async fn write_batch(p: &Pipeline, batch: Vec<Done>, report: &mut StageReport) -> anyhow::Result<()> {
    let mut articles = Vec::new();
    let mut finished = Vec::new();
    for done in batch {
        match done {
            Done::Article(article) => articles.push(*article),
            Done::Finished(id, outcome, reason) => {
                report.count(outcome.as_str(), 1);
                finished.push((id, outcome, reason));
            }
            Done::Later(id, at, reason) => {
                report.count("to be tried again", 1);
                p.store.retry_item(id, at, &reason).await?;
            }
        }
    }
    if !articles.is_empty() {
        let added = p.store.add_articles(&articles).await?;
        p.wake.articles.notify_one();
        let n_new = added.iter().filter(|a| **a == Added::New).count() as u64;
        report.n_out += n_new;
        report.count("known already", added.len() as u64 - n_new);
    }
    if !finished.is_empty() {
        p.store.finish_items(&finished, p.clock.now()).await?;
    }
    Ok(())
}

/// Extracts stored articles again from their archived pages, since a time. Returns how many changed.
///
/// # Errors
/// When the store fails.
pub async fn reextract(p: &Pipeline, since: DateTime<Utc>) -> anyhow::Result<u64> {
    let outlets: HashMap<&OutletId, &Outlet> = p.home.outlets.iter().map(|o| (&o.id, o)).collect();
    let mut after = None;
    let mut n_changed = 0;
    loop {
        let stored = p.store.articles_page(after, 200).await?;
        let Some(last) = stored.last() else {
            return Ok(n_changed);
        };
        after = Some(last.article.id);
        for old in stored.into_iter().filter(|s| s.article.times.first_seen >= since) {
            let Some(outlet) = outlets.get(&old.article.outlet) else {
                continue;
            };
            let (Some(page), Some(url)) = (p.store.page(old.article.id).await?, old.article.url.clone()) else {
                continue;
            };
            let context = diembao_extract::PageContext {
                url: &url,
                rules: &outlet.extract,
                zone: crate::poll::zone_of(outlet),
                now: page.fetched_at,
            };
            let html = diembao_fetch::decode(&page.body, page.content_type.as_deref()).text;
            let read = diembao_extract::extract(&html, &context);
            let mut article = old.article.clone();
            if read.kind == diembao_extract::PageKind::Article && !read.title.is_empty() {
                article.text = diembao_news::ArticleText { title: read.title, lead: read.lead, body: read.body };
                article.authors = read.authors;
            }
            if article.text != old.article.text {
                p.store.replace_text(&article).await?;
                n_changed += 1;
            }
        }
    }
}
