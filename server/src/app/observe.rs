//! What an operator sees of a request: one log line and a few counters, and nothing about who sent it.

use std::time::{Duration, Instant};

use axum::extract::{MatchedPath, Request, State};
use axum::http::Method;
use axum::middleware::Next;
use axum::response::Response;

use super::origins::is_public;
use crate::state::AppState;

/// The requests that are counted and not logged: uploads, and what a browser asks before one.
const UPLOADS: [(&str, &str); 2] = [("POST", "/v1/uploads"), ("OPTIONS", "/v1/uploads")];

/// The template of an answer that no route gave.
#[derive(Debug, Clone, Copy)]
pub(super) struct Template(pub(super) &'static str);

/// Counts and logs a request: method, route template, status, duration.
pub(crate) async fn observe(
    State(state): State<AppState>,
    request: Request,
    next: Next,
) -> Response {
    // [API-14] The template, never the path: a path can hold a code hash or an upload's name. The
    // method of a stranger is free text as well.
    let method = known_method(request.method());
    let route = request.extensions().get::<MatchedPath>().cloned();
    let start = Instant::now();
    let response = next.run(request).await;
    let template = response.extensions().get().map_or("none", |Template(template)| template);
    let route = route.as_ref().map_or(template, MatchedPath::as_str);
    let elapsed = start.elapsed();
    let status = response.status().as_u16();
    log_line(method, route, status, elapsed);
    state.metrics.tally(method, route, status).count(elapsed);
    response
}

/// Writes the line about a request, if there is to be one.
pub(super) fn log_line(method: &str, route: &str, status: u16, elapsed: Duration) {
    // [API-14] Lines follow each other: one for each upload would be their order.
    if UPLOADS.contains(&(method, route)) {
        return;
    }
    let milliseconds = elapsed.as_millis();
    // Who reads what everybody reads is counted. Lines about it would be nearly all there are.
    if status < 400 && matches!(method, "GET" | "HEAD") && is_public(route) {
        tracing::debug!(method, route, status, milliseconds, "request");
    } else {
        tracing::info!(method, route, status, milliseconds, "request");
    }
}

fn known_method(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::DELETE => "DELETE",
        Method::OPTIONS => "OPTIONS",
        Method::PATCH => "PATCH",
        _ => "other",
    }
}
