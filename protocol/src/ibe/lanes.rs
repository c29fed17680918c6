//! Eight pairings at a time, with AVX-512 IFMA.
//!
//! | file | what |
//! |---|---|
//! | `field` | eight field elements: sums, products, reduction, and why nothing overflows |
//! | `tower` | the extensions Fp2, Fp4, Fp12 |
//! | `miller` | Miller's loop of one point of G2 with eight of G1 |
//! | `cyclotomic`, `final_exponentiation` | the rest of the pairing, with shared inversions |
//! | `convert` | between blst's numbers and lanes |
//! | `constants` | what is derived from the modulus |
//!
//! Nothing here is secret, neither published keys nor what records hold in the clear, and nothing
//! branches on a value but for division by zero.

mod constants;
mod convert;
mod cyclotomic;
mod field;
mod instructions;
mod final_exponentiation;
mod miller;
mod tower;

use std::sync::OnceLock;

use constants::Limbs;
use convert::{Convert, inverses};
use field::{Fe, LANES};
use miller::{Arguments, LINES, Line, miller_loop};
use tower::{Fp2, Fp12};

use super::group::{Fp, Fp2 as BlstFp2, G1, G2, Gt, PreparedG2, pairing};

/// Whether the processor has the instructions.
pub(super) fn available() -> bool {
    is_x86_feature_detected!("avx512f")
        && is_x86_feature_detected!("avx512dq")
        && is_x86_feature_detected!("avx512ifma")
}

/// How many chunks share their inversions; with it what is in use at a time stays below 400 kB.
const CHUNKS_AT_ONCE: usize = 8;

pub(super) struct RecordLines { point: G2, lines: Vec<[Limbs; 4]> }
pub(super) struct KeyChunk { points: Vec<G1>, half_inverse_y: [Limbs; LANES], negative_x_by_y: [Limbs; LANES] }

fn convert() -> &'static Convert {
    static CONVERT: OnceLock<Convert> = OnceLock::new();
    // SAFETY: called only after `available()`.
    CONVERT.get_or_init(|| unsafe { Convert::new() })
}

pub(super) fn lines(q: &G2) -> RecordLines {
    let convert = convert();
    let lines: Vec<[BlstFp2; 3]> = PreparedG2::new(q).lines().collect();
    let mut prefixes = Vec::with_capacity(LINES);
    let mut running = BlstFp2::new(Fp::from_small(1), Fp::ZERO);
    for [_, _, z] in &lines {
        prefixes.push(running);
        running = running.mul(*z);
    }
    let mut inverse = running.inverse();
    let mut out = Vec::with_capacity(LINES);
    for ([x, y, z], prefix) in lines.iter().zip(&prefixes).rev() {
        let i = inverse.mul(*prefix);
        inverse = inverse.mul(*z);
        let (a, b) = (x.mul(i), y.mul(i));
        out.push([a.real(), a.imaginary(), b.real(), b.imaginary()].map(|c| convert.limbs(c)));
    }
    out.reverse();
    RecordLines { point: *q, lines: out }
}

pub(super) fn chunk(points: &[G1]) -> KeyChunk {
    let convert = convert();
    let coordinates: [(Fp, Fp); LANES] = core::array::from_fn(|i| points[i % points.len()].coordinates());
    let inv = inverses(&coordinates.map(|(_, y)| y.add(y)));
    KeyChunk {
        points: points.to_vec(),
        half_inverse_y: inv.map(|i| convert.limbs(i)),
        negative_x_by_y: core::array::from_fn(|l| convert.limbs(inv[l].add(inv[l]).mul(coordinates[l].0).neg())),
    }
}

pub(super) fn pairings(lines: &RecordLines, chunks: &[KeyChunk], mut found: impl FnMut(usize, [Gt; LANES])) {
    for (group, chunks) in chunks.chunks(CHUNKS_AT_ONCE).enumerate() {
        // SAFETY: called only after `available()`.
        let values = unsafe { pairings_of_group(lines, chunks) };
        for (i, value) in values.into_iter().enumerate() {
            found(group * CHUNKS_AT_ONCE + i, value);
        }
    }
}

