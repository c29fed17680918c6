//! Eight elements of the base field at a time, one in each 64-bit lane of a vector.
//!
//! A number is eight limbs of 52 bits, in Montgomery form with R = 2⁴¹⁶. The instructions multiply
//! the low 52 bits of two lanes and add the low or the high 52 bits of the product to a third: a
//! limb that is multiplied must be in [0, 2⁵²), whereas sums may grow to 63 bits and a sign.
//!
//! | type | limbs | value |
//! |---|---|---|
//! | [`Fe`] | eight in [0, 2⁵²) | in [0, 2¹⁰p), not reduced |
//! | [`Sum`] | eight, signed, below 2⁵⁶ | what is added up before it is carried into an [`Fe`] |
//! | [`Wide`] | sixteen columns, signed, below 2⁶² | sums of products, below 2²⁴p² |
//!
//! Why nothing overflows: one product adds at most 16 numbers below 2⁵² to a column, that is 2⁵⁶;
//! no [`Wide`] is a sum of more than 2⁶ products with their signs, so columns stay below 2⁶², and
//! the reduction adds one product more. A `Wide` below 2²⁴p² is below 2⁻¹¹pR, because p is below
//! 2³⁸¹: what it adds to the reduced value is the ε of [`Wide::divided`].

use core::arch::x86_64::__m512i;

use super::constants::{
    LIMB_BITS, LIMB_MASK, LIMBS, Limbs, MULTIPLES, NEGATIVE_INVERSE, P, Q, QUOTIENT_BITS,
    QUOTIENT_FACTOR,
};
use super::instructions::{
    add, and, high_product, low_product, mask_of_signs, permute, product_32, select, shift_right,
    shift_right_signed, splat, subtract, vector, words, write_halves, zero,
};

use crate::ibe::trial::backend::LANES;

const BITS: u32 = LIMB_BITS as u32;
const COLUMNS: usize = 2 * LIMBS;

/// Does a step for each limb: written out, because the compiler keeps the columns in registers only
/// if it sees no loop, and whether it unrolls one depends on how the crate is linked.
macro_rules! for_each_limb {
    ($step:ident($($argument:expr),+)) => {
        $step::<0>($($argument),+);
        $step::<1>($($argument),+);
        $step::<2>($($argument),+);
        $step::<3>($($argument),+);
        $step::<4>($($argument),+);
        $step::<5>($($argument),+);
        $step::<6>($($argument),+);
        $step::<7>($($argument),+);
    };
}

/// Eight field elements in limbs of exactly 52 bits.
#[derive(Clone, Copy)]
pub(super) struct Fe([__m512i; LIMBS]);

/// A factor: limbs whose low 52 bits are right. What is above them has been carried as well, so it
/// can be multiplied, which takes the low bits only, but not added to.
#[derive(Clone, Copy)]
pub(super) struct Loose([__m512i; LIMBS]);

/// What can be multiplied.
pub(super) trait Factor {
    /// Returns the limbs; their low 52 bits count.
    fn limbs(&self) -> &[__m512i; LIMBS];
}

impl Factor for Fe {
    #[inline(always)]
    fn limbs(&self) -> &[__m512i; LIMBS] {
        &self.0
    }
}

impl Factor for Loose {
    #[inline(always)]
    fn limbs(&self) -> &[__m512i; LIMBS] {
        &self.0
    }
}

/// A sum of field elements whose limbs have not been carried.
#[derive(Clone, Copy)]
pub(super) struct Sum([__m512i; LIMBS]);

/// A sum of products that has not been reduced.
#[derive(Clone, Copy)]
pub(super) struct Wide([__m512i; COLUMNS]);

impl Fe {
    #[inline(always)]
    pub(super) fn zero() -> Self {
        Self([zero(); LIMBS])
    }

    /// Returns the same number in every lane.
    #[inline(always)]
    pub(super) fn splat(limbs: &Limbs) -> Self {
        Self(limbs_by(|i| splat(limbs[i])))
    }

