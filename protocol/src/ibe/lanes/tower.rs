//! The extensions of the field: Fp2 = Fp(u), u² = −1; Fp4 = Fp2(s), s² = ξ = 1 + u;
//! Fp12 = Fp2(w), w⁶ = ξ, so that w³ = s.
//!
//! An element of Fp12 is its six coefficients in powers of w. Products are added up as [`Wide2`]
//! and reduced once for each coefficient. `M` counts products of field elements (128
//! multiplications each), `S` squares (72), `R` reductions (129).

use core::mem::MaybeUninit;

use super::field::{Fe, Loose, Wide, align_stack};

/// re + im·u.
#[derive(Clone, Copy)]
pub(super) struct Fp2 {
    pub(super) re: Fe,
    pub(super) im: Fe,
}

/// An element of Fp2 with the sum of its parts, as Karatsuba's product needs it.
#[derive(Clone, Copy)]
pub(super) struct Factor2<'a> {
    of: &'a Fp2,
    sum: Loose,
}

/// A sum of products in Fp2 that has not been reduced.
#[derive(Clone, Copy)]
pub(super) struct Wide2 {
    pub(super) re: Wide,
    pub(super) im: Wide,
}

/// Coefficients of w⁰ … w⁵.
pub(super) type Fp12 = [Fp2; 6];

impl Fp2 {
    #[inline(always)]
    pub(super) fn zero() -> Self {
        Self { re: Fe::zero(), im: Fe::zero() }
    }

    #[inline(always)]
    pub(super) fn factor(&self) -> Factor2<'_> {
        Factor2 { of: self, sum: self.re.sum().plus(&self.im).loose() }
    }

    #[inline(always)]
    pub(super) fn plus(&self, other: &Self) -> Self {
        Self { re: self.re.plus(&other.re), im: self.im.plus(&other.im) }
    }

    #[inline(always)]
    pub(super) fn minus(&self, other: &Self) -> Self {
        Self { re: self.re.minus(&other.re), im: self.im.minus(&other.im) }
    }

    #[inline(always)]
    pub(super) fn negated(&self) -> Self {
        Self { re: self.re.negated(), im: self.im.negated() }
    }

    /// re − im·u.
    #[inline(always)]
    pub(super) fn conjugated(&self) -> Self {
        Self { re: self.re, im: self.im.negated() }
    }

    /// Returns the same below 1.01p, for parts below 8p.
    #[inline(always)]
    pub(super) fn below_p(&self) -> Self {
        Self { re: self.re.below_p(), im: self.im.below_p() }
    }

    /// Returns the product with ξ.
    #[inline(always)]
    pub(super) fn times_xi(&self) -> Self {
        Self { re: self.re.minus(&self.im), im: self.re.plus(&self.im) }
    }

    /// 3M 2R.
    #[inline(always)]
    pub(super) fn times(&self, other: &Self) -> Self {
        Wide2::product(&self.factor(), &other.factor()).reduced()
    }

    /// 2M 2R.
    #[inline(always)]
    pub(super) fn scaled(&self, by: &Fe) -> Self {
        Self { re: self.re.times(by), im: self.im.times(by) }
    }

    /// Returns the product with its conjugate, re² + im²: 2S 1R.
    #[inline(always)]
    pub(super) fn norm(&self) -> Fe {
        Wide::square(&self.re).plus(&Wide::square(&self.im)).reduced()
    }
}

impl Wide2 {
    /// Karatsuba's product: 3M.
    #[inline(always)]
    pub(super) fn product(a: &Factor2<'_>, b: &Factor2<'_>) -> Self {
        Self::dot([(a, b)])
    }

    /// Returns the sum of N products: 3N·M.
    #[inline(always)]
    pub(super) fn dot<const N: usize>(pairs: [(&Factor2<'_>, &Factor2<'_>); N]) -> Self {
        let (mut re, mut im, mut cross) = (Wide::zero(), Wide::zero(), Wide::zero());
        for (a, b) in pairs {
            re = re.plus_product(&a.of.re, &b.of.re);
        }
        for (a, b) in pairs {
            im = im.plus_product(&a.of.im, &b.of.im);
        }
        for (a, b) in pairs {
            cross = cross.plus_product(&a.sum, &b.sum);
        }
        Self { re: re.minus(&im), im: cross.minus(&re).minus(&im) }
    }

    /// 3S.
    #[inline(always)]
    pub(super) fn square(a: &Fp2) -> Self {
        let (re, im) = (Wide::square(&a.re), Wide::square(&a.im));
        let cross = Wide::square(&a.re.sum().plus(&a.im).loose());
        Self { re: re.minus(&im), im: cross.minus(&re).minus(&im) }
    }

