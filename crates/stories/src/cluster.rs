//! Average link: two groups join while the average similarity of their members is high enough.
//!
//! The average over all pairs of two groups is the dot product of their summed vectors divided by
//! the product of their sizes, so no table of pairs is needed.

use std::cmp::Ordering;
use std::collections::{BTreeSet, BinaryHeap};

use crate::GroupSettings;
use crate::terms::{Vector, add, dot};
use crate::weigh::count;

/// Documents that are one group so far.
struct Cluster {
    sum: Vector,
    n: usize,
    /// Sum of the days at which dated members were published, and how many are dated.
    days: (f64, usize),
    neighbours: BTreeSet<usize>,
    apart: BTreeSet<usize>,
    version: u32,
}

/// A possible join; the greatest similarity first, the earlier documents first among equals.
struct Join {
    similarity: f32,
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

/// What is clustered: documents in a fixed order.
pub(crate) struct Input {
    /// Vectors of length one.
    pub(crate) vectors: Vec<Vector>,
    /// Days since some day, if known.
    pub(crate) days: Vec<Option<f64>>,
    /// Pairs worth comparing.
    pub(crate) pairs: Vec<(usize, usize)>,
    /// Groups that people made: for each document the first of its group.
    pub(crate) together: Vec<usize>,
    /// Documents that people told apart.
    pub(crate) apart: Vec<(usize, usize)>,
}

/// For each document the first one of its group.
pub(crate) fn cluster(input: Input, settings: &GroupSettings) -> Vec<usize> {
    let mut owner = input.together.clone();
    let mut clusters = begin(input);
    let mut heap = BinaryHeap::new();
    for a in 0..clusters.len() {
        let later: Vec<usize> = clusters[a].iter().flat_map(|c| c.neighbours.range(a + 1..)).copied().collect();
        later.into_iter().for_each(|b| push(&mut heap, &clusters, (a, b), settings));
    }
    while let Some(join) = heap.pop() {
        let current = |i: usize, version| clusters[i].as_ref().is_some_and(|c| c.version == version);
        if !current(join.a, join.versions.0) || !current(join.b, join.versions.1) {
            continue;
        }
        unite(&mut clusters, join.a, join.b);
        owner.iter_mut().filter(|o| **o == join.b).for_each(|o| *o = join.a);
        let neighbours: Vec<usize> = clusters[join.a].iter().flat_map(|c| &c.neighbours).copied().collect();
        neighbours.into_iter().for_each(|n| push(&mut heap, &clusters, (join.a.min(n), join.a.max(n)), settings));
    }
    owner
}

fn begin(input: Input) -> Vec<Option<Cluster>> {
    let together = input.together;
    let mut clusters: Vec<Option<Cluster>> = input
        .vectors
        .into_iter()
        .zip(input.days)
        .map(|(sum, day)| {
            Some(Cluster {
                sum,
                n: 1,
                days: (day.unwrap_or(0.0), usize::from(day.is_some())),
                neighbours: BTreeSet::new(),
                apart: BTreeSet::new(),
                version: 0,
            })
        })
        .collect();
    let link = |clusters: &mut Vec<Option<Cluster>>, a: usize, b: usize, apart: bool| {
        for (x, y) in [(a, b), (b, a)] {
            if let Some(c) = &mut clusters[x] {
                if apart { &mut c.apart } else { &mut c.neighbours }.insert(y);
            }
        }
    };
    for (a, b) in input.pairs {
        link(&mut clusters, a, b, false);
    }
    for (a, b) in input.apart {
        link(&mut clusters, a, b, true);
    }
    for (i, &first) in together.iter().enumerate() {
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
        into.sum = add(&into.sum, &from.sum);
        into.n += from.n;
        into.days = (into.days.0 + from.days.0, into.days.1 + from.days.1);
        into.neighbours.extend(from.neighbours.into_iter().filter(|&n| n != a));
        into.neighbours.remove(&b);
        into.apart.extend(from.apart.into_iter().filter(|&n| n != a));
        into.version += 1;
    }
}

fn push(heap: &mut BinaryHeap<Join>, clusters: &[Option<Cluster>], pair: (usize, usize), settings: &GroupSettings) {
    let (Some(a), Some(b)) = (&clusters[pair.0], &clusters[pair.1]) else { return };
    if a.apart.contains(&pair.1) {
        return;
    }
    let average = dot(&a.sum, &b.sum) / (count(a.n) * count(b.n));
    let similarity = average * nearness(a, b, settings);
    if similarity >= settings.threshold {
        heap.push(Join { similarity, a: pair.0, b: pair.1, versions: (a.version, b.version) });
    }
}

/// One within the window, half from four windows on; one when a time is unknown.
///
/// It never reaches zero: papers re-date pages, and a page that says the same weeks later is the same story.
fn nearness(a: &Cluster, b: &Cluster, settings: &GroupSettings) -> f32 {
    if a.days.1 == 0 || b.days.1 == 0 {
        return 1.0;
    }
    let mean = |c: &Cluster| c.days.0 / f64::from(u32::try_from(c.days.1).unwrap_or(u32::MAX));
    #[expect(clippy::cast_possible_truncation, reason = "a gap in days needs no more precision")]
    let windows = ((mean(a) - mean(b)).abs() as f32) / settings.window_days;
    (1.0 - (windows - 1.0) / 6.0).clamp(0.5, 1.0)
}
