//! Changing cases.

use chrono::{DateTime, TimeDelta, Utc};
use diembao_desk::{
    Action, Case, CaseEvent, DeadlineStage, NewCase, Spread, apply, clocks, deadlines_in, ladder, next_warning, open,
};
use diembao_news::{ArticleId, CaseId, FlagKind, Severity, StoryId};
use diembao_store::{Attached, StoreError};

use super::DeskFailure;
use super::update::{articles_of, first_events};
use crate::{Pipeline, corrections};

/// A person's act on a case.
#[derive(Debug, Clone)]
pub struct Act {
    /// Who acts.
    pub by: String,
    /// What.
    pub action: Action,
    /// Why; may be empty where the action says enough.
    pub note: String,
    /// The version of the case the person saw; none: whatever it is now.
    pub expected: Option<i64>,
}

/// What a case is opened on by hand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FlagTarget {
    /// The story of an article.
    Article(ArticleId),
    /// A story.
    Story(StoryId),
}

/// A case that a person opens.
#[derive(Debug, Clone)]
pub struct ByHand {
    /// On what.
    pub target: FlagTarget,
    /// What it warns of.
    pub kind: FlagKind,
    /// How grave the person finds it.
    pub severity: Severity,
    /// Who opens it.
    pub by: String,
    /// Why.
    pub note: String,
}

/// Changes a case; the case after it.
///
/// # Errors
/// [`DeskFailure::Conflict`] when the case is no longer at the expected version; when its state does
/// not allow the action, there is no such case, or the store fails.
pub async fn act(p: &Pipeline, id: CaseId, act: Act) -> Result<Case, DeskFailure> {
    let event = CaseEvent { at: p.clock.now(), actor: act.by, action: act.action, note: act.note };
    let mut tries = 0;
    loop {
        let (case, events) = p.store.case(id).await?.ok_or(DeskFailure::NoCase(id))?;
        let expected = act.expected.unwrap_or(case.version);
        if expected != case.version {
            return Err(conflict(&case, &events, expected));
        }
        let with = attached(p, (&case, &events), std::slice::from_ref(&event), Sound::Always)?;
        match p.store.append_events(id, expected, std::slice::from_ref(&event), &with).await {
            // Without an expected version the act holds for the case as it is: look again.
            Err(StoreError::Conflict { .. }) if tries < 5 => tries += 1,
            other => {
                p.wake.alerts.notify_one();
                let case = other?;
                corrections::after_event(p, &case, &event).await;
                return Ok(case);
            }
        }
    }
}

fn conflict(case: &Case, events: &[CaseEvent], expected: i64) -> DeskFailure {
    let seen = usize::try_from(expected).unwrap_or(0).min(events.len());
    DeskFailure::Conflict { case: case.id, expected, found: case.version, since: events[seen..].to_vec() }
}

/// Says that the alarm was heard: a case that nobody has is taken; one that is in hand keeps its state,
/// and its alarm climbs no further.
///
/// # Errors
/// As [`act`].
pub async fn acknowledge(p: &Pipeline, id: CaseId, mut heard: Act) -> Result<Case, DeskFailure> {
    let (case, events) = p.store.case(id).await?.ok_or(DeskFailure::NoCase(id))?;
    let alarmed = !ladder(&case, &events, &p.home.registry).is_empty();
    if case.state != diembao_desk::CaseState::Detected && alarmed {
        if heard.note.is_empty() {
            heard.note = "Đã nhận báo động".to_owned();
        }
        return act(p, id, Act { action: Action::Note, ..heard }).await;
    }
    act(p, id, Act { action: Action::Acknowledge, ..heard }).await
}

/// Opens a case by hand; its number, and whether it is new: a story has one case.
///
/// # Errors
/// When there is no such article or story, or the store fails.
pub async fn flag(p: &Pipeline, by_hand: ByHand) -> Result<(CaseId, bool), DeskFailure> {
    let (story, rows) = target(p, by_hand.target).await?;
    let first = rows.iter().min_by_key(|a| (a.article.times.published, a.article.id));
    let Some(first) = first else {
        return Err(DeskFailure::NoStory(format!("there is no story {story}")));
    };
    let mut outlets: Vec<_> = rows.iter().map(|a| &a.article.outlet).collect();
    outlets.sort_unstable();
    outlets.dedup();
    let count = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
    let new = NewCase {
        story,
        kind: by_hand.kind,
        severity: by_hand.severity,
        title: first.article.text.title.clone(),
        published: first.article.times.published,
        spread: Spread { n_articles: count(rows.len()), n_outlets: count(outlets.len()) },
        opened_at: p.clock.now(),
        by: by_hand.by,
        note: by_hand.note,
    };
    let events = first_events(p, &rows, new.opened_at);
    open_case(p, &new, &events, (articles_of(&rows), Sound::Always)).await
}

async fn target(p: &Pipeline, target: FlagTarget) -> Result<(StoryId, Vec<diembao_store::StoredArticle>), DeskFailure> {
    let story = match target {
        FlagTarget::Story(story) => story,
        FlagTarget::Article(id) => {
            let article = p.store.article(id).await?;
            let article = article.ok_or_else(|| DeskFailure::NoStory(format!("there is no article {id}")))?;
            match article.story {
                Some(story) => story,
                None => return Ok((StoryId::beginning_with(id), vec![article])),
            }
        }
    };
    match p.store.story(story).await? {
        Some(row) => Ok((row.id, row.articles)),
        None => Err(DeskFailure::NoStory(format!("there is no story {story}"))),
    }
}

/// Whether an alarm is sounded for what happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sound {
    /// Yes: a person did it, or it is news.
    Always,
    /// No: the articles are old, somebody imported an archive.
    Silent,
}

