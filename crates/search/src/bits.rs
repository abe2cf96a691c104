//! A set of documents of one segment, a bit each.

use tantivy::DocId;

/// Documents below a number known beforehand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Bits {
    words: Vec<u64>,
}

impl Bits {
    pub(crate) fn empty(n_docs: u32) -> Self {
        Self { words: vec![0; n_docs.div_ceil(u64::BITS) as usize] }
    }

    pub(crate) fn full(n_docs: u32) -> Self {
        let mut all = Self { words: vec![u64::MAX; n_docs.div_ceil(u64::BITS) as usize] };
        if let Some(last) = all.words.last_mut() {
            *last >>= n_docs.next_multiple_of(u64::BITS) - n_docs;
        }
        all
    }

    #[inline]
    pub(crate) fn insert(&mut self, doc: DocId) {
        self.words[(doc / u64::BITS) as usize] |= 1 << (doc % u64::BITS);
    }

    /// Whether it was not there before.
    #[inline]
    pub(crate) fn insert_new(&mut self, doc: DocId) -> bool {
        let (word, bit) = (&mut self.words[(doc / u64::BITS) as usize], 1 << (doc % u64::BITS));
        let new = *word & bit == 0;
        *word |= bit;
        new
    }

    #[inline]
    pub(crate) fn contains(&self, doc: DocId) -> bool {
        self.words[(doc / u64::BITS) as usize] >> (doc % u64::BITS) & 1 == 1
    }

    pub(crate) fn len(&self) -> u32 {
        self.words.iter().map(|w| w.count_ones()).sum()
    }

    pub(crate) fn and(&mut self, other: &Self) {
        for (mine, theirs) in self.words.iter_mut().zip(&other.words) {
            *mine &= theirs;
        }
    }

    pub(crate) fn or(&mut self, other: &Self) {
        for (mine, theirs) in self.words.iter_mut().zip(&other.words) {
            *mine |= theirs;
        }
    }

    /// In order.
    pub(crate) fn for_each(&self, mut take: impl FnMut(DocId)) {
        for (first, &word) in (0..).step_by(u64::BITS as usize).zip(&self.words) {
            let mut left = word;
            while left != 0 {
                take(first + left.trailing_zeros());
                left &= left - 1;
            }
        }
    }

    pub(crate) fn first(&self) -> Option<DocId> {
        let (first, word) = (0..).step_by(u64::BITS as usize).zip(&self.words).find(|(_, word)| **word != 0)?;
        Some(first + word.trailing_zeros())
    }

    /// All, in order.
    pub(crate) fn docs(&self) -> Vec<DocId> {
        let mut docs = Vec::with_capacity(self.len() as usize);
        self.for_each(|doc| docs.push(doc));
        docs
    }

    /// Bytes of memory.
    pub(crate) fn size(&self) -> usize {
        self.words.len() * size_of::<u64>()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    fn bits(docs: &BTreeSet<u32>, n: u32) -> Bits {
        let mut out = Bits::empty(n);
        docs.iter().for_each(|&d| out.insert(d));
        out
    }

    proptest! {
        #[test]
        fn bits_are_a_set(a in proptest::collection::btree_set(0..300u32, 0..200), b in proptest::collection::btree_set(0..300u32, 0..200)) {
            let shown = Bits::docs;
            let (left, right) = (bits(&a, 300), bits(&b, 300));
            let (mut and, mut or) = (left.clone(), left.clone());
            and.and(&right);
            or.or(&right);
            prop_assert_eq!(shown(&and), a.intersection(&b).copied().collect::<Vec<_>>());
            prop_assert_eq!(shown(&or), a.union(&b).copied().collect::<Vec<_>>());
            prop_assert_eq!((left.len() as usize, left.first()), (a.len(), a.first().copied()));
            prop_assert!((0..300).all(|d| left.contains(d) == a.contains(&d) && left.clone().insert_new(d) != a.contains(&d)));
        }

        #[test]
        fn all_are_as_many_as_there_are(n in 0..200u32) {
            prop_assert_eq!(Bits::full(n).docs(), (0..n).collect::<Vec<_>>());
        }
    }
}
