//! A case, its events, and the one table of legal changes.

use chrono::{DateTime, TimeDelta, Utc};
use diembao_news::{CaseId, FlagKind, Severity, StoryId};

use crate::{Action, CaseState, DeadlineStage, DismissReason};

const MAX_TEXT: usize = 4_000;
const MAX_NAME: usize = 200;

/// What a story must say to become a case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewCase {
    /// The story.
    pub story: StoryId,
    /// What it warns of.
    pub kind: FlagKind,
    /// How grave it is.
    pub severity: Severity,
    /// The headline that stands for it.
    pub title: String,
    /// When the first article was published.
    pub published: DateTime<Utc>,
    /// How far it has spread.
    pub spread: Spread,
    /// When it was found.
    pub opened_at: DateTime<Utc>,
    /// Who found it: a user's name, or `diembao`.
    pub by: String,
    /// Why a person opened it; empty when the program did.
    pub note: String,
}

/// How far a story has spread.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Spread {
    /// Articles.
    pub n_articles: u32,
    /// Outlets.
    pub n_outlets: u32,
}

/// When the things that start and stop clocks happened; none: not yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct CaseTimes {
    /// The event itself, as a person estimated.
    pub occurred: Option<DateTime<Utc>>,
    /// First acknowledged.
    pub acknowledged: Option<DateTime<Utc>>,
    /// First given to a person or unit.
    pub assigned: Option<DateTime<Utc>>,
    /// First official answer.
    pub answered: Option<DateTime<Utc>>,
    /// Closed or dismissed, unless taken up again.
    pub closed: Option<DateTime<Utc>>,
    /// The press wrote more after it was closed, and nobody has looked since.
    pub news: Option<DateTime<Utc>>,
    /// The last event.
    pub updated: Option<DateTime<Utc>>,
}

/// Who handles a case, and how.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Handling {
    /// The unit the registry proposes.
    pub proposed: Option<String>,
    /// The unit that was asked.
    pub unit: Option<String>,
    /// The superior last told.
    pub escalated_to: Option<String>,
    /// Why it was put aside, while it is.
    pub dismissed: Option<DismissReason>,
    /// The case that holds the same event and goes on.
    pub merged_into: Option<CaseId>,
}

/// A flagged story on the duty desk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Case {
    /// Its number.
    pub id: CaseId,
    /// The story it began with.
    pub story: StoryId,
    /// What it warns of.
    pub kind: FlagKind,
    /// How grave it is.
    pub severity: Severity,
    /// Where it stands.
    pub state: CaseState,
    /// The headline that stands for it.
    pub title: String,
    /// The officer who has it.
    pub owner: Option<String>,
    /// When the program found it.
    pub opened_at: DateTime<Utc>,
    /// When the first article was published.
    pub published: DateTime<Utc>,
    /// The number of its events.
    pub version: i64,
    /// When what happened.
    pub times: CaseTimes,
    /// How far it has spread.
    pub spread: Spread,
    /// Who handles it.
    pub handling: Handling,
}

impl Case {
    /// The time that was already lost when the program found the story.
    #[must_use]
    pub fn lost_before_detection(&self) -> TimeDelta {
        (self.opened_at - self.published).max(TimeDelta::zero())
    }
}

/// One thing that happened to a case: who, when, what, why. Never changed, never deleted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CaseEvent {
    /// When.
    pub at: DateTime<Utc>,
    /// Who: a user's name, or `diembao`.
    pub actor: String,
    /// What.
    pub action: Action,
    /// Why; may be empty where the action says enough.
    pub note: String,
}

/// A change that a case does not allow.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DeskError {
    /// The state does not allow the action.
    #[error("case {case} is {state}: {action} is possible only when it is {allowed}")]
    Illegal {
        /// The case.
        case: CaseId,
        /// Its state.
        state: &'static str,
        /// What was asked.
        action: &'static str,
        /// The states that allow it.
        allowed: String,
    },
    /// The severity does not change in the direction the action means.
    #[error("case {case} is {severity}: {action} needs a severity {needed} that")]
    Severity {
        /// The case.
        case: CaseId,
        /// Its severity.
        severity: &'static str,
        /// What was asked.
        action: &'static str,
        /// `above` or `below`.
        needed: &'static str,
    },
    /// Something the action needs is empty.
    #[error("{action} needs {what}")]
    Missing {
        /// What was asked.
        action: &'static str,
        /// What is missing.
        what: &'static str,
    },
    /// Something is longer than it may be.
    #[error("{what} has {found} bytes; {limit} is the limit")]
    TooLong {
        /// What is too long.
        what: &'static str,
        /// Its length.
        found: usize,
        /// The limit.
        limit: usize,
    },
}

