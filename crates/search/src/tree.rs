//! A query as a tree of conditions.

use chrono::{DateTime, Utc};
use diembao_news::{Field, Severity};
use diembao_text::fold;

use crate::analysis::Unit;

/// A condition on an article.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Node {
    /// Words in the order they were typed.
    Words(Vec<Unit>),
    /// Words next to each other, at most so far out of place.
    Phrase(Vec<Unit>, u32),
    /// Words that begin so.
    Prefix(Unit),
    /// Conditions side by side.
    Group(Vec<Node>),
    /// Any of them.
    Or(Vec<Node>),
    /// Not this.
    Not(Box<Node>),
    /// Within one field of the text.
    In(Field, Box<Node>),
    /// One of these values.
    Is(Attribute, Vec<String>),
    /// Severity at least and at most.
    Severity(Severity, Severity),
    /// Published within.
    Published(Option<DateTime<Utc>>, Option<DateTime<Utc>>),
    /// Every article.
    Everything,
}

/// What an article has values of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Attribute {
    Outlet,
    Topic,
    Flag,
    Province,
    Facility,
    Section,
    Story,
}

/// What can stand before a colon.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Name {
    Text(Field),
    Value(Attribute),
    Severity,
    Date,
}

impl Name {
    /// Reads the name before a colon.
    pub(crate) fn parse(s: &str) -> Option<Self> {
        if s.len() > 16 {
            return None;
        }
        Some(match fold(s).as_str() {
            "title" | "tieude" => Self::Text(Field::Title),
            "lead" | "sapo" => Self::Text(Field::Lead),
            "body" | "noidung" => Self::Text(Field::Body),
            "outlet" | "nguon" => Self::Value(Attribute::Outlet),
            "topic" | "linhvuc" => Self::Value(Attribute::Topic),
            "flag" => Self::Value(Attribute::Flag),
            "province" | "tinh" => Self::Value(Attribute::Province),
            "facility" | "coso" => Self::Value(Attribute::Facility),
            "section" | "chuyenmuc" => Self::Value(Attribute::Section),
            "story" => Self::Value(Attribute::Story),
            "severity" | "mucdo" => Self::Severity,
            "date" | "ngay" => Self::Date,
            _ => return None,
        })
    }
}

impl Node {
    /// Whether it is no condition at all.
    pub(crate) fn is_empty(&self) -> bool {
        matches!(self, Self::Words(w) if w.is_empty())
    }

    /// Whether only words side by side make one match better than another.
    pub(crate) fn scores_by_words(&self) -> bool {
        match self {
            Self::Words(_) | Self::Not(_) => true,
            Self::Is(..) | Self::Severity(..) | Self::Published(..) | Self::Everything => true,
            Self::Phrase(..) | Self::Prefix(_) | Self::Group(_) | Self::Or(_) | Self::In(..) => false,
        }
    }

    /// Whether any word of it carries accents.
    pub(crate) fn has_accents(&self) -> bool {
        match self {
            Self::Words(words) | Self::Phrase(words, _) => words.iter().any(Unit::is_accented),
            Self::Prefix(unit) => unit.is_accented(),
            Self::Group(nodes) | Self::Or(nodes) => nodes.iter().any(Self::has_accents),
            Self::Not(node) | Self::In(_, node) => node.has_accents(),
            Self::Is(..) | Self::Severity(..) | Self::Published(..) | Self::Everything => false,
        }
    }
}
