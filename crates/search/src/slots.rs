//! A query over positions: one or several words, each in any of its forms, near each other, in one field.
//!
//! tantivy's own queries know single terms and phrases of single terms. A word typed without accents stands for
//! every accented form of it, which are scored here as if they were one term.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::{Arc, Mutex, PoisonError};

use tantivy::fieldnorm::FieldNormReader;
use tantivy::index::{InvertedIndexReader, SegmentId};
use tantivy::postings::TermInfo;
use tantivy::query::{EnableScoring, Explanation, Query, Scorer, Weight};
use tantivy::schema::{Field, IndexRecordOption};
use tantivy::{DocId, DocSet, Score, Searcher, SeekDangerResult, SegmentReader, TERMINATED};

use crate::analysis::MARK;
use crate::near::{Forms, Matches, Merged, merge};
use crate::sieve::Docs;

const K1: f32 = 1.2;
const B: f32 = 0.75;
/// What a word scores at the most for each unit of what it tells.
pub(crate) const MOST: f32 = 1.0 + K1;
/// Forms one word may stand for.
const MAX_FORMS: usize = 400;
/// Dictionary entries looked at for one prefix.
const MAX_SCANNED: usize = 20_000;

/// A word of a query.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum Slot {
    /// The term as it is indexed.
    Exact(String),
    /// Every accented form of a folded word or pair.
    Folded(String),
    /// Every word that begins so; the accents of the beginning must agree when there are any.
    Prefix { folded: String, accents: String },
}

impl Slot {
    /// The dictionary entries it stands for in one segment.
    fn forms(&self, index: &InvertedIndexReader) -> tantivy::Result<Vec<TermInfo>> {
        let (from, to, accents) = match self {
            Self::Exact(term) => return Ok(index.terms().get(term)?.into_iter().collect()),
            Self::Folded(folded) => (folded.clone(), format!("{folded}\u{2}"), ""),
            Self::Prefix { folded, accents } => (folded.clone(), format!("{folded}\u{10ffff}"), accents.as_str()),
        };
        let mut stream = index.terms().range().ge(&from).lt(&to).into_stream()?;
        let mut found = Vec::new();
        let mut scanned = 0;
        while scanned < MAX_SCANNED && found.len() < MAX_FORMS && stream.advance() {
            scanned += 1;
            if accents.is_empty() || has_accents(stream.key(), accents) {
                found.push(stream.value().clone());
            }
        }
        Ok(found)
    }

    /// In how many documents it stands, counting a document once for each form.
    pub(crate) fn doc_freq(&self, searcher: &Searcher, field: Field) -> tantivy::Result<u64> {
        let mut n = 0;
        for reader in searcher.segment_readers() {
            let forms = self.forms(&*reader.inverted_index(field)?)?;
            n += forms.iter().map(|t| u64::from(t.doc_freq)).sum::<u64>();
        }
        Ok(n.min(n_docs(searcher)))
    }
}

fn has_accents(key: &[u8], accents: &str) -> bool {
    let mark = MARK as u8;
    key.iter().position(|&b| b == mark).is_some_and(|at| key[at + 1..].starts_with(accents.as_bytes()))
}

/// All documents, deleted ones among them.
pub(crate) fn n_docs(searcher: &Searcher) -> u64 {
    searcher.segment_readers().iter().map(|r| u64::from(r.max_doc())).sum()
}

/// How much a word tells that stands in `doc_freq` of `n_docs` documents.
pub(crate) fn idf(doc_freq: u64, n_docs: u64) -> f32 {
    #[expect(clippy::cast_precision_loss, reason = "a score")]
    let (df, n) = (doc_freq.min(n_docs) as f32, n_docs as f32);
    (1.0 + (n - df + 0.5) / (df + 0.5)).ln()
}

