//! The board of health falsehoods: claims beside their rebuttals, those without an official
//! answer first.

use std::collections::HashSet;

use chrono::{DateTime, TimeDelta, Utc};
use diembao_news::{FlagKind, OutletId, Stance, StoryId};

use crate::StoryFacts;

/// Whether somebody has answered a claim.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Gap {
    /// Nobody.
    Unanswered,
    /// Articles that make the claim also print a denial; none only denies.
    Partly,
    /// The press prints a rebuttal, but no official answer is recorded.
    Rebutted,
    /// The official answer is recorded on the desk.
    Answered,
}

impl Gap {
    /// The name used in JSON.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Unanswered => "unanswered",
            Self::Partly => "partly",
            Self::Rebutted => "rebutted",
            Self::Answered => "answered",
        }
    }

    /// The name on screen, in Vietnamese.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Unanswered => "chưa có phản hồi",
            Self::Partly => "có phản hồi một phần",
            Self::Rebutted => "báo chí đã bác bỏ",
            Self::Answered => "đã phát ngôn",
        }
    }
}

/// How far one side has reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Reach {
    /// Its articles.
    pub n_articles: usize,
    /// Their outlets.
    pub n_outlets: usize,
    /// The first of them.
    pub first: Option<DateTime<Utc>>,
}

/// One falsehood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClaimRow {
    /// Its story.
    pub story: StoryId,
    /// The headline of the first article that makes the claim, else of the first at all.
    pub title: String,
    /// Whether somebody has answered.
    pub gap: Gap,
    /// Articles that make the claim, those that also deny it among them.
    pub claim: Reach,
    /// Articles that deny it, those that also make it among them.
    pub rebuttal: Reach,
    /// Since the claim first appeared; none: only its denial is known.
    pub age: Option<TimeDelta>,
}

/// The board from stories, each with the time of its official answer when the desk has one.
/// Stories without a flag for misinformation are left out. What nobody has answered comes
/// first, of these what the most outlets spread, then the oldest.
#[must_use]
pub fn claim_board(stories: &[(StoryFacts<'_>, Option<DateTime<Utc>>)], now: DateTime<Utc>) -> Vec<ClaimRow> {
    let mut rows: Vec<ClaimRow> =
        stories.iter().filter_map(|(facts, answered)| claim_row(facts, *answered, now)).collect();
    rows.sort_by(|a, b| {
        let only_denied = |r: &ClaimRow| r.age.is_none();
        (a.gap.cmp(&b.gap))
            .then(only_denied(a).cmp(&only_denied(b)))
            .then(b.claim.n_outlets.cmp(&a.claim.n_outlets))
            .then(b.age.cmp(&a.age))
            .then(a.story.cmp(&b.story))
    });
    rows
}

fn claim_row(facts: &StoryFacts<'_>, answered: Option<DateTime<Utc>>, now: DateTime<Utc>) -> Option<ClaimRow> {
    let flagged: Vec<(Stance, _)> = facts
        .articles
        .iter()
        .filter_map(|article| {
            let flag = article.flags.iter().find(|f| f.kind == FlagKind::Misinformation)?;
            Some((flag.stance.unwrap_or(Stance::Claim), article))
        })
        .collect();
    let reach = |wanted: &[Stance]| {
        let side = flagged.iter().filter(|(stance, _)| wanted.contains(stance));
        let outlets: HashSet<&OutletId> = side.clone().map(|(_, a)| a.outlet).collect();
        Reach {
            n_articles: side.clone().count(),
            n_outlets: outlets.len(),
            first: side.map(|(_, a)| a.published).min(),
        }
    };
    let claim = reach(&[Stance::Claim, Stance::Mixed]);
    let rebuttal = reach(&[Stance::Rebuttal, Stance::Mixed]);
    let only_rebutting = flagged.iter().any(|(stance, _)| *stance == Stance::Rebuttal);
    let gap = match rebuttal.n_articles {
        _ if answered.is_some() => Gap::Answered,
        0 => Gap::Unanswered,
        _ if only_rebutting => Gap::Rebutted,
        _ => Gap::Partly,
    };
    let (_, first) = flagged.iter().min_by_key(|(stance, a)| (*stance == Stance::Rebuttal, a.published, a.id))?;
    let age = claim.first.map(|at| (now - at).max(TimeDelta::zero()));
    Some(ClaimRow { story: facts.story, title: first.title.to_owned(), gap, claim, rebuttal, age })
}

#[cfg(test)]
mod tests {
    use diembao_news::{ArticleId, CanonicalUrl, Flag, Severity};

    use super::*;
    use crate::ArticleFacts;

    fn now() -> DateTime<Utc> {
        "2026-11-21T00:00:00Z".parse().unwrap()
    }

    /// Stories as letters: c claim, r rebuttal, m mixed, - unflagged; the place is the outlet and the hour.
    fn board(stories: &[(&str, bool)]) -> Vec<(usize, Gap, usize, usize)> {
        let outlets: Vec<OutletId> = (0..9).map(|n| OutletId::parse(&format!("o{n}")).unwrap()).collect();
        let flags: Vec<Vec<Vec<Flag>>> =
            stories.iter().map(|(letters, _)| letters.chars().map(flag).collect()).collect();
        let id = |n: usize| ArticleId::of_url(&CanonicalUrl::parse(&format!("https://a.vn/{n}")).unwrap());
        let facts: Vec<_> = flags
            .iter()
            .enumerate()
            .map(|(n, flags)| {
                let articles = flags.iter().enumerate().map(|(i, flags)| ArticleFacts {
                    id: id(n * 10 + i),
                    outlet: &outlets[i],
                    title: "tin",
                    published: now() - TimeDelta::hours(20 - i64::try_from(i).unwrap()),
                    flags,
                });
                let story = StoryFacts { story: StoryId::beginning_with(id(n * 10)), articles: articles.collect() };
                (story, stories[n].1.then(now))
            })
            .collect();
        claim_board(&facts, now())
            .iter()
            .map(|row| {
                let n = facts.iter().position(|(f, _)| f.story == row.story).unwrap();
                (n, row.gap, row.claim.n_outlets, row.rebuttal.n_outlets)
            })
            .collect()
    }

    fn flag(letter: char) -> Vec<Flag> {
        let stance = match letter {
            'c' => Stance::Claim,
            'r' => Stance::Rebuttal,
            'm' => Stance::Mixed,
            _ => return Vec::new(),
        };
        let kind = FlagKind::Misinformation;
        vec![Flag {
            rule: "r".to_owned(),
            kind,
            severity: Severity::Yellow,
            stance: Some(stance),
            score: 1.0,
            evidence: Vec::new(),
        }]
    }

    #[test]
    fn unanswered_claims_come_first_and_the_widest_of_them() {
        use Gap::{Answered, Partly, Rebutted, Unanswered};
        let stories =
            [("cr", false), ("c", false), ("-", false), ("cc", true), ("ccc", false), ("mm", false), ("r", false)];
        assert_eq!(
            board(&stories),
            [
                (4, Unanswered, 3, 0),
                (1, Unanswered, 1, 0),
                (5, Partly, 2, 2),
                (0, Rebutted, 1, 1),
                (6, Rebutted, 0, 1),
                (3, Answered, 2, 0),
            ]
        );
        assert!(board(&[]).is_empty());
    }
}