/// Opens a case: the case at version 1 and its first event.
#[must_use]
pub fn open(id: CaseId, new: &NewCase) -> (Case, CaseEvent) {
    let case = Case {
        id,
        story: new.story,
        kind: new.kind,
        severity: new.severity,
        state: CaseState::Detected,
        title: new.title.clone(),
        owner: None,
        opened_at: new.opened_at,
        published: new.published,
        version: 1,
        times: CaseTimes { updated: Some(new.opened_at), ..CaseTimes::default() },
        spread: new.spread,
        handling: Handling::default(),
    };
    let event = CaseEvent {
        at: new.opened_at,
        actor: new.by.clone(),
        action: Action::Open { severity: new.severity, kind: new.kind },
        note: new.note.clone(),
    };
    (case, event)
}

/// The states in which an action is legal; empty: in none. The one table of the desk.
fn allowed_in(action: &Action) -> &'static [CaseState] {
    use CaseState::{Acknowledged, Answered, Closed, Council, Detected, Transferred, Verifying};
    const OPEN: &[CaseState] = &[Detected, Acknowledged, Verifying, Transferred, Council, Answered];
    const IN_HAND: &[CaseState] = &[Acknowledged, Verifying, Transferred, Council];
    match action {
        Action::Open { .. } => &[],
        Action::Evidence { .. }
        | Action::Route { .. }
        | Action::Quote { .. }
        | Action::Figures { .. }
        | Action::Page { .. }
        | Action::Merge { .. }
        | Action::Note => &CaseState::ALL,
        Action::Raise { .. } => &CaseState::ALL,
        Action::News { .. } | Action::Seen => &[Closed],
        Action::Acknowledge => &[Detected],
        Action::Verify => &[Acknowledged, Transferred, Council, Answered],
        Action::Transfer { .. } => &[Acknowledged, Verifying, Transferred, Council, Answered],
        Action::Convene => &[Acknowledged, Verifying, Transferred, Answered],
        Action::Answer => IN_HAND,
        Action::Close => &[Acknowledged, Verifying, Transferred, Council, Answered],
        Action::Dismiss { .. }
        | Action::MergedInto { .. }
        | Action::Lower { .. }
        | Action::Escalate { .. }
        | Action::Assign { .. }
        | Action::Occurred { .. }
        | Action::SetDeadline { .. }
        | Action::Pause
        | Action::Resume => OPEN,
        Action::Reopen => &[Closed, CaseState::Dismissed],
    }
}

fn is_allowed(case: &Case, action: &Action) -> bool {
    allowed_in(action).contains(&case.state)
        && match action {
            Action::Seen => case.times.news.is_some(),
            // Its event goes on in another case.
            Action::Raise { .. } => case.handling.merged_into.is_none(),
            _ => true,
        }
}

/// The names of the actions that a case allows a person, in the order of its life.
#[must_use]
pub fn allowed_actions(case: &Case) -> Vec<&'static str> {
    let text = String::new;
    let reason = DismissReason::Other;
    let at = DateTime::<Utc>::UNIX_EPOCH;
    [
        Action::Acknowledge,
        Action::Verify,
        Action::Transfer { unit: text() },
        Action::Convene,
        Action::Answer,
        Action::Close,
        Action::Dismiss { reason },
        Action::Seen,
        Action::Reopen,
        Action::Escalate { to: text() },
        Action::Assign { to: text() },
        Action::Raise { severity: Severity::Red },
        Action::Lower { severity: Severity::Green },
        Action::Occurred { at },
        Action::SetDeadline { stage: DeadlineStage::Interim, due: at },
        Action::Pause,
        Action::Resume,
        Action::Note,
    ]
    .iter()
    .filter(|action| is_allowed(case, action))
    .map(Action::as_str)
    .collect()
}

/// The case after an event.
///
/// # Errors
/// When the case's state does not allow the action, or the action lacks what it needs.
pub fn apply(case: &Case, event: &CaseEvent) -> Result<Case, DeskError> {
    let action = event.action.as_str();
    if !is_allowed(case, &event.action) {
        let names: Vec<&str> = allowed_in(&event.action).iter().map(|s| s.as_str()).collect();
        let allowed = match event.action {
            Action::Open { .. } => "not yet opened".to_owned(),
            Action::Seen => "closed with news since".to_owned(),
            Action::Raise { .. } => "not merged into another".to_owned(),
            _ => names.join(" or "),
        };
        return Err(DeskError::Illegal { case: case.id, state: case.state.as_str(), action, allowed });
    }
    check_texts(event)?;
    check_severity(case, &event.action)?;
    let mut next = case.clone();
    next.version += 1;
    next.times.updated = Some(event.at);
    change(&mut next, event);
    Ok(next)
}

