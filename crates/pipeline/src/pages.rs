//! The second stage: pages of new items are fetched, extracted and stored.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use diembao_fetch::{Body, FailureClass, FetchError, Fetched, Fetcher, Purpose, Request, Validators};
use diembao_news::{ArticleId, ChannelId, Outlet, OutletId};
use diembao_store::{Added, NewArticle, Outcome, Page, PendingItem, Reading};
use futures::StreamExt;
use tokio::sync::{Semaphore, mpsc};
use tracing::Instrument;

use crate::archive::Record;
use crate::articles::{Read, read_page};
use crate::layout::watch_layouts;
use crate::{Intake, Pipeline, RunReport, Stage, StageRun};

/// Items taken from the store at a time.
const BATCH_ITEMS: usize = 4_000;
/// Articles written in one transaction.
const WRITE_ITEMS: usize = 64;
/// Between two tries of one page, times the number of tries.
const RETRY: TimeDelta = TimeDelta::minutes(10);

/// Between two looks at what other workers have not finished.
const PATIENCE: Duration = Duration::from_millis(500);

/// What became of one item, and what its page leaves behind.
struct Ended {
    channel: ChannelId,
    done: Done,
    /// Its page, as it is archived.
    record: Option<Record>,
    /// Whether a page came, and held an article's text.
    text: Option<bool>,
}

/// What became of one item.
enum Done {
    Article(Box<NewArticle>),
    Finished(ArticleId, Outcome, String),
    Later(ArticleId, DateTime<Utc>, String),
    /// It was not even tried: its host wants to be left alone.
    PutOff(ArticleId, DateTime<Utc>, String),
}

/// Fetches and stores every pending page whose time has come.
///
/// # Errors
/// Only when the store fails; a page that fails is recorded with its reason.
pub async fn fetch_pages(p: &Pipeline, intake: &Intake, report: &mut RunReport) -> anyhow::Result<()> {
    let mut run = p.progress.begin(Stage::Pages, None);
    let result = intake.holding(p, fetch_all(p, intake, &mut run, report)).await;
    let n_read = run.report.n_in;
    report.stages.insert(Stage::Pages, run.end());
    result?;
    if n_read > 0 {
        watch_layouts(p, report).await?;
    }
    Ok(())
}

async fn fetch_all(
    p: &Pipeline,
    intake: &Intake,
    run: &mut StageRun<'_>,
    report: &mut RunReport,
) -> anyhow::Result<()> {
    let outlets: Arc<HashMap<OutletId, Outlet>> =
        Arc::new(p.home.outlets.iter().map(|o| (o.id.clone(), o.clone())).collect());
    let parsers = Arc::new(Semaphore::new(std::thread::available_parallelism().map_or(2, usize::from)));
    loop {
        let batch = p.store.claim_items(&intake.claim(p), BATCH_ITEMS).await?;
        if batch.is_empty() {
            if intake.waits() && p.store.items_elsewhere(&intake.claim(p)).await? {
                tokio::time::sleep(PATIENCE).await;
                continue;
            }
            return Ok(());
        }
        run.report.n_in += batch.len() as u64;
        let (tell, told) = mpsc::channel(2 * WRITE_ITEMS);
        let worker = Worker { p, fetcher: &intake.fetcher, outlets: &outlets, parsers: &parsers, tell };
        let mut writer = Writer { p, intake, run: &mut *run, report: &mut *report };
        let (written, ()) = futures::join!(writer.write(told), worker.work(batch));
        written?;
    }
}

