//! Words and pairs of neighbours looked up in the index: in what form, and how much they tell.

use std::collections::{HashMap, HashSet};

use diembao_text::Boundary;
use tantivy::query::Query;

use super::{MAX_LOOKED_UP, MAX_WORDS, Planner};
use crate::analysis::{Unit, pair_folded, pair_term, pairs};
use crate::slots::{MOST, Slot, idf};
use crate::wrap::Weighed;

/// By how much a word weighs less that stands in no article without its neighbour.
const PART_WEIGHT: f32 = 0.3;

/// How a word is looked up, and in how many articles it stands.
#[derive(Debug, Clone)]
pub(super) struct LookedUp {
    pub(super) slot: Slot,
    pub(super) df: u64,
}

impl LookedUp {
    /// How much the word tells; none when no article has it.
    pub(super) fn telling(&self, n_docs: u64) -> Option<f32> {
        (self.df > 0).then(|| idf(self.df, n_docs))
    }
}

/// The neighbours of a text.
#[derive(Debug, Default)]
pub(super) struct Bonds {
    /// How much each pair tells.
    pub(super) pairs: Vec<(f32, Slot)>,
    /// By word, in what share of the rarer word's articles its firmest pair stands.
    shares: HashMap<String, f32>,
}

impl Bonds {
    /// A word tells the less by itself, the more often it is only a part of the pair it stands in.
    pub(super) fn weigh(&self, unit: &Unit, query: Box<dyn Query>) -> Box<dyn Query> {
        match self.shares.get(&unit.norm) {
            Some(share) => Weighed::by(1.0 - PART_WEIGHT * share, query),
            None => query,
        }
    }
}

impl Planner<'_> {
    /// The pairs of a text that some article holds, and how firmly each word stands in its own.
    pub(super) fn bonds(&mut self, words: &[Unit]) -> tantivy::Result<Bonds> {
        let mut bonds = Bonds::default();
        let mut seen = HashSet::new();
        for (a, b) in pairs(words).into_iter().take(MAX_LOOKED_UP) {
            let (a, b) = (&words[a], &words[b]);
            let slot = self.pair_slot(a, b);
            let df = slot.doc_freq(self.searcher, self.fields.pairs)?;
            if df == 0 || !seen.insert(slot.clone()) {
                continue;
            }
            bonds.pairs.push((idf(df, self.n_docs), slot));
            let rarer = self.slot(a)?.df.min(self.slot(b)?.df);
            #[expect(clippy::cast_precision_loss, reason = "a share")]
            let share = (df as f32 / rarer.max(1) as f32).min(1.0);
            for unit in [a, b] {
                let firmest = bonds.shares.entry(unit.norm.clone()).or_default();
                *firmest = firmest.max(share);
            }
        }
        Ok(bonds)
    }

    /// What some words score together at the most, or two of them as the pair they are.
    pub(super) fn most(&mut self, words: &[Unit]) -> tantivy::Result<f32> {
        let n_docs = self.n_docs;
        if let [pair] = self.inner_pairs(words).as_slice()
            && words.iter().filter(|u| is_single(u)).count() == 2
        {
            return Ok(idf(pair.doc_freq(self.searcher, self.fields.pairs)?, n_docs) * MOST);
        }
        let each = words.iter().map(|unit| Ok(self.slot(unit)?.telling(n_docs).unwrap_or_default()));
        Ok(each.sum::<tantivy::Result<f32>>()? * MOST)
    }

    /// How a word is looked up: as typed when it has accents; in all its forms when the query has none,
    /// or when no article has it as typed.
    pub(super) fn slot(&mut self, unit: &Unit) -> tantivy::Result<LookedUp> {
        if let Some(known) = self.looked_up.get(&unit.norm) {
            return Ok(known.clone());
        }
        let folded = || Slot::Folded(unit.folded.clone());
        let look = |slot: &Slot| slot.doc_freq(self.searcher, self.fields.text);
        let plain = !unit.is_accented();
        let mut slot = if plain && self.folded { folded() } else { Slot::Exact(unit.term()) };
        let mut df = look(&slot)?;
        if df == 0 && plain && !self.folded {
            slot = folded();
            df = look(&slot)?;
        }
        let found = LookedUp { slot, df };
        self.looked_up.insert(unit.norm.clone(), found.clone());
        Ok(found)
    }

    pub(super) fn pair_slot(&self, a: &Unit, b: &Unit) -> Slot {
        if self.folded { Slot::Folded(pair_folded(a, b)) } else { Slot::Exact(pair_term(a, b)) }
    }

    /// The pairs that every article with a phrase holds.
    pub(super) fn inner_pairs(&self, words: &[Unit]) -> Vec<Slot> {
        if words.iter().skip(1).any(|u| u.boundary > Boundary::Punct) {
            return Vec::new();
        }
        let single: Vec<&Unit> = words.iter().filter(|u| is_single(u)).take(MAX_WORDS).collect();
        single.windows(2).map(|w| self.pair_slot(w[0], w[1])).collect()
    }
}

/// Whether it takes one place: a word, or a part of a code.
pub(super) fn is_single(unit: &Unit) -> bool {
    unit.is_part || unit.width < 2
}
