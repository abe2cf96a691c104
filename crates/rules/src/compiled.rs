//! The rules after checking, as the judge reads them.

use std::collections::HashMap;

use chrono::NaiveDate;
use diembao_news::{FlagKind, Severity};

use crate::condition::Condition;
use crate::hide::{Negation, NumberRule};
use crate::info::{Expected, RuleInfo, TopicInfo};
use crate::numerals::Numerals;
use crate::phrases::{Form, GroupId};

/// Factors by zone: title, lead, first paragraphs, body.
pub(crate) type Places = [f32; 4];

/// Phrases of one weight within a rule.
#[derive(Debug)]
pub(crate) struct Group {
    pub id: GroupId,
    pub name: String,
    pub weight: f32,
}

/// How a rule adds up.
#[derive(Debug)]
pub(crate) struct Scoring {
    pub threshold: f32,
    pub places: Places,
    pub groups: Vec<Group>,
}

/// The days on which a rule holds.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Validity {
    pub from: Option<NaiveDate>,
    pub to: Option<NaiveDate>,
}

impl Validity {
    /// Whether a day lies within, both ends included.
    pub(crate) fn covers(self, day: NaiveDate) -> bool {
        self.from.is_none_or(|d| d <= day) && self.to.is_none_or(|d| day <= d)
    }
}

#[derive(Debug)]
pub(crate) struct Topic {
    pub info: TopicInfo,
    pub scoring: Scoring,
    pub when: Vec<Condition>,
    pub validity: Validity,
}

#[derive(Debug)]
pub(crate) struct Step {
    pub severity: Severity,
    pub condition: Condition,
    pub label: String,
}

#[derive(Debug)]
pub(crate) struct FlagRule {
    pub info: RuleInfo,
    pub scoring: Scoring,
    pub steps: Vec<Step>,
    pub claims: Vec<GroupId>,
    pub needs_health: bool,
    pub posts_only: bool,
    pub validity: Validity,
}

/// What a suppression does.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum How {
    Hard,
    Soft(f32),
    Lower(Severity),
}

#[derive(Debug)]
pub(crate) struct Suppression {
    pub name: String,
    pub how: How,
    pub kinds: Vec<FlagKind>,
    pub only: Vec<String>,
    pub except: Vec<String>,
    pub when: Vec<Condition>,
    pub unless: Vec<Condition>,
}

#[derive(Debug, Default)]
pub(crate) struct StanceRule {
    pub rebuttal: Vec<GroupId>,
    pub subjects: Vec<GroupId>,
    pub attribution: Vec<GroupId>,
    pub selling: Vec<GroupId>,
    pub within: u32,
}

#[derive(Debug)]
pub(crate) struct Gate {
    pub threshold: f32,
    /// Added to the squares of the factors: little evidence, little score.
    pub prior: f32,
    pub places: Places,
}

impl Gate {
    /// The weight at which a phrase would decide alone in a headline.
    pub(crate) fn alone(&self) -> f32 {
        let most = self.places.iter().copied().fold(f32::MIN_POSITIVE, f32::max);
        self.threshold * (self.prior + most * most).sqrt() / most
    }
}

impl Default for Gate {
    fn default() -> Self {
        Self { threshold: 1.0, prior: 20.0, places: [2.0, 1.5, 1.0, 1.0] }
    }
}

#[derive(Debug)]
pub(crate) struct Section {
    pub path: String,
    pub health: f32,
    pub no_flags: bool,
}

#[derive(Debug)]
pub(crate) struct Example {
    pub rule: String,
    pub headline: String,
    pub expected: Expected,
}

/// A province: today's name, one of its names and the phrase for that.
#[derive(Debug)]
pub(crate) struct Place {
    pub form: Form,
    pub name: String,
    pub today: String,
}

/// A facility of the registry.
#[derive(Debug)]
pub(crate) struct Facility {
    pub name: String,
    pub province: Option<String>,
}

/// Words that facts are read by.
#[derive(Debug)]
pub(crate) struct FactWords {
    pub facility: GroupId,
    pub inner: GroupId,
    pub unit: GroupId,
    pub dead: GroupId,
    pub ill: GroupId,
    pub deadline: GroupId,
    pub says: GroupId,
    pub speaker: GroupId,
}

/// Everything but the phrases.
#[derive(Debug, Default)]
pub(crate) struct Rules {
    pub topics: Vec<Topic>,
    pub flags: Vec<FlagRule>,
    pub suppressions: Vec<Suppression>,
    pub numbers: Vec<NumberRule>,
    pub numerals: Numerals,
    pub negation: Option<Negation>,
    pub stance: Option<StanceRule>,
    pub gate: Gate,
    pub sections: Vec<Section>,
    pub examples: Vec<Example>,
    pub places: Vec<Place>,
    /// Facilities by the phrases of their names.
    pub facilities: HashMap<Form, Facility>,
    pub facts: Option<FactWords>,
    /// By group: whether a negation takes its phrases back.
    pub negatable: Vec<bool>,
}
