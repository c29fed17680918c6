//! The groups: a safe face on blst.
//!
//! Points are kept in affine form. Multiplication by a scalar is blst's constant-time ladder.

use std::sync::OnceLock;

use blst::{
    blst_fp2, blst_fp6, blst_fp12, blst_p1, blst_p1_affine, blst_p2, blst_p2_affine, blst_scalar,
};
use subtle::Choice;
use zeroize::{Zeroize, Zeroizing};

use super::field::{Fp, Fp2, Fp12};
use super::final_exponentiation::final_exponentiations;
use super::native::{self, FP_LENGTH, LINES, SCALAR_LENGTH};

/// Length of an element of GT in bytes.
const GT_LENGTH: usize = 12 * FP_LENGTH;

mod cofactor;

/// An integer below the group order r, little-endian. Secret: zeroized on drop.
#[derive(Clone)]
pub(super) struct Scalar(Zeroizing<[u8; SCALAR_LENGTH]>);

impl Scalar {
    /// Reads 32 little-endian bytes. Returns `None` when the value is not below r.
    pub(super) fn from_le_bytes(bytes: &[u8; SCALAR_LENGTH]) -> Option<Self> {
        bool::from(Self::is_below_order(bytes)).then(|| Self(Zeroizing::new(*bytes)))
    }

    /// Returns whether 32 little-endian bytes are below r, in constant time.
    pub(super) fn is_below_order(bytes: &[u8; SCALAR_LENGTH]) -> Choice {
        let mut scalar = native::scalar_from_lendian(bytes);
        let below_order = native::scalar_fr_check(&scalar);
        scalar.b.zeroize();
        Choice::from(u8::from(below_order))
    }

    /// Reads 32 little-endian bytes that were masked to a value below r.
    pub(super) fn from_masked(bytes: Zeroizing<[u8; SCALAR_LENGTH]>) -> Self {
        debug_assert!(bool::from(Self::is_below_order(&bytes)), "the masks give less than r");
        Self(bytes)
    }

    /// Reads 64 little-endian bytes and reduces them modulo r.
    pub(super) fn from_wide(bytes: &[u8; 64]) -> Self {
        let mut scalar = native::scalar_from_le_bytes(bytes);
        let mut reduced = Zeroizing::new([0; SCALAR_LENGTH]);
        native::lendian_from_scalar(&mut reduced, &scalar);
        scalar.b.zeroize();
        Self(reduced)
    }

    pub(super) fn as_bytes(&self) -> &[u8; SCALAR_LENGTH] {
        &self.0
    }

    /// Returns the sum modulo r, in constant time, or `None` for zero.
    pub(super) fn checked_add(&self, other: &Self) -> Option<Self> {
        let [mut a, mut b] = [self, other].map(|x| native::scalar_from_lendian(x.as_bytes()));
        let mut sum = blst_scalar::default();
        let is_key = native::sk_add_n_check(&mut sum, &a, &b);
        let mut bytes = Zeroizing::new([0; SCALAR_LENGTH]);
        native::lendian_from_scalar(&mut bytes, &sum);
        [&mut a, &mut b, &mut sum].into_iter().for_each(|scalar| scalar.b.zeroize());
        is_key.then_some(Self(bytes))
    }
}

/// A point of the group G1 (or, inside this crate before its check, of the curve).
#[derive(Clone, Copy)]
pub struct G1(blst_p1_affine);

impl PartialEq for G1 {
    fn eq(&self, other: &Self) -> bool {
        native::p1_affine_is_equal(&self.0, &other.0)
    }
}

impl Eq for G1 {}

impl G1 {
    /// Returns the generator g1.
    #[must_use]
    pub fn generator() -> Self {
        Self(native::p1_affine_generator())
    }

    /// Returns a point from coordinates that the caller has found on the curve.
    pub(super) const fn from_coordinates(x: Fp, y: Fp) -> Self {
        Self(blst_p1_affine { x: x.0, y: y.0 })
    }

    pub(super) const fn coordinates(&self) -> (Fp, Fp) {
        (Fp(self.0.x), Fp(self.0.y))
    }

