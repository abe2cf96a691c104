//! The daily edition: from stories to subject, HTML and text.
//!
//! In: plain data about the day's stories, sources and trend, and what editors changed. Out: one
//! view of the edition, and its renderings. Pure: no store, no mail, no clock. Summaries are
//! sentences taken from the articles; nothing here writes text of its own about an event.

mod assemble;
mod bulletin;
mod edits;
#[cfg(test)]
mod fixture;
mod header;
mod initials;
mod input;
mod item;
mod place;
mod placement;
mod quotable;
mod render;
mod score;
mod since;
mod summary;
mod timeline;
mod view;
mod wording;

pub use assemble::{assemble, assemble_edited};
pub use bulletin::{BulletinRow, BulletinView, bulletin};
pub use edits::{EditAction, Edits, StoryEdit};
pub use input::{
    ArticleInput, CaseView, Coverage, Cut, DayCount, EditionInput, FlagView, Form, StoryInput, SubjectLanguage,
    TopicName,
};
pub use place::province;
pub use render::{
    CorrectionView, Fit, Level, MAX_HTML, Rendered, Sizes, render, render_bulletin, render_correction, render_json,
};
pub use score::{PIN, ScoreParts, order_score};
pub use summary::summarise;
pub use timeline::{TimelineEntry, timeline};
pub use view::{AlsoView, AppendixView, Counts, EditionView, GroupView, HighlightView, ItemView, Section, SectionView};
pub use wording::{MAX_HEADLINE, MAX_NOTE};

/// Lines and ways of writing that every rendering shares, so that mail and paper say the same.
pub mod phrases {
    pub use crate::render::phrases::{
        MAX_TREND, about, also, appendix, closing, errata, facts, pill, section_title, source, trend_days,
    };
    pub use crate::wording::{capitalised, capped, host, long_day, number, short_day, time, weekday_short};
}
