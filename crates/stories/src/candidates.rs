//! Which documents are worth comparing: those that share terms few others use.

use std::collections::HashMap;

use crate::terms::Vector;

/// Terms of more than one in so many documents, and of more than [`MIN_COMMON`], find no candidates.
const COMMON_SHARE: usize = 60;
const MIN_COMMON: usize = 60;
/// Postings of one term, at most.
const MAX_POSTINGS: usize = 1_200;
/// Candidates kept for each document.
const MAX_NEIGHBOURS: usize = 30;

/// Pairs (earlier, later) that may belong together, by index into `vectors`.
///
/// `near(a, b)` says whether two documents are near enough in time.
pub(crate) fn candidates(
    vectors: &[Vector],
    frequencies: &HashMap<u32, u32>,
    floor: f32,
    near: &dyn Fn(usize, usize) -> bool,
) -> Vec<(usize, usize)> {
    let common = (vectors.len() / COMMON_SHARE).clamp(MIN_COMMON, MAX_POSTINGS);
    let finds = |term: &u32| frequencies.get(term).is_some_and(|&f| f > 1 && f as usize <= common);
    let mut postings: HashMap<u32, Vec<(u32, f32)>> = HashMap::new();
    let mut sums = vec![0.0_f32; vectors.len()];
    let mut touched: Vec<usize> = Vec::new();
    let mut pairs = Vec::new();
    for (i, vector) in vectors.iter().enumerate() {
        let rare = vector.iter().filter(|(term, _)| finds(term));
        for (term, weight) in rare {
            let posting = postings.entry(*term).or_default();
            for &(j, other) in posting.iter() {
                let j = j as usize;
                if sums[j] == 0.0 {
                    touched.push(j);
                }
                sums[j] += weight * other;
            }
            posting.push((u32::try_from(i).unwrap_or(u32::MAX), *weight));
        }
        let mut found: Vec<(f32, usize)> = touched
            .iter()
            .map(|&j| (sums[j], j))
            .filter(|&(sum, j)| sum >= floor && near(j, i))
            .collect();
        found.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        pairs.extend(found.into_iter().take(MAX_NEIGHBOURS).map(|(_, j)| (j, i)));
        touched.drain(..).for_each(|j| sums[j] = 0.0);
    }
    pairs
}
