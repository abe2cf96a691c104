//! All phrases of all rules in one trie over syllable ids.

use std::collections::HashMap;

const NONE: u32 = u32::MAX;
const ROOT: u32 = 0;

/// While it is built: nodes with a map of children.
#[derive(Debug)]
pub(crate) struct TrieBuilder {
    children: HashMap<(u32, u32), u32>,
    phrase: Vec<u32>,
}

impl Default for TrieBuilder {
    fn default() -> Self {
        Self { children: HashMap::new(), phrase: vec![NONE] }
    }
}

impl TrieBuilder {
    /// Adds a phrase. The answer is the phrase that stood there before, if any; it stays.
    pub(crate) fn insert(&mut self, syllables: &[u32], phrase: u32) -> Option<u32> {
        let mut node = ROOT;
        for &s in syllables {
            let next = u32::try_from(self.phrase.len()).expect("phrases are capped far below 2^32");
            node = *self.children.entry((node, s)).or_insert(next);
            if node == next {
                self.phrase.push(NONE);
            }
        }
        let slot = &mut self.phrase[node as usize];
        match *slot {
            NONE => {
                *slot = phrase;
                None
            }
            there => Some(there),
        }
    }

    /// Freezes it. `n_syllables` is the size of the vocabulary.
    pub(crate) fn build(self, n_syllables: usize) -> Trie {
        let mut root = vec![NONE; n_syllables];
        let mut leaf = vec![true; self.phrase.len()];
        let size = (self.children.len() * 4).next_power_of_two().max(16);
        let mut edges = vec![(0u64, NONE); size];
        for (&(node, s), &child) in &self.children {
            leaf[node as usize] = false;
            if node == ROOT {
                root[s as usize] = child;
                continue;
            }
            let key = edge_key(node, s);
            let mut at = hash(key) & (size - 1);
            while edges[at].1 != NONE {
                at = (at + 1) & (size - 1);
            }
            edges[at] = (key, child);
        }
        let nodes = self.phrase.into_iter().zip(leaf).map(|(phrase, leaf)| Node { phrase, leaf }).collect();
        Trie { root, edges, nodes }
    }
}

#[derive(Debug, Clone, Copy)]
struct Node {
    phrase: u32,
    leaf: bool,
}

/// Frozen: the first step is a table, the others an open hash of (node, syllable).
#[derive(Debug, Default)]
pub(crate) struct Trie {
    root: Vec<u32>,
    edges: Vec<(u64, u32)>,
    nodes: Vec<Node>,
}

impl Trie {
    /// Finds each phrase that begins at the first of `ids`; `found` is given its length and its number.
    /// `ids` must end where no phrase may go on: at the end of a sentence.
    #[inline]
    pub(crate) fn starting_at(&self, ids: &[u32], mut found: impl FnMut(usize, u32)) {
        let Some(&first) = ids.first() else { return };
        let mut node = self.root[first as usize];
        let mut n = 1;
        while node != NONE {
            let Node { phrase, leaf } = self.nodes[node as usize];
            if phrase != NONE {
                found(n, phrase);
            }
            if leaf {
                return;
            }
            let Some(&next) = ids.get(n) else { return };
            if next == crate::vocabulary::UNKNOWN {
                return;
            }
            node = self.child(node, next);
            n += 1;
        }
    }

    #[inline]
    fn child(&self, node: u32, syllable: u32) -> u32 {
        let key = edge_key(node, syllable);
        let mask = self.edges.len() - 1;
        let mut at = hash(key) & mask;
        loop {
            let (k, child) = self.edges[at];
            if child == NONE || k == key {
                return child;
            }
            at = (at + 1) & mask;
        }
    }
}

fn edge_key(node: u32, syllable: u32) -> u64 {
    u64::from(node) << 32 | u64::from(syllable)
}

#[inline]
fn hash(key: u64) -> usize {
    let mixed = key.wrapping_mul(0x9E37_79B9_7F4A_7C15);
    (mixed ^ mixed >> 32) as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_phrase_from_a_place_is_found() {
        let mut b = TrieBuilder::default();
        assert_eq!(b.insert(&[1, 2], 0), None);
        assert_eq!(b.insert(&[1, 2, 3], 1), None);
        assert_eq!(b.insert(&[1, 2], 2), Some(0));
        let trie = b.build(5);
        let find = |ids: &[u32]| {
            let mut out = Vec::new();
            trie.starting_at(ids, |n, p| out.push((n, p)));
            out
        };
        assert_eq!(find(&[1, 2, 3, 4]), [(2, 0), (3, 1)]);
        assert_eq!(find(&[1, 2, 0]), [(2, 0)]);
        assert_eq!(find(&[2, 3]), []);
        assert_eq!(find(&[]), []);
    }
}
