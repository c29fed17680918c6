//! The lanes against blst: numbers of every size that a type allows, and every step of the pairing.
//!
//! On a processor without the instructions there is nothing to test, and the tests say so.

use proptest::array::uniform8;
use proptest::prelude::*;

use super::constants::{
    LIMB_BITS, LIMB_MASK, LIMBS, Limbs, MODULUS_WORDS, MULTIPLES, NEGATIVE_INVERSE, P, Q,
    QUOTIENT_BITS, QUOTIENT_FACTOR, limbs_of_words, multiple_of_modulus, words_of_limbs,
};
use super::convert::Convert;
use super::field::{Fe, Wide};
use super::tower::{Fp2, Fp12, below_p, conjugate, product, twice_square};
use super::{EightLanes, LANES, Pairings, available, loop_of_chunk, usable};
use crate::ibe::field::{Fp, Fp2 as BlstFp2, Fp12 as BlstFp12};
use crate::ibe::group::{G1, G2, PreparedG2, Scalar, pairing};

/// Runs a check that is compiled for the instructions, or says why not.
macro_rules! with_lanes {
    ($check:expr) => {
        if available() {
            // SAFETY: the processor has the instructions.
            unsafe { $check }
        } else {
            noren_skipped::skipped("avx512ifma");
        }
    };
}

/// The field element x of a number x · 2⁴¹⁶ in limbs, which need not be below the modulus.
fn element(limbs: &Limbs) -> Fp {
    let two_52 = Fp::from_small(16).square().square().square().square().mul(power_of_two(-12));
    let number =
        limbs.iter().rev().fold(Fp::ZERO, |number, limb| number.mul(two_52).add(word(*limb)));
    number.mul(power_of_two(-416))
}

fn word(word: u64) -> Fp {
    let mut bytes = [0; 48];
    bytes[..8].copy_from_slice(&word.to_le_bytes());
    Fp::from_le_bytes(&bytes).expect("a word is below the modulus")
}

fn power_of_two(exponent: i32) -> Fp {
    let two = Fp::from_small(2);
    let base = if exponent < 0 { two.inverse() } else { two };
    (0..exponent.abs()).fold(Fp::from_small(1), |power, _| power.mul(base))
}

fn elements(number: &Fe) -> [Fp; LANES] {
    number.to_lanes().map(|limbs| element(&limbs))
}

fn below(limbs: &Limbs, bound: u64) -> bool {
    limbs.iter().all(|limb| *limb <= LIMB_MASK)
        && limbs.iter().rev().lt(multiple_of_modulus(bound).iter().rev())
}

/// A number below `bound · p`: random, near a multiple of p, or with limbs of only zeros or ones.
fn number(bound: u64) -> impl Strategy<Value = Limbs> {
    let highest = multiple_of_modulus(bound)[LIMBS - 1] - 1;
    let limb = prop_oneof![Just(0), Just(1), Just(LIMB_MASK), 0..=LIMB_MASK];
    let every = (uniform8(limb), prop_oneof![Just(0), Just(highest), 0..=highest]).prop_map(
        |(mut limbs, top)| {
            limbs[LIMBS - 1] = top;
            limbs
        },
    );
    let near = (0..bound, any::<bool>()).prop_map(|(factor, less)| {
        let mut limbs = multiple_of_modulus(factor);
        // p ends in a limb that is neither zero nor full.
        limbs[0] = if less && factor > 0 { limbs[0] - 1 } else { limbs[0] };
        limbs
    });
    prop_oneof![3 => every, 1 => near]
}

/// What a value of GT's field is made from: for each coefficient a kind and a seed.
type Seeds = [(u8, u64); 12];

fn seeds() -> impl Strategy<Value = [Seeds; LANES]> {
    uniform8(prop::array::uniform12((0..8_u8, any::<u64>())))
}

/// Values whose coefficients are zero, one, minus one, or random; none is zero as a whole.
fn values(seeds: &[Seeds; LANES]) -> [BlstFp12; LANES] {
    seeds.map(|seeds| {
        let [a, b, c, d, e, f, g, h, i, j, k, l] = seeds.map(coefficient);
        let pairs = [(a, b), (c, d), (e, f), (g, h), (i, j), (k, l)];
        let value = BlstFp12::from_coefficients(pairs.map(|(re, im)| BlstFp2::new(re, im)));
        if value == zero() { BlstFp12::one() } else { value }
    })
}

fn coefficient((kind, seed): (u8, u64)) -> Fp {
    let one = Fp::from_small(1);
    match kind {
        0 => Fp::ZERO,
        1 => one,
        2 => one.neg(),
        _ => (0..8).fold(word(seed), |number, _| number.square().add(word(seed))),
    }
}

