//! `/metrics`: what the process has done, for a Prometheus on the same machine.

use std::net::SocketAddr;

use axum::extract::{ConnectInfo, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use diembao_pipeline::METRICS_CONTENT_TYPE;

use crate::answer::Stop;
use crate::state::Console;

/// The counters in the text form of `OpenMetrics`, on loopback and not through a proxy; 503 while
/// the store does not answer.
pub(crate) async fn metrics(
    State(console): State<Console>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    headers: HeaderMap,
) -> Response {
    if !peer.ip().to_canonical().is_loopback() || headers.contains_key("x-forwarded-for") {
        return Stop::NotFound.into_response();
    }
    match console.p.metrics.text(&console.p).await {
        Ok(text) => ([(header::CONTENT_TYPE, METRICS_CONTENT_TYPE)], text).into_response(),
        Err(e) => {
            tracing::error!("metrics: {e:#}");
            StatusCode::SERVICE_UNAVAILABLE.into_response()
        }
    }
}
