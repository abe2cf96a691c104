//! Allowed times as data: what starts and stops a clock, and on what it rests.

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use chrono_tz::Asia::Ho_Chi_Minh;
use diembao_news::{FlagKind, Severity};

use crate::{Case, CaseEvent, CaseState};

/// An event that starts or stops a clock when it happens for the first time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ClockEvent {
    /// The story became graver.
    Raise,
    /// The facts are being checked.
    Verify,
    /// A unit was asked to handle it.
    Transfer,
    /// A meeting or a professional council was called.
    Convene,
    /// A superior was told.
    Escalate,
}

impl ClockEvent {
    const ALL: [Self; 5] = [Self::Raise, Self::Verify, Self::Transfer, Self::Convene, Self::Escalate];

    fn as_str(self) -> &'static str {
        match self {
            Self::Raise => "raise",
            Self::Verify => "verify",
            Self::Transfer => "transfer",
            Self::Convene => "convene",
            Self::Escalate => "escalate",
        }
    }

    fn parse(s: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|v| v.as_str() == s)
    }

    fn first(self, events: &[CaseEvent]) -> Option<DateTime<Utc>> {
        events.iter().find(|e| e.action.as_str() == self.as_str()).map(|e| e.at)
    }
}

/// Which event starts a clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ClockStart {
    /// The event itself, as a person estimated it.
    Occurred,
    /// The first article.
    Published,
    /// The program found it.
    Detected,
    /// An officer took it.
    Acknowledged,
    /// A person or unit was charged with it.
    Assigned,
    /// The official answer.
    Answered,
    /// The first event of a kind.
    First(ClockEvent),
}

impl ClockStart {
    const TIMES: [Self; 6] =
        [Self::Occurred, Self::Published, Self::Detected, Self::Acknowledged, Self::Assigned, Self::Answered];

    /// The name used in files.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Occurred => "occurred",
            Self::Published => "published",
            Self::Detected => "detected",
            Self::Acknowledged => "acknowledged",
            Self::Assigned => "assigned",
            Self::Answered => "answered",
            Self::First(event) => event.as_str(),
        }
    }

    /// Reads the name used in files.
    #[must_use]
    pub fn parse(s: &str) -> Option<Self> {
        Self::TIMES.into_iter().find(|v| v.as_str() == s).or_else(|| ClockEvent::parse(s).map(Self::First))
    }

    pub(crate) fn of(self, case: &Case, events: &[CaseEvent]) -> Option<DateTime<Utc>> {
        match self {
            Self::Occurred => case.times.occurred,
            Self::Published => Some(case.published),
            Self::Detected => Some(case.opened_at),
            Self::Acknowledged => case.times.acknowledged,
            Self::Assigned => case.times.assigned,
            Self::Answered => case.times.answered,
            Self::First(event) => event.first(events),
        }
    }
}

/// Which event stops a clock. Closing or dismissing the case stops every clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ClockStop {
    /// An officer took it.
    Acknowledged,
    /// A person or unit was charged with it.
    Assigned,
    /// The official answer.
    Answered,
    /// Only the end of the case.
    Closed,
    /// The first event of a kind.
    First(ClockEvent),
}

impl ClockStop {
    const TIMES: [Self; 4] = [Self::Acknowledged, Self::Assigned, Self::Answered, Self::Closed];

    /// The name used in files.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Acknowledged => "acknowledged",
            Self::Assigned => "assigned",
            Self::Answered => "answered",
            Self::Closed => "closed",
            Self::First(event) => event.as_str(),
        }
    }

    /// Reads the name used in files.
    #[must_use]
    pub fn parse(s: &str) -> Option<Self> {
        Self::TIMES.into_iter().find(|v| v.as_str() == s).or_else(|| ClockEvent::parse(s).map(Self::First))
    }

    pub(crate) fn of(self, case: &Case, events: &[CaseEvent]) -> Option<DateTime<Utc>> {
        let own = match self {
            Self::Acknowledged => case.times.acknowledged,
            Self::Assigned => case.times.assigned,
            Self::Answered => case.times.answered,
            Self::Closed => None,
            Self::First(event) => event.first(events),
        };
        [own, case.times.closed].into_iter().flatten().min()
    }
}

/// How sure it is that a rule is in force.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum BasisStatus {
    /// Somebody read the text that is in force.
    Verified,
    /// Nobody has: a working rule only.
    Unverified,
    /// No longer in force.
    Repealed,
}

impl BasisStatus {
    /// The name used in files.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Verified => "verified",
            Self::Unverified => "unverified",
            Self::Repealed => "repealed",
        }
    }

    /// Reads the name used in files.
    #[must_use]
    pub fn parse(s: &str) -> Option<Self> {
        [Self::Verified, Self::Unverified, Self::Repealed].into_iter().find(|v| v.as_str() == s)
    }

    /// The name on screen, in Vietnamese.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Verified => "đã kiểm chứng",
            Self::Unverified => "chưa kiểm chứng",
            Self::Repealed => "hết hiệu lực",
        }
    }
}

/// One allowed time, as data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClockRule {
    /// Its id.
    pub id: String,
    /// Its Vietnamese name: "Phản hồi đầu tiên".
    pub name: String,
    /// The allowed time, in calendar hours and minutes.
    pub span: TimeDelta,
    /// What starts it.
    pub starts_from: ClockStart,
    /// What stops it.
    pub stops_at: ClockStop,
    /// The text it comes from.
    pub basis: String,
    /// How sure that is.
    pub status: BasisStatus,
    /// The first day it is in force (`Asia/Ho_Chi_Minh`).
    pub valid_from: Option<NaiveDate>,
    /// The first day it is no longer in force.
    pub valid_to: Option<NaiveDate>,
    /// For which cases it runs, and when it stands still.
    pub scope: ClockScope,
}

/// For which cases a clock runs, and when it stands still.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ClockScope {
    /// This grave or graver; none: any.
    pub at_least: Option<Severity>,
    /// Of this kind; none: any.
    pub kind: Option<FlagKind>,
    /// The states in which it stands still.
    pub pauses_in: Vec<CaseState>,
}

impl ClockScope {
    /// Whether the clock runs for a case.
    #[must_use]
    pub fn holds(&self, case: &Case) -> bool {
        self.at_least.is_none_or(|least| least <= case.severity) && self.kind.is_none_or(|kind| kind == case.kind)
    }
}

impl ClockRule {
    /// Whether the rule was in force on the day a moment falls on in Việt Nam.
    #[must_use]
    pub fn in_force(&self, at: DateTime<Utc>) -> bool {
        let day = at.with_timezone(&Ho_Chi_Minh).date_naive();
        let dated = self.valid_from.is_some() || self.valid_to.is_some();
        (dated || self.status != BasisStatus::Repealed)
            && self.valid_from.is_none_or(|from| from <= day)
            && self.valid_to.is_none_or(|to| day < to)
    }
}
