//! Whether a story is a case, and what has to be added to the case it is.

use std::collections::HashSet;

use chrono::{DateTime, Utc};
use diembao_news::{ArticleId, Flag, FlagKind, OutletId, Severity, Stance, StoryId};

use crate::{Action, Case, NewCase, Spread};

/// Who acts when the program does.
pub const PROGRAM: &str = "diembao";

/// What the desk has to know of one article of a story.
#[derive(Debug, Clone, Copy)]
pub struct ArticleFacts<'a> {
    /// Its id.
    pub id: ArticleId,
    /// Who published it.
    pub outlet: &'a OutletId,
    /// Its headline.
    pub title: &'a str,
    /// When it was published.
    pub published: DateTime<Utc>,
    /// What the rules warn of.
    pub flags: &'a [Flag],
}

/// What the desk has to know of a story.
#[derive(Debug, Clone)]
pub struct StoryFacts<'a> {
    /// Its id.
    pub story: StoryId,
    /// Its articles.
    pub articles: Vec<ArticleFacts<'a>>,
}

/// The case that a story is: an incident of severity Yellow or above in any of its articles,
/// else a health falsehood that an article claims (a rebuttal alone is none).
///
/// Its headline is that of the gravest article, the earliest of several; its first
/// publication is that of the whole story.
#[must_use]
pub fn detect(facts: &StoryFacts<'_>, now: DateTime<Utc>) -> Option<NewCase> {
    let (kind, severity, title) = worst(facts.articles.iter())?;
    let published = facts.articles.iter().map(|a| a.published).min()?;
    Some(NewCase {
        story: facts.story,
        kind,
        severity,
        title: title.to_owned(),
        published,
        spread: spread(facts.articles.iter().map(|a| (a.id, a.outlet))),
        opened_at: now,
        by: PROGRAM.to_owned(),
        note: String::new(),
    })
}

/// What has happened to a case's story since its last event: evidence when it has spread,
/// and a raise when it became graver. `known` are the articles the case holds already, whichever
/// story they are in now. Of a dismissed case the person's word stands for these: only an article
/// that came since can raise it.
#[must_use]
pub fn progress(case: &Case, facts: &StoryFacts<'_>, known: &[(ArticleId, OutletId)]) -> Vec<Action> {
    let mut actions = Vec::new();
    let held = known.iter().map(|(id, outlet)| (*id, outlet));
    let Spread { n_articles, n_outlets } = spread(facts.articles.iter().map(|a| (a.id, a.outlet)).chain(held));
    if n_articles > case.spread.n_articles || n_outlets > case.spread.n_outlets {
        actions.push(Action::Evidence { n_articles, n_outlets });
    }
    let judged = |a: &&ArticleFacts<'_>| case.handling.dismissed.is_some() && known.iter().any(|(id, _)| *id == a.id);
    if let Some((_, severity, _)) = worst(facts.articles.iter().filter(|a| !judged(a)))
        && severity > case.severity
    {
        actions.push(Action::Raise { severity });
    }
    actions
}

fn worst<'a: 'f, 'f>(articles: impl Iterator<Item = &'f ArticleFacts<'a>>) -> Option<(FlagKind, Severity, &'a str)> {
    let flagged = articles.flat_map(|a| a.flags.iter().map(move |f| (a, f)));
    let counts = flagged.filter(|(_, f)| match f.kind {
        FlagKind::Incident => f.severity >= Severity::Yellow,
        FlagKind::Misinformation => f.stance != Some(Stance::Rebuttal),
    });
    // An incident outweighs a falsehood, then the graver, then the earlier article.
    let key = |a: &ArticleFacts<'_>, f: &Flag| {
        let incident = f.kind == FlagKind::Incident;
        (incident, f.severity, std::cmp::Reverse((a.published, a.id)))
    };
    counts.max_by_key(|(a, f)| key(a, f)).map(|(a, f)| (f.kind, f.severity, a.title))
}

fn spread<'a>(articles: impl Iterator<Item = (ArticleId, &'a OutletId)>) -> Spread {
    let (articles, outlets): (HashSet<ArticleId>, HashSet<&OutletId>) = articles.unzip();
    let count = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
    Spread { n_articles: count(articles.len()), n_outlets: count(outlets.len()) }
}

#[cfg(test)]
mod tests {
    use diembao_news::{CanonicalUrl, CaseId};

    use super::*;
    use crate::{CaseEvent, DismissReason, apply, open};

    fn article_id(n: usize) -> ArticleId {
        ArticleId::of_url(&CanonicalUrl::parse(&format!("https://a.vn/{n}")).unwrap())
    }

