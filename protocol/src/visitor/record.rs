//! The check-in record: one hour of a visit, encrypted to the venue's identity of that hour.

use std::fmt;

use rand_core::CryptoRng;
use serde::{Deserialize, Serialize};
use serde_tuple::{Deserialize_tuple, Serialize_tuple};
use zeroize::Zeroizing;

use super::{Stay, VisitError};
use crate::cbor::SecretBytes;
use crate::ibe::{Ciphertext, IdentityKey, PreparedMasterPublicKey};
use crate::identity::{Identity, NotificationKey, PayloadSecrets};
use crate::messages::{
    EntryCode, MessageError, Part, ROOM_CHARACTERS, TEXT_CHARACTERS, Venue, VenueKind,
    check_cbor_version, check_text, exactly,
};
use crate::time::{Day, Hour};
use crate::{cbor, padding};

const NAME: Part = Part::CheckInRecord;
const VERSION: u8 = 1;
/// Length of every record's plaintext in bytes: the longest texts fit.
const PLAINTEXT_LENGTH: usize = 1_024;
/// Length of every sealed record in bytes.
pub const SEALED_RECORD_LENGTH: usize = PLAINTEXT_LENGTH + Ciphertext::OVERHEAD;

/// A random number that holds the records of one visit together, so that the visit can be forgotten.
/// It says nothing of the venue.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct VisitId(#[serde(with = "serde_bytes")] [u8; 8]);

impl VisitId {
    /// Draws a random id.
    pub fn generate<R: CryptoRng>(rng: &mut R) -> Self {
        let mut bytes = [0; 8];
        rng.fill_bytes(&mut bytes);
        Self(bytes)
    }

    pub(super) const fn as_bytes(&self) -> &[u8; 8] {
        &self.0
    }
}

impl fmt::Display for VisitId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}

impl fmt::Debug for VisitId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "VisitId({self})")
    }
}

impl std::str::FromStr for VisitId {
    type Err = MessageError;

    fn from_str(text: &str) -> Result<Self, MessageError> {
        let bytes = hex::decode(text).map_err(|_| MessageError::Malformed(Part::VisitId))?;
        exactly(Part::VisitId, &bytes).map(Self)
    }
}

/// One hour of a visit as the device keeps it: a random id, the UTC day, 1,192 sealed bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckInRecord {
    visit: VisitId,
    day: Day,
    sealed: Vec<u8>,
}

impl CheckInRecord {
    pub(super) fn from_parts(
        visit: VisitId,
        day: Day,
        sealed: Vec<u8>,
    ) -> Result<Self, MessageError> {
        // [VIS-2]
        exactly::<SEALED_RECORD_LENGTH>(NAME, &sealed)?;
        Ok(Self { visit, day, sealed })
    }

    /// Returns the visit that the record belongs to.
    #[must_use]
    pub const fn visit(&self) -> VisitId {
        self.visit
    }

    /// Returns the UTC day of the hour, by which records are tried and deleted.
    #[must_use]
    pub const fn day(&self) -> Day {
        self.day
    }

    /// Returns the 1,192 sealed bytes: c1 (96) ‖ c2 (32) ‖ nonce (24) ‖ c3 (1,040).
    #[must_use]
    pub fn sealed(&self) -> &[u8] {
        &self.sealed
    }

    /// Parses the ciphertext.
    ///
    /// # Errors
    /// [`MessageError::Malformed`] when the bytes are no ciphertext.
    pub fn ciphertext(&self) -> Result<Ciphertext, MessageError> {
        Ciphertext::from_bytes(&self.sealed).map_err(|_| MessageError::Malformed(NAME))
    }
}

/// What a venue is called, as a notice may show it.
#[derive(
    Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize_tuple, Deserialize_tuple,
)]
pub struct VenueText {
    /// The name.
    pub description: String,
    /// The address.
    pub address: String,
    /// The room, where the code gave one.
    pub room: Option<String>,
    /// The kind, where the code gave one.
    pub kind: Option<VenueKind>,
}

impl VenueText {
    pub(super) fn of(venue: &Venue) -> Self {
        Self {
            description: venue.description().to_owned(),
            address: venue.address().to_owned(),
            room: venue.details().room().map(str::to_owned),
            kind: venue.details().kind(),
        }
    }

    pub(super) fn check(&self) -> Result<(), MessageError> {
        check_text(Part::VenueName, &self.description, TEXT_CHARACTERS)?;
        check_text(Part::VenueAddress, &self.address, TEXT_CHARACTERS)?;
        self.room.as_ref().map_or(Ok(()), |room| check_text(Part::Room, room, ROOM_CHARACTERS))
    }
}

