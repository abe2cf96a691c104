//! What the search index has to take up. Each article carries a version that rises with every
//! change of it and the version the index holds; the two differ until the index is told.

use diembao_news::ArticleId;

use crate::sql::{args, limit};
use crate::{Store, StoreError, StoredArticle};

const BATCH: &str = "SELECT id, version FROM articles WHERE indexed < version ORDER BY id LIMIT $1";
const MARK: &str = "UPDATE articles SET indexed = given.column2 FROM (VALUES {rows}) AS given
    WHERE articles.id = given.column1 AND articles.indexed < given.column2";
const ALL: &str = "UPDATE articles SET indexed = 0 WHERE indexed > 0";
const WAITING: &str = "SELECT COUNT(*) FROM articles WHERE indexed < version";

impl Store {
    /// Articles that changed since the index took them up, with the version to mark.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn index_batch(&self, n_max: usize) -> Result<Vec<(StoredArticle, i64)>, StoreError> {
        // The version is read before the content: content may then be newer than its version, never older.
        let rows = self.fetch(BATCH, args![limit(n_max)]).await?;
        let mut ids = Vec::with_capacity(rows.len());
        let mut versions = std::collections::HashMap::with_capacity(rows.len());
        for row in &rows {
            let id: i64 = self.get(row, 0)?;
            ids.push(id);
            versions.insert(id, self.get::<i64>(row, 1)?);
        }
        let articles = self.load(&ids).await?;
        Ok(articles.into_iter().filter_map(|a| versions.get(&a.article.id.as_i64()).map(|v| (a, *v))).collect())
    }

    /// Records that the index holds these versions. What changed meanwhile stays in the queue.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub async fn mark_indexed(&self, articles: &[(ArticleId, i64)]) -> Result<(), StoreError> {
        if articles.is_empty() {
            return Ok(());
        }
        let mut sorted = articles.to_vec();
        sorted.sort_unstable();
        let mut tx = self.begin().await?;
        let rows = sorted.into_iter().map(|(id, version)| args![id, version]).collect();
        self.execute_rows(&mut tx, MARK, rows).await?;
        self.commit(tx).await
    }

    /// Queues every article, for an index that is built anew; how many.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub async fn queue_all_for_index(&self) -> Result<u64, StoreError> {
        let mut tx = self.begin().await?;
        let n = self.execute(&mut tx, ALL, args![]).await?;
        self.commit(tx).await?;
        Ok(n)
    }

    /// How many articles the index has still to take up.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn waiting_for_index(&self) -> Result<i64, StoreError> {
        let rows = self.fetch(WAITING, args![]).await?;
        rows.first().map_or(Ok(0), |row| self.get(row, 0))
    }
}
