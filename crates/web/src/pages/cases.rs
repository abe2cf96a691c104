//! `/cases`: the duty desk's list.

use axum::extract::{Query, State};
use diembao_desk::CaseState;
use diembao_news::{FlagKind, Severity};
use diembao_store::{CaseFilter, CaseStates};
use serde::{Deserialize, Serialize};

use crate::access::Actor;
use crate::answer::Answer;
use crate::html::{self, Sheet};
use crate::pages::shared::{self, CaseRow, Choice, Clocks, SEVERITIES, case_row, choices};
use crate::rights;
use crate::state::Console;

const N_SHOWN: usize = 100;

/// Which cases.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Asked {
    state: String,
    severity: String,
    kind: String,
    mine: String,
}

#[derive(Serialize)]
struct View {
    cases: Vec<CaseRow>,
    cut: bool,
    states: Vec<Choice>,
    severities: Vec<Choice>,
    kinds: Vec<Choice>,
    mine: bool,
}

/// GET /cases
pub(crate) async fn list(State(console): State<Console>, actor: Actor, Query(asked): Query<Asked>) -> Answer {
    let now = console.p.clock.now();
    let mut cases = console.p.store.cases(&filter(&asked)).await?;
    let cut = cases.len() == N_SHOWN;
    let mine = asked.mine == "1";
    cases.retain(|c| rights::sees(&actor.user, c));
    cases.retain(|c| !mine || c.owner.as_deref() == Some(&actor.user.display));
    let clocks = Clocks::read(&console, &cases, now).await?;
    let state = CaseState::parse(&asked.state);
    let mut states = vec![
        Choice { value: String::new(), name: "đang mở".into(), on: asked.state.is_empty() },
        Choice { value: "all".into(), name: "tất cả".into(), on: asked.state == "all" },
    ];
    states.extend(choices(CaseState::ALL, state, |s| (s.as_str(), s.label())));
    let kinds = [FlagKind::Incident, FlagKind::Misinformation];
    let view = View {
        cases: cases.iter().map(|c| case_row(c, clocks.first(c), now)).collect(),
        cut,
        states,
        severities: choices(SEVERITIES, Severity::parse(&asked.severity), |s| (s.as_str(), s.label())),
        kinds: choices(kinds, FlagKind::parse(&asked.kind), |k| (k.as_str(), shared::kind(k))),
        mine,
    };
    html::page(&actor, Sheet { template: "cases.html", title: "Vụ việc", place: "/cases", done: None }, view)
}

/// What is asked of the store.
pub(crate) fn filter(asked: &Asked) -> CaseFilter {
    let states = match (asked.state.as_str(), CaseState::parse(&asked.state)) {
        ("all", _) => CaseStates::All,
        (_, Some(state)) => CaseStates::Only(state),
        _ => CaseStates::Open,
    };
    CaseFilter {
        states,
        kind: FlagKind::parse(&asked.kind),
        at_least: Severity::parse(&asked.severity).unwrap_or(Severity::Green),
        n_max: N_SHOWN,
        ..CaseFilter::default()
    }
}
