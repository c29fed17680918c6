//! CrowdNotifier's protobuf messages as they stand on the wire. Private: the types that the other
//! files make of them are the ones that have been checked.
//!
//! Versions are 32 bits on the wire and are read as 64, so that no number is cut down to a version
//! that it is not. A message inside another is kept as bytes, so that it is decoded by the same
//! rules as the one around it.

use prost::Message;
use prost::bytes::Buf;
use prost::encoding::{DecodeContext, decode_key, skip_field};
use zeroize::{Zeroize as _, Zeroizing};

use super::{MessageError, Part};

#[derive(Clone, PartialEq, Message)]
pub(crate) struct QrCodePayload {
    #[prost(uint64, tag = "1")]
    pub(crate) version: u64,
    #[prost(bytes = "vec", optional, tag = "2")]
    pub(crate) location_data: Option<Vec<u8>>,
    #[prost(bytes = "vec", optional, tag = "3")]
    pub(crate) crowd_notifier_data: Option<Vec<u8>>,
    #[prost(bytes = "vec", tag = "4")]
    pub(crate) country_data: Vec<u8>,
}

#[derive(Clone, PartialEq, Message)]
pub(crate) struct TraceLocation {
    #[prost(uint64, tag = "1")]
    pub(crate) version: u64,
    #[prost(string, tag = "2")]
    pub(crate) description: String,
    #[prost(string, tag = "3")]
    pub(crate) address: String,
    #[prost(uint64, tag = "4")]
    pub(crate) start_timestamp: u64,
    #[prost(uint64, tag = "5")]
    pub(crate) end_timestamp: u64,
}

#[derive(Clone, PartialEq, Message)]
pub(crate) struct CrowdNotifierData {
    #[prost(uint64, tag = "1")]
    pub(crate) version: u64,
    #[prost(bytes = "vec", tag = "2")]
    pub(crate) public_key: Vec<u8>,
    #[prost(bytes = "vec", tag = "3")]
    pub(crate) cryptographic_seed: Vec<u8>,
    #[prost(uint32, tag = "4")]
    pub(crate) r#type: u32,
}

// What carries keys, or says where somebody was, is wiped on drop, also where decoding failed.

impl Drop for QrCodeTrace {
    fn drop(&mut self) {
        // [IBE-10]
        self.master_secret_key_location.zeroize();
    }
}

impl Drop for PreTraceWithProof {
    fn drop(&mut self) {
        // [IBE-10]
        self.pre_trace.zeroize();
        self.proof.zeroize();
    }
}

impl Drop for PreTrace {
    fn drop(&mut self) {
        // [IBE-10]
        self.partial_secret_key.zeroize();
        self.notification_key.zeroize();
    }
}

impl Drop for TraceProof {
    fn drop(&mut self) {
        // [IBE-10]
        self.nonce1.zeroize();
        self.nonce2.zeroize();
    }
}

#[derive(Clone, PartialEq, Message)]
#[prost(skip_debug)]
pub(crate) struct QrCodeTrace {
    #[prost(uint64, tag = "1")]
    pub(crate) version: u64,
    #[prost(bytes = "vec", tag = "2")]
    pub(crate) qr_code_payload: Vec<u8>,
    #[prost(bytes = "vec", tag = "3")]
    pub(crate) master_secret_key_location: Vec<u8>,
    #[prost(bytes = "vec", tag = "4")]
    pub(crate) cipher_text_health_authority: Vec<u8>,
}

#[derive(Clone, PartialEq, Message)]
#[prost(skip_debug)]
pub(crate) struct PreTrace {
    #[prost(bytes = "vec", tag = "1")]
    pub(crate) identity: Vec<u8>,
    #[prost(bytes = "vec", tag = "2")]
    pub(crate) partial_secret_key: Vec<u8>,
    #[prost(bytes = "vec", tag = "3")]
    pub(crate) cipher_text_health_authority: Vec<u8>,
    #[prost(bytes = "vec", tag = "5")]
    pub(crate) notification_key: Vec<u8>,
}

#[derive(Clone, PartialEq, Message)]
#[prost(skip_debug)]
pub(crate) struct TraceProof {
    #[prost(bytes = "vec", tag = "1")]
    pub(crate) master_public_key: Vec<u8>,
    #[prost(bytes = "vec", tag = "2")]
    pub(crate) nonce1: Vec<u8>,
    #[prost(bytes = "vec", tag = "3")]
    pub(crate) nonce2: Vec<u8>,
}

#[derive(Clone, PartialEq, Message)]
#[prost(skip_debug)]
pub(crate) struct PreTraceWithProof {
    #[prost(bytes = "vec", optional, tag = "1")]
    pub(crate) pre_trace: Option<Vec<u8>>,
    #[prost(bytes = "vec", optional, tag = "2")]
    pub(crate) proof: Option<Vec<u8>>,
    #[prost(bytes = "vec", tag = "3")]
    pub(crate) qr_code_payload: Vec<u8>,
    #[prost(int64, tag = "4")]
    pub(crate) start_time: i64,
    #[prost(int64, tag = "5")]
    pub(crate) end_time: i64,
    #[prost(int64, tag = "6")]
    pub(crate) start_of_interval: i64,
}

