//! CrowdNotifier's protobuf messages as they stand on the wire. Private: the types that the other
//! files make of them are the ones that have been checked.

use prost::Message;
use prost::bytes::Buf;
use prost::encoding::{DecodeContext, decode_key, skip_field};
use zeroize::Zeroize as _;

use super::MessageError;

#[derive(Clone, PartialEq, Message)]
pub(crate) struct QrCodePayload {
    #[prost(uint32, tag = "1")]
    pub(crate) version: u32,
    #[prost(message, optional, tag = "2")]
    pub(crate) location_data: Option<TraceLocation>,
    #[prost(message, optional, tag = "3")]
    pub(crate) crowd_notifier_data: Option<CrowdNotifierData>,
    #[prost(bytes = "vec", tag = "4")]
    pub(crate) country_data: Vec<u8>,
}

#[derive(Clone, PartialEq, Message)]
pub(crate) struct TraceLocation {
    #[prost(uint32, tag = "1")]
    pub(crate) version: u32,
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
    #[prost(uint32, tag = "1")]
    pub(crate) version: u32,
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
    #[prost(uint32, tag = "1")]
    pub(crate) version: u32,
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
    #[prost(message, optional, tag = "1")]
    pub(crate) pre_trace: Option<PreTrace>,
    #[prost(message, optional, tag = "2")]
    pub(crate) proof: Option<TraceProof>,
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
    #[prost(int32, tag = "1")]
    pub(crate) version: i32,
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
    #[prost(int32, tag = "1")]
    pub(crate) version: i32,
    #[prost(bytes = "vec", repeated, tag = "2")]
    pub(crate) events: Vec<Vec<u8>>,
}

/// `AssociatedData` of the specification and the phone SDKs.
#[derive(Clone, PartialEq, Message)]
pub(crate) struct AssociatedData {
    #[prost(int32, tag = "1")]
    pub(crate) version: i32,
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
    #[prost(int32, tag = "1")]
    pub(crate) version: i32,
    #[prost(string, tag = "2")]
    pub(crate) message: String,
    #[prost(bytes = "vec", tag = "3")]
    pub(crate) country_data: Vec<u8>,
}

/// Decodes a message by proto3's rules (unknown fields are passed over) and tells a message with a
/// foreign tail from one that was cut short.
pub(crate) fn decode<M: Message + Default>(
    name: &'static str,
    bytes: &[u8],
) -> Result<M, MessageError> {
    M::decode(bytes).map_err(|_| match fields_before_tail(bytes) {
        // [MSG-2]
        Some(fields) if !fields.is_empty() && M::decode(fields).is_ok() => {
            MessageError::TrailingBytes(name)
        }
        _ => MessageError::Malformed(name),
    })
}

/// The well-formed fields in front of bytes that start no field; `None` when a field is cut short.
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
