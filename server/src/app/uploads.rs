//! The venue's door: one sealed body, one code, one answer.

use axum::Json;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use noren::messages::{SEALED_UPLOAD_LENGTH, UploadTicket};
use serde::Serialize;

use super::limits::{drain, read_body, require_media_type};
use crate::inbox::{Arrival, Receipt};
use crate::metrics::Outcome;
use crate::problem::{Problem, internal};
use crate::state::AppState;

const TICKET: &str = "upload-ticket";
const CHAFF: &str = "x-chaff";

#[derive(Serialize)]
struct Received {
    status: &'static str,
}

/// `POST /v1/uploads`
pub(crate) async fn receive(
    State(state): State<AppState>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    let (ticket, chaff) = match opening(&headers) {
        Ok(opening) => opening,
        Err(problem) => {
            drain(&headers, body).await;
            return Err(problem);
        }
    };
    let body = read_body(&headers, body, SEALED_UPLOAD_LENGTH).await?;
    // [API-4]
    if body.len() != SEALED_UPLOAD_LENGTH {
        return Err(Problem::Malformed("a sealed upload has exactly 65536 bytes"));
    }
    // [API-5] Read for a dummy as well.
    let code = ticket.parse::<UploadTicket>().ok().map(|ticket| ticket.hash());
    let arrival = Arrival { code, chaff, body };
    let now = state.clock.now();
    match state.inbox.receive(arrival, now).await.map_err(internal)? {
        Receipt::Received => {
            state.metrics.upload(Outcome::Accepted);
            Ok((StatusCode::ACCEPTED, Json(Received { status: "received" })).into_response())
        }
        Receipt::Refused => {
            state.metrics.upload(Outcome::Refused);
            // [API-6]
            Err(match state.failures.spend(now).await.map_err(internal)? {
                Ok(()) => Problem::UploadCodeRefused,
                Err(retry_after) => Problem::TooManyFailures { retry_after },
            })
        }
    }
}

/// `OPTIONS /v1/uploads`: a browser asks before it sends from a page of another origin. Which one may,
/// `origins` says.
pub(crate) async fn preflight() -> Response {
    // [API-35]
    (StatusCode::NO_CONTENT, [(header::ALLOW, "GET,HEAD,POST,OPTIONS")]).into_response()
}

/// Returns the ticket as it stands in the head of the request, and whether the upload is a dummy.
fn opening(headers: &HeaderMap) -> Result<(&str, bool), Problem> {
    require_media_type(headers, "application/octet-stream")?;
    let chaff = match headers.get(CHAFF).map(|value| value.as_bytes()) {
        None | Some(b"0") => false,
        Some(b"1") => true,
        Some(_) => return Err(Problem::Malformed("X-Chaff is 0 or 1")),
    };
    let ticket = headers.get(TICKET).and_then(|value| value.to_str().ok());
    Ok((ticket.ok_or(Problem::Malformed("the field Upload-Ticket is missing"))?, chaff))
}