    fn now() -> DateTime<Utc> {
        "2026-11-21T00:00:00Z".parse().unwrap()
    }

    fn flag(kind: FlagKind, severity: Severity, stance: Option<Stance>) -> Vec<Flag> {
        vec![Flag { rule: "r".to_owned(), kind, severity, stance, score: 1.0, evidence: Vec::new() }]
    }

    fn facts<'a>(outlet: &'a OutletId, flags: &'a [Vec<Flag>]) -> StoryFacts<'a> {
        let articles = flags.iter().enumerate().map(|(n, flags)| ArticleFacts {
            id: article_id(n),
            outlet,
            title: ["một", "hai", "ba"][n],
            published: now() - chrono::TimeDelta::hours(i64::try_from(n).unwrap()),
            flags,
        });
        StoryFacts { story: StoryId::beginning_with(article_id(0)), articles: articles.collect() }
    }

    #[track_caller]
    fn check(flags: &[Vec<Flag>], expected: Option<(FlagKind, Severity, &str)>) {
        let outlet = OutletId::parse("a").unwrap();
        let found = detect(&facts(&outlet, flags), now());
        let shown = found.as_ref().map(|c| (c.kind, c.severity, c.title.as_str()));
        assert_eq!(shown, expected);
    }

    #[test]
    fn flagged_stories_become_cases() {
        use FlagKind::{Incident, Misinformation};
        use Severity::{Green, Orange, Red, Yellow};
        check(&[], None);
        check(&[Vec::new()], None);
        check(&[flag(Incident, Green, None)], None);
        check(&[flag(Incident, Yellow, None)], Some((Incident, Yellow, "một")));
        check(&[flag(Incident, Yellow, None), flag(Incident, Red, None)], Some((Incident, Red, "hai")));
        // Of two as grave, the first published names the case: later numbers are earlier here.
        check(&[flag(Incident, Red, None), flag(Incident, Red, None)], Some((Incident, Red, "hai")));
        check(&[flag(Misinformation, Orange, Some(Stance::Rebuttal))], None);
        check(&[flag(Misinformation, Yellow, Some(Stance::Claim))], Some((Misinformation, Yellow, "một")));
        check(&[flag(Misinformation, Yellow, Some(Stance::Mixed))], Some((Misinformation, Yellow, "một")));
        let both = [flag(Misinformation, Red, Some(Stance::Claim)), flag(Incident, Yellow, None)];
        check(&both, Some((Incident, Yellow, "hai")));
    }

    #[test]
    fn a_case_follows_its_story() {
        use FlagKind::Incident;
        use Severity::{Orange, Red, Yellow};
        let (a, yellow) = (OutletId::parse("a").unwrap(), [flag(Incident, Yellow, None)]);
        let new = detect(&facts(&a, &yellow), now()).unwrap();
        let (case, _) = open(CaseId::new(1).unwrap(), &new);
        assert_eq!(progress(&case, &facts(&a, &yellow), &[]), []);
        let more = [flag(Incident, Yellow, None), flag(Incident, Orange, None)];
        let actions = progress(&case, &facts(&a, &more), &[]);
        assert_eq!(actions, [Action::Evidence { n_articles: 2, n_outlets: 1 }, Action::Raise { severity: Orange }]);
        let mut grown = case;
        for action in actions {
            grown =
                apply(&grown, &CaseEvent { at: now(), actor: "x".to_owned(), action, note: String::new() }).unwrap();
        }
        assert_eq!(progress(&grown, &facts(&a, &more), &[]), [], "it is told once");
        let elsewhere = [(article_id(9), OutletId::parse("b").unwrap())];
        let moved = progress(&grown, &facts(&a, &more), &elsewhere);
        assert_eq!(moved, [Action::Evidence { n_articles: 3, n_outlets: 2 }], "what it held in another story counts");
        let action = Action::Dismiss { reason: DismissReason::OldCase };
        let dismissed = apply(&grown, &CaseEvent { at: now(), actor: "x".to_owned(), action, note: String::new() });
        let (dismissed, grave) = (dismissed.unwrap(), [flag(Incident, Red, None)]);
        let held = [(article_id(0), a.clone())];
        assert_eq!(progress(&dismissed, &facts(&a, &grave), &held), [], "the person's word stands");
        let came = [grave[0].clone(), flag(Incident, Orange, None)];
        assert_eq!(progress(&dismissed, &facts(&a, &came), &held), [], "what came since is no graver");
        let came = [grave[0].clone(), grave[0].clone()];
        assert_eq!(progress(&dismissed, &facts(&a, &came), &held), [Action::Raise { severity: Red }]);
    }
}
