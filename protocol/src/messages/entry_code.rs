//! The entry code: what a venue's QR code carries (`QRCodePayload`).

use prost::Message as _;

use super::protobuf::{CrowdNotifierData, QrCodePayload, TraceLocation, decode, decode_inner};
use super::venue_details::VenueDetails;
use super::{MessageError, Part, VERSION, check_text, check_version, exactly, qr_url};
use crate::ibe::MasterPublicKey;
use crate::identity::PayloadSecrets;
use crate::time::{UnixSeconds, Window};

const NAME: Part = Part::EntryCode;

/// The longest description and the longest address, in characters each.
pub const TEXT_CHARACTERS: usize = 100;

/// What a venue says of itself: texts, validity, details.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Venue {
    description: String,
    address: String,
    valid: Window,
    details: VenueDetails,
}

impl Venue {
    /// Makes a venue of its texts (1 to 100 characters each, no control characters), the time for
    /// which its code is valid, and its details.
    ///
    /// # Errors
    /// The text that is refused.
    pub fn new(
        description: impl Into<String>,
        address: impl Into<String>,
        valid: Window,
        details: VenueDetails,
    ) -> Result<Self, MessageError> {
        let (description, address) = (description.into(), address.into());
        check_text(Part::VenueName, &description, TEXT_CHARACTERS)?;
        check_text(Part::VenueAddress, &address, TEXT_CHARACTERS)?;
        Ok(Self { description, address, valid, details })
    }

    /// Returns the venue's name, 1 to 100 characters.
    #[must_use]
    pub fn description(&self) -> &str {
        &self.description
    }

    /// Returns the venue's address, 1 to 100 characters.
    #[must_use]
    pub fn address(&self) -> &str {
        &self.address
    }

    /// Returns from when to when the code is valid: for an event, from its beginning to its end.
    #[must_use]
    pub const fn valid(&self) -> Window {
        self.valid
    }

    /// Returns kind, room and typical stay.
    #[must_use]
    pub const fn details(&self) -> &VenueDetails {
        &self.details
    }
}

/// A venue's public code. Keeps the bytes that were scanned: identities are computed over them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EntryCode {
    payload: Vec<u8>,
    venue: Venue,
    master_public_key: MasterPublicKey,
}

impl EntryCode {
    /// The longest payload in bytes.
    pub const MAX_LENGTH: usize = 1_400;

    /// Length of the cryptographic seed in bytes.
    pub const SEED_LENGTH: usize = 32;

    /// Makes a code for a venue, a master public key and a fresh random seed.
    ///
    /// # Errors
    /// [`MessageError::TooLong`] when the whole is longer than a payload may be.
    pub fn new(
        venue: Venue,
        master_public_key: MasterPublicKey,
        seed: &[u8; Self::SEED_LENGTH],
    ) -> Result<Self, MessageError> {
        let location = TraceLocation {
            version: VERSION,
            description: venue.description.clone(),
            address: venue.address.clone(),
            start_timestamp: venue.valid.start().get(),
            end_timestamp: venue.valid.end().get(),
        };
        let keys = CrowdNotifierData {
            version: VERSION,
            public_key: master_public_key.to_bytes().to_vec(),
            cryptographic_seed: seed.to_vec(),
            r#type: 0,
        };
        let message = QrCodePayload {
            version: VERSION,
            location_data: Some(location.encode_to_vec()),
            crowd_notifier_data: Some(keys.encode_to_vec()),
            country_data: venue.details.to_country_data()?,
        };
        let payload = message.encode_to_vec();
        check_length(&payload)?;
        Ok(Self { payload, venue, master_public_key })
    }

    /// Parses and checks the raw payload bytes (at most 1,400).
    ///
    /// # Errors
    /// The first check that fails.
    pub fn from_bytes(payload: &[u8]) -> Result<Self, MessageError> {
        let (venue, key) = Self::parse(payload)?;
        let master_public_key = MasterPublicKey::from_bytes(&key)
            .map_err(|source| MessageError::Point { field: Part::MasterPublicKey, source })?;
        Ok(Self { payload: payload.to_vec(), venue, master_public_key })
    }