fn zero() -> BlstFp12 {
    BlstFp12::from_coefficients([BlstFp2::ZERO; 6])
}

/// Values in lanes, a coefficient at a time.
fn to_lanes(values: &[BlstFp12; LANES]) -> Fp12 {
    let convert = Convert::get();
    core::array::from_fn(|k| {
        let coefficients = values.map(|value| value.coefficient(k));
        Fp2 {
            re: Fe::from_lanes(&coefficients.map(|c| convert.limbs(c.real()))),
            im: Fe::from_lanes(&coefficients.map(|c| convert.limbs(c.imaginary()))),
        }
    })
}

fn from_lanes(value: &Fp12) -> [BlstFp12; LANES] {
    // SAFETY: the tests call it only with values in lanes.
    unsafe { Convert::get().elements(value) }
}

fn cyclotomic(value: &BlstFp12) -> BlstFp12 {
    let f = value.conjugate().mul(&value.inverse());
    f.frobenius_squared().mul(&f)
}

#[test]
fn the_constants_are_what_their_names_say() {
    let minus_one = Fp::from_small(1).neg().to_le_bytes();
    let mut modulus: Vec<u8> = MODULUS_WORDS.iter().flat_map(|word| word.to_le_bytes()).collect();
    modulus[0] -= 1;
    assert_eq!(modulus, minus_one, "p is blst's p");
    assert_eq!(words_of_limbs(&limbs_of_words(&MODULUS_WORDS)), MODULUS_WORDS);
    assert_eq!(P[0].wrapping_mul(NEGATIVE_INVERSE) & LIMB_MASK, LIMB_MASK, "−p⁻¹ mod 2⁵²");
    assert!(element(&Q).mul(power_of_two(52 + 416)) == Fp::from_small(1), "2⁵²q − 1 = kp");
    assert!(below(&Q, 1));
    for (i, row) in MULTIPLES.iter().enumerate() {
        for (k, limb) in row.iter().enumerate() {
            assert_eq!(*limb, multiple_of_modulus(k as u64)[i]);
        }
    }
    for k in 1..8 {
        let top = multiple_of_modulus(k)[LIMBS - 1];
        assert_eq!((top * QUOTIENT_FACTOR) >> QUOTIENT_BITS, k - 1, "just below {k}p");
        assert_eq!(((top + 200) * QUOTIENT_FACTOR) >> QUOTIENT_BITS, k, "0.002p above {k}p");
    }
    assert_eq!(LIMB_BITS * LIMBS, 416);
}

proptest! {
    #[test]
    fn field_elements_are_blsts(a in uniform8(number(1000)), b in uniform8(number(60))) {
        with_lanes!(compare_field_elements(&a, &b));
    }

    #[test]
    fn small_field_elements_are_reduced(a in uniform8(number(8)), b in uniform8(number(4))) {
        with_lanes!(compare_small_field_elements(&a, &b));
    }

    #[test]
    fn products_and_squares_are_blsts(a in seeds(), b in seeds()) {
        with_lanes!(compare_products(&values(&a), &values(&b)));
    }

    #[test]
    fn the_final_exponentiation_is_blsts(a in seeds(), b in seeds()) {
        with_lanes!(compare_final_exponentiations(values(&a), values(&b)));
    }
}

#[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
fn compare_field_elements(a: &[Limbs; LANES], b: &[Limbs; LANES]) {
    let (x, y) = (Fe::from_lanes(a), Fe::from_lanes(b));
    let (p, q) = (a.map(|a| element(&a)), b.map(|b| element(&b)));
    let expected = |f: &dyn Fn(Fp, Fp) -> Fp| -> [Fp; LANES] {
        core::array::from_fn(|lane| f(p[lane], q[lane]))
    };
    let product = x.times(&y);
    assert!(elements(&product) == expected(&|p, q| p.mul(q)));
    assert!(product.to_lanes().iter().all(|limbs| below(limbs, 3)));
    assert!(elements(&x.plus(&y)) == expected(&|p, q| p.add(q)));
    assert!(elements(&x.minus(&y)) == expected(&|p, q| p.sub(q)));
    let loose = x.sum().plus(&y).plus(&y).loose();
    let product = Wide::product(&loose, &y).reduced();
    assert!(elements(&product) == expected(&|p, q| p.add(q).add(q).mul(q)));
    assert!(elements(&Wide::square(&x).reduced()) == expected(&|p, _| p.square()));
    let wide = Wide::product(&x, &y).minus(&Wide::square(&x)).minus(&Wide::square(&y));
    let sum = expected(&|p, q| p.mul(q).sub(p.square()).sub(q.square()));
    assert!(elements(&wide.reduced()) == sum);
}

