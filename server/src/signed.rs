//! The check at the authority's door: is this request signed by the pinned key, just now, and new?

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::Request;
use axum::http::HeaderMap;
use axum::http::request::Parts;
use noren::authority::request::{
    CONTENT_DIGEST, RequestTarget, SIGNATURE, SIGNATURE_INPUT, SignedHeaders, VerifiedRequest,
};

use crate::connections::Seat;
use crate::limits::{drain, read_body, require_media_type};
use crate::problem::Problem;
use crate::public::internal;
use crate::state::AppState;

/// What a signed request may carry.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Content {
    /// Nothing.
    Nothing,
    /// A body of this media type and at most so many bytes.
    Body(&'static str, usize),
}

/// The body of a request that the authority signed. Head first: a stranger's body is never kept.
pub(crate) async fn signed_body(
    state: &AppState,
    request: Request,
    content: Content,
) -> Result<Bytes, Problem> {
    let (head, body) = request.into_parts();
    let verified = match verified_head(state, &head).await {
        Ok(verified) => verified,
        Err(problem) => {
            drain(&head.headers, body).await;
            return Err(problem);
        }
    };
    let limit = match content {
        Content::Nothing => 0,
        Content::Body(media_type, limit) => {
            if let Err(problem) = require_media_type(&head.headers, media_type) {
                drain(&head.headers, body).await;
                return Err(problem);
            }
            limit
        }
    };
    // [API-13] The limit comes before the hash.
    let body = read_body(&head.headers, body, limit).await?;
    verified.check_body(&body).map_err(refused)?;
    Ok(body)
}

async fn verified_head(state: &AppState, head: &Parts) -> Result<VerifiedRequest, Problem> {
    let headers = signed_headers(&head.headers).ok_or(Problem::SignatureRefused)?;
    let target = RequestTarget {
        method: head.method.as_str(),
        path: head.uri.path(),
        query: head.uri.query(),
    };
    let profile = state.published.profile();
    let (key, origin) = (&profile.profile().log_key, &profile.profile().origin);
    let now = state.clock.now();
    // [API-7]
    let verified = headers.verify(key, origin, &target, now).map_err(refused)?;
    // [API-8] Only a valid signature gets this far, so strangers cannot fill the table.
    let fresh = state.nonces.first_use(verified.nonce().as_bytes(), now).await.map_err(internal)?;
    if !fresh {
        return Err(Problem::SignatureRefused);
    }
    // [API-23]
    if let Some(seat) = head.extensions.get::<Arc<Seat>>() {
        seat.keep();
    }
    Ok(verified)
}

/// One answer whatever was wrong; the reason is for the operator who asks for it.
fn refused(error: noren::authority::request::RequestError) -> Problem {
    tracing::debug!(%error, "a signed request was refused");
    Problem::SignatureRefused
}

/// The three fields; `None` unless each is there exactly once.
fn signed_headers(headers: &HeaderMap) -> Option<SignedHeaders> {
    let only = |name: &str| {
        let mut values = headers.get_all(name).iter();
        let value = values.next()?.to_str().ok()?.to_owned();
        values.next().is_none().then_some(value)
    };
    Some(SignedHeaders {
        content_digest: only(CONTENT_DIGEST)?,
        signature_input: only(SIGNATURE_INPUT)?,
        signature: only(SIGNATURE)?,
    })
}