    /// One number for each lane.
    #[inline(always)]
    pub(super) fn from_lanes(numbers: &[Limbs; LANES]) -> Self {
        Self(limbs_by(|i| vector(numbers.map(|number| number[i]))))
    }

    /// Returns the number of each lane.
    #[inline(always)]
    pub(super) fn to_lanes(self) -> [Limbs; LANES] {
        let limbs = self.0.map(words);
        core::array::from_fn(|lane| limbs.map(|limb| limb[lane]))
    }

    #[inline(always)]
    pub(super) fn sum(self) -> Sum {
        Sum(self.0)
    }

    #[inline(always)]
    pub(super) fn plus(&self, other: &Self) -> Self {
        self.sum().plus(other).carried()
    }

    /// Writes the number over another.
    #[inline(always)]
    pub(super) fn put(self, to: &mut Self) {
        write_halves(self.0, &mut to.0);
    }

    /// x − y + 64p for a y of at most 64p.
    #[inline(always)]
    pub(super) fn minus(&self, other: &Self) -> Self {
        self.sum().minus(other).plus_multiple::<64>().carried()
    }

    /// 4p − x for an x of at most 4p.
    #[inline(always)]
    pub(super) fn negated(&self) -> Self {
        Self::zero().sum().minus(self).plus_multiple::<4>().carried()
    }

    /// Returns the product, in (p − ε, 2.26p).
    #[inline(always)]
    pub(super) fn times(&self, other: &impl Factor) -> Self {
        Wide::product(self, other).reduced()
    }

    /// Returns the same below 1.01p, for a number below 8p.
    #[inline(always)]
    pub(super) fn below_p(&self) -> Self {
        self.sum().less_multiple(self.0[LIMBS - 1])
    }

    /// Returns the number in each lane as the one below p that is congruent to it, for numbers
    /// below 4p.
    #[inline(always)]
    pub(super) fn canonical(self) -> Self {
        let mut number = self;
        for _ in 0..3 {
            let less = number.sum().minus(&Self::splat(&P)).carried_signed();
            let negative = mask_of_signs(less[LIMBS - 1]);
            number = Self(limbs_by(|i| select(negative, less[i], number.0[i])));
        }
        number
    }
}

impl Sum {
    #[inline(always)]
    pub(super) fn plus(self, other: &Fe) -> Self {
        Self(zip(self.0, &other.0, add))
    }

    #[inline(always)]
    pub(super) fn minus(self, other: &Fe) -> Self {
        Self(zip(self.0, &other.0, subtract))
    }

    #[inline(always)]
    pub(super) fn plus_sum(self, other: &Self) -> Self {
        Self(zip(self.0, &other.0, add))
    }

    #[inline(always)]
    pub(super) fn minus_sum(self, other: &Self) -> Self {
        Self(zip(self.0, &other.0, subtract))
    }

    /// Adds N · p.
    #[inline(always)]
    pub(super) fn plus_multiple<const N: u64>(self) -> Self {
        Self(zip(self.0, &Fe::splat(&const { super::constants::multiple_of_modulus(N) }).0, add))
    }

    #[inline(always)]
    pub(super) fn tripled(self) -> Self {
        Self(zip(zip(self.0, &self.0, add), &self.0, add))
    }

    /// Makes the limbs 52 bits again. The value must not be negative.
    #[inline(always)]
    pub(super) fn carried(self) -> Fe {
        let limbs = self.carried_signed();
        debug_assert!(in_every_lane(limbs[LIMBS - 1], 0, LIMB_MASK), "a number out of range");
        Fe(limbs)
    }

    /// Carries the limbs of a number that is not negative, and leaves above the 52 bits what it
    /// carried.
    #[inline(always)]
    pub(super) fn loose(self) -> Loose {
        let mut limbs = self.0;
        for i in 0..LIMBS - 1 {
            limbs[i + 1] = add(limbs[i + 1], shift_right_signed::<BITS>(limbs[i]));
        }
        debug_assert!(in_every_lane(limbs[LIMBS - 1], 0, LIMB_MASK), "a number out of range");
        Loose(limbs)
    }

