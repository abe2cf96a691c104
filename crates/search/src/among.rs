//! A query asked only of documents known beforehand.

use std::sync::Arc;

use tantivy::index::SegmentId;
use tantivy::query::{
    BitSetDocSet, BooleanQuery, ConstScorer, EnableScoring, Explanation, Occur, Query, Scorer, Weight,
};
use tantivy::{BitSet, DocId, Score, Searcher, SegmentReader};

use crate::sieve::Docs;

/// Asks a query only of these documents of each segment; they add nothing to its score.
pub(crate) fn among(searcher: &Searcher, docs: &Arc<[Docs]>, query: &dyn Query) -> Box<dyn Query> {
    let segments = searcher.segment_readers().iter().map(SegmentReader::segment_id).collect();
    let among: Box<dyn Query> = Box::new(Among { segments, docs: Arc::clone(docs) });
    Box::new(BooleanQuery::new(vec![(Occur::Must, among), (Occur::Must, query.box_clone())]))
}

/// Documents of some segments.
#[derive(Debug, Clone)]
struct Among {
    segments: Arc<[SegmentId]>,
    docs: Arc<[Docs]>,
}

impl Query for Among {
    fn weight(&self, _: EnableScoring<'_>) -> tantivy::Result<Box<dyn Weight>> {
        Ok(Box::new(self.clone()))
    }
}

impl Weight for Among {
    fn scorer(&self, reader: &SegmentReader, _: Score) -> tantivy::Result<Box<dyn Scorer>> {
        let mut bits = BitSet::with_max_value(reader.max_doc());
        for (_, docs) in self.segments.iter().zip(&*self.docs).filter(|(id, _)| **id == reader.segment_id()) {
            docs.for_each_block(|docs| docs.iter().for_each(|&doc| _ = bits.insert(doc)));
        }
        Ok(Box::new(ConstScorer::new(BitSetDocSet::from(bits), 0.0)))
    }

    fn explain(&self, _: &SegmentReader, _: DocId) -> tantivy::Result<Explanation> {
        Ok(Explanation::new("one of these documents", 0.0))
    }
}
