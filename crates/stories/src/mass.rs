//! A group of articles as one: the sum of their profiles, how many they are, and when they appeared.
//!
//! All of it is whole numbers that only add up, so a group is the same in whatever order its articles came.

use chrono::{DateTime, Utc};

use crate::GroupSettings;
use crate::profile::{Profile, UNIT};

/// One article or many.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Mass {
    /// Terms in ascending order with their summed weights.
    pub(crate) terms: Vec<(u32, u32)>,
    /// How many articles.
    pub(crate) n: u32,
    /// Sum of the minutes at which dated members were published, and how many are dated.
    pub(crate) minutes: (i64, u32),
}

impl Mass {
    pub(crate) fn of(profile: &Profile, published: Option<DateTime<Utc>>) -> Self {
        Self {
            terms: profile.terms().collect(),
            n: 1,
            minutes: (published.map_or(0, minute), published.map_or(0, |_| 1)),
        }
    }

    pub(crate) fn add(&mut self, other: &Self) {
        self.terms = sum(&self.terms, &other.terms);
        self.n += other.n;
        self.minutes = (self.minutes.0 + other.minutes.0, self.minutes.1 + other.minutes.1);
    }

    /// The average similarity of the members of one to those of the other, lowered by the time between them and by how
    /// few they are; 0 to 1.
    ///
    /// The average over all pairs is the dot product of the sums divided by the product of the
    /// sizes, so no table of pairs is needed.
    pub(crate) fn likeness(&self, other: &Self, settings: &GroupSettings) -> f64 {
        let pairs = f64::from(self.n) * f64::from(other.n) * f64::from(UNIT * UNIT);
        #[expect(clippy::cast_precision_loss, reason = "a rounded average is as good")]
        let average = dot(&self.terms, &other.terms) as f64 / pairs;
        let doubt = f64::from(settings.caution) / (f64::from(self.n) * f64::from(other.n)).sqrt();
        average * self.nearness(other, settings) / (1.0 + doubt)
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

fn dot(a: &[(u32, u32)], b: &[(u32, u32)]) -> u64 {
    let (short, long) = if a.len() <= b.len() { (a, b) } else { (b, a) };
    let product = |x: u32, y: u32| u64::from(x) * u64::from(y);
    if short.len() * MUCH_LONGER < long.len() {
        let found = |&(term, weight): &(u32, u32)| {
            long.binary_search_by_key(&term, |l| l.0).map_or(0, |i| product(weight, long[i].1))
        };
        return short.iter().map(found).sum();
    }
    let (mut i, mut j, mut total) = (0, 0, 0);
    while i < short.len() && j < long.len() {
        match short[i].0.cmp(&long[j].0) {
            std::cmp::Ordering::Less => i += 1,
            std::cmp::Ordering::Greater => j += 1,
            std::cmp::Ordering::Equal => {
                total += product(short[i].1, long[j].1);
                i += 1;
                j += 1;
            }
        }
    }
    total
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
