//! The shapes of the tables in rule files, as written.

use std::collections::BTreeMap;

use serde::Deserialize;
use toml::Spanned;

pub(crate) type Word = Spanned<String>;

/// `[[list]]`: phrases shared by several rules.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawList {
    pub id: Word,
    #[serde(default)]
    pub phrases: Vec<Word>,
    #[serde(default, rename = "use")]
    pub uses: Vec<Word>,
    /// False: the words count even after "không".
    #[serde(default = "yes")]
    pub negatable: bool,
    #[serde(default)]
    #[expect(dead_code, reason = "for the reader of the file")]
    pub note: String,
}

/// Where a phrase counts how much.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawWhere {
    #[serde(default)]
    pub title: f32,
    #[serde(default)]
    pub lead: f32,
    #[serde(default)]
    pub first: f32,
    #[serde(default)]
    pub body: f32,
}

/// `[topic.groups.NAME]`: phrases of one weight.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawGroup {
    pub weight: Spanned<f32>,
    #[serde(default)]
    pub phrases: Vec<Word>,
    #[serde(default, rename = "use")]
    pub uses: Vec<Word>,
}

/// Terms that must stand near each other.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawNear {
    pub of: Vec<Word>,
    /// A number of syllables, or "sentence".
    pub within: Spanned<RawWithin>,
    /// True: in the order written.
    #[serde(default)]
    pub ordered: bool,
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub(crate) enum RawWithin {
    Syllables(u32),
    Named(String),
}

/// A number of different terms out of several.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawAtLeast {
    pub count: usize,
    pub of: Vec<Word>,
}

/// A condition; as a step of a ladder it names the severity it gives.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawCondition {
    pub severity: Option<Word>,
    #[serde(default)]
    pub note: String,
    #[serde(default)]
    pub all: Vec<Word>,
    #[serde(default)]
    pub any: Vec<Word>,
    #[serde(default)]
    pub none: Vec<Word>,
    pub at_least: Option<RawAtLeast>,
    #[serde(default)]
    pub near: Vec<RawNear>,
}

impl RawCondition {
    /// Every term it names, as written.
    pub(crate) fn words(&self) -> Vec<String> {
        let at_least = self.at_least.iter().flat_map(|a| &a.of);
        let near = self.near.iter().flat_map(|n| &n.of);
        let terms = self.all.iter().chain(&self.any).chain(&self.none).chain(at_least).chain(near);
        terms.map(|w| w.get_ref().clone()).collect()
    }
}

/// A rule's own tests.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawExamples {
    #[serde(default)]
    pub positive: Vec<Word>,
    #[serde(default)]
    pub negative: Vec<Word>,
    #[serde(default)]
    pub red: Vec<Word>,
    #[serde(default)]
    pub orange: Vec<Word>,
    #[serde(default)]
    pub yellow: Vec<Word>,
    #[serde(default)]
    pub green: Vec<Word>,
    #[serde(default)]
    pub claim: Vec<Word>,
    #[serde(default)]
    pub rebuttal: Vec<Word>,
    #[serde(default)]
    pub mixed: Vec<Word>,
}

/// `[[case]]`: a person's correction, kept as a test.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawCase {
    /// A rule's id, or "gate".
    pub rule: Word,
    /// The headline; a vertical bar begins the lead.
    pub headline: String,
    /// "fires", "silent", a severity or a stance.
    pub expect: Word,
    #[serde(default)]
    #[expect(dead_code, reason = "for the reader of the file")]
    pub author: String,
    #[serde(default)]
    #[expect(dead_code, reason = "for the reader of the file")]
    pub reason: String,
}

/// Who changed a rule, why, and when it holds.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawHistory {
    #[serde(default)]
    pub author: String,
    #[serde(default)]
    pub reason: String,
    pub valid_from: Option<Word>,
    pub valid_to: Option<Word>,
}

/// `[[topic]]`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawTopic {
    pub id: Word,
    pub name: String,
    pub field: Option<Spanned<u8>>,
    pub threshold: Spanned<f32>,
    #[serde(rename = "where")]
    pub places: Option<RawWhere>,
    #[serde(default)]
    pub groups: BTreeMap<String, RawGroup>,
    #[serde(default)]
    pub when: Vec<RawCondition>,
    #[serde(default)]
    pub history: RawHistory,
    #[serde(default)]
    pub examples: RawExamples,
}

