//! The duty desk as plain functions: what the command line and the console do with cases.
//!
//! Every change goes through [`act`] or one of its sisters: one event, one transaction, with the
//! alerts it calls for. A caller that shows a case gives back the version it showed; when somebody
//! was faster, the answer says who and what.

mod act;
mod alerts;
mod board;
mod evidence;
mod json;
mod link;
mod list;
mod route;
mod shift;
mod update;

use chrono::{DateTime, Utc};
use diembao_desk::{CaseEvent, DeskError};
use diembao_news::CaseId;
use diembao_store::StoreError;

pub use self::act::{Act, ByHand, FlagTarget, acknowledge, act, flag, merge, set_deadlines};
pub use self::alerts::{AlertReport, Teller, alerts, send_alerts, warn_of_clocks};
pub use self::board::board;
pub use self::evidence::{EvidenceFile, EvidencePack, evidence};
pub use self::json::{alert_json, case_json, clock_json, detail, event_json, file_json};
pub use self::link::{AckLink, ack_link, read_ack_link};
pub use self::list::{
    CaseFile, CasePage, ClockRow, case_articles, clock_board, clock_rows, closed_with_news, list, log, news_of, show,
    sort_clocks,
};
pub use self::route::{Proposal, route};
pub use self::shift::{ShiftReport, SignShift, shift, sign_shift, signed_shifts};
pub use self::update::update_desk;

/// A change of a case that was not made.
#[derive(Debug, thiserror::Error)]
pub enum DeskFailure {
    /// There is no such case.
    #[error("there is no case {0}; `diembao desk list` shows them")]
    NoCase(CaseId),
    /// There is no such article or story.
    #[error("{0}")]
    NoStory(String),
    /// Somebody else changed the case since the caller read it.
    #[error("case {case} was changed since you read it ({}); read it again", told(.since))]
    Conflict {
        /// The case.
        case: CaseId,
        /// The version the caller had read.
        expected: i64,
        /// The version it has now.
        found: i64,
        /// What happened since.
        since: Vec<CaseEvent>,
    },
    /// The case does not allow it.
    #[error(transparent)]
    Refused(DeskError),
    /// What was given cannot be understood.
    #[error("{0}")]
    Input(String),
    /// The store failed.
    #[error(transparent)]
    Failed(#[from] anyhow::Error),
}

impl From<StoreError> for DeskFailure {
    fn from(e: StoreError) -> Self {
        match e {
            StoreError::NoCase(id) => Self::NoCase(id),
            StoreError::Desk(refused) => Self::Refused(refused),
            other => Self::Failed(other.into()),
        }
    }
}

fn told(since: &[CaseEvent]) -> String {
    let one = |e: &CaseEvent| format!("{} by {} at {}", e.action.as_str(), e.actor, hour(e.at));
    if since.is_empty() { "by another".to_owned() } else { since.iter().map(one).collect::<Vec<_>>().join(", ") }
}

fn hour(at: DateTime<Utc>) -> String {
    at.with_timezone(&chrono_tz::Asia::Ho_Chi_Minh).format("%H:%M").to_string()
}
