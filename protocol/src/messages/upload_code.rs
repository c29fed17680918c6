//! The upload code: what the authority reads out to a venue, good for one upload.

use std::fmt;
use std::str::FromStr;

use rand_core::CryptoRng;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use super::{MessageError, RangeError};
use crate::domain;

const SECRET_BYTES: usize = 10;
const SYMBOLS: usize = 18;
const GROUP: usize = 6;
const CHECK_BITS: usize = 10;

/// Crockford's base32: no I, L, O, U, so that a code survives being read over the telephone.
pub(super) const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// A one-time upload code: 80 random bits and 10 check bits, written as `ABCDEF-GHJKMN-PQRSTV`.
/// A secret: zeroized on drop, `Debug` shows nothing.
#[derive(Clone, PartialEq, Eq, Zeroize, ZeroizeOnDrop)]
pub struct UploadCode([u8; SECRET_BYTES]);

impl UploadCode {
    pub(super) const SYMBOLS: usize = SYMBOLS;

    /// A random code.
    pub fn generate<R: CryptoRng>(rng: &mut R) -> Self {
        let mut code = Self([0; SECRET_BYTES]);
        rng.fill_bytes(&mut code.0);
        code
    }

    /// The code as people write it, 18 symbols in three groups.
    #[must_use]
    pub fn to_text(&self) -> Zeroizing<String> {
        let bits = u128::from_be_bytes(self.wide()) << CHECK_BITS | u128::from(self.check());
        let mut text = Zeroizing::new(String::with_capacity(SYMBOLS + 2));
        for place in 0..SYMBOLS {
            if place > 0 && place.is_multiple_of(GROUP) {
                text.push('-');
            }
            let index = (bits >> (5 * (SYMBOLS - 1 - place)) & 31) as usize;
            text.extend(ALPHABET.get(index).map(|symbol| char::from(*symbol)));
        }
        text
    }

    /// The hash under which the code is registered, and which binds an upload to it.
    #[must_use]
    pub fn hash(&self) -> CodeHash {
        CodeHash(
            Sha256::new().chain_update(domain::UPLOAD_CODE).chain_update(self.0).finalize().into(),
        )
    }

    /// Two numbers below 32 that bind a window code to this upload code.
    pub(super) fn window_check(&self) -> [u8; 2] {
        // [VEN-6]
        let hash = Sha256::new().chain_update(domain::WINDOW_CODE).chain_update(self.0).finalize();
        let first = u16::from_be_bytes([hash[0], hash[1]]) >> (16 - CHECK_BITS);
        [(first >> 5) as u8, (first & 31) as u8]
    }

    #[cfg(test)]
    pub(super) const fn from_secret(secret: [u8; SECRET_BYTES]) -> Self {
        Self(secret)
    }

    fn check(&self) -> u16 {
        let hash =
            Sha256::new().chain_update(domain::UPLOAD_CODE_CHECK).chain_update(self.0).finalize();
        let first = u16::from_be_bytes([hash[0], hash[1]]);
        first >> (16 - CHECK_BITS)
    }

    fn wide(&self) -> [u8; 16] {
        let mut wide = [0; 16];
        wide[16 - SECRET_BYTES..].copy_from_slice(&self.0);
        wide
    }
}

impl FromStr for UploadCode {
    type Err = MessageError;

    /// Reads a code as people type it: case, width, spaces and dashes do not matter, O is 0, I and L
    /// are 1.
    fn from_str(text: &str) -> Result<Self, MessageError> {
        // [VEN-4]
        let mut bits = 0_u128;
        let mut symbols = 0;
        for symbol in text.chars().filter_map(crate::text::symbol) {
            let value = value_of(symbol)
                .ok_or(MessageError::OutOfRange(RangeError::CodeSymbol("upload code")))?;
            bits = bits << 5 | u128::from(value);
            symbols += 1;
        }
        if symbols != SYMBOLS {
            return Err(MessageError::CodeLength {
                code: "upload code",
                found: symbols,
                expected: SYMBOLS,
            });
        }
        let wide = Zeroizing::new((bits >> CHECK_BITS).to_be_bytes());
        let code = Self(super::exactly("upload code", &wide[16 - SECRET_BYTES..])?);
        let check = (bits & ((1 << CHECK_BITS) - 1)) as u16;
        if code.check() == check {
            Ok(code)
        } else {
            Err(MessageError::OutOfRange(RangeError::CheckSymbols("upload code")))
        }
    }
}

/// A symbol's place in the alphabet, as people type it.
pub(super) fn value_of(symbol: char) -> Option<u8> {
    // [VEN-4]
    let symbol = match symbol.to_ascii_uppercase() {
        'O' => '0',
        'I' | 'L' => '1',
        other => other,
    };
    let place = ALPHABET.iter().position(|known| char::from(*known) == symbol)?;
    u8::try_from(place).ok()
}

impl fmt::Debug for UploadCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // [IBE-10]
        f.write_str("UploadCode(redacted)")
    }
}

/// SHA-256 of an upload code: 32 bytes. With 80 random bits inside, it gives nothing away.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct CodeHash(#[serde(with = "serde_bytes")] [u8; 32]);

impl CodeHash {
    /// A hash from its 32 bytes.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The 32 bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}
