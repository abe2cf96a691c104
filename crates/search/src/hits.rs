//! Documents found → hits, with the little that is stored of them.

use std::cell::RefCell;
use std::collections::{HashMap, HashSet};
use std::rc::Rc;

use chrono::DateTime;
use diembao_news::{ArticleId, StoryId};
use tantivy::collector::TopDocs;
use tantivy::columnar::{Column, StrColumn};
use tantivy::query::TermQuery;
use tantivy::schema::{Field, IndexRecordOption, TantivyDocument, Value};
use tantivy::{DocAddress, DocId, Searcher, SegmentOrdinal, Term};

use crate::collect::Found;
use crate::filters::number;
use crate::schema::Fields;
use crate::snippet::{Marks, Snippets};
use crate::{Hit, severity};

/// Reads documents.
pub(crate) struct Reader<'a> {
    searcher: &'a Searcher,
    fields: Fields,
    /// Opened before, by segment: opening one costs more than reading many values of it.
    columns: RefCell<HashMap<SegmentOrdinal, Rc<Columns>>>,
}

/// What a hit shows of the columns of a segment.
struct Columns {
    published: Column<i64>,
    story: Column<u64>,
    severity: Column<u64>,
    outlet: Option<StrColumn>,
    topic: Option<StrColumn>,
    flag: Option<StrColumn>,
}

impl<'a> Reader<'a> {
    pub(crate) fn new(searcher: &'a Searcher, fields: Fields) -> Self {
        Self { searcher, fields, columns: RefCell::default() }
    }

    /// One hit.
    pub(crate) fn hit(&self, found: &Found, marks: &Marks, snippets: &mut Snippets) -> tantivy::Result<Hit> {
        let doc: TantivyDocument = self.searcher.doc(found.doc)?;
        let columns = self.columns(found.doc.segment_ord)?;
        let at = found.doc.doc_id;
        let published = columns.published.first(at).unwrap_or(found.published);
        let time = |seconds| DateTime::from_timestamp(seconds, 0).unwrap_or_default();
        let alone = [found.doc];
        let members = if found.members.is_empty() { &alone } else { found.members.as_slice() };
        let (severity, n_outlets) = self.spread(members)?;
        let story = columns.story.first(at).and_then(|n| article_id(n).ok());
        Ok(Hit {
            id: article_id(found.id)?,
            reference: text(&doc, self.fields.reference),
            url: text(&doc, self.fields.url),
            title: text(&doc, self.fields.title).unwrap_or_default(),
            outlet: strings(columns.outlet.as_ref(), at)?.pop().unwrap_or_default(),
            published: time(published),
            newest: time(found.published.max(published)),
            story: story.map(StoryId::beginning_with),
            topics: strings(columns.topic.as_ref(), at)?,
            flags: strings(columns.flag.as_ref(), at)?,
            severity: severity::of_rank(severity),
            score: found.score,
            snippet: snippets.of(text(&doc, self.fields.body).unwrap_or_default().trim_start(), marks),
            n_articles: members.len() as u64,
            n_outlets,
        })
    }

    /// The gravest severity of some articles, and by how many outlets they are.
    fn spread(&self, members: &[DocAddress]) -> tantivy::Result<(u64, u64)> {
        let (mut gravest, mut ords) = (0, Vec::with_capacity(members.len()));
        for &at in members {
            let columns = self.columns(at.segment_ord)?;
            gravest = gravest.max(columns.severity.first(at.doc_id).unwrap_or(0));
            let outlet = columns.outlet.as_ref().and_then(|column| column.term_ords(at.doc_id).next());
            ords.extend(outlet.map(|ord| (at.segment_ord, ord)));
        }
        ords.sort_unstable();
        ords.dedup();
        let mut outlets = HashSet::new();
        for (segment, ord) in ords {
            if let Some(column) = &self.columns(segment)?.outlet {
                outlets.insert(value(column, ord)?);
            }
        }
        Ok((gravest, (outlets.len() as u64).max(1)))
    }

    fn columns(&self, segment: SegmentOrdinal) -> tantivy::Result<Rc<Columns>> {
        if let Some(columns) = self.columns.borrow().get(&segment) {
            return Ok(Rc::clone(columns));
        }
        let fast = self.searcher.segment_reader(segment).fast_fields();
        let columns = Rc::new(Columns {
            published: fast.i64("published")?,
            story: fast.u64("story")?,
            severity: fast.u64("severity")?,
            outlet: fast.str("outlet")?,
            topic: fast.str("topic")?,
            flag: fast.str("flag")?,
        });
        self.columns.borrow_mut().insert(segment, Rc::clone(&columns));
        Ok(columns)
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

/// The values of a column, in the order they were given.
fn strings(column: Option<&StrColumn>, doc: DocId) -> tantivy::Result<Vec<String>> {
    let Some(column) = column else { return Ok(Vec::new()) };
    column.term_ords(doc).map(|ord| value(column, ord)).collect()
}

fn value(column: &StrColumn, ord: u64) -> tantivy::Result<String> {
    let mut value = String::new();
    column.ord_to_str(ord, &mut value)?;
    Ok(value)
}

fn text(doc: &TantivyDocument, field: Field) -> Option<String> {
    doc.get_first(field)?.as_str().map(str::to_owned)
}

fn article_id(n: u64) -> tantivy::Result<ArticleId> {
    let id = i64::try_from(n).ok().and_then(|n| ArticleId::from_i64(n).ok());
    id.ok_or_else(|| tantivy::TantivyError::InternalError(format!("{n} is no article id")))
}