    /// Returns the venue of a payload that was checked when it was scanned. Does not read the key
    /// again, which would cost more than all the rest.
    pub(crate) fn venue_of(payload: &[u8]) -> Result<Venue, MessageError> {
        Self::parse(payload).map(|(venue, _)| venue)
    }

    /// Returns the code's random seed.
    pub(crate) fn seed(&self) -> Result<[u8; Self::SEED_LENGTH], MessageError> {
        let message: QrCodePayload = decode(NAME, &self.payload)?;
        let keys: CrowdNotifierData = decode_inner(Part::KeyData, message.crowd_notifier_data)?;
        exactly(Part::Seed, &keys.cryptographic_seed)
    }

    /// Parses everything but the key's point.
    fn parse(payload: &[u8]) -> Result<(Venue, [u8; MasterPublicKey::LENGTH]), MessageError> {
        check_length(payload)?;
        let message: QrCodePayload = decode(NAME, payload)?;
        check_version(NAME, message.version, VERSION)?;
        let location: TraceLocation = decode_inner(Part::LocationData, message.location_data)?;
        check_version(Part::LocationData, location.version, VERSION)?;
        let keys: CrowdNotifierData = decode_inner(Part::KeyData, message.crowd_notifier_data)?;
        check_version(Part::KeyData, keys.version, VERSION)?;
        exactly::<{ Self::SEED_LENGTH }>(Part::Seed, &keys.cryptographic_seed)?;
        let key = exactly(Part::MasterPublicKey, &keys.public_key)?;
        let details = VenueDetails::from_country_data(&message.country_data)?;
        let valid = validity(location.start_timestamp, location.end_timestamp)?;
        let venue = Venue::new(location.description, location.address, valid, details)?;
        Ok((venue, key))
    }

    /// Parses the text of a QR code, `<base>?v=3#<base64url>`.
    ///
    /// # Errors
    /// What is wrong with the link or with the payload inside.
    pub fn from_url(text: &str) -> Result<Self, MessageError> {
        Self::from_bytes(&qr_url::decode_link(text)?)
    }

    /// Returns the text for the QR code.
    ///
    /// # Errors
    /// [`MessageError::Link`] when `base` cannot be the start of such a text.
    pub fn to_url(&self, base: &str) -> Result<String, MessageError> {
        qr_url::encode_link(base, &self.payload)
    }

    /// Returns the raw payload bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.payload
    }

    /// Returns what the venue says of itself. Anyone can print a code that says anything.
    #[must_use]
    pub const fn venue(&self) -> &Venue {
        &self.venue
    }

    /// Returns the key to which visits are encrypted.
    #[must_use]
    pub const fn master_public_key(&self) -> &MasterPublicKey {
        &self.master_public_key
    }

    behind_hazmat! {
        /// Returns the secrets that the payload determines.
        #[must_use]
        pub fn secrets(&self) -> PayloadSecrets {
            // [ID-5]
            PayloadSecrets::derive(&self.payload)
        }
    }

    /// Returns whether the code is valid at `time`; both ends belong to its validity.
    #[must_use]
    pub fn is_valid_at(&self, time: UnixSeconds) -> bool {
        // [VIS-6]
        self.venue.valid.start() <= time && time <= self.venue.valid.end()
    }
}

fn check_length(payload: &[u8]) -> Result<(), MessageError> {
    if payload.len() > EntryCode::MAX_LENGTH {
        Err(MessageError::TooLong {
            field: NAME,
            found: payload.len(),
            limit: EntryCode::MAX_LENGTH,
        })
    } else {
        Ok(())
    }
}

fn validity(start: u64, end: u64) -> Result<Window, MessageError> {
    // [MSG-5]
    let time = |source| MessageError::Time { field: Part::Validity, source };
    let (start, end) =
        (UnixSeconds::new(start).map_err(time)?, UnixSeconds::new(end).map_err(time)?);
    Window::new(start, end).map_err(time)
}
