//! Miller's loop with prepared lines: one point of G2 for all lanes, a point of G1 in each.

use super::field::{Fe, align_stack};
use super::tower::{Factor2, Fp2, Fp12, Wide2, below_p, conjugate, twice_square};

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

/// Returns a power of 2 times the value of Miller's loop.
#[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
pub(super) fn miller_loop(lines: impl IntoIterator<Item = Line>, at: &Arguments, one: &Fe) -> Fp12 {
    let mut lines = lines.into_iter().map(|line| evaluate(&line, at));
    let zero = Fp2::zero();
    let one = Fp2 { re: *one, im: zero.re };
    let mut f = match lines.next() {
        Some([a, b]) => [a, zero, b, one, zero, zero],
        None => [one, zero, zero, zero, zero, zero],
    };
    let mut other = f;
    for doublings in DOUBLINGS {
        if let Some(line) = lines.next() {
            other = below_p(&f);
            times_line(&other, &line, &mut f);
        }
        for line in lines.by_ref().take(doublings) {
            twice_square(&f, &mut other);
            times_line(&other, &line, &mut f);
        }
    }
    conjugate(&below_p(&f))
}

/// 4M 4R.
#[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
fn evaluate(line: &Line, at: &Arguments) -> [Fp2; 2] {
    align_stack();
    [line.a.scaled(&at.half_inverse_y), line.b.scaled(&at.negative_x_by_y)]
}

/// f · (a + b·w² + w³): 36M 12R.
#[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
fn times_line(f: &Fp12, [a, b]: &[Fp2; 2], out: &mut Fp12) {
    align_stack();
    let xi_b = b.times_xi();
    let (a, b, xi_b) = (a.factor(), b.factor(), xi_b.factor());
    let [f0, f1, f2] = [f[0].factor(), f[1].factor(), f[2].factor()];
    let [f3, f4, f5] = [f[3].factor(), f[4].factor(), f[5].factor()];
    let [c0, c1, c2, c3, c4, c5] = out;
    dot_plus_xi_times(c0, [(&f0, &a), (&f4, &xi_b)], &f[3]);
    dot_plus_xi_times(c1, [(&f1, &a), (&f5, &xi_b)], &f[4]);
    dot_plus_xi_times(c2, [(&f2, &a), (&f0, &b)], &f[5]);
    dot_plus(c3, [(&f3, &a), (&f1, &b)], &f[0]);
    dot_plus(c4, [(&f4, &a), (&f2, &b)], &f[1]);
    dot_plus(c5, [(&f5, &a), (&f3, &b)], &f[2]);
}

#[inline(never)]
#[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
fn dot_plus(out: &mut Fp2, pairs: [(&Factor2<'_>, &Factor2<'_>); 2], a: &Fp2) {
    align_stack();
    *out = plus(&Wide2::dot(pairs), a);
}

#[inline(never)]
#[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
fn dot_plus_xi_times(out: &mut Fp2, pairs: [(&Factor2<'_>, &Factor2<'_>); 2], a: &Fp2) {
    align_stack();
    *out = plus_xi_times(&Wide2::dot(pairs), a);
}

/// Returns the reduced t + a for an a below 2.3p: below 4.6p.
#[inline(always)]
fn plus(t: &Wide2, a: &Fp2) -> Fp2 {
    Fp2 {
        re: t.re.divided().plus(&a.re).plus_multiple::<1>().carried(),
        im: t.im.divided().plus(&a.im).plus_multiple::<1>().carried(),
    }
}

/// Returns the reduced t + ξa for an a below 2.3p: below 6.9p.
#[inline(always)]
fn plus_xi_times(t: &Wide2, a: &Fp2) -> Fp2 {
    Fp2 {
        re: t.re.divided().plus(&a.re).minus(&a.im).plus_multiple::<3>().carried(),
        im: t.im.divided().plus(&a.re).plus(&a.im).plus_multiple::<1>().carried(),
    }
}