/// Opens a case with the events that follow at once, its articles and its alarm, in one transaction.
pub(crate) async fn open_case(
    p: &Pipeline,
    new: &NewCase,
    events: &[CaseEvent],
    (articles, sound): (Vec<ArticleId>, Sound),
) -> Result<(CaseId, bool), DeskFailure> {
    let (case, first) = open(CaseId::new(1).map_err(anyhow::Error::from)?, new);
    let whole: Vec<CaseEvent> = std::iter::once(first).chain(events.iter().cloned()).collect();
    let mut after = case;
    for event in events {
        after = apply(&after, event).map_err(DeskFailure::Refused)?;
    }
    let readings = clocks(&after, &whole, &p.home.registry.clocks, new.opened_at);
    let with = Attached {
        articles,
        alerts: if sound == Sound::Always { ladder(&after, &whole, &p.home.registry) } else { Vec::new() },
        next_warning: next_warning(&readings, new.opened_at),
    };
    let opened = p.store.open_case_with(new, events, &with).await?;
    p.wake.alerts.notify_one();
    Ok(opened)
}

/// What goes with new events of a case: the alarm if they sound one, and the next warning of its clocks.
pub(crate) fn attached(
    p: &Pipeline,
    (case, before): (&Case, &[CaseEvent]),
    new: &[CaseEvent],
    sound: Sound,
) -> Result<Attached, DeskFailure> {
    let mut after = case.clone();
    for event in new {
        after = apply(&after, event).map_err(DeskFailure::Refused)?;
    }
    let whole: Vec<CaseEvent> = before.iter().chain(new).cloned().collect();
    let now = after.times.updated.unwrap_or(case.opened_at);
    let alarms = sound == Sound::Always && new.iter().any(|e| matches!(e.action, Action::Raise { .. }));
    let alerts = if alarms { ladder(&after, &whole, &p.home.registry) } else { Vec::new() };
    Ok(Attached { alerts, next_warning: warning_of(p, &after, &whole, now), ..Attached::default() })
}

/// When a clock of a case next calls for a warning; none once the case has ended.
pub(crate) fn warning_of(p: &Pipeline, case: &Case, events: &[CaseEvent], now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    if !case.state.is_open() {
        return None;
    }
    next_warning(&clocks(case, events, &p.home.registry.clocks, now), now)
}

/// Adds a case to another of the same event: the first is put aside as a duplicate, the second goes on
/// with the articles of both; the second after it.
///
/// # Errors
/// As [`act`]; when both are one case.
pub async fn merge(p: &Pipeline, from: CaseId, into: CaseId, (by, note): (&str, &str)) -> Result<Case, DeskFailure> {
    if from == into {
        return Err(DeskFailure::Input(format!("case {from} cannot be merged into itself")));
    }
    let now = p.clock.now();
    let (source, _) = p.store.case(from).await?.ok_or(DeskFailure::NoCase(from))?;
    let (target, events) = p.store.case(into).await?.ok_or(DeskFailure::NoCase(into))?;
    if let Some(master) = target.handling.merged_into {
        return Err(DeskFailure::Input(format!(
            "case {into} was itself merged into case {master}: merge into that one"
        )));
    }
    let held = p.store.case_articles(&[from, into]).await?;
    let mut articles: Vec<_> = held.values().flatten().collect();
    articles.sort_unstable();
    articles.dedup();
    let mut outlets: Vec<_> = articles.iter().map(|(_, outlet)| outlet).collect();
    outlets.sort_unstable();
    outlets.dedup();
    let count = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
    let merged = Action::Merge {
        case: from,
        n_articles: count(articles.len()).max(target.spread.n_articles),
        n_outlets: count(outlets.len()).max(target.spread.n_outlets),
    };
    let event = |action| CaseEvent { at: now, actor: by.to_owned(), action, note: note.to_owned() };
    let (from_event, into_event) = (event(Action::MergedInto { case: into }), event(merged));
    let with = attached(p, (&target, &events), std::slice::from_ref(&into_event), Sound::Silent)?;
    let done = p.store.merge_cases((&source, &from_event), (&target, &into_event), with.next_warning).await;
    match done {
        Err(StoreError::Conflict { case, expected, .. }) => {
            let (now, events) = p.store.case(case).await?.ok_or(DeskFailure::NoCase(case))?;
            Err(conflict(&now, &events, expected))
        }
        other => Ok(other?),
    }
}

/// Sets the deadlines that a directive's text states, each with its words as the reason: of several the
/// first is for the interim report, the last for the final one; a single one is final. What was set.
///
/// # Errors
/// As [`act`]; when the text states no deadline.
pub async fn set_deadlines(
    p: &Pipeline,
    id: CaseId,
    directive: &str,
    (by, expected): (&str, Option<i64>),
) -> Result<Vec<(DeadlineStage, DateTime<Utc>)>, DeskFailure> {
    let now = p.clock.now();
    let mut found = deadlines_in(directive, now);
    found.sort_by_key(|d| d.due);
    let Some(last) = found.pop() else {
        return Err(DeskFailure::Input(
            "no deadline was found in the text; write it as \"trước 12 giờ ngày 15/4/2026\"".to_owned(),
        ));
    };
    let first = found.into_iter().next().filter(|d| last.due - d.due > TimeDelta::zero());
    let (mut set, mut expected) = (Vec::new(), expected);
    for (stage, deadline) in
        first.map(|d| (DeadlineStage::Interim, d)).into_iter().chain([(DeadlineStage::Final, last)])
    {
        let action = Action::SetDeadline { stage, due: deadline.due };
        let act = Act { by: by.to_owned(), action, note: format!("“{}”", deadline.text), expected };
        let case = self::act(p, id, act).await?;
        expected = expected.map(|_| case.version);
        set.push((stage, deadline.due));
    }
    Ok(set)
}
