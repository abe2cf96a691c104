//! People's merges and splits, made consistent: the later decision wins.

use std::collections::BTreeSet;

use crate::{Bond, Constraint};

/// Pairs of ranks that must stay apart.
type Apart = Vec<(usize, usize)>;

/// For each rank the first rank of the group people put it in, and the pairs they told apart.
pub(crate) fn resolve(n: usize, constraints: &[Constraint], rank: &[usize]) -> (Vec<usize>, Apart) {
    let mut group: Vec<usize> = (0..n).collect();
    let mut apart: BTreeSet<(usize, usize)> = BTreeSet::new();
    let known = constraints.iter().rev().filter(|c| c.a < n && c.b < n && c.a != c.b);
    for constraint in known {
        let (a, b) = (group[rank[constraint.a]], group[rank[constraint.b]]);
        let pair = (a.min(b), a.max(b));
        match constraint.bond {
            Bond::Apart if a != b => {
                apart.insert(pair);
            }
            Bond::Together if a != b && !apart.contains(&pair) => {
                group.iter_mut().filter(|g| **g == pair.1).for_each(|g| *g = pair.0);
                apart = apart.into_iter().map(|p| moved(p, pair)).collect();
            }
            _ => {}
        }
    }
    (group, apart.into_iter().collect())
}

/// A pair after the group `pair.1` became part of `pair.0`.
fn moved(p: (usize, usize), pair: (usize, usize)) -> (usize, usize) {
    let new = |x: usize| if x == pair.1 { pair.0 } else { x };
    let (a, b) = (new(p.0), new(p.1));
    (a.min(b), a.max(b))
}
