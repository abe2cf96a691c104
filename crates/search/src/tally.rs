//! Matching documents → how many, of how many stories, by what; nothing is scored.

use std::collections::HashMap;
use std::hash::BuildHasherDefault;

use tantivy::schema::IndexRecordOption;
use tantivy::{DocAddress, DocId, DocSet, Searcher, SegmentOrdinal, SegmentReader, TERMINATED, Term};

use crate::collect::{FacetCounts, IdHasher, merge_facets};
use crate::count::Counter;
use crate::held::Held;
use crate::keys::{IsOnly, Keys, Stories};
use crate::schema::Fields;
use crate::sieve::Docs;
use crate::{Facet, Unit};

/// What is to be counted.
#[derive(Debug, Clone)]
pub(crate) struct Tally {
    pub(crate) unit: Unit,
    pub(crate) facets: Vec<Facet>,
    pub(crate) fields: Fields,
    /// The stories whose articles are wanted one by one.
    pub(crate) places: Places,
}

/// Places of stories by key; looked up for every match.
pub(crate) type Places = HashMap<u64, usize, BuildHasherDefault<IdHasher>>;

/// What was counted.
#[derive(Debug, Default)]
pub(crate) struct Counted {
    /// Stories or articles.
    pub(crate) total: u64,
    /// Articles of the wanted stories: the story's place, when it was published, and where it is.
    pub(crate) members: Vec<(usize, i64, DocAddress)>,
    pub(crate) facets: FacetCounts,
}

/// Counts the matching documents of each segment.
pub(crate) fn count(searcher: &Searcher, held: &Held, docs: &[Docs], tally: &Tally) -> tantivy::Result<Counted> {
    let mut counted = Counted::default();
    let mut stories = Stories::default();
    let mut facets = Vec::with_capacity(docs.len());
    let is_only = if docs.len() == 1 { IsOnly::Yes } else { IsOnly::No };
    for (ord, docs) in (0..).zip(docs) {
        let reader = searcher.segment_reader(ord);
        facets.push(facets_of(&tally.facets, reader, docs)?);
        counted.total += u64::from(docs.len());
        if tally.unit == Unit::Stories {
            let keys = Keys::of(reader)?;
            stories.add(docs, &keys, held.numbers(searcher, reader, docs.len())?.as_deref(), is_only);
            members(&Segment { ord, reader, docs, keys }, tally, &mut counted.members)?;
        }
    }
    if tally.unit == Unit::Stories {
        counted.total = stories.count();
    }
    counted.facets = merge_facets(&tally.facets, facets);
    Ok(counted)
}

fn facets_of(facets: &[Facet], reader: &SegmentReader, docs: &Docs) -> tantivy::Result<Vec<HashMap<String, u64>>> {
    if facets.is_empty() {
        return Ok(Vec::new());
    }
    let fast = reader.fast_fields();
    let (published, severity) = (fast.i64("published")?, fast.u64("severity")?);
    let mut counters = facets.iter().map(|&f| Counter::new(f, reader)).collect::<tantivy::Result<Vec<_>>>()?;
    docs.for_each_block(|docs| counters.iter_mut().for_each(|c| c.count(docs, &published, &severity)));
    Ok(counters.into_iter().map(Counter::finish).collect())
}

/// The matching documents of a segment.
struct Segment<'a> {
    ord: SegmentOrdinal,
    reader: &'a SegmentReader,
    docs: &'a Docs,
    keys: Keys,
}

/// To look up a story costs as much as to look at so many matches.
const LOOK_UP: usize = 300;

/// The matching articles of the wanted stories.
fn members(segment: &Segment<'_>, tally: &Tally, out: &mut Vec<(usize, i64, DocAddress)>) -> tantivy::Result<()> {
    let published = segment.reader.fast_fields().i64("published")?;
    let mut add = |place, doc| out.push((place, published.first(doc).unwrap_or(0), DocAddress::new(segment.ord, doc)));
    if segment.docs.len() as usize <= tally.places.len() * LOOK_UP {
        segment.docs.for_each_block(|docs| {
            for (key, &doc) in segment.keys.each(docs).zip(docs) {
                if let Some(&place) = tally.places.get(&key) {
                    add(place, doc);
                }
            }
        });
        return Ok(());
    }
    for (&key, &place) in &tally.places {
        for doc in segment.documents(&Term::from_field_u64(tally.fields.story, key))? {
            add(place, doc);
        }
        let alone = segment.documents(&Term::from_field_u64(tally.fields.id, key))?;
        alone.into_iter().filter(|&doc| segment.keys.story.first(doc).is_none()).for_each(|doc| add(place, doc));
    }
    Ok(())
}

impl Segment<'_> {
    /// The matching documents of a term.
    fn documents(&self, term: &Term) -> tantivy::Result<Vec<DocId>> {
        let index = self.reader.inverted_index(term.field())?;
        let Some(mut postings) = index.read_postings(term, IndexRecordOption::Basic)? else { return Ok(Vec::new()) };
        let mut out = Vec::new();
        while postings.doc() != TERMINATED {
            if self.docs.contains(postings.doc()) {
                out.push(postings.doc());
            }
            postings.advance();
        }
        Ok(out)
    }
}
