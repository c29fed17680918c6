//! The pre-trace: the venue's half of the key of one hour, with what proves where it comes from
//! (`PreTraceWithProof`).

use std::fmt;

use prost::Message as _;
use zeroize::Zeroizing;

use super::protobuf::{self, PreTraceWithProof, TraceProof, decode, decode_inner};
use super::trace_code::SealedHalf;
use super::{MessageError, Part, exactly};
use crate::ibe::{MasterPublicKey, PartialIdentityKey};
use crate::identity::{Identity, NotificationKey};
use crate::time::{Hour, TimeError, UnixSeconds, Window};

const NAME: Part = Part::PreTrace;

/// A venue's contribution to the key of one hour, for the authority. Parsed, but not yet believed:
/// only the authority's review makes a `VerifiedPreTrace` of it. `Debug` shows nothing secret.
#[derive(Clone)]
pub struct PreTrace {
    /// The identity that the key is claimed to be for.
    pub identity: Identity,
    /// The venue's half of the identity key.
    pub partial_identity_key: PartialIdentityKey,
    /// The authority's half of the master key, sealed to the authority.
    pub sealed_half: SealedHalf,
    /// The claimed notification key.
    pub notification_key: NotificationKey,
    /// The claimed master public key.
    pub master_public_key: MasterPublicKey,
    /// The claimed nonce of the pre-identity.
    pub pre_identity_nonce: [u8; 32],
    /// The claimed nonce of the time keys.
    pub time_key_nonce: [u8; 32],
    /// The raw payload of the entry code.
    pub payload: Vec<u8>,
    /// The window that the venue claims.
    pub window: Window,
    /// The hour of the identity.
    pub hour: Hour,
}

impl PreTrace {
    /// Parses the bytes of a `PreTraceWithProof`.
    ///
    /// # Errors
    /// The first check of lengths, points and times that fails.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, MessageError> {
        Self::from_bytes_after(None, bytes)
    }

    /// Reads a pre-trace after that of another hour of an upload. Both have the same master public
    /// key, as a rule, and reading a point costs more than all the rest here.
    pub(super) fn from_bytes_after(
        before: Option<&Self>,
        bytes: &[u8],
    ) -> Result<Self, MessageError> {
        let mut message: PreTraceWithProof = decode(NAME, bytes)?;
        let pre_trace: protobuf::PreTrace =
            decode_inner(Part::PreTraceKey, message.pre_trace.take())?;
        let proof: TraceProof = decode_inner(Part::Proof, message.proof.take())?;
        let point = |field| move |source| MessageError::Point { field, source };
        let known = before.map(|before| before.master_public_key);
        let known = known.filter(|known| known.to_bytes()[..] == proof.master_public_key);
        Ok(Self {
            identity: Identity::from_bytes(exactly(Part::Identity, &pre_trace.identity)?),
            partial_identity_key: PartialIdentityKey::from_bytes(&pre_trace.partial_secret_key)
                .map_err(point(Part::VenueHalf))?,
            sealed_half: exactly(
                Part::AuthoritySealedKey,
                &pre_trace.cipher_text_health_authority,
            )?,
            notification_key: NotificationKey::from_bytes(exactly(
                Part::NotificationKey,
                &pre_trace.notification_key,
            )?),
            master_public_key: known
                .map_or_else(|| MasterPublicKey::from_bytes(&proof.master_public_key), Ok)
                .map_err(point(Part::ProofMasterPublicKey))?,
            pre_identity_nonce: exactly(Part::PreIdentityNonce, &proof.nonce1)?,
            time_key_nonce: exactly(Part::TimeKeyNonce, &proof.nonce2)?,
            payload: std::mem::take(&mut message.qr_code_payload),
            window: window(message.start_time, message.end_time)?,
            hour: UnixSeconds::from_i64(message.start_of_interval)
                .and_then(Hour::starting_at)
                .map_err(time(Part::StartOfTheHour))?,
        })
    }

    /// Returns the bytes of a `PreTraceWithProof`.
    #[must_use]
    pub fn to_bytes(&self) -> Zeroizing<Vec<u8>> {
        let pre_trace = protobuf::PreTrace {
            identity: self.identity.as_bytes().to_vec(),
            partial_secret_key: self.partial_identity_key.to_bytes().to_vec(),
            cipher_text_health_authority: self.sealed_half.to_vec(),
            notification_key: self.notification_key.as_bytes().to_vec(),
        };
        let proof = TraceProof {
            master_public_key: self.master_public_key.to_bytes().to_vec(),
            nonce1: self.pre_identity_nonce.to_vec(),
            nonce2: self.time_key_nonce.to_vec(),
        };
        let message = PreTraceWithProof {
            pre_trace: Some(pre_trace.encode_to_vec()),
            proof: Some(proof.encode_to_vec()),
            qr_code_payload: self.payload.clone(),
            start_time: self.window.start().as_i64(),
            end_time: self.window.end().as_i64(),
            start_of_interval: self.hour.start().as_i64(),
        };
        Zeroizing::new(message.encode_to_vec())
    }
}

impl fmt::Debug for PreTrace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // [IBE-10]
        f.debug_struct("PreTrace")
            .field("hour", &self.hour)
            .field("window", &self.window)
            .finish_non_exhaustive()
    }
}

fn window(start: i64, end: i64) -> Result<Window, MessageError> {
    let field = Part::Window;
    let (start, end) = (
        UnixSeconds::from_i64(start).map_err(time(field))?,
        UnixSeconds::from_i64(end).map_err(time(field))?,
    );
    Window::new(start, end).map_err(time(field))
}

fn time(field: Part) -> impl Fn(TimeError) -> MessageError {
    move |source| MessageError::Time { field, source }
}