    pub(super) fn in_subgroup(&self) -> bool {
        native::p1_affine_in_g1(&self.0)
    }

    pub(super) fn is_identity(&self) -> bool {
        native::p1_affine_is_inf(&self.0)
    }

    pub(super) fn add(&self, other: &Self) -> Self {
        let sum = native::p1_add_or_double_affine(&self.projective(), &other.0);
        Self(native::p1_to_affine(&sum))
    }

    pub(super) fn neg(&self) -> Self {
        let mut point = self.projective();
        native::p1_negate(&mut point);
        Self(native::p1_to_affine(&point))
    }

    pub(super) fn mul(&self, scalar: &Scalar) -> Self {
        let product = native::p1_mult(&self.projective(), scalar.as_bytes());
        Self(native::p1_to_affine(&product))
    }

    fn projective(&self) -> blst_p1 {
        native::p1_from_affine(&self.0)
    }
}

impl Zeroize for G1 {
    fn zeroize(&mut self) {
        self.0.x.l.zeroize();
        self.0.y.l.zeroize();
    }
}

/// A point of the group G2 (or, inside this crate before its check, of the curve's twist).
#[derive(Clone, Copy)]
pub struct G2(blst_p2_affine);

impl PartialEq for G2 {
    fn eq(&self, other: &Self) -> bool {
        native::p2_affine_is_equal(&self.0, &other.0)
    }
}

impl Eq for G2 {}

impl G2 {
    /// Returns the generator g2.
    #[must_use]
    pub fn generator() -> Self {
        Self(native::p2_affine_generator())
    }

    /// Returns a point from coordinates that the caller has found on the curve.
    pub(super) const fn from_coordinates(x: Fp2, y: Fp2) -> Self {
        Self(blst_p2_affine { x: x.0, y: y.0 })
    }

    pub(super) const fn coordinates(&self) -> (Fp2, Fp2) {
        (Fp2(self.0.x), Fp2(self.0.y))
    }

    pub(super) fn in_subgroup(&self) -> bool {
        native::p2_affine_in_g2(&self.0)
    }

    pub(super) fn is_identity(&self) -> bool {
        native::p2_affine_is_inf(&self.0)
    }

    pub(super) fn add(&self, other: &Self) -> Self {
        let sum = native::p2_add_or_double_affine(&self.projective(), &other.0);
        Self(native::p2_to_affine(&sum))
    }

    pub(super) fn mul(&self, scalar: &Scalar) -> Self {
        let product = native::p2_mult(&self.projective(), scalar.as_bytes());
        Self(native::p2_to_affine(&product))
    }

    fn projective(&self) -> blst_p2 {
        native::p2_from_affine(&self.0)
    }
}

/// A point of G2 with the lines of its Miller loop, for many pairings with it: 19.6 kB. Computing
/// the lines takes less than what they save in two pairings.
#[derive(Clone)]
pub(super) struct PreparedG2(Box<[blst_fp6; LINES]>);

impl PreparedG2 {
    /// Returns the lines of a point that is not the identity.
    pub(super) fn new(point: &G2) -> Self {
        debug_assert!(!point.is_identity(), "the identity has no lines");
        let mut lines = Box::new([blst_fp6::default(); LINES]);
        native::precompute_lines(&mut lines, &point.0);
        Self(lines)
    }

