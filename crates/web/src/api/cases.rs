//! Cases for programs: list, one with its events, and adding an event.

use axum::Json;
use axum::extract::{Path, Query, State};
use diembao_pipeline::desk;
use serde_json::{Value, json};

use super::answer;
use crate::access::Actor;
use crate::answer::{Answer, Stop};
use crate::pages::case;
use crate::pages::case_form::Typed;
use crate::pages::cases::{Asked, page};
use crate::pages::users::note;
use crate::rights;
use crate::state::Console;

/// GET /api/v1/cases
pub(crate) async fn list(State(console): State<Console>, actor: Actor, Query(asked): Query<Asked>) -> Answer {
    let (cases, next) = page(&console, &actor, &asked).await?;
    let cases: Vec<Value> = cases.iter().map(desk::case_json).collect();
    answer(&json!({"cases": cases, "next": next.map(|c| c.as_i64())}))
}

/// GET /api/v1/cases/{case}
pub(crate) async fn one(State(console): State<Console>, actor: Actor, Path(id): Path<String>) -> Answer {
    let (case, _) = case::find(&console, &actor, &id).await?;
    answer(&desk::file_json(&desk::show(&console.p, case.id).await?))
}

/// POST /api/v1/cases/{case}/events
pub(crate) async fn add(
    State(console): State<Console>,
    actor: Actor,
    Path(id): Path<String>,
    Json(typed): Json<Typed>,
) -> Answer {
    let (case, _) = case::find(&console, &actor, &id).await?;
    let action = typed.action()?;
    if !rights::may(&actor.user, &case, &action) {
        return Err(Stop::Forbidden);
    }
    let name = format!("case.{}", action.as_str());
    let act = typed.act(action, &actor);
    let case = desk::act(&console.p, case.id, act).await?;
    note(&console, &actor, &name, &id, "").await?;
    console.changed(&[case.id]).await?;
    answer(&desk::case_json(&case))
}
