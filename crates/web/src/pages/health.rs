//! `/healthz`: whether the store answers, for whoever watches over the server.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::json;

use crate::state::Console;

/// 200 while the store answers, 503 otherwise.
pub(crate) async fn healthz(State(console): State<Console>) -> Response {
    match console.p.store.unfinished_items().await {
        Ok(waiting) => Json(json!({"status": "ok", "items_waiting": waiting})).into_response(),
        Err(e) => {
            tracing::error!("healthz: {e}");
            (StatusCode::SERVICE_UNAVAILABLE, Json(json!({"status": "the store does not answer"}))).into_response()
        }
    }
}
