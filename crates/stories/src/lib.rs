//! Articles about one event become one story.
//!
//! In: documents (outlet, time, text) and people's merges and splits. Out: a story number per
//! document, and which documents are copies of which. Pure: no clock, no store, no screen. The
//! partition does not depend on the order of the documents, and never on personal names alone.

mod candidates;
mod cluster;
mod constraints;
mod event;
#[cfg(test)]
mod fixture;
mod function_words;
mod group;
mod mass;
mod names;
mod order;
mod profile;
mod recent;
mod reprints;
mod terms;
mod weigh;

use chrono::{DateTime, Utc};
use diembao_news::ArticleText;

pub use event::{Event, Where};
pub use group::group;
pub use profile::Profile;
pub use recent::{Decision, Fresh, Group, Party, Recent};
pub use reprints::reprints;
pub use weigh::{Background, profiles};

/// An article as grouping sees it.
#[derive(Debug, Clone, Copy)]
pub struct Doc<'a> {
    /// A stable id, which breaks ties the same way on every run.
    pub key: u64,
    /// Who published it: any stable name.
    pub outlet: &'a str,
    /// When, if that is known.
    pub published: Option<DateTime<Utc>>,
    /// What it says.
    pub text: &'a ArticleText,
}

/// What a person decided about two documents.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Bond {
    /// One story.
    Together,
    /// Two stories.
    Apart,
}

/// A person's merge or split. It wins over every measure; the later of two that contradict each other wins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Constraint {
    /// Index of one document.
    pub a: usize,
    /// Index of the other.
    pub b: usize,
    /// What holds between them.
    pub bond: Bond,
}

/// How documents are compared and joined. One setting serves every collection.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct GroupSettings {
    /// Average similarity at which two groups become one, 0 to 1.
    pub threshold: f32,
    /// How much more likeness two single articles need than two great groups, as a share, once there are stories to
    /// join: what is joined in one round is not parted in the next, and of few articles little is known.
    pub caution: f32,
    /// How alike two groups must be in the words beside proper names, 0 to 1, once there are stories to join; below,
    /// likeness is lowered in proportion. Much happens in one place.
    pub words: f32,
    /// Days within which time says nothing against one event; beyond, similarity is lowered.
    pub window_days: f32,
    /// Days beyond which documents are not compared at all.
    pub reach_days: f32,
}

impl GroupSettings {
    /// While there are no stories yet, all articles are compared at once and the surest join first.
    fn at_once(self) -> Self {
        Self { caution: 0.0, words: 0.0, ..self }
    }
}

impl Default for GroupSettings {
    fn default() -> Self {
        Self { threshold: 0.08, caution: 0.75, words: 0.06, window_days: 3.0, reach_days: 60.0 }
    }
}
