//! Cases and their events as rows: an action's details are JSON.

use chrono::{DateTime, Utc};
use diembao_desk::{
    Action, Case, CaseEvent, CaseState, CaseTimes, DeadlineStage, DismissReason, Handling, PageChange, Spread,
};
use diembao_news::{ArticleId, CaseId, FlagKind, Severity, StoryId};
use serde::{Deserialize, Serialize};
use sqlx::any::AnyRow;

use crate::sql::{Arg, args, bad, count};
use crate::{Store, StoreError};

/// What an action carries, as JSON.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default)]
struct Details {
    #[serde(skip_serializing_if = "Option::is_none")]
    severity: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    kind: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    n_articles: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    n_outlets: Option<u32>,
    /// A unit or a person.
    #[serde(skip_serializing_if = "Option::is_none")]
    to: Option<String>,
    /// Who speaks.
    #[serde(skip_serializing_if = "Option::is_none")]
    speaker: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    article: Option<i64>,
    /// What became of its page.
    #[serde(skip_serializing_if = "Option::is_none")]
    change: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    dead: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ill: Option<u32>,
    /// Another case.
    #[serde(skip_serializing_if = "Option::is_none")]
    case: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    stage: Option<String>,
    /// Microseconds UTC.
    #[serde(skip_serializing_if = "Option::is_none")]
    time: Option<i64>,
}

impl Store {
    pub(crate) fn case_id(&self, row: &AnyRow, column: usize) -> Result<CaseId, StoreError> {
        let n: i64 = self.get(row, column)?;
        CaseId::new(n).map_err(|_| bad("cases", n.to_string(), "a case number"))
    }

    pub(crate) fn case_of(&self, row: &AnyRow) -> Result<Case, StoreError> {
        let story: i64 = self.get(row, 1)?;
        let (kind, severity, state): (String, String, String) =
            (self.get(row, 2)?, self.get(row, 3)?, self.get(row, 4)?);
        let dismissed: Option<String> = self.get(row, 20)?;
        let merged: Option<i64> = self.get(row, 22)?;
        Ok(Case {
            id: self.case_id(row, 0)?,
            story: ArticleId::from_i64(story)
                .map(StoryId::beginning_with)
                .map_err(|_| bad("cases", story.to_string(), "a story id"))?,
            kind: FlagKind::parse(&kind).ok_or_else(|| bad("cases", kind, "a kind of flag"))?,
            severity: Severity::parse(&severity).ok_or_else(|| bad("cases", severity, "a severity"))?,
            state: CaseState::parse(&state).ok_or_else(|| bad("cases", state, "a state"))?,
            title: self.get(row, 5)?,
            owner: self.get(row, 6)?,
            opened_at: self.time(row, 7)?,
            published: self.time(row, 8)?,
            version: self.get(row, 9)?,
            times: CaseTimes {
                occurred: self.time_or_none(row, 10)?,
                acknowledged: self.time_or_none(row, 11)?,
                assigned: self.time_or_none(row, 12)?,
                answered: self.time_or_none(row, 13)?,
                closed: self.time_or_none(row, 14)?,
                updated: self.time_or_none(row, 15)?,
                news: self.time_or_none(row, 23)?,
            },
            spread: Spread { n_articles: count(self.get(row, 16)?), n_outlets: count(self.get(row, 17)?) },
            handling: Handling {
                proposed: self.get(row, 21)?,
                unit: self.get(row, 18)?,
                escalated_to: self.get(row, 19)?,
                dismissed: dismissed
                    .map(|s| DismissReason::parse(&s).ok_or_else(|| bad("cases", s, "a reason")))
                    .transpose()?,
                merged_into: merged
                    .map(|n| CaseId::new(n).map_err(|_| bad("cases", n.to_string(), "a case number")))
                    .transpose()?,
            },
        })
    }

    pub(crate) fn event_of(&self, row: &AnyRow) -> Result<CaseEvent, StoreError> {
        let (name, text): (String, String) = (self.get(row, 2)?, self.get(row, 3)?);
        let details: Details = serde_json::from_str(&text).map_err(|_| bad("case_events", text, "details as JSON"))?;
        let action = action(&name, details).ok_or_else(|| bad("case_events", name, "an action"))?;
        Ok(CaseEvent { at: self.time(row, 0)?, actor: self.get(row, 1)?, action, note: self.get(row, 4)? })
    }
}

/// Equal as far as the store keeps it: to the microsecond.
pub(crate) fn same(stored: &CaseEvent, given: &CaseEvent) -> bool {
    stored.at.timestamp_micros() == given.at.timestamp_micros()
        && stored.actor == given.actor
        && stored.action.as_str() == given.action.as_str()
        && serde_json::to_string(&details(&stored.action)).ok() == serde_json::to_string(&details(&given.action)).ok()
        && stored.note == given.note
}

pub(crate) fn rank(severity: Severity) -> i64 {
    match severity {
        Severity::Green => 0,
        Severity::Yellow => 1,
        Severity::Orange => 2,
        Severity::Red => 3,
    }
}

