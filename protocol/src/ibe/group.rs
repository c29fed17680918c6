//! The field and the groups: a safe face on blst. The only `unsafe` of the crate.
//!
//! Field elements are kept in blst's Montgomery form, points in affine form. Multiplication by a
//! scalar is blst's constant-time ladder.
#![expect(unsafe_code, reason = "blst is a C library; this module is its only caller")]

use blst::{
    blst_final_exp, blst_fp, blst_fp_add, blst_fp_cneg, blst_fp_from_lendian, blst_fp_inverse,
    blst_fp_is_square, blst_fp_mul, blst_fp_sqr, blst_fp_sqrt, blst_fp_sub, blst_fp2, blst_fp2_add,
    blst_fp2_cneg, blst_fp2_mul, blst_fp2_sqr, blst_fp2_sqrt, blst_fp6, blst_fp12,
    blst_fp12_is_equal, blst_fp12_mul, blst_fp12_sqr, blst_lendian_from_fp,
    blst_lendian_from_scalar, blst_miller_loop, blst_p1, blst_p1_add_or_double_affine,
    blst_p1_affine, blst_p1_affine_generator, blst_p1_affine_in_g1, blst_p1_affine_is_equal,
    blst_p1_affine_is_inf, blst_p1_cneg, blst_p1_from_affine, blst_p1_mult, blst_p1_to_affine,
    blst_p2, blst_p2_add_or_double_affine, blst_p2_affine, blst_p2_affine_generator,
    blst_p2_affine_in_g2, blst_p2_affine_is_equal, blst_p2_affine_is_inf, blst_p2_from_affine,
    blst_p2_mult, blst_p2_to_affine, blst_scalar, blst_scalar_fr_check, blst_scalar_from_le_bytes,
    blst_scalar_from_lendian,
};
use zeroize::{Zeroize, Zeroizing};

/// Length of a base field element in bytes.
pub(super) const FP_LENGTH: usize = 48;
/// Length of a scalar in bytes.
pub(super) const SCALAR_LENGTH: usize = 32;
/// Length of an element of GT in bytes.
const GT_LENGTH: usize = 12 * FP_LENGTH;

/// Calls a blst function whose first argument is its result and whose others are inputs.
macro_rules! blst_result {
    ($type:ty, $function:ident, $($argument:expr),+) => {{
        let mut result = <$type>::default();
        // SAFETY: every argument is a reference to an initialised value of the type that blst
        // declares for it; blst reads the inputs, writes all of `result` and keeps no pointer.
        let _ = unsafe { $function(&mut result, $($argument),+) };
        result
    }};
}

/// Asks blst a yes-or-no question.
macro_rules! blst_ask {
    ($function:ident, $($argument:expr),+) => {{
        // SAFETY: every argument is a reference to an initialised value of the type that blst
        // declares for it; blst only reads them and keeps no pointer.
        unsafe { $function($($argument),+) }
    }};
}

mod cofactor;

/// An element of the base field.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Fp(blst_fp);

impl Fp {
    pub(super) const ZERO: Self = Self(blst_fp { l: [0; 6] });

    /// From 48 little-endian bytes; `None` when the value is not below p.
    pub(super) fn from_le_bytes(bytes: &[u8; FP_LENGTH]) -> Option<Self> {
        let element = Self(blst_result!(blst_fp, blst_fp_from_lendian, bytes.as_ptr()));
        (element.to_le_bytes() == *bytes).then_some(element)
    }

    pub(super) fn from_small(value: u8) -> Self {
        let mut bytes = [0; FP_LENGTH];
        bytes[0] = value;
        Self(blst_result!(blst_fp, blst_fp_from_lendian, bytes.as_ptr()))
    }

    pub(super) fn to_le_bytes(self) -> [u8; FP_LENGTH] {
        let mut bytes = [0; FP_LENGTH];
        // SAFETY: blst writes exactly 48 bytes and reads one initialised field element.
        unsafe { blst_lendian_from_fp(bytes.as_mut_ptr(), &self.0) };
        bytes
    }

