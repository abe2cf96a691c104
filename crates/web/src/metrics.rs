//! `/metrics`: what the process has done, for Prometheus.

use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use diembao_pipeline::{METRICS_CONTENT_TYPE, Pipeline};

/// The counters in the text form of `OpenMetrics`; 503 while the store does not answer.
pub(crate) async fn metrics(State(pipeline): State<Pipeline>) -> Response {
    match pipeline.metrics.text(&pipeline).await {
        Ok(text) => ([(header::CONTENT_TYPE, METRICS_CONTENT_TYPE)], text).into_response(),
        Err(e) => {
            tracing::error!("metrics: {e:#}");
            StatusCode::SERVICE_UNAVAILABLE.into_response()
        }
    }
}
