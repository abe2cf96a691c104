//! The JSON API under `/api/v1`: the same rights as the pages, described by `openapi.json`.

pub(crate) mod cases;
pub(crate) mod press;

use axum::Json;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use crate::access::{Actor, Through};
use crate::answer::Answer;
use crate::format::machine;

/// The description of the API.
pub(crate) const DESCRIPTION: &str = include_str!("openapi.json");

/// GET /api/openapi.json
pub(crate) async fn description() -> Response {
    let kind = HeaderValue::from_static("application/vnd.oai.openapi+json;version=3.1");
    ([(header::CONTENT_TYPE, kind)], DESCRIPTION).into_response()
}

/// GET /api/v1/me
pub(crate) async fn me(actor: Actor) -> Answer {
    let scopes = match &actor.through {
        Through::Token(scopes) => json!(scopes),
        Through::Session(_) | Through::Proxy => Value::Null,
    };
    answer(&json!({
        "name": actor.user.name,
        "display": actor.user.display,
        "role": actor.user.role.as_str(),
        "unit": actor.user.unit,
        "scopes": scopes,
    }))
}

fn answer(value: &Value) -> Answer {
    Ok(Json(value).into_response())
}

fn time(t: Option<DateTime<Utc>>) -> Value {
    t.map_or(Value::Null, |t| Value::String(machine(t)))
}
