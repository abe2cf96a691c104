//! What an edition is made from.

use chrono::{DateTime, NaiveDate, Utc};
use diembao_news::{ArticleId, ArticleText, FlagKind, Severity, Stance, StoryId, Tier};

/// All that one edition is made from.
#[derive(Debug, Clone, Default)]
pub struct EditionInput {
    /// The day it is dated.
    pub day: NaiveDate,
    /// It covers what was published or first seen from here …
    pub from: DateTime<Utc>,
    /// … up to, not including, here.
    pub to: DateTime<Utc>,
    /// Who it is for: "Bộ Y tế".
    pub agency: String,
    /// Who made it: "Văn phòng Bộ".
    pub unit: String,
    /// Which outlets could be read.
    pub coverage: Coverage,
    /// The stories, in any order.
    pub stories: Vec<StoryInput>,
    /// The topics' names, in section order.
    pub topics: Vec<TopicName>,
    /// The seven days before the edition's, oldest first.
    pub trend: Vec<DayCount>,
    /// No editor approved it; it left by itself.
    pub unattended: bool,
}

/// Which outlets could be read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Coverage {
    /// How many are watched.
    pub n_outlets: usize,
    /// How many answered in the window.
    pub n_read: usize,
    /// Names of those that answered but published far less than usual.
    pub silent: Vec<String>,
    /// Names of those that could not be read.
    pub unreachable: Vec<String>,
}

/// One story of the window.
#[derive(Debug, Clone)]
pub struct StoryInput {
    /// Its id.
    pub id: StoryId,
    /// Its articles, in any order; those published before the window show what was known before.
    pub articles: Vec<ArticleInput>,
    /// Topic ids and scores, best first.
    pub topics: Vec<(String, f32)>,
    /// What the rules warn of.
    pub flags: Vec<FlagView>,
    /// What flagged articles say, as ready phrases: where, how many, until when, who is quoted.
    pub reported: Vec<String>,
    /// The duty desk's case, if one is open.
    pub case: Option<CaseView>,
    /// It missed the last edition and is carried over.
    pub is_late: bool,
}

/// One article of a story.
#[derive(Debug, Clone)]
pub struct ArticleInput {
    /// Its id.
    pub id: ArticleId,
    /// The outlet's name: "Tuổi Trẻ".
    pub outlet: String,
    /// The outlet's weight.
    pub tier: Tier,
    /// Where it can be read; none for print and broadcast.
    pub url: Option<String>,
    /// What it says.
    pub text: ArticleText,
    /// When it was published.
    pub published: DateTime<Utc>,
    /// It copies another article of the story.
    pub is_reprint: bool,
}

/// A flag as a reader sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FlagView {
    /// The rule's id.
    pub rule: String,
    /// The rule's Vietnamese name.
    pub rule_name: String,
    /// What it warns of.
    pub kind: FlagKind,
    /// How grave the press story is.
    pub severity: Severity,
    /// For misinformation: on which side the article stands.
    pub stance: Option<Stance>,
}

/// A case as a reader sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CaseView {
    /// Its number.
    pub number: i64,
    /// Its state, in Vietnamese: "đang xác minh".
    pub state: String,
    /// Who speaks or answers.
    pub owner: Option<String>,
    /// By when.
    pub deadline: Option<DateTime<Utc>>,
}

/// A topic's place in the edition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TopicName {
    /// Its id in the rules.
    pub id: String,
    /// Its Vietnamese name.
    pub name: String,
    /// Which of the eleven fields it is, 1 to 11; none for any other topic.
    pub field: Option<u8>,
}

/// One day of the trend.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DayCount {
    /// The day.
    pub day: NaiveDate,
    /// Health articles read.
    pub n_health: usize,
    /// Stories flagged as incidents.
    pub n_incidents: usize,
}

/// Which part of an edition an audience gets.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Cut {
    /// Only stories with one of these topics; empty: all.
    pub topics: Vec<String>,
    /// Only stories whose headlines or leads name one of these provinces; empty: all.
    pub provinces: Vec<String>,
    /// How much of each.
    pub form: Form,
    /// The language of the subject line.
    pub subject: SubjectLanguage,
    /// A file with every item goes with the mail.
    pub has_file: bool,
}

impl Cut {
    /// Whether it leaves stories out.
    #[must_use]
    pub fn is_partial(&self) -> bool {
        !self.topics.is_empty() || !self.provinces.is_empty()
    }
}

/// The language of a subject line.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum SubjectLanguage {
    /// Vietnamese.
    #[default]
    Vietnamese,
    /// English, for readers whose mail shows no Vietnamese or who read none.
    English,
}

/// How much of an edition is shown.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum Form {
    /// For leaders: highlights, incidents and falsehoods in full, the rest as headlines.
    Brief,
    /// Everything.
    #[default]
    Full,
}
