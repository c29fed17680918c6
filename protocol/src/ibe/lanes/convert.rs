//! Between blst's field elements and lanes.
//!
//! blst keeps x·2³⁸⁴ in six words of 64 bits, the lanes keep x·2⁴¹⁶ in eight limbs of 52 bits.

use std::sync::OnceLock;

use super::constants::{Limbs, limbs_of_words, words_of_limbs};
use super::field::Fe;
use super::tower::{Fp2, Fp12};
use crate::ibe::field::{Fp, Fp2 as BlstFp2, Fp12 as BlstFp12};
use crate::ibe::trial::backend::LANES;

/// Lanes, a bit for each, whose result means nothing, because something was divided by zero.
pub(super) type Exceptions = u8;

/// The constants of the conversions and of the final exponentiation.
pub(super) struct Convert {
    /// 2³² and 2⁶⁴ in blst's form.
    two_32: Fp,
    two_64: Fp,
    /// What turns x·2⁴¹⁶ into x·2³⁸⁴: the number 2³⁸⁴ mod p.
    to_blst: Fe,
    /// One in every lane.
    pub(super) one: Fe,
    /// What the power of pⁿ multiplies the coefficients of wᵏ by.
    pub(super) frobenius: [Fp12; 2],
}

impl Convert {
    /// Returns the constants, computed once.
    pub(super) fn get() -> &'static Self {
        static CONVERT: OnceLock<Convert> = OnceLock::new();
        // SAFETY: nothing in `lanes` is called before `available` has found the instructions.
        CONVERT.get_or_init(|| unsafe { Self::new() })
    }

    #[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
    fn new() -> Self {
        let one = Fp::from_small(1);
        let two_16 = Fp::from_small(16).square().square();
        let two_32 = two_16.square();
        let splat = |x: Fp| Fe::splat(&limbs(x, two_32));
        let pair = |x: BlstFp2| Fp2 { re: splat(x.real()), im: splat(x.imaginary()) };
        let every = BlstFp12::from_coefficients([BlstFp2::one(); 6]);
        Self {
            two_32,
            two_64: two_32.square(),
            to_blst: Fe::splat(&limbs_of_words(&one.montgomery_words())),
            one: splat(one),
            frobenius: [every.frobenius(), every.frobenius_squared()]
                .map(|powers| core::array::from_fn(|k| pair(powers.coefficient(k)))),
        }
    }

    /// Returns a number in the form of the lanes.
    pub(super) fn limbs(&self, x: Fp) -> Limbs {
        limbs(x, self.two_32)
    }

    /// Returns the inverse in each lane; a lane that is zero is an exception.
    #[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
    pub(super) fn inverse_of_each_lane(&self, x: &Fe, exceptions: &mut Exceptions) -> Fe {
        let lanes = x.canonical().to_lanes();
        let mut numbers = lanes.map(|number| Fp::from_montgomery_words(words_of_limbs(&number)));
        for (lane, number) in numbers.iter_mut().enumerate() {
            if *number == Fp::ZERO {
                *exceptions |= 1 << lane;
                *number = Fp::from_small(1);
            }
        }
        // The number x·2⁴¹⁶ is (x·2³²) in blst's form; its inverse times 2⁶⁴ is x⁻¹·2³².
        let inverses = inverses(&numbers);
        Fe::from_lanes(
            &inverses.map(|inverse| limbs_of_words(&inverse.mul(self.two_64).montgomery_words())),
        )
    }

    /// Returns the element of each lane.
    #[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
    pub(super) fn elements(&self, f: &Fp12) -> [BlstFp12; LANES] {
        let lanes = |x: &Fe| {
            let numbers = x.times(&self.to_blst).canonical().to_lanes();
            numbers.map(|number| Fp::from_montgomery_words(words_of_limbs(&number)))
        };
        let coefficients = f.map(|c| (lanes(&c.re), lanes(&c.im)));
        core::array::from_fn(|lane| {
            BlstFp12::from_coefficients(
                coefficients.map(|(re, im)| BlstFp2::new(re[lane], im[lane])),
            )
        })
    }
}

fn limbs(x: Fp, two_32: Fp) -> Limbs {
    limbs_of_words(&x.mul(two_32).montgomery_words())
}

/// Returns the inverses of numbers that are not zero, by one inversion.
pub(super) fn inverses<const N: usize>(numbers: &[Fp; N]) -> [Fp; N] {
    let mut inverses = [Fp::from_small(1); N];
    let mut running = Fp::from_small(1);
    for (prefix, number) in inverses.iter_mut().zip(numbers) {
        *prefix = running;
        running = running.mul(*number);
    }
    let mut inverse = running.inverse();
    for (prefix, number) in inverses.iter_mut().zip(numbers).rev() {
        *prefix = prefix.mul(inverse);
        inverse = inverse.mul(*number);
    }
    inverses
}
