//! The index on disk: opening, writing, rebuilding.

use std::path::Path;

use diembao_news::ArticleId;

use crate::{Answer, Hit, IndexDoc, Query, SearchError, Synonyms};

/// An open index.
#[derive(Debug)]
pub struct Index {}

/// Writes to an open index; one at a time.
#[derive(Debug)]
pub struct Writer {}

/// A new index being built beside the old one.
#[derive(Debug)]
pub struct Rebuild {}

impl Index {
    /// Opens the index in a folder; makes an empty one when there is none.
    ///
    /// # Errors
    /// See [`SearchError`].
    pub fn open(_dir: &Path) -> Result<Self, SearchError> {
        Ok(Self {})
    }

    /// Begins a new index beside the one in a folder.
    ///
    /// # Errors
    /// See [`SearchError`].
    pub fn rebuild(_dir: &Path) -> Result<Rebuild, SearchError> {
        Ok(Rebuild {})
    }

    /// The same index, using these synonyms in queries.
    #[must_use]
    pub fn with_synonyms(self, _synonyms: Synonyms) -> Self {
        self
    }

    /// The right to write.
    ///
    /// # Errors
    /// [`SearchError::Locked`] when another process has it.
    pub fn writer(&self) -> Result<Writer, SearchError> {
        Ok(Writer {})
    }

    /// Answers a question.
    ///
    /// # Errors
    /// Only when the index itself cannot be read; a query is never an error.
    pub fn search(&self, _query: &Query) -> Result<Answer, SearchError> {
        Ok(Answer::default())
    }

    /// The articles most like one, best first, without it.
    ///
    /// # Errors
    /// When the index cannot be read.
    pub fn similar(&self, _id: ArticleId, _limit: usize) -> Result<Vec<Hit>, SearchError> {
        Ok(Vec::new())
    }

    /// The ids of all articles, ascending.
    ///
    /// # Errors
    /// When the index cannot be read.
    pub fn ids(&self) -> Result<Vec<ArticleId>, SearchError> {
        Ok(Vec::new())
    }

    /// How many articles there are.
    ///
    /// # Errors
    /// When the index cannot be read.
    pub fn count(&self) -> Result<u64, SearchError> {
        Ok(0)
    }
}

impl Writer {
    /// Adds an article, replacing the one with its id.
    ///
    /// # Errors
    /// When the index cannot be written.
    pub fn put(&mut self, _doc: &IndexDoc<'_>) -> Result<(), SearchError> {
        Ok(())
    }

    /// Removes an article.
    ///
    /// # Errors
    /// When the index cannot be written.
    pub fn remove(&mut self, _id: ArticleId) -> Result<(), SearchError> {
        Ok(())
    }

    /// Makes everything since the last commit durable and visible.
    ///
    /// # Errors
    /// When the index cannot be written.
    pub fn commit(&mut self) -> Result<(), SearchError> {
        Ok(())
    }
}

impl Rebuild {
    /// Adds an article.
    ///
    /// # Errors
    /// When the index cannot be written.
    pub fn add(&mut self, _doc: &IndexDoc<'_>) -> Result<(), SearchError> {
        Ok(())
    }

    /// Puts the new index in the place of the old one, at once.
    ///
    /// # Errors
    /// When the index cannot be written.
    pub fn finish(self) -> Result<(), SearchError> {
        Ok(())
    }
}
