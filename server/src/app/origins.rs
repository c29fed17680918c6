//! Which pages of other origins may read an answer: everybody what is public, and the page that the
//! settings name what becomes of an upload.

use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, header};
use axum::middleware::Next;
use axum::response::Response;

use crate::state::AppState;

/// Says to browsers who may read an answer. Cookies and passwords are never asked for.
pub(crate) async fn origins(
    State(state): State<AppState>,
    request: Request,
    next: Next,
) -> Response {
    // [API-35]
    let is_reading = matches!(*request.method(), Method::GET | Method::HEAD);
    let is_public = is_reading && is_public(request.uri().path());
    let is_preflight = request.method() == Method::OPTIONS;
    let is_upload =
        request.uri().path() == "/v1/uploads" && (is_preflight || request.method() == Method::POST);
    let page = state.page.origin().filter(|_| is_upload);
    let origin = request.headers().get(header::ORIGIN);
    let is_of_page = page.is_some_and(|page| origin == Some(page));
    let mut response = next.run(request).await;
    let fields = response.headers_mut();
    if is_public {
        open_to_all(fields);
    }
    let Some(page) = page else { return response };
    fields.append(header::VARY, HeaderValue::from_static("Origin"));
    if is_of_page {
        fields.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, page.clone());
        let readable = HeaderValue::from_static("Date, Retry-After");
        fields.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, readable);
    }
    if is_of_page && is_preflight {
        let fields_of_upload = HeaderValue::from_static("Content-Type, Upload-Ticket, X-Chaff");
        fields.insert(header::ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static("POST"));
        fields.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, fields_of_upload);
        fields.insert(header::ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static("600"));
    }
    response
}

/// Lets every page read an answer.
pub(super) fn open_to_all(fields: &mut HeaderMap) {
    // [API-35]
    fields.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    // By the date a device tells whose clock is wrong.
    let readable = HeaderValue::from_static("Date, ETag, Retry-After, X-Key-Bundle-Tag");
    fields.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, readable);
}

/// Whether everybody may read what is there.
pub(super) fn is_public(path: &str) -> bool {
    let is_log_file = path.starts_with("/tile/") || path.starts_with("/archive/");
    is_log_file || matches!(path, "/checkpoint" | "/v1/authority" | "/v3/traceKeys")
}