#[derive(Clone, PartialEq, Message)]
pub(crate) struct ProblematicEvent {
    #[prost(uint64, tag = "1")]
    pub(crate) version: u64,
    #[prost(bytes = "vec", tag = "2")]
    pub(crate) identity: Vec<u8>,
    #[prost(bytes = "vec", tag = "3")]
    pub(crate) secret_key_for_identity: Vec<u8>,
    #[prost(int64, tag = "4")]
    pub(crate) day: i64,
    #[prost(bytes = "vec", tag = "5")]
    pub(crate) encrypted_associated_data: Vec<u8>,
    #[prost(bytes = "vec", tag = "6")]
    pub(crate) cipher_text_nonce: Vec<u8>,
}

/// `ProblematicEventWrapper`, its events left as the bytes they are.
#[derive(Clone, PartialEq, Message)]
pub(crate) struct ProblematicEventWrapper {
    #[prost(uint64, tag = "1")]
    pub(crate) version: u64,
    #[prost(bytes = "vec", repeated, tag = "2")]
    pub(crate) events: Vec<Vec<u8>>,
}

/// `AssociatedData` of the specification and the phone SDKs.
#[derive(Clone, PartialEq, Message)]
pub(crate) struct AssociatedData {
    #[prost(uint64, tag = "1")]
    pub(crate) version: u64,
    #[prost(string, tag = "2")]
    pub(crate) message: String,
    #[prost(int64, tag = "3")]
    pub(crate) start_timestamp: i64,
    #[prost(int64, tag = "4")]
    pub(crate) end_timestamp: i64,
    #[prost(bytes = "vec", tag = "5")]
    pub(crate) country_data: Vec<u8>,
}

/// `AssociatedData` of the TypeScript library and the NotifyMe backend.
#[derive(Clone, PartialEq, Message)]
pub(crate) struct AssociatedDataWithoutTimes {
    #[prost(uint64, tag = "1")]
    pub(crate) version: u64,
    #[prost(string, tag = "2")]
    pub(crate) message: String,
    #[prost(bytes = "vec", tag = "3")]
    pub(crate) country_data: Vec<u8>,
}

/// A message whose fields can be told apart by number.
pub(crate) trait Fields {
    /// The numbers of the fields that stand at most once.
    const SINGULAR: &'static [u32];
}

/// Says which fields of a message stand at most once.
macro_rules! singular {
    ($($message:ty: $($number:literal)*;)*) => {
        $(impl Fields for $message {
            const SINGULAR: &'static [u32] = &[$($number),*];
        })*
    };
}

singular! {
    QrCodePayload: 1 2 3 4;
    TraceLocation: 1 2 3 4 5;
    CrowdNotifierData: 1 2 3 4;
    QrCodeTrace: 1 2 3 4;
    PreTrace: 1 2 3 5;
    TraceProof: 1 2 3;
    PreTraceWithProof: 1 2 3 4 5 6;
    ProblematicEvent: 1 2 3 4 5 6;
    ProblematicEventWrapper: 1;
    AssociatedData: 1 2 3 4 5;
    AssociatedDataWithoutTimes: 1 2 3;
}

/// Decodes a message by proto3's rules (unknown fields are passed over) and tells a message with a
/// foreign tail from one that was cut short. A field that stands twice is refused: programs differ
/// in which of the two they take, or take some of both.
pub(crate) fn decode<M: Message + Default + Fields>(
    name: Part,
    bytes: &[u8],
) -> Result<M, MessageError> {
    let message = M::decode(bytes).map_err(|_| match fields_before_tail(bytes) {
        // [MSG-2]
        Some(fields) if !fields.is_empty() && M::decode(fields).is_ok() => {
            MessageError::TrailingBytes(name)
        }
        _ => MessageError::Malformed(name),
    })?;
    check_singular(name, bytes, M::SINGULAR)?;
    Ok(message)
}

/// Decodes a message that stands inside another.
pub(crate) fn decode_inner<M: Message + Default + Fields>(
    name: Part,
    bytes: Option<Vec<u8>>,
) -> Result<M, MessageError> {
    // Such a message can hold a secret.
    let bytes = Zeroizing::new(bytes.ok_or(MessageError::Missing(name))?);
    decode(name, &bytes)
}

fn check_singular(message: Part, mut bytes: &[u8], singular: &[u32]) -> Result<(), MessageError> {
    // [MSG-12]
    let malformed = |_| MessageError::Malformed(message);
    let mut seen = 0_u16;
    while bytes.has_remaining() {
        let (field, wire_type) = decode_key(&mut bytes).map_err(malformed)?;
        skip_field(wire_type, field, &mut bytes, DecodeContext::default()).map_err(malformed)?;
        let Some(place) = singular.iter().position(|known| *known == field) else {
            continue;
        };
        if seen & (1 << place) != 0 {
            return Err(MessageError::FieldTwice { message, field });
        }
        seen |= 1 << place;
    }
    Ok(())
}

/// Returns the well-formed fields in front of bytes that start no field, or `None` when a field is
/// cut short.
fn fields_before_tail(bytes: &[u8]) -> Option<&[u8]> {
    let mut rest = bytes;
    while rest.has_remaining() {
        let here = bytes.len() - rest.len();
        let Ok((tag, wire_type)) = decode_key(&mut rest) else {
            return bytes.get(..here);
        };
        skip_field(wire_type, tag, &mut rest, DecodeContext::default()).ok()?;
    }
    Some(bytes)
}
