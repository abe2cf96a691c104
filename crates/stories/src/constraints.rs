//! People's merges and splits, made consistent: the later decision wins.

use std::collections::BTreeSet;

use crate::{Bond, Constraint};

/// Consistent decisions, by rank.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(crate) struct Decided {
    /// For each document the first of the group people put it in.
    pub(crate) group: Vec<usize>,
    /// Groups that people told apart, by their first documents.
    pub(crate) apart: Vec<(usize, usize)>,
}

/// The decisions of people that can hold together, later ones first.
pub(crate) fn resolve(n: usize, constraints: &[Constraint], rank: &[usize]) -> Decided {
    let mut group: Vec<usize> = (0..n).collect();
    let mut apart: BTreeSet<(usize, usize)> = BTreeSet::new();
    for constraint in constraints.iter().rev().filter(|c| c.a < n && c.b < n) {
        let (a, b) = (group[rank[constraint.a]], group[rank[constraint.b]]);
        let pair = (a.min(b), a.max(b));
        match constraint.bond {
            Bond::Apart if a != b => {
                apart.insert(pair);
            }
            Bond::Together if a != b && !apart.contains(&pair) => {
                join(&mut group, pair);
                apart = apart.into_iter().map(|p| moved(p, pair)).collect();
            }
            _ => {}
        }
    }
    Decided { group, apart: apart.into_iter().collect() }
}

/// Makes the group `pair.1` part of `pair.0`.
pub(crate) fn join(group: &mut [usize], pair: (usize, usize)) {
    group.iter_mut().filter(|g| **g == pair.1).for_each(|g| *g = pair.0);
}

/// A pair after the group `pair.1` became part of `pair.0`.
fn moved(p: (usize, usize), pair: (usize, usize)) -> (usize, usize) {
    let new = |x: usize| if x == pair.1 { pair.0 } else { x };
    let (a, b) = (new(p.0), new(p.1));
    (a.min(b), a.max(b))
}
