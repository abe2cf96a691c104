//! Matching documents → how many, of how many stories, by what; nothing is scored.

use std::collections::{HashMap, HashSet};
use std::hash::BuildHasherDefault;

use tantivy::collector::{Collector, SegmentCollector};
use tantivy::columnar::Column;
use tantivy::{DocAddress, DocId, Score, SegmentOrdinal, SegmentReader};

use crate::collect::{FacetCounts, IdHasher, merge_facets};
use crate::count::Counter;
use crate::{Facet, Unit};

/// What is to be counted.
#[derive(Debug, Clone)]
pub(crate) struct Tally {
    pub(crate) unit: Unit,
    pub(crate) facets: Vec<Facet>,
    /// The stories whose articles are wanted one by one.
    pub(crate) places: HashMap<u64, usize>,
}

/// What was counted.
#[derive(Debug, Default)]
pub(crate) struct Counted {
    /// Stories or articles.
    pub(crate) total: u64,
    /// Articles of the wanted stories: the story's place, when it was published, and where it is.
    pub(crate) members: Vec<(usize, i64, DocAddress)>,
    pub(crate) facets: FacetCounts,
}

type Keys = HashSet<u64, BuildHasherDefault<IdHasher>>;

/// What one segment gives.
pub(crate) struct Part {
    n_articles: u64,
    stories: Keys,
    members: Vec<(usize, i64, DocAddress)>,
    facets: Vec<HashMap<String, u64>>,
}

/// Counts one segment.
pub(crate) struct Segment {
    ord: SegmentOrdinal,
    /// None when articles are counted.
    story: Option<Column<u64>>,
    id: Column<u64>,
    published: Column<i64>,
    severity: Column<u64>,
    places: HashMap<u64, usize>,
    facets: Vec<Counter>,
    part: Part,
}

impl Collector for Tally {
    type Fruit = Counted;
    type Child = Segment;

    fn for_segment(&self, ord: SegmentOrdinal, reader: &SegmentReader) -> tantivy::Result<Segment> {
        let fast = reader.fast_fields();
        let facets = self.facets.iter().map(|&f| Counter::new(f, reader)).collect::<tantivy::Result<_>>()?;
        Ok(Segment {
            ord,
            story: if self.unit == Unit::Stories { Some(fast.u64("story")?) } else { None },
            id: fast.u64("id")?,
            published: fast.i64("published")?,
            severity: fast.u64("severity")?,
            places: self.places.clone(),
            facets,
            part: Part { n_articles: 0, stories: Keys::default(), members: Vec::new(), facets: Vec::new() },
        })
    }

    fn requires_scoring(&self) -> bool {
        false
    }

    fn merge_fruits(&self, parts: Vec<Part>) -> tantivy::Result<Counted> {
        let mut counted = Counted::default();
        let mut stories = Keys::default();
        let mut facets = Vec::with_capacity(parts.len());
        for part in parts {
            counted.total += part.n_articles;
            counted.members.extend(part.members);
            facets.push(part.facets);
            if stories.is_empty() {
                stories = part.stories;
            } else {
                stories.extend(part.stories);
            }
        }
        if self.unit == Unit::Stories {
            counted.total = stories.len() as u64;
        }
        counted.facets = merge_facets(&self.facets, facets);
        Ok(counted)
    }
}

impl SegmentCollector for Segment {
    type Fruit = Part;

    fn collect(&mut self, doc: DocId, _: Score) {
        self.collect_block(&[doc]);
    }

    fn collect_block(&mut self, docs: &[DocId]) {
        self.part.n_articles += docs.len() as u64;
        for facet in &mut self.facets {
            for &doc in docs {
                facet.count(doc, &self.published, &self.severity);
            }
        }
        let Some(story) = &self.story else { return };
        for &doc in docs {
            let key = story.first(doc).or_else(|| self.id.first(doc)).unwrap_or(0);
            self.part.stories.insert(key);
            if let Some(&place) = self.places.get(&key) {
                let published = self.published.first(doc).unwrap_or(0);
                self.part.members.push((place, published, DocAddress::new(self.ord, doc)));
            }
        }
    }

    fn harvest(mut self) -> Part {
        self.part.facets = self.facets.into_iter().map(Counter::finish).collect();
        self.part
    }
}
