//! Health and metrics.

use axum::Json;
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use crate::problem::Problem;
use crate::state::AppState;

#[derive(Serialize)]
pub(crate) struct Health {
    status: &'static str,
    log_entries: u64,
    checkpoint_age_seconds: Option<u64>,
}

/// `GET /health`: 200 when the database answers, 503 when it does not.
pub(crate) async fn health(State(state): State<AppState>) -> Result<Json<Health>, Problem> {
    state.inbox.ping().await.map_err(|error| {
        tracing::error!(%error, "the database does not answer");
        Problem::Unavailable
    })?;
    let head = state.published.head();
    let now = state.clock.now().get();
    Ok(Json(Health {
        status: "ok",
        log_entries: head.as_ref().map_or(0, |head| head.size),
        checkpoint_age_seconds: head.map(|head| now.saturating_sub(head.timestamp.get())),
    }))
}

/// `GET /metrics`: OpenMetrics text.
pub(crate) async fn metrics(State(state): State<AppState>) -> Result<Response, Problem> {
    if let Some(head) = state.published.head() {
        state.metrics.checkpoint(head.size, head.timestamp.get());
    }
    let text = state.metrics.text().ok_or(Problem::Internal)?;
    let media_type = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    Ok(([(header::CONTENT_TYPE, media_type)], text).into_response())
}
