//! The stories documents belong to, and how many different ones there are.

use std::collections::HashMap;
use std::hash::BuildHasherDefault;

use tantivy::columnar::Column;
use tantivy::{DocId, SegmentReader};

use crate::bits::Bits;
use crate::collect::IdHasher;
use crate::count::first_values;
use crate::sieve::Docs;

/// Tells the story of each document of a segment, by the story's first article; a document without one is its own.
pub(crate) struct Keys {
    pub(crate) story: Column<u64>,
    id: Column<u64>,
}

impl Keys {
    pub(crate) fn of(reader: &SegmentReader) -> tantivy::Result<Self> {
        let fast = reader.fast_fields();
        Ok(Self { story: fast.u64("story")?, id: fast.u64("id")? })
    }

    /// The key of each document.
    pub(crate) fn each(&self, docs: &[DocId]) -> impl Iterator<Item = u64> {
        let own = |&doc: &DocId| self.id.first(doc).unwrap_or(0);
        first_values(&self.story, docs).zip(docs).map(move |(story, doc)| story.unwrap_or_else(|| own(doc)))
    }
}

/// The stories of a segment, numbered.
#[derive(Debug)]
pub(crate) struct Numbers {
    /// Of each document.
    of: Vec<u32>,
    n_stories: u32,
}

impl Numbers {
    pub(crate) fn of(reader: &SegmentReader) -> tantivy::Result<Self> {
        let keys = Keys::of(reader)?;
        let mut numbers: HashMap<u64, u32, BuildHasherDefault<IdHasher>> = HashMap::default();
        let (mut of, mut n_stories) = (Vec::with_capacity(reader.max_doc() as usize), 0);
        Docs::All(reader.max_doc()).for_each_block(|docs| {
            of.extend(keys.each(docs).map(|key| {
                *numbers.entry(key).or_insert_with(|| {
                    n_stories += 1;
                    n_stories - 1
                })
            }));
        });
        Ok(Self { of, n_stories })
    }
}

/// Different stories among the documents of several segments.
#[derive(Default)]
pub(crate) struct Stories {
    /// Of a segment that is the only one so far, where its stories are numbered.
    numbered: u64,
    keys: Vec<u64>,
}

impl Stories {
    /// Counts those of one segment, which is the only one or not.
    pub(crate) fn add(&mut self, docs: &Docs, keys: &Keys, numbers: Option<&Numbers>, is_only: IsOnly) {
        let Some(numbers) = numbers else {
            self.keys.reserve(docs.len() as usize);
            return docs.for_each_block(|docs| self.keys.extend(keys.each(docs)));
        };
        let mut seen = Bits::empty(numbers.n_stories);
        if is_only == IsOnly::Yes {
            docs.for_each(|doc| seen.insert(numbers.of[doc as usize]));
            self.numbered += u64::from(seen.len());
            return;
        }
        let mut first = Vec::new();
        docs.for_each_block(|docs| {
            first.clear();
            first.extend(docs.iter().copied().filter(|&doc| seen.insert_new(numbers.of[doc as usize])));
            self.keys.extend(keys.each(&first));
        });
    }

    pub(crate) fn count(&self) -> u64 {
        self.numbered + distinct(&self.keys)
    }
}

/// Whether a segment is the only one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum IsOnly {
    Yes,
    No,
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
