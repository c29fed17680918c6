//! The text of a QR code: `<base>?v=3#<base64url of the payload>`.
//!
//! The payload stands in the fragment, which no browser sends to a server. A link that carries it
//! in the query would tell the server who visits what, and is refused.

use base64::Engine as _;
use base64::alphabet::URL_SAFE;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

use super::{MessageError, Part};

/// Writes no padding and reads both forms, since no document of CrowdNotifier says which.
const BASE64URL: GeneralPurpose = GeneralPurpose::new(
    &URL_SAFE,
    GeneralPurposeConfig::new()
        .with_encode_padding(false)
        .with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// Why a text is no link of a poster.
#[derive(Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum LinkError {
    /// An address that a link cannot begin with.
    #[error("the base must be an http address without ? and #")]
    Base,
    /// Another scheme, or none.
    #[error("it does not start with https://")]
    Scheme,
    /// No query at all.
    #[error("it has no ?v=3")]
    NoVersion,
    /// Nothing in the fragment.
    #[error("it carries no payload behind the #")]
    NoPayload,
    /// A query that would tell the server something.
    #[error("more than the version stands in the query")]
    Query,
    /// A query of something else.
    #[error("the query is not v=3")]
    NoVersionQuery,
    /// A payload in another encoding.
    #[error("its payload is not base64url")]
    Encoding,
}

impl std::fmt::Debug for LinkError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        std::fmt::Debug::fmt(&self.to_string(), f)
    }
}

/// The longest QR text: what the largest QR code holds, in bytes.
const MAX_LENGTH: usize = 2_953;

/// Returns the payload bytes as base64url without padding.
#[must_use]
pub fn encode_payload(payload: &[u8]) -> String {
    BASE64URL.encode(payload)
}

/// Returns `<base>?v=3#<payload>`.
///
/// # Errors
/// [`MessageError::Link`] when `base` is not an `http` or `https` address without query or fragment.
pub fn encode_link(base: &str, payload: &[u8]) -> Result<String, MessageError> {
    // [MSG-7]
    if !is_web(base) || base.contains(['?', '#']) || base.contains(char::is_whitespace) {
        return Err(MessageError::Link(LinkError::Base));
    }
    Ok(format!("{base}?v=3#{}", encode_payload(payload)))
}

/// Returns the payload bytes of a QR text.
///
/// # Errors
/// [`MessageError::Link`] with what is wrong, [`MessageError::UnknownVersion`] for another `v`.
pub fn decode_link(text: &str) -> Result<Vec<u8>, MessageError> {
    // [MSG-7]
    let text = crate::text::trimmed(text);
    if text.len() > MAX_LENGTH {
        return Err(MessageError::TooLong {
            field: Part::Link,
            found: text.len(),
            limit: MAX_LENGTH,
        });
    }
    if !is_web(text) {
        return Err(MessageError::Link(LinkError::Scheme));
    }
    let (address, fragment) = text.split_once('#').unwrap_or((text, ""));
    let (_, query) = address.split_once('?').ok_or(MessageError::Link(LinkError::NoVersion))?;
    if fragment.is_empty() {
        return Err(MessageError::Link(LinkError::NoPayload));
    }
    match query.strip_prefix("v=") {
        Some("3") => {}
        Some(version) => {
            return Err(match version.parse() {
                Ok(found) => MessageError::UnknownVersion { message: Part::CheckInLink, found },
                Err(_) => MessageError::Link(LinkError::Query),
            });
        }
        None => return Err(MessageError::Link(LinkError::NoVersionQuery)),
    }
    decode_payload(fragment)
}

/// Returns whether it starts with a scheme of the web, in whatever case (RFC 3986 section 3.1).
fn is_web(text: &str) -> bool {
    let scheme = text.split_once("://").map(|(scheme, _)| scheme);
    scheme
        .is_some_and(|scheme| ["https", "http"].iter().any(|web| scheme.eq_ignore_ascii_case(web)))
}

/// Returns the bytes of a base64url text, with or without padding.
///
/// # Errors
/// [`MessageError::Link`] for anything else.
pub fn decode_payload(text: &str) -> Result<Vec<u8>, MessageError> {
    let text = crate::text::trimmed(text);
    if text.len() > MAX_LENGTH {
        return Err(MessageError::TooLong {
            field: Part::Code,
            found: text.len(),
            limit: MAX_LENGTH,
        });
    }
    BASE64URL.decode(text).map_err(|_| MessageError::Link(LinkError::Encoding))
}
