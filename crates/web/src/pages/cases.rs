//! `/cases`: the duty desk's list.

use axum::extract::{Query, State};
use diembao_desk::{Case, CaseState};
use diembao_news::{CaseId, FlagKind, Severity};
use diembao_store::{CaseCursor, CaseFilter, CaseStates, Role, User};
use serde::{Deserialize, Serialize};

use crate::access::Actor;
use crate::answer::{Answer, Stop};
use crate::html::{self, Sheet};
use crate::pages::case;
use crate::pages::shared::{self, CaseRow, Choice, Clocks, SEVERITIES, case_row, choices};
use crate::rights;
use crate::state::Console;

const N_SHOWN: usize = 100;
/// Asks for closed cases that the press wrote more of.
const NEWS: &str = "news";

/// Which cases.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Asked {
    state: String,
    severity: String,
    kind: String,
    mine: String,
    after: String,
}

#[derive(Serialize)]
struct View {
    cases: Vec<CaseRow>,
    /// Where the list begins, on a page behind the first.
    first: Option<String>,
    /// Where the next page is.
    next: Option<String>,
    states: Vec<Choice>,
    severities: Vec<Choice>,
    kinds: Vec<Choice>,
    mine: bool,
}

/// GET /cases
pub(crate) async fn list(State(console): State<Console>, actor: Actor, Query(asked): Query<Asked>) -> Answer {
    let now = console.p.clock.now();
    let (cases, next) = page(&console, &actor, &asked).await?;
    let next = next.map(|case| page_behind(&asked, Some(case)));
    let clocks = Clocks::read(&console, &cases, now).await?;
    let state = CaseState::parse(&asked.state);
    let mut states = vec![
        Choice { value: String::new(), name: "đang mở".into(), on: asked.state.is_empty() },
        Choice { value: NEWS.into(), name: "đóng, có tin mới".into(), on: asked.state == NEWS },
        Choice { value: "all".into(), name: "tất cả".into(), on: asked.state == "all" },
    ];
    states.extend(choices(CaseState::ALL, state, |s| (s.as_str(), s.label())));
    let kinds = [FlagKind::Incident, FlagKind::Misinformation];
    let view = View {
        cases: cases.iter().map(|c| case_row(c, clocks.first(c), now)).collect(),
        first: (!asked.after.is_empty()).then(|| page_behind(&asked, None)),
        next,
        states,
        severities: choices(SEVERITIES, Severity::parse(&asked.severity), |s| (s.as_str(), s.label())),
        kinds: choices(kinds, FlagKind::parse(&asked.kind), |k| (k.as_str(), shared::kind(k))),
        mine: asked.mine == "1",
    };
    html::page(&actor, Sheet { template: "cases.html", title: "Vụ việc", place: "/cases", done: None }, view)
}

/// One page of the cases a user sees, and the case behind which the next page begins.
pub(crate) async fn page(console: &Console, actor: &Actor, asked: &Asked) -> Result<(Vec<Case>, Option<CaseId>), Stop> {
    let behind = match asked.after.as_str() {
        "" => None,
        id => Some(CaseCursor::behind(&case::find(console, actor, id).await?.0)),
    };
    let filter = CaseFilter { behind, n_max: N_SHOWN + 1, ..filter(&actor.user, asked) };
    let mut cases = console.p.store.cases(&filter).await?;
    cases.retain(|c| rights::sees(&actor.user, c));
    let more = cases.len() > N_SHOWN;
    cases.truncate(N_SHOWN);
    let next = cases.last().filter(|_| more).map(|c| c.id);
    Ok((cases, next))
}

fn page_behind(asked: &Asked, case: Option<CaseId>) -> String {
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    let given = [("state", &asked.state), ("severity", &asked.severity), ("kind", &asked.kind), ("mine", &asked.mine)];
    query.extend_pairs(given.into_iter().filter(|(_, v)| !v.is_empty()));
    query.extend_pairs(case.map(|case| ("after", case.to_string())));
    format!("/cases?{}", query.finish())
}

/// What is asked of the store; a unit asks for its own cases only.
fn filter(user: &User, asked: &Asked) -> CaseFilter {
    let states = match (asked.state.as_str(), CaseState::parse(&asked.state)) {
        ("all", _) => CaseStates::All,
        (NEWS, _) => CaseStates::News,
        (_, Some(state)) => CaseStates::Only(state),
        _ => CaseStates::Open,
    };
    CaseFilter {
        states,
        kind: FlagKind::parse(&asked.kind),
        at_least: Severity::parse(&asked.severity).unwrap_or(Severity::Green),
        owner: (asked.mine == "1").then(|| user.display.clone()),
        unit: (user.role == Role::Unit).then(|| user.unit.clone().unwrap_or_default()),
        ..CaseFilter::default()
    }
}
