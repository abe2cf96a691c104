//! What editors change in a draft, as plain data.

use std::collections::BTreeMap;

use diembao_news::StoryId;

use crate::Section;

/// All changes to one edition. The last change of a kind to a story counts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Edits {
    /// Changes by story; stories that are not in the edition are ignored.
    pub stories: BTreeMap<StoryId, StoryEdit>,
    /// Corrections of earlier editions, printed as *Đính chính*.
    pub errata: Vec<String>,
}

/// The changes to one story.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StoryEdit {
    /// Leave it out.
    pub drop: bool,
    /// Put it among the highlights and first in its section.
    pub pin: bool,
    /// Its place in its section, counted from 1; overrides the score.
    pub place: Option<u32>,
    /// The section it is moved to.
    pub section: Option<Section>,
    /// Its headline, rewritten.
    pub headline: Option<String>,
    /// Its summary, rewritten.
    pub summary: Option<String>,
    /// *Nhận định*: an assessment, written by a person.
    pub assessment: Option<String>,
}
