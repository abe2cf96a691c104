//! The partition of documents into stories.

use diembao_text::Syllables;

use crate::candidates::candidates;
use crate::cluster::{Input, cluster};
use crate::constraints::resolve;
use crate::terms::{Vector, terms};
use crate::weigh::{frequencies, weigh};
use crate::{Constraint, Doc, GroupSettings};

/// Terms kept of each document.
const MAX_TERMS: usize = 400;
/// The share of the threshold that the rare terms of two documents must reach to be compared.
const FLOOR: f32 = 0.25;

/// The story of each document: the index of the story's first document by (published, key),
/// documents without a time last.
///
/// Constraints that name an index outside `docs` are ignored.
#[must_use]
pub fn group(docs: &[Doc<'_>], constraints: &[Constraint], settings: &GroupSettings) -> Vec<usize> {
    let order = order(docs);
    let mut rank = vec![0; docs.len()];
    order.iter().enumerate().for_each(|(r, &i)| rank[i] = r);
    let mut buffer = Syllables::new();
    let mut vectors: Vec<Vector> = order.iter().map(|&i| terms(&docs[i], settings.field_weights, &mut buffer)).collect();
    let frequencies = frequencies(&vectors);
    weigh(&mut vectors, &frequencies, MAX_TERMS);
    let days: Vec<Option<f64>> = order.iter().map(|&i| docs[i].published.map(day)).collect();
    let near = |a: usize, b: usize| match (days[a], days[b]) {
        (Some(a), Some(b)) => (a - b).abs() <= f64::from(settings.reach_days),
        _ => true,
    };
    let pairs = candidates(&vectors, &frequencies, settings.threshold * FLOOR, &near);
    drop(frequencies);
    let (together, apart) = resolve(docs.len(), constraints, &rank);
    let stories = cluster(Input { vectors, days, pairs, together, apart }, settings);
    rank.iter().map(|&r| order[stories[r]]).collect()
}

/// The documents by (published, key); those without a time last.
fn order(docs: &[Doc<'_>]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..docs.len()).collect();
    order.sort_by(|&a, &b| {
        let key = |i: usize| (docs[i].published.is_none(), docs[i].published, docs[i].key);
        key(a).cmp(&key(b)).then_with(|| docs[a].outlet.cmp(docs[b].outlet)).then_with(|| docs[a].text.title.cmp(&docs[b].text.title))
    });
    order
}

fn day(at: chrono::DateTime<chrono::Utc>) -> f64 {
    let minutes = i32::try_from(at.timestamp() / 60).unwrap_or(i32::MAX);
    f64::from(minutes) / 1440.0
}
