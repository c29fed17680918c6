//! The scheme's hashes: to scalars, to G1 (H1), from GT (HT).

use sha2::{Digest, Sha256, Sha512};
use zeroize::Zeroizing;

use super::encoding::curve_g1;
use super::field::{FP_LENGTH, Fp};
use super::group::{G1, Gt, SCALAR_LENGTH, Scalar};

/// sqrt(-3), the root that mcl uses.
const C1: [u8; FP_LENGTH] = little_endian(
    "be32ce5fbeed9ca374d38c0ed41eefd5bb675277cdf12d11bc2fb026c41400045c03fffffffdfffd",
);
/// (sqrt(-3) - 1) / 2.
const C2: [u8; FP_LENGTH] = little_endian(
    "5f19672fdf76ce51ba69c6076a0f77eaddb3a93be6f89688de17d813620a00022e01fffffffefffe",
);
/// The cofactor (z - 1)² / 3 of G1, in full.
const COFACTOR: [u8; FP_LENGTH] = little_endian("396c8c005555e1568c00aaab0000aaab");
/// More bits than the cofactor has, and few enough for blst's plain ladder.
const COFACTOR_BITS: usize = 128;

/// SHA-256 of the concatenated parts, taken as a scalar: the top bit is cleared, and the next one
/// too where the value is still not below r. 32 bytes, little-endian.
#[must_use]
pub fn hash_to_scalar(parts: &[&[u8]]) -> Zeroizing<[u8; SCALAR_LENGTH]> {
    // [IBE-4]
    let digest = parts.iter().fold(Sha256::new(), |hash, part| hash.chain_update(part)).finalize();
    let digest: Zeroizing<[u8; SCALAR_LENGTH]> = Zeroizing::new(digest.into());
    mask_to_scalar(&digest)
}

/// Makes a scalar of 32 little-endian bytes by clearing bits, not by reduction.
#[must_use]
pub fn mask_to_scalar(bytes: &[u8; SCALAR_LENGTH]) -> Zeroizing<[u8; SCALAR_LENGTH]> {
    Zeroizing::new(*mask_scalar(bytes).as_bytes())
}

pub(super) fn mask_scalar(bytes: &[u8; SCALAR_LENGTH]) -> Scalar {
    // [IBE-4]
    let mut masked = Zeroizing::new(*bytes);
    masked[SCALAR_LENGTH - 1] &= 0x7f;
    Scalar::from_le_bytes(&masked).unwrap_or_else(|| {
        masked[SCALAR_LENGTH - 1] &= 0x3f;
        Scalar::from_wide(&widen(&masked))
    })
}

/// H1: hashes a byte string to a point of G1, as mcl does (no domain separation tag).
#[must_use]
pub fn hash_to_g1(message: &[u8]) -> G1 {
    // [IBE-5]
    map_to_g1(field_element(message))
}

/// HT: SHA-256 of the 576 bytes of an element of GT.
pub(super) fn hash_gt(element: &Gt) -> Zeroizing<[u8; 32]> {
    // [IBE-6]
    Zeroizing::new(Sha256::digest(element.to_bytes().as_slice()).into())
}

/// The first 48 bytes of SHA-512, masked to 381 bits and, where not below p, to 380.
fn field_element(message: &[u8]) -> Fp {
    let digest = Sha512::digest(message);
    let mut bytes = [0; FP_LENGTH];
    bytes.iter_mut().zip(digest.iter()).for_each(|(byte, hashed)| *byte = *hashed);
    bytes[FP_LENGTH - 1] &= 0x1f;
    Fp::from_le_bytes(&bytes).unwrap_or_else(|| {
        bytes[FP_LENGTH - 1] &= 0x0f;
        Fp::from_le_bytes(&bytes).unwrap_or(Fp::ZERO)
    })
}

/// The Fouque–Tibouchi map of Barreto–Naehrig curves as mcl applies it, then the full cofactor.
fn map_to_g1(t: Fp) -> G1 {
    let one = Fp::from_small(1);
    let w = constant(&C1).mul(t).mul(t.square().add(Fp::from_small(5)).inverse());
    let x0 = constant(&C2).sub(t.mul(w));
    let x1 = x0.neg().sub(one);
    let x2 = one.add(w.square().inverse());
    let (x, y) = [x0, x1]
        .into_iter()
        .find_map(|x| Some((x, curve_g1(x).sqrt()?)))
        .unwrap_or_else(|| (x2, curve_g1(x2).sqrt().unwrap_or(Fp::ZERO)));
    let y = if t.is_square() { y } else { y.neg() };
    G1::from_coordinates(x, y).mul_bits(&COFACTOR, COFACTOR_BITS)
}

fn constant(bytes: &[u8; FP_LENGTH]) -> Fp {
    Fp::from_le_bytes(bytes).unwrap_or(Fp::ZERO)
}

fn widen(bytes: &[u8; SCALAR_LENGTH]) -> Zeroizing<[u8; 64]> {
    let mut wide = Zeroizing::new([0; 64]);
    wide[..SCALAR_LENGTH].copy_from_slice(bytes);
    wide
}

/// The little-endian bytes of a hexadecimal number.
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
    }
}
