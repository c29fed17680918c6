//! What a reader keeps of an authority that it follows: the profile, and the witnesses that it asks
//! for.

use serde_bytes::ByteBuf;
use serde_tuple::{Deserialize_tuple, Serialize_tuple};

use super::{NAME, ProfileError, ReplaceError, SignedProfile};
use crate::cbor;
use crate::log::{Origin, SignedCheckpoint, WitnessPolicy, WitnessPolicyError};
use crate::messages::MessageError;
use crate::time::UnixSeconds;

const VERSION: u8 = 1;

/// Why an authority cannot be followed so.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PinError {
    /// The profile that was kept is none.
    #[error(transparent)]
    Profile(#[from] ProfileError),
    /// The policy that was kept is none.
    #[error(transparent)]
    Policy(#[from] WitnessPolicyError),
    /// The policy names the logs that it is for, and this is none of them.
    #[error("this policy of witnesses is for other logs than {0}")]
    OtherLog(Origin),
    /// The policy names a key that the authority signs with, or did, as a witness.
    #[error("{0} is the authority itself, which is no witness")]
    NoWitness(Origin),
}

/// An authority as somebody follows it: the newest profile that was taken, and which witnesses have
/// to have seen its log. Make it when somebody begins to follow, when they compare the fingerprint;
/// keep its bytes; hand it to every sync.
///
/// The witnesses are the reader's choice. A newer profile takes the old one's place and leaves them
/// as they are; only another pin does not have them.
///
/// ```
/// # use noren::log::Origin;
/// # use noren::{AuthorityKeys, UnixSeconds};
/// use noren::log::{Witness, WitnessPolicy};
/// use noren::{Pin, SignedProfile};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let (mut rng, url) = (rand::rng(), "https://noren.health.example");
/// # let (keys, now) = (AuthorityKeys::generate(&mut rng), UnixSeconds::new(1_775_066_400)?);
/// # let profile = keys.profile("Health office", Origin::new("health.example/noren")?, url, now).sign(&keys)?;
/// # let downloaded = profile.as_bytes();
/// # let key = |name: &str| {
/// #     let key = noren::keys::SignSecretKey::generate(&mut rand::rng()).public_key();
/// #     Ok::<_, noren::log::OriginError>(Witness::new(Origin::new(name)?, key).verifier_key())
/// # };
/// # let typed = [key("a.example")?, key("b.example")?, key("c.example")?].join("\n");
/// // Verifier keys as somebody typed them; `noren auditor witness --vkey` prints one.
/// let witnesses: Option<Vec<Witness>> =
///     typed.split_whitespace().map(Witness::from_verifier_key).collect();
/// let two_of_these = WitnessPolicy::of(2, &witnesses.ok_or("no key of a witness")?)?;
/// let pin = Pin::new(SignedProfile::from_bytes(downloaded)?).asking_for(two_of_these)?;
/// let to_store = pin.to_bytes()?;
/// # let again = Pin::from_bytes(&to_store)?;
/// # assert_eq!(again, pin);
/// # assert_eq!(again.witnesses().map(WitnessPolicy::fewest), Some(2));
/// # let own = Witness::new(Origin::new("own.example")?, profile.profile().log_keys().clock);
/// # assert!(pin.asking_for(WitnessPolicy::of(1, &[own])?).is_err());
/// # Ok(()) }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pin {
    profile: SignedProfile,
    witnesses: Option<WitnessPolicy>,
}

/// A pin with witnesses.
#[derive(Serialize_tuple, Deserialize_tuple)]
struct Wire {
    version: u8,
    profile: ByteBuf,
    witnesses: String,
}

impl Pin {
    /// Follows an authority, and asks for no witnesses. Compare the fingerprint before.
    #[must_use]
    pub const fn new(profile: SignedProfile) -> Self {
        Self { profile, witnesses: None }
    }

