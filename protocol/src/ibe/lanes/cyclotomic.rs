//! The cyclotomic subgroup, in which the hard part of the final exponentiation works: squaring is
//! cheaper there (Granger and Scott), and cheaper still with a third of the coefficients left out
//! (Karabina).

use super::convert::{Convert, Exceptions};
use super::field::{Fe, Wide, align_stack};
use super::tower::{Fp2, Fp12, Wide2, below_p, conjugate, product, square_fp4};

/// Coefficients of w, w⁴, w², w⁵; those of w⁰ and w³ follow from them.
type Compressed = [Fp2; 4];

/// How many squarings lead from each bit of |z| to the next, beginning at bit 0.
const RUNS: [usize; 6] = [16, 32, 9, 3, 2, 1];

/// a²: 12M 8R.
#[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
fn square([b, e, c, d]: &Compressed) -> Compressed {
    let [c2, c5] = square_into(b, e, c, d);
    let [c4, c1] = square_by_s_into(c, d, e, b);
    [c1, c4, c2, c5]
}

/// The coefficients of 3(a + b·s)² − 2(c − d·s).
#[inline(never)]
#[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
fn square_into(a: &Fp2, b: &Fp2, c: &Fp2, d: &Fp2) -> [Fp2; 2] {
    align_stack();
    let ([c_re, c_im], [d_re, d_im]) = square_fp4(
        a,
        b,
        |t| part_minus_twice(&t, &c.re),
        |t| part_minus_twice(&t, &c.im),
        |t| part_plus_twice(&t, &d.re),
        |t| part_plus_twice(&t, &d.im),
    );
    [Fp2 { re: c_re, im: c_im }, Fp2 { re: d_re, im: d_im }]
}

/// The coefficients of 3s(a + b·s)² + 2(d − c·s), that of s first.
#[inline(never)]
#[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
fn square_by_s_into(a: &Fp2, b: &Fp2, c: &Fp2, d: &Fp2) -> [Fp2; 2] {
    align_stack();
    let ([c_re, c_im], [re, im]) = square_fp4(
        a,
        b,
        |t| part_minus_twice(&t, &c.re),
        |t| part_minus_twice(&t, &c.im),
        |t| t,
        |t| t,
    );
    let (d_re, d_im) =
        (part_plus_twice(&re.minus(&im), &d.re), part_plus_twice(&re.plus(&im), &d.im));
    [Fp2 { re: c_re, im: c_im }, Fp2 { re: d_re, im: d_im }]
}

#[inline(always)]
fn part_minus_twice(t: &Wide, a: &Fe) -> Fe {
    // Above −2.03p, below 3.78p.
    t.divided().tripled().minus(a).minus(a).plus_multiple::<3>().carried_below_p()
}

#[inline(always)]
fn part_plus_twice(t: &Wide, a: &Fe) -> Fe {
    // Above −0.01p, below 5.81p.
    t.divided().tripled().plus(a).plus(a).plus_multiple::<1>().carried_below_p()
}

impl Convert {
    /// The elements to the power of z = −|z|.
    #[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
    pub(super) fn powers_of_z(&self, elements: &[Fp12], exceptions: &mut Exceptions) -> Vec<Fp12> {
        let mut squares = Vec::with_capacity(RUNS.len() * elements.len());
        for element in elements {
            let a = below_p(element);
            let mut power = [a[1], a[4], a[2], a[5]];
            for run in RUNS {
                for _ in 0..run {
                    power = square(&power);
                }
                squares.push(power);
            }
        }
        let squares = self.decompressed(&squares, exceptions);
        squares.chunks(RUNS.len()).map(|squares| conjugate(&product_of_all(squares))).collect()
    }

    /// Finds the coefficients that were left out, with one inversion for all elements:
    /// a₃ = (ξd² + 3c² − 2e) / 4b and a₀ = ξ(2a₃² + bd − 3ec) + 1. Where b is zero in a lane, the
    /// lane is an exception.
    #[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
    fn decompressed(&self, compressed: &[Compressed], exceptions: &mut Exceptions) -> Vec<Fp12> {
        let divisors: Vec<Fp2> = compressed
            .iter()
            .map(|[b, ..]| {
                let twice = b.plus(b);
                twice.plus(&twice).below_p()
            })
            .collect();
        let inverses = self.inverses_fp2(&divisors, exceptions);
        let mut elements = Vec::with_capacity(compressed.len());
        for (&[b, e, c, d], inverse) in compressed.iter().zip(&inverses) {
            let cc = Wide2::square(&c);
            let above = Wide2::square(&d).times_xi().plus(&cc.doubled()).plus(&cc).reduced();
            let above = above.minus(&e).minus(&e);
            let a3 = above.times(inverse);
            let ec = Wide2::product(&e.factor(), &c.factor());
            let inner = Wide2::square(&a3)
                .doubled()
                .plus(&Wide2::product(&b.factor(), &d.factor()))
                .minus(&ec.doubled())
                .minus(&ec);
            let mut a0 = inner.times_xi().reduced();
            a0.re = a0.re.plus(&self.one);
            elements.push([a0, b, c, a3, e, d]);
        }
        elements
    }
}

#[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
fn product_of_all(factors: &[Fp12]) -> Fp12 {
    let [first, rest @ ..] = factors else { return [Fp2::zero(); 6] };
    rest.iter().fold(*first, |a, b| product(&a, b))
}
