//! A group of articles as one: the sum of their profiles, how many they are, and when they appeared.
//!
//! All of it is whole numbers that only add up, so a group is the same in whatever order its articles came.

use chrono::{DateTime, Utc};

use crate::GroupSettings;
use crate::event::{Kinship, Marks};
use crate::profile::{Profile, UNIT, is_name};

/// One article or many.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Mass {
    /// Terms in ascending order with their summed weights.
    pub(crate) terms: Vec<(u32, u32)>,
    /// The square of the length of `terms` without proper names.
    words: u64,
    /// What is known of the event.
    pub(crate) marks: Marks,
    /// How many articles.
    pub(crate) n: u32,
    /// Sum of the minutes at which dated members were published, and how many are dated.
    pub(crate) minutes: (i64, u32),
}

impl Mass {
    pub(crate) fn of(profile: &Profile, published: Option<DateTime<Utc>>) -> Self {
        let minutes = (published.map_or(0, minute), published.map_or(0, |_| 1));
        Self::new(profile.terms().collect(), profile.marks(), 1, minutes)
    }

    /// `terms` in ascending order; `n` articles; the sum of their minutes and how many are dated.
    pub(crate) fn new(terms: Vec<(u32, u32)>, marks: Marks, n: u32, minutes: (i64, u32)) -> Self {
        let words = terms.iter().filter(|(term, _)| !is_name(*term));
        let words = words.map(|(_, weight)| u64::from(*weight) * u64::from(*weight)).sum();
        Self { terms, words, marks, n, minutes }
    }

    pub(crate) fn add(&mut self, other: &Self) {
        let minutes = (self.minutes.0 + other.minutes.0, self.minutes.1 + other.minutes.1);
        let mut marks = std::mem::take(&mut self.marks);
        marks.add(&other.marks);
        *self = Self::new(sum(&self.terms, &other.terms), marks, self.n + other.n, minutes);
    }

    /// The average similarity of the members of one to those of the other, lowered by the time between them, by how
    /// few they are and by how few words they share beside proper names, and changed by what is known of their events;
    /// 0 or more.
    ///
    /// The average over all pairs is the dot product of the sums divided by the product of the
    /// sizes, so no table of pairs is needed.
    pub(crate) fn likeness(&self, other: &Self, settings: &GroupSettings) -> f64 {
        let kinship = self.marks.kinship(&other.marks);
        if kinship == Kinship::Elsewhere {
            return 0.0;
        }
        let shared = dot(&self.terms, &other.terms);
        let pairs = f64::from(self.n) * f64::from(other.n) * f64::from(UNIT * UNIT);
        #[expect(clippy::cast_precision_loss, reason = "a rounded average is as good")]
        let average = shared.all as f64 / pairs;
        #[expect(clippy::cast_precision_loss, reason = "a rounded share is as good")]
        let words = shared.words as f64 / ((self.words as f64) * (other.words as f64)).sqrt().max(1.0);
        let enough = f64::from(settings.words).max(kinship.words());
        let telling = if words < enough { words / enough } else { 1.0 };
        let doubt = f64::from(settings.caution) / (f64::from(self.n) * f64::from(other.n)).sqrt();
        average * kinship.weight() * telling * self.nearness(other, settings) / (1.0 + doubt)
    }

    /// One within the window, half from four windows on; one when a time is unknown.
    ///
    /// It never reaches zero: papers re-date pages, and a page that says the same weeks later is the same story.
    fn nearness(&self, other: &Self, settings: &GroupSettings) -> f64 {
        let (Some(a), Some(b)) = (self.day(), other.day()) else {
            return 1.0;
        };
        let windows = (a - b).abs() / f64::from(settings.window_days);
        (1.0 - (windows - 1.0) / 6.0).clamp(0.5, 1.0)
    }

    /// The mean day of publication, counted from 1970.
    pub(crate) fn day(&self) -> Option<f64> {
        #[expect(clippy::cast_precision_loss, reason = "a rounded day is as good")]
        (self.minutes.1 > 0).then(|| self.minutes.0 as f64 / f64::from(self.minutes.1) / 1440.0)
    }
}

pub(crate) fn minute(at: DateTime<Utc>) -> i64 {
    at.timestamp().div_euclid(60)
}

/// How many times longer one list must be for its terms to be looked up instead of walked through.
const MUCH_LONGER: usize = 16;

/// A dot product, and the part of it without proper names.
#[derive(Default)]
struct Shared {
    all: u64,
    words: u64,
}

impl Shared {
    fn add(&mut self, term: u32, a: u32, b: u32) {
        let product = u64::from(a) * u64::from(b);
        self.all += product;
        self.words += if is_name(term) { 0 } else { product };
    }
}

fn dot(a: &[(u32, u32)], b: &[(u32, u32)]) -> Shared {
    let (short, long) = if a.len() <= b.len() { (a, b) } else { (b, a) };
    let mut shared = Shared::default();
    if short.len() * MUCH_LONGER < long.len() {
        for &(term, weight) in short {
            if let Ok(i) = long.binary_search_by_key(&term, |l| l.0) {
                shared.add(term, weight, long[i].1);
            }
        }
        return shared;
    }
    let (mut i, mut j) = (0, 0);
    while i < short.len() && j < long.len() {
        match short[i].0.cmp(&long[j].0) {
            std::cmp::Ordering::Less => i += 1,
            std::cmp::Ordering::Greater => j += 1,
            std::cmp::Ordering::Equal => {
                shared.add(short[i].0, short[i].1, long[j].1);
                i += 1;
                j += 1;
            }
        }
    }
    shared
}

fn sum(a: &[(u32, u32)], b: &[(u32, u32)]) -> Vec<(u32, u32)> {
    let mut sum = Vec::with_capacity(a.len() + b.len());
    let (mut i, mut j) = (0, 0);
    loop {
        match (a.get(i), b.get(j)) {
            (Some(x), Some(y)) if x.0 == y.0 => {
                sum.push((x.0, x.1.saturating_add(y.1)));
                i += 1;
                j += 1;
            }
            (Some(x), y) if y.is_none_or(|y| x.0 < y.0) => {
                sum.push(*x);
                i += 1;
            }
            (_, Some(y)) => {
                sum.push(*y);
                j += 1;
            }
            _ => return sum,
        }
    }
}
