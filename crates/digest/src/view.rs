//! The assembled edition: ready strings in the order they are read.

use chrono::NaiveDate;
use diembao_news::{Severity, StoryId};

use crate::{DayCount, Form, ScoreParts};

/// A section of the edition that holds items.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Section {
    /// II. Thông tin cần lưu ý: incidents and adverse reports.
    Attention,
    /// III. Tin giả, quảng cáo sai sự thật.
    Misinformation,
    /// IV. Chỉ đạo điều hành, chính sách.
    Policy,
    /// V. Tin theo lĩnh vực.
    Fields,
    /// VI. Gương tốt, chiến dịch.
    Examples,
}

impl Section {
    /// All of them, in order.
    pub const ALL: [Self; 5] = [Self::Attention, Self::Misinformation, Self::Policy, Self::Fields, Self::Examples];

    /// The name used in stores, JSON and commands.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Attention => "attention",
            Self::Misinformation => "misinformation",
            Self::Policy => "policy",
            Self::Fields => "fields",
            Self::Examples => "examples",
        }
    }

    /// Reads the name used in stores, JSON and commands.
    #[must_use]
    pub fn parse(s: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|v| v.as_str() == s)
    }

    /// Its Roman number.
    #[must_use]
    pub fn number(self) -> &'static str {
        match self {
            Self::Attention => "II",
            Self::Misinformation => "III",
            Self::Policy => "IV",
            Self::Fields => "V",
            Self::Examples => "VI",
        }
    }

    /// Its Vietnamese title.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::Attention => "Thông tin cần lưu ý",
            Self::Misinformation => "Tin giả, quảng cáo sai sự thật",
            Self::Policy => "Chỉ đạo điều hành, chính sách",
            Self::Fields => "Tin theo lĩnh vực",
            Self::Examples => "Gương tốt, chiến dịch",
        }
    }
}

/// One assembled edition.
#[derive(Debug, Clone, PartialEq)]
pub struct EditionView {
    /// The day it is dated.
    pub day: NaiveDate,
    /// How much of it is shown.
    pub form: Form,
    /// A file with every item goes with the mail.
    pub has_file: bool,
    /// The mail's subject.
    pub subject: String,
    /// "Điểm báo y tế ngày 21/11/2026".
    pub title: String,
    /// Who it is for.
    pub agency: String,
    /// Who made it.
    pub unit: String,
    /// The subject's findings: "2 sự cố · 1 tin giả · 34 tin".
    pub conclusion: String,
    /// What was read and found, in one line.
    pub coverage: String,
    /// What the reader must know first: left without an editor, sources down.
    pub notices: Vec<String>,
    /// How many of each.
    pub counts: Counts,
    /// I. Tin nổi bật; at most five.
    pub highlights: Vec<HighlightView>,
    /// II to VI.
    pub sections: Vec<SectionView>,
    /// VII. The seven days before the edition's, oldest first.
    pub trend: Vec<DayCount>,
    /// What the trend says, in whole sentences.
    pub trend_notes: Vec<String>,
    /// Headlines of what the public is concerned about, with the section they stand in.
    pub opinion: Vec<String>,
    /// Phụ lục.
    pub appendix: AppendixView,
}

/// The numbers of the subject line.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Stories.
    pub stories: usize,
    /// Articles.
    pub articles: usize,
    /// Stories in section II.
    pub incidents: usize,
    /// Stories in section III.
    pub misinformation: usize,
}

/// One line of section I.
#[derive(Debug, Clone, PartialEq)]
pub struct HighlightView {
    /// Its story.
    pub story: StoryId,
    /// What happened: the headline.
    pub headline: String,
    /// Where, if the text names a province.
    pub place: Option<String>,
    /// Who published first and when.
    pub first: String,
    /// How many outlets carry it.
    pub n_outlets: usize,
    /// How grave, if flagged.
    pub severity: Option<Severity>,
    /// State, who speaks, deadline: ready phrases.
    pub facts: Vec<String>,
    /// The section its full item stands in.
    pub section: Section,
}

/// One of sections II to VI.
#[derive(Debug, Clone, PartialEq)]
pub struct SectionView {
    /// Which one.
    pub section: Section,
    /// Said in place of items when there are none.
    pub empty_note: Option<String>,
    /// Enough was read for the emptiness to mean something.
    pub is_proven: bool,
    /// The items under their sub-headings.
    pub groups: Vec<GroupView>,
    /// For fields: those that have no news.
    pub note: Option<String>,
}

/// Items under one sub-heading.
#[derive(Debug, Clone, PartialEq)]
pub struct GroupView {
    /// The sub-heading: a field's name; none where the section has no parts.
    pub heading: Option<String>,
    /// The items, in order.
    pub items: Vec<ItemView>,
}

/// One story in full.
#[derive(Debug, Clone, PartialEq)]
pub struct ItemView {
    /// Its story.
    pub story: StoryId,
    /// The headline.
    pub headline: String,
    /// Who is quoted.
    pub outlet: String,
    /// When: "14:05 20/11".
    pub time: String,
    /// Sentences from the article; may be empty.
    pub summary: String,
    /// Where it can be read: http or https only.
    pub url: Option<String>,
    /// Who else carries it, one per outlet.
    pub also: Vec<AlsoView>,
    /// How many outlets carry it.
    pub n_outlets: usize,
    /// Its field's name.
    pub field: Option<String>,
    /// How grave, if flagged.
    pub severity: Option<Severity>,
    /// Short neutral facts: kind of flag, state of the case, who answers, the gap.
    pub facts: Vec<String>,
    /// What is new since the last edition.
    pub news: Vec<String>,
    /// For a flagged story that began before the window: its turns, oldest first.
    pub timeline: Vec<String>,
    /// *Nhận định*, if a person wrote one.
    pub assessment: Option<String>,
    /// It missed the last edition.
    pub is_late: bool,
    /// Why it stands where it stands.
    pub score: ScoreParts,
}

/// Another outlet that carries a story.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AlsoView {
    /// Its name.
    pub outlet: String,
    /// Where: http or https only.
    pub url: Option<String>,
}

/// Phụ lục.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AppendixView {
    /// Outlets that published far less than usual.
    pub silent: Vec<String>,
    /// Outlets that could not be read.
    pub unreachable: Vec<String>,
    /// Headlines of stories that missed the last edition.
    pub late: Vec<String>,
    /// Corrections of earlier editions.
    pub errata: Vec<String>,
}
