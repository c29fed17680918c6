//! What everybody may read: the log's files, the authority's profile, the API's description.

use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use noren::log::TilePath;
use sha2::{Digest, Sha256};

use crate::problem::Problem;
use crate::state::AppState;

/// The description of the API, as it is served.
pub const OPENAPI: &str = include_str!("../openapi.json");

/// `GET /checkpoint`
pub(crate) async fn checkpoint(State(state): State<AppState>) -> Result<Response, Problem> {
    let head = state.published.head().ok_or(Problem::NoCheckpoint)?;
    // [API-1] A kept checkpoint would look like a frozen log.
    let headers =
        [(header::CONTENT_TYPE, "text/plain; charset=utf-8"), (header::CACHE_CONTROL, "no-store")];
    Ok((headers, head.text).into_response())
}

/// `GET /tile/…`
pub(crate) async fn tile(
    State(state): State<AppState>,
    path: Result<Path<String>, PathRejection>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let Path(path) = path.map_err(|_| Problem::NotFound)?;
    // [API-2] Only the one spelling of a tile's path gets through, so no other file is ever named.
    let path: TilePath = format!("tile/{path}").parse().map_err(|_| Problem::NotFound)?;
    let sound = state.published.tile(path).await.map_err(internal)?.ok_or(Problem::NotCovered)?;
    // [API-1] [API-20] The tag is the content's, and only what was proved may be kept for ever.
    let tag = tag_of(&sound.hash);
    let caching = "public, max-age=31536000, immutable";
    Ok(file(&headers, "application/octet-stream", caching, &tag, sound.bytes.into()))
}

/// `GET /v1/authority`
pub(crate) async fn profile(State(state): State<AppState>, headers: HeaderMap) -> Response {
    let profile = Bytes::copy_from_slice(state.published.profile().as_bytes());
    let tag = etag(&profile);
    file(&headers, "application/cbor", "public, max-age=300", &tag, profile)
}

/// `GET /openapi.json`
pub(crate) async fn openapi(headers: HeaderMap) -> Response {
    let tag = etag(OPENAPI.as_bytes());
    let body = Bytes::from_static(OPENAPI.as_bytes());
    file(&headers, "application/json", "public, max-age=300", &tag, body)
}

/// Notes a failure for the operator and tells the sender only that there was one.
pub(crate) fn internal(error: impl std::error::Error + Into<Problem>) -> Problem {
    let text = error.to_string();
    let problem = error.into();
    // [API-14] A disk that fails has lines of its own, and an upload that failed for it has none.
    if problem == Problem::Internal {
        tracing::error!(error = text, "a request failed");
    }
    problem
}

/// A strong entity tag: 16 bytes of the content's hash.
fn etag(content: &[u8]) -> String {
    tag_of(&Sha256::digest(content).into())
}

fn tag_of(hash: &[u8; 32]) -> String {
    format!("\"{}\"", hex::encode(&hash[..16]))
}

/// A file with its caching, or 304 when the client has it.
fn file(
    request: &HeaderMap,
    media_type: &'static str,
    caching: &'static str,
    tag: &str,
    body: Bytes,
) -> Response {
    let mut headers = HeaderMap::new();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(caching));
    if let Ok(tag) = HeaderValue::from_str(tag) {
        headers.insert(header::ETAG, tag);
    }
    // [API-1]
    if has(request, tag) {
        return (StatusCode::NOT_MODIFIED, headers).into_response();
    }
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type));
    (headers, body).into_response()
}

/// Whether `If-None-Match` names the tag (RFC 9110, section 13.1.2: weak comparison).
fn has(request: &HeaderMap, tag: &str) -> bool {
    let fields =
        request.get_all(header::IF_NONE_MATCH).iter().filter_map(|value| value.to_str().ok());
    fields
        .flat_map(|field| field.split(','))
        .map(str::trim)
        .any(|candidate| candidate == "*" || candidate.trim_start_matches("W/") == tag)
}
