//! The index: opening, asking.

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use diembao_news::ArticleId;
use diembao_text::Syllables;
use tantivy::query::{BooleanQuery, Occur, Query as EngineQuery, TermQuery};
use tantivy::schema::IndexRecordOption;
use tantivy::{Searcher, Term};

use crate::collect::{Found, Wanted};
use crate::filters::{self, Scope, number};
use crate::folder::{self, Open};
use crate::held::Held;
use crate::hits::Reader;
use crate::parse::parse;
use crate::plan::Planner;
use crate::quick::Asked;
use crate::snippet::Marks;
use crate::tree::Node;
use crate::{Answer, Cursor, Hit, Matching, Places, Query, Rebuild, SearchError, Sort, Synonyms, Unit, Writer};

/// An open index. Cheap to ask from many threads; sees what other processes commit.
pub struct Index {
    dir: PathBuf,
    synonyms: Synonyms,
    places: Places,
    open: Mutex<Arc<Open>>,
    held: Held,
}

impl fmt::Debug for Index {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Index").field("dir", &self.dir).finish_non_exhaustive()
    }
}

/// Hits in one answer.
const MAX_LIMIT: usize = 1_000;
/// Hits passed over.
const MAX_OFFSET: usize = 100_000;
/// Bytes of an article that [`Index::similar`] reads.
const MAX_SIMILAR: usize = 6_000;

impl Index {
    /// Opens the index in a folder; makes an empty one when there is none.
    ///
    /// # Errors
    /// [`SearchError::Mismatch`] and [`SearchError::Corrupt`] ask for [`Index::rebuild`]; see [`SearchError`].
    pub fn open(dir: &Path) -> Result<Self, SearchError> {
        let open = guarded(dir, || folder::open_or_create(dir))?;
        Ok(Self {
            dir: dir.to_owned(),
            synonyms: Synonyms::default(),
            places: Places::default(),
            open: Mutex::new(Arc::new(open)),
            held: Held::default(),
        })
    }

    /// Begins a new index beside the one in a folder, which may be damaged or absent.
    ///
    /// # Errors
    /// [`SearchError::Locked`] when another process writes; see [`SearchError`].
    pub fn rebuild(dir: &Path) -> Result<Rebuild, SearchError> {
        Rebuild::begin(dir)
    }

    /// The same index, using these synonyms in queries.
    #[must_use]
    pub fn with_synonyms(self, synonyms: Synonyms) -> Self {
        Self { synonyms, ..self }
    }

    /// The same index, understanding these names of provinces in queries.
    #[must_use]
    pub fn with_places(self, places: Places) -> Self {
        Self { places, ..self }
    }

    /// The right to write.
    ///
    /// # Errors
    /// [`SearchError::Locked`] when another process has it, [`SearchError::ReadOnly`] when the folder cannot be written.
    pub fn writer(&self) -> Result<Writer, SearchError> {
        let lock = folder::lock(&self.dir)?;
        Writer::begin(&self.dir, lock, &*self.current()?)
    }

    /// Answers a question.
    ///
    /// # Errors
    /// Only when the index itself cannot be read; a query is never an error.
    pub fn search(&self, query: &Query) -> Result<Answer, SearchError> {
        let parsed = parse(&query.text, query.now);
        let mut notes = parsed.notes;
        if matches!(&parsed.root, Node::Group(nodes) if is_idle(nodes)) && !query.text.trim().is_empty() {
            notes.push("không có từ nào để tìm".to_owned());
            return Ok(Answer { notes, ..Answer::default() });
        }
        let offset = query.offset.min(MAX_OFFSET);
        let wanted = Wanted {
            unit: query.unit,
            sort: query.sort,
            top: offset + query.limit.min(MAX_LIMIT),
            after: query.after,
            facets: query.facets.clone(),
        };
        self.read(|open, searcher| {
            let scope = Scope { searcher, fields: open.fields, places: &self.places };
            let planner = Planner::new(scope, &self.synonyms, query.matching);
            let (plan, more) = planner.plan(&parsed.root)?;
            let filters = filters::clauses(scope, &query.filter, query.after.map(|c| c.as_of()))?;
            let (fields, held) = (open.fields, &self.held);
            let asked = Asked { searcher, filters, query: plan.query, lead: plan.lead, fields, held };
            let collected = asked.collect(&wanted)?;
            let page = collected.top.iter().skip(offset);
            let hits = self.hits(open, searcher, page, &plan.marks)?;
            let next = collected.top.last().filter(|_| collected.more).map(|last| Cursor::after(query, last));
            Ok(Answer { total: collected.total, hits, facets: collected.facets, next, notes: [notes, more].concat() })
        })
    }

