//! The field and its extensions: a safe face on blst.
//!
//! Elements are kept in blst's Montgomery form, always reduced: equal elements have equal bytes.

use std::fmt;

use subtle::{Choice, ConditionallySelectable, ConstantTimeEq};

use blst::{blst_fp, blst_fp2, blst_fp12};

use super::native::{self, FP_LENGTH};

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

    /// Reads 48 little-endian bytes. Returns `None` when the value is not below p.
    pub(super) fn from_le_bytes(bytes: &[u8; FP_LENGTH]) -> Option<Self> {
        let (element, below_modulus) = Self::reduced(bytes);
        bool::from(below_modulus).then_some(element)
    }

    /// Reads 48 little-endian bytes and reduces them modulo p. Returns the element, and whether the
    /// bytes were below p already.
    pub(super) fn reduced(bytes: &[u8; FP_LENGTH]) -> (Self, Choice) {
        let element = Self(native::fp_from_lendian(bytes));
        (element, element.to_le_bytes().ct_eq(bytes))
    }

    pub(super) fn from_small(value: u8) -> Self {
        let mut bytes = [0; FP_LENGTH];
        bytes[0] = value;
        Self(native::fp_from_lendian(&bytes))
    }

    pub(super) fn to_le_bytes(self) -> [u8; FP_LENGTH] {
        native::lendian_from_fp(&self.0)
    }

    /// Returns the six words, the lowest first, of x·2³⁸⁴ modulo p, as blst keeps them.
    #[cfg(all(target_arch = "x86_64", feature = "eight-lanes"))]
    pub(super) const fn montgomery_words(self) -> [u64; 6] {
        self.0.l
    }

    /// Reads the words of x·2³⁸⁴ modulo p, which must be below p.
    #[cfg(all(target_arch = "x86_64", feature = "eight-lanes"))]
    pub(super) const fn from_montgomery_words(words: [u64; 6]) -> Self {
        Self(blst_fp { l: words })
    }

    pub(super) fn is_odd(self) -> Choice {
        Choice::from(self.to_le_bytes()[0] & 1)
    }

    pub(super) fn add(self, other: Self) -> Self {
        Self(native::fp_add(&self.0, &other.0))
    }

    pub(super) fn sub(self, other: Self) -> Self {
        Self(native::fp_sub(&self.0, &other.0))
    }

    pub(super) fn mul(self, other: Self) -> Self {
        Self(native::fp_mul(&self.0, &other.0))
    }

    pub(super) fn square(self) -> Self {
        Self(native::fp_sqr(&self.0))
    }

    pub(super) fn neg(self) -> Self {
        Self(native::fp_neg(&self.0))
    }

    /// Returns the negative where `choice` says so.
    pub(super) fn negative_if(self, choice: Choice) -> Self {
        Self::conditional_select(&self, &self.neg(), choice)
    }

    /// Returns the inverse; zero for zero.
    pub(super) fn inverse(self) -> Self {
        Self(native::fp_inverse(&self.0))
    }

    pub(super) fn is_square(self) -> Choice {
        Choice::from(u8::from(native::fp_is_square(&self.0)))
    }

    /// Returns the root `self^((p+1)/4)`, or `None` for a non-square.
    pub(super) fn sqrt(self) -> Option<Self> {
        let (root, is_square) = self.root();
        bool::from(is_square).then_some(root)
    }

    /// Returns `self^((p+1)/4)`, and whether that is a root.
    pub(super) fn root(self) -> (Self, Choice) {
        let root = Self(native::fp_sqrt(&self.0));
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
        Self(native::fp2_add(&self.0, &other.0))
    }

    pub(super) fn mul(&self, other: &Self) -> Self {
        Self(native::fp2_mul(&self.0, &other.0))
    }

    pub(super) fn square(&self) -> Self {
        Self(native::fp2_sqr(&self.0))
    }

    pub(super) fn sub(&self, other: &Self) -> Self {
        Self(native::fp2_sub(&self.0, &other.0))
    }

    /// Returns the negative where `choice` says so.
    pub(super) fn negative_if(&self, choice: Choice) -> Self {
        Self::new(self.real().negative_if(choice), self.imaginary().negative_if(choice))
    }

    pub(super) fn double(&self) -> Self {
        self.add(self)
    }

    pub(super) fn triple(&self) -> Self {
        Self(native::fp2_mul_by_3(&self.0))
    }

    /// Returns the product with ξ = 1 + u, which the extension of degree six is built with.
    pub(super) fn mul_by_xi(&self) -> Self {
        let [a, b] = &self.0.fp;
        let real = native::fp_sub(a, b);
        Self(blst_fp2 { fp: [real, native::fp_add(a, b)] })
    }

    /// Returns the inverse; zero for zero.
    pub(super) fn inverse(&self) -> Self {
        Self(native::fp2_inverse(&self.0))
    }

    /// Returns a square root, or `None` for a non-square.
    pub(super) fn sqrt(&self) -> Option<Self> {
        let root = Self(native::fp2_sqrt(&self.0));
        (root.square() == *self).then_some(root)
    }

    // In place, for long chains of small steps: a copy between two of them would cost as much as an
    // addition.

    pub(super) fn add_assign(&mut self, other: &Self) {
        native::fp2_add_assign(&mut self.0, &other.0);
    }

    pub(super) fn sub_assign(&mut self, other: &Self) {
        native::fp2_sub_assign(&mut self.0, &other.0);
    }

    /// Makes `other − self` of `self`.
    pub(super) fn subtract_from(&mut self, other: &Self) {
        native::fp2_subtract_from(&mut self.0, &other.0);
    }

    pub(super) fn double_assign(&mut self) {
        native::fp2_double_assign(&mut self.0);
    }

    pub(super) fn square_assign(&mut self) {
        native::fp2_sqr_assign(&mut self.0);
    }
}

