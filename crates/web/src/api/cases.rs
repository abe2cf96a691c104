//! Cases for programs: list, one with its events, and adding an event.

use axum::Json;
use axum::extract::{Path, Query, State};
use diembao_desk::{Case, CaseEvent};
use diembao_pipeline::desk;
use serde_json::{Value, json};

use super::{answer, time};
use crate::access::Actor;
use crate::answer::{Answer, Stop};
use crate::format::machine;
use crate::pages::case;
use crate::pages::case_form::Typed;
use crate::pages::cases::{Asked, page};
use crate::pages::shared;
use crate::pages::users::note;
use crate::rights;
use crate::state::Console;

/// GET /api/v1/cases
pub(crate) async fn list(State(console): State<Console>, actor: Actor, Query(asked): Query<Asked>) -> Answer {
    let (cases, next) = page(&console, &actor, &asked).await?;
    let cases: Vec<Value> = cases.iter().map(case_json).collect();
    answer(&json!({"cases": cases, "next": next.map(|c| c.as_i64())}))
}

/// GET /api/v1/cases/{case}
pub(crate) async fn one(State(console): State<Console>, actor: Actor, Path(id): Path<String>) -> Answer {
    let (case, events) = case::find(&console, &actor, &id).await?;
    let now = console.p.clock.now();
    let clocks = shared::clocks_of(&console, &case, &events, now);
    let clocks: Vec<Value> = clocks
        .iter()
        .map(|c| {
            json!({"rule": c.rule, "name": c.name, "started": time(c.started), "due": time(c.due),
                "used": c.used, "paused": c.paused, "basis": c.basis, "status": c.status.as_str(), "wording": c.wording})
        })
        .collect();
    let articles = desk::case_articles(&console.p, case.id).await?;
    let articles: Vec<String> = articles.iter().map(|a| a.article.id.to_string()).collect();
    let mut whole = case_json(&case);
    whole["events"] = events.iter().map(event_json).collect();
    whole["clocks"] = clocks.into();
    whole["articles"] = json!(articles);
    answer(&whole)
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
    answer(&case_json(&case))
}

fn case_json(c: &Case) -> Value {
    json!({
        "case": c.id.as_i64(),
        "story": c.story.to_string(),
        "kind": c.kind.as_str(),
        "severity": c.severity.as_str(),
        "state": c.state.as_str(),
        "title": c.title,
        "owner": c.owner,
        "unit": c.handling.unit,
        "published": machine(c.published),
        "detected": machine(c.opened_at),
        "acknowledged": time(c.times.acknowledged),
        "answered": time(c.times.answered),
        "closed": time(c.times.closed),
        "n_articles": c.spread.n_articles,
        "n_outlets": c.spread.n_outlets,
        "version": c.version,
    })
}

fn event_json(e: &CaseEvent) -> Value {
    json!({"at": machine(e.at), "actor": e.actor, "action": e.action.as_str(), "note": e.note})
}
