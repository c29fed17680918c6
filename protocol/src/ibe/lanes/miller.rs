//! Miller's loop with prepared lines: one point of G2 for all lanes, a point of G1 in each.

use super::field::Fe;
use super::tower::{Factor, Fp2, Fp12, Wide2, below_p, conjugate, twice_square};

/// Lines of the loop: 63 doublings and 5 additions.
pub(super) const LINES: usize = 68;
/// How many doublings follow each addition: the distances between the bits of |z|.
const DOUBLINGS: [usize; 5] = [2, 3, 9, 32, 16];

/// A line a + b·w² + w³ before it is evaluated, the same in all lanes.
#[derive(Clone, Copy)]
pub(super) struct Line {
    pub(super) a: Fp2,
    pub(super) b: Fp2,
}

/// What lines are evaluated at: 1/(2y) and −x/y of a point (x, y) of G1 in each lane.
#[derive(Clone, Copy)]
pub(super) struct Arguments {
    pub(super) half_inverse_y: Fe,
    pub(super) negative_x_by_y: Fe,
}

/// A power of 2 times the value of Miller's loop.
#[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
pub(super) fn miller_loop(
    lines: impl IntoIterator<Item = Line>,
    at: &Arguments,
    one: &Fe,
) -> Fp12 {
    let mut lines = lines.into_iter().map(|line| evaluate(&line, at));
    let mut f = [Fp2::zero(); 6];
    if let Some([a, b]) = lines.next() {
        f = [a, Fp2::zero(), b, Fp2 { re: *one, im: Fe::zero() }, Fp2::zero(), Fp2::zero()];
    }
    for doublings in DOUBLINGS {
        lines.next().into_iter().for_each(|line| f = times_line(&below_p(&f), &line));
        for _ in 0..doublings {
            f = twice_square(&f);
            lines.next().into_iter().for_each(|line| f = times_line(&f, &line));
        }
    }
    conjugate(&below_p(&f))
}

/// 4M 4R.
#[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
pub(super) fn evaluate(line: &Line, at: &Arguments) -> [Fp2; 2] {
    [line.a.scaled(&at.half_inverse_y), line.b.scaled(&at.negative_x_by_y)]
}

/// f · (a + b·w² + w³): 30M 12R.
#[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
pub(super) fn times_line(f: &Fp12, [a, b]: &[Fp2; 2]) -> Fp12 {
    let both = a.plus(b).factor();
    let (a, b) = (a.factor(), b.factor());
    let [e0, e1, e2] = times_two([&f[0], &f[2], &f[4]], &a, &b, &both);
    let [o0, o1, o2] = times_two([&f[1], &f[3], &f[5]], &a, &b, &both);
    [
        plus_xi_times(&e0, &f[3]),
        plus_xi_times(&o0, &f[4]),
        plus_xi_times(&e1, &f[5]),
        plus(&o1, &f[0]),
        plus(&e2, &f[1]),
        plus(&o2, &f[2]),
    ]
}

/// The reduced t + a for an a below 2.3p: below 4.6p.
#[inline(always)]
fn plus(t: &Wide2, a: &Fp2) -> Fp2 {
    Fp2 {
        re: t.re.divided().plus(&a.re).plus_multiple::<1>().carried(),
        im: t.im.divided().plus(&a.im).plus_multiple::<1>().carried(),
    }
}

/// The reduced t + ξa for an a below 2.3p: below 6.9p.
#[inline(always)]
fn plus_xi_times(t: &Wide2, a: &Fp2) -> Fp2 {
    Fp2 {
        re: t.re.divided().plus(&a.re).minus(&a.im).plus_multiple::<3>().carried(),
        im: t.im.divided().plus(&a.re).plus(&a.im).plus_multiple::<1>().carried(),
    }
}

/// (c₀ + c₁v + c₂v²)(a + bv) in Fp6 before reduction: 15M.
#[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
fn times_two(c: [&Fp2; 3], a: &Factor, b: &Factor, both: &Factor) -> [Wide2; 3] {
    let [f0, f1, f2] = c.map(|x| x.factor());
    let low = Wide2::product(&f0, a);
    let high = Wide2::product(&f1, b);
    let cross = Wide2::product(&c[0].plus(c[1]).factor(), both);
    [
        low.plus(&Wide2::product(&f2, b).times_xi()),
        cross.minus(&low).minus(&high),
        high.plus(&Wide2::product(&f2, a)),
    ]
}
