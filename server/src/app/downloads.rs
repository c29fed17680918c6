//! What everybody may read: the log's files, the authority's profile, the API's description.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use noren::log::TilePath;
use noren::profile::SignedProfile;
use sha2::{Digest, Sha256};

use super::limits::secure;
use super::origins::open_to_all;
use crate::pieces::{self, Kept, Name};
use crate::problem::{Problem, internal};
use crate::published::PublishedError;
use crate::published::sound::Sound;
use crate::state::AppState;

/// The description of the API, as it is served.
pub const OPENAPI: &str = include_str!("../../openapi.json");

/// The route of tiles and bundles, for who does not come by the router.
pub(super) const TILE: &str = "/tile/{*path}";

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
    Ok((head_of_checkpoint(), head.text).into_response())
}

/// Returns the fields of the answer with a checkpoint.
pub(super) fn head_of_checkpoint() -> HeaderMap {
    // [API-1] A kept checkpoint would look like a frozen log.
    head("text/plain; charset=utf-8", "no-store")
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
    if let Some(answer) = kept_tile(&state, path, &headers) {
        return Ok(answer);
    }
    let turn = state.pieces.turn().await.map_err(internal)?;
    // Somebody else may have read it in the meantime.
    if let Some(answer) = kept_tile(&state, path, &headers) {
        return Ok(answer);
    }
    let sound = state.published.tile(path).await.map_err(internal)?.ok_or(Problem::NotCovered)?;
    let kept = if state.published.is_readable(&path) {
        state.pieces.keep(Name::Tile(path), in_pieces(&state, &sound))
    } else {
        Arc::new(in_pieces(&state, &sound))
    };
    drop(turn);
    Ok(answer(&headers, &kept, tile_body(&state, path, &kept)))
}

/// Returns a tile or bundle that is in memory.
pub(super) fn kept_tile(state: &AppState, path: TilePath, request: &HeaderMap) -> Option<Response> {
    // [API-2] [API-39] What is in memory may be past by now.
    let readable = state.published.is_readable(&path);
    let kept = state.pieces.kept(Name::Tile(path)).filter(|_| readable)?;
    Some(answer(request, &kept, tile_body(state, path, &kept)))
}

/// Returns a short tile as it is, a long one in pieces.
fn tile_body(state: &AppState, path: TilePath, kept: &Kept) -> Body {
    match &kept.pieces[..] {
        [] => Body::empty(),
        [only] => only.clone().into(),
        _ => long_tile_body(state.clone(), path),
    }
}

fn long_tile_body(state: AppState, path: TilePath) -> Body {
    // [API-25]
    pieces::body(vec![Name::Tile(path)], move |name| {
        let state = state.clone();
        async move {
            let again = async {
                let sound = state.published.tile(path).await?;
                Ok(sound.map(|sound| in_pieces(&state, &sound)).unwrap_or_default())
            };
            state.pieces.pieces(name, again).await
        }
    })
}

/// Returns a tile or bundle as it is kept.
fn in_pieces(state: &AppState, sound: &Sound) -> Kept {
    // [API-1] [API-20] The tag is the content's, and only what was proved may be kept for ever.
    let mut head = head("application/octet-stream", "public, max-age=31536000, immutable");
    describe(&mut head, &tag_of(&sound.hash), sound.bytes.len());
    Kept::new(head, state.pieces.cut(&sound.bytes))
}

/// `GET /v1/authority`
pub(crate) async fn profile(State(state): State<AppState>, headers: HeaderMap) -> Response {
    let kept = kept_profile(&state.published.profile());
    answer(&headers, &kept, profile_body(&kept))
}

/// Returns a profile as it is answered.
pub(super) fn kept_profile(profile: &SignedProfile) -> Kept {
    let mut head = head("application/cbor", "public, max-age=300");
    describe(&mut head, &profile.entity_tag(), profile.as_bytes().len());
    Kept::new(head, vec![Bytes::copy_from_slice(profile.as_bytes())])
}

/// Returns the body of a profile, which is short.
pub(super) fn profile_body(kept: &Kept) -> Body {
    kept.pieces.first().cloned().unwrap_or_default().into()
}

/// Returns the fields that stand in every answer with a public file.
fn head(media_type: &'static str, caching: &'static str) -> HeaderMap {
    let mut head = HeaderMap::with_capacity(16);
    head.insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type));
    head.insert(header::CACHE_CONTROL, HeaderValue::from_static(caching));
    secure(&mut head);
    open_to_all(&mut head);
    head
}

fn describe(head: &mut HeaderMap, tag: &str, length: usize) {
    if let Ok(tag) = HeaderValue::from_str(tag) {
        head.insert(header::ETAG, tag);
    }
    head.insert(header::CONTENT_LENGTH, HeaderValue::from(length));
}

/// Returns a file, or 304 when the client has it.
pub(super) fn answer(request: &HeaderMap, kept: &Kept, body: Body) -> Response {
    let mut head = kept.head.clone();
    // [API-1]
    let tag = head.get(header::ETAG).and_then(|tag| tag.to_str().ok());
    if tag.is_some_and(|tag| has(request, tag)) {
        head.remove(header::CONTENT_TYPE);
        head.remove(header::CONTENT_LENGTH);
        return (StatusCode::NOT_MODIFIED, head).into_response();
    }
    let mut response = Response::new(body);
    *response.headers_mut() = head;
    response
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
