//! The messages, one per file: parsed once into validated types, or refused with the reason.
//!
//! CrowdNotifier's own messages are protobuf; what Noren adds is deterministic CBOR inside them.

mod entry_code;
mod notice;
mod part;
mod patient_upload;
mod pre_trace;
mod protobuf;
mod qr_url;
mod range;
mod readable;
mod trace;
mod trace_code;
mod upload;
mod upload_code;
mod venue_details;
mod window_code;

use crate::ibe::{PointError, ScalarError};
use crate::time::TimeError;

pub use crate::ibe::{IdentityKey, PartialIdentityKey};
pub use crate::identity::{Identity, NotificationKey};
pub use entry_code::{EntryCode, TEXT_CHARACTERS, Venue};
pub use notice::{
    Layout, Level, MESSAGE_BYTES, NOTICE_LENGTH, Notice, NoticeDetails, SealedNotice,
};
pub use part::{Part, Unit};
pub use patient_upload::{ClaimedVisit, MAX_VISITS, PatientUpload};
pub use pre_trace::PreTrace;
pub use qr_url::{LinkError, decode_link, decode_payload, encode_link, encode_payload};
pub use range::RangeError;
pub(crate) use readable::check_text;
pub(crate) use trace::UncheckedTrace;
pub use trace::{PublishedTrace, more_events, unwrap_events, wrap_events};
pub use trace_code::{SealedHalf, TraceCode};
pub use upload::{MAX_HOURS, SEALED_UPLOAD_LENGTH, Upload, dummy_upload};
pub use upload_code::{CodeBinding, CodeHash, UploadCode, UploadTicket};
pub use venue_details::{ROOM_CHARACTERS, STAY_MINUTES, VenueDetails, VenueKind};
pub use window_code::{WindowCode, read_codes};

/// The version of CrowdNotifier's messages that Noren speaks.
pub const VERSION: u64 = 3;

/// The first bytes of Noren's CBOR inside a `countryData` field: the self-described CBOR tag
/// (RFC 8949 section 3.4.6). Data that starts otherwise is somebody else's.
pub(crate) const SELF_DESCRIBED_CBOR: [u8; 3] = [0xd9, 0xd9, 0xf7];

/// Why bytes were refused as a message.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum MessageError {
    /// Not the message at all: cut short, or a field of a wrong type.
    #[error("the bytes are no {0}, or were cut short")]
    Malformed(Part),
    /// A whole message, followed by bytes that are no field of any message.
    #[error("the {0} is followed by bytes that do not belong to it")]
    TrailingBytes(Part),
    /// A field that may stand once and stands twice.
    #[error("the {message} has its field {field} twice")]
    FieldTwice {
        /// Which message.
        message: Part,
        /// The field's number.
        field: u32,
    },
    /// A version that this program does not know.
    #[error("the {message} has the unknown version {found}: another version of Noren may know it")]
    UnknownVersion {
        /// Which message.
        message: Part,
        /// The version found.
        found: u64,
    },
    /// A field that must be there is not.
    #[error("the {0} is missing, or blank")]
    Missing(Part),
    /// A text of more characters than allowed.
    #[error("the {field} has {}, the limit is {limit}", count(*.found, "character"))]
    TextTooLong {
        /// Which text.
        field: Part,
        /// Its length in characters.
        found: usize,
        /// The limit in characters.
        limit: usize,
    },
    /// A text with a line break, another control character, or one that reorders what is read.
    #[error("the {0} has a line break, a control character, or one that changes the reading order")]
    ControlCharacter(Part),
    /// A key, seed, nonce or identity of a wrong length.
    #[error("the {field} has {} instead of {expected}", count(*.found, "byte"))]
    Length {
        /// Which field.
        field: Part,
        /// The length found, in bytes.
        found: usize,
        /// The length it has to have, in bytes.
        expected: usize,
    },
    /// A public key or an identity key that is no valid point.
    #[error("the {field} is refused: {source}")]
    Point {
        /// Which field.
        field: Part,
        /// The failed check.
        source: PointError,
    },
    /// A secret key that is no valid scalar.
    #[error("the {field} is refused: {source}")]
    Scalar {
        /// Which field.
        field: Part,
        /// The failed check.
        source: ScalarError,
    },
    /// A time out of range, an end not after its start, or a number that is no day or hour.
    #[error("the {field} is refused: {source}")]
    Time {
        /// Which field.
        field: Part,
        /// The failed check.
        source: TimeError,
    },
    /// Not a QR text of the form `<base>?v=3#<base64url>`.
    #[error("not a check-in link: {0}")]
    Link(LinkError),
    /// Longer than the message may be.
    #[error("the {field} has {}, the limit is {limit}", count(*.found, "byte"))]
    TooLong {
        /// Which message or field.
        field: Part,
        /// Its length in bytes.
        found: usize,
        /// The limit in bytes.
        limit: usize,
    },
    /// Sealed bytes that do not open with the key at hand.
    #[error("the {0} does not open: another key, or altered bytes")]
    DoesNotOpen(Part),
    /// A number out of its range, or one that no list names.
    #[error(transparent)]
    // [MSG-13]
    OutOfRange(#[from] RangeError),
    /// More of something than allowed.
    #[error("the {field} has {found} {unit}, the limit is {limit}")]
    TooMany {
        /// What has too many.
        field: Part,
        /// What they are, in the plural.
        unit: Unit,
        /// How many there are.
        found: usize,
        /// The limit.
        limit: usize,
    },
    /// A code that was typed with more or fewer characters than it has.
    #[error(
        "the {code} has {} instead of {expected}; spaces and hyphens do not count",
        count(*.found, "character")
    )]
    CodeLength {
        /// Which code.
        code: Part,
        /// How many characters were found.
        found: usize,
        /// How many it has.
        expected: usize,
    },
}

/// Returns a number with its noun, for people.
fn count(number: usize, noun: &str) -> String {
    if number == 1 { format!("1 {noun}") } else { format!("{number} {noun}s") }
}

/// Takes bytes of an exact length.
pub(crate) fn exactly<const N: usize>(field: Part, bytes: &[u8]) -> Result<[u8; N], MessageError> {
    // [MSG-4]
    bytes.try_into().map_err(|_| MessageError::Length { field, found: bytes.len(), expected: N })
}

/// Refuses every version but the one known.
pub(crate) fn check_version(message: Part, found: u64, known: u64) -> Result<(), MessageError> {
    // [MSG-1]
    if found == known { Ok(()) } else { Err(MessageError::UnknownVersion { message, found }) }
}

/// Refuses Noren's own CBOR of an unknown version: an array whose first element is a small number.
pub(crate) fn check_cbor_version(
    message: Part,
    body: &[u8],
    known: u8,
) -> Result<(), MessageError> {
    // [MSG-1]
    match body {
        [0x80..=0x97, found @ 0..=23, ..] => check_version(message, (*found).into(), known.into()),
        _ => Err(MessageError::Malformed(message)),
    }
}
