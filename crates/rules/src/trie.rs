//! All phrases of all rules in one trie over syllable ids.

use std::collections::HashMap;

use diembao_text::Run;

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

    /// The phrase of exactly these syllables.
    pub(crate) fn get(&self, syllables: &[u32]) -> Option<u32> {
        let mut steps = syllables.iter();
        let node = steps.try_fold(ROOT, |node, &s| self.children.get(&(node, s)).copied())?;
        Some(self.phrase[node as usize]).filter(|&phrase| phrase != NONE)
    }

    /// Freezes it. `n_syllables` is the size of the vocabulary.
    pub(crate) fn build(self, n_syllables: usize) -> Trie {
        let mut root = vec![NONE; n_syllables];
        let mut leaf = vec![true; self.phrase.len()];
        let size = (self.children.len() * 2).next_power_of_two().max(16);
        let mut edges = vec![Edge::default(); size];
        let n_words = (self.children.len() * 16).next_power_of_two().max(64) / 64;
        let mut likely = vec![0u64; n_words];
        for (&(node, syllable), &child) in &self.children {
            leaf[node as usize] = false;
            if node == ROOT {
                root[syllable as usize] = child;
                continue;
            }
            let hash = hash(node, syllable);
            likely[(hash as usize / 64) & (n_words - 1)] |= 1 << (hash & 63);
            let mut at = slot(hash) & (size - 1);
            while edges[at].child != ROOT {
                at = (at + 1) & (size - 1);
            }
            edges[at] = Edge { node, syllable, child };
        }
        let nodes = self.phrase.into_iter().zip(leaf).map(|(phrase, leaf)| Node { phrase, leaf }).collect();
        Trie { root, likely, edges, nodes }
    }
}

/// A step from a node other than the root. No step leads to the root: it stands for none.
#[derive(Debug, Clone, Copy, Default)]
struct Edge {
    node: u32,
    syllable: u32,
    child: u32,
}

#[derive(Debug, Clone, Copy)]
struct Node {
    phrase: u32,
    leaf: bool,
}

/// Frozen: the first step is a table, the others an open hash of (node, syllable), which is asked only about steps
/// that are likely to be there: most are not, and the bits of those that are stay near.
#[derive(Debug, Default)]
pub(crate) struct Trie {
    root: Vec<u32>,
    /// A bit for each step by its hash; sixteen bits a step.
    likely: Vec<u64>,
    edges: Vec<Edge>,
    nodes: Vec<Node>,
}

impl Trie {
    /// Finds each phrase that begins with the first of some syllables; `found` is given its length and its number.
    /// They must end where no phrase may go on: at the end of a sentence.
    #[inline]
    pub(crate) fn starting_at(&self, syllables: &[Run], mut found: impl FnMut(usize, u32)) {
        let Some(first) = syllables.first() else { return };
        let mut node = self.root[first.id as usize];
        let mut n = 1;
        while node != NONE {
            let Node { phrase, leaf } = self.nodes[node as usize];
            if phrase != NONE {
                found(n, phrase);
            }
            if leaf {
                return;
            }
            let Some(next) = syllables.get(n).map(|s| s.id) else { return };
            if next == crate::vocabulary::UNKNOWN {
                return;
            }
            node = self.child(node, next);
            n += 1;
        }
    }

    #[inline]
    fn child(&self, node: u32, syllable: u32) -> u32 {
        let hash = hash(node, syllable);
        if self.likely[(hash as usize / 64) & (self.likely.len() - 1)] >> (hash & 63) & 1 == 0 {
            return NONE;
        }
        let mask = self.edges.len() - 1;
        let mut at = slot(hash) & mask;
        loop {
            let edge = self.edges[at];
            if edge.child == ROOT {
                return NONE;
            }
            if (edge.node, edge.syllable) == (node, syllable) {
                return edge.child;
            }
            at = (at + 1) & mask;
        }
    }
}

#[inline]
fn hash(node: u32, syllable: u32) -> u64 {
    let mixed = (u64::from(node) << 32 | u64::from(syllable)).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    mixed ^ mixed >> 32
}

/// Where a step is looked for; other bits than those of `likely`.
#[inline]
fn slot(hash: u64) -> usize {
    (hash >> 20) as usize
}

#[cfg(test)]
mod tests {
    use super::*;
    use diembao_text::{IdReader, Reading};

    #[test]
    fn every_phrase_from_a_place_is_found() {
        let mut b = TrieBuilder::default();
        assert_eq!(b.insert(&[1, 2], 0), None);
        assert_eq!(b.insert(&[1, 2, 3], 1), None);
        assert_eq!(b.insert(&[1, 2], 2), Some(0));
        let trie = b.build(5);
        // The ids of a text in which the syllable "1" is 1.
        let find = |text: &str| {
            let mut read = Reading::default();
            IdReader::default().read(text, |norm| norm.parse().unwrap(), &mut read);
            let mut out = Vec::new();
            trie.starting_at(&read.runs, |n, p| out.push((n, p)));
            out
        };
        assert_eq!(find("1 2 3 4"), [(2, 0), (3, 1)]);
        assert_eq!(find("1 2 0"), [(2, 0)]);
        assert_eq!(find("2 3"), []);
        assert_eq!(find(""), []);
    }
}
