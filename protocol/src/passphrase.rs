//! Keys from passphrases, through Argon2id (RFC 9106).

use std::fmt;

use argon2::{Algorithm, Argon2, Block, Params, Version};
use rand_core::CryptoRng;
use serde::{Deserialize, Serialize};
use serde_tuple::{Deserialize_tuple, Serialize_tuple};
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use crate::text::{is_blank, nfc};
use crate::wipe;

const SALT_LENGTH: usize = 16;
/// The most memory that a file from outside may ask for: 1 GiB.
const MAX_MEMORY_KIB: u32 = 1 << 20;
const MAX_PASSES: u32 = 64;
const MAX_LANES: u32 = 16;

/// Why no key could be derived.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PassphraseError {
    /// Parameters outside of what Argon2id allows, or of what is sane to ask of a device.
    #[error(
        "the cost of the passphrase is out of range: it takes memory of 8 KiB for each lane to \
         {MAX_MEMORY_KIB} KiB, 1 to {MAX_PASSES} passes and 1 to {MAX_LANES} lanes"
    )]
    Cost,
    /// Nothing, or nothing but blanks.
    #[error("the passphrase is empty, or blank")]
    Empty,
    /// Too short to protect a key that anyone may try to guess at leisure.
    #[error("the passphrase has fewer than {0} characters; take a longer one")]
    TooShort(usize),
}

/// How much work one guess at a passphrase costs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "(u32, u32, u32)", into = "(u32, u32, u32)")]
pub struct Cost {
    memory_kib: u32,
    passes: u32,
    lanes: u32,
}

impl Cost {
    /// The second choice that RFC 9106 section 4 recommends: 64 MiB, 3 passes, 4 lanes.
    pub const RECOMMENDED: Self = Self { memory_kib: 65_536, passes: 3, lanes: 4 };

    /// Makes a cost of memory in KiB (8·lanes to 2²⁰), passes (1 to 64) and lanes (1 to 16).
    ///
    /// # Errors
    /// [`PassphraseError::Cost`] outside these ranges.
    pub fn new(memory_kib: u32, passes: u32, lanes: u32) -> Result<Self, PassphraseError> {
        let sane = memory_kib <= MAX_MEMORY_KIB && passes <= MAX_PASSES && lanes <= MAX_LANES;
        Params::new(memory_kib, passes, lanes, None)
            .ok()
            .filter(|_| sane)
            .map(|_| Self { memory_kib, passes, lanes })
            .ok_or(PassphraseError::Cost)
    }

    /// Returns memory in KiB, passes and lanes.
    #[must_use]
    pub const fn parts(self) -> (u32, u32, u32) {
        (self.memory_kib, self.passes, self.lanes)
    }
}

impl TryFrom<(u32, u32, u32)> for Cost {
    type Error = PassphraseError;

    fn try_from((memory_kib, passes, lanes): (u32, u32, u32)) -> Result<Self, PassphraseError> {
        Self::new(memory_kib, passes, lanes)
    }
}

impl From<Cost> for (u32, u32, u32) {
    fn from(cost: Cost) -> Self {
        cost.parts()
    }
}

/// Cost and salt: what has to be kept, openly, to derive the same key again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize_tuple, Deserialize_tuple)]
pub struct Derivation {
    cost: Cost,
    #[serde(with = "serde_bytes")]
    salt: [u8; SALT_LENGTH],
}

impl Derivation {
    /// Makes a derivation with a random salt.
    pub fn generate<R: CryptoRng>(cost: Cost, rng: &mut R) -> Self {
        let mut salt = [0; SALT_LENGTH];
        rng.fill_bytes(&mut salt);
        Self { cost, salt }
    }

    pub(crate) const fn from_parts(cost: Cost, salt: [u8; SALT_LENGTH]) -> Self {
        Self { cost, salt }
    }

    pub(crate) const fn cost(&self) -> Cost {
        self.cost
    }

    pub(crate) const fn salt(&self) -> &[u8; SALT_LENGTH] {
        &self.salt
    }

    /// Derives `N` bytes from the passphrase.
    pub(crate) fn derive<const N: usize>(
        &self,
        passphrase: &Passphrase,
    ) -> Result<Zeroizing<[u8; N]>, PassphraseError> {
        let (memory_kib, passes, lanes) = self.cost.parts();
        let params =
            Params::new(memory_kib, passes, lanes, Some(N)).map_err(|_| PassphraseError::Cost)?;
        let mut blocks = Blocks::new(params.block_count()).ok_or(PassphraseError::Cost)?;
        let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
        let (passphrase, blocks) = (passphrase.0.as_bytes(), blocks.0.as_mut_slice());
        wipe::apart(|| {
            let mut key = Zeroizing::new([0; N]);
            argon2
                .hash_password_into_with_memory(passphrase, &self.salt, key.as_mut_slice(), blocks)
                .map_err(|_| PassphraseError::Cost)?;
            Ok(key)
        })
    }
}