    /// Returns the generator g2, whose lines are computed once.
    pub(super) fn generator() -> &'static Self {
        static LINES: OnceLock<PreparedG2> = OnceLock::new();
        LINES.get_or_init(|| Self::new(&G2::generator()))
    }

    /// Returns the lines as triples (a, b, c): at a point (x, y) a line is a − 2x·b·w² + 2y·c·w³.
    #[cfg(all(target_arch = "x86_64", feature = "eight-lanes"))]
    pub(super) fn lines(&self) -> impl Iterator<Item = [Fp2; 3]> {
        self.0.iter().map(|line| line.fp2.map(Fp2))
    }

    /// Returns the Miller loop with `p`.
    pub(super) fn miller_loop(&self, p: &G1) -> Fp12 {
        Fp12(native::miller_loop_lines(&self.0, &p.0))
    }

    /// Returns the pairing e(p, q) with the point q that was prepared. For the identity it is one,
    /// without a branch: its coordinates are zeros, of every line a constant of Fp2 is left, and of
    /// these the final exponentiation makes one.
    pub(super) fn pairing(&self, p: &G1) -> Gt {
        // [IBE-6]
        Gt(self.miller_loop(p).final_exponentiation())
    }

    /// Returns the pairings with many points, none of them the identity. This is faster than one by
    /// one.
    pub(super) fn pairings<'a>(&self, points: impl IntoIterator<Item = &'a G1>) -> Vec<Gt> {
        let values: Vec<Fp12> = points.into_iter().map(|p| self.miller_loop(p)).collect();
        final_exponentiations(&values).into_iter().map(Gt).collect()
    }
}

/// An element of the target group GT.
#[derive(Clone, Copy, PartialEq)]
pub struct Gt(pub(super) Fp12);

impl Eq for Gt {}

impl Gt {
    /// Returns the neutral element.
    #[must_use]
    pub fn one() -> Self {
        Self(Fp12::one())
    }

    /// Returns 576 bytes: twelve little-endian coordinates of 48 bytes, the tower's lowest first.
    #[must_use]
    pub fn to_bytes(&self) -> Zeroizing<[u8; GT_LENGTH]> {
        // [IBE-6]
        let mut bytes = Zeroizing::new([0; GT_LENGTH]);
        let coordinates = self.0.0.fp6.iter().flat_map(|fp6| &fp6.fp2).flat_map(|fp2| &fp2.fp);
        for (chunk, coordinate) in bytes.chunks_exact_mut(FP_LENGTH).zip(coordinates) {
            chunk.copy_from_slice(&Fp(*coordinate).to_le_bytes());
        }
        bytes
    }

    /// Reads 576 bytes. Returns `None` for another length or a coordinate that is not below p. Does
    /// not check membership in the group: no step of the protocol takes an element of GT from
    /// outside.
    #[must_use]
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let bytes: &[u8; GT_LENGTH] = bytes.try_into().ok()?;
        let (chunks, _) = bytes.as_chunks::<FP_LENGTH>();
        let mut coordinates = chunks.iter().map(|chunk| Fp::from_le_bytes(chunk).map(|fp| fp.0));
        let mut fp2 = || Some(blst_fp2 { fp: [coordinates.next()??, coordinates.next()??] });
        let mut fp6 = || Some(blst_fp6 { fp2: [fp2()?, fp2()?, fp2()?] });
        Some(Self(Fp12(blst_fp12 { fp6: [fp6()?, fp6()?] })))
    }

    /// Returns `self` to the power of a 32-byte little-endian exponent. Not constant time.
    #[must_use]
    pub fn pow(&self, exponent: &[u8; SCALAR_LENGTH]) -> Self {
        let bits = exponent.iter().rev().flat_map(|byte| (0..8).rev().map(move |i| byte >> i & 1));
        bits.fold(Self::one(), |power, bit| {
            let square = power.0.square();
            Self(if bit == 1 { square.mul(&self.0) } else { square })
        })
    }
}

/// Returns the pairing e(p, q), equal to mcl's value; one when either point is the identity.
#[must_use]
pub fn pairing(p: &G1, q: &G2) -> Gt {
    // [IBE-6]
    if p.is_identity() || q.is_identity() {
        return Gt::one();
    }
    Gt(Fp12(native::miller_loop(&q.0, &p.0)).final_exponentiation())
}

/// Returns whether e(p1, q1) = e(p2, q2), with one final exponentiation for both. No point may be
/// the identity.
pub(super) fn pairings_equal(p1: &G1, q1: &PreparedG2, p2: &G1, q2: &PreparedG2) -> bool {
    let quotient = q1.miller_loop(p1).mul(&q2.miller_loop(&p2.neg()));
    quotient.final_exponentiation() == Fp12::one()
}
