//! The daily edition: from stories to subject, HTML and text.
//!
//! In: plain data about the day's stories, sources and trend, and what editors changed. Out: one
//! view of the edition, and its renderings. Pure: no store, no mail, no clock. Summaries are
//! sentences taken from the articles; nothing here writes text of its own about an event.

mod assemble;
mod edits;
mod input;
mod render;
mod score;
mod summary;
mod view;

pub use assemble::{assemble, assemble_edited};
pub use edits::{Edits, StoryEdit};
pub use input::{
    ArticleInput, CaseView, Coverage, Cut, DayCount, EditionInput, FlagView, Form, StoryInput,
    TopicName,
};
pub use render::{Rendered, render};
pub use score::{ScoreParts, order_score};
pub use summary::summarise;
pub use view::{
    AlsoView, AppendixView, Counts, EditionView, GroupView, HighlightView, ItemView, Section,
    SectionView,
};