    #[inline(always)]
    pub(super) fn plus(&self, other: &Self) -> Self {
        Self { re: self.re.plus(&other.re), im: self.im.plus(&other.im) }
    }

    #[inline(always)]
    pub(super) fn minus(&self, other: &Self) -> Self {
        Self { re: self.re.minus(&other.re), im: self.im.minus(&other.im) }
    }

    #[inline(always)]
    pub(super) fn doubled(&self) -> Self {
        Self { re: self.re.doubled(), im: self.im.doubled() }
    }

    /// Returns the product with ξ.
    #[inline(always)]
    pub(super) fn times_xi(&self) -> Self {
        Self { re: self.re.minus(&self.im), im: self.re.plus(&self.im) }
    }

    /// 2R.
    #[inline(always)]
    pub(super) fn reduced(self) -> Fp2 {
        Fp2 { re: self.re.reduced(), im: self.im.reduced() }
    }
}

/// Returns the product with an element of Fp6, whose odd coefficients are zero: 54M 12R.
#[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
pub(super) fn product_with_fp6(a: &Fp12, b: [&Fp2; 3]) -> Fp12 {
    align_stack();
    let (mut even, mut odd) = (SPACE_FP6, SPACE_FP6);
    let [c0, c2, c4] = product_fp6(&mut even, [&a[0], &a[2], &a[4]], b);
    let [c1, c3, c5] = product_fp6(&mut odd, [&a[1], &a[3], &a[5]], b);
    [c0, c1, c2, c3, c4, c5].map(|c| c.reduced())
}

/// a · a^p⁶, which lies in Fp6: 54M 6R.
#[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
pub(super) fn norm_to_fp6(a: &Fp12) -> [Fp2; 3] {
    align_stack();
    let (mut even, mut odd) = (SPACE_FP6, SPACE_FP6);
    let (e, o) = ([&a[0], &a[2], &a[4]], [&a[1], &a[3], &a[5]]);
    let even = product_fp6(&mut even, e, e);
    let odd = product_fp6(&mut odd, o, o);
    [
        even[0].minus(&odd[2].times_xi()).reduced(),
        even[1].minus(odd[0]).reduced(),
        even[2].minus(odd[1]).reduced(),
    ]
}

/// Karatsuba's product in Fp12, over Fp6: 81M 12R.
#[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
pub(super) fn product(a: &Fp12, b: &Fp12) -> Fp12 {
    align_stack();
    let sa = [a[0].plus(&a[1]), a[2].plus(&a[3]), a[4].plus(&a[5])];
    let sb = [b[0].plus(&b[1]), b[2].plus(&b[3]), b[4].plus(&b[5])];
    let (mut even, mut odd, mut both) = (SPACE_FP6, SPACE_FP6, SPACE_FP6);
    let even = product_fp6(&mut even, [&a[0], &a[2], &a[4]], [&b[0], &b[2], &b[4]]);
    let odd = product_fp6(&mut odd, [&a[1], &a[3], &a[5]], [&b[1], &b[3], &b[5]]);
    let both = product_fp6(&mut both, [&sa[0], &sa[1], &sa[2]], [&sb[0], &sb[1], &sb[2]]);
    let mut out = [Fp2::zero(); 6];
    let [c0, c1, c2, c3, c4, c5] = &mut out;
    reduced_plus_xi_times(c0, even[0], odd[2]);
    reduced_minus_both(c1, both[0], even[0], odd[0]);
    reduced_plus(c2, even[1], odd[0]);
    reduced_minus_both(c3, both[1], even[1], odd[1]);
    reduced_plus(c4, even[2], odd[1]);
    reduced_minus_both(c5, both[2], even[2], odd[2]);
    out
}

#[inline(never)]
#[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
fn reduced_plus(out: &mut Fp2, a: &Wide2, b: &Wide2) {
    align_stack();
    *out = Fp2 { re: a.re.plus(&b.re).reduced(), im: a.im.plus(&b.im).reduced() };
}

#[inline(never)]
#[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
fn reduced_plus_xi_times(out: &mut Fp2, a: &Wide2, b: &Wide2) {
    align_stack();
    *out = Fp2 {
        re: a.re.plus(&b.re).minus(&b.im).reduced(),
        im: a.im.plus(&b.re).plus(&b.im).reduced(),
    };
}

