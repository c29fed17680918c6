//! The authority's two secret keys.

use std::fmt;

use ed25519_dalek::{SigningKey, VerifyingKey};
use rand_core::CryptoRng;
use zeroize::Zeroizing;

use crate::sealed_box::{SealPublicKey, SealSecretKey};

/// The Ed25519 key that signs log, profile and requests, and the X25519 key that uploads and the
/// authority's halves of venue keys are sealed to. Zeroized on drop; `Debug` shows nothing.
#[derive(Clone)]
pub struct AuthorityKeys {
    log: SigningKey,
    upload: SealSecretKey,
}

impl AuthorityKeys {
    /// Length in bytes: 32 of the Ed25519 seed, 32 of the X25519 key.
    pub const LENGTH: usize = 64;

    /// Random keys.
    pub fn generate<R: CryptoRng>(rng: &mut R) -> Self {
        let mut seed = Zeroizing::new([0; 32]);
        rng.fill_bytes(seed.as_mut_slice());
        Self { log: SigningKey::from_bytes(&seed), upload: SealSecretKey::generate(rng) }
    }

    /// Keys from their 64 bytes; `None` for another length.
    #[must_use]
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (seed, upload) = bytes.split_first_chunk::<32>()?;
        let upload: Zeroizing<[u8; 32]> = Zeroizing::new(upload.try_into().ok()?);
        Some(Self { log: SigningKey::from_bytes(seed), upload: SealSecretKey::from_bytes(&upload) })
    }

    /// The 64 bytes of the keys. They are the secret itself.
    #[must_use]
    pub fn to_bytes(&self) -> Zeroizing<[u8; Self::LENGTH]> {
        let mut bytes = Zeroizing::new([0; Self::LENGTH]);
        let (log, upload) = bytes.split_at_mut(32);
        log.copy_from_slice(self.log.as_bytes());
        upload.copy_from_slice(self.upload.to_bytes().as_slice());
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
}

impl fmt::Debug for AuthorityKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // [IBE-10]
        f.write_str("AuthorityKeys(redacted)")
    }
}
