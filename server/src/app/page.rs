//! The web page's files. What they are allowed to do in a browser is said here, and for them alone.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use sha2::{Digest, Sha256};

use super::downloads::has;
use super::observe::Template;
use crate::page::{FIELDS, File, words};
use crate::pieces::{self, PIECE};
use crate::problem::Problem;
use crate::state::AppState;

/// The policy of words that need nothing.
const NOTHING: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; form-action 'none'; frame-ancestors 'none'; base-uri 'none'",
);

/// `GET /`, whatever the query: a poster's link has one.
pub(crate) async fn index(State(state): State<AppState>, headers: HeaderMap) -> Response {
    if let Some(file) = state.page.file("index.html") {
        return answer(&state, file, &headers);
    }
    // [API-34]
    let origin = state.page.origin().and_then(|origin| origin.to_str().ok());
    let text = words(state.published.profile().profile(), origin);
    let tag = tag(&hex::encode(Sha256::digest(&text)), "");
    let head = guarded(&NOTHING);
    sent(&headers, head, &tag, "text/html; charset=utf-8", text.into())
}

/// `GET` of what no route names: a file of the page by its exact name, or nothing.
pub(crate) async fn file(State(state): State<AppState>, request: Request) -> Response {
    let (method, uri) = (request.method(), request.uri());
    let path = uri.path().trim_start_matches('/');
    let is_exact = uri.path().len() == path.len() + 1;
    let Some(file) = state.page.file(path).filter(|_| is_exact) else {
        return Problem::NoSuchPath.into_response();
    };
    let mut response = match *method {
        // [API-26] Two addresses of one file could be two files to whoever stands between.
        Method::GET | Method::HEAD if uri.query().is_some() => {
            Problem::Malformed("a file of the page is asked for without a query").into_response()
        }
        Method::GET => answer(&state, file, request.headers()),
        Method::HEAD => answer(&state, file, request.headers()).map(|_| Body::empty()),
        _ => {
            let mut refusal = Problem::MethodNotAllowed.into_response();
            refusal.headers_mut().insert(header::ALLOW, HeaderValue::from_static("GET,HEAD"));
            refusal
        }
    };
    // [API-14]
    response.extensions_mut().insert(Template("/{file}"));
    response
}

fn answer(state: &AppState, file: &File, request: &HeaderMap) -> Response {
    let mut head = guarded(state.page.policy());
    // [API-36]
    head.insert(header::VARY, HeaderValue::from_static("Accept-Encoding"));
    let (bytes, coding) = match &file.brotli {
        Some(brotli) if accepts_brotli(request) => (brotli, "-br"),
        _ => (&file.plain, ""),
    };
    if !coding.is_empty() {
        head.insert(header::CONTENT_ENCODING, HeaderValue::from_static("br"));
    }
    sent(request, head, &tag(&file.sha256, coding), file.content_type, bytes.clone())
}

/// The header fields of everything that a browser may show.
fn guarded(policy: &HeaderValue) -> HeaderMap {
    // [API-33]
    let fixed = FIELDS
        .map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value)));
    let own = [
        (header::CONTENT_SECURITY_POLICY, policy.clone()),
        // [API-36] No name holds a digest, so that each use asks whether the file is still the same.
        (header::CACHE_CONTROL, HeaderValue::from_static("no-cache")),
    ];
    let fields = own.into_iter().chain(fixed);
    fields.collect()
}

/// Returns the bytes, or 304 where the browser has them.
fn sent(
    request: &HeaderMap,
    mut head: HeaderMap,
    tag: &str,
    content_type: &'static str,
    bytes: Bytes,
) -> Response {
    if let Ok(tag) = HeaderValue::from_str(tag) {
        head.insert(header::ETAG, tag);
    }
    if has(request, tag) {
        head.remove(header::CONTENT_ENCODING);
        return (StatusCode::NOT_MODIFIED, head).into_response();
    }
    head.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    head.insert(header::CONTENT_LENGTH, HeaderValue::from(bytes.len()));
    (head, in_pieces(bytes)).into_response()
}

/// Returns a long file piece by piece, so that no copy of it waits for a slow reader.
fn in_pieces(bytes: Bytes) -> Body {
    if bytes.len() <= PIECE {
        return bytes.into();
    }
    // [API-25]
    let starts: Vec<usize> = (0..bytes.len()).step_by(PIECE).collect();
    pieces::body(starts, move |start| {
        let piece = bytes.slice(start..bytes.len().min(start + PIECE));
        async move { Ok(Arc::new(vec![piece])) }
    })
}

/// Returns a strong entity tag: 16 bytes of the plain content's digest, and how it is packed.
fn tag(sha256: &str, coding: &str) -> String {
    format!("\"{}{coding}\"", sha256.get(..32).unwrap_or(sha256))
}

/// Returns whether brotli is named in `Accept-Encoding`, and not with a weight of zero.
fn accepts_brotli(request: &HeaderMap) -> bool {
    let fields = request.get_all(header::ACCEPT_ENCODING).iter();
    fields.filter_map(|field| field.to_str().ok()).flat_map(|field| field.split(',')).any(
        |coding| {
            let (name, weight) = coding.split_once(';').unwrap_or((coding, "q=1"));
            let weight = weight.trim().trim_start_matches(['q', 'Q']).trim_start_matches('=');
            name.trim().eq_ignore_ascii_case("br")
                && weight.parse::<f32>().is_ok_and(|weight| weight > 0.0)
        },
    )
}
