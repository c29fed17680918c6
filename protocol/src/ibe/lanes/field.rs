//! Eight elements of the base field at a time, one in each 64-bit lane of a vector.
//!
//! A number is eight limbs of 52 bits, in Montgomery form with R = 2⁴¹⁶. The instructions multiply
//! the low 52 bits of two lanes and add the low or the high 52 bits of the product to a third: a
//! limb that is multiplied must be in [0, 2⁵²), whereas sums may grow to 63 bits and a sign.
//!
//! | type | limbs | value |
//! |---|---|---|
//! | [`Fe`] | eight in [0, 2⁵²) | in [0, 2⁸p), not reduced |
//! | [`Sum`] | eight, signed, below 2⁶⁰ | what is added up before it is carried into an [`Fe`] |
//! | [`Wide`] | sixteen columns, signed, below 2⁶² | products and their sums, below 2²⁰p² |
//!
//! Why nothing overflows: one product adds at most 16 numbers below 2⁵² to a column, that is 2⁵⁶;
//! no [`Wide`] is a sum of more than 2⁵ products with their signs, so columns stay below 2⁶¹, and
//! the reduction adds one product more. Factors are below 2⁸p, so a sum of 2⁴ products of the
//! largest is below 2²⁰p², which is less than p·2⁴¹⁶ by fifteen bits.

use core::arch::x86_64::{
    __m512i, _mm512_add_epi64, _mm512_and_si512, _mm512_madd52hi_epu64, _mm512_madd52lo_epu64,
    _mm512_mask_mov_epi64, _mm512_movepi64_mask, _mm512_mul_epu32, _mm512_permutexvar_epi64,
    _mm512_set_epi64, _mm512_set1_epi64, _mm512_setzero_si512, _mm512_srai_epi64,
    _mm512_srli_epi64, _mm512_sub_epi64,
};

use super::constants::{
    LIMB_BITS, LIMB_MASK, LIMBS, Limbs, NEGATIVE_INVERSE, P, P_3, P_4, P_64, Q, QUOTIENT_FACTOR,
    multiple_of_modulus,
};

/// How many numbers are computed with at a time.
pub(super) const LANES: usize = 8;
const BITS: u32 = LIMB_BITS as u32;
const COLUMNS: usize = 2 * LIMBS;

/// Eight field elements, each in [0, 2⁸p), in limbs of exactly 52 bits.
#[derive(Clone, Copy)]
pub(super) struct Fe([__m512i; LIMBS]);

/// A sum of field elements whose limbs have not been carried.
#[derive(Clone, Copy)]
pub(super) struct Sum([__m512i; LIMBS]);

/// A sum of products that has not been reduced.
#[derive(Clone, Copy)]
pub(super) struct Wide([__m512i; COLUMNS]);

#[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
fn all(word: u64) -> __m512i {
    _mm512_set1_epi64(word.cast_signed())
}

impl Fe {
    /// The same number in every lane.
    #[inline]
    #[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
    pub(super) fn splat(limbs: &Limbs) -> Self {
        Self(limbs.map(|limb| all(limb)))
    }

    #[inline]
    #[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
    pub(super) fn zero() -> Self {
        Self([_mm512_setzero_si512(); LIMBS])
    }

    /// One number for each lane.
    #[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
    pub(super) fn from_lanes(numbers: &[Limbs; LANES]) -> Self {
        let row = |limb: usize| {
            let [a, b, c, d, e, f, g, h] = numbers.map(|number| number[limb].cast_signed());
            _mm512_set_epi64(h, g, f, e, d, c, b, a)
        };
        Self(core::array::from_fn(|limb| row(limb)))
    }

    /// The number of each lane.
    #[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
    pub(super) fn to_lanes(self) -> [Limbs; LANES] {
        // SAFETY: a vector and an array of eight words have the same size, and any bits are words.
        let rows = self.0.map(|row| unsafe { core::mem::transmute::<__m512i, [u64; LANES]>(row) });
        core::array::from_fn(|lane| rows.map(|row| row[lane]))
    }

    #[inline]
    #[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
    pub(super) fn sum(self) -> Sum {
        Sum(self.0)
    }

    #[inline]
    #[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
    pub(super) fn plus(&self, other: &Self) -> Self {
        self.sum().plus(other).carried()
    }

    #[inline]
    #[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
    pub(super) fn minus(&self, other: &Self) -> Self {
        self.sum().minus(other).plus_64p().carried()
    }