/// Words near each other.
#[derive(Debug, Clone)]
pub(crate) struct Slots {
    /// The field of the index.
    pub(crate) field: Field,
    /// The words and the distance each keeps from the first.
    pub(crate) slots: Vec<(Slot, u32)>,
    /// How far the words may be from those distances.
    pub(crate) slop: u32,
    /// The positions they must stand at.
    pub(crate) zone: Option<Range<u32>>,
    /// What was read of each segment: a question may be asked of it several times.
    pub(crate) read: Read,
}

/// The documents of one word, by segment.
pub(crate) type Read = Arc<Mutex<HashMap<SegmentId, Merged>>>;

impl Slots {
    /// The documents of one word in a segment, or those where the words are near each other, if they were looked for.
    pub(crate) fn merged(&self, reader: &SegmentReader) -> tantivy::Result<Option<Merged>> {
        let mut read = self.read.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(docs) = read.get(&reader.segment_id()) {
            return Ok(Some(Arc::clone(docs)));
        }
        if self.slots.len() > 1 || self.zone.is_some() {
            return Ok(None);
        }
        let lists = self.lists(reader, IndexRecordOption::WithFreqs)?;
        let postings = lists.into_iter().flat_map(|forms| forms.postings).collect();
        let docs = Arc::new(merge(postings, reader.max_doc()));
        read.insert(reader.segment_id(), Arc::clone(&docs));
        Ok(Some(docs))
    }

    /// Looks among some documents for those where the words are near each other. From then on no other documents
    /// match in this segment: whoever asks has ruled them out.
    pub(crate) fn near(&self, reader: &SegmentReader, docs: &Docs) -> tantivy::Result<Merged> {
        let mut matches = self.before_first(reader)?;
        let (mut found, mut least) = (Vec::new(), 0);
        docs.for_each_block(|docs| {
            for &doc in docs {
                if doc < least {
                    continue;
                }
                if doc == 0 {
                    matches.start();
                }
                match matches.check(doc) {
                    SeekDangerResult::Found => found.push((doc, matches.tf())),
                    SeekDangerResult::SeekLowerBound(next) => least = next,
                }
            }
        });
        let found = Arc::new(found);
        let mut read = self.read.lock().unwrap_or_else(PoisonError::into_inner);
        read.insert(reader.segment_id(), Arc::clone(&found));
        Ok(found)
    }

    fn before_first(&self, reader: &SegmentReader) -> tantivy::Result<Matches> {
        let lists = self.lists(reader, IndexRecordOption::WithFreqsAndPositions)?;
        Ok(Matches::near(lists, self.slop, self.zone.clone().unwrap_or(0..u32::MAX)))
    }

    fn lists(&self, reader: &SegmentReader, option: IndexRecordOption) -> tantivy::Result<Vec<Forms>> {
        let index = reader.inverted_index(self.field)?;
        let mut lists = Vec::with_capacity(self.slots.len());
        for (slot, offset) in &self.slots {
            let mut postings = Vec::new();
            for form in slot.forms(&index)? {
                postings.push(index.read_postings_from_terminfo(&form, option)?);
            }
            lists.push(Forms { postings, offset: *offset });
        }
        Ok(lists)
    }

    /// One word anywhere in a field.
    pub(crate) fn word(field: Field, slot: Slot) -> Self {
        Self { field, slots: vec![(slot, 0)], slop: 0, zone: None, read: Read::default() }
    }
}

impl Query for Slots {
    fn weight(&self, scoring: EnableScoring<'_>) -> tantivy::Result<Box<dyn Weight>> {
        let bm25 = match scoring.searcher() {
            Some(searcher) if scoring.is_scoring_enabled() => Bm25::of(self, searcher)?,
            _ => Bm25::silent(),
        };
        Ok(Box::new(SlotsWeight { query: self.clone(), bm25: Arc::new(bm25) }))
    }
}

struct Bm25 {
    weight: f32,
    norms: [f32; 256],
}