    pub(super) fn is_odd(self) -> bool {
        self.to_le_bytes()[0] & 1 == 1
    }

    pub(super) fn add(self, other: Self) -> Self {
        Self(blst_result!(blst_fp, blst_fp_add, &self.0, &other.0))
    }

    pub(super) fn sub(self, other: Self) -> Self {
        Self(blst_result!(blst_fp, blst_fp_sub, &self.0, &other.0))
    }

    pub(super) fn mul(self, other: Self) -> Self {
        Self(blst_result!(blst_fp, blst_fp_mul, &self.0, &other.0))
    }

    pub(super) fn square(self) -> Self {
        Self(blst_result!(blst_fp, blst_fp_sqr, &self.0))
    }

    pub(super) fn neg(self) -> Self {
        Self(blst_result!(blst_fp, blst_fp_cneg, &self.0, true))
    }

    /// The inverse; zero for zero.
    pub(super) fn inverse(self) -> Self {
        Self(blst_result!(blst_fp, blst_fp_inverse, &self.0))
    }

    pub(super) fn is_square(self) -> bool {
        blst_ask!(blst_fp_is_square, &self.0)
    }

    /// The root `self^((p+1)/4)`; `None` for a non-square.
    pub(super) fn sqrt(self) -> Option<Self> {
        let root = Self(blst_result!(blst_fp, blst_fp_sqrt, &self.0));
        (root.square() == self).then_some(root)
    }
}

/// An element `a + b·u` of the quadratic extension.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Fp2(blst_fp2);

impl Fp2 {
    pub(super) const fn new(a: Fp, b: Fp) -> Self {
        Self(blst_fp2 { fp: [a.0, b.0] })
    }

    pub(super) const fn real(self) -> Fp {
        Fp(self.0.fp[0])
    }

    pub(super) const fn imaginary(self) -> Fp {
        Fp(self.0.fp[1])
    }

    pub(super) fn add(self, other: Self) -> Self {
        Self(blst_result!(blst_fp2, blst_fp2_add, &self.0, &other.0))
    }

    pub(super) fn mul(self, other: Self) -> Self {
        Self(blst_result!(blst_fp2, blst_fp2_mul, &self.0, &other.0))
    }

    pub(super) fn square(self) -> Self {
        Self(blst_result!(blst_fp2, blst_fp2_sqr, &self.0))
    }

    pub(super) fn neg(self) -> Self {
        Self(blst_result!(blst_fp2, blst_fp2_cneg, &self.0, true))
    }

    /// A square root; `None` for a non-square.
    pub(super) fn sqrt(self) -> Option<Self> {
        let root = Self(blst_result!(blst_fp2, blst_fp2_sqrt, &self.0));
        (root.square() == self).then_some(root)
    }
}

/// An integer below the group order r, little-endian. Secret: zeroized on drop.
#[derive(Clone)]
pub(super) struct Scalar(Zeroizing<[u8; SCALAR_LENGTH]>);

impl Scalar {
    /// From 32 little-endian bytes; `None` when the value is not below r.
    pub(super) fn from_le_bytes(bytes: &[u8; SCALAR_LENGTH]) -> Option<Self> {
        let mut scalar = blst_result!(blst_scalar, blst_scalar_from_lendian, bytes.as_ptr());
        let below_order = blst_ask!(blst_scalar_fr_check, &scalar);
        scalar.b.zeroize();
        below_order.then(|| Self(Zeroizing::new(*bytes)))
    }

    /// From 64 little-endian bytes, reduced modulo r.
    pub(super) fn from_wide(bytes: &[u8; 64]) -> Self {
        let mut scalar =
            blst_result!(blst_scalar, blst_scalar_from_le_bytes, bytes.as_ptr(), bytes.len());
        let mut reduced = Zeroizing::new([0; SCALAR_LENGTH]);
        // SAFETY: blst writes exactly 32 bytes and reads one initialised scalar.
        unsafe { blst_lendian_from_scalar(reduced.as_mut_ptr(), &scalar) };
        scalar.b.zeroize();
        Self(reduced)
    }

