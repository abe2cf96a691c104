//! Matching documents → how many, of how many stories, by what; nothing is scored.

use std::collections::HashMap;
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

/// What one segment gives.
pub(crate) struct Part {
    n_articles: u64,
    /// The story of each article.
    stories: Vec<u64>,
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
    places: Places,
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
            part: Part { n_articles: 0, stories: Vec::new(), members: Vec::new(), facets: Vec::new() },
        })
    }

    fn requires_scoring(&self) -> bool {
        false
    }

    fn merge_fruits(&self, parts: Vec<Part>) -> tantivy::Result<Counted> {
        let mut counted = Counted::default();
        let mut stories: Vec<u64> = Vec::new();
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
            counted.total = distinct(&stories);
        }
        counted.facets = merge_facets(&self.facets, facets);
        Ok(counted)
    }
}

/// Bits of a key that say which part it is counted in.
const PART_BITS: u32 = 8;

/// How many different keys there are. They are dealt into parts small enough for the processor's nearest memory.
fn distinct(keys: &[u64]) -> u64 {
    let spread = |key: u64| key.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let part_of = |key: u64| (spread(key) >> (u64::BITS - PART_BITS)) as usize;
    let mut ends = [0usize; 1 << PART_BITS];
    for &key in keys {
        ends[part_of(key)] += 1;
    }
    let most = ends.iter().copied().max().unwrap_or(0);
    let mut begin = 0;
    for end in &mut ends {
        (*end, begin) = (begin, begin + *end);
    }
    let mut dealt = vec![0u64; keys.len()];
    for &key in keys {
        let end = &mut ends[part_of(key)];
        dealt[*end] = key;
        *end += 1;
    }
    // Half empty at least; nought stands for an empty place and is counted by itself.
    let mut places = vec![0u64; (most * 2).next_power_of_two()];
    let mask = places.len() - 1;
    let (mut n, mut begin) = (u64::from(keys.contains(&0)), 0);
    for end in ends {
        places.fill(0);
        for &key in dealt[begin..end].iter().filter(|&&key| key != 0) {
            let mut at = (spread(key) >> 20) as usize & mask;
            while places[at] != 0 && places[at] != key {
                at = (at + 1) & mask;
            }
            n += u64::from(places[at] == 0);
            places[at] = key;
        }
        begin = end;
    }
    n
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
            self.part.stories.push(key);
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

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn different_keys_are_counted_once(keys in proptest::collection::vec(prop_oneof![0..50u64, any::<u64>(), (0..9u64).prop_map(|n| n << 56)], 0..2_000)) {
            prop_assert_eq!(distinct(&keys), keys.iter().collect::<HashSet<_>>().len() as u64);
        }
    }
}