#[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
fn compare_small_field_elements(a: &[Limbs; LANES], b: &[Limbs; LANES]) {
    let (x, y) = (Fe::from_lanes(a), Fe::from_lanes(b));
    let less = x.below_p();
    assert!(elements(&less) == a.map(|a| element(&a)));
    assert!(less.to_lanes().iter().all(|limbs| below(limbs, 2)));
    let difference = less.sum().tripled().minus(&less).minus(&less).plus_multiple::<3>();
    let less = difference.carried_below_p();
    assert!(elements(&less) == a.map(|a| element(&a)));
    assert!(less.to_lanes().iter().all(|limbs| below(limbs, 2)));
    assert!(elements(&y.negated()) == b.map(|b| element(&b).neg()));
    let canonical = y.canonical();
    assert!(elements(&canonical) == b.map(|b| element(&b)));
    assert!(canonical.to_lanes().iter().all(|limbs| below(limbs, 1)));
}

#[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
fn compare_products(a: &[BlstFp12; LANES], b: &[BlstFp12; LANES]) {
    let (x, y) = (to_lanes(a), to_lanes(b));
    let products: [BlstFp12; LANES] = core::array::from_fn(|lane| a[lane].mul(&b[lane]));
    assert_eq!(from_lanes(&product(&x, &y)), products);
    let mut two = [BlstFp2::ZERO; 6];
    two[0] = BlstFp2::one().double();
    let two = BlstFp12::from_coefficients(two);
    let mut square = y;
    twice_square(&x, &mut square);
    assert_eq!(from_lanes(&square), a.map(|a| a.square().mul(&two)));
    assert_eq!(from_lanes(&conjugate(&below_p(&x))), a.map(|a| a.conjugate()));
}

/// Among the values are one that lies in the cyclotomic subgroup already, and one that becomes one.
#[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
fn compare_final_exponentiations(mut a: [BlstFp12; LANES], b: [BlstFp12; LANES]) {
    a[6] = cyclotomic(&a[6]);
    a[7] = BlstFp12::one();
    let mut exceptions = 0;
    let found = Convert::get().final_exponentiation(&[to_lanes(&a), to_lanes(&b)], &mut exceptions);
    for (found, values) in found.iter().zip([a, b]) {
        for (lane, (found, value)) in from_lanes(found).iter().zip(&values).enumerate() {
            if exceptions & 1 << lane == 0 {
                assert_eq!(found, &value.final_exponentiation());
            }
        }
    }
    assert!(exceptions & 0x80 != 0, "one cannot be decompressed");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn pairings_are_blsts(
        q in scalar_bytes(),
        points in prop::collection::vec((scalar_bytes(), any::<bool>()), 1..20),
    ) {
        if available() {
            let q = G2::generator().mul(&scalar(&q));
            let points: Vec<G1> = points
                .iter()
                .map(|(bytes, negated)| {
                    let point = G1::generator().mul(&scalar(bytes));
                    if *negated { point.neg() } else { point }
                })
                .collect();
            let chunks: Vec<_> = points.chunks(LANES).map(EightLanes::chunk).collect();
            let lines = EightLanes::lines(&q);
            let prepared = PreparedG2::new(&q);
            let mut found = Vec::new();
            for chunk in &chunks {
                // SAFETY: the processor has the instructions.
                let values = from_lanes(&unsafe { loop_of_chunk(&lines, chunk) });
                for (value, point) in values.iter().zip(&chunk.points) {
                    let expected = prepared.miller_loop(point).final_exponentiation();
                    prop_assert_eq!(value.final_exponentiation(), expected);
                }
            }
            EightLanes::pairings(&lines, &chunks, |_, pairings| found.extend(pairings));
            for (found, point) in found.iter().zip(&points) {
                prop_assert!(*found == pairing(point, &q));
            }
        } else {
            noren_skipped::skipped("avx512ifma");
        }
    }
}

/// Bytes of a scalar that is not zero: small, or any.
fn scalar_bytes() -> impl Strategy<Value = [u8; 32]> {
    let small =
        (1..9_u8).prop_map(|small| core::array::from_fn(|i| if i == 0 { small } else { 0 }));
    prop_oneof![small, prop::array::uniform32(1..=255_u8)]
}

fn scalar(bytes: &[u8; 32]) -> Scalar {
    let mut wide = [0; 64];
    wide[..32].copy_from_slice(bytes);
    Scalar::from_wide(&wide)
}

#[test]
fn the_instructions_are_used_where_the_processor_has_them() {
    assert_eq!(usable(), available());
    if !available() {
        noren_skipped::skipped("avx512ifma");
    }
}