impl Bm25 {
    fn of(query: &Slots, searcher: &Searcher) -> tantivy::Result<Self> {
        let n = n_docs(searcher);
        let mut tokens = 0;
        for reader in searcher.segment_readers() {
            tokens += reader.inverted_index(query.field)?.total_num_tokens();
        }
        let mut weight = 0.0;
        for (slot, _) in &query.slots {
            weight += idf(slot.doc_freq(searcher, query.field)?, n);
        }
        #[expect(clippy::cast_precision_loss, reason = "a score")]
        let average = (tokens as f32 / n.max(1) as f32).max(1.0);
        let mut norms = [0.0; 256];
        for (id, norm) in (0..=u8::MAX).zip(norms.iter_mut()) {
            #[expect(clippy::cast_precision_loss, reason = "a score")]
            let length = FieldNormReader::id_to_fieldnorm(id) as f32;
            *norm = K1 * (1.0 - B + B * length / average);
        }
        Ok(Self { weight: weight * MOST, norms })
    }

    fn silent() -> Self {
        Self { weight: 0.0, norms: [1.0; 256] }
    }

    fn score(&self, norm_id: u8, tf: u32) -> f32 {
        #[expect(clippy::cast_precision_loss, reason = "a score")]
        let tf = tf as f32;
        self.weight * tf / (tf + self.norms[usize::from(norm_id)])
    }
}

struct SlotsWeight {
    query: Slots,
    bm25: Arc<Bm25>,
}

impl SlotsWeight {
    /// Standing before the first match.
    fn open(&self, reader: &SegmentReader, boost: Score) -> tantivy::Result<SlotsScorer> {
        let query = &self.query;
        let matches = match query.merged(reader)? {
            Some(docs) => Matches::merged(docs),
            None => query.before_first(reader)?,
        };
        let norms = reader.get_fieldnorms_reader(query.field)?;
        Ok(SlotsScorer { matches, norms, bm25: Arc::clone(&self.bm25), boost })
    }
}

impl Weight for SlotsWeight {
    fn scorer(&self, reader: &SegmentReader, boost: Score) -> tantivy::Result<Box<dyn Scorer>> {
        let mut scorer = self.open(reader, boost)?;
        scorer.matches.start();
        Ok(Box::new(scorer))
    }

    fn scorer_danger(
        &self,
        reader: &SegmentReader,
        target: DocId,
        boost: Score,
    ) -> tantivy::Result<(SeekDangerResult, Box<dyn Scorer>)> {
        let mut scorer = self.open(reader, boost)?;
        if target == 0 {
            scorer.matches.start();
        }
        let found = scorer.matches.check(target);
        Ok((found, Box::new(scorer)))
    }

    fn explain(&self, reader: &SegmentReader, doc: DocId) -> tantivy::Result<Explanation> {
        let mut scorer = self.scorer(reader, 1.0)?;
        let score = if scorer.doc() > doc || scorer.seek(doc) != doc { 0.0 } else { scorer.score() };
        Ok(Explanation::new("words in any of their forms", score))
    }
}

struct SlotsScorer {
    matches: Matches,
    norms: FieldNormReader,
    bm25: Arc<Bm25>,
    boost: f32,
}

impl DocSet for SlotsScorer {
    fn advance(&mut self) -> DocId {
        self.matches.advance()
    }

    fn seek(&mut self, target: DocId) -> DocId {
        self.matches.seek(target)
    }

    fn seek_danger(&mut self, target: DocId) -> SeekDangerResult {
        if target >= TERMINATED {
            return SeekDangerResult::SeekLowerBound(TERMINATED);
        }
        self.matches.check(target)
    }

    fn doc(&self) -> DocId {
        self.matches.doc()
    }

    fn size_hint(&self) -> u32 {
        self.matches.size_hint()
    }
}

impl Scorer for SlotsScorer {
    fn score(&mut self) -> Score {
        let doc = self.matches.doc();
        if doc == TERMINATED {
            return 0.0;
        }
        self.boost * self.bm25.score(self.norms.fieldnorm_id(doc), self.matches.tf())
    }
}
