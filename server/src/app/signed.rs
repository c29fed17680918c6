//! The check at the authority's door: is this request signed by the pinned key, just now, and new?

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::Request;
use axum::http::HeaderMap;
use axum::http::request::Parts;
use noren::request::{
    CONTENT_DIGEST, RequestError, RequestTarget, SIGNATURE, SIGNATURE_INPUT, ServerAddress,
    SignedHeaders, VerifiedRequest,
};
use noren::time::UnixSeconds;

use super::limits::{drain, read_body, require_media_type};
use crate::connections::Seat;
use crate::problem::{Problem, internal};
use crate::state::AppState;

/// What a signed request may carry.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Content {
    /// Nothing.
    Nothing,
    /// A body of this media type and at most so many bytes.
    Body(&'static str, usize),
}

/// Which key signed a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Signer {
    /// The log key, which may do everything.
    Log,
    /// The clock key, which only renews the time of the log's head.
    Clock,
}

/// Reads the body of a request that the authority signed with its log key. Verifies the head first,
/// and never keeps a stranger's body.
pub(crate) async fn signed_body(
    state: &AppState,
    request: Request,
    content: Content,
) -> Result<Bytes, Problem> {
    let (_, body) = body_signed_by(state, request, content, &[Signer::Log]).await?;
    Ok(body)
}

/// As [`signed_body`], for what any of these keys may sign; with the key that did.
pub(crate) async fn body_signed_by(
    state: &AppState,
    request: Request,
    content: Content,
    signers: &[Signer],
) -> Result<(Signer, Bytes), Problem> {
    let (head, body) = request.into_parts();
    let (signer, verified) = match verified_head(state, &head, signers).await {
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
    Ok((signer, body))
}

async fn verified_head(
    state: &AppState,
    head: &Parts,
    signers: &[Signer],
) -> Result<(Signer, VerifiedRequest), Problem> {
    let headers = signed_headers(&head.headers).ok_or(Problem::SignatureRefused)?;
    let now = state.clock.now();
    // [API-41] After a handover no server goes by the old key.
    state.published.look_at_profile().await.map_err(internal)?;
    // [API-7]
    let (signer, verified) = verify(state, head, &headers, now, signers).map_err(refused)?;
    // [API-8] Only a valid signature gets this far, so strangers cannot fill the table.
    let fresh = state.nonces.first_use(verified.nonce().as_bytes(), now).await.map_err(internal)?;
    if !fresh {
        return Err(Problem::SignatureRefused);
    }
    // [API-23]
    if let Some(seat) = head.extensions.get::<Arc<Seat>>() {
        seat.keep();
    }
    Ok((signer, verified))
}

/// Verifies the signature for each address at which this server is reached. The address's own path is
/// not there any more: a proxy has taken it off.
fn verify(
    state: &AppState,
    head: &Parts,
    headers: &SignedHeaders,
    now: UnixSeconds,
    signers: &[Signer],
) -> Result<(Signer, VerifiedRequest), RequestError> {
    // [API-7]
    let profile = state.published.profile();
    let profile = profile.profile();
    let addresses = ServerAddress::new(&profile.url).into_iter().chain(state.address.clone());
    let mut verified = Err(RequestError::Signature);
    let keys = profile.log_keys();
    for (address, signer) in
        addresses.flat_map(|each| signers.iter().map(move |by| (each.clone(), *by)))
    {
        // [API-7] [PRO-9]
        let key = match signer {
            Signer::Log => &keys.log,
            Signer::Clock => &keys.clock,
        };
        let (method, authority) = (head.method.as_str(), address.authority());
        let path = &address.path(head.uri.path());
        let target = RequestTarget { method, authority, path, query: head.uri.query() };
        verified = headers.verify(key, &profile.origin, &target, now).map(|head| (signer, head));
        if verified.as_ref().err() != Some(&RequestError::Signature) {
            break;
        }
    }
    verified
}

/// Gives one answer whatever was wrong; the reason is for the operator who asks for it.
fn refused(error: RequestError) -> Problem {
    tracing::debug!(%error, "a signed request was refused");
    Problem::SignatureRefused
}

/// Returns the three fields; `None` unless each is there exactly once.
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