/// What fetching one batch needs.
struct Worker<'w> {
    p: &'w Pipeline,
    fetcher: &'w Fetcher,
    outlets: &'w Arc<HashMap<OutletId, Outlet>>,
    parsers: &'w Arc<Semaphore>,
    tell: mpsc::Sender<Ended>,
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
                    let channel = item.item.channel.clone();
                    let span = tracing::info_span!("page", outlet = %channel.outlet(), %channel, item = %item.id);
                    let ended = worker.one(item).instrument(span).await;
                    // The receiver is gone only when the store failed, which ends the stage.
                    let _ = worker.tell.send(ended).await;
                })
            })
            .await;
    }

    async fn one(&self, item: PendingItem) -> Ended {
        let channel = item.item.channel.clone();
        let without_page = |done| Ended { channel: channel.clone(), done, record: None, text: None };
        let now = self.p.clock.now();
        let max_age = TimeDelta::from_std(self.p.home.settings.collect.max_age).unwrap_or(TimeDelta::MAX);
        if item.item.published.is_some_and(|t| now - t > max_age) {
            let why = "published before collect.max_age".to_owned();
            return without_page(Done::Finished(item.id, Outcome::TooOld, why));
        }
        let Some(outlet) = self.outlets.get(&item.item.channel.outlet()) else {
            let why = "its outlet is no longer in feeds.toml".to_owned();
            return without_page(Done::Finished(item.id, Outcome::Refused, why));
        };
        let none = Validators::default();
        let request = Request { url: &item.item.url, validators: &none, purpose: Purpose::Page };
        match self.fetcher.fetch(&request).await {
            Ok(fetched) => {
                self.p.metrics.fetched(&fetched);
                self.read(item, outlet.clone(), fetched, now).await
            }
            Err(e) => {
                self.p.metrics.not_fetched(&e);
                without_page(failed(&item, &e, now, self.p.home.settings.collect.max_attempts))
            }
        }
    }

    async fn read(&self, item: PendingItem, outlet: Outlet, fetched: Fetched, now: DateTime<Utc>) -> Ended {
        let (id, channel) = (item.id, item.item.channel.clone());
        let permit = Arc::clone(self.parsers).acquire_owned().await;
        let read = tokio::task::spawn_blocking(move || {
            let _permit = permit;
            read(&item, &outlet, fetched, now)
        });
        let (done, record, text) = read.await.unwrap_or_else(|e| {
            (Done::Finished(id, Outcome::Failed, format!("reading the page failed: {e}")), None, Some(false))
        });
        Ended { channel, done, record, text }
    }
}

/// Reads a page and packs it for the archive. Work for a blocking thread.
fn read(
    item: &PendingItem,
    outlet: &Outlet,
    fetched: Fetched,
    now: DateTime<Utc>,
) -> (Done, Option<Record>, Option<bool>) {
    let Body::Bytes(body) = fetched.body else {
        let why = "answered \"not modified\" to a first request".to_owned();
        return (Done::Finished(item.id, Outcome::Failed, why), None, None);
    };
    let (status, content_type) = (fetched.status, fetched.content_type);
    let page = Page { url: fetched.url.as_str().to_owned(), fetched_at: now, status, content_type, body };
    let record = Some(Record::of(&page));
    let html = diembao_fetch::decode(&page.body, page.content_type.as_deref()).text;
    match read_page(item, outlet, &fetched.url, &html, now) {
        Read::Other(kind) => {
            (Done::Finished(item.id, Outcome::NotAnArticle, kind.as_str().to_owned()), record, Some(false))
        }
        Read::Article(article, stated) => {
            let new = NewArticle { article: *article, item: Some(item.id), page: Some(page), read: Some(stated) };
            (Done::Article(Box::new(new)), record, Some(true))
        }
    }
}

fn failed(item: &PendingItem, e: &FetchError, now: DateTime<Utc>, max_attempts: u32) -> Done {
    let attempts = item.attempts + 1;
    let reason = e.to_string();
    let asked = e.retry_after().and_then(|d| TimeDelta::from_std(d).ok()).unwrap_or_default();
    if e.kind() == "held-off" {
        return Done::PutOff(item.id, now + asked.max(TimeDelta::seconds(1)), reason);
    }
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
    let backoff = RETRY * i32::try_from(attempts).unwrap_or(i32::MAX);
    Done::Later(item.id, now + backoff.max(asked), reason)
}

/// Writes what was done, a transaction a batch.
struct Writer<'w, 'r> {
    p: &'w Pipeline,
    intake: &'w Intake,
    run: &'w mut StageRun<'r>,
    report: &'w mut RunReport,
}

