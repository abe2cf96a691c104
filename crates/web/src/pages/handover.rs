//! `/handover`: what one shift hands to the next, and the next officer's signature.

use axum::Form;
use axum::extract::{Query, State};
use diembao_pipeline::desk::{self, SignShift};
use diembao_store::{Role, SignedHandover};
use serde::{Deserialize, Serialize};

use crate::access::Actor;
use crate::answer::Answer;
use crate::format::moment;
use crate::html::{self, Sheet};
use crate::pages::shared::{CaseRow, Choice, case_row};
use crate::pages::users::note;
use crate::pages::{Done, see};
use crate::state::Console;

const N_SIGNED: usize = 10;
const N_SHOWN: usize = 100;

#[derive(Serialize)]
struct View {
    from: String,
    to: String,
    coverage: String,
    open: Vec<Row>,
    n_open: usize,
    news: Vec<CaseRow>,
    n_ended: usize,
    nothing: bool,
    givers: Vec<Choice>,
    taker: String,
    next: Vec<String>,
    signed: Vec<SignedRow>,
}

#[derive(Serialize)]
struct Row {
    case: CaseRow,
    new: bool,
    last: Option<String>,
    unanswered: Option<String>,
}

#[derive(Serialize)]
struct SignedRow {
    from: String,
    to: String,
    given: String,
    taken: String,
    text: String,
}

/// GET /handover
pub(crate) async fn show(State(console): State<Console>, actor: Actor, Query(done): Query<Done>) -> Answer {
    let now = console.p.clock.now();
    let report = desk::shift(&console.p, None).await?;
    let shift = &report.handover;
    let others = console.p.store.users().await?.into_iter().filter(|u| {
        matches!(u.role, Role::Officer | Role::Admin) && u.disabled_at.is_none() && u.name != actor.user.name
    });
    let row = |c: &diembao_desk::HandoverCase| Row {
        case: case_row(&c.case, c.clocks.first(), now),
        new: c.opened_in_shift,
        last: c.last.as_ref().map(|e| format!("{} {}, {}: {}", e.actor, e.action.label(), moment(e.at, now), e.note)),
        unanswered: c.unanswered_call.clone(),
    };
    let view = View {
        from: moment(shift.from, now),
        to: moment(shift.to, now),
        coverage: shift.coverage.clone(),
        open: shift.open.iter().take(N_SHOWN).map(row).collect(),
        n_open: shift.open.len(),
        news: shift.news.iter().take(N_SHOWN).map(|case| case_row(case, None, now)).collect(),
        n_ended: shift.n_ended,
        nothing: shift.is_empty(),
        givers: others.map(|u| Choice { value: u.display.clone(), name: u.display, on: false }).collect(),
        taker: actor.user.display.clone(),
        next: report.next.clone(),
        signed: desk::signed_shifts(&console.p, N_SIGNED).await?.into_iter().map(|s| signed_row(s, now)).collect(),
    };
    let sheet = Sheet { template: "handover.html", title: "Giao ca", place: "/handover", done: done.done.as_deref() };
    html::page(&actor, sheet, view)
}

fn signed_row(s: SignedHandover, now: chrono::DateTime<chrono::Utc>) -> SignedRow {
    SignedRow { from: moment(s.from, now), to: moment(s.to, now), given: s.given_by, taken: s.taken_by, text: s.text }
}

/// A signature as typed: who is signed in takes over.
#[derive(Deserialize)]
pub(crate) struct Typed {
    given: String,
    #[serde(default)]
    note: String,
}

/// POST /handover
pub(crate) async fn sign(State(console): State<Console>, actor: Actor, Form(typed): Form<Typed>) -> Answer {
    let sign = SignShift { given_by: typed.given, taken_by: actor.user.display.clone(), note: typed.note };
    let signed = desk::sign_shift(&console.p, None, &sign).await?;
    note(&console, &actor, "handover.sign", &signed.given_by, "").await?;
    console.live.tell();
    Ok(see("/handover?done=handover"))
}
