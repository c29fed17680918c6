//! Deterministic CBOR (RFC 8949 section 4.2) for everything that Noren defines itself.
//!
//! A value has exactly one accepted encoding: what was decoded is encoded again and compared, so
//! trailing bytes, longer forms of a number, indefinite lengths and unknown members are all refused
//! by one rule.

use std::io::{self, Write};

use serde::{Deserialize, Serialize, de::DeserializeOwned};
use zeroize::{Zeroize, ZeroizeOnDrop};

/// Why bytes were refused as CBOR.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub(crate) enum CborError {
    /// Not CBOR, or not of the expected shape.
    #[error("it is cut off, damaged or something else")]
    Malformed,
    /// Decodes, but is not the one deterministic encoding of its value.
    #[error("it was changed, or is not by Noren: its bytes are not those that its content has")]
    NotDeterministic,
}

/// Secret bytes on their way into an encoding or out of one: wiped on drop.
#[derive(Serialize, Deserialize, Zeroize, ZeroizeOnDrop)]
#[serde(transparent)]
pub(crate) struct SecretBytes(#[serde(with = "serde_bytes")] Vec<u8>);

impl SecretBytes {
    pub(crate) fn new(bytes: &[u8]) -> Self {
        // [IBE-10]
        Self(bytes.to_vec())
    }

    pub(crate) fn as_slice(&self) -> &[u8] {
        &self.0
    }
}

/// Returns the deterministic encoding of `value`.
///
/// # Errors
/// [`CborError::Malformed`] when the value has no CBOR form; none of Noren's own types lacks one.
pub(crate) fn to_vec<T: Serialize>(value: &T) -> Result<Vec<u8>, CborError> {
    // Measured before it is written: a growing vector would leave copies of secrets behind.
    let mut length = Length(0);
    serde_cbor::to_writer(&mut length, value).map_err(|_| CborError::Malformed)?;
    let mut bytes = Vec::with_capacity(length.0);
    serde_cbor::to_writer(&mut bytes, value).map_err(|_| CborError::Malformed)?;
    Ok(bytes)
}

/// Decodes the one deterministic encoding of a value.
pub(crate) fn from_slice<T: Serialize + DeserializeOwned>(bytes: &[u8]) -> Result<T, CborError> {
    let value: T = serde_cbor::from_slice(bytes).map_err(|_| CborError::Malformed)?;
    let mut expected = Expected(bytes);
    match serde_cbor::to_writer(&mut expected, &value) {
        Ok(()) if expected.0.is_empty() => Ok(value),
        _ => Err(CborError::NotDeterministic),
    }
}

/// Counts the bytes that are written.
struct Length(usize);

impl Write for Length {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0 += bytes.len();
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// What is still to be written; the first byte that differs is an error.
struct Expected<'a>(&'a [u8]);

impl Write for Expected<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0 = self.0.strip_prefix(bytes).ok_or(io::ErrorKind::InvalidData)?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_value_has_one_encoding() {
        assert_eq!(from_slice::<(u8, u8)>(&[0x82, 1, 2]), Ok((1, 2)));
        for (bytes, what) in [
            (&[0x82, 1, 2, 0][..], "trailing byte"),
            (&[0x82, 1][..], "truncated"),
            (&[0x82, 0x18, 1, 2][..], "longer form of a number"),
            (&[0x9f, 1, 2, 0xff][..], "indefinite length"),
            (&[0x83, 1, 2, 3][..], "unknown member"),
        ] {
            assert!(from_slice::<(u8, u8)>(bytes).is_err(), "{what}");
        }
    }
}
