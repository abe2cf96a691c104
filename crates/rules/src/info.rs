//! What a rule set tells about itself.

use diembao_news::{FlagKind, Severity, Stance};

/// A field of the health sector, as the rules define it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TopicInfo {
    /// Its id: `kham-chua-benh`.
    pub id: String,
    /// Its Vietnamese name: "Khám bệnh, chữa bệnh".
    pub name: String,
    /// Its number among the eleven fields; none for an extension field or a detail of one.
    pub field: Option<u8>,
    /// Its place in every list: the eleven first, in their order, then the others.
    pub order: usize,
}

/// An incident or misinformation rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleInfo {
    /// Its id.
    pub id: String,
    /// Its Vietnamese name.
    pub name: String,
    /// What it warns of.
    pub kind: FlagKind,
    /// The gravest severity it can give.
    pub gravest: Severity,
    /// Who changed it last; may be empty.
    pub author: String,
    /// Why it was changed last; may be empty.
    pub reason: String,
    /// The serious-incident kind it may resemble, said as "có thể"; may be empty.
    pub resembles: String,
    /// Whether what it warns of happens in one place: reports from two provinces are of two events.
    pub one_place: bool,
}

/// What a rule's example says should happen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Expected {
    /// The rule fires.
    Fires,
    /// The rule fires with this severity.
    Severity(Severity),
    /// The rule fires with this stance.
    Stance(Stance),
    /// The rule stays silent.
    Silent,
}

impl Expected {
    /// The word of a rule file: `fires`, `silent`, a severity or a stance.
    #[must_use]
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Fires => "fires",
            Self::Silent => "silent",
            Self::Severity(severity) => severity.as_str(),
            Self::Stance(stance) => stance.as_str(),
        }
    }

    /// Reads the word of a rule file.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        match word {
            "fires" => Some(Self::Fires),
            "silent" => Some(Self::Silent),
            _ => Severity::parse(word).map(Self::Severity).or_else(|| Stance::parse(word).map(Self::Stance)),
        }
    }
}

/// What a rule did with one of its own examples.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExampleOutcome {
    /// The rule's id; `gate` for the health decision.
    pub rule: String,
    /// The example.
    pub headline: String,
    /// What the rule's author expects.
    pub expected: Expected,
    /// What happened.
    pub got: Got,
}

/// What happened to an example.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Got {
    /// The rule fired; with what a flag carries.
    Fired(Option<(Severity, Option<Stance>)>),
    /// The rule stayed silent.
    Silent,
}

impl ExampleOutcome {
    /// Whether the rule did what its author expects.
    #[must_use]
    pub fn passed(&self) -> bool {
        match (&self.expected, &self.got) {
            (Expected::Fires, Got::Fired(_)) | (Expected::Silent, Got::Silent) => true,
            (Expected::Severity(want), Got::Fired(Some((got, _)))) => want == got,
            (Expected::Stance(want), Got::Fired(Some((_, got)))) => Some(*want) == *got,
            _ => false,
        }
    }
}
