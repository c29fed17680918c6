//! The field and its extensions: a safe face on blst.
//!
//! Elements are kept in blst's Montgomery form, always reduced: equal elements have equal bytes.
#![expect(unsafe_code, reason = "blst is a C library; `group` and this module are its callers")]

use std::fmt;

use subtle::{Choice, ConditionallySelectable, ConstantTimeEq};

use blst::{
    blst_final_exp, blst_fp, blst_fp_add, blst_fp_cneg, blst_fp_from_lendian, blst_fp_inverse,
    blst_fp_is_square, blst_fp_mul, blst_fp_sqr, blst_fp_sqrt, blst_fp_sub, blst_fp2, blst_fp2_add,
    blst_fp2_inverse, blst_fp2_mul, blst_fp2_mul_by_3, blst_fp2_sqr, blst_fp2_sqrt, blst_fp2_sub,
    blst_fp12, blst_fp12_conjugate, blst_fp12_cyclotomic_sqr, blst_fp12_frobenius_map,
    blst_fp12_inverse, blst_fp12_is_equal, blst_fp12_mul, blst_fp12_sqr, blst_lendian_from_fp,
};

/// Length of a base field element in bytes.
pub(super) const FP_LENGTH: usize = 48;

/// Calls a blst function whose first argument is its result and whose others are inputs.
macro_rules! blst_result {
    ($type:ty, $function:ident, $($argument:expr),+) => {{
        let mut result = std::mem::MaybeUninit::<$type>::uninit();
        // SAFETY: every argument is a reference to an initialised value of the type that blst
        // declares for it; blst reads the inputs, writes all of `result` and keeps no pointer.
        unsafe {
            let _ = $function(result.as_mut_ptr(), $($argument),+);
            result.assume_init()
        }
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

pub(super) use {blst_ask, blst_result};

/// An element of the base field.
#[derive(Clone, Copy)]
pub(super) struct Fp(pub(super) blst_fp);

impl ConstantTimeEq for Fp {
    fn ct_eq(&self, other: &Self) -> Choice {
        self.0.l.ct_eq(&other.0.l)
    }
}

impl PartialEq for Fp {
    fn eq(&self, other: &Self) -> bool {
        self.ct_eq(other).into()
    }
}

impl Eq for Fp {}

impl ConditionallySelectable for Fp {
    fn conditional_select(a: &Self, b: &Self, choice: Choice) -> Self {
        let words = std::array::from_fn(|i| u64::conditional_select(&a.0.l[i], &b.0.l[i], choice));
        Self(blst_fp { l: words })
    }
}

impl Fp {
    pub(super) const ZERO: Self = Self(blst_fp { l: [0; 6] });

    /// From 48 little-endian bytes; `None` when the value is not below p.
    pub(super) fn from_le_bytes(bytes: &[u8; FP_LENGTH]) -> Option<Self> {
        let (element, below_modulus) = Self::reduced(bytes);
        bool::from(below_modulus).then_some(element)
    }

    /// From 48 little-endian bytes, reduced modulo p; and whether they were below p already.
    pub(super) fn reduced(bytes: &[u8; FP_LENGTH]) -> (Self, Choice) {
        let element = Self(blst_result!(blst_fp, blst_fp_from_lendian, bytes.as_ptr()));
        (element, element.to_le_bytes().ct_eq(bytes))
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

    /// The six words, the lowest first, of x·2³⁸⁴ modulo p, as blst keeps them.
    #[cfg(all(target_arch = "x86_64", feature = "eight-lanes"))]
    pub(super) const fn montgomery_words(self) -> [u64; 6] {
        self.0.l
    }

    /// From the words of x·2³⁸⁴ modulo p, which must be below p.
    #[cfg(all(target_arch = "x86_64", feature = "eight-lanes"))]
    pub(super) const fn from_montgomery_words(words: [u64; 6]) -> Self {
        Self(blst_fp { l: words })
    }

    pub(super) fn is_odd(self) -> Choice {
        Choice::from(self.to_le_bytes()[0] & 1)
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

    /// The negative where `choice` says so.
    pub(super) fn negative_if(self, choice: Choice) -> Self {
        Self::conditional_select(&self, &self.neg(), choice)
    }

    /// The inverse; zero for zero.
    pub(super) fn inverse(self) -> Self {
        Self(blst_result!(blst_fp, blst_fp_inverse, &self.0))
    }

    pub(super) fn is_square(self) -> Choice {
        Choice::from(u8::from(blst_ask!(blst_fp_is_square, &self.0)))
    }

    /// The root `self^((p+1)/4)`; `None` for a non-square.
    pub(super) fn sqrt(self) -> Option<Self> {
        let (root, is_square) = self.root();
        bool::from(is_square).then_some(root)
    }

    /// `self^((p+1)/4)`; and whether that is a root.
    pub(super) fn root(self) -> (Self, Choice) {
        let root = Self(blst_result!(blst_fp, blst_fp_sqrt, &self.0));
        (root, root.square().ct_eq(&self))
    }
}

/// An element `a + b·u` of the quadratic extension.
#[derive(Clone, Copy)]
pub(super) struct Fp2(pub(super) blst_fp2);

impl PartialEq for Fp2 {
    fn eq(&self, other: &Self) -> bool {
        bool::from(self.real().ct_eq(&other.real()) & self.imaginary().ct_eq(&other.imaginary()))
    }
}

impl Eq for Fp2 {}

impl Fp2 {
    pub(super) const ZERO: Self = Self::new(Fp::ZERO, Fp::ZERO);

    pub(super) fn one() -> Self {
        Self::new(Fp::from_small(1), Fp::ZERO)
    }

    pub(super) const fn new(a: Fp, b: Fp) -> Self {
        Self(blst_fp2 { fp: [a.0, b.0] })
    }

    pub(super) const fn real(self) -> Fp {
        Fp(self.0.fp[0])
    }

    pub(super) const fn imaginary(self) -> Fp {
        Fp(self.0.fp[1])
    }

    pub(super) fn add(&self, other: &Self) -> Self {
        Self(blst_result!(blst_fp2, blst_fp2_add, &self.0, &other.0))
    }

    pub(super) fn mul(&self, other: &Self) -> Self {
        Self(blst_result!(blst_fp2, blst_fp2_mul, &self.0, &other.0))
    }

    pub(super) fn square(&self) -> Self {
        Self(blst_result!(blst_fp2, blst_fp2_sqr, &self.0))
    }

    pub(super) fn sub(&self, other: &Self) -> Self {
        Self(blst_result!(blst_fp2, blst_fp2_sub, &self.0, &other.0))
    }

    /// The negative where `choice` says so.
    pub(super) fn negative_if(&self, choice: Choice) -> Self {
        Self::new(self.real().negative_if(choice), self.imaginary().negative_if(choice))
    }

    pub(super) fn double(&self) -> Self {
        self.add(self)
    }

    pub(super) fn triple(&self) -> Self {
        Self(blst_result!(blst_fp2, blst_fp2_mul_by_3, &self.0))
    }

    /// The product with ξ = 1 + u, which the extension of degree six is built with.
    pub(super) fn mul_by_xi(&self) -> Self {
        let [a, b] = &self.0.fp;
        let real = blst_result!(blst_fp, blst_fp_sub, a, b);
        Self(blst_fp2 { fp: [real, blst_result!(blst_fp, blst_fp_add, a, b)] })
    }

    /// The inverse; zero for zero.
    pub(super) fn inverse(&self) -> Self {
        Self(blst_result!(blst_fp2, blst_fp2_inverse, &self.0))
    }

    /// A square root; `None` for a non-square.
    pub(super) fn sqrt(&self) -> Option<Self> {
        let root = Self(blst_result!(blst_fp2, blst_fp2_sqrt, &self.0));
        (root.square() == *self).then_some(root)
    }

    // In place, for long chains of small steps: a copy between two of them would cost as much as an
    // addition.

    pub(super) fn add_assign(&mut self, other: &Self) {
        let this = &raw mut self.0;
        // SAFETY: both arguments are initialised elements, and blst lets the result be one of them.
        unsafe { blst_fp2_add(this, this, &other.0) };
    }

    pub(super) fn sub_assign(&mut self, other: &Self) {
        let this = &raw mut self.0;
        // SAFETY: as for the sum.
        unsafe { blst_fp2_sub(this, this, &other.0) };
    }

    /// Makes `other − self` of `self`.
    pub(super) fn subtract_from(&mut self, other: &Self) {
        let this = &raw mut self.0;
        // SAFETY: as for the sum.
        unsafe { blst_fp2_sub(this, &other.0, this) };
    }

    pub(super) fn double_assign(&mut self) {
        let this = &raw mut self.0;
        // SAFETY: as for the sum.
        unsafe { blst_fp2_add(this, this, this) };
    }

    pub(super) fn square_assign(&mut self) {
        let this = &raw mut self.0;
        // SAFETY: as for the sum.
        unsafe { blst_fp2_sqr(this, this) };
    }
}

/// An element of the extension of degree twelve, in which pairings live.
#[derive(Clone, Copy)]
pub(super) struct Fp12(pub(super) blst_fp12);

impl PartialEq for Fp12 {
    fn eq(&self, other: &Self) -> bool {
        blst_ask!(blst_fp12_is_equal, &self.0, &other.0)
    }
}

impl fmt::Debug for Fp12 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Fp12(redacted)")
    }
}

impl Fp12 {
    pub(super) fn one() -> Self {
        Self(blst_fp12::default())
    }

    /// The coefficient of w to the power of `k`, below six: the element is their sum, and w⁶ = ξ.
    pub(super) const fn coefficient(&self, k: usize) -> Fp2 {
        Fp2(self.0.fp6[k % 2].fp2[k / 2])
    }

    /// The element with these coefficients.
    pub(super) fn from_coefficients(coefficients: [Fp2; 6]) -> Self {
        let mut element = blst_fp12::default();
        for (k, coefficient) in coefficients.into_iter().enumerate() {
            element.fp6[k % 2].fp2[k / 2] = coefficient.0;
        }
        Self(element)
    }

    pub(super) fn mul(&self, other: &Self) -> Self {
        Self(blst_result!(blst_fp12, blst_fp12_mul, &self.0, &other.0))
    }

    pub(super) fn square(&self) -> Self {
        Self(blst_result!(blst_fp12, blst_fp12_sqr, &self.0))
    }

    /// The square of an element of the cyclotomic subgroup, as Granger and Scott compute it.
    pub(super) fn cyclotomic_square(&self) -> Self {
        Self(blst_result!(blst_fp12, blst_fp12_cyclotomic_sqr, &self.0))
    }

    /// The power of p⁶; the inverse of an element of the cyclotomic subgroup.
    pub(super) fn conjugate(&self) -> Self {
        let mut element = self.0;
        // SAFETY: blst conjugates one initialised element in place.
        unsafe { blst_fp12_conjugate(&mut element) };
        Self(element)
    }

    /// The inverse; zero for zero.
    pub(super) fn inverse(&self) -> Self {
        Self(blst_result!(blst_fp12, blst_fp12_inverse, &self.0))
    }

    /// What a pairing makes of the value of its Miller loop.
    pub(super) fn final_exponentiation(&self) -> Self {
        Self(blst_result!(blst_fp12, blst_final_exp, &self.0))
    }

    /// The power of p.
    pub(super) fn frobenius(&self) -> Self {
        self.frobenius_power(1)
    }

    /// The power of p².
    pub(super) fn frobenius_squared(&self) -> Self {
        self.frobenius_power(2)
    }

    /// The power of pⁿ for n from one to three, which is all that blst has constants for.
    pub(super) fn frobenius_power(&self, n: usize) -> Self {
        Self(blst_result!(blst_fp12, blst_fp12_frobenius_map, &self.0, n))
    }
}