#[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
fn pairings_of_group(lines: &RecordLines, chunks: &[KeyChunk]) -> Vec<[Gt; LANES]> {
    let convert = convert();
    let values: Vec<Fp12> = chunks.iter().map(|chunk| {
        let at = Arguments { half_inverse_y: Fe::from_lanes(&chunk.half_inverse_y), negative_x_by_y: Fe::from_lanes(&chunk.negative_x_by_y) };
        let lines = lines.lines.iter().map(|[a, b, c, d]| Line {
            a: Fp2 { re: Fe::splat(a), im: Fe::splat(b) },
            b: Fp2 { re: Fe::splat(c), im: Fe::splat(d) },
        });
        miller_loop(lines, &at, &convert.one)
    }).collect();
    let mut exceptions = 0;
    let values = convert.final_exponentiation(&values, &mut exceptions);
    let mut elements: Vec<_> = values.iter().map(|value| convert.elements(value)).collect();
    for (chunk, elements) in chunks.iter().zip(&mut elements) {
        for (lane, point) in chunk.points.iter().enumerate() {
            if exceptions & 1 << lane != 0 {
                elements[lane] = pairing(point, &lines.point);
            }
        }
    }
    elements
}
pub(super) fn profile() { unsafe { profile_in() } }
#[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
fn profile_in() {
    use std::hint::black_box as bb;
    let c = convert();
    fn t(n: &str, per: f64, mut f: impl FnMut()) { let mut v = vec![]; for _ in 0..21 { let s = std::time::Instant::now(); f(); v.push(s.elapsed().as_secs_f64() * 1e9 / per); } v.sort_by(|a, b| a.partial_cmp(b).unwrap()); println!("   {n}: median {:.0} ns min {:.0} = {:.0} cycles", v[10], v[0], v[0]*3.665); }
    let x = Fe::splat(&c.limbs(Fp::from_small(77)));
    let q = G2::generator();
    let l = lines(&q);
    let ch = chunk(&[G1::generator()]);
    let at = Arguments { half_inverse_y: Fe::from_lanes(&ch.half_inverse_y), negative_x_by_y: Fe::from_lanes(&ch.negative_x_by_y) };
    let ls: Vec<Line> = l.lines.iter().map(|[a, b, c, d]| Line { a: Fp2 { re: Fe::splat(a), im: Fe::splat(b) }, b: Fp2 { re: Fe::splat(c), im: Fe::splat(d) } }).collect();
    let f = miller_loop(ls.iter().copied(), &at, &c.one);
    let mut y = x; t("times x1000 (257)", 1000.0, || for _ in 0..1000 { y = fe_times(&y, &x); });
    bb(y);
    let mut w = field::Wide::zero(); t("k_square (72)", 1000.0, || for _ in 0..1000 { k_square(bb(&x), &mut w); });
    t("k_product (128)", 1000.0, || for _ in 0..1000 { k_product(bb(&x), &x, &mut w); });
    t("k_reduce (129)", 1000.0, || for _ in 0..1000 { k_reduce(bb(&w), &mut y); });
    t("k_plus (0)", 1000.0, || for _ in 0..1000 { k_plus(bb(&x), &x, &mut y); });
    let (p1,p2)=(f[1],f[2]);
    let mut ws=[field::Wide::zero();4];
    t("kA 2P+4prep (256)", 1000.0, || for _ in 0..1000 { k_a(bb(&p1), &p2, &mut ws); });
    t("kB P,P acc (256)", 1000.0, || for _ in 0..1000 { k_b(bb(&p1), &p2, &mut ws); });
    t("kC 4prep (0)", 1000.0, || for _ in 0..1000 { k_c(bb(&p1), &p2, &mut ws); });
    t("kD 3P sep (384)", 1000.0, || for _ in 0..1000 { k_d(bb(&p1), &p2, &mut ws); });
    t("kE 4P acc + red (641)", 1000.0, || for _ in 0..1000 { k_e(bb(&p1), &p2, &mut y); });
    t("square_fp4 (648)", 1000.0, || for _ in 0..1000 { bb(tower::wide_square_fp4(bb(&p1), &p2)); });
    let mut g = f; t("twice_square (5292)", 100.0, || for _ in 0..100 { g = tower::twice_square(&g); }); bb(g);
    let mut g = f; t("product (8460)", 100.0, || for _ in 0..100 { g = tower::product(&g, &f); }); bb(g);
    let ab = [f[1], f[2]];
    let mut g = f; t("times_line (5388)", 100.0, || for _ in 0..100 { g = miller::times_line(&g, &ab); }); bb(g);
    t("evaluate (1028)", 100.0, || for _ in 0..100 { bb(miller::evaluate(bb(&ls[3]), &at)); });
    let g = tower::below_p(&f); let mut g=[g[1],g[4],g[2],g[5]]; t("square_compressed (2328)", 100.0, || for _ in 0..100 { g = cyclotomic::square_compressed(&g); }); bb(g);
    t("miller (769k)", 1.0, || { bb(miller_loop(ls.iter().copied(), &at, &c.one)); });
    let fs = [f; 8];
    let mut e = 0;
    t("final (1260k)", 8.0, || { bb(c.final_exponentiation(&fs, &mut e)); });
    t("inverse", 1.0, || { bb(c.inverse_of_each_lane(&x, &mut e)); });
    t("elements", 1.0, || { bb(c.elements(&f)); });
    println!("exceptions {e}");
}
#[inline(never)]
#[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
fn fe_times(a: &Fe, b: &Fe) -> Fe { a.times(b) }
pub(super) fn debug() { unsafe { debug_in() } }
#[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
fn debug_in() {
    let c = convert();
    let p = G1::generator(); let q = G2::generator();
    let l = lines(&q); let ch = chunk(&[p]);
    let at = Arguments { half_inverse_y: Fe::from_lanes(&ch.half_inverse_y), negative_x_by_y: Fe::from_lanes(&ch.negative_x_by_y) };
    let ls: Vec<Line> = l.lines.iter().map(|[a, b, c, d]| Line { a: Fp2 { re: Fe::splat(a), im: Fe::splat(b) }, b: Fp2 { re: Fe::splat(c), im: Fe::splat(d) } }).collect();
    let to = |f: &Fp12| c.elements(f)[3];
    let from = |g: &Gt| -> Fp12 { g.coefficients().map(|x| Fp2 { re: Fe::splat(&c.limbs(x.real())), im: Fe::splat(&c.limbs(x.imaginary())) }) };
    let m = Gt::dmiller(&p, &q);
    println!("roundtrip {}", to(&from(&m)) == m);
    let x = from(&m); let m2 = m.dmul(&m); let m3 = m2.dmul(&m);
    println!("product {}", to(&tower::product(&x, &from(&m2))) == m3);
    println!("twice {}", to(&tower::twice_square(&x)) == Gt::from_coefficients(&m2.coefficients().map(|a| a.add(a))));
    println!("frob {}", (1..4).all(|n| to(&c.frobenius(&x, n)) == m.dfrob(n)));
    println!("miller {}", { let v = miller_loop(ls.iter().copied(), &at, &c.one); to(&v).dfinal() == m.dfinal() });
    let mut e = 0;
    println!("final {}", to(&c.final_exponentiation(&[x], &mut e)[0]) == m.dfinal());
    let easy = { let f = m.dconj().dmul(&m.dinv()); f.dfrob(2).dmul(&f) };
    println!("easy {} {e}", to(&c.easy_part(&[x], &mut e)[0]) == easy);
    let zp = { let mut r = easy; for i in (0..63).rev() { r = r.dmul(&r); if 0xd201000000010000u64 >> i & 1 == 1 { r = r.dmul(&easy); } } r.dconj() };
    println!("zpow {}", to(&c.powers_of_z(&[from(&easy)], false, &mut e)[0]) == zp);
}