/// What a record holds. Readable only with the key of its hour.
#[derive(Debug, Clone)]
pub struct RecordContents {
    /// The whole visit, not only the part in this hour.
    pub stay: Stay,
    /// The hour that the record is for.
    pub hour: Hour,
    /// The key that opens the venue's notices.
    pub notification_key: NotificationKey,
    /// The venue's texts.
    pub venue: VenueText,
}

/// The plaintext as CBOR.
#[derive(Serialize_tuple, Deserialize_tuple)]
struct Wire {
    version: u8,
    stay: Stay,
    hour: Hour,
    notification_key: SecretBytes,
    venue: VenueText,
}

impl RecordContents {
    pub(super) fn new(venue: &Venue, stay: Stay, hour: Hour, secrets: &PayloadSecrets) -> Self {
        let notification_key = secrets.notification_key().clone();
        Self { stay, hour, notification_key, venue: VenueText::of(venue) }
    }

    pub(super) fn seal<R: CryptoRng>(
        &self,
        mpk: &PreparedMasterPublicKey,
        identity: &Identity,
        visit: VisitId,
        rng: &mut R,
    ) -> Result<CheckInRecord, MessageError> {
        let plaintext = self.to_bytes()?;
        let ciphertext = mpk
            .encrypt(identity.as_bytes(), &plaintext, rng)
            .map_err(|_| MessageError::Malformed(NAME))?;
        // [VIS-1]
        CheckInRecord::from_parts(visit, self.hour.day(), ciphertext.to_bytes())
    }

    /// Opens a record with a published key; `None` when the key does not belong to it, or what it
    /// holds was not written by a visitor's program.
    #[must_use]
    pub fn open(ciphertext: &Ciphertext, identity: &Identity, key: &IdentityKey) -> Option<Self> {
        let plaintext = key.decrypt(identity.as_bytes(), ciphertext)?;
        Self::from_bytes(&plaintext).ok()
    }

    /// Encodes the plaintext, always 1,024 bytes.
    fn to_bytes(&self) -> Result<Zeroizing<Vec<u8>>, MessageError> {
        // [VIS-2]
        let wire = Wire {
            version: VERSION,
            stay: self.stay,
            hour: self.hour,
            notification_key: SecretBytes::new(self.notification_key.as_bytes()),
            venue: self.venue.clone(),
        };
        let body = Zeroizing::new(cbor::to_vec(&wire).map_err(|_| MessageError::Malformed(NAME))?);
        let (found, limit) = (body.len(), padding::capacity(PLAINTEXT_LENGTH));
        padding::pad(&body, PLAINTEXT_LENGTH).ok_or(MessageError::TooLong {
            field: NAME,
            found,
            limit,
        })
    }

    fn from_bytes(plaintext: &[u8]) -> Result<Self, MessageError> {
        let body = padding::unpad(plaintext).ok_or(MessageError::Malformed(NAME))?;
        check_cbor_version(NAME, body, VERSION)?;
        let wire: Wire = cbor::from_slice(body).map_err(|_| MessageError::Malformed(NAME))?;
        wire.venue.check()?;
        Ok(Self {
            stay: wire.stay,
            hour: wire.hour,
            notification_key: NotificationKey::from_bytes(exactly(
                Part::NotificationKey,
                wire.notification_key.as_slice(),
            )?),
            venue: wire.venue,
        })
    }
}

/// Encrypts a visit to one record for each hour that it touches, labelled with that hour's UTC day.
/// Nobody can read anything in a record without the key of its hour.
///
/// # Errors
/// [`VisitError::Message`] when a record cannot be encoded, which no valid code causes.
///
/// Source: CrowdNotifier technical specification v3, "Visiting a location".
pub fn seal_visit<R: CryptoRng>(
    entry_code: &EntryCode,
    stay: Stay,
    visit: VisitId,
    rng: &mut R,
) -> Result<Vec<CheckInRecord>, VisitError> {
    // [VIS-1]
    let secrets = entry_code.secrets();
    let mpk = entry_code.master_public_key().prepare();
    stay.hours()
        .map(|hour| {
            let contents = RecordContents::new(entry_code.venue(), stay, hour, &secrets);
            let identity = secrets.identity(hour);
            Ok(contents.seal(&mpk, &identity, visit, rng)?)
        })
        .collect()
}
