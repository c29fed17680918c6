//! The URL tables: what the public server and the operators' server answer.

use axum::Router;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::routing::{get, options, post, put};

mod archive;
mod authority;
mod downloads;
mod limits;
mod observe;
mod operators;
mod origins;
mod page;
mod quick;
mod signed;
mod strict;
mod trace_keys;
mod turns;
mod uploads;

pub use downloads::OPENAPI;
pub(crate) use quick::Quick;

use limits::{date, reserve, security_headers, time_limit};
use observe::observe;
use origins::origins;
use strict::strict;

use crate::problem::Problem;
use crate::state::AppState;

/// Returns the API, as `openapi.json` describes it. [API-17]
pub fn app(state: AppState) -> Router {
    Router::new()
        // For everybody.
        .route("/checkpoint", get(downloads::checkpoint))
        .route("/tile/{*path}", get(downloads::tile))
        .route("/archive/{day}", get(archive::archived))
        .route("/v1/authority", get(downloads::profile).put(authority::replace_profile))
        .route("/v3/traceKeys", get(trace_keys::trace_keys))
        .route("/openapi.json", get(downloads::openapi))
        .route("/", get(page::index))
        // For venues: POST. All else from here on is for the authority.
        .route("/v1/uploads", post(uploads::receive).get(authority::list_uploads))
        .route("/v1/uploads", options(uploads::preflight))
        .route("/v1/uploads/{id}", get(authority::fetch_upload).delete(authority::delete_upload))
        .route("/v1/cases/{code_hash}", put(authority::open_case).delete(authority::close_case))
        .route("/v1/log", post(authority::append))
        .route("/v1/log/turn", post(turns::take_turn).get(turns::last_seat))
        .route("/v1/log/missing", get(authority::missing))
        // The page's other files, by their names in its table. [API-33]
        .fallback(page::file)
        // [API-12]
        .method_not_allowed_fallback(async || Problem::MethodNotAllowed)
        .layer(from_fn(strict))
        .layer(from_fn(reserve))
        .layer(from_fn_with_state(state.clone(), time_limit))
        .layer(from_fn(security_headers))
        .layer(from_fn_with_state(state.clone(), date))
        .layer(from_fn_with_state(state.clone(), origins))
        .layer(from_fn_with_state(state.clone(), observe))
        .with_state(state)
}

/// Returns what operators ask, on an address of its own. [API-15]
pub fn ops_app(state: AppState) -> Router {
    Router::new()
        .route("/health", get(operators::health))
        .route("/metrics", get(operators::metrics))
        .fallback(async || Problem::NotFound)
        .method_not_allowed_fallback(async || Problem::MethodNotAllowed)
        .layer(from_fn(strict))
        .layer(from_fn_with_state(state.clone(), time_limit))
        .layer(from_fn(security_headers))
        .with_state(state)
}
