//! The console of the duty desk. For now it answers `/healthz`.

mod metrics;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use diembao_pipeline::Pipeline;
use serde_json::json;
use tokio::net::TcpListener;

/// Answers HTTP until `shutdown` completes.
///
/// # Errors
/// When the listener fails.
pub async fn serve(
    pipeline: Pipeline,
    listener: TcpListener,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> std::io::Result<()> {
    let app =
        Router::new().route("/healthz", get(healthz)).route("/metrics", get(metrics::metrics)).with_state(pipeline);
    axum::serve(listener, app).with_graceful_shutdown(shutdown).await
}

/// 200 while the store answers, 503 otherwise.
async fn healthz(State(pipeline): State<Pipeline>) -> Response {
    match pipeline.store.unfinished_items().await {
        Ok(waiting) => Json(json!({"status": "ok", "items_waiting": waiting})).into_response(),
        Err(e) => {
            tracing::error!("healthz: {e}");
            (StatusCode::SERVICE_UNAVAILABLE, Json(json!({"status": "the store does not answer"}))).into_response()
        }
    }
}
