//! What is typed to change a case, and which changes are possible now.

use chrono::{DateTime, NaiveDateTime, TimeZone, Utc};
use chrono_tz::Asia::Ho_Chi_Minh;
use diembao_desk::{Action, Case, DeadlineStage, DeskError, DismissReason};
use diembao_news::{CaseId, Severity};
use diembao_pipeline::desk::Act;
use serde::Deserialize;

use crate::access::Actor;
use crate::answer::Stop;
use crate::rights::{self, Right};

/// What is done to a case by more than one event.
pub(crate) enum Wider {
    /// It is added to another of the same event.
    Merge {
        /// The one that goes on.
        into: CaseId,
    },
    /// The deadlines that a directive's text states are set.
    Directive(String),
}

impl Wider {
    /// An action that who may do this may do.
    pub(crate) fn kind(&self) -> Action {
        match self {
            Self::Merge { into } => Action::MergedInto { case: *into },
            Self::Directive(_) => Action::SetDeadline { stage: DeadlineStage::Final, due: DateTime::UNIX_EPOCH },
        }
    }
}

/// What was typed.
#[derive(Debug, Deserialize)]
pub(crate) struct Typed {
    /// The version of the case on whose page it was typed.
    pub(crate) version: i64,
    #[serde(rename = "do")]
    pub(crate) what: String,
    #[serde(default)]
    pub(crate) note: String,
    #[serde(default)]
    to: String,
    #[serde(default)]
    reason: String,
    #[serde(default)]
    severity: String,
    #[serde(default)]
    stage: String,
    #[serde(default)]
    at: String,
    /// The number of the case to merge into.
    #[serde(default)]
    into: String,
    /// A directive's text.
    #[serde(default)]
    text: String,
}

impl Typed {
    /// The action it names.
    pub(crate) fn action(&self) -> Result<Action, Stop> {
        let bad = |words: &str| Stop::Bad(words.to_owned());
        let to = || self.to.trim().to_owned();
        let severity = || Severity::parse(&self.severity).ok_or_else(|| bad("Hãy chọn mức."));
        let at = || local(&self.at).ok_or_else(|| bad("Hãy ghi ngày giờ, ví dụ 21/11/2026 14:30."));
        Ok(match self.what.as_str() {
            "ack" => Action::Acknowledge,
            "verify" => Action::Verify,
            "transfer" => Action::Transfer { unit: to() },
            "convene" => Action::Convene,
            "answer" => Action::Answer,
            "close" => Action::Close,
            "dismiss" => {
                let reason = DismissReason::parse(&self.reason).ok_or_else(|| bad("Hãy chọn lý do bỏ qua."))?;
                Action::Dismiss { reason }
            }
            "seen" => Action::Seen,
            "reopen" => Action::Reopen,
            "escalate" => Action::Escalate { to: to() },
            "assign" => Action::Assign { to: to() },
            "raise" => Action::Raise { severity: severity()? },
            "lower" => Action::Lower { severity: severity()? },
            "occurred" => Action::Occurred { at: at()? },
            "deadline" => {
                let stage = DeadlineStage::parse(&self.stage).ok_or_else(|| bad("Hãy chọn loại thời hạn."))?;
                Action::SetDeadline { stage, due: at()? }
            }
            "pause" => Action::Pause,
            "resume" => Action::Resume,
            "note" => Action::Note,
            _ => return Err(bad("Không rõ phải làm gì.")),
        })
    }

    /// What is typed to do more to a case than one action.
    pub(crate) fn wider(&self) -> Result<Option<Wider>, Stop> {
        Ok(match self.what.as_str() {
            "merge" => {
                let into = self.into.trim().trim_start_matches('#').parse().ok().and_then(|n| CaseId::new(n).ok());
                let into = into.ok_or_else(|| Stop::Bad("Hãy ghi số của vụ việc tiếp tục.".to_owned()))?;
                Some(Wider::Merge { into })
            }
            "directive" => Some(Wider::Directive(self.text.trim().to_owned())),
            _ => None,
        })
    }

    /// Every field filled in, as a form would be.
    fn filled() -> Self {
        Self {
            version: 0,
            what: String::new(),
            note: "x".to_owned(),
            to: "x".to_owned(),
            reason: DismissReason::Other.as_str().to_owned(),
            severity: Severity::Red.as_str().to_owned(),
            stage: DeadlineStage::Interim.as_str().to_owned(),
            at: "2026-01-01T00:00".to_owned(),
            into: String::new(),
            text: String::new(),
        }
    }

    /// The act it asks for.
    pub(crate) fn act(&self, action: Action, actor: &Actor) -> Act {
        Act { by: actor.user.display.clone(), action, note: self.note.trim().to_owned(), expected: Some(self.version) }
    }

    /// What was typed, to be sent again.
    pub(crate) fn fields(&self) -> Vec<(String, String)> {
        let all = [
            ("do", &self.what),
            ("note", &self.note),
            ("to", &self.to),
            ("reason", &self.reason),
            ("severity", &self.severity),
            ("stage", &self.stage),
            ("at", &self.at),
            ("into", &self.into),
            ("text", &self.text),
        ];
        all.into_iter().filter(|(_, v)| !v.is_empty()).map(|(k, v)| (k.to_owned(), v.clone())).collect()
    }
}

/// A time in Hà Nội, as a browser's field or a person writes it.
fn local(s: &str) -> Option<DateTime<Utc>> {
    let s = s.trim();
    let parsed = ["%Y-%m-%dT%H:%M", "%d/%m/%Y %H:%M"].iter().find_map(|f| NaiveDateTime::parse_from_str(s, f).ok());
    Some(Ho_Chi_Minh.from_local_datetime(&parsed?).earliest()?.with_timezone(&Utc))
}

/// The actions that this user may take on the case, of those its state allows.
pub(crate) fn possible(actor: &Actor, case: &Case, allowed: &[&'static str]) -> Vec<&'static str> {
    let may = |name: &&'static str| {
        // What the rights look at is the kind of action, not what it says.
        let typed = Typed { what: (*name).to_owned(), ..Typed::filled() };
        typed.action().is_ok_and(|action| rights::may(&actor.user, case, &action))
    };
    if !actor.has(Right::WorkCases) {
        return Vec::new();
    }
    allowed.iter().copied().filter(may).collect()
}

/// Why the desk refuses, in Vietnamese.
pub(crate) fn words(e: &DeskError) -> String {
    match e {
        DeskError::Illegal { .. } => "Ở trạng thái hiện tại của vụ việc, không làm được việc này. Hãy xem lại vụ việc.",
        DeskError::Severity { .. } => "Vụ việc đã ở mức này.",
        DeskError::Missing { what, .. } if what.contains("note") => "Hãy ghi lý do vào ô ghi chú.",
        DeskError::Missing { .. } => "Hãy ghi tên người hoặc đơn vị.",
        DeskError::TooLong { .. } => "Nội dung quá dài.",
    }
    .to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_as_hanoi_time() {
        let expected: DateTime<Utc> = "2026-11-21T07:30:00Z".parse().unwrap();
        for s in ["2026-11-21T14:30", "21/11/2026 14:30", " 21/11/2026 14:30 "] {
            assert_eq!(local(s), Some(expected), "{s}");
        }
        assert_eq!(local("hôm qua"), None);
    }
}
