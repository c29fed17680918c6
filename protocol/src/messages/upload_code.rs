//! The upload code: what the authority reads out to a venue, good for one upload.
//!
//! Two values are computed from it. A client shows the server the [`UploadTicket`], which admits
//! one upload. The [`CodeBinding`] is sealed inside of the upload: whoever has only the ticket, as
//! the server has, cannot make an upload that the authority takes for the venue's.

use std::fmt;
use std::str::FromStr;

use rand_core::CryptoRng;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq as _;
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use super::{MessageError, Part, RangeError};
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

    /// Draws a random code.
    pub fn generate<R: CryptoRng>(rng: &mut R) -> Self {
        let mut code = Self([0; SECRET_BYTES]);
        rng.fill_bytes(&mut code.0);
        code
    }

    /// Returns the code as people write it, 18 symbols in three groups.
    #[must_use]
    pub fn to_text(&self) -> Zeroizing<String> {
        written(&self.0, domain::UPLOAD_CODE_CHECK)
    }

    /// Returns the ticket, which is what the server is shown.
    #[must_use]
    pub fn ticket(&self) -> UploadTicket {
        // [VEN-4]
        let hash =
            Sha256::new().chain_update(domain::UPLOAD_TICKET).chain_update(self.0).finalize();
        let mut ticket = [0; SECRET_BYTES];
        ticket.iter_mut().zip(hash).for_each(|(to, from)| *to = from);
        UploadTicket(ticket)
    }

    /// Returns the hash under which the code's ticket is registered at the server.
    #[must_use]
    pub fn hash(&self) -> CodeHash {
        self.ticket().hash()
    }

    /// Returns what binds an upload to the code. A secret that the server does not learn.
    #[must_use]
    pub fn binding(&self) -> CodeBinding {
        // [VEN-3] [REV-2]
        let hash = Sha256::new().chain_update(domain::UPLOAD_BINDING).chain_update(self.0);
        CodeBinding(hash.finalize().into())
    }

    /// Returns two numbers below 32 that bind a window code to this upload code.
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
}

impl FromStr for UploadCode {
    type Err = MessageError;

    /// Reads a code as people type it: case, width, spaces and dashes do not matter, O is 0, I and L
    /// are 1.
    fn from_str(text: &str) -> Result<Self, MessageError> {
        read(text, Part::UploadCode, domain::UPLOAD_CODE_CHECK).map(Self)
    }
}

/// The part of an [`UploadCode`] that a client shows the server, or a random one in a dummy: 10
/// bytes, written as the code is. Good for one upload; nothing leads from it to the code.
#[derive(Clone, PartialEq, Eq, Zeroize, ZeroizeOnDrop)]
pub struct UploadTicket([u8; SECRET_BYTES]);

impl UploadTicket {
    /// Draws a random ticket, for a dummy.
    pub fn generate<R: CryptoRng>(rng: &mut R) -> Self {
        let mut ticket = Self([0; SECRET_BYTES]);
        rng.fill_bytes(&mut ticket.0);
        ticket
    }

    /// Returns the ticket as it stands in a request, 18 symbols in three groups.
    #[must_use]
    pub fn to_text(&self) -> Zeroizing<String> {
        written(&self.0, domain::UPLOAD_TICKET_CHECK)
    }

    /// Returns the hash under which the ticket is registered.
    #[must_use]
    pub fn hash(&self) -> CodeHash {
        let hash = Sha256::new().chain_update(domain::UPLOAD_CODE).chain_update(self.0);
        CodeHash(hash.finalize().into())
    }
}

impl FromStr for UploadTicket {
    type Err = MessageError;

    /// Reads a ticket as codes are read.
    fn from_str(text: &str) -> Result<Self, MessageError> {
        read(text, Part::UploadTicket, domain::UPLOAD_TICKET_CHECK).map(Self)
    }
}

impl fmt::Debug for UploadTicket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // [IBE-10]
        f.write_str("UploadTicket(redacted)")
    }
}

/// Returns the first bits of a hash over the ten bytes.
fn check(bytes: &[u8; SECRET_BYTES], domain: &[u8]) -> u16 {
    let hash = Sha256::new().chain_update(domain).chain_update(bytes).finalize();
    u16::from_be_bytes([hash[0], hash[1]]) >> (16 - CHECK_BITS)
}

/// Writes ten bytes and their check bits as 18 symbols in three groups.
fn written(bytes: &[u8; SECRET_BYTES], domain: &[u8]) -> Zeroizing<String> {
    // [VEN-4]
    let mut wide = Zeroizing::new([0; 16]);
    wide[16 - SECRET_BYTES..].copy_from_slice(bytes);
    let bits = u128::from_be_bytes(*wide) << CHECK_BITS | u128::from(check(bytes, domain));
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

/// Reads the ten bytes of what people typed.
fn read(text: &str, what: Part, domain: &[u8]) -> Result<[u8; SECRET_BYTES], MessageError> {
    // [VEN-4]
    let (mut bits, mut symbols) = (0_u128, 0);
    for symbol in text.chars().filter_map(crate::text::symbol) {
        let value =
            value_of(symbol).ok_or(MessageError::OutOfRange(RangeError::CodeSymbol(what)))?;
        bits = bits << 5 | u128::from(value);
        symbols += 1;
    }
    if symbols != SYMBOLS {
        return Err(MessageError::CodeLength { code: what, found: symbols, expected: SYMBOLS });
    }
    let wide = Zeroizing::new((bits >> CHECK_BITS).to_be_bytes());
    let bytes = super::exactly(what, &wide[16 - SECRET_BYTES..])?;
    let found = (bits & ((1 << CHECK_BITS) - 1)) as u16;
    if check(&bytes, domain) == found {
        Ok(bytes)
    } else {
        Err(MessageError::OutOfRange(RangeError::CheckSymbols(what)))
    }
}

/// Returns a symbol's place in the alphabet, as people type it.
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

/// SHA-256 of an upload ticket: 32 bytes, by which the server knows it. With 80 random bits inside,
/// it gives nothing away.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct CodeHash(#[serde(with = "serde_bytes")] [u8; 32]);

impl CodeHash {
    /// Returns a hash from its 32 bytes.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// Returns the 32 bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

/// The value in a sealed upload that shows that its sender was given the upload code: 32 bytes.
/// `Debug` shows nothing.
#[derive(Clone, Copy, Eq, Serialize, Deserialize)]
pub struct CodeBinding(#[serde(with = "serde_bytes")] [u8; 32]);

impl CodeBinding {
    /// Length in bytes.
    pub const LENGTH: usize = 32;

    /// Returns a binding from its 32 bytes.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; Self::LENGTH]) -> Self {
        Self(bytes)
    }

    /// Returns the 32 bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; Self::LENGTH] {
        &self.0
    }
}

impl PartialEq for CodeBinding {
    fn eq(&self, other: &Self) -> bool {
        self.0.ct_eq(&other.0).into()
    }
}

impl fmt::Debug for CodeBinding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // [IBE-10]
        f.write_str("CodeBinding(redacted)")
    }
}
