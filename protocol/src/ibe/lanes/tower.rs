//! The extensions of the field: Fp2 = Fp(u), u² = −1; Fp4 = Fp2(s), s² = ξ = 1 + u;
//! Fp12 = Fp2(w), w⁶ = ξ, so that w³ = s.
//!
//! An element of Fp12 is its six coefficients in powers of w. Products are added up as [`Wide2`]
//! and reduced once for each coefficient. `M` counts products of field elements (128
//! multiplications each), `S` squares (72), `R` reductions (129).

use super::field::{Fe, Wide, align_stack};

/// re + im·u.
#[derive(Clone, Copy)]
pub(super) struct Fp2 {
    pub(super) re: Fe,
    pub(super) im: Fe,
}

/// An element of Fp2 with the sum of its parts, as Karatsuba's product needs it.
#[derive(Clone, Copy)]
pub(super) struct Factor {
    re: Fe,
    im: Fe,
    sum: Fe,
}

/// A sum of products in Fp2 that has not been reduced.
#[derive(Clone, Copy)]
pub(super) struct Wide2 {
    pub(super) re: Wide,
    pub(super) im: Wide,
}

/// Coefficients of w⁰ … w⁵.
pub(super) type Fp12 = [Fp2; 6];
/// Coefficients of 1, v, v² in Fp6 = Fp2(v), v = w², before reduction.
type Wide6 = [Wide2; 3];

impl Fp2 {
    #[inline(always)]
    pub(super) fn zero() -> Self {
        Self { re: Fe::zero(), im: Fe::zero() }
    }

    #[inline(always)]
    pub(super) fn factor(&self) -> Factor {
        Factor { re: self.re, im: self.im, sum: self.re.plus(&self.im) }
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

    /// The product with ξ.
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

    /// The product with its conjugate, re² + im²: 2S 1R.
    #[inline(always)]
    pub(super) fn norm(&self) -> Fe {
        Wide::square(&self.re).plus(&Wide::square(&self.im)).reduced()
    }
}

impl Wide2 {
    /// Karatsuba's product: 3M.
    #[inline(always)]
    pub(super) fn product(a: &Factor, b: &Factor) -> Self {
        Self::dot([(a, b)])
    }