pub(crate) fn update_args(case: &Case, expected_version: i64, next_warning: Option<DateTime<Utc>>) -> Vec<Arg> {
    args![
        case.id.as_i64(),
        expected_version,
        case.severity.as_str(),
        rank(case.severity),
        case.state.as_str(),
        case.owner.as_deref(),
        case.version,
        case.times.occurred,
        case.times.acknowledged,
        case.times.assigned,
        case.times.answered,
        case.times.closed,
        case.times.updated,
        case.spread.n_articles,
        case.spread.n_outlets,
        case.handling.unit.as_deref(),
        case.handling.escalated_to.as_deref(),
        case.handling.dismissed.map(DismissReason::as_str),
        case.handling.proposed.as_deref(),
        case.handling.merged_into.map(CaseId::as_i64),
        next_warning,
        case.times.news,
    ]
}

pub(crate) fn details_text(action: &Action) -> String {
    serde_json::to_string(&details(action)).expect("texts and numbers are JSON")
}

fn details(action: &Action) -> Details {
    let mut d = Details::default();
    match action {
        Action::Open { severity, kind } => {
            d.severity = Some(severity.as_str().to_owned());
            d.kind = Some(kind.as_str().to_owned());
        }
        Action::Evidence { n_articles, n_outlets } => {
            d.n_articles = Some(*n_articles);
            d.n_outlets = Some(*n_outlets);
        }
        Action::Route { unit, spokesperson } => {
            d.to = Some(unit.clone());
            d.speaker.clone_from(spokesperson);
        }
        Action::Quote { article, speaker } => {
            d.article = Some(article.as_i64());
            d.speaker = Some(speaker.clone());
        }
        Action::Figures { dead, ill } => {
            d.dead = *dead;
            d.ill = *ill;
        }
        Action::Page { article, change } => {
            d.article = Some(article.as_i64());
            d.change = Some(change.as_str().to_owned());
        }
        Action::News { n_articles } => d.n_articles = Some(*n_articles),
        Action::MergedInto { case } => d.case = Some(case.as_i64()),
        Action::Merge { case, n_articles, n_outlets } => {
            d.case = Some(case.as_i64());
            d.n_articles = Some(*n_articles);
            d.n_outlets = Some(*n_outlets);
        }
        Action::Raise { severity } | Action::Lower { severity } => {
            d.severity = Some(severity.as_str().to_owned());
        }
        Action::Transfer { unit: to } | Action::Escalate { to } | Action::Assign { to } => {
            d.to = Some(to.clone());
        }
        Action::Dismiss { reason } => d.reason = Some(reason.as_str().to_owned()),
        Action::Occurred { at } => d.time = Some(at.timestamp_micros()),
        Action::SetDeadline { stage, due } => {
            d.stage = Some(stage.as_str().to_owned());
            d.time = Some(due.timestamp_micros());
        }
        Action::Acknowledge
        | Action::Verify
        | Action::Convene
        | Action::Answer
        | Action::Close
        | Action::Seen
        | Action::Reopen
        | Action::Pause
        | Action::Resume
        | Action::Note => {}
    }
    d
}

fn action(name: &str, d: Details) -> Option<Action> {
    let severity = || Severity::parse(d.severity.as_deref()?);
    let time = || DateTime::from_timestamp_micros(d.time?);
    Some(match name {
        "open" => Action::Open { severity: severity()?, kind: FlagKind::parse(d.kind.as_deref()?)? },
        "evidence" => Action::Evidence { n_articles: d.n_articles?, n_outlets: d.n_outlets? },
        "route" => Action::Route { unit: d.to?, spokesperson: d.speaker },
        "quote" => Action::Quote { article: ArticleId::from_i64(d.article?).ok()?, speaker: d.speaker? },
        "figures" => Action::Figures { dead: d.dead, ill: d.ill },
        "page" => Action::Page {
            article: ArticleId::from_i64(d.article?).ok()?,
            change: PageChange::parse(d.change.as_deref()?)?,
        },
        "merged" => Action::MergedInto { case: CaseId::new(d.case?).ok()? },
        "merge" => {
            Action::Merge { case: CaseId::new(d.case?).ok()?, n_articles: d.n_articles?, n_outlets: d.n_outlets? }
        }
        "raise" => Action::Raise { severity: severity()? },
        "lower" => Action::Lower { severity: severity()? },
        "ack" => Action::Acknowledge,
        "verify" => Action::Verify,
        "transfer" => Action::Transfer { unit: d.to? },
        "convene" => Action::Convene,
        "answer" => Action::Answer,
        "close" => Action::Close,
        "dismiss" => Action::Dismiss { reason: DismissReason::parse(d.reason.as_deref()?)? },
        "news" => Action::News { n_articles: d.n_articles? },
        "seen" => Action::Seen,
        "reopen" => Action::Reopen,
        "escalate" => Action::Escalate { to: d.to? },
        "assign" => Action::Assign { to: d.to? },
        "occurred" => Action::Occurred { at: time()? },
        "deadline" => Action::SetDeadline { stage: DeadlineStage::parse(d.stage.as_deref()?)?, due: time()? },
        "pause" => Action::Pause,
        "resume" => Action::Resume,
        "note" => Action::Note,
        _ => return None,
    })
}