    /// All limbs but the highest are 52 bits; the highest has the sign.
    #[inline(always)]
    fn carried_signed(self) -> [__m512i; LIMBS] {
        let mut limbs = self.0;
        for i in 0..LIMBS - 1 {
            limbs[i + 1] = add(limbs[i + 1], shift_right_signed::<BITS>(limbs[i]));
            limbs[i] = and(limbs[i], splat(LIMB_MASK));
        }
        limbs
    }

    /// Takes p from a number in [p/2, 8p) as often as it goes in, or once less, and carries it: what
    /// is left is below 1.01p.
    #[inline(always)]
    pub(super) fn carried_below_p(self) -> Fe {
        // The limbs below would carry less than 16 into the highest, which is 0.0002p.
        let highest = subtract(self.0[LIMBS - 1], splat(16));
        self.less_multiple(highest)
    }

    /// Takes p away as often as a highest limb says, and carries.
    #[inline(always)]
    fn less_multiple(self, highest: __m512i) -> Fe {
        let limit = MULTIPLES[LIMBS - 1][7] + P[LIMBS - 1];
        debug_assert!(in_every_lane(highest, 0, limit), "a number of 8p or more");
        let quotient = shift_right::<QUOTIENT_BITS>(product_32(highest, splat(QUOTIENT_FACTOR)));
        let multiple = limbs_by(|i| permute(quotient, vector(MULTIPLES[i])));
        Self(zip(self.0, &multiple, subtract)).carried()
    }
}

impl Wide {
    #[inline(always)]
    pub(super) fn zero() -> Self {
        Self([zero(); COLUMNS])
    }

    /// a · b: 128 multiplications.
    #[inline(always)]
    pub(super) fn product(a: &impl Factor, b: &impl Factor) -> Self {
        Self::zero().plus_product(a, b)
    }

    /// Adds a · b: 128 multiplications.
    #[inline(always)]
    pub(super) fn plus_product(self, a: &impl Factor, b: &impl Factor) -> Self {
        let (a, b) = (a.limbs(), b.limbs());
        let mut columns = self.0;
        for_each_limb!(add_row(&mut columns, a, b));
        Self(columns)
    }

    /// a²: 72 multiplications.
    #[inline(always)]
    pub(super) fn square(a: &impl Factor) -> Self {
        let a = a.limbs();
        let mut columns = Self::zero().0;
        for_each_limb!(add_row_above(&mut columns, a));
        let mut columns = Self(columns).doubled().0;
        for i in 0..LIMBS {
            columns[2 * i] = low_product(columns[2 * i], a[i], a[i]);
            columns[2 * i + 1] = high_product(columns[2 * i + 1], a[i], a[i]);
        }
        Self(columns)
    }

    #[inline(always)]
    pub(super) fn plus(self, other: &Self) -> Self {
        Self(zip(self.0, &other.0, add))
    }

    #[inline(always)]
    pub(super) fn minus(self, other: &Self) -> Self {
        Self(zip(self.0, &other.0, subtract))
    }

    #[inline(always)]
    pub(super) fn doubled(self) -> Self {
        Self(zip(self.0, &self.0, add))
    }

    /// Returns the value divided by R modulo p, plus p: in (p − ε, 2.26p).
    #[inline(always)]
    pub(super) fn reduced(self) -> Fe {
        self.divided().plus_multiple::<1>().carried()
    }

    /// Returns the value divided by R modulo p, in (−ε, 1.26p): 129 multiplications.
    ///
    /// Montgomery's reduction, seven steps with the multiple 2⁵²q − 1 of p, which need no product to
    /// find their quotient, and a last one with p itself, which keeps the result small.
    #[inline(always)]
    pub(super) fn divided(self) -> Sum {
        let mut columns = self.0;
        for column in columns {
            debug_assert!(
                in_every_lane(add(column, splat(1 << 62)), 0, (1 << 63) - 1),
                "too many products"
            );
        }
        for_each_limb!(reduce_limb(&mut columns));
        Sum(limbs_by(|i| columns[LIMBS + i]))
    }
}

