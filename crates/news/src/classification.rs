//! What the rules say of an article, and why.

use crate::Field;

/// A phrase that was found and counted.
#[derive(Debug, Clone, PartialEq)]
pub struct Evidence {
    /// Where it stands.
    pub field: Field,
    /// First byte in the field's text.
    pub start: usize,
    /// One past its last byte in the field's text.
    pub end: usize,
    /// The words as they stand there.
    pub text: String,
    /// The rule's group of phrases it belongs to.
    pub group: String,
    /// What it added to the score; negative when it speaks against.
    pub weight: f32,
}

/// A field of the health sector an article belongs to.
#[derive(Debug, Clone, PartialEq)]
pub struct TopicMatch {
    /// The topic's id in the rules.
    pub id: String,
    /// The score; at or above the topic's threshold.
    pub score: f32,
    /// What was found.
    pub evidence: Vec<Evidence>,
}

/// What a flag warns of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FlagKind {
    /// A possible medical incident.
    Incident,
    /// Possible health misinformation.
    Misinformation,
}

impl FlagKind {
    /// The name used in stores and JSON.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Incident => "incident",
            Self::Misinformation => "misinformation",
        }
    }

    /// Reads the name used in stores and JSON.
    #[must_use]
    pub fn parse(s: &str) -> Option<Self> {
        [Self::Incident, Self::Misinformation].into_iter().find(|k| k.as_str() == s)
    }
}

/// How grave the press story is (never a clinical class). Ordered: `Red` is the greatest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Xanh: a follow-up, a conclusion, an apology.
    Green,
    /// Vàng: for the digest.
    Yellow,
    /// Cam: alert within the shift.
    Orange,
    /// Đỏ: alert at any hour.
    Red,
}

impl Severity {
    /// The name used in files, stores and JSON.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Green => "green",
            Self::Yellow => "yellow",
            Self::Orange => "orange",
            Self::Red => "red",
        }
    }

    /// Reads the name used in files, stores and JSON.
    #[must_use]
    pub fn parse(s: &str) -> Option<Self> {
        [Self::Green, Self::Yellow, Self::Orange, Self::Red].into_iter().find(|v| v.as_str() == s)
    }

    /// The name on screen, in Vietnamese.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Green => "Xanh",
            Self::Yellow => "Vàng",
            Self::Orange => "Cam",
            Self::Red => "Đỏ",
        }
    }
}

/// Whether an article spreads a falsehood or answers it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Stance {
    /// It makes the claim.
    Claim,
    /// It denies or warns of the claim.
    Rebuttal,
    /// Both are in it.
    Mixed,
}

impl Stance {
    /// The name used in stores and JSON.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Claim => "claim",
            Self::Rebuttal => "rebuttal",
            Self::Mixed => "mixed",
        }
    }

    /// Reads the name used in stores and JSON.
    #[must_use]
    pub fn parse(s: &str) -> Option<Self> {
        [Self::Claim, Self::Rebuttal, Self::Mixed].into_iter().find(|v| v.as_str() == s)
    }
}

/// A possible incident or falsehood.
#[derive(Debug, Clone, PartialEq)]
pub struct Flag {
    /// The rule that fired.
    pub rule: String,
    /// What it warns of.
    pub kind: FlagKind,
    /// How grave it is.
    pub severity: Severity,
    /// For misinformation: on which side the article stands.
    pub stance: Option<Stance>,
    /// The score; at or above the rule's threshold.
    pub score: f32,
    /// What was found.
    pub evidence: Vec<Evidence>,
}

/// All that the rules say of one article.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Classification {
    /// Whether it is health news at all.
    pub health: bool,
    /// The score of that decision.
    pub health_score: f32,
    /// Its fields, best first.
    pub topics: Vec<TopicMatch>,
    /// Its flags, gravest first.
    pub flags: Vec<Flag>,
    /// The rules' version: a hash of their text.
    pub rules_version: String,
}

impl Classification {
    /// The gravest severity among the flags of a kind.
    #[must_use]
    pub fn severity(&self, kind: FlagKind) -> Option<Severity> {
        self.flags.iter().filter(|f| f.kind == kind).map(|f| f.severity).max()
    }
}
