//! The managed variant: one master key from a passphrase, any number of venues.
//!
//! The organisation's record is public. Adding a venue needs only the record; pre-traces need the
//! passphrase. Its price: all venues share one master public key, so anyone can see that their codes
//! belong together; and who holds the record can try passphrases, hence the length asked for.

use rand_core::CryptoRng;
use serde_bytes::ByteBuf;
use serde_tuple::{Deserialize_tuple, Serialize_tuple};

use super::{VenueError, complete_key, derive_pre_traces, seed};
use crate::cbor;
use crate::ibe::{MasterPublicKey, MasterSecretKey};
use crate::messages::entry_code::{EntryCode, Venue};
use crate::messages::pre_trace::PreTrace;
use crate::messages::trace_code::SealedHalf;
use crate::messages::upload::Upload;
use crate::messages::upload_code::CodeHash;
use crate::messages::{MessageError, check_cbor_version, exactly};
use crate::passphrase::{Cost, Derivation, Passphrase};
use crate::sealed_box::SealPublicKey;
use crate::time::{UnixSeconds, Window};

const NAME: &str = "organisation";
const VERSION: u8 = 1;

/// The shortest passphrase that is accepted, in characters.
pub const PASSPHRASE_CHARACTERS: usize = 16;

/// The public record of an organisation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Organisation {
    master_public_key: MasterPublicKey,
    venue_public_key: MasterPublicKey,
    sealed_half: SealedHalf,
    derivation: Derivation,
}

/// The record as CBOR: version, master public key (96 bytes), the organisation's half of it (96),
/// the authority's sealed half (80), derivation.
#[derive(Serialize_tuple, Deserialize_tuple)]
struct Wire {
    version: u8,
    master_public_key: ByteBuf,
    venue_public_key: ByteBuf,
    sealed_half: ByteBuf,
    derivation: Derivation,
}

impl Organisation {
    /// Sets up an organisation with a passphrase of at least 16 characters.
    ///
    /// # Errors
    /// [`VenueError::Passphrase`] for a shorter one.
    pub fn set_up<R: CryptoRng>(
        passphrase: &Passphrase,
        cost: Cost,
        authority: &SealPublicKey,
        rng: &mut R,
    ) -> Result<Self, VenueError> {
        // [VEN-5]
        passphrase.at_least(PASSPHRASE_CHARACTERS)?;
        let derivation = Derivation::generate(cost, rng);
        let venue_key = master_secret_key(&derivation, passphrase)?;
        let (master_public_key, sealed_half) = complete_key(&venue_key, authority, rng)?;
        let venue_public_key = venue_key.public_key();
        Ok(Self { master_public_key, venue_public_key, sealed_half, derivation })
    }

    /// An entry code for one more venue. Needs no secret.
    ///
    /// # Errors
    /// [`VenueError::Message`] when the texts and details together are too long for a code.
    pub fn add_venue<R: CryptoRng>(
        &self,
        venue: Venue,
        rng: &mut R,
    ) -> Result<EntryCode, VenueError> {
        // [VEN-5]
        Ok(EntryCode::new(venue, self.master_public_key, &seed(rng))?)
    }

    /// The pre-traces of one of the organisation's venues, for hours that are over at `now`.
    ///
    /// # Errors
    /// [`VenueError::WrongPassphrase`], [`VenueError::ForeignEntryCode`],
    /// [`VenueError::HourNotOver`], or a window of more than 36 hours.
    pub fn pre_traces(
        &self,
        passphrase: &Passphrase,
        entry_code: &EntryCode,
        window: Window,
        now: UnixSeconds,
    ) -> Result<Vec<PreTrace>, VenueError> {
        // [VEN-5]
        if *entry_code.master_public_key() != self.master_public_key {
            return Err(VenueError::ForeignEntryCode);
        }
        let venue_key = master_secret_key(&self.derivation, passphrase)?;
        if venue_key.public_key() != self.venue_public_key {
            return Err(VenueError::WrongPassphrase);
        }
        derive_pre_traces(entry_code, &venue_key, &self.sealed_half, (window, now))
    }

    /// The upload of one of the organisation's venues.
    ///
    /// # Errors
    /// As [`Organisation::pre_traces`].
    pub fn upload(
        &self,
        passphrase: &Passphrase,
        entry_code: &EntryCode,
        window: Window,
        code: CodeHash,
        now: UnixSeconds,
    ) -> Result<Upload, VenueError> {
        let pre_traces = self.pre_traces(passphrase, entry_code, window, now)?;
        Ok(Upload { code, window, pre_traces })
    }

    /// The record as deterministic CBOR.
    ///
    /// # Errors
    /// None that a valid record can cause.
    pub fn to_bytes(&self) -> Result<Vec<u8>, VenueError> {
        let wire = Wire {
            version: VERSION,
            master_public_key: ByteBuf::from(self.master_public_key.to_bytes()),
            venue_public_key: ByteBuf::from(self.venue_public_key.to_bytes()),
            sealed_half: ByteBuf::from(self.sealed_half),
            derivation: self.derivation,
        };
        Ok(cbor::to_vec(&wire).map_err(|_| MessageError::Malformed(NAME))?)
    }

    /// Parses and checks a record.
    ///
    /// # Errors
    /// The first check that fails.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, VenueError> {
        check_cbor_version(NAME, bytes, VERSION)?;
        let wire: Wire = cbor::from_slice(bytes).map_err(|_| MessageError::Malformed(NAME))?;
        let point = |source| MessageError::Point { field: "organisation's public key", source };
        Ok(Self {
            master_public_key: MasterPublicKey::from_bytes(&wire.master_public_key)
                .map_err(point)?,
            venue_public_key: MasterPublicKey::from_bytes(&wire.venue_public_key).map_err(point)?,
            sealed_half: exactly("authority's sealed key", &wire.sealed_half)?,
            derivation: wire.derivation,
        })
    }
}

fn master_secret_key(
    derivation: &Derivation,
    passphrase: &Passphrase,
) -> Result<MasterSecretKey, VenueError> {
    let uniform = derivation.derive::<64>(passphrase)?;
    let key = MasterSecretKey::from_uniform(&uniform)
        .map_err(|source| MessageError::Scalar { field: "organisation's key", source })?;
    Ok(key)
}
