//! Average link: two groups join while the average similarity of their members is high enough.

use std::cmp::Ordering;
use std::collections::{BTreeSet, BinaryHeap};

use crate::GroupSettings;
use crate::constraints::{Decided, join};
use crate::mass::Mass;

/// Articles that are one group so far.
struct Cluster {
    mass: Mass,
    neighbours: BTreeSet<usize>,
    apart: BTreeSet<usize>,
    version: u32,
}

/// A possible join; the greatest similarity first, the earlier documents first among equals.
struct Join {
    similarity: f64,
    a: usize,
    b: usize,
    versions: (u32, u32),
}

impl Ord for Join {
    fn cmp(&self, other: &Self) -> Ordering {
        self.similarity.total_cmp(&other.similarity).then_with(|| (other.a, other.b).cmp(&(self.a, self.b)))
    }
}

impl PartialOrd for Join {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Join {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Join {}

/// What is clustered, in a fixed order: articles, and stories as they are.
pub(crate) struct Input {
    pub(crate) nodes: Vec<Mass>,
    /// Pairs worth comparing.
    pub(crate) pairs: Vec<(usize, usize)>,
}

/// For each node the first one of its group.
///
/// A merge joins the whole stories of the two documents: stories are found first and joined after.
/// Only where a split stands across such a join are the merged documents joined alone, beforehand.
pub(crate) fn cluster(input: &Input, decided: &Decided, settings: &GroupSettings) -> Vec<usize> {
    let alone = Decided { group: (0..input.nodes.len()).collect(), apart: split_documents(decided) };
    let mut owner = agglomerate(input, &alone, settings);
    for (i, &first) in decided.group.iter().enumerate() {
        let (a, b) = (owner[i].min(owner[first]), owner[i].max(owner[first]));
        if a != b {
            join(&mut owner, (a, b));
        }
    }
    if alone.apart.iter().any(|&(a, b)| owner[a] == owner[b]) {
        return agglomerate(input, decided, settings);
    }
    owner
}

/// Every pair of documents whose groups people told apart.
fn split_documents(decided: &Decided) -> Vec<(usize, usize)> {
    let members = |group: usize| (0..decided.group.len()).filter(move |&i| decided.group[i] == group);
    decided.apart.iter().flat_map(|&(a, b)| members(a).flat_map(move |x| members(b).map(move |y| (x, y)))).collect()
}

fn agglomerate(input: &Input, decided: &Decided, settings: &GroupSettings) -> Vec<usize> {
    let mut owner = decided.group.clone();
    let mut clusters = begin(input, decided);
    let mut heap = BinaryHeap::new();
    for a in 0..clusters.len() {
        let later: Vec<usize> = clusters[a].iter().flat_map(|c| c.neighbours.range(a + 1..)).copied().collect();
        later.into_iter().for_each(|b| push(&mut heap, &clusters, (a, b), settings));
    }
    while let Some(next) = heap.pop() {
        let current = |i: usize, version| clusters[i].as_ref().is_some_and(|c| c.version == version);
        if !current(next.a, next.versions.0) || !current(next.b, next.versions.1) {
            continue;
        }
        unite(&mut clusters, next.a, next.b);
        owner[next.b] = next.a;
        let neighbours: Vec<usize> = clusters[next.a].iter().flat_map(|c| &c.neighbours).copied().collect();
        neighbours.into_iter().for_each(|n| push(&mut heap, &clusters, (next.a.min(n), next.a.max(n)), settings));
    }
    (0..owner.len()).map(|i| root(&owner, i)).collect()
}

/// The first document of a group, through the groups it was joined to.
fn root(owner: &[usize], mut i: usize) -> usize {
    while owner[i] != i {
        i = owner[i];
    }
    i
}

fn begin(input: &Input, decided: &Decided) -> Vec<Option<Cluster>> {
    let mut clusters: Vec<Option<Cluster>> = input
        .nodes
        .iter()
        .map(|mass| {
            Some(Cluster { mass: mass.clone(), neighbours: BTreeSet::new(), apart: BTreeSet::new(), version: 0 })
        })
        .collect();
    for &(a, b) in &input.pairs {
        for (x, y) in [(a, b), (b, a)] {
            clusters[x].iter_mut().for_each(|c| c.neighbours.extend([y]));
        }
    }
    for &(a, b) in &decided.apart {
        for (x, y) in [(a, b), (b, a)] {
            clusters[x].iter_mut().for_each(|c| c.apart.extend([y]));
        }
    }
    for (i, &first) in decided.group.iter().enumerate() {
        if first < i {
            unite(&mut clusters, first, i);
        }
    }
    clusters
}

/// Moves cluster `b` into cluster `a`.
fn unite(clusters: &mut [Option<Cluster>], a: usize, b: usize) {
    let Some(from) = clusters[b].take() else { return };
    for &n in from.neighbours.iter().chain(&from.apart) {
        if let Some(c) = &mut clusters[n] {
            if c.neighbours.remove(&b) && n != a {
                c.neighbours.insert(a);
            }
            if c.apart.remove(&b) && n != a {
                c.apart.insert(a);
            }
        }
    }
    if let Some(into) = &mut clusters[a] {
        into.mass.add(&from.mass);
        into.neighbours.extend(from.neighbours.into_iter().filter(|&n| n != a));
        into.neighbours.remove(&b);
        into.apart.extend(from.apart.into_iter().filter(|&n| n != a));
        into.version += 1;
    }
}

fn push(heap: &mut BinaryHeap<Join>, clusters: &[Option<Cluster>], pair: (usize, usize), settings: &GroupSettings) {
    let (Some(a), Some(b)) = (&clusters[pair.0], &clusters[pair.1]) else {
        return;
    };
    if a.apart.contains(&pair.1) {
        return;
    }
    let similarity = a.mass.likeness(&b.mass, settings);
    if similarity >= f64::from(settings.threshold) {
        heap.push(Join { similarity, a: pair.0, b: pair.1, versions: (a.version, b.version) });
    }
}