impl Writer<'_, '_> {
    async fn write(&mut self, mut told: mpsc::Receiver<Ended>) -> anyhow::Result<()> {
        let mut batch = Vec::with_capacity(WRITE_ITEMS);
        while told.recv_many(&mut batch, WRITE_ITEMS).await > 0 {
            // Let a batch fill: one transaction costs the same for one article and for sixty.
            while batch.len() < WRITE_ITEMS {
                match tokio::time::timeout(Duration::from_millis(100), told.recv()).await {
                    Ok(Some(ended)) => batch.push(ended),
                    Ok(None) | Err(_) => break,
                }
            }
            self.run.advance(batch.len() as u64);
            self.write_batch(std::mem::take(&mut batch)).await?;
        }
        Ok(())
    }

    async fn write_batch(&mut self, mut batch: Vec<Ended>) -> anyhow::Result<()> {
        let records: Vec<Record> = batch.iter_mut().filter_map(|ended| ended.record.take()).collect();
        self.intake.keep(self.p, &records, self.report);
        let readings = readings(&batch);
        let mut articles = Vec::new();
        let mut finished = Vec::new();
        for Ended { channel, done, .. } in batch {
            match done {
                Done::Article(article) => articles.push((channel, *article)),
                Done::Finished(id, outcome, reason) => {
                    self.tell(&channel, id, outcome.as_str(), &reason);
                    self.run.report.count(outcome.as_str(), 1);
                    finished.push((id, outcome, reason));
                }
                Done::Later(id, at, reason) => {
                    self.tell(&channel, id, "later", &reason);
                    self.run.report.count("to be tried again", 1);
                    self.p.store.retry_item(id, at, &reason).await?;
                }
                Done::PutOff(id, at, reason) => {
                    self.tell(&channel, id, "put-off", &reason);
                    self.run.report.count("put off", 1);
                    self.p.store.put_off_item(id, at, &reason).await?;
                }
            }
        }
        self.add(articles).await?;
        if !finished.is_empty() {
            self.p.store.finish_items(&finished, self.p.clock.now()).await?;
        }
        if !readings.is_empty() {
            self.p.store.record_reading(&readings).await?;
        }
        Ok(())
    }

    async fn add(&mut self, articles: Vec<(ChannelId, NewArticle)>) -> anyhow::Result<()> {
        if articles.is_empty() {
            return Ok(());
        }
        let (channels, articles): (Vec<_>, Vec<_>) = articles.into_iter().unzip();
        let added = self.p.store.add_articles(&articles).await?;
        self.p.wake.articles.notify_one();
        self.p.indexing.tell();
        for ((channel, new), added) in channels.iter().zip(&articles).zip(&added) {
            let outcome = if *added == Added::New { Outcome::Article } else { Outcome::Duplicate };
            self.tell(channel, new.item.unwrap_or(new.article.id), outcome.as_str(), "");
        }
        let n_new = added.iter().filter(|a| **a == Added::New).count() as u64;
        self.run.report.n_out += n_new;
        self.run.report.count("known already", added.len() as u64 - n_new);
        Ok(())
    }

    /// The one line and the one count of how an item ended.
    fn tell(&self, channel: &ChannelId, id: ArticleId, outcome: &str, reason: &str) {
        self.p.metrics.item(outcome);
        tracing::info!(outlet = %channel.outlet(), %channel, item = %id, outcome, reason, "item");
    }
}

/// How the pages of each channel could be read, in the order they came.
fn readings(batch: &[Ended]) -> Vec<(ChannelId, Reading)> {
    let mut by_channel: BTreeMap<&ChannelId, Reading> = BTreeMap::new();
    for ended in batch {
        let Some(text) = ended.text else { continue };
        let reading = by_channel.entry(&ended.channel).or_insert(Reading::Misses(0));
        *reading = match (*reading, text) {
            (_, true) => Reading::Text { then_misses: 0 },
            (Reading::Misses(n), false) => Reading::Misses(n + 1),
            (Reading::Text { then_misses }, false) => Reading::Text { then_misses: then_misses + 1 },
        };
    }
    by_channel.into_iter().map(|(channel, reading)| (channel.clone(), reading)).collect()
}
