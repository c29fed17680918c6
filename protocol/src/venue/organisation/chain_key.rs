//! The chain key: from an organisation's master key to those of its rooms.

use std::fmt;

use hkdf::Hkdf;
use rand_core::CryptoRng;
use sha2::Sha256;
use subtle::ConstantTimeEq;
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use crate::ibe::MasterSecretKey;
use crate::messages::{EntryCode, MessageError, Part};
use crate::{domain, wipe};

/// The secret that ties an organisation's rooms together: 32 bytes. It opens nothing. Wiped on drop;
/// `Debug` shows nothing.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub(super) struct ChainKey([u8; 32]);

impl ChainKey {
    pub(super) fn generate<R: CryptoRng>(rng: &mut R) -> Self {
        let mut key = Self([0; 32]);
        rng.fill_bytes(&mut key.0);
        key
    }

    pub(super) const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    pub(super) const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// Returns the chain key of a record that has none. A random one would differ in each copy of
    /// the record, and none could answer for a room that was added with another.
    pub(super) fn of_older_record(record: &[u8]) -> Result<Self, MessageError> {
        // [VEN-10]
        let mut key = Self([0; 32]);
        expand(record, &[domain::ORGANISATION_RECORD], &mut key.0)?;
        Ok(key)
    }

    /// Returns what the room whose code carries `seed` adds to the organisation's master key.
    pub(super) fn room_key(
        &self,
        seed: &[u8; EntryCode::SEED_LENGTH],
    ) -> Result<MasterSecretKey, MessageError> {
        // [VEN-8]
        let mut uniform = Zeroizing::new([0; 64]);
        expand(&self.0, &[domain::ROOM_KEY, seed], uniform.as_mut_slice())?;
        MasterSecretKey::from_uniform(&uniform)
            .map_err(|source| MessageError::Scalar { field: Part::RoomKey, source })
    }
}

fn expand(secret: &[u8], info: &[&[u8]], output: &mut [u8]) -> Result<(), MessageError> {
    wipe::apart(|| {
        let hkdf = Hkdf::<Sha256>::new(None, secret);
        hkdf.expand_multi_info(info, output).map_err(|_| MessageError::Malformed(Part::RoomKey))
    })
}

impl PartialEq for ChainKey {
    fn eq(&self, other: &Self) -> bool {
        // [IBE-10]
        self.0.ct_eq(&other.0).into()
    }
}

impl Eq for ChainKey {}

impl fmt::Debug for ChainKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // [IBE-10]
        f.write_str("ChainKey(redacted)")
    }
}