/// `[[flag]]`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawFlag {
    pub id: Word,
    pub name: String,
    pub kind: Word,
    pub threshold: Spanned<f32>,
    #[serde(default)]
    pub resembles: String,
    #[serde(rename = "where")]
    pub places: Option<RawWhere>,
    #[serde(default)]
    pub groups: BTreeMap<String, RawGroup>,
    #[serde(default)]
    pub step: Vec<RawCondition>,
    /// True: it stays silent outside health news. The default for misinformation.
    pub needs_health: Option<bool>,
    /// True: only for texts without a headline, as people post them.
    #[serde(default)]
    pub posts_only: bool,
    /// True: what it warns of happens in one place, so that reports from two provinces are of two events.
    #[serde(default)]
    pub one_place: bool,
    /// Misinformation: the groups or lists that make the claim.
    #[serde(default)]
    pub claims: Vec<Word>,
    #[serde(default)]
    pub history: RawHistory,
    #[serde(default)]
    pub examples: RawExamples,
}

/// `[[suppress]]`: what takes a flag back or lowers it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawSuppress {
    pub id: Word,
    pub name: String,
    /// "hard", "soft" or "lower".
    pub how: Word,
    #[serde(default)]
    pub kinds: Vec<Word>,
    #[serde(default)]
    pub only: Vec<Word>,
    #[serde(default)]
    pub except: Vec<Word>,
    /// For "soft": what is taken from the score.
    #[serde(default = "two")]
    pub penalty: f32,
    /// For "lower": the highest severity that remains.
    pub to: Option<Word>,
    pub when: Vec<RawCondition>,
    #[serde(default)]
    pub unless: Vec<RawCondition>,
}

/// `[[number]]`: a count of something.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawNumber {
    pub id: Word,
    pub at_least: Spanned<u32>,
    /// Lists of what is counted: "người", "học sinh".
    pub unit: Vec<Word>,
    /// Lists one of which must follow within `within` syllables.
    #[serde(default)]
    pub then: Vec<Word>,
    #[serde(default = "four")]
    pub within: u32,
}

/// `[[mask]]`: phrases that hide what lies inside them.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawMask {
    pub id: Word,
    pub phrases: Vec<Word>,
    #[serde(default)]
    #[expect(dead_code, reason = "for the reader of the file")]
    pub note: String,
}

/// `[[variant]]`: spellings that are one word.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawVariant {
    pub forms: Vec<Word>,
}

/// `[negation]`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawNegation {
    pub before: Vec<Word>,
    pub within: u32,
}

/// `[stance]`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawStance {
    pub rebuttal: Vec<Word>,
    pub subjects: Vec<Word>,
    pub attribution: Vec<Word>,
    pub selling: Vec<Word>,
    pub within: u32,
}

/// `[gate]`: is it health news at all?
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawGate {
    pub threshold: Option<Spanned<f32>>,
    /// Evidence that must be there before much is believed: added under the root.
    pub prior: Option<f32>,
    #[serde(rename = "where")]
    pub places: Option<RawWhere>,
    #[serde(default)]
    pub groups: BTreeMap<String, RawGroup>,
    #[serde(default)]
    pub weights: BTreeMap<Word, f32>,
    #[serde(default)]
    pub examples: RawExamples,
}

/// `[[section]]`: what a part of an outlet's site says beforehand.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawSection {
    pub path: Word,
    #[serde(default)]
    pub health: f32,
    /// True: incident and misinformation rules stay silent there.
    #[serde(default)]
    pub no_flags: bool,
}

/// `[[place]]`: a province, with the names it had.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawPlace {
    pub name: Word,
    #[serde(default)]
    pub old: Vec<Word>,
    #[serde(default)]
    pub also: Vec<Word>,
}

/// `[[organisation]]`: an entry of the registry, as far as it names a place where people are treated.
#[derive(Debug, Deserialize)]
pub(crate) struct RawOrganisation {
    pub name: Word,
    #[serde(default)]
    pub kind: String,
    #[serde(default)]
    pub also: Vec<Word>,
    pub province: Option<String>,
}

/// `[facts]`: words that facts are read by.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawFacts {
    pub facility: Vec<Word>,
    pub inner: Vec<Word>,
    pub unit: Vec<Word>,
    pub dead: Vec<Word>,
    pub ill: Vec<Word>,
    pub deadline: Vec<Word>,
    pub says: Vec<Word>,
    pub speaker: Vec<Word>,
}

fn yes() -> bool {
    true
}

fn two() -> f32 {
    2.0
}

fn four() -> u32 {
    4
}
