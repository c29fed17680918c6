//! libsodium's boxes: the anonymous sealed box (X25519) and the secretbox, XSalsa20-Poly1305 both.

use std::fmt;

use crypto_box::{PublicKey, SecretKey};
use crypto_secretbox::aead::Aead;
use crypto_secretbox::{AeadInPlace, KeyInit, Tag, XSalsa20Poly1305};
use rand_core::CryptoRng;
use serde::{Deserialize, Serialize};
use zeroize::{ZeroizeOnDrop, Zeroizing};

use crate::wipe;

/// The number of bytes by which a sealed box is longer than its message.
pub const SEAL_OVERHEAD: usize = 48;
/// Length of a secretbox nonce in bytes.
pub(crate) const NONCE_LENGTH: usize = 24;

/// An X25519 public key, 32 bytes: anyone can seal to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct SealPublicKey(#[serde(with = "serde_bytes")] [u8; 32]);

impl SealPublicKey {
    /// Reads a key from its 32 bytes.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// Returns the 32 bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// Seals `message` so that only the holder of the secret key can open it: 48 bytes longer.
    /// `None` when the message is too long for the cipher.
    pub fn seal<R: CryptoRng>(&self, message: &[u8], rng: &mut R) -> Option<Vec<u8>> {
        wipe::apart(|| PublicKey::from(self.0).seal(&mut OlderRng(rng), message).ok())
    }
}

/// An X25519 secret key, 32 bytes, and those that it replaced: what was sealed to them still
/// opens. Zeroized on drop; `Debug` shows nothing.
#[derive(Clone)]
pub struct SealSecretKey {
    // As bytes: `crypto_box` wipes but one of the two copies that its own type keeps.
    key: Zeroizing<[u8; 32]>,
    retired: Vec<Zeroizing<[u8; 32]>>,
}

impl ZeroizeOnDrop for SealSecretKey {}

impl SealSecretKey {
    /// Draws a random key.
    pub fn generate<R: CryptoRng>(rng: &mut R) -> Self {
        let mut bytes = Zeroizing::new([0; 32]);
        rng.fill_bytes(bytes.as_mut_slice());
        Self::from_bytes(&bytes)
    }

    /// Reads a key from its 32 bytes.
    #[must_use]
    pub fn from_bytes(bytes: &[u8; 32]) -> Self {
        Self { key: Zeroizing::new(*bytes), retired: Vec::new() }
    }

    /// Returns the same key in the place of `before` and of those that `before` had replaced.
    #[must_use]
    pub fn replacing(mut self, before: &Self) -> Self {
        // [PRO-7]
        // The capacity is reserved: a growing vector would leave copies behind.
        let mut retired = Vec::with_capacity(1 + before.retired.len());
        retired.push(before.key.clone());
        retired.extend(before.retired.iter().cloned());
        self.retired = retired;
        self
    }

    /// Returns the keys that this one replaced, the latest first.
    pub(crate) fn retired(&self) -> impl ExactSizeIterator<Item = Zeroizing<[u8; 32]>> {
        self.retired.iter().cloned()
    }

    /// Returns the 32 bytes of the key itself. They are the secret.
    #[must_use]
    pub fn to_bytes(&self) -> Zeroizing<[u8; 32]> {
        self.key.clone()
    }

    /// Returns the public key.
    #[must_use]
    pub fn public_key(&self) -> SealPublicKey {
        wipe::apart(|| SealPublicKey(*SecretKey::from(*self.key).public_key().as_bytes()))
    }

    /// Opens what was sealed to the public key, or to that of a key that this one replaced; `None`
    /// for anything else.
    #[must_use]
    pub fn open(&self, sealed: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
        // [PRO-7]
        let mut keys = std::iter::once(&self.key).chain(&self.retired);
        keys.find_map(|key| {
            wipe::apart(|| SecretKey::from(**key).unseal(sealed).ok().map(Zeroizing::new))
        })
    }
}

impl fmt::Debug for SealSecretKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // [IBE-10]
        f.write_str("SealSecretKey(redacted)")
    }
}

/// Encrypts with a secretbox: tag (16 bytes) then ciphertext. `None` when the message is too long.
#[must_use]
pub fn seal_secretbox(
    key: &[u8; 32],
    nonce: &[u8; NONCE_LENGTH],
    message: &[u8],
) -> Option<Vec<u8>> {
    wipe::apart(|| XSalsa20Poly1305::new(key.into()).encrypt(nonce.into(), message).ok())
}

