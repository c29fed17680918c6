//! The handover: an authority's old log key says which keys come next, so that devices follow without
//! asking anybody.
//!
//! A profile carries the handovers that led to its keys. It says nothing to a device that pinned the
//! old keys of somebody else, and it cannot help where the old log key was stolen: the thief can sign
//! a handover as well.

use crate::signing::{Sign, SignError, SignPublicKey, signed};
use serde_bytes::ByteBuf;

use super::wire::WireKeys;
use super::{Fingerprint, Profile, ProfileError};
use crate::domain;
use crate::log::{LogKeys, Origin};
use crate::messages::{MessageError, Part, Unit, exactly};
use crate::sealed_box::SealPublicKey;
use crate::time::UnixSeconds;

/// The most handovers that a profile carries. Who pinned keys from before has to follow anew.
pub const MAX_HANDOVERS: usize = 16;

/// The end of one pair of keys, signed by its log key over the pair that came next: that of the next
/// handover, or of the profile.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Handover {
    /// When the keys were handed over.
    pub at: UnixSeconds,
    /// The log key that was retired.
    pub log_key: SignPublicKey,
    /// The clock key that was retired; the log key where the clock had none of its own.
    pub clock_key: SignPublicKey,
    /// The upload key that was retired.
    pub upload_key: SealPublicKey,
    /// The retired log key's signature.
    pub signature: [u8; 64],
}

/// A handover as CBOR.
pub(super) type Wire = (UnixSeconds, WireKeys, ByteBuf, ByteBuf);

/// The public keys that an authority had at one time.
type Pair<'a> = (&'a SignPublicKey, &'a SealPublicKey);

impl Handover {
    pub(super) fn from_wire(wire: &Wire) -> Result<Self, ProfileError> {
        // [PRO-4]
        let keys = wire.1.read(Part::HandoverLogKey, Part::HandoverClockKey)?;
        Ok(Self {
            at: wire.0,
            log_key: keys.log,
            clock_key: keys.clock,
            upload_key: SealPublicKey::from_bytes(exactly(Part::HandoverUploadKey, &wire.2)?),
            signature: exactly(Part::HandoverSignature, &wire.3)?,
        })
    }

    pub(super) fn to_wire(&self, are_two: bool) -> Wire {
        (
            self.at,
            WireKeys::new(self.log_keys(), are_two),
            ByteBuf::from(self.upload_key.as_bytes()),
            ByteBuf::from(self.signature),
        )
    }

    /// Returns the fingerprint of the authority before this handover.
    pub(super) fn fingerprint(&self, origin: &Origin) -> Fingerprint {
        Fingerprint::of(origin, &self.log_key, &self.upload_key)
    }

    /// Returns the handover from the keys of a profile to the next pair, signed by the log key of
    /// the former.
    pub(crate) fn sign(
        profile: &Profile,
        log_key: &dyn Sign,
        to: (&SignPublicKey, &SealPublicKey),
        at: UnixSeconds,
    ) -> Result<Self, SignError> {
        let from = (&profile.log_key, &profile.upload_key);
        let signature = signed(log_key, &signed_bytes(&profile.origin, from, to, at))?;
        Ok(Self {
            at,
            log_key: profile.log_key,
            clock_key: profile.clock_key,
            upload_key: profile.upload_key,
            signature,
        })
    }

    /// Returns the keys that signed the log before this handover.
    #[must_use]
    pub const fn log_keys(&self) -> LogKeys {
        LogKeys { log: self.log_key, clock: self.clock_key }
    }

    const fn pair(&self) -> Pair<'_> {
        (&self.log_key, &self.upload_key)
    }
}

/// Checks that the handovers of a profile lead, each signed, from one pair of keys to the next and
/// to its own.
pub(super) fn check(profile: &Profile) -> Result<(), ProfileError> {
    // [PRO-4]
    let handovers = &profile.handovers;
    if handovers.len() > MAX_HANDOVERS {
        return Err(MessageError::TooMany {
            field: Part::Profile,
            unit: Unit::Handovers,
            found: handovers.len(),
            limit: MAX_HANDOVERS,
        }
        .into());
    }
    let times = handovers.iter().map(|handover| handover.at).chain([profile.issued]);
    if !times.is_sorted() {
        return Err(ProfileError::HandoverOrder);
    }
    let own = (&profile.log_key, &profile.upload_key);
    for (handover, place) in handovers.iter().zip(1..) {
        let later = || handovers.iter().skip(place).map(Handover::pair).chain([own]);
        if later().any(|(log_key, _)| *log_key == handover.log_key) {
            return Err(ProfileError::HandoverRepeats);
        }
        let next = later().next().unwrap_or(own);
        let signed = signed_bytes(&profile.origin, handover.pair(), next, handover.at);
        if !handover.log_key.has_signed(&signed, &handover.signature) {
            return Err(MessageError::DoesNotOpen(Part::HandoverSignature).into());
        }
    }
    Ok(())
}

fn signed_bytes(origin: &Origin, from: Pair<'_>, to: Pair<'_>, at: UnixSeconds) -> Vec<u8> {
    let name = origin.as_str().as_bytes();
    let length = u16::try_from(name.len()).unwrap_or(u16::MAX);
    [
        domain::AUTHORITY_HANDOVER,
        &length.to_be_bytes(),
        name,
        from.0.as_bytes(),
        from.1.as_bytes(),
        to.0.as_bytes(),
        to.1.as_bytes(),
        &at.get().to_be_bytes(),
    ]
    .concat()
}
