//! What everybody may read: the log's files, the authority's profile, the API's description.

use axum::body::Body;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use noren::log::TilePath;
use sha2::{Digest, Sha256};

use crate::pieces::{self, PIECE, cut};
use crate::problem::{Problem, internal};
use crate::published::PublishedError;
use crate::state::AppState;

/// The description of the API, as it is served.
pub const OPENAPI: &str = include_str!("../../openapi.json");

/// `GET /checkpoint`
pub(crate) async fn checkpoint(State(state): State<AppState>) -> Result<Response, Problem> {
    state.published.look().await.map_err(internal)?;
    let Some(head) = state.published.head() else {
        // [API-29] A log that was lost is not one that never began.
        if state.published.has_damaged_checkpoint().await {
            return Err(PublishedError::Damaged { file: "checkpoint".to_owned() }.into());
        }
        return Err(Problem::NoCheckpoint);
    };
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
    let turn = state.pieces.turn().await.map_err(internal)?;
    let sound = state.published.tile(path).await.map_err(internal)?.ok_or(Problem::NotCovered)?;
    // [API-1] [API-20] The tag is the content's, and only what was proved may be kept for ever.
    let tag = tag_of(&sound.hash);
    let caching = "public, max-age=31536000, immutable";
    let length = sound.bytes.len();
    let body = tile_body(&state, path, sound.bytes);
    drop(turn);
    Ok(file(&headers, "application/octet-stream", caching, &tag, body, length))
}

/// Returns a short tile as it is, a long one in pieces.
fn tile_body(state: &AppState, path: TilePath, bytes: Vec<u8>) -> Body {
    if bytes.len() <= PIECE {
        return bytes.into();
    }
    // [API-25]
    let name = path.to_string();
    state.pieces.keep(&name, cut(&bytes));
    let state = state.clone();
    pieces::body(vec![name], move |name| {
        let state = state.clone();
        async move {
            let again = async {
                let sound = state.published.tile(path).await?;
                Ok(cut(&sound.map(|sound| sound.bytes).unwrap_or_default()))
            };
            state.pieces.pieces(&name, again).await
        }
    })
}

/// `GET /v1/authority`
pub(crate) async fn profile(State(state): State<AppState>, headers: HeaderMap) -> Response {
    let profile = state.published.profile();
    let (tag, profile) = (profile.entity_tag(), Bytes::copy_from_slice(profile.as_bytes()));
    file(
        &headers,
        "application/cbor",
        "public, max-age=300",
        &tag,
        profile.clone().into(),
        profile.len(),
    )
}

/// `GET /openapi.json`
pub(crate) async fn openapi(headers: HeaderMap) -> Response {
    let tag = etag(OPENAPI.as_bytes());
    let body = Body::from(OPENAPI);
    file(&headers, "application/json", "public, max-age=300", &tag, body, OPENAPI.len())
}

/// Returns a strong entity tag: 16 bytes of the content's hash.
pub(super) fn etag(content: &[u8]) -> String {
    tag_of(&Sha256::digest(content).into())
}

fn tag_of(hash: &[u8; 32]) -> String {
    format!("\"{}\"", hex::encode(&hash[..16]))
}

/// Returns a file with its caching, or 304 when the client has it.
pub(super) fn file(
    request: &HeaderMap,
    media_type: &'static str,
    caching: &'static str,
    tag: &str,
    body: Body,
    length: usize,
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
    headers.insert(header::CONTENT_LENGTH, HeaderValue::from(length));
    (headers, body).into_response()
}

/// Returns whether `If-None-Match` names the tag (RFC 9110, section 13.1.2: weak comparison).
pub(super) fn has(request: &HeaderMap, tag: &str) -> bool {
    let fields =
        request.get_all(header::IF_NONE_MATCH).iter().filter_map(|value| value.to_str().ok());
    fields
        .flat_map(|field| field.split(','))
        .map(str::trim)
        .any(|candidate| candidate == "*" || candidate.trim_start_matches("W/") == tag)
}
