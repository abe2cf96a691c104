//! How much a term says: rare terms more, in collections of any size.

use std::collections::HashMap;

use diembao_news::ArticleText;
use diembao_text::Syllables;

use crate::profile::Profile;
use crate::terms::{Vector, terms};

/// Terms kept of each article.
const MAX_TERMS: usize = 64;
/// The share of documents below which a term is as rare as it can be. Without it a term of one
/// event would weigh more the larger the collection is, and one threshold could not serve both.
const RAREST: f32 = 0.001;

/// Imagined documents that use none of the terms: with few real ones, what they share is not common for that.
const IMAGINED: f32 = 50.0;

/// How common terms are in the press of the day.
#[derive(Debug, Clone, Default)]
pub struct Background {
    uses: HashMap<u32, u32>,
    n: u32,
}

impl Background {
    /// Counts a sample of articles. Terms of a single one are not kept: they are as rare as those of none.
    #[must_use]
    pub fn of(sample: &[ArticleText]) -> Self {
        let mut buffer = Syllables::new();
        let mut background = Self::default();
        sample.iter().for_each(|text| background.count(&terms(text, &mut buffer)));
        background.uses.retain(|_, n| *n > 1);
        background.uses.shrink_to_fit();
        background
    }

    /// How many articles were counted.
    #[must_use]
    pub fn len(&self) -> usize {
        self.n as usize
    }

    /// Whether none was.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.n == 0
    }

    fn count(&mut self, terms: &Vector) {
        self.n += 1;
        for (term, _) in terms {
            *self.uses.entry(*term).or_insert(0) += 1;
        }
    }

    fn uses(&self, term: u32) -> u32 {
        self.uses.get(&term).copied().unwrap_or(0)
    }
}

/// What articles are about, weighed against the background and each other.
#[must_use]
pub fn profiles(texts: &[&ArticleText], background: &Background) -> Vec<Profile> {
    let mut buffer = Syllables::new();
    let vectors: Vec<Vector> = texts.iter().map(|text| terms(text, &mut buffer)).collect();
    let mut own = Background::default();
    vectors.iter().for_each(|vector| own.count(vector));
    let n = count(own.n + background.n) + IMAGINED;
    let share = |term| count(own.uses(term) + background.uses(term)) / n;
    vectors.into_iter().map(|vector| profile(vector, &share)).collect()
}

/// Turns uses into weights: damped uses × rarity, the heaviest kept, length one.
fn profile(mut vector: Vector, share: &impl Fn(u32) -> f32) -> Profile {
    for (term, weight) in &mut vector {
        *weight = (1.0 + weight.ln()).max(0.1) * (1.0 / (share(*term) + RAREST)).ln().max(0.0);
    }
    if vector.len() > MAX_TERMS {
        vector.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
        vector.truncate(MAX_TERMS);
    }
    let length = vector.iter().map(|(_, w)| w * w).sum::<f32>().sqrt();
    if length > 0.0 {
        vector.iter_mut().for_each(|(_, w)| *w /= length);
    }
    Profile::of(&vector)
}

#[expect(clippy::cast_precision_loss, reason = "a rounded share is as good")]
fn count(n: u32) -> f32 {
    n as f32
}