    /// Puts together what was kept apart: a profile that was pinned, and witnesses that
    /// [`Pin::asking_for`] took at that time. Nothing is checked again.
    #[must_use]
    pub const fn kept(profile: SignedProfile, witnesses: Option<WitnessPolicy>) -> Self {
        Self { profile, witnesses }
    }

    /// Asks for these witnesses from now on.
    ///
    /// # Errors
    /// [`PinError::OtherLog`], [`PinError::NoWitness`].
    pub fn asking_for(self, witnesses: WitnessPolicy) -> Result<Self, PinError> {
        // [LOG-21]
        let (own, origin) = (self.profile.signing_keys(), &self.profile.profile().origin);
        let is_meant = |(name, key): &(_, _)| name == origin && own.contains(key);
        if !witnesses.logs().is_empty() && !witnesses.logs().iter().any(is_meant) {
            return Err(PinError::OtherLog(origin.clone()));
        }
        if let Some(witness) = witnesses.witnesses().find(|witness| own.contains(witness.key())) {
            return Err(PinError::NoWitness(witness.name().clone()));
        }
        Ok(Self { witnesses: Some(witnesses), ..self })
    }

    /// Returns the profile.
    #[must_use]
    pub const fn profile(&self) -> &SignedProfile {
        &self.profile
    }

    /// Returns which witnesses are asked for.
    #[must_use]
    pub const fn witnesses(&self) -> Option<&WitnessPolicy> {
        self.witnesses.as_ref()
    }

    /// Puts a newer profile in the old one's place. What is asked for stays.
    ///
    /// # Errors
    /// [`SignedProfile::check_replacement`] says why it may not.
    pub fn renew(&mut self, newer: SignedProfile) -> Result<(), ReplaceError> {
        // [LOG-24] [PRO-3] [PRO-5]
        self.profile.check_replacement(&newer)?;
        self.profile = newer;
        Ok(())
    }

    /// Returns whether a head of the log was seen by all who are asked for, so lately that it counts
    /// at `now`; no key of the authority's counts.
    #[must_use]
    pub fn is_witnessed(&self, head: &SignedCheckpoint, now: UnixSeconds) -> bool {
        // [LOG-21]
        let (own, max_age) =
            (self.profile.signing_keys(), self.profile.profile().checkpoint_max_age);
        self.witnesses.as_ref().is_none_or(|policy| policy.is_met(head, &own, now, max_age))
    }

    /// Reads what [`Pin::to_bytes`] gave, or a signed profile alone, which asks for no witnesses.
    ///
    /// # Errors
    /// [`PinError::Profile`], [`PinError::Policy`].
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, PinError> {
        // [LOG-24]
        match cbor::from_slice(bytes) {
            Ok(Wire { version: VERSION, profile, witnesses }) => {
                let profile = SignedProfile::from_bytes(&profile)?;
                Ok(Self::kept(profile, Some(WitnessPolicy::from_text(witnesses.as_bytes())?)))
            }
            _ => Ok(Self::new(SignedProfile::from_bytes(bytes)?)),
        }
    }

    /// Returns the bytes to keep: those of the signed profile where no witnesses are asked for, else
    /// the CBOR array of 1, these bytes, and the policy's text; at most 131,100 bytes.
    ///
    /// # Errors
    /// None of a pin that exists.
    pub fn to_bytes(&self) -> Result<Vec<u8>, PinError> {
        // [LOG-24]
        let profile = self.profile.as_bytes();
        let Some(policy) = &self.witnesses else { return Ok(profile.to_vec()) };
        let (profile, witnesses) = (ByteBuf::from(profile), policy.text().to_owned());
        let wire = Wire { version: VERSION, profile, witnesses };
        let bytes = cbor::to_vec(&wire).map_err(|_| MessageError::Malformed(NAME));
        Ok(bytes.map_err(ProfileError::from)?)
    }
}

impl AsRef<SignedProfile> for Pin {
    fn as_ref(&self) -> &SignedProfile {
        &self.profile
    }
}

impl AsRef<Self> for SignedProfile {
    fn as_ref(&self) -> &Self {
        self
    }
}
