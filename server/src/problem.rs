//! Every refusal the server can give, as RFC 9457 problem details.

use std::borrow::Cow;

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use crate::database::DatabaseError;
use crate::published::PublishedError;

const MEDIA_TYPE: HeaderValue = HeaderValue::from_static("application/problem+json");

/// A refusal. The variants are the whole list; `spec/http-api.md` has the same table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Problem {
    /// The request does not have the form that the API asks for.
    Malformed(&'static str),
    /// No valid signature by the authority. One answer for every cause.
    SignatureRefused,
    /// The upload code is unknown, used, expired or malformed. One answer for every cause.
    UploadCodeRefused,
    /// There is nothing of this name.
    NotFound,
    /// The interface has no such path.
    NoSuchPath,
    /// The log has no checkpoint yet.
    NoCheckpoint,
    /// The current checkpoint does not cover this tile or bundle.
    NotCovered,
    /// The entries are past, and were removed.
    Past,
    /// `lastKeyBundleTag` is not the start of a bucket that has begun.
    TagRefused,
    /// The method is not offered at this path.
    MethodNotAllowed,
    /// The request took longer than the server waits.
    Timeout,
    /// The append does not extend the current tree, whose size is given.
    SizeConflict {
        /// Entries in the current tree.
        size: u64,
    },
    /// A later seat of the desk was seen, whose number is given, or another one with this number.
    SeatRetired {
        /// The number of that seat.
        seat: u64,
    },
    /// Another append is being prepared.
    TurnTaken {
        /// Seconds until that turn ends.
        retry_after: u64,
    },
    /// The append does not name the turn that it is now.
    TurnRefused,
    /// The profile is not a newer one of the pinned authority.
    ProfileConflict(String),
    /// The body is longer than the route takes.
    BodyTooLarge,
    /// The request expects what the server does not do.
    ExpectationFailed,
    /// The body has another media type than the route takes.
    UnsupportedMediaType,
    /// The append breaks a rule of the log that trying again cannot mend.
    AppendRefused(String),
    /// The budget of refused upload codes is spent.
    TooManyFailures {
        /// Seconds until it makes sense to try again.
        retry_after: u64,
    },
    /// The server has more to do than it can.
    Overloaded {
        /// Seconds until it makes sense to try again.
        retry_after: u64,
    },
    /// The server cannot do its work at the moment.
    Unavailable {
        /// Seconds until it makes sense to try again.
        retry_after: u64,
    },
    /// A published file is damaged and cannot be made again; which one, and what gives it back.
    Damaged(String),
    /// The operator is told what is wrong with the server.
    Unhealthy(String),
    /// The server failed; the cause is in its log only.
    Internal,
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

#[derive(Serialize)]
struct Document {
    r#type: Cow<'static, str>,
    title: &'static str,
    status: u16,
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<Cow<'static, str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    size: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    seat: Option<u64>,
}

impl Problem {
    /// Returns the status, the slug of `urn:noren:problem:<slug>` (empty: `about:blank`) and the
    /// title.
    const fn row(&self) -> (StatusCode, &'static str, &'static str) {
        match self {
            Self::Malformed(_) => {
                (StatusCode::BAD_REQUEST, "malformed-request", "The request is malformed")
            }
            Self::SignatureRefused => (
                StatusCode::UNAUTHORIZED,
                "request-signature-refused",
                "The authority's signature was refused",
            ),
            Self::UploadCodeRefused => {
                (StatusCode::FORBIDDEN, "upload-code-refused", "The upload code was refused")
            }
            Self::NotFound => (StatusCode::NOT_FOUND, "", "Not Found"),
            Self::NoSuchPath => {
                (StatusCode::NOT_FOUND, "no-such-path", "This interface has no such path")
            }
            Self::NoCheckpoint => {
                (StatusCode::NOT_FOUND, "no-checkpoint", "Nothing has been published yet")
            }
            Self::NotCovered => {
                (StatusCode::NOT_FOUND, "not-covered", "The checkpoint does not cover this file")
            }
            Self::TagRefused => {
                (StatusCode::NOT_FOUND, "key-bundle-tag-refused", "The key bundle tag was refused")
            }
            Self::MethodNotAllowed => (StatusCode::METHOD_NOT_ALLOWED, "", "Method Not Allowed"),
            Self::Timeout => (StatusCode::REQUEST_TIMEOUT, "", "Request Timeout"),
            Self::SizeConflict { .. } => (
                StatusCode::CONFLICT,
                "size-conflict",
                "The append does not extend the current tree",
            ),
            Self::SeatRetired { .. } => {
                (StatusCode::CONFLICT, "seat-retired", "The desk was taken over by another seat")
            }
            Self::TurnTaken { .. } => {
                (StatusCode::CONFLICT, "turn-taken", "Another append is being prepared")
            }
            Self::TurnRefused => {
                (StatusCode::CONFLICT, "turn-refused", "It is not the turn of this append")
            }
            Self::ProfileConflict(_) => {
                (StatusCode::CONFLICT, "profile-conflict", "The profile was refused")
            }
            Self::BodyTooLarge => (StatusCode::PAYLOAD_TOO_LARGE, "", "Content Too Large"),
            Self::UnsupportedMediaType => {
                (StatusCode::UNSUPPORTED_MEDIA_TYPE, "", "Unsupported Media Type")
            }
            Self::ExpectationFailed => (StatusCode::EXPECTATION_FAILED, "", "Expectation Failed"),
            Self::AppendRefused(_) => {
                (StatusCode::UNPROCESSABLE_ENTITY, "append-refused", "The append was refused")
            }
            Self::TooManyFailures { .. } => (
                StatusCode::TOO_MANY_REQUESTS,
                "too-many-failures",
                "Too many upload codes were refused",
            ),
            Self::Unavailable { .. } | Self::Unhealthy(_) => {
                (StatusCode::SERVICE_UNAVAILABLE, "", "Service Unavailable")
            }
            Self::Past => (StatusCode::GONE, "past", "These entries are older than devices need"),
            Self::Damaged(_) => {
                (StatusCode::SERVICE_UNAVAILABLE, "damaged-file", "A published file is damaged")
            }
            Self::Overloaded { .. } => {
                (StatusCode::SERVICE_UNAVAILABLE, "overloaded", "The server is overloaded")
            }
            Self::Internal => (StatusCode::INTERNAL_SERVER_ERROR, "", "Internal Server Error"),
        }
    }

    fn detail(&self) -> Option<Cow<'static, str>> {
        match self {
            Self::Malformed(detail) => Some(Cow::Borrowed(detail)),
            Self::ProfileConflict(detail)
            | Self::AppendRefused(detail)
            | Self::Damaged(detail)
            | Self::Unhealthy(detail) => Some(Cow::Owned(detail.clone())),
            _ => None,
        }
    }
}