#[inline(never)]
#[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
fn reduced_minus_both(out: &mut Fp2, a: &Wide2, b: &Wide2, c: &Wide2) {
    align_stack();
    *out = Fp2 {
        re: a.re.minus(&b.re).minus(&c.re).reduced(),
        im: a.im.minus(&b.im).minus(&c.im).reduced(),
    };
}

/// Room for a result, so that it is written where it stays.
type Space = MaybeUninit<Wide2>;
const SPACE_FP6: [Space; 3] = [const { Space::uninit() }; 3];

/// Returns the product in Fp6 before reduction: 27M.
#[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
fn product_fp6<'a>(space: &'a mut [Space; 3], a: [&Fp2; 3], b: [&Fp2; 3]) -> [&'a Wide2; 3] {
    align_stack();
    let [c0, c1, c2] = space;
    let (a0, a1, a2) = (a[0].factor(), a[1].factor(), a[2].factor());
    let (b0, b1, b2) = (b[0].factor(), b[1].factor(), b[2].factor());
    let (x1, x2) = (a[1].times_xi(), a[2].times_xi());
    let (x1, x2) = (x1.factor(), x2.factor());
    [
        dot(c0, [(&a0, &b0), (&x1, &b2), (&x2, &b1)]),
        dot(c1, [(&a0, &b1), (&a1, &b0), (&x2, &b2)]),
        dot(c2, [(&a0, &b2), (&a1, &b1), (&a2, &b0)]),
    ]
}

/// [`Wide2::dot`], not inlined.
#[inline(never)]
#[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
fn dot<'a, const N: usize>(
    space: &'a mut Space,
    pairs: [(&Factor2<'_>, &Factor2<'_>); N],
) -> &'a Wide2 {
    align_stack();
    space.write(Wide2::dot(pairs))
}

/// [`square_fp4`], not inlined.
#[inline(never)]
#[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
fn wide_square_fp4(a: &Fp2, b: &Fp2) -> [Wide2; 2] {
    align_stack();
    let (c0, c1) = square_fp4(a, b, |c| c, |c| c, |c| c, |c| c);
    [Wide2 { re: c0[0], im: c0[1] }, Wide2 { re: c1[0], im: c1[1] }]
}

/// 2a²: 36M 12R.
///
/// Fp12 is Fp4(w), and this is Chung and Hasan's third squaring of a cubic extension, whose halves
/// are left out: the factor of 2 lies in Fp and does not survive the final exponentiation.
#[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
pub(super) fn twice_square(a: &Fp12, out: &mut Fp12) {
    align_stack();
    let outer = [a[0].plus(&a[2]), a[3].plus(&a[5])];
    let sum = [outer[0].plus(&a[1]), outer[1].plus(&a[4])];
    let difference = [outer[0].minus(&a[1]), outer[1].minus(&a[4])];
    let xi_a4 = a[4].times_xi();
    let s0 = wide_square_fp4(&a[0], &a[3]);
    let s4 = wide_square_fp4(&a[2], &a[5]);
    let s1 = wide_square_fp4(&sum[0], &sum[1]);
    let s2 = wide_square_fp4(&difference[0], &difference[1]);
    // m = a₁a₂ in Fp4.
    let (f1, f2, f4, f5) = (a[1].factor(), a[2].factor(), a[4].factor(), a[5].factor());
    let [mut m0, mut m1, _] = SPACE_FP6;
    let m0 = dot(&mut m0, [(&f1, &f2), (&xi_a4.factor(), &f5)]);
    let m1 = dot(&mut m1, [(&f1, &f5), (&f4, &f2)]);
    // c₀ = 2s₀ + 4s·m, c₁ = s₁ − s₂ − 4m + 2s·s₄, c₂ = s₁ + s₂ − 2s₀ − 2s₄.
    let [c0, c1, c2, c3, c4, c5] = out;
    reduced_c0(c0, &s0[0], m1);
    reduced_c1(c1, &s1[0], &s2[0], &s4[1], m0);
    reduced_c2(c2, &s1[0], &s2[0], &s0[0], &s4[0]);
    reduced_c3(c3, &s0[1], m0);
    reduced_c4(c4, &s1[1], &s2[1], &s4[0], m1);
    reduced_c2(c5, &s1[1], &s2[1], &s0[1], &s4[1]);
}

/// 2s₀ + 4ξm₁.
#[inline(never)]
#[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
fn reduced_c0(out: &mut Fp2, s0: &Wide2, m1: &Wide2) {
    align_stack();
    *out = Fp2 {
        re: m1.re.minus(&m1.im).doubled().plus(&s0.re).doubled().reduced(),
        im: m1.re.plus(&m1.im).doubled().plus(&s0.im).doubled().reduced(),
    };
}

