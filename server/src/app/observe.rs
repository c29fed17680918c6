//! What an operator sees of a request: one log line and a few counters, and nothing about who sent it.

use std::time::Instant;

use axum::extract::{MatchedPath, Request, State};
use axum::http::Method;
use axum::middleware::Next;
use axum::response::Response;

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
    // [API-14] Lines follow each other: one for each upload would be their order.
    if !UPLOADS.contains(&(method, route)) {
        tracing::info!(method, route, status, milliseconds = elapsed.as_millis(), "request");
    }
    state.metrics.request(method, route.to_owned(), status, elapsed);
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