/// Opens a secretbox; `None` for any other key, nonce or bytes.
#[must_use]
pub fn open_secretbox(
    key: &[u8; 32],
    nonce: &[u8; NONCE_LENGTH],
    sealed: &[u8],
) -> Option<Zeroizing<Vec<u8>>> {
    wipe::apart(|| {
        XSalsa20Poly1305::new(key.into()).decrypt(nonce.into(), sealed).ok().map(Zeroizing::new)
    })
}

/// A secretbox on which many keys are tried.
pub(crate) struct Secretbox<'a> {
    nonce: &'a [u8; NONCE_LENGTH],
    tag: &'a Tag,
    sealed: &'a [u8],
    /// What is decrypted in place, so that a trial allocates nothing.
    buffer: Zeroizing<Vec<u8>>,
}

impl<'a> Secretbox<'a> {
    /// Makes a box of a tag (16 bytes) and a ciphertext. Returns `None` for fewer bytes than a tag
    /// has.
    pub(crate) fn new(nonce: &'a [u8; NONCE_LENGTH], sealed: &'a [u8]) -> Option<Self> {
        let (tag, sealed) = sealed.split_at_checked(XSalsa20Poly1305::TAG_SIZE)?;
        let buffer = Zeroizing::new(sealed.to_vec());
        Some(Self { nonce, tag: Tag::from_slice(tag), sealed, buffer })
    }

    /// Returns whether `key` opens the box. The tag is checked first: a key that does not open the
    /// box costs no decryption and leaves the buffer as it was.
    pub(crate) fn opens_with(&mut self, key: &[u8; 32]) -> bool {
        let cipher = XSalsa20Poly1305::new(key.into());
        let nonce = self.nonce.into();
        let opened = cipher.decrypt_in_place_detached(nonce, &[], &mut self.buffer, self.tag);
        if opened.is_ok() {
            self.buffer.copy_from_slice(self.sealed);
        }
        opened.is_ok()
    }
}

/// The caller's generator, as the older `rand_core` sees it that `crypto_box` asks for.
struct OlderRng<'a, R>(&'a mut R);

impl<R: CryptoRng> rand_core_06::RngCore for OlderRng<'_, R> {
    fn next_u32(&mut self) -> u32 {
        self.0.next_u32()
    }

    fn next_u64(&mut self) -> u64 {
        self.0.next_u64()
    }

    fn fill_bytes(&mut self, bytes: &mut [u8]) {
        self.0.fill_bytes(bytes);
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), rand_core_06::Error> {
        self.0.fill_bytes(bytes);
        Ok(())
    }
}

impl<R: CryptoRng> rand_core_06::CryptoRng for OlderRng<'_, R> {}

#[cfg(test)]
mod tests {
    use rand_chacha::ChaCha20Rng;
    use rand_core::SeedableRng as _;

    use super::*;
    use crate::ibe::remains::{freed, has, of_dropped};

    const MESSAGE: &[u8] = b"a message of more than a dozen bytes";

    #[test]
    fn dropped_keys_are_overwritten() {
        // [IBE-10]
        let mut rng = ChaCha20Rng::seed_from_u64(1);
        let (old, new) = (SealSecretKey::generate(&mut rng), SealSecretKey::generate(&mut rng));
        let secrets = [old.to_bytes(), new.to_bytes()];
        let key = new.replacing(&old);
        assert!(has(key.to_bytes().as_slice(), secrets[1].as_slice()));
        let blocks = freed(|| key.clone());
        assert!(!blocks.is_empty(), "the retired keys are in the heap");
        let remains = blocks.into_iter().chain([of_dropped(key)]);
        for remains in remains {
            assert!(secrets.iter().all(|secret| !has(&remains, secret.as_slice())));
        }
    }

    #[test]
    fn opened_messages_are_overwritten() {
        // [IBE-10]
        let mut rng = ChaCha20Rng::seed_from_u64(1);
        let key = SealSecretKey::generate(&mut rng);
        let sealed = key.public_key().seal(MESSAGE, &mut rng).expect("sealed");
        let boxed = seal_secretbox(&[1; 32], &[2; 24], MESSAGE).expect("sealed");
        for blocks in [
            freed(|| key.open(&sealed).expect("opens")),
            freed(|| open_secretbox(&[1; 32], &[2; 24], &boxed).expect("opens")),
        ] {
            assert!(blocks.iter().any(|block| block.len() >= MESSAGE.len()), "nothing is seen");
            assert!(blocks.iter().all(|block| !has(block, MESSAGE)));
        }
    }
}