/// 2s₀ + 4m₀.
#[inline(never)]
#[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
fn reduced_c3(out: &mut Fp2, s0: &Wide2, m0: &Wide2) {
    align_stack();
    *out = Fp2 {
        re: m0.re.doubled().plus(&s0.re).doubled().reduced(),
        im: m0.im.doubled().plus(&s0.im).doubled().reduced(),
    };
}

/// s₁ − s₂ + 2ξs₄ − 4m₀.
#[inline(never)]
#[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
fn reduced_c1(out: &mut Fp2, s1: &Wide2, s2: &Wide2, s4: &Wide2, m0: &Wide2) {
    align_stack();
    let re = s4.re.minus(&s4.im).minus(&m0.re).minus(&m0.re).doubled();
    let re = re.plus(&s1.re).minus(&s2.re).reduced();
    let im = s4.re.plus(&s4.im).minus(&m0.im).minus(&m0.im).doubled();
    *out = Fp2 { re, im: im.plus(&s1.im).minus(&s2.im).reduced() };
}

/// s₁ − s₂ + 2s₄ − 4m₁.
#[inline(never)]
#[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
fn reduced_c4(out: &mut Fp2, s1: &Wide2, s2: &Wide2, s4: &Wide2, m1: &Wide2) {
    align_stack();
    let re = s4.re.minus(&m1.re).minus(&m1.re).doubled();
    let re = re.plus(&s1.re).minus(&s2.re).reduced();
    let im = s4.im.minus(&m1.im).minus(&m1.im).doubled();
    *out = Fp2 { re, im: im.plus(&s1.im).minus(&s2.im).reduced() };
}

/// s₁ + s₂ − 2s₀ − 2s₄.
#[inline(never)]
#[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
fn reduced_c2(out: &mut Fp2, s1: &Wide2, s2: &Wide2, s0: &Wide2, s4: &Wide2) {
    align_stack();
    let re = s1.re.plus(&s2.re).minus(&s0.re.plus(&s4.re).doubled()).reduced();
    *out = Fp2 { re, im: s1.im.plus(&s2.im).minus(&s0.im.plus(&s4.im).doubled()).reduced() };
}

/// Returns what (a + b·s)² is made of, for a finish to each of its four coefficients: 6M.
///
/// The coefficients leave in the order of their parts, so that little has to be kept. Parts of a
/// and b are below 256p.
#[inline(always)]
pub(super) fn square_fp4<T, U>(
    a: &Fp2,
    b: &Fp2,
    c0_re: impl FnOnce(Wide) -> T,
    c0_im: impl FnOnce(Wide) -> T,
    c1_re: impl FnOnce(Wide) -> U,
    c1_im: impl FnOnce(Wide) -> U,
) -> ([T; 2], [U; 2]) {
    let b_cross = Wide::product(&b.re, &b.im);
    let b_plus = b.re.sum().plus(&b.im).loose();
    let b_minus = b.re.sum().minus(&b.im).plus_multiple::<256>().loose();
    let crosses = b_cross.plus_product(&a.re, &a.im);
    let a_plus = a.re.sum().plus(&a.im).loose();
    let a_minus = a.re.sum().minus(&a.im).plus_multiple::<256>().loose();
    let b_square = Wide::product(&b_plus, &b_minus);
    let c0_im = c0_im(crosses.doubled().plus(&b_square));
    let squares = b_square.plus_product(&a_plus, &a_minus);
    let (re, im) = (a.re.sum().plus(&b.re), a.im.sum().plus(&b.im));
    let c0_re = c0_re(squares.minus(&b_cross).minus(&b_cross));
    let c1_im = c1_im(Wide::product(&re.loose(), &im.loose()).minus(&crosses).doubled());
    let (plus, minus) = (re.plus_sum(&im), re.minus_sum(&im).plus_multiple::<512>());
    let c1_re = c1_re(Wide::product(&plus.loose(), &minus.loose()).minus(&squares));
    ([c0_re, c0_im], [c1_re, c1_im])
}

/// Returns the coefficients below 1.01p, for such as are below 8p.
#[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
pub(super) fn below_p(a: &Fp12) -> Fp12 {
    a.map(|c| c.below_p())
}

/// Returns the image under w → −w: the power of p⁶, and the inverse in the cyclotomic subgroup.
#[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
pub(super) fn conjugate(a: &Fp12) -> Fp12 {
    [a[0], a[1].negated(), a[2], a[3].negated(), a[4], a[5].negated()]
}
