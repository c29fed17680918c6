//! The URL tables: what the public server and the operators' server answer.

use axum::Router;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::routing::{get, post, put};

use crate::limits::{date, reserve, security_headers, time_limit};
use crate::observe::observe;
use crate::problem::Problem;
use crate::state::AppState;
use crate::strict::strict;
use crate::{desk, feed, ops, public, turn, uploads};

/// The API, as `openapi.json` describes it. [API-17]
pub fn app(state: AppState) -> Router {
    Router::new()
        // For everybody.
        .route("/checkpoint", get(public::checkpoint))
        .route("/tile/{*path}", get(public::tile))
        .route("/v1/authority", get(public::profile).put(desk::replace_profile))
        .route("/v3/traceKeys", get(feed::trace_keys))
        .route("/openapi.json", get(public::openapi))
        // For venues: POST. All else from here on is for the authority.
        .route("/v1/uploads", post(uploads::receive).get(desk::list_uploads))
        .route("/v1/uploads/{id}", get(desk::fetch_upload).delete(desk::delete_upload))
        .route("/v1/cases/{code_hash}", put(desk::open_case).delete(desk::close_case))
        .route("/v1/log", post(desk::append))
        .route("/v1/log/turn", post(turn::take_turn))
        .route("/v1/log/missing", get(desk::missing))
        // [API-12]
        .fallback(async || Problem::NoSuchPath)
        .method_not_allowed_fallback(async || Problem::MethodNotAllowed)
        .layer(from_fn(strict))
        .layer(from_fn(reserve))
        .layer(from_fn_with_state(state.clone(), time_limit))
        .layer(from_fn(security_headers))
        .layer(from_fn_with_state(state.clone(), date))
        .layer(from_fn_with_state(state.clone(), observe))
        .with_state(state)
}

/// What operators ask, on an address of its own. [API-15]
pub fn ops_app(state: AppState) -> Router {
    Router::new()
        .route("/health", get(ops::health))
        .route("/metrics", get(ops::metrics))
        .fallback(async || Problem::NotFound)
        .method_not_allowed_fallback(async || Problem::MethodNotAllowed)
        .layer(from_fn(strict))
        .layer(from_fn_with_state(state.clone(), time_limit))
        .layer(from_fn(security_headers))
        .with_state(state)
}