/// An element of the extension of degree twelve, in which pairings live.
#[derive(Clone, Copy)]
pub(super) struct Fp12(pub(super) blst_fp12);

impl PartialEq for Fp12 {
    fn eq(&self, other: &Self) -> bool {
        native::fp12_is_equal(&self.0, &other.0)
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

    /// Returns the coefficient of w to the power of `k`, below six: the element is their sum, and
    /// w⁶ = ξ.
    pub(super) const fn coefficient(&self, k: usize) -> Fp2 {
        Fp2(self.0.fp6[k % 2].fp2[k / 2])
    }

    /// Returns the element with these coefficients.
    pub(super) fn from_coefficients(coefficients: [Fp2; 6]) -> Self {
        let mut element = blst_fp12::default();
        for (k, coefficient) in coefficients.into_iter().enumerate() {
            element.fp6[k % 2].fp2[k / 2] = coefficient.0;
        }
        Self(element)
    }

    pub(super) fn mul(&self, other: &Self) -> Self {
        Self(native::fp12_mul(&self.0, &other.0))
    }

    pub(super) fn square(&self) -> Self {
        Self(native::fp12_sqr(&self.0))
    }

    /// Returns the square of an element of the cyclotomic subgroup, as Granger and Scott compute
    /// it.
    pub(super) fn cyclotomic_square(&self) -> Self {
        Self(native::fp12_cyclotomic_sqr(&self.0))
    }

    /// Returns the power of p⁶; the inverse of an element of the cyclotomic subgroup.
    pub(super) fn conjugate(&self) -> Self {
        let mut element = self.0;
        native::fp12_conjugate(&mut element);
        Self(element)
    }

    /// Returns the inverse; zero for zero.
    pub(super) fn inverse(&self) -> Self {
        Self(native::fp12_inverse(&self.0))
    }

    /// Returns what a pairing makes of the value of its Miller loop.
    pub(super) fn final_exponentiation(&self) -> Self {
        Self(native::final_exp(&self.0))
    }

    /// Returns the power of p.
    pub(super) fn frobenius(&self) -> Self {
        Self(native::fp12_frobenius_map::<1>(&self.0))
    }

    /// Returns the power of p².
    pub(super) fn frobenius_squared(&self) -> Self {
        Self(native::fp12_frobenius_map::<2>(&self.0))
    }
}