#[inline(never)] #[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
fn k_square(a: &Fe, w: &mut field::Wide) { *w = field::Wide::square(a) }
#[inline(never)] #[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
fn k_product(a: &Fe, b: &Fe, w: &mut field::Wide) { *w = field::Wide::product(a, b) }
#[inline(never)] #[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
fn k_reduce(w: &field::Wide, f: &mut Fe) { *f = w.reduced() }
#[inline(never)] #[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
fn k_plus(a: &Fe, b: &Fe, f: &mut Fe) { *f = a.plus(b) }

#[inline(never)] #[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
fn k_a(a: &Fp2, b: &Fp2, w: &mut [field::Wide;4]) { field::align_stack();
    let (a_plus, a_minus) = (a.re.sum().plus(&a.im), a.re.sum().minus(&a.im));
    let (b_plus, b_minus) = (b.re.sum().plus(&b.im), b.re.sum().minus(&b.im));
    let b_square = field::Wide::product(&b_plus.loose(), &b_minus.plus_multiple::<256>().loose());
    let squares = b_square.plus_product(&a_plus.loose(), &a_minus.plus_multiple::<256>().loose());
    w[0] = b_square; w[1] = squares;
}
#[inline(never)] #[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
fn k_b(a: &Fp2, b: &Fp2, w: &mut [field::Wide;4]) { field::align_stack();
    let b_square = field::Wide::product(&b.re, &b.im);
    let squares = b_square.plus_product(&a.re, &a.im);
    w[0] = b_square; w[1] = squares;
}
#[inline(never)] #[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
fn k_c(a: &Fp2, b: &Fp2, w: &mut [field::Wide;4]) { field::align_stack();
    let (a_plus, a_minus) = (a.re.sum().plus(&a.im), a.re.sum().minus(&a.im));
    let (b_plus, b_minus) = (b.re.sum().plus(&b.im), b.re.sum().minus(&b.im));
    bb4(b_plus.loose(), b_minus.plus_multiple::<256>().loose(), a_plus.loose(), a_minus.plus_multiple::<256>().loose());
}
#[inline(always)]
fn bb4(a: field::Loose, b: field::Loose, c: field::Loose, d: field::Loose) { std::hint::black_box(&a); std::hint::black_box(&b); std::hint::black_box(&c); std::hint::black_box(&d); }
#[inline(never)] #[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
fn k_d(a: &Fp2, b: &Fp2, w: &mut [field::Wide;4]) { field::align_stack();
    w[0] = field::Wide::product(&b.re, &b.im);
    w[1] = field::Wide::product(&a.re, &a.im);
    w[2] = field::Wide::product(&a.re, &b.im);
}
#[inline(never)] #[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
fn k_e(a: &Fp2, b: &Fp2, w: &mut Fe) { field::align_stack();
    *w = field::Wide::product(&b.re, &b.im).plus_product(&a.re, &a.im).plus_product(&a.re, &b.im).plus_product(&a.im, &b.re).reduced();
}
