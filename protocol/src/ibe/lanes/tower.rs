//! The extensions of the field: Fp2 = Fp(u), u² = −1; Fp4 = Fp2(s), s² = ξ = 1 + u;
//! Fp12 = Fp2(w), w⁶ = ξ, so that w³ = s.
//!
//! An element of Fp12 is its six coefficients in powers of w. Products are added up as [`Wide2`]
//! and reduced once for each coefficient. `M` counts products of field elements (128
//! multiplications each), `S` squares (72), `R` reductions (129).

use super::field::{Fe, Wide};

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

/// (a + b·s)² in Fp4, before reduction: 9S.
#[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
pub(super) fn square_fp4(a: &Fp2, b: &Fp2) -> [Wide2; 2] {
    let (aa, bb) = (Wide2::square(a), Wide2::square(b));
    let both = Wide2::square(&a.plus(b));
    [aa.plus(&bb.times_xi()), both.minus(&aa).minus(&bb)]
}

/// Karatsuba's product in Fp6 before reduction: 18M.
#[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
fn product_fp6(a: [&Fp2; 3], b: [&Fp2; 3]) -> Wide6 {
    let (fa, fb) = (a.map(|x| x.factor()), b.map(|x| x.factor()));
    let [v0, v1, v2] = [0, 1, 2].map(|i: usize| Wide2::product(&fa[i], &fb[i]));
    let cross = |i: usize, j: usize| {
        Wide2::product(&a[i].plus(a[j]).factor(), &b[i].plus(b[j]).factor())
    };
    [
        cross(1, 2).minus(&v1).minus(&v2).times_xi().plus(&v0),
        cross(0, 1).minus(&v0).minus(&v1).plus(&v2.times_xi()),
        cross(0, 2).minus(&v0).minus(&v2).plus(&v1),
    ]
}

/// The product with v: v³ = ξ.
#[inline(always)]
fn times_v([a, b, c]: &Wide6) -> Wide6 {
    [c.times_xi(), *a, *b]
}

#[inline(always)]
fn map2(a: &Wide6, b: &Wide6, f: impl Fn(&Wide2, &Wide2) -> Wide2) -> Wide6 {
    core::array::from_fn(|i| f(&a[i], &b[i]))
}

/// 54M 12R.
#[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
pub(super) fn product(a: &Fp12, b: &Fp12) -> Fp12 {
    let even = product_fp6([&a[0], &a[2], &a[4]], [&b[0], &b[2], &b[4]]);
    let odd = product_fp6([&a[1], &a[3], &a[5]], [&b[1], &b[3], &b[5]]);
    let sa = [a[0].plus(&a[1]), a[2].plus(&a[3]), a[4].plus(&a[5])];
    let sb = [b[0].plus(&b[1]), b[2].plus(&b[3]), b[4].plus(&b[5])];
    let both = product_fp6([&sa[0], &sa[1], &sa[2]], [&sb[0], &sb[1], &sb[2]]);
    let [c0, c2, c4] = map2(&even, &times_v(&odd), |x, y| x.plus(y));
    let mixed = map2(&both, &even, |x, y| x.minus(y));
    let [c1, c3, c5] = map2(&mixed, &odd, |x, y| x.minus(y));
    [c0, c1, c2, c3, c4, c5].map(|c| c.reduced())
}

/// 2a²: 36S 9M 12R.
///
/// Fp12 is Fp4(w), and this is Chung and Hasan's third squaring of a cubic extension, whose halves
/// are left out: the factor of 2 lies in Fp and does not survive the final exponentiation.
#[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
pub(super) fn twice_square(a: &Fp12) -> Fp12 {
    let s0 = square_fp4(&a[0], &a[3]);
    let s4 = square_fp4(&a[2], &a[5]);
    let outer = [a[0].plus(&a[2]), a[3].plus(&a[5])];
    let s1 = square_fp4(&outer[0].plus(&a[1]), &outer[1].plus(&a[4]));
    let s2 = square_fp4(&outer[0].minus(&a[1]), &outer[1].minus(&a[4]));
    let [m0, m1] = product_fp4([&a[1], &a[4]], [&a[2], &a[5]]);
    // c₀ = 2s₀ + 4s·m, c₁ = s₁ − s₂ − 4m + 2s·s₄, c₂ = s₁ + s₂ − 2s₀ − 2s₄.
    let c0 = s0[0].plus(&m1.doubled().times_xi()).doubled();
    let c3 = s0[1].plus(&m0.doubled()).doubled();
    let c1 = s1[0].minus(&s2[0]).plus(&s4[1].times_xi().minus(&m0.doubled()).doubled());
    let c4 = s1[1].minus(&s2[1]).plus(&s4[0].minus(&m1.doubled()).doubled());
    let c2 = s1[0].plus(&s2[0]).minus(&s0[0].plus(&s4[0]).doubled());
    let c5 = s1[1].plus(&s2[1]).minus(&s0[1].plus(&s4[1]).doubled());
    [c0, c1, c2, c3, c4, c5].map(|c| c.reduced())
}

/// Karatsuba's product in Fp4 before reduction: 9M.
#[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
fn product_fp4(a: [&Fp2; 2], b: [&Fp2; 2]) -> [Wide2; 2] {
    let low = Wide2::product(&a[0].factor(), &b[0].factor());
    let high = Wide2::product(&a[1].factor(), &b[1].factor());
    let both = Wide2::product(&a[0].plus(a[1]).factor(), &b[0].plus(b[1]).factor());
    [low.plus(&high.times_xi()), both.minus(&low).minus(&high)]
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
