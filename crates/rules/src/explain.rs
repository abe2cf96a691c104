//! Everything the rules saw in an article, for `why` and `rules try`.

use diembao_news::{Classification, Evidence, Field, FlagKind};

/// The whole account of one decision.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Explanation {
    /// The decision itself.
    pub classification: Classification,
    /// The health decision.
    pub health: HealthTrace,
    /// Each topic and flag rule of which anything was found, those that fired first, then by score.
    pub rules: Vec<RuleTrace>,
    /// Phrases that were found but hidden or negated.
    pub hidden: Vec<HiddenPhrase>,
    /// What else the text says that a reader of a flag wants to know.
    pub facts: Facts,
}

/// How the health decision was made.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct HealthTrace {
    /// The score.
    pub score: f32,
    /// What it had to reach.
    pub threshold: f32,
    /// What the section of the URL added, and which one.
    pub section: Option<(String, f32)>,
    /// The phrases that weighed most, either way, heaviest first; at most 40.
    pub evidence: Vec<Evidence>,
}

/// What became of one rule.
#[derive(Debug, Clone, PartialEq)]
pub struct RuleTrace {
    /// The rule's id.
    pub id: String,
    /// The rule's Vietnamese name.
    pub name: String,
    /// None for a topic.
    pub kind: Option<FlagKind>,
    /// Whether it fired.
    pub fired: bool,
    /// The score, after suppression.
    pub score: f32,
    /// What the score has to reach.
    pub threshold: f32,
    /// The steps of its ladder and whether each held: `red`, true.
    pub steps: Vec<(String, bool)>,
    /// The suppressions that applied, by name.
    pub suppressed_by: Vec<String>,
    /// What it found.
    pub evidence: Vec<Evidence>,
}

/// A phrase that was found and not counted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HiddenPhrase {
    /// Where it stands.
    pub field: Field,
    /// First byte in the field's text.
    pub start: usize,
    /// One past its last byte.
    pub end: usize,
    /// The words as they stand there.
    pub text: String,
    /// Why it was not counted.
    pub reason: HiddenBy,
}

/// Why a found phrase was not counted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HiddenBy {
    /// It lies inside a masking phrase: "dịch vụ" hides "dịch".
    Mask(String),
    /// A negation stands before it: "không có".
    Negation(String),
}

/// Facts read beside the flags.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Facts {
    /// Health facilities named: "Bệnh viện đa khoa tỉnh X".
    pub facilities: Vec<Fact>,
    /// Provinces named, as written, with today's name.
    pub provinces: Vec<Fact>,
    /// The greatest number of dead stated.
    pub dead: Option<Fact>,
    /// The greatest number of ill or injured stated.
    pub ill: Option<Fact>,
    /// Dates as written: "ngày 20/11".
    pub dates: Vec<Fact>,
    /// Deadlines set in directives: "trước 12 giờ ngày 15/4/2025".
    pub deadlines: Vec<Fact>,
    /// Who is quoted or named as source.
    pub speakers: Vec<Fact>,
}

/// One fact and where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fact {
    /// The fact in normal form: today's name of the province, the number in digits, else the words.
    pub value: String,
    /// The words as they stand.
    pub text: String,
    /// Where they stand.
    pub field: Field,
    /// First byte in the field's text.
    pub start: usize,
    /// One past its last byte.
    pub end: usize,
}