/// Seconds after which a write that failed, or had no place in the line, is worth another try.
const RETRY_AFTER: u64 = 5;

impl From<DatabaseError> for Problem {
    fn from(error: DatabaseError) -> Self {
        // [API-19] [API-21]
        match error {
            DatabaseError::Version { .. } | DatabaseError::Damaged => Self::Internal,
            _ => Self::Unavailable { retry_after: RETRY_AFTER },
        }
    }
}

impl From<PublishedError> for Problem {
    fn from(error: PublishedError) -> Self {
        // [API-19] [API-20]
        match error {
            PublishedError::Io(_) => Self::Unavailable { retry_after: RETRY_AFTER },
            PublishedError::Database(error) => error.into(),
            // [API-29]
            PublishedError::Past(_) => Self::Past,
            PublishedError::Damaged { .. } => Self::Damaged(error.to_string()),
            _ => Self::Internal,
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        // [API-12]
        let (status, slug, title) = self.row();
        let r#type = if slug.is_empty() {
            "about:blank".into()
        } else {
            format!("urn:noren:problem:{slug}").into()
        };
        let size = if let Self::SizeConflict { size } = self { Some(size) } else { None };
        let seat = if let Self::SeatRetired { seat } = self { Some(seat) } else { None };
        let document =
            Document { r#type, title, status: status.as_u16(), detail: self.detail(), size, seat };
        let mut response = (status, Json(document)).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, MEDIA_TYPE);
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        match self {
            Self::SignatureRefused => {
                headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Signature"));
            }
            Self::TooManyFailures { retry_after }
            | Self::Overloaded { retry_after }
            | Self::TurnTaken { retry_after }
            | Self::Unavailable { retry_after } => {
                headers.insert(header::RETRY_AFTER, HeaderValue::from(retry_after));
            }
            _ => {}
        }
        response
    }
}
