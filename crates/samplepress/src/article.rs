//! One article of the press, with the labels its author gave it.

use chrono::{DateTime, Utc};

/// An article as its outlet publishes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SampleArticle {
    /// Its number, unique in the press and part of its address.
    pub id: u64,
    /// The outlet's id.
    pub outlet: String,
    /// Its address below the press's root: `/nhip-song-moi/suc-khoe/…-100012.html`; may hold a query.
    pub path: String,
    /// The section's id: `suc-khoe`.
    pub section: String,
    /// The headline.
    pub title: String,
    /// The lead (sapo).
    pub lead: String,
    /// The body's paragraphs, without captions and byline.
    pub body: Vec<String>,
    /// The byline.
    pub author: String,
    /// When it appeared.
    pub published: DateTime<Utc>,
    /// The caption of its picture; none: no picture.
    pub caption: Option<String>,
    /// What it is about.
    pub labels: Labels,
    /// For a declared reprint: the outlet whose text it repeats.
    pub reprint_of: Option<String>,
}

/// What an article is about, as its author meant it. Severity and stance are the event's,
/// unless this telling is of another kind (an apology, a conclusion): a comment on a grave incident carries the
/// incident's severity too.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Labels {
    /// Health news or not.
    pub health: bool,
    /// The health sector's fields, best first: the eleven names without marks, such as `kham-chua-benh`, `duoc-my-pham`.
    pub topics: Vec<String>,
    /// For an incident: `red`, `orange`, `yellow` or `green`.
    pub severity: Option<String>,
    /// For misinformation: `claim`, `rebuttal` or `mixed`.
    pub stance: Option<String>,
    /// The event it tells of; articles of one event share it.
    pub event: String,
}