    /// The articles most like one, best first, without it. None when it is not in the index.
    ///
    /// # Errors
    /// When the index cannot be read.
    pub fn similar(&self, id: ArticleId, limit: usize) -> Result<Vec<Hit>, SearchError> {
        self.read(|open, searcher| {
            let reader = Reader::new(searcher, open.fields);
            let Some(text) = reader.text_of(id)? else {
                return Ok(Vec::new());
            };
            let mut cut = text.len().min(MAX_SIMILAR);
            while !text.is_char_boundary(cut) {
                cut -= 1;
            }
            let words = crate::analysis::units(&text[..cut], &mut Syllables::new());
            let none = Synonyms::default();
            let scope = Scope { searcher, fields: open.fields, places: &self.places };
            let (plan, _) = Planner::new(scope, &none, Matching::Any).plan(&Node::Words(words))?;
            let itself = Term::from_field_u64(open.fields.id, number(id.as_i64()));
            let itself: Box<dyn EngineQuery> = Box::new(TermQuery::new(itself, IndexRecordOption::Basic));
            let query = BooleanQuery::new(vec![(Occur::Must, plan.query), (Occur::MustNot, itself)]);
            let wanted = Wanted {
                unit: Unit::Articles,
                sort: Sort::Relevance,
                top: limit.min(MAX_LIMIT),
                after: None,
                facets: Vec::new(),
            };
            let collected = searcher.search(&query, &wanted)?;
            self.hits(open, searcher, collected.top.iter(), &plan.marks)
        })
    }

    fn hits<'f>(
        &self,
        open: &Open,
        searcher: &Searcher,
        found: impl Iterator<Item = &'f Found>,
        marks: &Marks,
    ) -> tantivy::Result<Vec<Hit>> {
        let reader = Reader::new(searcher, open.fields);
        self.held.with_snippets(|snippets| found.map(|found| reader.hit(found, marks, snippets)).collect())
    }

    /// The ids of all articles, ascending.
    ///
    /// # Errors
    /// When the index cannot be read.
    pub fn ids(&self) -> Result<Vec<ArticleId>, SearchError> {
        self.read(|_, searcher| {
            let mut out = Vec::new();
            for segment in searcher.segment_readers() {
                let ids = segment.fast_fields().u64("id")?;
                let each = segment.doc_ids_alive().filter_map(|doc| ids.first(doc));
                out.extend(each.filter_map(|n| ArticleId::from_i64(i64::try_from(n).ok()?).ok()));
            }
            out.sort_unstable();
            Ok(out)
        })
    }

    /// How many articles there are.
    ///
    /// # Errors
    /// When the index cannot be read.
    pub fn count(&self) -> Result<u64, SearchError> {
        self.read(|_, searcher| Ok(searcher.num_docs()))
    }

    /// Reads every file of the index and compares it with its checksum.
    ///
    /// # Errors
    /// [`SearchError::Corrupt`] names the damaged files.
    pub fn verify(&self) -> Result<(), SearchError> {
        let mut tries = 0;
        loop {
            let before = folder::stamp(&self.dir)?;
            let damaged = self.read(|open, _| open.index.validate_checksum());
            // A commit or a merge of another process may have taken files away meanwhile.
            tries += 1;
            if tries < 4 && folder::stamp(&self.dir)? != before {
                continue;
            }
            let damaged = damaged?;
            if damaged.is_empty() {
                return Ok(());
            }
            let mut names: Vec<String> = damaged.iter().map(|p| p.display().to_string()).collect();
            names.sort_unstable();
            return Err(SearchError::Corrupt { dir: self.dir.clone(), what: names.join(", ") });
        }
    }

    fn read<T>(&self, ask: impl FnOnce(&Open, &Searcher) -> tantivy::Result<T>) -> Result<T, SearchError> {
        guarded(&self.dir, || {
            let open = self.current()?;
            ask(&open, &open.reader.searcher()).map_err(|e| folder::engine_error(&self.dir, e))
        })
    }

    /// The index as it is on disk now.
    fn current(&self) -> Result<Arc<Open>, SearchError> {
        let mut held = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        match folder::stamp(&self.dir)? {
            Some(now) if now != held.stamp => {
                if now.generation == held.stamp.generation && held.reader.reload().is_ok() {
                    *held = Arc::new(Open { stamp: now, ..Open::clone(&held) });
                } else {
                    *held = Arc::new(folder::open(&self.dir)?);
                }
            }
            // A folder that is gone is told when it is opened the next time; what is open still answers.
            Some(_) | None => {}
        }
        Ok(Arc::clone(&held))
    }
}

fn is_idle(nodes: &[Node]) -> bool {
    nodes.iter().all(Node::is_empty)
}

/// Damaged files can make the engine panic: that, too, is an answer the caller can act on.
fn guarded<T>(dir: &Path, work: impl FnOnce() -> Result<T, SearchError>) -> Result<T, SearchError> {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|_| {
        Err(SearchError::Corrupt { dir: dir.to_owned(), what: "the engine broke off reading it".to_owned() })
    })
}
