//! Whether a story is a case, and what has to be added to the case it is.

use std::collections::HashSet;

use chrono::{DateTime, Utc};
use diembao_news::{ArticleId, Flag, FlagKind, OutletId, Severity, Stance, StoryId};

use crate::{Action, Case, NewCase, Spread};

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
    let (kind, severity, title) = worst(facts)?;
    let published = facts.articles.iter().map(|a| a.published).min()?;
    Some(NewCase {
        story: facts.story,
        kind,
        severity,
        title: title.to_owned(),
        published,
        spread: spread(facts),
        opened_at: now,
    })
}

/// What has happened to a case's story since its last event: evidence when it has spread,
/// and a raise when it became graver. A dismissed case is not raised: the person's word stands.
#[must_use]
pub fn progress(case: &Case, facts: &StoryFacts<'_>) -> Vec<Action> {
    let mut actions = Vec::new();
    let Spread {
        n_articles,
        n_outlets,
    } = spread(facts);
    if n_articles > case.spread.n_articles || n_outlets > case.spread.n_outlets {
        actions.push(Action::Evidence {
            n_articles,
            n_outlets,
        });
    }
    if let Some((_, severity, _)) = worst(facts)
        && severity > case.severity
        && case.handling.dismissed.is_none()
    {
        actions.push(Action::Raise { severity });
    }
    actions
}

fn worst<'a>(facts: &StoryFacts<'a>) -> Option<(FlagKind, Severity, &'a str)> {
    let flagged = facts
        .articles
        .iter()
        .flat_map(|a| a.flags.iter().map(move |f| (a, f)));
    let counts = flagged.filter(|(_, f)| match f.kind {
        FlagKind::Incident => f.severity >= Severity::Yellow,
        FlagKind::Misinformation => f.stance != Some(Stance::Rebuttal),
    });
    // An incident outweighs a falsehood, then the graver, then the earlier article.
    let key = |a: &ArticleFacts<'_>, f: &Flag| {
        let incident = f.kind == FlagKind::Incident;
        (incident, f.severity, std::cmp::Reverse((a.published, a.id)))
    };
    counts
        .max_by_key(|(a, f)| key(a, f))
        .map(|(a, f)| (f.kind, f.severity, a.title))
}

fn spread(facts: &StoryFacts<'_>) -> Spread {
    let outlets: HashSet<&OutletId> = facts.articles.iter().map(|a| a.outlet).collect();
    let count = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
    Spread {
        n_articles: count(facts.articles.len()),
        n_outlets: count(outlets.len()),
    }
}