/// Adds limb I of a times b.
#[inline(always)]
fn add_row<const I: usize>(
    columns: &mut [__m512i; COLUMNS],
    a: &[__m512i; LIMBS],
    b: &[__m512i; LIMBS],
) {
    for j in 0..LIMBS {
        columns[I + j] = low_product(columns[I + j], a[I], b[j]);
    }
    for j in 0..LIMBS {
        columns[I + j + 1] = high_product(columns[I + j + 1], a[I], b[j]);
    }
}

/// Adds limb I of a times the limbs above it.
#[inline(always)]
fn add_row_above<const I: usize>(columns: &mut [__m512i; COLUMNS], a: &[__m512i; LIMBS]) {
    for j in I + 1..LIMBS {
        columns[I + j] = low_product(columns[I + j], a[I], a[j]);
    }
    for j in I + 1..LIMBS {
        columns[I + j + 1] = high_product(columns[I + j + 1], a[I], a[j]);
    }
}

/// Makes column I zero, by adding a multiple of p, and carries what it was.
///
/// A step with 2⁵²q − 1 has the limb itself as its quotient m, and adds m·q one column higher; the
/// last step has m = −limb/p modulo 2⁵² and adds m·p.
#[inline(always)]
fn reduce_limb<const I: usize>(columns: &mut [__m512i; COLUMNS]) {
    if I < LIMBS - 1 {
        let m = columns[I];
        columns[I + 1] = add(columns[I + 1], shift_right_signed::<BITS>(m));
        add_multiple::<I, 1>(columns, m, &Q);
    } else {
        let m = low_product(zero(), columns[I], splat(NEGATIVE_INVERSE));
        add_multiple::<I, 0>(columns, m, &P);
        columns[I + 1] = add(columns[I + 1], shift_right_signed::<BITS>(columns[I]));
    }
}

/// Adds m times a constant, from column I + SHIFT on.
#[inline(always)]
fn add_multiple<const I: usize, const SHIFT: usize>(
    columns: &mut [__m512i; COLUMNS],
    m: __m512i,
    constant: &Limbs,
) {
    for (j, limb) in constant.iter().enumerate() {
        let column = I + SHIFT + j;
        columns[column] = low_product(columns[column], m, splat(*limb));
    }
    for (j, limb) in constant.iter().enumerate() {
        let column = I + SHIFT + j + 1;
        columns[column] = high_product(columns[column], m, splat(*limb));
    }
}

/// Returns whether every lane, with its sign, is at least `low` and at most `high`.
#[inline(always)]
fn in_every_lane(vector: __m512i, low: u64, high: u64) -> bool {
    let below = mask_of_signs(subtract(vector, splat(low)));
    let above = mask_of_signs(subtract(splat(high), vector));
    below | above == 0
}

#[inline(always)]
fn limbs_by(limb: impl Fn(usize) -> __m512i) -> [__m512i; LIMBS] {
    let mut limbs = [zero(); LIMBS];
    for (i, each) in limbs.iter_mut().enumerate() {
        *each = limb(i);
    }
    limbs
}

#[inline(always)]
fn zip<const N: usize>(
    mut a: [__m512i; N],
    b: &[__m512i; N],
    operation: impl Fn(__m512i, __m512i) -> __m512i,
) -> [__m512i; N] {
    for i in 0..N {
        a[i] = operation(a[i], b[i]);
    }
    a
}

/// Aligns the stack of the function that calls it, and so the vectors that the compiler puts there
/// for want of registers: it aligns them only where something else asks for the alignment, and one
/// that crosses a line of the cache takes several times as long.
#[inline(always)]
pub(super) fn align_stack() {
    core::hint::black_box(&zero());
}
