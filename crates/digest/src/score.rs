//! The order of stories: a sum whose parts can be shown.

use chrono::{DateTime, Utc};

use crate::StoryInput;

/// The parts of a story's score; the greater the sum, the earlier it is read.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct ScoreParts {
    /// Gravest flag.
    pub severity: f32,
    /// How many outlets carry it.
    pub outlets: f32,
    /// How much those outlets weigh.
    pub tier: f32,
    /// How fast coverage grows.
    pub rhythm: f32,
    /// How recent it is.
    pub novelty: f32,
    /// How near it is to the ministry's own work.
    pub ministry: f32,
    /// An editor's pin.
    pub pin: f32,
}

impl ScoreParts {
    /// The sum.
    #[must_use]
    pub fn total(&self) -> f32 {
        self.severity
            + self.outlets
            + self.tier
            + self.rhythm
            + self.novelty
            + self.ministry
            + self.pin
    }
}

/// The score of a story at a time, without an editor's pin.
#[must_use]
pub fn order_score(story: &StoryInput, now: DateTime<Utc>) -> ScoreParts {
    let _ = (story, now);
    ScoreParts::default()
}
