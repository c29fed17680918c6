//! The cyclotomic subgroup, in which the hard part of the final exponentiation works: squaring is
//! cheaper there (Granger and Scott), and cheaper still with a third of the coefficients left out
//! (Karabina).

use super::convert::{Convert, Exceptions};
use super::field::{Fe, Wide, align_stack};
use super::tower::{Fp2, Fp12, Wide2, below_p, conjugate, product, square_fp4};

/// Coefficients of w, w⁴, w², w⁵; those of w⁰ and w³ follow from them.
type Compressed = [Fp2; 4];

/// How many squarings lead from each bit of |z| to the next, beginning at bit 0: the first, which
/// are compressed, and the last, between which decompressing would cost more than it saves.
const COMPRESSED_RUNS: [usize; 4] = [16, 32, 9, 3];
const LAST_RUNS: [usize; 2] = [2, 1];

/// a², for coefficients below 1.01p: 18M 12R.
#[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
pub(super) fn square_whole([a0, b, c, a3, e, d]: &Fp12) -> Fp12 {
    let mut out = [Fp2::zero(); 6];
    let [a0_out, b_out, c_out, a3_out, e_out, d_out] = &mut out;
    square_into([a0_out, a3_out], [a0, a3], [a0, a3]);
    square_into([c_out, d_out], [b, e], [c, d]);
    square_by_s_into([b_out, e_out], [c, d], [b, e]);
    out
}

/// a²: 12M 8R.
#[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
fn square([b, e, c, d]: &Compressed, [b2, e2, c2, d2]: &mut Compressed) {
    square_into([c2, d2], [b, e], [c, d]);
    square_by_s_into([b2, e2], [c, d], [b, e]);
}

/// Returns the coefficients of 3(a + b·s)² − 2(c − d·s).
#[inline(never)]
#[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
fn square_into(out: [&mut Fp2; 2], [a, b]: [&Fp2; 2], [c, d]: [&Fp2; 2]) {
    align_stack();
    let ([c_re, c_im], [d_re, d_im]) = square_fp4(
        a,
        b,
        |t| part_minus_twice(&t, &c.re),
        |t| part_minus_twice(&t, &c.im),
        |t| part_plus_twice(&t, &d.re),
        |t| part_plus_twice(&t, &d.im),
    );
    c_re.put(&mut out[0].re);
    c_im.put(&mut out[0].im);
    d_re.put(&mut out[1].re);
    d_im.put(&mut out[1].im);
}

/// Returns the coefficients of 3s(a + b·s)² + 2(c − d·s).
#[inline(never)]
#[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
fn square_by_s_into(out: [&mut Fp2; 2], [a, b]: [&Fp2; 2], [c, d]: [&Fp2; 2]) {
    align_stack();
    let ([d_re, d_im], [re, im]) = square_fp4(
        a,
        b,
        |t| part_minus_twice(&t, &d.re),
        |t| part_minus_twice(&t, &d.im),
        |t| t,
        |t| t,
    );
    d_re.put(&mut out[1].re);
    d_im.put(&mut out[1].im);
    // s² = ξ.
    part_plus_twice(&re.minus(&im), &c.re).put(&mut out[0].re);
    part_plus_twice(&re.plus(&im), &c.im).put(&mut out[0].im);
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
    /// Returns the elements to the power of z = −|z|.
    #[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
    pub(super) fn powers_of_z(&self, elements: &[Fp12], exceptions: &mut Exceptions) -> Vec<Fp12> {
        let mut squares = Vec::with_capacity(COMPRESSED_RUNS.len() * elements.len());
        for element in elements {
            let a = below_p(element);
            let mut power = [a[1], a[4], a[2], a[5]];
            let mut other = power;
            for run in COMPRESSED_RUNS {
                for _ in 0..run / 2 {
                    square(&power, &mut other);
                    square(&other, &mut power);
                }
                if run % 2 == 1 {
                    square(&power, &mut other);
                    power = other;
                }
                squares.push(power);
            }
        }
        let inverses = self.inverses_of_divisors(&squares, exceptions);
        let (squares, inverses) =
            (squares.chunks(COMPRESSED_RUNS.len()), inverses.chunks(COMPRESSED_RUNS.len()));
        squares
            .zip(inverses)
            .map(|(squares, inverses)| {
                let mut factors =
                    squares.iter().zip(inverses).map(|(square, i)| self.decompressed(square, i));
                let mut last = factors.next().unwrap_or([Fp2::zero(); 6]);
                let mut power = last;
                for factor in factors {
                    power = product(&power, &factor);
                    last = factor;
                }
                for run in LAST_RUNS {
                    last = (0..run).fold(last, |last, _| square_whole(&below_p(&last)));
                    power = product(&power, &last);
                }
                conjugate(&power)
            })
            .collect()
    }

    /// Returns the inverses of 4b. Where b is zero in a lane, the lane is an exception.
    #[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
    fn inverses_of_divisors(
        &self,
        compressed: &[Compressed],
        exceptions: &mut Exceptions,
    ) -> Vec<Fp2> {
        let four_times = |[b, ..]: &Compressed| {
            let twice = b.plus(b);
            twice.plus(&twice).below_p()
        };
        let divisors: Vec<Fp2> = compressed.iter().map(four_times).collect();
        self.inverses_fp2(&divisors, exceptions)
    }

    /// Finds the coefficients that were left out: a₃ = (ξd² + 3c² − 2e) / 4b and
    /// a₀ = ξ(2a₃² + bd − 3ec) + 1.
    #[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
    fn decompressed(&self, [b, e, c, d]: &Compressed, inverse: &Fp2) -> Fp12 {
        align_stack();
        let cc = Wide2::square(c);
        let above = Wide2::square(d).times_xi().plus(&cc.doubled()).plus(&cc).reduced();
        let a3 = above.minus(e).minus(e).times(inverse);
        let ec = Wide2::product(&e.factor(), &c.factor());
        let bd = Wide2::product(&b.factor(), &d.factor());
        let inner = Wide2::square(&a3).doubled().plus(&bd).minus(&ec.doubled()).minus(&ec);
        let mut a0 = inner.times_xi().reduced();
        a0.re = a0.re.plus(&self.one);
        [a0, *b, *c, a3, *e, *d]
    }
}
