//! Ed25519 signatures (RFC 8032): one kind of key signs the log, profiles, requests and approvals.

use std::fmt;

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

impl fmt::Debug for SignSecretKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // [IBE-10]
        f.write_str("SignSecretKey(redacted)")
    }
}
