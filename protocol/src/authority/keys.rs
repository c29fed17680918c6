//! The authority's secret keys.

use std::fmt;

use ed25519_dalek::{SigningKey, VerifyingKey};
use rand_core::CryptoRng;
use zeroize::Zeroizing;

use crate::ibe::{MasterPublicKey, MasterSecretKey};
use crate::sealed_box::{SealPublicKey, SealSecretKey};

/// The Ed25519 key that signs log, profile and requests, and the X25519 key that uploads and the
/// authority's halves of venue keys are sealed to; where the authority enables index cases, their
/// master key as well. Zeroized on drop; `Debug` shows nothing.
#[derive(Clone)]
pub struct AuthorityKeys {
    log: SigningKey,
    upload: SealSecretKey,
    index: Option<MasterSecretKey>,
}

impl AuthorityKeys {
    /// Length in bytes: 32 of the Ed25519 seed, 32 of the X25519 key. An index master key adds 32.
    pub const LENGTH: usize = 64;

    /// Random keys.
    pub fn generate<R: CryptoRng>(rng: &mut R) -> Self {
        let mut seed = Zeroizing::new([0; 32]);
        rng.fill_bytes(seed.as_mut_slice());
        let (log, upload) = (SigningKey::from_bytes(&seed), SealSecretKey::generate(rng));
        Self { log, upload, index: None }
    }

    /// The same keys with an index master key: whoever holds it can make the key of every hour of
    /// every venue that carries its public counterpart.
    #[must_use]
    pub fn with_index_key(self, index: MasterSecretKey) -> Self {
        Self { index: Some(index), ..self }
    }

    /// Keys from their 64 bytes, or 96 with an index master key; `None` for anything else.
    #[must_use]
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        // [IDX-1]
        let (seed, rest) = bytes.split_first_chunk::<32>()?;
        let (upload, index) = rest.split_first_chunk::<32>()?;
        let index = match index {
            [] => None,
            index => Some(MasterSecretKey::from_bytes(index).ok()?),
        };
        let (log, upload) = (SigningKey::from_bytes(seed), SealSecretKey::from_bytes(upload));
        Some(Self { log, upload, index })
    }

    /// The bytes of the keys. They are the secret itself.
    #[must_use]
    pub fn to_bytes(&self) -> Zeroizing<Vec<u8>> {
        // The capacity is reserved: a growing vector would leave copies behind.
        let mut bytes = Zeroizing::new(Vec::with_capacity(Self::LENGTH + MasterSecretKey::LENGTH));
        bytes.extend_from_slice(self.log.as_bytes());
        bytes.extend_from_slice(self.upload.to_bytes().as_slice());
        if let Some(index) = &self.index {
            bytes.extend_from_slice(index.to_bytes().as_slice());
        }
        bytes
    }

    /// The key that signs checkpoints, profiles and requests.
    #[must_use]
    pub const fn log_key(&self) -> &SigningKey {
        &self.log
    }

    /// The public counterpart of the log key.
    #[must_use]
    pub fn log_public_key(&self) -> VerifyingKey {
        self.log.verifying_key()
    }

    /// The key that opens uploads.
    #[must_use]
    pub const fn upload_key(&self) -> &SealSecretKey {
        &self.upload
    }

    /// The public counterpart of the upload key.
    #[must_use]
    pub fn upload_public_key(&self) -> SealPublicKey {
        self.upload.public_key()
    }

    /// The index master key, where the authority has one.
    #[must_use]
    pub const fn index_key(&self) -> Option<&MasterSecretKey> {
        self.index.as_ref()
    }

    /// The public counterpart of the index master key, for the profile.
    #[must_use]
    pub fn index_public_key(&self) -> Option<MasterPublicKey> {
        self.index.as_ref().map(MasterSecretKey::public_key)
    }
}

impl fmt::Debug for AuthorityKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // [IBE-10]
        f.write_str("AuthorityKeys(redacted)")
    }
}
