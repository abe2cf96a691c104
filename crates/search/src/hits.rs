//! Documents found → hits, with the little that is stored of them.

use std::cell::RefCell;
use std::collections::HashMap;
use std::collections::hash_map::Entry;

use chrono::DateTime;
use diembao_news::{ArticleId, StoryId};
use tantivy::collector::TopDocs;
use tantivy::columnar::StrColumn;
use tantivy::query::TermQuery;
use tantivy::schema::{Field, IndexRecordOption, TantivyDocument, Value};
use tantivy::{DocAddress, Searcher, SegmentOrdinal, Term};

use crate::collect::Found;
use crate::filters::number;
use crate::schema::Fields;
use crate::snippet::{Marks, snippet};
use crate::{Hit, severity};

/// Reads documents.
pub(crate) struct Reader<'a> {
    searcher: &'a Searcher,
    fields: Fields,
    /// Columns opened before, by segment and name: opening one reads its dictionary.
    columns: RefCell<HashMap<(SegmentOrdinal, &'static str), Option<StrColumn>>>,
}

impl<'a> Reader<'a> {
    pub(crate) fn new(searcher: &'a Searcher, fields: Fields) -> Self {
        Self { searcher, fields, columns: RefCell::default() }
    }

    /// One hit.
    pub(crate) fn hit(&self, found: &Found, marks: &Marks) -> tantivy::Result<Hit> {
        let doc: TantivyDocument = self.searcher.doc(found.doc)?;
        let fast = self.searcher.segment_reader(found.doc.segment_ord).fast_fields();
        let published = fast.i64("published")?.first(found.doc.doc_id).unwrap_or(found.published);
        let alone = [found.doc];
        let members = if found.members.is_empty() { &alone } else { found.members.as_slice() };
        let (severity, n_outlets) = self.spread(members)?;
        let story = fast.u64("story")?.first(found.doc.doc_id).and_then(|n| article_id(n).ok());
        Ok(Hit {
            id: article_id(found.id)?,
            reference: text(&doc, self.fields.reference),
            url: text(&doc, self.fields.url),
            title: text(&doc, self.fields.title).unwrap_or_default(),
            outlet: self.strings("outlet", found.doc)?.pop().unwrap_or_default(),
            published: DateTime::from_timestamp(published, 0).unwrap_or_default(),
            story: story.map(StoryId::beginning_with),
            topics: self.strings("topic", found.doc)?,
            flags: self.strings("flag", found.doc)?,
            severity: severity::of_rank(severity),
            score: found.score,
            snippet: snippet(text(&doc, self.fields.body).unwrap_or_default().trim_start(), marks),
            n_articles: members.len() as u64,
            n_outlets,
        })
    }

    /// The gravest severity of some articles, and by how many outlets they are.
    fn spread(&self, members: &[DocAddress]) -> tantivy::Result<(u64, u64)> {
        let mut outlets: Vec<String> = Vec::new();
        let mut gravest = 0;
        for &at in members {
            let severity = self.searcher.segment_reader(at.segment_ord).fast_fields().u64("severity")?;
            gravest = gravest.max(severity.first(at.doc_id).unwrap_or(0));
            outlets.extend(self.strings("outlet", at)?);
        }
        outlets.sort_unstable();
        outlets.dedup();
        Ok((gravest, (outlets.len() as u64).max(1)))
    }

    /// The values of a column, in the order they were given.
    fn strings(&self, name: &'static str, at: DocAddress) -> tantivy::Result<Vec<String>> {
        let mut columns = self.columns.borrow_mut();
        let column = match columns.entry((at.segment_ord, name)) {
            Entry::Occupied(e) => e.into_mut(),
            Entry::Vacant(e) => e.insert(self.searcher.segment_reader(at.segment_ord).fast_fields().str(name)?),
        };
        let Some(column) = column else { return Ok(Vec::new()) };
        let mut out = Vec::new();
        for ord in column.term_ords(at.doc_id) {
            let mut value = String::new();
            column.ord_to_str(ord, &mut value)?;
            out.push(value);
        }
        Ok(out)
    }

    /// Title, lead and body of an article, as far as they are kept.
    pub(crate) fn text_of(&self, id: ArticleId) -> tantivy::Result<Option<String>> {
        let term = Term::from_field_u64(self.fields.id, number(id.as_i64()));
        let query = TermQuery::new(term, IndexRecordOption::Basic);
        let found = self.searcher.search(&query, &TopDocs::with_limit(1).order_by_score())?;
        let Some((_, at)) = found.first() else { return Ok(None) };
        let doc: TantivyDocument = self.searcher.doc(*at)?;
        let [title, body] = [self.fields.title, self.fields.body].map(|f| text(&doc, f).unwrap_or_default());
        Ok(Some(format!("{title}\n{body}")))
    }
}

fn text(doc: &TantivyDocument, field: Field) -> Option<String> {
    doc.get_first(field)?.as_str().map(str::to_owned)
}

fn article_id(n: u64) -> tantivy::Result<ArticleId> {
    let id = i64::try_from(n).ok().and_then(|n| ArticleId::from_i64(n).ok());
    id.ok_or_else(|| tantivy::TantivyError::InternalError(format!("{n} is no article id")))
}