    pub(super) fn as_bytes(&self) -> &[u8; SCALAR_LENGTH] {
        &self.0
    }
}

/// A point of the group G1 (or, inside this crate before its check, of the curve).
#[derive(Clone, Copy)]
pub struct G1(blst_p1_affine);

impl PartialEq for G1 {
    fn eq(&self, other: &Self) -> bool {
        blst_ask!(blst_p1_affine_is_equal, &self.0, &other.0)
    }
}

impl Eq for G1 {}

impl G1 {
    /// The generator g1.
    #[must_use]
    pub fn generator() -> Self {
        // SAFETY: blst returns a pointer to a static, initialised point.
        Self(unsafe { *blst_p1_affine_generator() })
    }

    /// A point from coordinates that the caller has found on the curve.
    pub(super) const fn from_coordinates(x: Fp, y: Fp) -> Self {
        Self(blst_p1_affine { x: x.0, y: y.0 })
    }

    pub(super) const fn coordinates(&self) -> (Fp, Fp) {
        (Fp(self.0.x), Fp(self.0.y))
    }

    pub(super) fn in_subgroup(&self) -> bool {
        blst_ask!(blst_p1_affine_in_g1, &self.0)
    }

    pub(super) fn is_identity(&self) -> bool {
        blst_ask!(blst_p1_affine_is_inf, &self.0)
    }

    pub(super) fn add(&self, other: &Self) -> Self {
        let sum = blst_result!(blst_p1, blst_p1_add_or_double_affine, &self.projective(), &other.0);
        Self(blst_result!(blst_p1_affine, blst_p1_to_affine, &sum))
    }

    pub(super) fn neg(&self) -> Self {
        let mut point = self.projective();
        // SAFETY: blst negates one initialised point in place.
        unsafe { blst_p1_cneg(&mut point, true) };
        Self(blst_result!(blst_p1_affine, blst_p1_to_affine, &point))
    }

    pub(super) fn mul(&self, scalar: &Scalar) -> Self {
        self.mul_bits(scalar.as_bytes(), 255)
    }

    /// Multiplies by `bits` bits of a little-endian number. Right for points outside the subgroup
    /// only up to 175 bits: longer scalars take a path through the curve's endomorphism.
    pub(super) fn mul_bits(&self, number: &[u8], bits: usize) -> Self {
        debug_assert!(number.len() * 8 >= bits, "blst reads that many bits");
        let product =
            blst_result!(blst_p1, blst_p1_mult, &self.projective(), number.as_ptr(), bits);
        Self(blst_result!(blst_p1_affine, blst_p1_to_affine, &product))
    }

    fn projective(&self) -> blst_p1 {
        blst_result!(blst_p1, blst_p1_from_affine, &self.0)
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
        blst_ask!(blst_p2_affine_is_equal, &self.0, &other.0)
    }
}

impl Eq for G2 {}

impl G2 {
    /// The generator g2.
    #[must_use]
    pub fn generator() -> Self {
        // SAFETY: blst returns a pointer to a static, initialised point.
        Self(unsafe { *blst_p2_affine_generator() })
    }

    /// A point from coordinates that the caller has found on the curve.
    pub(super) const fn from_coordinates(x: Fp2, y: Fp2) -> Self {
        Self(blst_p2_affine { x: x.0, y: y.0 })
    }

    pub(super) const fn coordinates(&self) -> (Fp2, Fp2) {
        (Fp2(self.0.x), Fp2(self.0.y))
    }

    pub(super) fn in_subgroup(&self) -> bool {
        blst_ask!(blst_p2_affine_in_g2, &self.0)
    }

    pub(super) fn is_identity(&self) -> bool {
        blst_ask!(blst_p2_affine_is_inf, &self.0)
    }

    pub(super) fn add(&self, other: &Self) -> Self {
        let sum = blst_result!(blst_p2, blst_p2_add_or_double_affine, &self.projective(), &other.0);
        Self(blst_result!(blst_p2_affine, blst_p2_to_affine, &sum))
    }

