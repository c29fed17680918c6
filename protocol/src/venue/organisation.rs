//! The managed variant: one passphrase, any number of rooms, each with a master key of its own.
//!
//! The organisation's record holds a chain key, which makes a room's master key out of the
//! organisation's. Adding a room needs only the record; pre-traces need the passphrase as well.
//! Without the record the codes, traces and uploads of two rooms have nothing in common, so that it
//! is kept private. Whoever holds it can try passphrases, which is why these have to be long.

use rand_core::CryptoRng;
use serde_bytes::ByteBuf;
use serde_tuple::{Deserialize_tuple, Serialize_tuple};

use self::chain_key::ChainKey;
use super::{VenueError, complete_key, derive_pre_traces, seed};
use crate::cbor::{self, SecretBytes};

use crate::ibe::{MasterPublicKey, MasterSecretKey, ScalarError};
use crate::messages::{
    CodeBinding, EntryCode, MessageError, Part, PreTrace, SealedHalf, Upload, Venue,
    check_cbor_version, exactly,
};
use crate::passphrase::{Cost, Derivation, Passphrase};
use crate::sealed_box::SealPublicKey;
use crate::time::{UnixSeconds, Window};

mod chain_key;

const NAME: Part = Part::Organisation;
const VERSION: u8 = 3;
/// Records of this version did not say for which authority they were made.
const VERSION_WITHOUT_UPLOAD_KEY: u8 = 2;
/// Records of this version had no chain key: all rooms had the organisation's own master key.
const VERSION_WITHOUT_CHAIN_KEY: u8 = 1;

/// The record of an organisation, which it keeps private. `Debug` shows no chain key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Organisation {
    /// The master public key of no room, unless its code was made before rooms had keys of their
    /// own.
    master_public_key: MasterPublicKey,
    venue_public_key: MasterPublicKey,
    sealed_half: SealedHalf,
    derivation: Derivation,
    chain_key: ChainKey,
    /// The authority's, to which its half is sealed; `None` in records of the versions before.
    upload_key: Option<SealPublicKey>,
}

/// The record as CBOR: version, master public key (96 bytes), the organisation's half of it (96),
/// the authority's sealed half (80), derivation, chain key (32), the authority's upload key (32).
#[derive(Serialize_tuple, Deserialize_tuple)]
struct Wire {
    version: u8,
    master_public_key: ByteBuf,
    venue_public_key: ByteBuf,
    sealed_half: ByteBuf,
    derivation: Derivation,
    chain_key: SecretBytes,
    upload_key: ByteBuf,
}

/// The same without the authority's upload key, as version 2 had it.
#[derive(Serialize_tuple, Deserialize_tuple)]
struct WireWithoutUploadKey {
    version: u8,
    master_public_key: ByteBuf,
    venue_public_key: ByteBuf,
    sealed_half: ByteBuf,
    derivation: Derivation,
    chain_key: SecretBytes,
}

/// The same without a chain key, as version 1 had it.
#[derive(Serialize_tuple, Deserialize_tuple)]
struct WireWithoutChainKey {
    version: u8,
    master_public_key: ByteBuf,
    venue_public_key: ByteBuf,
    sealed_half: ByteBuf,
    derivation: Derivation,
}

