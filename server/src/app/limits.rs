//! Bounds on what a stranger can make the server do.

use std::sync::Arc;
use std::time::{Duration, UNIX_EPOCH};

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use bytes::{Bytes, BytesMut};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use hyper::body::Body as _;
use noren::request::SIGNATURE;
use noren::time::UnixSeconds;

use crate::connections::{Seat, Stalled};
use crate::problem::Problem;
use crate::state::AppState;

/// Seconds after which a client that was sent away may come again.
const RETRY_AFTER: u64 = 5;
/// Bytes of an unwanted body that are still read, so that the sender gets to see the answer.
const DRAINED: usize = 1 << 20;

/// Reads a body of at most `limit` bytes.
///
/// # Errors
/// [`Problem::BodyTooLarge`] when it is longer, [`Problem::Malformed`] when it breaks off.
pub(crate) async fn read_body(
    headers: &HeaderMap,
    body: Body,
    limit: usize,
) -> Result<Bytes, Problem> {
    // [API-13] A stated length is believed, so that a body that is too long is never kept.
    if body.size_hint().lower() > limit as u64 {
        drain(headers, body).await;
        return Err(Problem::BodyTooLarge);
    }
    let mut limited = Limited::new(body, limit);
    let mut bytes = BytesMut::new();
    while let Some(frame) = limited.frame().await {
        match frame {
            Ok(frame) => {
                if let Some(data) = frame.data_ref() {
                    bytes.extend_from_slice(data);
                }
            }
            Err(error) if error.is::<LengthLimitError>() => return Err(Problem::BodyTooLarge),
            // [API-24]
            Err(error) if Stalled::caused(&*error) => return Err(Problem::Timeout),
            Err(_) => return Err(Problem::Malformed("the body broke off")),
        }
    }
    Ok(bytes.freeze())
}

/// Reads and drops the beginning of a body that nobody wants. A connection that is closed with
/// unread data is reset, and the sender might lose the answer. Who asks before sending is not told
/// to send.
pub(crate) async fn drain(headers: &HeaderMap, body: Body) {
    if headers.contains_key(header::EXPECT) {
        return;
    }
    let mut limited = Limited::new(body, DRAINED);
    while let Some(Ok(_)) = limited.frame().await {}
}

/// Refuses a body of another media type.
///
/// # Errors
/// [`Problem::UnsupportedMediaType`].
pub(crate) fn require_media_type(headers: &HeaderMap, expected: &str) -> Result<(), Problem> {
    let value =
        headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let essence = value.split(';').next().unwrap_or_default().trim();
    // Nothing is decompressed here.
    let plain = headers.get(header::CONTENT_ENCODING).is_none_or(|coding| coding == "identity");
    if plain && essence.eq_ignore_ascii_case(expected) {
        Ok(())
    } else {
        Err(Problem::UnsupportedMediaType)
    }
}

/// Ends a request that takes too long.
pub(crate) async fn time_limit(
    State(state): State<AppState>,
    request: Request,
    next: Next,
) -> Response {
    // [API-13]
    match tokio::time::timeout(state.limits.request_time(), next.run(request)).await {
        Ok(response) => response,
        Err(_) => Problem::Timeout.into_response(),
    }
}

/// Sends everybody but the authority away from a place of the reserve.
pub(crate) async fn reserve(request: Request, next: Next) -> Response {
    let Some(seat) = request.extensions().get::<Arc<Seat>>().filter(|seat| seat.is_reserve())
    else {
        return next.run(request).await;
    };
    let seat = Arc::clone(seat);
    // [API-23] Whoever claims to be the authority is asked to prove it, which costs little.
    let mut response = if seat.is_kept() || request.headers().contains_key(SIGNATURE) {
        next.run(request).await
    } else {
        let (head, body) = request.into_parts();
        drain(&head.headers, body).await;
        Problem::Overloaded { retry_after: RETRY_AFTER }.into_response()
    };
    if !seat.is_kept() {
        response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
    }
    response
}

/// Tells browsers to take every answer for nothing but data, unless it says what else it is.
pub(crate) async fn security_headers(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    secure(response.headers_mut());
    response
}

/// Adds what [`security_headers`] says.
pub(super) fn secure(headers: &mut HeaderMap) {
    let fields = [
        ("x-content-type-options", "nosniff"),
        ("content-security-policy", "default-src 'none'"),
        ("referrer-policy", "no-referrer"),
        ("cross-origin-resource-policy", "cross-origin"),
    ];
    for (name, value) in fields {
        // [API-33] The page has a policy of its own.
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    }
}

/// Dates every answer by the server's own clock: a client can see when two clocks differ.
pub(crate) async fn date(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    if let Some(date) = date_of(state.clock.now()) {
        response.headers_mut().insert(header::DATE, date);
    }
    response
}

/// Returns the date of an answer.
pub(super) fn date_of(now: UnixSeconds) -> Option<HeaderValue> {
    // [API-31]
    let now = UNIX_EPOCH + Duration::from_secs(now.get());
    HeaderValue::from_str(&httpdate::fmt_http_date(now)).ok()
}