    pub(super) fn mul(&self, scalar: &Scalar) -> Self {
        let product = blst_result!(
            blst_p2,
            blst_p2_mult,
            &self.projective(),
            scalar.as_bytes().as_ptr(),
            255
        );
        Self(blst_result!(blst_p2_affine, blst_p2_to_affine, &product))
    }

    fn projective(&self) -> blst_p2 {
        blst_result!(blst_p2, blst_p2_from_affine, &self.0)
    }
}

/// An element of the target group GT.
#[derive(Clone, Copy)]
pub struct Gt(blst_fp12);

impl PartialEq for Gt {
    fn eq(&self, other: &Self) -> bool {
        blst_ask!(blst_fp12_is_equal, &self.0, &other.0)
    }
}

impl Eq for Gt {}

impl Gt {
    /// The neutral element.
    #[must_use]
    pub fn one() -> Self {
        Self(blst_fp12::default())
    }

    /// 576 bytes: twelve little-endian coordinates of 48 bytes, the tower's lowest first.
    #[must_use]
    pub fn to_bytes(&self) -> Zeroizing<[u8; GT_LENGTH]> {
        // [IBE-6]
        let mut bytes = Zeroizing::new([0; GT_LENGTH]);
        let coordinates = self.0.fp6.iter().flat_map(|fp6| &fp6.fp2).flat_map(|fp2| &fp2.fp);
        for (chunk, coordinate) in bytes.chunks_exact_mut(FP_LENGTH).zip(coordinates) {
            chunk.copy_from_slice(&Fp(*coordinate).to_le_bytes());
        }
        bytes
    }

    /// From 576 bytes; `None` for another length or a coordinate that is not below p. Membership in
    /// the group is not checked: no step of the protocol takes an element of GT from outside.
    #[must_use]
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let bytes: &[u8; GT_LENGTH] = bytes.try_into().ok()?;
        let (chunks, _) = bytes.as_chunks::<FP_LENGTH>();
        let mut coordinates = chunks.iter().map(|chunk| Fp::from_le_bytes(chunk).map(|fp| fp.0));
        let mut fp2 = || Some(blst_fp2 { fp: [coordinates.next()??, coordinates.next()??] });
        let mut fp6 = || Some(blst_fp6 { fp2: [fp2()?, fp2()?, fp2()?] });
        Some(Self(blst_fp12 { fp6: [fp6()?, fp6()?] }))
    }

    /// `self` to the power of a 32-byte little-endian exponent. Not constant time.
    #[must_use]
    pub fn pow(&self, exponent: &[u8; SCALAR_LENGTH]) -> Self {
        let bits = exponent.iter().rev().flat_map(|byte| (0..8).rev().map(move |i| byte >> i & 1));
        bits.fold(Self::one(), |power, bit| {
            let square = blst_result!(blst_fp12, blst_fp12_sqr, &power.0);
            match bit {
                1 => Self(blst_result!(blst_fp12, blst_fp12_mul, &square, &self.0)),
                _ => Self(square),
            }
        })
    }
}

/// The pairing e(p, q), equal to mcl's value; one when either point is the identity.
#[must_use]
pub fn pairing(p: &G1, q: &G2) -> Gt {
    // [IBE-6]
    if p.is_identity() || q.is_identity() {
        return Gt::one();
    }
    let miller = blst_result!(blst_fp12, blst_miller_loop, &q.0, &p.0);
    Gt(blst_result!(blst_fp12, blst_final_exp, &miller))
}

/// Whether e(p1, q1) = e(p2, q2), with one final exponentiation for both. No point may be the
/// identity.
pub(super) fn pairings_equal(p1: &G1, q1: &G2, p2: &G1, q2: &G2) -> bool {
    let left = blst_result!(blst_fp12, blst_miller_loop, &q1.0, &p1.0);
    let right = blst_result!(blst_fp12, blst_miller_loop, &q2.0, &p2.neg().0);
    let product = blst_result!(blst_fp12, blst_fp12_mul, &left, &right);
    Gt(blst_result!(blst_fp12, blst_final_exp, &product)) == Gt::one()
}
