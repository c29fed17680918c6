//! What an operator sees of a request: one log line and a few counters, and nothing about who sent it.

use std::time::Instant;

use axum::extract::{MatchedPath, Request, State};
use axum::http::Method;
use axum::middleware::Next;
use axum::response::Response;

use crate::state::AppState;

/// The request that is counted and not logged.
const UPLOAD: (&str, &str) = ("POST", "/v1/uploads");

/// Counts and logs a request: method, route template, status, duration.
pub(crate) async fn observe(
    State(state): State<AppState>,
    request: Request,
    next: Next,
) -> Response {
    // [API-14] The template, never the path: a path can hold a code hash or an upload's name. The
    // method of a stranger is free text as well.
    let method = known_method(request.method());
    let route =
        request.extensions().get::<MatchedPath>().map_or("none", MatchedPath::as_str).to_owned();
    let start = Instant::now();
    let response = next.run(request).await;
    let elapsed = start.elapsed();
    let status = response.status().as_u16();
    // [API-14] Lines follow each other: one for each upload would be their order.
    if (method, &route[..]) != UPLOAD {
        tracing::info!(method, route, status, milliseconds = elapsed.as_millis(), "request");
    }
    state.metrics.request(method, route, status, elapsed);
    response
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
