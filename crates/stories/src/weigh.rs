//! How much a term says: rare terms more, in collections of any size.

use std::collections::HashMap;

use crate::terms::Vector;

/// The share of documents below which a term is as rare as it can be. Without it a term of one
/// event would weigh more the larger the collection is, and one threshold could not serve both.
const RAREST: f32 = 0.001;

/// Imagined documents that use none of the terms: with few real ones, what they share is not common for that.
const IMAGINED: f32 = 50.0;

/// How many documents use each term.
pub(crate) fn frequencies(vectors: &[Vector]) -> HashMap<u32, u32> {
    let mut frequencies = HashMap::new();
    for (term, _) in vectors.iter().flatten() {
        *frequencies.entry(*term).or_insert(0) += 1;
    }
    frequencies
}

/// Turns uses into weights: damped uses × rarity, the heaviest `max_terms` kept, length one.
pub(crate) fn weigh(vectors: &mut [Vector], frequencies: &HashMap<u32, u32>, max_terms: usize) {
    let n = count(vectors.len()) + IMAGINED;
    for vector in vectors {
        for (term, weight) in vector.iter_mut() {
            let df = frequencies.get(term).map_or(0, |&f| f);
            let share = f32::from(u16::try_from(df).unwrap_or(u16::MAX)) / n;
            *weight = (1.0 + weight.ln()).max(0.1) * (1.0 / (share + RAREST)).ln().max(0.0);
        }
        if vector.len() > max_terms {
            vector.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
            vector.truncate(max_terms);
            vector.shrink_to_fit();
            vector.sort_by_key(|&(term, _)| term);
        }
        let length = vector.iter().map(|(_, w)| w * w).sum::<f32>().sqrt();
        if length > 0.0 {
            vector.iter_mut().for_each(|(_, w)| *w /= length);
        }
    }
}

pub(crate) fn count(n: usize) -> f32 {
    f32::from(u16::try_from(n).unwrap_or(u16::MAX))
}