    #[inline]
    #[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
    pub(super) fn times(&self, other: &Self) -> Self {
        Wide::zero().plus_product(self, other).reduced()
    }

    /// 4p − x for an x of at most 4p.
    #[inline]
    #[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
    pub(super) fn negated(&self) -> Self {
        Self::splat(&P_4).sum().minus(self).carried()
    }

    /// The number in each lane as the one below p that is congruent to it, for numbers below 4p.
    #[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
    pub(super) fn canonical(self) -> Self {
        (0..4).fold(self, |number, _| {
            let less = number.sum().minus(&Self::splat(&P)).carried_signed();
            let negative = _mm512_movepi64_mask(less[LIMBS - 1]);
            Self(core::array::from_fn(|i| {
                _mm512_mask_mov_epi64(less[i], negative, number.0[i])
            }))
        })
    }
}

impl Sum {
    #[inline]
    #[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
    pub(super) fn plus(self, other: &Fe) -> Self {
        Self(core::array::from_fn(|i| _mm512_add_epi64(self.0[i], other.0[i])))
    }

    #[inline]
    #[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
    pub(super) fn minus(self, other: &Fe) -> Self {
        Self(core::array::from_fn(|i| _mm512_sub_epi64(self.0[i], other.0[i])))
    }

    #[inline]
    #[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
    pub(super) fn plus_64p(self) -> Self {
        Self(core::array::from_fn(|i| _mm512_add_epi64(self.0[i], all(P_64[i]))))
    }

    #[inline]
    #[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
    fn plus_limbs(self, limbs: &Limbs) -> Self {
        Self(core::array::from_fn(|i| _mm512_add_epi64(self.0[i], all(limbs[i]))))
    }

    #[inline]
    #[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
    pub(super) fn plus_p(self) -> Self {
        self.plus_limbs(&P)
    }

    #[inline]
    #[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
    pub(super) fn plus_3p(self) -> Self {
        self.plus_limbs(&P_3)
    }

    #[inline]
    #[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
    pub(super) fn plus_sum(self, other: &Self) -> Self {
        Self(core::array::from_fn(|i| _mm512_add_epi64(self.0[i], other.0[i])))
    }

    #[inline]
    #[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
    pub(super) fn doubled(self) -> Self {
        Self(self.0.map(|limb| _mm512_add_epi64(limb, limb)))
    }

    /// Makes the limbs 52 bits again. The value must not be negative.
    #[inline]
    #[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
    pub(super) fn carried(self) -> Fe {
        Fe(self.carried_signed())
    }

    /// All limbs but the highest are 52 bits; the highest has the sign.
    #[inline]
    #[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
    fn carried_signed(self) -> [__m512i; LIMBS] {
        let mut limbs = self.0;
        for i in 0..LIMBS - 1 {
            limbs[i + 1] =
                _mm512_add_epi64(limbs[i + 1], _mm512_srai_epi64::<BITS>(limbs[i]));
            limbs[i] = _mm512_and_si512(limbs[i], all(LIMB_MASK));
        }
        limbs
    }

    /// Carries a number in [0, 8p), and takes p from it as often as it goes in, or once less: what
    /// is left is below 1.01p.
    #[inline]
    #[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
    pub(super) fn carried_below_p(self) -> Fe {
        let limbs = self.carried_signed();
        let product = _mm512_mul_epu32(limbs[LIMBS - 1], all(QUOTIENT_FACTOR));
        let quotient = _mm512_srli_epi64::<40>(product);
        let rest = core::array::from_fn(|i| {
            let multiples = multiples_of_limb(i);
            _mm512_sub_epi64(limbs[i], _mm512_permutexvar_epi64(quotient, multiples))
        });
        Self(rest).carried()
    }
}

/// The limb `i` of 0, p, 2p … 7p.
#[inline]
#[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
fn multiples_of_limb(i: usize) -> __m512i {
    const MULTIPLES: [Limbs; 8] = {
        let mut multiples = [[0; LIMBS]; 8];
        let mut k = 0;
        while k < 8 {
            multiples[k] = multiple_of_modulus(k as u64);
            k += 1;
        }
        multiples
    };
    let m = |k: usize| MULTIPLES[k][i].cast_signed();
    _mm512_set_epi64(m(7), m(6), m(5), m(4), m(3), m(2), m(1), m(0))
}

impl Wide {
    #[inline]
    #[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
    pub(super) fn zero() -> Self {
        Self([_mm512_setzero_si512(); COLUMNS])
    }

