//! The handover: an authority's old log key says which keys come next, so that devices follow without
//! asking anybody.
//!
//! A profile carries the handovers that led to its keys. It says nothing to a device that pinned the
//! old keys of somebody else, and it cannot help where the old log key was stolen: the thief can sign
//! a handover as well.

use ed25519_dalek::{Signature, Signer as _, VerifyingKey};
use serde_bytes::ByteBuf;

use super::keys::AuthorityKeys;
use super::profile::{Fingerprint, Profile, SignedProfile, log_key};
use crate::domain;
use crate::log::Origin;
use crate::messages::{MessageError, RangeError, exactly};
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
    pub log_key: VerifyingKey,
    /// The upload key that was retired.
    pub upload_key: SealPublicKey,
    /// The retired log key's signature.
    pub signature: Signature,
}

/// A handover as CBOR.
pub(super) type Wire = (UnixSeconds, ByteBuf, ByteBuf, ByteBuf);

/// The public keys that an authority had at one time.
type Pair<'a> = (&'a VerifyingKey, &'a SealPublicKey);

impl Handover {
    pub(super) fn from_wire(wire: &Wire) -> Result<Self, MessageError> {
        // [PRO-4]
        Ok(Self {
            at: wire.0,
            log_key: log_key("handover's log key", &wire.1)?,
            upload_key: SealPublicKey::from_bytes(exactly("handover's upload key", &wire.2)?),
            signature: Signature::from_bytes(&exactly("handover's signature", &wire.3)?),
        })
    }

    pub(super) fn to_wire(&self) -> Wire {
        (
            self.at,
            ByteBuf::from(self.log_key.as_bytes()),
            ByteBuf::from(self.upload_key.as_bytes()),
            ByteBuf::from(self.signature.to_bytes()),
        )
    }

    /// The fingerprint of the authority before this handover.
    pub(super) fn fingerprint(&self, origin: &Origin) -> Fingerprint {
        Fingerprint::of(origin, &self.log_key, &self.upload_key)
    }

    const fn pair(&self) -> Pair<'_> {
        (&self.log_key, &self.upload_key)
    }
}

impl Profile {
    /// The profile of the same authority with its next keys, signed by both: the handover by the old
    /// log key, the whole by the new one.
    ///
    /// # Errors
    /// As [`Profile::sign`]; [`MessageError::OutOfRange`] where `from` are not the profile's keys.
    pub fn hand_over(
        &self,
        from: &AuthorityKeys,
        to: &AuthorityKeys,
        now: UnixSeconds,
    ) -> Result<SignedProfile, MessageError> {
        if from.log_public_key() != self.log_key || from.upload_public_key() != self.upload_key {
            return Err(MessageError::OutOfRange(RangeError::HandoverKeys));
        }
        let (old, new) =
            ((&self.log_key, &self.upload_key), (&to.log_public_key(), &to.upload_public_key()));
        let at = now.max(self.issued);
        let signature = from.log_key().sign(&signed_bytes(&self.origin, old, new, at));
        let (log_key, upload_key) = (self.log_key, self.upload_key);
        let mut next = self.clone();
        next.handovers.push(Handover { at, log_key, upload_key, signature });
        // A chain without its first links is a chain.
        next.handovers.drain(..next.handovers.len().saturating_sub(MAX_HANDOVERS));
        (next.issued, next.log_key, next.upload_key) = (at, *new.0, *new.1);
        next.index_master_key = to.index_public_key();
        next.sign(to)
    }
}

/// The handovers of a profile lead, each signed, from one pair of keys to the next and to its own.
pub(super) fn check(profile: &Profile) -> Result<(), MessageError> {
    // [PRO-4]
    let handovers = &profile.handovers;
    if handovers.len() > MAX_HANDOVERS {
        return Err(MessageError::TooMany {
            field: "profile",
            unit: "handovers of keys",
            found: handovers.len(),
            limit: MAX_HANDOVERS,
        });
    }
    let times = handovers.iter().map(|handover| handover.at).chain([profile.issued]);
    if !times.is_sorted() {
        return Err(MessageError::OutOfRange(RangeError::HandoverOrder));
    }
    let own = (&profile.log_key, &profile.upload_key);
    for (handover, place) in handovers.iter().zip(1..) {
        let later = || handovers.iter().skip(place).map(Handover::pair).chain([own]);
        if later().any(|(log_key, _)| *log_key == handover.log_key) {
            return Err(MessageError::OutOfRange(RangeError::HandoverRepeats));
        }
        let next = later().next().unwrap_or(own);
        let signed = signed_bytes(&profile.origin, handover.pair(), next, handover.at);
        handover
            .log_key
            .verify_strict(&signed, &handover.signature)
            .map_err(|_| MessageError::DoesNotOpen("handover's signature"))?;
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

#[cfg(test)]
mod tests {
    use rand::SeedableRng;
    use rand_chacha::ChaCha20Rng;

    use super::*;

    fn first() -> (AuthorityKeys, Profile, ChaCha20Rng) {
        let mut rng = ChaCha20Rng::seed_from_u64(5);
        let keys = AuthorityKeys::generate(&mut rng);
        let profile = Profile {
            issued: UnixSeconds::MAX.minus(1_000),
            name: "office".to_owned(),
            origin: Origin::new("office.example").expect("an origin"),
            url: "https://office.example".to_owned(),
            log_key: keys.log_public_key(),
            upload_key: keys.upload_public_key(),
            retention_days: 14,
            checkpoint_max_age: 86_400,
            minimum_overlap: 0,
            time_zone: "Asia/Tokyo".to_owned(),
            texts: vec![],
            contacts: vec![],
            index_master_key: None,
            handovers: vec![],
        };
        (keys, profile, rng)
    }

    #[test]
    fn keys_are_handed_over_any_number_of_times_and_the_last_sixteen_are_told() {
        // [PRO-4] [PRO-5]
        let (mut keys, mut profile, mut rng) = first();
        let mut all = vec![profile.sign(&keys).expect("a profile")];
        for _ in 0..18 {
            let next = keys.successor(&mut rng);
            // A clock that went back does not make an older profile.
            let signed = profile.hand_over(&keys, &next, UnixSeconds::default());
            all.push(signed.expect("handed over"));
            (keys, profile) = (next, all[all.len() - 1].profile().clone());
        }
        let last = &all[18];
        assert_eq!(last.predecessors().len(), MAX_HANDOVERS);
        assert_eq!(last.profile().issued, all[0].profile().issued);
        let accepted = |old: &SignedProfile| old.check_replacement(last).is_ok();
        assert_eq!(all.iter().map(accepted).filter(|accepted| !accepted).count(), 2);
        assert!(!accepted(&all[1]) && accepted(&all[2]));
    }

    #[test]
    fn only_the_holder_of_the_old_keys_hands_over() {
        // [PRO-4]
        let (keys, profile, mut rng) = first();
        let (other, next) = (AuthorityKeys::generate(&mut rng), keys.successor(&mut rng));
        let refused = profile.hand_over(&other, &next, profile.issued);
        assert_eq!(refused, Err(MessageError::OutOfRange(RangeError::HandoverKeys)));
        let same = profile.hand_over(&keys, &keys, profile.issued);
        assert_eq!(same, Err(MessageError::OutOfRange(RangeError::HandoverRepeats)));
        assert!(profile.hand_over(&keys, &next, profile.issued).is_ok());
    }
}
