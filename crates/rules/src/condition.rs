//! Conditions over what was found: all, any, none, at least, near.

use crate::phrases::{Book, GroupId};
use crate::scan::{Doc, Hidden, Hit, Zone};

/// Hits of one term that are looked at: more than any article has, few enough for hostile text.
const MOST_ANCHORS: usize = 512;
/// The same, within one sentence.
const MOST_IN_SENTENCE: usize = 64;

/// How far down the article a term may stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Reach {
    /// The headline.
    Title,
    /// The headline or the lead, or what stands in for it.
    Top,
    /// The headline, the lead or the first paragraphs.
    Head,
    /// The whole text.
    Text,
}

impl Reach {
    /// The prefixes a term may have in a rule file.
    pub(crate) const NAMES: [(&'static str, Self); 4] =
        [("title", Self::Title), ("top", Self::Top), ("head", Self::Head), ("text", Self::Text)];

    fn covers(self, zone: Zone) -> bool {
        match self {
            Self::Title => zone == Zone::Title,
            Self::Top => zone <= Zone::Opening,
            Self::Head => zone <= Zone::First,
            Self::Text => true,
        }
    }
}

/// A group of phrases, and where it must stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Term {
    pub group: GroupId,
    pub reach: Reach,
}

/// Terms that must stand near each other: each within reach of the first, in one sentence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Near {
    pub of: Vec<Term>,
    /// Syllables between; none: the same sentence is enough.
    pub within: Option<u32>,
    pub ordered: bool,
}

/// All parts must hold.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Condition {
    pub all: Vec<Term>,
    pub any: Vec<Term>,
    pub none: Vec<Term>,
    pub at_least: Option<(usize, Vec<Term>)>,
    pub near: Vec<Near>,
}

impl Condition {
    /// Whether it says nothing at all.
    pub(crate) fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Whether it holds for an article.
    pub(crate) fn holds(&self, seen: &Seen<'_>) -> bool {
        self.all.iter().all(|t| seen.has(*t))
            && (self.any.is_empty() || self.any.iter().any(|t| seen.has(*t)))
            && !self.none.iter().any(|t| seen.has(*t))
            && self.at_least.as_ref().is_none_or(|(n, of)| of.iter().filter(|t| seen.has(**t)).count() >= *n)
            && self.near.iter().all(|near| near.holds(seen))
    }

    /// The terms that speak for it.
    pub(crate) fn terms(&self) -> impl Iterator<Item = Term> {
        let at_least = self.at_least.iter().flat_map(|(_, of)| of);
        let near = self.near.iter().flat_map(|n| &n.of);
        self.all.iter().chain(&self.any).chain(at_least).chain(near).copied()
    }
}

impl Near {
    fn holds(&self, seen: &Seen<'_>) -> bool {
        let Some((anchor, others)) = self.of.split_first() else {
            return true;
        };
        seen.hits(*anchor).take(MOST_ANCHORS).any(|a| {
            let mut from = a;
            others.iter().all(|t| match seen.in_sentence(*t, a.sentence).find(|b| self.close(from, b)) {
                Some(b) => {
                    if self.ordered {
                        from = b;
                    }
                    true
                }
                None => false,
            })
        })
    }

    fn close(&self, a: &Hit, b: &Hit) -> bool {
        if a.sentence != b.sentence {
            return false;
        }
        let gap = if b.first >= a.last {
            b.first - a.last
        } else if a.first >= b.last && !self.ordered {
            a.first - b.last
        } else if a.first < b.first && a.last < b.last || !self.ordered && b.first < a.first && b.last < a.last {
            // They share a word, as "ca bệnh" and "bệnh tả" do. One inside the other would be one thing told twice.
            0
        } else {
            return false;
        };
        self.within.is_none_or(|n| gap <= n)
    }
}

/// What was found in an article, by group.
#[derive(Debug)]
pub(crate) struct Seen<'a> {
    pub doc: &'a Doc,
    /// Group, sentence, hit.
    by_group: Vec<(GroupId, u32, u32)>,
}

impl<'a> Seen<'a> {
    /// Orders the hits of an article by group. A negated hit counts only in groups that cannot be negated.
    pub(crate) fn new(doc: &'a Doc, book: &Book, negatable: &[bool]) -> Self {
        let mut by_group = Vec::with_capacity(doc.hits.len());
        for (n, hit) in doc.hits.iter().enumerate() {
            if matches!(hit.hidden, Hidden::Mask(_)) {
                continue;
            }
            let negated = matches!(hit.hidden, Hidden::Negation(_));
            for &group in book.groups(hit.form) {
                if !(negated && negatable[usize::from(group)]) {
                    by_group.push((group, hit.sentence, u32::try_from(n).expect("hits are capped")));
                }
            }
        }
        by_group.sort_unstable();
        Self { doc, by_group }
    }

    /// The hits of a group, in the order of the text.
    pub(crate) fn of_group(&self, group: GroupId) -> impl Iterator<Item = &'a Hit> + use<'a, '_> {
        let from = self.by_group.partition_point(|&(g, _, _)| g < group);
        self.by_group[from..].iter().take_while(move |h| h.0 == group).map(|h| &self.doc.hits[h.2 as usize])
    }

    /// The hits of a term.
    pub(crate) fn hits(&self, term: Term) -> impl Iterator<Item = &'a Hit> + use<'a, '_> {
        self.of_group(term.group).filter(move |h| term.reach.covers(h.zone))
    }

    /// The hits of a term in one sentence.
    fn in_sentence(&self, term: Term, sentence: u32) -> impl Iterator<Item = &'a Hit> + use<'a, '_> {
        let from = self.by_group.partition_point(|h| (h.0, h.1) < (term.group, sentence));
        let here = self.by_group[from..].iter().take_while(move |h| (h.0, h.1) == (term.group, sentence));
        let hits = here.map(|h| &self.doc.hits[h.2 as usize]);
        hits.filter(move |h| term.reach.covers(h.zone)).take(MOST_IN_SENTENCE)
    }

    fn has(&self, term: Term) -> bool {
        self.hits(term).next().is_some()
    }
}
