//! The scheme's hashes: to scalars, to G1 (H1), from GT (HT).

use sha2::{Digest, Sha256, Sha512};
use subtle::{Choice, ConditionallySelectable};
use zeroize::Zeroizing;

use super::encoding::curve_g1;
use super::field::Fp;
use super::group::{G1, Gt, Scalar};
use super::native::{FP_LENGTH, SCALAR_LENGTH};
use crate::wipe;

/// sqrt(-3), the root that mcl uses.
const C1: [u8; FP_LENGTH] = little_endian(
    "be32ce5fbeed9ca374d38c0ed41eefd5bb675277cdf12d11bc2fb026c41400045c03fffffffdfffd",
);
/// (sqrt(-3) - 1) / 2.
const C2: [u8; FP_LENGTH] = little_endian(
    "5f19672fdf76ce51ba69c6076a0f77eaddb3a93be6f89688de17d813620a00022e01fffffffefffe",
);

/// Hashes the concatenated parts with SHA-256 to a scalar of 32 bytes, little-endian: clears the
/// top bit, and the next one too where the value is still not below r.
#[must_use]
pub fn hash_to_scalar(parts: &[&[u8]]) -> Zeroizing<[u8; SCALAR_LENGTH]> {
    wipe::apart(|| Zeroizing::new(*scalar_of(parts).as_bytes()))
}

pub(super) fn scalar_of(parts: &[&[u8]]) -> Scalar {
    // [IBE-4]
    let digest = parts.iter().fold(Sha256::new(), |hash, part| hash.chain_update(part)).finalize();
    mask_scalar(&Zeroizing::new(digest.into()))
}

/// Makes a scalar of 32 little-endian bytes by clearing bits, not by reduction.
#[must_use]
pub fn mask_to_scalar(bytes: &[u8; SCALAR_LENGTH]) -> Zeroizing<[u8; SCALAR_LENGTH]> {
    wipe::apart(|| Zeroizing::new(*mask_scalar(bytes).as_bytes()))
}

pub(super) fn mask_scalar(bytes: &[u8; SCALAR_LENGTH]) -> Scalar {
    // [IBE-4]
    let mut masked = Zeroizing::new(*bytes);
    masked[SCALAR_LENGTH - 1] &= 0x7f;
    let mask = u8::conditional_select(&0x3f, &0x7f, Scalar::is_below_order(&masked));
    masked[SCALAR_LENGTH - 1] &= mask;
    Scalar::from_masked(masked)
}

/// Hashes a byte string to a point of G1, as mcl does (H1, without a domain separation tag).
#[must_use]
pub fn hash_to_g1(message: &[u8]) -> G1 {
    wipe::apart(|| point_of(message))
}

pub(super) fn point_of(message: &[u8]) -> G1 {
    // [IBE-5]
    map_to_g1(field_element(message))
}

/// Returns HT, the SHA-256 of the 576 bytes of an element of GT.
pub(super) fn hash_gt(element: &Gt) -> Zeroizing<[u8; 32]> {
    // [IBE-6]
    Zeroizing::new(Sha256::digest(element.to_bytes().as_slice()).into())
}

/// Returns the first 48 bytes of SHA-512, masked to 381 bits and, where not below p, to 380.
fn field_element(message: &[u8]) -> Fp {
    let digest = Sha512::digest(message);
    let mut bytes = [0; FP_LENGTH];
    bytes.iter_mut().zip(digest.iter()).for_each(|(byte, hashed)| *byte = *hashed);
    bytes[FP_LENGTH - 1] &= 0x1f;
    let (_, below_modulus) = Fp::reduced(&bytes);
    bytes[FP_LENGTH - 1] &= u8::conditional_select(&0x0f, &0x1f, below_modulus);
    Fp::reduced(&bytes).0
}

/// Returns the Fouque–Tibouchi map of Barreto–Naehrig curves as mcl applies it, then the full
/// cofactor. All three candidates are computed, and the same steps made whichever is taken.
fn map_to_g1(t: Fp) -> G1 {
    let one = Fp::from_small(1);
    // w = b / a and its inverse from one inversion. Both are zero where a or b is.
    let (a, b) = (t.square().add(Fp::from_small(5)), constant(&C1).mul(t));
    let inverse = a.mul(b).inverse();
    let (w, w_inverse) = (b.square().mul(inverse), a.square().mul(inverse));
    let x0 = constant(&C2).sub(t.mul(w));
    let x1 = x0.neg().sub(one);
    let x2 = one.add(w_inverse.square());
    // The first that a point of the curve has. Asking costs a sixth of taking the root.
    let x = Fp::conditional_select(&x2, &x1, curve_g1(x1).is_square());
    let x = Fp::conditional_select(&x, &x0, curve_g1(x0).is_square());
    let (y, on_curve) = curve_g1(x).root();
    let y = y.negative_if(!t.is_square());
    // Zero leads to no point, and no message is known to hash to it.
    let [x, y] = [x, y].map(|coordinate| zero_unless(on_curve, coordinate));
    G1::from_coordinates(x, y).clear_cofactor()
}

fn zero_unless(choice: Choice, element: Fp) -> Fp {
    Fp::conditional_select(&Fp::ZERO, &element, choice)
}

fn constant(bytes: &[u8; FP_LENGTH]) -> Fp {
    Fp::from_le_bytes(bytes).unwrap_or(Fp::ZERO)
}

/// Returns the little-endian bytes of a hexadecimal number.
const fn little_endian(hex: &str) -> [u8; FP_LENGTH] {
    let hex = hex.as_bytes();
    let mut bytes = [0; FP_LENGTH];
    let mut i = 0;
    while i < hex.len() {
        let digit = hex[hex.len() - 1 - i];
        let value = if digit <= b'9' { digit - b'0' } else { digit - b'a' + 10 };
        bytes[i / 2] |= value << (4 * (i % 2));
        i += 1;
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_constants_are_what_their_names_say() {
        // [IBE-5]
        let (c1, c2) = (constant(&C1), constant(&C2));
        let one = Fp::from_small(1);
        assert!(c1.square().add(Fp::from_small(3)) == Fp::ZERO, "c1 squared is -3");
        assert!(c2.add(c2).add(one) == c1, "c2 is half of c1 - 1");
    }

    #[test]
    fn exceptional_field_elements_map_into_the_subgroup() {
        for t in [Fp::ZERO, Fp::from_small(1), Fp::from_small(1).neg()] {
            assert!(map_to_g1(t).in_subgroup());
        }
        assert!(map_to_g1(Fp::ZERO).is_identity());
    }
}
