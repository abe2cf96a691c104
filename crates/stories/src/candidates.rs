//! Which new articles are worth comparing with each other: those that share terms, found without
//! looking at all pairs.
//!
//! Of each term only its latest uses are remembered. A rare term loses nothing by that; a term that
//! a day's great event puts into hundreds of documents still links each of them to those just
//! before it, and so all of them; what is common everywhere costs little.

use std::collections::HashMap;

use crate::mass::Mass;

/// Uses remembered of one term: one in so many documents, but within these bounds.
const REMEMBERED_SHARE: usize = 60;
const MIN_REMEMBERED: usize = 60;
const MAX_REMEMBERED: usize = 100;
/// Candidates kept for each document.
const MAX_NEIGHBOURS: usize = 30;

/// The latest uses of one term.
#[derive(Default)]
struct Uses {
    latest: Vec<(u32, u32)>,
    /// Where the next one goes once there are enough.
    next: usize,
}

impl Uses {
    fn remember(&mut self, doc: u32, weight: u32, max: usize) {
        if self.latest.len() < max {
            self.latest.push((doc, weight));
        } else {
            self.latest[self.next % max] = (doc, weight);
            self.next += 1;
        }
    }
}

/// Pairs (earlier, later) that may belong together, by index: those whose shared terms sum up to
/// `floor` at least.
///
/// `near(a, b)` says whether two documents are near enough in time.
pub(crate) fn candidates(docs: &[Mass], floor: u32, near: &dyn Fn(usize, usize) -> bool) -> Vec<(usize, usize)> {
    let max = (docs.len() / REMEMBERED_SHARE).clamp(MIN_REMEMBERED, MAX_REMEMBERED);
    let shared = shared_terms(docs);
    let mut uses: HashMap<u32, Uses> = HashMap::new();
    let mut sums = vec![0_u32; docs.len()];
    let mut touched: Vec<usize> = Vec::new();
    let mut pairs = Vec::new();
    for (i, doc) in docs.iter().enumerate() {
        for (term, weight) in doc.terms.iter().filter(|(term, _)| shared[term] > 1) {
            let uses = uses.entry(*term).or_default();
            for &(j, other) in &uses.latest {
                let j = j as usize;
                if sums[j] == 0 {
                    touched.push(j);
                }
                sums[j] += weight * other;
            }
            uses.remember(u32::try_from(i).unwrap_or(u32::MAX), *weight, max);
        }
        let mut found: Vec<(u32, usize)> =
            touched.iter().map(|&j| (sums[j], j)).filter(|&(sum, j)| sum >= floor && near(j, i)).collect();
        found.sort_by(|a, b| b.0.cmp(&a.0).then(b.1.cmp(&a.1)));
        pairs.extend(found.into_iter().take(MAX_NEIGHBOURS).map(|(_, j)| (j, i)));
        touched.drain(..).for_each(|j| sums[j] = 0);
    }
    pairs
}

/// How many documents use each term.
fn shared_terms(docs: &[Mass]) -> HashMap<u32, u32> {
    let mut shared = HashMap::new();
    for (term, _) in docs.iter().flat_map(|doc| &doc.terms) {
        *shared.entry(*term).or_insert(0) += 1;
    }
    shared
}
