//! Articles: adding them in batches, reading them back with all that is decided of them.

use std::collections::HashSet;

use diembao_news::{Article, ArticleId, CanonicalUrl, Classification, StoryId};

use crate::items::{FINISH, Outcome};
use crate::layouts::LayoutCount;
use crate::pages;
use crate::sql::{Arg, args, limit};
use crate::store::Tx;
use crate::{Page, Store, StoreError};

/// An article to be stored.
#[derive(Debug, Clone)]
pub struct NewArticle {
    /// The article.
    pub article: Article,
    /// The item it came from; none for imported ones.
    pub item: Option<ArticleId>,
    /// The page it was read from.
    pub page: Option<Page>,
    /// What that page stated; none where no page was read.
    pub read: Option<Vec<LayoutCount>>,
}

/// What became of an article that was to be stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Added {
    /// It was not there.
    New,
    /// It was there, and stays as it was.
    Known,
}

/// An article with all that is decided of it.
#[derive(Debug, Clone)]
pub struct StoredArticle {
    /// The article.
    pub article: Article,
    /// What the rules say; none: not asked yet.
    pub classification: Option<Classification>,
    /// Its story; none: not grouped yet.
    pub story: Option<StoryId>,
}

const INSERT: &str = "INSERT INTO articles (id, outlet, reference, published, first_seen, health, health_score,
    version, indexed) VALUES {rows} ON CONFLICT (id) DO NOTHING RETURNING id";
const INSERT_TEXTS: &str = "INSERT INTO texts (article_id, url, title, lead, body, authors, published_source, modified,
    image, section, lang) VALUES {rows} ON CONFLICT (article_id) DO NOTHING";
const BY_REFERENCE: &str = "SELECT id FROM articles WHERE reference = $1 ORDER BY first_seen DESC, id LIMIT 1";
const PAGE: &str = "SELECT id FROM articles WHERE id > $1 ORDER BY id LIMIT $2";

impl Store {
    /// Stores articles with their pages, ends their items and queues them for the index, in one
    /// transaction. One answer for each, in order; an article that is there stays as it was, and
    /// its item ends as a duplicate.
    ///
    /// # Errors
    /// When the store cannot be written: then none is stored.
    pub async fn add_articles(&self, articles: &[NewArticle]) -> Result<Vec<Added>, StoreError> {
        if articles.is_empty() {
            return Ok(Vec::new());
        }
        let page_rows = pages::rows(first_pages(articles)).await?;
        let mut tx = self.begin().await?;
        let mut new = self.insert_articles(&mut tx, articles).await?;
        self.count_layouts(&mut tx, articles, &new).await?;
        let kept = page_rows.into_iter().filter(|row| matches!(row[0], Arg::Int(Some(id)) if new.contains(&id)));
        self.execute_rows(&mut tx, pages::INSERT, kept.collect()).await?;
        let added: Vec<Added> = articles
            .iter()
            .map(|a| if new.remove(&a.article.id.as_i64()) { Added::New } else { Added::Known })
            .collect();
        self.end_items(&mut tx, articles, &added).await?;
        self.commit(tx).await?;
        Ok(added)
    }

    /// The article with an id.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn article(&self, id: ArticleId) -> Result<Option<StoredArticle>, StoreError> {
        Ok(self.load(&[id.as_i64()]).await?.pop())
    }

    /// The articles with these ids, in this order; those that are not there are left out.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn articles(&self, ids: &[ArticleId]) -> Result<Vec<StoredArticle>, StoreError> {
        let ids: Vec<i64> = ids.iter().map(|id| id.as_i64()).collect();
        self.load(&ids).await
    }

    /// The article an importer calls by this name; of several outlets' the last stored.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn article_by_reference(&self, reference: &str) -> Result<Option<StoredArticle>, StoreError> {
        let rows = self.fetch(BY_REFERENCE, args![reference]).await?;
        match rows.first() {
            Some(row) => self.article(self.article_id(row, 0)?).await,
            None => Ok(None),
        }
    }

    /// The article at a URL, in any of its forms.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn article_by_url(&self, url: &CanonicalUrl) -> Result<Option<StoredArticle>, StoreError> {
        self.article(ArticleId::of_url(url)).await
    }

    /// The next articles by id, for going through all of them.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn articles_page(
        &self,
        after: Option<ArticleId>,
        n_max: usize,
    ) -> Result<Vec<StoredArticle>, StoreError> {
        let after = after.map_or(-1, ArticleId::as_i64);
        let rows = self.fetch(PAGE, args![after, limit(n_max)]).await?;
        let ids: Vec<i64> = rows.iter().map(|row| self.get(row, 0)).collect::<Result<_, _>>()?;
        self.load(&ids).await
    }

    async fn insert_articles(&self, tx: &mut Tx, articles: &[NewArticle]) -> Result<HashSet<i64>, StoreError> {
        let mut sorted: Vec<&Article> = articles.iter().map(|a| &a.article).collect();
        // Stable: of two with one id the first is stored. The order keeps two processes from a deadlock.
        sorted.sort_by_key(|a| a.id);
        sorted.dedup_by_key(|a| a.id);
        let rows = sorted.iter().map(|a| article_row(a)).collect();
        let new = self.returning_rows(tx, INSERT, rows).await?;
        let new: HashSet<i64> = new.iter().map(|row| self.get(row, 0)).collect::<Result<_, _>>()?;
        let texts = sorted.iter().filter(|a| new.contains(&a.id.as_i64())).map(|a| text_row(a)).collect();
        self.execute_rows(tx, INSERT_TEXTS, texts).await?;
        Ok(new)
    }

    async fn end_items(&self, tx: &mut Tx, articles: &[NewArticle], added: &[Added]) -> Result<(), StoreError> {
        let mut rows: Vec<(ArticleId, Vec<Arg>)> = articles
            .iter()
            .zip(added)
            .filter_map(|(new, added)| {
                let item = new.item?;
                let (outcome, reason) = match added {
                    Added::New => (Outcome::Article, String::new()),
                    Added::Known => (Outcome::Duplicate, format!("article {} was already stored", new.article.id)),
                };
                Some((item, args![item, outcome.as_str(), reason, new.article.times.first_seen]))
            })
            .collect();
        rows.sort_by_key(|(id, _)| *id);
        rows.dedup_by_key(|(id, _)| *id);
        self.execute_rows(tx, FINISH, rows.into_iter().map(|(_, row)| row).collect()).await?;
        Ok(())
    }
}

fn first_pages(articles: &[NewArticle]) -> Vec<(ArticleId, Page)> {
    let mut seen = HashSet::new();
    articles
        .iter()
        .filter(|a| seen.insert(a.article.id))
        .filter_map(|a| a.page.clone().map(|page| (a.article.id, page)))
        .collect()
}

fn article_row(a: &Article) -> Vec<Arg> {
    args![
        a.id,
        a.outlet.as_str(),
        a.reference.as_deref(),
        a.times.published,
        a.times.first_seen,
        0_i64,
        0.0_f64,
        1_i64,
        0_i64,
    ]
}

fn text_row(a: &Article) -> Vec<Arg> {
    let authors = serde_json::to_string(&a.authors).expect("a list of texts is JSON");
    args![
        a.id,
        a.url.as_ref().map(CanonicalUrl::as_str),
        a.text.title.as_str(),
        a.text.lead.as_str(),
        a.text.body.as_str(),
        authors,
        a.times.published_source.as_str(),
        a.times.modified,
        a.image.as_deref(),
        a.section.as_deref(),
        a.lang.as_str(),
    ]
}