/// The memory that Argon2id fills. Whoever read it could derive the key: wiped on drop, which
/// `argon2` leaves to its caller.
struct Blocks(Vec<Block>);

impl Blocks {
    /// Returns the memory, or `None` where there is not as much.
    fn new(count: usize) -> Option<Self> {
        let mut blocks = Vec::new();
        blocks.try_reserve_exact(count).ok()?;
        blocks.resize(count, Block::new());
        Some(Self(blocks))
    }
}

impl Drop for Blocks {
    fn drop(&mut self) {
        // [IBE-10]
        self.0.iter_mut().for_each(Zeroize::zeroize);
    }
}

/// A passphrase. Zeroized on drop; `Debug` shows nothing.
#[derive(Clone, ZeroizeOnDrop)]
pub struct Passphrase(Zeroizing<String>);

impl Passphrase {
    /// Makes a passphrase of what was typed, without a byte order mark before it and the line break
    /// at its end, in Unicode's normalization form C: another keyboard or editor gives the same.
    ///
    /// # Errors
    /// [`PassphraseError::Empty`] for nothing, or nothing but blanks.
    pub fn new(text: &str) -> Result<Self, PassphraseError> {
        // [VEN-11]
        let text = text.strip_prefix('\u{feff}').unwrap_or(text).trim_end_matches(['\r', '\n']);
        if is_blank(text) {
            return Err(PassphraseError::Empty);
        }
        Ok(Self(nfc(text)))
    }

    /// Refuses a passphrase of fewer characters than `least`.
    pub(crate) fn at_least(&self, least: usize) -> Result<(), PassphraseError> {
        if self.0.chars().count() < least { Err(PassphraseError::TooShort(least)) } else { Ok(()) }
    }
}

impl fmt::Debug for Passphrase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // [IBE-10]
        f.write_str("Passphrase(redacted)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ibe::remains::{freed, has};

    const TEXT: &str = "correct horse battery staple";

    #[test]
    fn a_passphrase_is_the_same_from_every_keyboard_and_editor() {
        // [VEN-11]
        let key = |text: &str| {
            let derivation = Derivation::from_parts(Cost::new(8, 1, 1)?, [7; SALT_LENGTH]);
            derivation.derive::<32>(&Passphrase::new(text)?)
        };
        let composed = key("暖簾のガラス Caf\u{e9}").expect("a key");
        for text in [
            "暖簾のカ\u{3099}ラス Cafe\u{301}",
            "\u{feff}暖簾のガラス Caf\u{e9}\r\n",
            "暖簾のガラス Cafe\u{301}\n",
        ] {
            assert_eq!(key(text).as_ref(), Ok(&composed), "{text:?}");
        }
        for text in
            ["暖簾のカラス Café", "暖簾のガラス Café ", "暖簾のガラス café", "暖簾のｶﾞﾗｽ Café"]
        {
            assert_ne!(key(text).as_ref(), Ok(&composed), "{text:?}");
        }
        for text in ["", "\n", "\r\n", "\u{feff}", "\u{feff}\n", "  ", "\u{3000}", "\u{200b}"] {
            assert_eq!(key(text).err(), Some(PassphraseError::Empty), "{text:?}");
        }
    }

    #[test]
    fn a_dropped_passphrase_is_overwritten() {
        // [IBE-10]
        let blocks = freed(|| Passphrase::new(TEXT).expect("a passphrase").clone());
        assert_eq!(blocks.iter().filter(|block| block.len() >= TEXT.len()).count(), 2);
        assert!(blocks.iter().all(|block| !has(block, TEXT.as_bytes())));
    }

    #[test]
    fn the_memory_that_a_passphrase_was_stretched_in_is_overwritten() {
        // [IBE-10]
        let derivation = Derivation::from_parts(Cost::new(64, 1, 1).expect("a cost"), [1; 16]);
        let passphrase = Passphrase::new(TEXT).expect("a passphrase");
        let blocks = freed(|| derivation.derive::<32>(&passphrase).expect("a key"));
        let large: Vec<_> = blocks.iter().filter(|block| block.len() >= 64 * 1_024).collect();
        assert!(!large.is_empty(), "nothing is seen");
        assert!(large.iter().all(|block| block.iter().all(|byte| *byte == 0)));
    }
}