impl Organisation {
    /// The shortest passphrase that is accepted, in characters.
    pub const PASSPHRASE_CHARACTERS: usize = 16;

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
        passphrase.at_least(Self::PASSPHRASE_CHARACTERS)?;
        let derivation = Derivation::generate(cost, rng);
        let venue_key = master_secret_key(&derivation, passphrase)?;
        let (master_public_key, sealed_half) = complete_key(&venue_key, authority, rng)?;
        let venue_public_key = venue_key.public_key();
        let chain_key = ChainKey::generate(rng);
        let upload_key = Some(*authority);
        Ok(Self {
            master_public_key,
            venue_public_key,
            sealed_half,
            derivation,
            chain_key,
            upload_key,
        })
    }

    /// Returns whether the record was made for an authority that has, or had, one of these upload
    /// keys, or `None` where it does not say for which.
    #[must_use]
    pub fn is_made_for(&self, upload_keys: &[SealPublicKey]) -> Option<bool> {
        // [VEN-5]
        self.upload_key.map(|key| upload_keys.contains(&key))
    }

    /// Makes an entry code for one more room, with a master public key of its own. Needs the record
    /// and no passphrase.
    ///
    /// # Errors
    /// [`VenueError::Message`] when the texts and details together are too long for a code.
    pub fn add_venue<R: CryptoRng>(
        &self,
        venue: Venue,
        rng: &mut R,
    ) -> Result<EntryCode, VenueError> {
        // [VEN-5] [VEN-8]
        let seed = seed(rng);
        let key = self.room_public_key(&self.chain_key.room_key(&seed)?)?;
        Ok(EntryCode::new(venue, key, &seed)?)
    }

    /// Returns whether an entry code is that of one of the organisation's rooms.
    #[must_use]
    pub fn owns(&self, entry_code: &EntryCode) -> bool {
        self.room_key(entry_code).is_ok()
    }

    /// Makes the pre-traces of one of the organisation's rooms, for hours that are over at `now`.
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
        let room_key = self.room_key(entry_code)?;
        let venue_key = master_secret_key(&self.derivation, passphrase)?;
        if venue_key.public_key() != self.venue_public_key {
            return Err(VenueError::WrongPassphrase);
        }
        // [VEN-9] The authority's half stays as it is: the room's part is in the organisation's.
        let venue_key = match room_key {
            Some(room_key) => venue_key.sum(&room_key).map_err(no_key)?,
            None => venue_key,
        };
        derive_pre_traces(entry_code, &venue_key, &self.sealed_half, (window, now))
    }

    /// Makes the upload of one of the organisation's rooms.
    ///
    /// # Errors
    /// As [`Organisation::pre_traces`].
    pub fn upload(
        &self,
        passphrase: &Passphrase,
        entry_code: &EntryCode,
        window: Window,
        code: CodeBinding,
        now: UnixSeconds,
    ) -> Result<Upload, VenueError> {
        let pre_traces = self.pre_traces(passphrase, entry_code, window, now)?;
        Ok(Upload { code, window, pre_traces })
    }

    /// Returns the record as deterministic CBOR.
    ///
    /// # Errors
    /// No valid record causes one.
    pub fn to_bytes(&self) -> Result<Vec<u8>, VenueError> {
        let older = WireWithoutUploadKey {
            version: VERSION_WITHOUT_UPLOAD_KEY,
            master_public_key: ByteBuf::from(self.master_public_key.to_bytes()),
            venue_public_key: ByteBuf::from(self.venue_public_key.to_bytes()),
            sealed_half: ByteBuf::from(self.sealed_half),
            derivation: self.derivation,
            chain_key: SecretBytes::new(self.chain_key.as_bytes()),
        };
        let bytes = match &self.upload_key {
            Some(key) => cbor::to_vec(&older.with(key.as_bytes(), VERSION)),
            None => cbor::to_vec(&older),
        };
        Ok(bytes.map_err(|_| MessageError::Malformed(NAME))?)
    }

    /// Returns whether a record is of the version whose rooms all had one master key. Such a record
    /// is read, and its chain key made from its bytes, so that every copy of it knows the rooms
    /// that any other adds.
    #[must_use]
    pub fn is_without_chain_key(bytes: &[u8]) -> bool {
        check_cbor_version(NAME, bytes, VERSION_WITHOUT_CHAIN_KEY).is_ok()
    }

    /// Parses and checks a record, also one of the version before.
    ///
    /// # Errors
    /// The first check that fails.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, VenueError> {
        let wire = Wire::read(bytes)?;
        let point = |source| MessageError::Point { field: Part::OrganisationPublicKey, source };
        Ok(Self {
            master_public_key: MasterPublicKey::from_bytes(&wire.master_public_key)
                .map_err(point)?,
            venue_public_key: MasterPublicKey::from_bytes(&wire.venue_public_key).map_err(point)?,
            sealed_half: exactly(Part::AuthoritySealedKey, &wire.sealed_half)?,
            derivation: wire.derivation,
            chain_key: ChainKey::from_bytes(exactly(
                Part::OrganisationChainKey,
                wire.chain_key.as_slice(),
            )?),
            upload_key: match wire.version {
                VERSION => {
                    let key = exactly(Part::AuthorityUploadKey, &wire.upload_key)?;
                    Some(SealPublicKey::from_bytes(key))
                }
                _ => None,
            },
        })
    }

    /// Returns what the room of a code adds to the organisation's key: nothing where the code was
    /// made before rooms had keys of their own.
    fn room_key(&self, entry_code: &EntryCode) -> Result<Option<MasterSecretKey>, VenueError> {
        let key = *entry_code.master_public_key();
        // [VEN-10]
        if key == self.master_public_key {
            return Ok(None);
        }
        // [VEN-5] [VEN-8]
        let room_key = self.chain_key.room_key(&entry_code.seed()?)?;
        match self.room_public_key(&room_key)? == key {
            true => Ok(Some(room_key)),
            false => Err(VenueError::ForeignEntryCode),
        }
    }

    fn room_public_key(&self, room_key: &MasterSecretKey) -> Result<MasterPublicKey, VenueError> {
        let sum = self.master_public_key.sum(&room_key.public_key());
        let field = Part::RoomPublicKey;
        sum.map_err(|source| MessageError::Point { field, source }.into())
    }
}

impl WireWithoutUploadKey {
    fn with(self, upload_key: &[u8], version: u8) -> Wire {
        Wire {
            version,
            master_public_key: self.master_public_key,
            venue_public_key: self.venue_public_key,
            sealed_half: self.sealed_half,
            derivation: self.derivation,
            chain_key: self.chain_key,
            upload_key: ByteBuf::from(upload_key),
        }
    }
}

impl Wire {
    fn read(bytes: &[u8]) -> Result<Self, VenueError> {
        let malformed = |_| MessageError::Malformed(NAME);
        if Organisation::is_without_chain_key(bytes) {
            // [VEN-10]
            let older: WireWithoutChainKey = cbor::from_slice(bytes).map_err(malformed)?;
            return Ok(Self {
                version: older.version,
                master_public_key: older.master_public_key,
                venue_public_key: older.venue_public_key,
                sealed_half: older.sealed_half,
                derivation: older.derivation,
                chain_key: SecretBytes::new(ChainKey::of_older_record(bytes)?.as_bytes()),
                upload_key: ByteBuf::new(),
            });
        }
        if check_cbor_version(NAME, bytes, VERSION_WITHOUT_UPLOAD_KEY).is_ok() {
            let older: WireWithoutUploadKey = cbor::from_slice(bytes).map_err(malformed)?;
            return Ok(older.with(&[], VERSION_WITHOUT_UPLOAD_KEY));
        }
        check_cbor_version(NAME, bytes, VERSION)?;
        Ok(cbor::from_slice(bytes).map_err(malformed)?)
    }
}

fn no_key(source: ScalarError) -> MessageError {
    MessageError::Scalar { field: Part::OrganisationKey, source }
}

fn master_secret_key(
    derivation: &Derivation,
    passphrase: &Passphrase,
) -> Result<MasterSecretKey, VenueError> {
    let uniform = derivation.derive::<64>(passphrase)?;
    Ok(MasterSecretKey::from_uniform(&uniform).map_err(no_key)?)
}
