//! Writing: one article at a time, or a whole new index.

use std::fmt;
use std::path::{Path, PathBuf};
use std::thread::available_parallelism;

use diembao_news::{ArticleId, ArticleText};
use tantivy::indexer::NoMergePolicy;
use tantivy::schema::TantivyDocument;
use tantivy::{IndexWriter, Term};

use crate::filters::number;
use crate::folder::{self, Open, WriteLock};
use crate::schema::{Fields, schema};
use crate::{IndexDoc, SearchError, analysis, severity};

/// Bytes of memory of a writing thread.
const MEMORY: usize = 50_000_000;
/// Threads of a rebuild.
const MAX_THREADS: usize = 4;
/// Bytes of an article that are searched.
const MAX_TEXT: usize = 400_000;
/// Bytes of an article that are kept for snippets.
const MAX_KEPT: usize = 24_000;

/// Writes to an open index; one at a time. What is not committed is lost, at once and without harm.
/// Dropping it waits until segments being merged are written.
pub struct Writer {
    dir: PathBuf,
    fields: Fields,
    writer: Option<IndexWriter>,
    _lock: WriteLock,
}

impl fmt::Debug for Writer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Writer").field("dir", &self.dir).finish_non_exhaustive()
    }
}

impl Writer {
    pub(crate) fn begin(dir: &Path, lock: WriteLock, open: &Open) -> Result<Self, SearchError> {
        let writer = open.index.writer_with_num_threads(1, MEMORY).map_err(|e| folder::engine_error(dir, e))?;
        Ok(Self { dir: dir.to_owned(), fields: open.fields, writer: Some(writer), _lock: lock })
    }

    fn inner(&mut self) -> &mut IndexWriter {
        self.writer.as_mut().expect("the writer is taken only when dropped")
    }

    /// Adds an article, replacing the one with its id.
    ///
    /// # Errors
    /// When the index cannot be written.
    pub fn put(&mut self, doc: &IndexDoc<'_>) -> Result<(), SearchError> {
        self.remove(doc.id)?;
        let document = document(self.fields, doc);
        let added = self.inner().add_document(document);
        added.map(drop).map_err(|e| folder::engine_error(&self.dir, e))
    }

    /// Removes an article.
    ///
    /// # Errors
    /// When the index cannot be written.
    pub fn remove(&mut self, id: ArticleId) -> Result<(), SearchError> {
        let term = Term::from_field_u64(self.fields.id, number(id.as_i64()));
        self.inner().delete_term(term);
        Ok(())
    }

    /// Makes everything since the last commit durable and visible.
    ///
    /// # Errors
    /// When the index cannot be written.
    pub fn commit(&mut self) -> Result<(), SearchError> {
        let done = self.inner().commit();
        done.map(drop).map_err(|e| folder::engine_error(&self.dir, e))
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        if let Some(writer) = self.writer.take() {
            _ = writer.wait_merging_threads();
        }
    }
}

/// A new index being built beside the old one, which answers until [`finish`](Self::finish).
/// Dropped unfinished, it leaves no trace.
pub struct Rebuild {
    dir: PathBuf,
    generation: String,
    fields: Fields,
    writer: Option<IndexWriter>,
    _lock: WriteLock,
}

impl fmt::Debug for Rebuild {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Rebuild").field("dir", &self.dir).field("generation", &self.generation).finish_non_exhaustive()
    }
}

impl Rebuild {
    pub(crate) fn begin(dir: &Path) -> Result<Self, SearchError> {
        let lock = folder::lock(dir)?;
        let generation = folder::next_generation(dir)?;
        let index = folder::create(dir, &generation)?;
        let threads = available_parallelism().map_or(1, usize::from).min(MAX_THREADS);
        let writer = index.writer_with_num_threads(threads, threads * MEMORY);
        let writer: IndexWriter = writer.map_err(|e| folder::engine_error(dir, e))?;
        // All segments are merged once, at the end.
        writer.set_merge_policy(Box::new(NoMergePolicy));
        Ok(Self { dir: dir.to_owned(), generation, fields: schema().1, writer: Some(writer), _lock: lock })
    }

    /// Adds an article. Ids must differ; nothing is replaced.
    ///
    /// # Errors
    /// When the index cannot be written.
    pub fn add(&mut self, doc: &IndexDoc<'_>) -> Result<(), SearchError> {
        let Some(writer) = &self.writer else { return Ok(()) };
        let added = writer.add_document(document(self.fields, doc));
        added.map(drop).map_err(|e| folder::engine_error(&self.dir, e))
    }

    /// Puts the new index in the place of the old one, at once. Open indexes see it with their next question.
    ///
    /// # Errors
    /// When the index cannot be written; then the old one stays.
    pub fn finish(mut self) -> Result<(), SearchError> {
        if let Some(writer) = self.writer.take()
            && let Err(e) = complete(writer)
        {
            _ = std::fs::remove_dir_all(folder::path_of(&self.dir, &self.generation));
            return Err(folder::engine_error(&self.dir, e));
        }
        folder::switch(&self.dir, &self.generation)?;
        folder::sweep(&self.dir, Some(&self.generation));
        Ok(())
    }
}

/// Commits and merges everything into one segment: the smallest index and the fastest answers.
fn complete(mut writer: IndexWriter) -> tantivy::Result<()> {
    writer.commit()?;
    let segments = writer.index().searchable_segment_ids()?;
    if segments.len() > 1 {
        writer.merge(&segments).wait()?;
        writer.garbage_collect_files().wait()?;
    }
    writer.wait_merging_threads()
}

impl Drop for Rebuild {
    fn drop(&mut self) {
        if let Some(writer) = self.writer.take() {
            drop(writer);
            _ = std::fs::remove_dir_all(folder::path_of(&self.dir, &self.generation));
        }
    }
}

fn document(fields: Fields, doc: &IndexDoc<'_>) -> TantivyDocument {
    let mut out = TantivyDocument::default();
    out.add_u64(fields.id, number(doc.id.as_i64()));
    if let Some(story) = doc.story {
        out.add_u64(fields.story, number(story.first_article().as_i64()));
    }
    out.add_i64(fields.published, doc.published.timestamp());
    out.add_i64(fields.first_seen, doc.first_seen.timestamp_micros());
    if let Some(severity) = doc.severity {
        out.add_u64(fields.severity, severity::rank(severity));
    }
    out.add_text(fields.outlet, doc.outlet.as_str());
    for (field, values) in [
        (fields.topic, &doc.topics),
        (fields.flag, &doc.flags),
        (fields.province, &doc.provinces),
        (fields.facility, &doc.facilities),
    ] {
        for value in values {
            out.add_text(field, value);
        }
    }
    for (field, value) in [(fields.section, doc.section), (fields.reference, doc.reference), (fields.url, doc.url)] {
        if let Some(value) = value {
            out.add_text(field, value);
        }
    }
    let ArticleText { title, lead, body } = doc.text;
    let mut text = analysis::joined(doc.text);
    text.truncate(floor(&text, MAX_TEXT));
    out.add_text(fields.text, &text);
    out.add_text(fields.pairs, text);
    out.add_text(fields.title, &title[..floor(title, MAX_KEPT)]);
    let mut kept = format!("{}\n{}", lead.trim_end(), body);
    kept.truncate(floor(&kept, MAX_KEPT));
    out.add_text(fields.body, kept);
    out
}

fn floor(s: &str, max: usize) -> usize {
    (0..=max.min(s.len())).rev().find(|&i| s.is_char_boundary(i)).unwrap_or(0)
}
