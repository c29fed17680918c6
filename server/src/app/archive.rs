//! Archived heads, for readers that join late.

use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::response::Response;
use noren::log::archived_day;

use super::downloads::{etag, file};
use crate::problem::{Problem, internal};
use crate::state::AppState;

/// `GET /archive/{day}`
pub(super) async fn archived(
    State(state): State<AppState>,
    path: Result<Path<String>, PathRejection>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    // [API-38] One spelling, so that no other file is ever named.
    let Path(day) = path.map_err(|_| Problem::NotFound)?;
    let day = archived_day(&format!("archive/{day}")).ok_or(Problem::NotFound)?;
    let note = state.published.archived(day).await.map_err(internal)?.ok_or(Problem::NotFound)?;
    let (tag, length) = (etag(note.as_bytes()), note.len());
    let caching = "public, max-age=31536000, immutable";
    Ok(file(&headers, "text/plain; charset=utf-8", caching, &tag, note.into(), length))
}
