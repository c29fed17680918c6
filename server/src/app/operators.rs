//! Health and metrics.

use axum::Json;
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use noren::time::Lapse;
use serde::Serialize;

use crate::disk::RESTORE;
use crate::metrics::Part;
use crate::problem::Problem;
use crate::state::AppState;

#[derive(Serialize)]
pub(crate) struct Health {
    status: &'static str,
    log_entries: u64,
    checkpoint_age_seconds: Option<u64>,
}

/// `GET /health`: 200 when reading and writing work and all that is published is whole, 503 when not.
pub(crate) async fn health(State(state): State<AppState>) -> Result<Json<Health>, Problem> {
    let ailments = ailments(&state).await;
    if !ailments.is_empty() {
        return Err(Problem::Unhealthy(ailments.join("; ")));
    }
    let head = state.published.head();
    let now = state.clock.now().get();
    Ok(Json(Health {
        status: "ok",
        log_entries: head.as_ref().map_or(0, |head| head.size),
        checkpoint_age_seconds: head.map(|head| now.saturating_sub(head.timestamp.get())),
    }))
}

/// Returns what is wrong. A part that nobody wrote lately is written to, so that the answer is
/// about now.
async fn ailments(state: &AppState) -> Vec<String> {
    // [API-15] [API-19]
    let _alone = state.disk.probing().await;
    let mut ailments = vec![];
    if !state.disk.wrote_lately(Part::Database)
        && let Err(error) = state.inbox.probe().await
    {
        ailments.push(format!("writing to the database fails: {error}"));
    }
    if !state.disk.wrote_lately(Part::Files)
        && let Err(error) = state.published.probe().await
    {
        ailments.push(format!("writing the published files fails: {error}"));
    }
    if state.published.has_lost_its_checkpoint().await {
        ailments.push(
            "there are tiles of a log and no checkpoint: give it back, or have the authority \
             restore the log"
                .to_owned(),
        );
    }
    if state.published.has_damaged_checkpoint().await {
        ailments.push(format!("the checkpoint is damaged: {RESTORE}"));
    }
    if state.published.is_unproved() {
        ailments.push(format!("the published files do not lead to the checkpoint: {RESTORE}"));
    }
    // [API-31]
    if let Some(ahead) = state.published.ahead_of_clock() {
        ailments.push(format!(
            "the log's head is dated {} after this server's clock: set right whichever is wrong, the \
             clock here or that of the authority's desk; if it was the desk's, a heartbeat mends the \
             head",
            Lapse(ahead)
        ));
    }
    state.published.recheck().await;
    let damaged = state.disk.damaged_files(3);
    if let Some(first) = damaged.first() {
        let count = state.disk.damaged();
        ailments.push(format!(
            "{count} published files are damaged or missing, {first} first: {RESTORE}"
        ));
    }
    ailments
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
