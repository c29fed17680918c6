//! Eight pairings at a time, with AVX-512 IFMA.
//!
//! | file | what |
//! |---|---|
//! | `instructions` | the processor's instructions, under the names of what they do |
//! | `constants` | what is derived from the modulus |
//! | `field` | eight field elements: sums, products, reduction, and why nothing overflows |
//! | `tower` | the extensions Fp2, Fp4, Fp12 |
//! | `miller` | Miller's loop of one point of G2 with eight of G1 |
//! | `cyclotomic`, `final_exponentiation` | the rest of the pairing, with shared inversions |
//! | `convert` | between blst's numbers and lanes |
//!
//! Values are equal to blst's, bit for bit. Neither published keys nor the points of ciphertexts
//! are secret; all the same nothing here branches on a value but for a division by zero, after
//! which blst computes the pairings of that lane.
//!
//! Functions that are compiled for AVX-512 say so;
//! those that are inlined into them do not, because the compiler does not let them say both.
#![expect(unsafe_code, reason = "instructions that not every processor has")]

mod constants;
mod convert;
mod cyclotomic;
mod field;
mod final_exponentiation;
mod instructions;
mod miller;
mod tower;

#[cfg(test)]
mod tests;

use std::sync::OnceLock;

use constants::Limbs;
use convert::{Convert, inverses};
use field::Fe;
use miller::{Arguments, Line, miller_loop};
use tower::{Fp2, Fp12};

use super::field::{Fp, Fp2 as BlstFp2};
use super::group::{G1, G2, Gt, PreparedG2, pairing};
use super::trial::backend::{LANES, Pairings};

/// How many chunks share their inversions. More would save less than a hundredth.
const SHARING: usize = 4;

/// Pairings eight at a time. Only for a processor that is [`usable`].
pub(super) struct EightLanes;

/// A point of G2 and its lines, scaled so that the coefficient of w³ is one: 17 kB.
pub(super) struct Lines {
    point: G2,
    lines: Vec<[Limbs; 4]>,
}

/// One to eight points of G1 and, for each lane, 1/(2y) and −x/y; the first points fill the lanes
/// that are left.
pub(super) struct Chunk {
    points: Vec<G1>,
    half_inverse_y: [Limbs; LANES],
    negative_x_by_y: [Limbs; LANES],
}

/// Whether the processor has the instructions, and computes with them what blst computes: some
/// pairings are compared when this is asked for the first time, which takes a few milliseconds.
pub(super) fn usable() -> bool {
    static USABLE: OnceLock<bool> = OnceLock::new();
    *USABLE.get_or_init(|| available() && equals_blst())
}

fn available() -> bool {
    is_x86_feature_detected!("avx512f")
        && is_x86_feature_detected!("avx512dq")
        && is_x86_feature_detected!("avx512ifma")
}

/// Compares pairings of two chunks of small multiples of the generators.
fn equals_blst() -> bool {
    let g1 = G1::generator();
    let points: Vec<G1> =
        std::iter::successors(Some(g1), |point| Some(point.add(&g1))).take(LANES + 1).collect();
    let g2 = G2::generator();
    let g2 = g2.add(&g2);
    let chunks: Vec<Chunk> = points.chunks(LANES).map(EightLanes::chunk).collect();
    let mut equal = true;
    EightLanes::pairings(&EightLanes::lines(&g2), &chunks, |chunk, values| {
        let points = points.iter().skip(LANES * chunk);
        equal &= points.zip(values).all(|(point, value)| value == pairing(point, &g2));
    });
    equal
}

impl Pairings for EightLanes {
    type Lines = Lines;
    type Chunk = Chunk;

    fn lines(q: &G2) -> Lines {
        let lines: Vec<[BlstFp2; 3]> = PreparedG2::new(q).lines().collect();
        let convert = Convert::get();
        let mut scaled: Vec<[Limbs; 4]> = Vec::with_capacity(lines.len());
        let mut prefixes = Vec::with_capacity(lines.len());
        let mut running = BlstFp2::one();
        for [_, _, c] in &lines {
            prefixes.push(running);
            running = running.mul(c);
        }
        let mut inverse = running.inverse();
        for ([a, b, c], prefix) in lines.iter().zip(&prefixes).rev() {
            let by_c = inverse.mul(prefix);
            inverse = inverse.mul(c);
            let (a, b) = (a.mul(&by_c), b.mul(&by_c));
            let parts = [a.real(), a.imaginary(), b.real(), b.imaginary()];
            scaled.push(parts.map(|part| convert.limbs(part)));
        }
        scaled.reverse();
        Lines { point: *q, lines: scaled }
    }

    fn chunk(points: &[G1]) -> Chunk {
        let convert = Convert::get();
        let coordinates: [(Fp, Fp); LANES] =
            core::array::from_fn(|lane| points[lane % points.len()].coordinates());
        let halves = inverses(&coordinates.map(|(_, y)| y.add(y)));
        let negative_x_by_y = core::array::from_fn(|lane| {
            let (x, half) = (coordinates[lane].0, halves[lane]);
            convert.limbs(half.add(half).mul(x).neg())
        });
        let half_inverse_y = halves.map(|half| convert.limbs(half));
        Chunk { points: points.to_vec(), half_inverse_y, negative_x_by_y }
    }

    fn pairings(lines: &Lines, chunks: &[Chunk], mut found: impl FnMut(usize, [Gt; LANES])) {
        for (group, sharing) in chunks.chunks(SHARING).enumerate() {
            // SAFETY: this backend is chosen only where `usable` has found the instructions.
            let values = unsafe { pairings_of_group(lines, sharing) };
            for (index, values) in values.into_iter().enumerate() {
                found(group * SHARING + index, values);
            }
        }
    }
}

#[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
fn pairings_of_group(lines: &Lines, chunks: &[Chunk]) -> Vec<[Gt; LANES]> {
    let convert = Convert::get();
    let values: Vec<Fp12> = chunks.iter().map(|chunk| loop_of_chunk(lines, chunk)).collect();
    let mut exceptions = 0;
    let values = convert.final_exponentiation(&values, &mut exceptions);
    chunks
        .iter()
        .zip(&values)
        .map(|(chunk, value)| {
            let mut pairings = convert.elements(value).map(Gt);
            for (lane, point) in chunk.points.iter().enumerate() {
                if exceptions & 1 << lane != 0 {
                    pairings[lane] = pairing(point, &lines.point);
                }
            }
            pairings
        })
        .collect()
}

#[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
fn loop_of_chunk(lines: &Lines, chunk: &Chunk) -> Fp12 {
    let at = Arguments {
        half_inverse_y: Fe::from_lanes(&chunk.half_inverse_y),
        negative_x_by_y: Fe::from_lanes(&chunk.negative_x_by_y),
    };
    let lines = lines.lines.iter().map(|[a, b, c, d]| Line {
        a: Fp2 { re: Fe::splat(a), im: Fe::splat(b) },
        b: Fp2 { re: Fe::splat(c), im: Fe::splat(d) },
    });
    miller_loop(lines, &at, &Convert::get().one)
}
