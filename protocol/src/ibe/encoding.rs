//! mcl's encodings of scalars and points: little-endian, compressed, the sign by parity.

use subtle::Choice;

use super::field::{Fp, Fp2};
use super::group::{G1, G2, Scalar};
use super::native::{FP_LENGTH, SCALAR_LENGTH};

/// Length of an encoded point of G1 in bytes.
pub const G1_LENGTH: usize = FP_LENGTH;
/// Length of an encoded point of G2 in bytes.
pub const G2_LENGTH: usize = 2 * FP_LENGTH;

/// The bit of the last byte that says that y is odd.
const ODD: u8 = 0x80;

/// Why bytes were refused as a point.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PointError {
    /// Not 48 bytes for G1 or 96 bytes for G2.
    #[error("a point has {expected} bytes, not {found}")]
    Length {
        /// The length that the group's points have.
        expected: usize,
        /// The length of the refused bytes.
        found: usize,
    },
    /// A coordinate is not below the field's modulus.
    #[error("it is damaged or forged: a coordinate of the point is not below the modulus")]
    NotCanonical,
    /// No point of the curve has this x.
    #[error("it is damaged or forged: the point does not lie on the curve")]
    NotOnCurve,
    /// On the curve, but outside the subgroup of prime order.
    #[error("it is damaged or forged: the point lies outside the subgroup of prime order")]
    NotInSubgroup,
    /// The neutral element, which no key may be.
    #[error("it is damaged or forged: the point is the identity")]
    Identity,
}

/// Why bytes were refused as a secret scalar.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ScalarError {
    /// Not 32 bytes.
    #[error("a secret key has 32 bytes")]
    Length,
    /// Not below the group order.
    #[error("the secret key is not below the group order")]
    NotCanonical,
    /// Zero, which no secret key may be.
    #[error("the secret key is zero")]
    Zero,
}

/// Decodes a nonzero scalar from 32 little-endian bytes.
pub(super) fn decode_secret_scalar(bytes: &[u8]) -> Result<Scalar, ScalarError> {
    // [IBE-1]
    let bytes: &[u8; SCALAR_LENGTH] = bytes.try_into().map_err(|_| ScalarError::Length)?;
    if bytes.iter().fold(0, |any, byte| any | byte) == 0 {
        return Err(ScalarError::Zero);
    }
    Scalar::from_le_bytes(bytes).ok_or(ScalarError::NotCanonical)
}

/// Decodes a point of G1 from 48 bytes: on the curve, in the subgroup, not the identity.
///
/// # Errors
/// One [`PointError`] for each of these.
pub fn decode_g1(bytes: &[u8]) -> Result<G1, PointError> {
    // [IBE-2]
    let bytes: &[u8; G1_LENGTH] = bytes
        .try_into()
        .map_err(|_| PointError::Length { expected: G1_LENGTH, found: bytes.len() })?;
    if bytes.iter().all(|byte| *byte == 0) {
        return Err(PointError::Identity);
    }
    let (x, odd) = take_sign(bytes);
    let x = Fp::from_le_bytes(&x).ok_or(PointError::NotCanonical)?;
    let y = curve_g1(x).sqrt().ok_or(PointError::NotOnCurve)?;
    let point = G1::from_coordinates(x, y.negative_if(y.is_odd() ^ odd));
    // [IBE-3]
    if point.in_subgroup() { Ok(point) } else { Err(PointError::NotInSubgroup) }
}

/// Decodes a point of G2 from 96 bytes: on the curve, in the subgroup, not the identity.
///
/// # Errors
/// One [`PointError`] for each of these.
pub fn decode_g2(bytes: &[u8]) -> Result<G2, PointError> {
    // [IBE-2]
    let length = PointError::Length { expected: G2_LENGTH, found: bytes.len() };
    let ([real, imaginary], []) = bytes.as_chunks::<FP_LENGTH>() else {
        return Err(length);
    };
    if bytes.iter().all(|byte| *byte == 0) {
        return Err(PointError::Identity);
    }
    let (imaginary, odd) = take_sign(imaginary);
    let real = Fp::from_le_bytes(real).ok_or(PointError::NotCanonical)?;
    let imaginary = Fp::from_le_bytes(&imaginary).ok_or(PointError::NotCanonical)?;
    let x = Fp2::new(real, imaginary);
    let y = curve_g2(x).sqrt().ok_or(PointError::NotOnCurve)?;
    let point = G2::from_coordinates(x, y.negative_if(y.real().is_odd() ^ odd));
    // [IBE-3]
    if point.in_subgroup() { Ok(point) } else { Err(PointError::NotInSubgroup) }
}

/// Returns 48 bytes; zeros for the identity.
#[must_use]
pub fn encode_g1(point: &G1) -> [u8; G1_LENGTH] {
    if point.is_identity() {
        return [0; G1_LENGTH];
    }
    let (x, y) = point.coordinates();
    put_sign(x.to_le_bytes(), y.is_odd())
}

/// Returns 96 bytes, the real part of x first; zeros for the identity.
#[must_use]
pub fn encode_g2(point: &G2) -> [u8; G2_LENGTH] {
    let mut bytes = [0; G2_LENGTH];
    if !point.is_identity() {
        let (x, y) = point.coordinates();
        let (real, imaginary) = bytes.split_at_mut(FP_LENGTH);
        real.copy_from_slice(&x.real().to_le_bytes());
        imaginary.copy_from_slice(&put_sign(x.imaginary().to_le_bytes(), y.real().is_odd()));
    }
    bytes
}

/// Returns x³ + 4.
pub(super) fn curve_g1(x: Fp) -> Fp {
    x.square().mul(x).add(Fp::from_small(4))
}

/// Returns x³ + 4(1 + u).
fn curve_g2(x: Fp2) -> Fp2 {
    let four = Fp::from_small(4);
    x.square().mul(&x).add(&Fp2::new(four, four))
}

// The sign is never branched on: keys and what the codes of visited venues carry pass here.

fn take_sign(bytes: &[u8; FP_LENGTH]) -> ([u8; FP_LENGTH], Choice) {
    let mut coordinate = *bytes;
    coordinate[FP_LENGTH - 1] &= !ODD;
    (coordinate, Choice::from(bytes[FP_LENGTH - 1] >> 7))
}

fn put_sign(mut coordinate: [u8; FP_LENGTH], odd: Choice) -> [u8; FP_LENGTH] {
    coordinate[FP_LENGTH - 1] |= odd.unwrap_u8() << 7;
    coordinate
}
