//! The form of every request: nothing in it may be read in two ways.

use axum::extract;
use axum::http::uri::{Authority, Scheme};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Request, Uri, Version, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use noren::request::{CONTENT_DIGEST, SIGNATURE, SIGNATURE_INPUT};

use super::limits::drain;
use crate::connections::Seat;
use crate::problem::Problem;

/// Fields that say one thing. Whoever forwards a request could read another one of two.
const ONCE: [HeaderName; 21] = [
    header::HOST,
    header::CONTENT_LENGTH,
    header::CONTENT_TYPE,
    header::CONTENT_ENCODING,
    header::CONTENT_RANGE,
    header::TRANSFER_ENCODING,
    header::EXPECT,
    HeaderName::from_static("upload-ticket"),
    HeaderName::from_static("x-chaff"),
    header::IF_MATCH,
    header::IF_NONE_MATCH,
    header::IF_MODIFIED_SINCE,
    header::IF_UNMODIFIED_SINCE,
    header::IF_RANGE,
    header::RANGE,
    header::AUTHORIZATION,
    header::DATE,
    header::MAX_FORWARDS,
    header::ORIGIN,
    header::REFERER,
    header::USER_AGENT,
];

/// Refuses a request that does not have the form.
pub(crate) async fn strict(request: extract::Request, next: Next) -> Response {
    // [API-26]
    let seat = request.extensions().get::<std::sync::Arc<Seat>>();
    let ambiguous = seat.is_some_and(|seat| seat.is_ambiguous());
    match form(&request, ambiguous) {
        // What follows a chunked body is not looked at: see `connections::framing`.
        Ok(()) if request.headers().contains_key(header::TRANSFER_ENCODING) => {
            closing(next.run(request).await)
        }
        Ok(()) => next.run(request).await,
        Err(problem) => {
            let (head, body) = request.into_parts();
            drain(&head.headers, body).await;
            // What follows on the connection may be anything.
            closing(problem.into_response())
        }
    }
}

fn closing(mut response: Response) -> Response {
    response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
    response
}

/// Returns whether a request has the form, as far as its head tells; `ambiguous` says that the bytes
/// of the head do not.
///
/// # Errors
/// The [`Problem`] with it.
pub(super) fn form<B>(request: &Request<B>, ambiguous: bool) -> Result<(), Problem> {
    let headers = request.headers();
    // [API-26]
    if ambiguous {
        return Err(Problem::Malformed("the head of the request can be read in two ways"));
    }
    if headers.contains_key(header::TRANSFER_ENCODING)
        && headers.contains_key(header::CONTENT_LENGTH)
    {
        return Err(Problem::Malformed("a body has a length or is chunked, not both"));
    }
    // Most heads give every field once, whatever it says.
    if headers.keys_len() != headers.len() {
        if ONCE.iter().any(|name| is_repeated(headers, name.as_str())) {
            return Err(Problem::Malformed("a field that says one thing is given twice"));
        }
        // [API-7]
        let signature = [CONTENT_DIGEST, SIGNATURE, SIGNATURE_INPUT];
        if signature.iter().any(|name| is_repeated(headers, name)) {
            return Err(Problem::SignatureRefused);
        }
    }
    target(request.uri())?;
    host(headers, request.version())?;
    match headers.get(header::EXPECT) {
        Some(value) if !value.as_bytes().eq_ignore_ascii_case(b"100-continue") => {
            Err(Problem::ExpectationFailed)
        }
        _ => Ok(()),
    }
}

fn is_repeated(headers: &HeaderMap, name: &str) -> bool {
    headers.get_all(name).iter().nth(1).is_some()
}

/// Returns a path, alone or behind the server's own name.
fn target(uri: &Uri) -> Result<(), Problem> {
    let here = match uri.scheme() {
        None => uri.authority().is_none(),
        Some(scheme) => {
            (*scheme == Scheme::HTTP || *scheme == Scheme::HTTPS)
                && uri.authority().is_some_and(is_plain)
        }
    };
    if here && uri.path().starts_with('/') {
        Ok(())
    } else {
        Err(Problem::Malformed("the target of a request is a path of this server"))
    }
}

/// Returns the name of a server, with HTTP/1.1 exactly once (RFC 9112, section 3.2).
fn host(headers: &HeaderMap, version: Version) -> Result<(), Problem> {
    let Some(value) = headers.get(header::HOST) else {
        let old = version < Version::HTTP_11;
        return if old { Ok(()) } else { Err(Problem::Malformed("the field Host is missing")) };
    };
    match value.to_str().ok().and_then(|text| text.parse::<Authority>().ok()) {
        Some(authority) if is_plain(&authority) => Ok(()),
        _ => Err(Problem::Malformed("the field Host is a name and perhaps a port")),
    }
}

/// No user in front, a name, and no port but a number.
fn is_plain(authority: &Authority) -> bool {
    let text = authority.as_str();
    let port = text.strip_prefix(authority.host()).unwrap_or("@");
    let digits = port.strip_prefix(':').unwrap_or(port);
    !text.contains('@')
        && !authority.host().is_empty()
        && digits.bytes().all(|byte| byte.is_ascii_digit())
        && (digits.is_empty() || authority.port_u16().is_some())
}
