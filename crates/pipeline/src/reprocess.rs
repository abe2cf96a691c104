//! Extraction run again over what was fetched before, without the network: from the pages in the store, and from
//! the archive for what the store no longer has or never took for an article.

use std::collections::{BTreeMap, HashMap};

use chrono::{DateTime, Utc};
use chrono_tz::Asia::Ho_Chi_Minh;
use diembao_extract::{PageContext, PageKind};
use diembao_news::{ArticleId, ArticleText, CanonicalUrl, Outlet, OutletId};
use diembao_store::{NewArticle, Page, PendingItem, StoredArticle};
use tokio::sync::mpsc;

use crate::articles::{Read, read_page};
use crate::poll::zone_of;
use crate::{Archive, Pipeline};

const BATCH: usize = 200;

/// What another extraction changed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Reextracted {
    /// Articles that say something else now.
    pub n_changed: u64,
    /// Pages that were no articles before and are now.
    pub n_new: u64,
    /// Articles whose page is neither in the store nor in the archive.
    pub n_without_page: u64,
}

/// Extracts again everything first seen since a time.
///
/// # Errors
/// When the store fails or the archive cannot be read.
pub async fn reextract(p: &Pipeline, archive: &Archive, since: DateTime<Utc>) -> anyhow::Result<Reextracted> {
    let outlets: HashMap<&OutletId, &Outlet> = p.home.outlets.iter().map(|o| (&o.id, o)).collect();
    let mut done = Reextracted::default();
    let mut wanted: BTreeMap<ArticleId, Wanted> = BTreeMap::new();
    let mut after = None;
    loop {
        let stored = p.store.articles_page(after, BATCH).await?;
        let Some(last) = stored.last() else { break };
        after = Some(last.article.id);
        for old in stored.into_iter().filter(|s| s.article.times.first_seen >= since) {
            match p.store.page(old.article.id).await? {
                Some(page) => done.n_changed += again(p, &outlets, &old, &page).await?,
                None if old.article.url.is_some() => {
                    wanted.insert(old.article.id, Wanted::Article(Box::new(old)));
                }
                None => {}
            }
        }
    }
    for item in p.store.items_not_articles(since).await? {
        wanted.entry(item.id).or_insert(Wanted::Item(Box::new(item)));
    }
    from_archive(p, archive, since, (&outlets, wanted), &mut done).await?;
    Ok(done)
}

/// What a page is looked for in the archive for.
enum Wanted {
    Article(Box<StoredArticle>),
    Item(Box<PendingItem>),
}

async fn from_archive(
    p: &Pipeline,
    archive: &Archive,
    since: DateTime<Utc>,
    (outlets, mut wanted): (&HashMap<&OutletId, &Outlet>, BTreeMap<ArticleId, Wanted>),
    done: &mut Reextracted,
) -> anyhow::Result<()> {
    if wanted.is_empty() {
        return Ok(());
    }
    let from = since.with_timezone(&Ho_Chi_Minh).date_naive();
    let (tell, mut told) = mpsc::channel(16);
    let archive = archive.reader();
    let reading = tokio::task::spawn_blocking(move || {
        archive.read(from, |page| {
            // The receiver is gone when the store has failed.
            let _ = tell.blocking_send(page);
        })
    });
    while let Some(page) = told.recv().await {
        let Some(id) = CanonicalUrl::parse(&page.url).ok().map(|url| ArticleId::of_url(&url)) else { continue };
        match wanted.remove(&id) {
            Some(Wanted::Article(old)) => done.n_changed += again(p, outlets, &old, &page).await?,
            Some(Wanted::Item(item)) => done.n_new += rescued(p, outlets, &item, page).await?,
            None => {}
        }
    }
    let met = reading.await??;
    if met.n_damaged > 0 {
        tracing::warn!("archive: {} damaged places were passed over", met.n_damaged);
    }
    done.n_without_page = wanted.values().filter(|w| matches!(w, Wanted::Article(_))).count() as u64;
    Ok(())
}

/// Extracts an article again; 1 when it says something else.
async fn again(
    p: &Pipeline,
    outlets: &HashMap<&OutletId, &Outlet>,
    old: &StoredArticle,
    page: &Page,
) -> anyhow::Result<u64> {
    let (Some(outlet), Some(url)) = (outlets.get(&old.article.outlet), &old.article.url) else { return Ok(0) };
    let context = PageContext { url, rules: &outlet.extract, zone: zone_of(outlet), now: page.fetched_at };
    let html = diembao_fetch::decode(&page.body, page.content_type.as_deref()).text;
    let read = diembao_extract::extract(&html, &context);
    if read.kind != PageKind::Article || read.title.is_empty() {
        return Ok(0);
    }
    let mut article = old.article.clone();
    article.text = ArticleText { title: read.title, lead: read.lead, body: read.body };
    article.authors = read.authors;
    if article.text == old.article.text {
        return Ok(0);
    }
    p.store.replace_text(&article).await?;
    Ok(1)
}

/// Reads a page again that was no article; 1 when it is one now.
async fn rescued(
    p: &Pipeline,
    outlets: &HashMap<&OutletId, &Outlet>,
    item: &PendingItem,
    page: Page,
) -> anyhow::Result<u64> {
    let Some(outlet) = outlets.get(&item.item.channel.outlet()) else { return Ok(0) };
    let url = CanonicalUrl::parse(&page.url)?;
    let html = diembao_fetch::decode(&page.body, page.content_type.as_deref()).text;
    let Read::Article(article, stated) = read_page(item, outlet, &url, &html, page.fetched_at) else { return Ok(0) };
    p.store.reopen_item(item.id).await?;
    let new = NewArticle { article: *article, item: Some(item.id), page: Some(page), read: Some(stated) };
    let added = p.store.add_articles(&[new]).await?;
    Ok(added.iter().filter(|a| **a == diembao_store::Added::New).count() as u64)
}