    /// The sum of N products: 3N·M.
    #[inline(always)]
    pub(super) fn dot<const N: usize>(pairs: [(&Factor, &Factor); N]) -> Self {
        let (mut re, mut im, mut cross) = (Wide::zero(), Wide::zero(), Wide::zero());
        for (a, b) in pairs {
            re = re.plus_product(&a.re, &b.re);
        }
        for (a, b) in pairs {
            im = im.plus_product(&a.im, &b.im);
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
        let cross = Wide::square(&a.re.plus(&a.im));
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

    /// The product with ξ.
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

/// Karatsuba's product in Fp12, over Fp6: 81M 12R.
#[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
pub(super) fn product(a: &Fp12, b: &Fp12) -> Fp12 {
    align_stack();
    let even = product_fp6([&a[0], &a[2], &a[4]], [&b[0], &b[2], &b[4]]);
    let odd = product_fp6([&a[1], &a[3], &a[5]], [&b[1], &b[3], &b[5]]);
    let sa = [a[0].plus(&a[1]), a[2].plus(&a[3]), a[4].plus(&a[5])];
    let sb = [b[0].plus(&b[1]), b[2].plus(&b[3]), b[4].plus(&b[5])];
    let both = product_fp6([&sa[0], &sa[1], &sa[2]], [&sb[0], &sb[1], &sb[2]]);
    [
        even[0].plus(&odd[2].times_xi()).reduced(),
        both[0].minus(&even[0]).minus(&odd[0]).reduced(),
        even[1].plus(&odd[0]).reduced(),
        both[1].minus(&even[1]).minus(&odd[1]).reduced(),
        even[2].plus(&odd[1]).reduced(),
        both[2].minus(&even[2]).minus(&odd[2]).reduced(),
    ]
}

/// The product in Fp6 before reduction: 27M.
#[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
fn product_fp6(a: [&Fp2; 3], b: [&Fp2; 3]) -> Wide6 {
    align_stack();
    let [a0, a1, a2] = [a[0].factor(), a[1].factor(), a[2].factor()];
    let [b0, b1, b2] = [b[0].factor(), b[1].factor(), b[2].factor()];
    let (x1, x2) = (a[1].times_xi().factor(), a[2].times_xi().factor());
    [
        dot([(&a0, &b0), (&x1, &b2), (&x2, &b1)]),
        dot([(&a0, &b1), (&a1, &b0), (&x2, &b2)]),
        dot([(&a0, &b2), (&a1, &b1), (&a2, &b0)]),
    ]
}

/// [`Wide2::dot`], not inlined.
#[inline(never)]
#[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
pub(super) fn dot<const N: usize>(pairs: [(&Factor, &Factor); N]) -> Wide2 {
    align_stack();
    Wide2::dot(pairs)
}

/// [`square_fp4`], not inlined.
#[inline(never)]
#[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
pub(super) fn wide_square_fp4(a: &Fp2, b: &Fp2) -> [Wide2; 2] {
    align_stack();
    let (c0, c1) = square_fp4(a, b, |c| c, |c| c, |c| c, |c| c);
    [Wide2 { re: c0[0], im: c0[1] }, Wide2 { re: c1[0], im: c1[1] }]
}

/// 2a²: 36M 12R.
///
/// Fp12 is Fp4(w), and this is Chung and Hasan's third squaring of a cubic extension, whose halves
/// are left out: the factor of 2 lies in Fp and does not survive the final exponentiation.
#[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
pub(super) fn twice_square(a: &Fp12) -> Fp12 {
    align_stack();
    let s0 = wide_square_fp4(&a[0], &a[3]);
    let s4 = wide_square_fp4(&a[2], &a[5]);
    let outer = [a[0].plus(&a[2]), a[3].plus(&a[5])];
    let s1 = wide_square_fp4(&outer[0].plus(&a[1]), &outer[1].plus(&a[4]));
    let s2 = wide_square_fp4(&outer[0].minus(&a[1]), &outer[1].minus(&a[4]));
    // m = a₁a₂ in Fp4.
    let [f1, f2, f4, f5] = [a[1].factor(), a[2].factor(), a[4].factor(), a[5].factor()];
    let m0 = dot([(&f1, &f2), (&a[4].times_xi().factor(), &f5)]);
    let m1 = dot([(&f1, &f5), (&f4, &f2)]);
    // c₀ = 2s₀ + 4s·m, c₁ = s₁ − s₂ − 4m + 2s·s₄, c₂ = s₁ + s₂ − 2s₀ − 2s₄.
    [
        s0[0].plus(&m1.doubled().times_xi()).doubled().reduced(),
        s1[0].minus(&s2[0]).plus(&s4[1].times_xi().minus(&m0.doubled()).doubled()).reduced(),
        s1[0].plus(&s2[0]).minus(&s0[0].plus(&s4[0]).doubled()).reduced(),
        s0[1].plus(&m0.doubled()).doubled().reduced(),
        s1[1].minus(&s2[1]).plus(&s4[0].minus(&m1.doubled()).doubled()).reduced(),
        s1[1].plus(&s2[1]).minus(&s0[1].plus(&s4[1]).doubled()).reduced(),
    ]
}

/// What (a + b·s)² is made of, for a finish to each of its four coefficients: 6M.
///
/// The coefficients leave in the order of their parts, so that little has to be kept.
#[inline(always)]
pub(super) fn square_fp4<T, U>(
    a: &Fp2,
    b: &Fp2,
    c0_re: impl FnOnce(Wide) -> T,
    c0_im: impl FnOnce(Wide) -> T,
    c1_re: impl FnOnce(Wide) -> U,
    c1_im: impl FnOnce(Wide) -> U,
) -> ([T; 2], [U; 2]) {
    let (a_plus, a_minus) = (a.re.plus(&a.im), a.re.minus(&a.im));
    let (b_plus, b_minus) = (b.re.plus(&b.im), b.re.minus(&b.im));
    let b_square = Wide::product(&b_plus, &b_minus);
    let squares = b_square.plus_product(&a_plus, &a_minus);
    let b_cross = Wide::product(&b.re, &b.im.plus(&b.im));
    let c0_re = c0_re(squares.minus(&b_cross));
    let crosses = b_cross.plus_product(&a.re, &a.im.plus(&a.im));
    let c0_im = c0_im(crosses.plus(&b_square));
    let both = a.plus(b);
    let both_plus = both.re.plus(&both.im);
    let c1_re = c1_re(Wide::product(&both_plus, &both.re.minus(&both.im)).minus(&squares));
    let c1_im = c1_im(Wide::product(&both.re, &both.im.plus(&both.im)).minus(&crosses));
    ([c0_re, c0_im], [c1_re, c1_im])
}
/// The coefficients below 1.01p, for such as are below 8p.
#[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
pub(super) fn below_p(a: &Fp12) -> Fp12 {
    a.map(|c| Fp2 { re: c.re.sum().carried_below_p(), im: c.im.sum().carried_below_p() })
}

/// The image under w → −w: the power of p⁶, and the inverse in the cyclotomic subgroup.
#[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
pub(super) fn conjugate(a: &Fp12) -> Fp12 {
    [a[0], a[1].negated(), a[2], a[3].negated(), a[4], a[5].negated()]
}
