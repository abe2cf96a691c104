//! From an item and its page to an article, or to the reason why it is none.

use chrono::{DateTime, Utc};
use diembao_extract::{Extraction, PageContext, PageKind};
use diembao_news::{Article, ArticleId, ArticleText, ArticleTimes, CanonicalUrl, Outlet, TimeSource};
use diembao_store::{LayoutCount, PendingItem};

use crate::poll::zone_of;

/// What a page turned out to be.
#[derive(Debug)]
pub(crate) enum Read {
    /// An article, and what its page stated of it.
    Article(Box<Article>, Vec<LayoutCount>),
    /// Something else, named.
    Other(PageKind),
}

/// Extracts the article from an item's page. Work for a blocking thread.
pub(crate) fn read_page(
    item: &PendingItem,
    outlet: &Outlet,
    url: &CanonicalUrl,
    html: &str,
    now: DateTime<Utc>,
) -> Read {
    let context = PageContext { url, rules: &outlet.extract, zone: zone_of(outlet), now };
    let read = diembao_extract::extract(html, &context);
    if read.kind != PageKind::Article {
        return Read::Other(read.kind);
    }
    for problem in &read.problems {
        tracing::debug!(%url, outlet = %outlet.id, problem, "extraction");
    }
    let stated = stated(&read);
    Read::Article(Box::new(article(item, outlet, url, read, now)), stated)
}

fn stated(read: &Extraction) -> Vec<LayoutCount> {
    let fields = [
        (LayoutCount::Title, !read.title.is_empty()),
        (LayoutCount::Lead, !read.lead.is_empty()),
        (LayoutCount::Authors, !read.authors.is_empty()),
        (LayoutCount::Published, read.published.as_ref().is_some_and(|p| p.from != "url")),
    ];
    fields.into_iter().filter_map(|(field, is_stated)| is_stated.then_some(field)).collect()
}

fn article(
    item: &PendingItem,
    outlet: &Outlet,
    fetched: &CanonicalUrl,
    read: Extraction,
    now: DateTime<Utc>,
) -> Article {
    let url = canonical(&item.item.url, fetched, read.canonical.as_ref()).clone();
    let title = if read.title.is_empty() { item.item.title.clone() } else { read.title.clone() };
    Article {
        id: ArticleId::of_url(&url),
        reference: None,
        outlet: outlet.id.clone(),
        times: times(item, &read, now),
        text: ArticleText { title, lead: read.lead, body: read.body },
        authors: read.authors,
        image: read.image,
        section: read.section,
        lang: read.lang,
        url: Some(url),
    }
}

/// The address the page calls its own counts only on the host it came from: a page cannot take
/// another outlet's place.
fn canonical<'a>(
    item: &'a CanonicalUrl,
    fetched: &'a CanonicalUrl,
    stated: Option<&'a CanonicalUrl>,
) -> &'a CanonicalUrl {
    let site = |url: &CanonicalUrl| url.key().split(['/', '?']).next().map(str::to_owned);
    let is_home = |url: &CanonicalUrl| url.path() == "/" && !url.key().contains('?');
    match stated {
        Some(stated) if site(stated) == site(item) && !is_home(stated) => stated,
        _ if site(fetched) == site(item) && !is_home(fetched) => fetched,
        _ => item,
    }
}

fn times(item: &PendingItem, read: &Extraction, now: DateTime<Utc>) -> ArticleTimes {
    let believable = |t: &DateTime<Utc>| diembao_news::dates::believable(*t, now);
    let stated = read.published.as_ref().filter(|s| believable(&s.at));
    let (published, published_source) = match (stated, item.item.published.filter(believable)) {
        (Some(s), _) if s.zoned => (s.at, TimeSource::Page),
        (Some(s), _) => (s.at, TimeSource::PageWithoutZone),
        (None, Some(t)) => (t, TimeSource::Channel),
        (None, None) => (item.first_seen, TimeSource::FirstSeen),
    };
    let modified = read.modified.as_ref().map(|s| s.at).filter(believable);
    ArticleTimes { published, published_source, modified, first_seen: item.first_seen }
}
