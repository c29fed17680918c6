//! Ed25519 signatures (RFC 8032): one kind of key signs the log, profiles, requests and approvals.

use std::error::Error;
use std::fmt;
use std::sync::Arc;

use ed25519_dalek::{Signature, Signer as _, SigningKey, VerifyingKey};
use rand_core::CryptoRng;
use zeroize::{ZeroizeOnDrop, Zeroizing};

use crate::wipe;

/// The length of a signature in bytes.
pub(crate) const SIGNATURE_LENGTH: usize = 64;

/// An Ed25519 public key, which is no small-order point. A log's clients pin it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct SignPublicKey(VerifyingKey);

impl SignPublicKey {
    /// The length in bytes.
    pub const LENGTH: usize = 32;

    /// Reads a key from its 32 bytes. Returns `None` where they are no point of the curve, or one
    /// of small order, for which anybody can make signatures.
    #[must_use]
    pub fn from_bytes(bytes: &[u8; Self::LENGTH]) -> Option<Self> {
        VerifyingKey::from_bytes(bytes).ok().filter(|key| !key.is_weak()).map(Self)
    }

    /// Returns the 32 bytes of the key.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8; Self::LENGTH] {
        self.0.as_bytes()
    }

    /// Returns whether `signature` is this key's over `message`, strictly as RFC 8032 says.
    #[must_use]
    pub fn has_signed(&self, message: &[u8], signature: &[u8; SIGNATURE_LENGTH]) -> bool {
        self.0.verify_strict(message, &Signature::from_bytes(signature)).is_ok()
    }
}

/// An Ed25519 secret key. Zeroized on drop; `Debug` shows nothing.
#[derive(Clone)]
pub struct SignSecretKey(SigningKey);

impl ZeroizeOnDrop for SignSecretKey {}

impl SignSecretKey {
    /// The length of the seed in bytes.
    pub const LENGTH: usize = 32;

    /// Draws a random key.
    pub fn generate<R: CryptoRng>(rng: &mut R) -> Self {
        let mut seed = Zeroizing::new([0; Self::LENGTH]);
        rng.fill_bytes(seed.as_mut_slice());
        Self::from_bytes(&seed)
    }

    /// Returns the key of a seed of 32 bytes.
    #[must_use]
    pub fn from_bytes(seed: &[u8; Self::LENGTH]) -> Self {
        Self(wipe::apart(|| SigningKey::from_bytes(seed)))
    }

    /// Returns the 32 bytes of the seed. They are the secret itself.
    #[must_use]
    pub fn to_bytes(&self) -> Zeroizing<[u8; Self::LENGTH]> {
        Zeroizing::new(*self.0.as_bytes())
    }

    /// Returns the public key.
    #[must_use]
    pub fn public_key(&self) -> SignPublicKey {
        SignPublicKey(self.0.verifying_key())
    }

    /// Returns the signature over `message`, 64 bytes.
    #[must_use]
    pub fn sign(&self, message: &[u8]) -> [u8; SIGNATURE_LENGTH] {
        self.0.sign(message).to_bytes()
    }
}

/// Why a key that is kept elsewhere did not sign.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum SignError {
    /// The key is kept elsewhere, and nobody said who signs with it.
    #[error("the key is kept elsewhere, and no program is named that signs with it")]
    Absent,
    /// What came is no signature by this key over this message.
    #[error("what came is no signature by the key that was asked")]
    WrongSignature,
    /// The reason that whoever keeps the key gave.
    #[error(transparent)]
    Failed(Arc<dyn Error + Send + Sync>),
}

impl SignError {
    /// Returns the error for a reason.
    pub fn new(reason: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::Failed(Arc::from(reason.into()))
    }
}

impl PartialEq for SignError {
    /// Returns whether it is the same kind; of two reasons, whether it is the very same one.
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Absent, Self::Absent) | (Self::WrongSignature, Self::WrongSignature) => true,
            (Self::Failed(one), Self::Failed(other)) => Arc::ptr_eq(one, other),
            _ => false,
        }
    }
}

impl Eq for SignError {}

/// A secret Ed25519 key (RFC 8032), wherever it is kept: at hand, as [`SignSecretKey`], or in a token, a
/// hardware module or another program, which can fail. What it gives is verified before it is used.
pub trait Sign {
    /// Returns the public key.
    fn public_key(&self) -> SignPublicKey;

    /// Returns the signature over `message`, 64 bytes.
    ///
    /// # Errors
    /// [`SignError`] where whoever keeps the key does not sign.
    fn sign(&self, message: &[u8]) -> Result<[u8; SIGNATURE_LENGTH], SignError>;
}

impl Sign for SignSecretKey {
    fn public_key(&self) -> SignPublicKey {
        Self::public_key(self)
    }

    fn sign(&self, message: &[u8]) -> Result<[u8; SIGNATURE_LENGTH], SignError> {
        Ok(Self::sign(self, message))
    }
}

/// A key that is kept elsewhere, with nobody to ask.
pub(crate) struct Absent(pub(crate) SignPublicKey);

impl Sign for Absent {
    fn public_key(&self) -> SignPublicKey {
        self.0
    }

    fn sign(&self, _: &[u8]) -> Result<[u8; SIGNATURE_LENGTH], SignError> {
        Err(SignError::Absent)
    }
}

/// Returns the signature over `message` once it is known to be one.
pub(crate) fn signed(key: &dyn Sign, message: &[u8]) -> Result<[u8; SIGNATURE_LENGTH], SignError> {
    // [PRO-15]
    let signature = key.sign(message)?;
    let is_right = key.public_key().has_signed(message, &signature);
    is_right.then_some(signature).ok_or(SignError::WrongSignature)
}

impl fmt::Debug for SignSecretKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // [IBE-10]
        f.write_str("SignSecretKey(redacted)")
    }
}