    /// Adds a · b: 128 multiplications.
    #[inline]
    #[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
    pub(super) fn plus_product(self, a: &Fe, b: &Fe) -> Self {
        let mut columns = self.0;
        for i in 0..LIMBS {
            for j in 0..LIMBS {
                columns[i + j] = _mm512_madd52lo_epu64(columns[i + j], a.0[i], b.0[j]);
            }
            for j in 0..LIMBS {
                columns[i + j + 1] = _mm512_madd52hi_epu64(columns[i + j + 1], a.0[i], b.0[j]);
            }
        }
        Self(columns)
    }

    /// a²: 72 multiplications.
    #[inline]
    #[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
    pub(super) fn square(a: &Fe) -> Self {
        let mut columns = Self::zero().0;
        for i in 0..LIMBS {
            for j in i + 1..LIMBS {
                columns[i + j] = _mm512_madd52lo_epu64(columns[i + j], a.0[i], a.0[j]);
            }
            for j in i + 1..LIMBS {
                columns[i + j + 1] = _mm512_madd52hi_epu64(columns[i + j + 1], a.0[i], a.0[j]);
            }
        }
        let mut columns = Self(columns).doubled().0;
        for i in 0..LIMBS {
            columns[2 * i] = _mm512_madd52lo_epu64(columns[2 * i], a.0[i], a.0[i]);
            columns[2 * i + 1] = _mm512_madd52hi_epu64(columns[2 * i + 1], a.0[i], a.0[i]);
        }
        Self(columns)
    }

    #[inline]
    #[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
    pub(super) fn plus(self, other: &Self) -> Self {
        Self(core::array::from_fn(|i| _mm512_add_epi64(self.0[i], other.0[i])))
    }

    #[inline]
    #[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
    pub(super) fn minus(self, other: &Self) -> Self {
        Self(core::array::from_fn(|i| _mm512_sub_epi64(self.0[i], other.0[i])))
    }

    #[inline]
    #[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
    pub(super) fn doubled(self) -> Self {
        Self(self.0.map(|column| _mm512_add_epi64(column, column)))
    }

    /// Adds `sum · R`, so that the reduced value is greater by `sum`.
    #[inline]
    #[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
    pub(super) fn plus_shifted(mut self, sum: &Sum) -> Self {
        for i in 0..LIMBS {
            self.0[LIMBS + i] = _mm512_add_epi64(self.0[LIMBS + i], sum.0[i]);
        }
        self
    }

    /// The value divided by R modulo p, plus p: in (0, 4p) if the value is within ±2⁻¹pR.
    #[inline]
    #[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
    pub(super) fn reduced(self) -> Fe {
        let mut sum = self.divided();
        for i in 0..LIMBS {
            sum.0[i] = _mm512_add_epi64(sum.0[i], all(P[i]));
        }
        sum.carried()
    }

    /// The value divided by R modulo p, in (−ε, 2p) if the value is small beside pR: 129
    /// multiplications (Montgomery's reduction, seven steps with a multiple of p that ends in −1,
    /// and a last one with p itself, which keeps the result small).
    #[inline]
    #[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
    pub(super) fn divided(self) -> Sum {
        let mut columns = self.0;
        for i in 0..LIMBS - 1 {
            let m = columns[i];
            let carry = _mm512_srai_epi64::<BITS>(m);
            columns[i + 1] = _mm512_add_epi64(columns[i + 1], carry);
            for j in 0..LIMBS {
                columns[i + 1 + j] = _mm512_madd52lo_epu64(columns[i + 1 + j], m, all(Q[j]));
            }
            for j in 0..LIMBS {
                columns[i + 2 + j] = _mm512_madd52hi_epu64(columns[i + 2 + j], m, all(Q[j]));
            }
        }
        let last = LIMBS - 1;
        let m = _mm512_madd52lo_epu64(_mm512_setzero_si512(), columns[last], all(NEGATIVE_INVERSE));
        for j in 0..LIMBS {
            columns[last + j] = _mm512_madd52lo_epu64(columns[last + j], m, all(P[j]));
        }
        for j in 0..LIMBS {
            columns[last + j + 1] = _mm512_madd52hi_epu64(columns[last + j + 1], m, all(P[j]));
        }
        let carry = _mm512_srai_epi64::<BITS>(columns[last]);
        columns[LIMBS] = _mm512_add_epi64(columns[LIMBS], carry);
        Sum(core::array::from_fn(|i| columns[LIMBS + i]))
    }
}
