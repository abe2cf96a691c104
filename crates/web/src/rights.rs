//! Who may do what: the one place. A role has rights, a right belongs to a scope of API tokens,
//! and a unit sees its own cases only.

use diembao_desk::{Action, Case};
use diembao_store::{Role, User};

/// What an address needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Right {
    /// Nothing: the login form, the style sheet.
    Open,
    /// To be signed in.
    SignedIn,
    /// To read the press: stories, search, sources, editions, rules.
    ReadPress,
    /// To read cases; a unit: its own.
    ReadCases,
    /// To change cases; a unit: to answer in its own.
    WorkCases,
    /// To open a case by hand.
    OpenCases,
    /// To hand over and take over a shift.
    HandOver,
    /// To change the draft of an edition.
    EditEditions,
    /// To approve and send an edition.
    SendEditions,
    /// To manage users and read the audit trail.
    Manage,
}

/// Whether a role has a right.
pub(crate) fn has(role: Role, right: Right) -> bool {
    match right {
        Right::Open | Right::SignedIn | Right::ReadPress | Right::ReadCases => true,
        Right::WorkCases => matches!(role, Role::Officer | Role::Unit | Role::Admin),
        Right::OpenCases | Right::HandOver => matches!(role, Role::Officer | Role::Admin),
        Right::EditEditions | Right::SendEditions => matches!(role, Role::Editor | Role::Admin),
        Right::Manage => role == Role::Admin,
    }
}

/// The scope an API token must have for a right.
pub(crate) fn scope(right: Right) -> &'static str {
    match right {
        Right::Open | Right::SignedIn | Right::ReadPress | Right::ReadCases => "read",
        Right::WorkCases | Right::OpenCases | Right::HandOver => "cases",
        Right::EditEditions | Right::SendEditions => "editions",
        Right::Manage => "manage",
    }
}

/// Whether a user sees a case.
pub(crate) fn sees(user: &User, case: &Case) -> bool {
    user.role != Role::Unit || (user.unit.is_some() && user.unit == case.handling.unit)
}

/// Whether a user may do something to a case they see. A unit answers; what becomes of the case
/// the desk decides.
pub(crate) fn may(user: &User, case: &Case, action: &Action) -> bool {
    has(user.role, Right::WorkCases)
        && sees(user, case)
        && (user.role != Role::Unit || matches!(action, Action::Note | Action::Answer))
}

#[cfg(test)]
mod tests {
    use diembao_desk::{Handling, NewCase, Spread};
    use diembao_news::{ArticleId, CaseId, FlagKind, Severity, StoryId};

    use super::*;

    fn user(role: Role, unit: Option<&str>) -> User {
        let created_at = chrono::DateTime::UNIX_EPOCH;
        let unit = unit.map(str::to_owned);
        User { name: "x".into(), display: "X".into(), role, unit, created_at, disabled_at: None }
    }

    fn case(unit: Option<&str>) -> Case {
        let new = NewCase {
            story: StoryId::beginning_with(ArticleId::from_i64(7).unwrap()),
            kind: FlagKind::Incident,
            severity: Severity::Red,
            title: "t".into(),
            published: chrono::DateTime::UNIX_EPOCH,
            spread: Spread::default(),
            opened_at: chrono::DateTime::UNIX_EPOCH,
            by: "diembao".into(),
            note: String::new(),
        };
        let (case, _) = diembao_desk::open(CaseId::new(1).unwrap(), &new);
        Case { handling: Handling { unit: unit.map(str::to_owned), ..Handling::default() }, ..case }
    }

    #[test]
    fn a_unit_sees_and_answers_its_own_cases_only() {
        let attp = user(Role::Unit, Some("Cục An toàn thực phẩm"));
        let own = case(Some("Cục An toàn thực phẩm"));
        for other in [case(None), case(Some("Cục Quản lý Dược"))] {
            assert!(!sees(&attp, &other));
            assert!(!may(&attp, &other, &Action::Note));
        }
        assert!(sees(&attp, &own));
        assert!(may(&attp, &own, &Action::Answer));
        for action in [Action::Acknowledge, Action::Close, Action::Escalate { to: "a".into() }] {
            assert!(!may(&attp, &own, &action), "{action:?}");
        }
        assert!(!sees(&user(Role::Unit, None), &case(None)), "a unit without a name sees nothing");
    }

    #[test]
    fn only_officers_and_administrators_handle_cases() {
        for role in Role::ALL {
            let expected = matches!(role, Role::Officer | Role::Admin);
            assert_eq!(may(&user(role, None), &case(None), &Action::Acknowledge), expected, "{role:?}");
        }
    }
}