fn check_texts(event: &CaseEvent) -> Result<(), DeskError> {
    let action = event.action.as_str();
    let needs = |text: &str, what| {
        if text.trim().is_empty() { Err(DeskError::Missing { action, what }) } else { Ok(()) }
    };
    let short = |text: &str, what, limit| {
        if text.len() > limit { Err(DeskError::TooLong { what, found: text.len(), limit }) } else { Ok(()) }
    };
    needs(&event.actor, "the name of who acts")?;
    short(&event.actor, "the name of who acts", MAX_NAME)?;
    short(&event.note, "the note", MAX_TEXT)?;
    match &event.action {
        Action::Transfer { unit } | Action::Route { unit, .. } => {
            needs(unit, "the unit").and_then(|()| short(unit, "the unit", MAX_NAME))
        }
        Action::Escalate { to } | Action::Assign { to } => {
            needs(to, "a person").and_then(|()| short(to, "the person", MAX_NAME))
        }
        Action::Close
        | Action::Reopen
        | Action::Note
        | Action::Pause
        | Action::Lower { .. }
        | Action::Dismiss { reason: DismissReason::Other } => needs(&event.note, "a reason in the note"),
        _ => Ok(()),
    }
}

fn check_severity(case: &Case, action: &Action) -> Result<(), DeskError> {
    let refuse = |needed| {
        Err(DeskError::Severity { case: case.id, severity: case.severity.as_str(), action: action.as_str(), needed })
    };
    match action {
        Action::Raise { severity } if *severity <= case.severity => refuse("above"),
        Action::Lower { severity } if *severity >= case.severity => refuse("below"),
        _ => Ok(()),
    }
}

/// The state after an action; most leave it.
pub(crate) fn state_after(state: CaseState, action: &Action) -> CaseState {
    match action {
        Action::Raise { .. } if !state.is_open() => CaseState::Detected,
        Action::Acknowledge | Action::Reopen => CaseState::Acknowledged,
        Action::Verify => CaseState::Verifying,
        Action::Transfer { .. } => CaseState::Transferred,
        Action::Convene => CaseState::Council,
        Action::Answer => CaseState::Answered,
        Action::Close => CaseState::Closed,
        Action::Dismiss { .. } | Action::MergedInto { .. } => CaseState::Dismissed,
        _ => state,
    }
}

fn change(case: &mut Case, event: &CaseEvent) {
    let before = case.state;
    case.state = state_after(before, &event.action);
    if !before.is_open() && case.state.is_open() {
        case.times.closed = None;
        case.times.news = None;
        case.handling.dismissed = None;
        case.handling.merged_into = None;
    }
    match &event.action {
        Action::Evidence { n_articles, n_outlets } | Action::Merge { n_articles, n_outlets, .. } => {
            case.spread = Spread { n_articles: *n_articles, n_outlets: *n_outlets };
        }
        Action::Route { unit, .. } => case.handling.proposed = Some(unit.clone()),
        Action::Raise { severity } | Action::Lower { severity } => case.severity = *severity,
        Action::Acknowledge => {
            case.times.acknowledged.get_or_insert(event.at);
            case.owner.get_or_insert_with(|| event.actor.clone());
        }
        Action::Transfer { unit } => {
            case.times.assigned.get_or_insert(event.at);
            case.handling.unit = Some(unit.clone());
        }
        Action::Answer => {
            case.times.answered.get_or_insert(event.at);
        }
        Action::Close => case.times.closed = Some(event.at),
        Action::Dismiss { reason } => {
            case.times.closed = Some(event.at);
            case.handling.dismissed = Some(*reason);
        }
        Action::MergedInto { case: other } => {
            case.times.closed = Some(event.at);
            case.handling.dismissed = Some(DismissReason::Duplicate);
            case.handling.merged_into = Some(*other);
        }
        Action::Escalate { to } => case.handling.escalated_to = Some(to.clone()),
        Action::Assign { to } => {
            case.owner = Some(to.clone());
            case.times.assigned.get_or_insert(event.at);
        }
        Action::Occurred { at } => case.times.occurred = Some(*at),
        Action::News { .. } => {
            case.times.news.get_or_insert(event.at);
        }
        Action::Seen => case.times.news = None,
        Action::Open { .. }
        | Action::Quote { .. }
        | Action::Figures { .. }
        | Action::Page { .. }
        | Action::Verify
        | Action::Convene
        | Action::Reopen
        | Action::SetDeadline { .. }
        | Action::Pause
        | Action::Resume
        | Action::Note => {}
    }
}
