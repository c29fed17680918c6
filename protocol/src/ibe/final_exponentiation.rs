//! Final exponentiations of many Miller values at once.
//!
//! The exponent is blst's, 3(p¹² − 1)/r, in the factors of Hayashida, Hayasaka and Teruya (2020):
//!
//! > (p⁶ − 1)(p² + 1) · ((z − 1)²(z + p)(z² + p² − 1) + 3),  z = −(2⁶³ + 2⁶² + 2⁶⁰ + 2⁵⁷ + 2⁴⁸ + 2¹⁶)
//!
//! Nearly all of the time goes into five powers of z, and there into squarings. Squarings in
//! Karabina's compressed form take two thirds of the multiplications, but a power that is needed has
//! to be decompressed, which divides. All elements of a batch share the inversion, and compression
//! ends at bit 57: those above are so close that decompressions would cost more than they save.
//!
//! Source: K. Karabina, "Squaring in cyclotomic subgroups" (2013), theorem 3.1.

use super::field::{Fp2, Fp12};

/// Returns the final exponentiation of every value, as [`Fp12::final_exponentiation`] computes it
/// for one.
pub(super) fn final_exponentiations(values: &[Fp12]) -> Vec<Fp12> {
    let f: Vec<Fp12> = values.iter().map(easy_part).collect();
    // f^(z − 1)²
    let mut g = f.clone();
    for _ in 0..2 {
        g = products(&powers_of_z(&g), &g, Fp12::conjugate);
    }
    // g^(z + p)
    let h = products(&powers_of_z(&g), &g, Fp12::frobenius);
    // h^(z² + p² − 1)
    let h_z_squared = powers_of_z(&powers_of_z(&h));
    let k = products(&h_z_squared, &h, |h| h.frobenius_squared().mul(&h.conjugate()));
    products(&k, &f, |f| f.cyclotomic_square().mul(f))
}

/// Returns f^(p⁶ − 1)(p² + 1), which lies in the cyclotomic subgroup: there conjugation inverts.
fn easy_part(f: &Fp12) -> Fp12 {
    let f = f.conjugate().mul(&f.inverse());
    f.frobenius_squared().mul(&f)
}

/// Returns every a·map(b).
fn products(a: &[Fp12], b: &[Fp12], map: impl Fn(&Fp12) -> Fp12) -> Vec<Fp12> {
    a.iter().zip(b).map(|(a, b)| a.mul(&map(b))).collect()
}

/// Returns the power of z of elements of the cyclotomic subgroup.
fn powers_of_z(elements: &[Fp12]) -> Vec<Fp12> {
    let compressed: Vec<_> = elements.iter().map(Compressed::powers).collect();
    let mut inverses: Vec<_> = compressed.iter().flatten().map(Compressed::denominator).collect();
    invert(&mut inverses);
    let (inverses, _) = inverses.as_chunks::<3>();
    let elements = elements.iter().zip(&compressed).zip(inverses);
    elements
        .map(|((element, compressed), inverses)| match decompress(compressed, inverses) {
            Some(powers) => combine(&powers),
            None => power_of_z(element),
        })
        .collect()
}

fn decompress([a, b, c]: &[Compressed; 3], [d, e, f]: &[Fp2; 3]) -> Option<[Fp12; 3]> {
    Some([a.decompress(d)?, b.decompress(e)?, c.decompress(f)?])
}

/// Returns the power of z without compression, for the elements that do not decompress: one is
/// among them.
fn power_of_z(element: &Fp12) -> Fp12 {
    let low = square_times(element, 16);
    let high = square_times(&low, 32);
    combine(&[low, high, square_times(&high, 9)])
}

/// Returns the power of z from those of 2¹⁶, 2⁴⁸ and 2⁵⁷.
fn combine([low, high, top]: &[Fp12; 3]) -> Fp12 {
    let mut product = low.mul(high).mul(top);
    let mut power = *top;
    for bits in [3, 2, 1] {
        power = square_times(&power, bits);
        product = product.mul(&power);
    }
    // z is negative.
    product.conjugate()
}

fn square_times(element: &Fp12, times: usize) -> Fp12 {
    (0..times).fold(*element, |power, _| power.cyclotomic_square())
}

/// Four of the six coefficients of an element of the cyclotomic subgroup, which determine it.
#[derive(Clone, Copy)]
struct Compressed {
    c1: Fp2,
    c2: Fp2,
    c4: Fp2,
    c5: Fp2,
}

impl Compressed {
    fn new(element: &Fp12) -> Self {
        let [c1, c2, c4, c5] = [1, 2, 4, 5].map(|k| element.coefficient(k));
        Self { c1, c2, c4, c5 }
    }

    /// Returns the powers of 2¹⁶, 2⁴⁸ and 2⁵⁷.
    fn powers(element: &Fp12) -> [Self; 3] {
        let low = Self::new(element).square_times(16);
        let high = low.square_times(32);
        [low, high, high.square_times(9)]
    }

    fn square_times(mut self, times: usize) -> Self {
        for _ in 0..times {
            self.square();
        }
        self
    }

    fn square(&mut self) {
        let (a, b) = square_quadratic(&self.c1, &self.c4);
        let (c, d) = square_quadratic(&self.c2, &self.c5);
        three_and_two(&mut self.c1, &d.mul_by_xi());
        three_minus_two(&mut self.c2, &a);
        three_minus_two(&mut self.c4, &c);
        three_and_two(&mut self.c5, &b);
    }

    /// Returns what decompression divides by.
    fn denominator(&self) -> Fp2 {
        self.c1.double().double()
    }

    /// Returns the element, where its c1 and with it the inverse of the denominator is not zero.
    fn decompress(&self, inverse: &Fp2) -> Option<Fp12> {
        let Self { c1, c2, c4, c5 } = self;
        if *c1 == Fp2::ZERO {
            return None;
        }
        let numerator = c5.square().mul_by_xi().add(&c2.square().triple()).sub(&c4.double());
        let c3 = numerator.mul(inverse);
        let sum = c3.square().double().add(&c1.mul(c5)).sub(&c2.mul(c4).triple());
        let c0 = sum.mul_by_xi().add(&Fp2::one());
        Some(Fp12::from_coefficients([c0, *c1, *c2, c3, *c4, *c5]))
    }
}

/// Makes 3t + 2c of c.
fn three_and_two(c: &mut Fp2, t: &Fp2) {
    c.add_assign(t);
    c.double_assign();
    c.add_assign(t);
}

/// Makes 3t − 2c of c.
fn three_minus_two(c: &mut Fp2, t: &Fp2) {
    c.subtract_from(t);
    c.double_assign();
    c.add_assign(t);
}

/// Returns the coefficients of (a + b·s)² where s² = ξ.
fn square_quadratic(a: &Fp2, b: &Fp2) -> (Fp2, Fp2) {
    let b_squared = b.square();
    let mut square = a.square();
    let mut product = a.add(b);
    product.square_assign();
    product.sub_assign(&square);
    product.sub_assign(&b_squared);
    square.add_assign(&b_squared.mul_by_xi());
    (square, product)
}

/// Replaces every element by its inverse and leaves zeros, with one inversion for all (Montgomery's
/// trick).
fn invert(elements: &mut [Fp2]) {
    let mut product = Fp2::one();
    let mut before = Vec::with_capacity(elements.len());
    for element in elements.iter().filter(|element| **element != Fp2::ZERO) {
        before.push(product);
        product = product.mul(element);
    }
    let mut inverse = product.inverse();
    let nonzero = elements.iter_mut().rev().filter(|element| **element != Fp2::ZERO);
    for (element, before) in nonzero.zip(before.into_iter().rev()) {
        let own = inverse.mul(&before);
        inverse = inverse.mul(element);
        *element = own;
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::ibe::field::Fp;
    use crate::ibe::group::{G1, G2, PreparedG2, Scalar};

    fn element(seed: u64) -> Fp2 {
        let part = |k: u64| {
            let mut bytes = [0; 48];
            for (i, chunk) in bytes[..40].chunks_exact_mut(8).enumerate() {
                let salt = 0x9e37_79b9_7f4a_7c15_u64.wrapping_mul(2 * i as u64 + k + 1);
                chunk.copy_from_slice(&seed.wrapping_mul(salt).rotate_left(29).to_le_bytes());
            }
            Fp::from_le_bytes(&bytes).expect("below p")
        };
        Fp2::new(part(0), part(1))
    }

    fn miller_value(seed: u64) -> Fp12 {
        let mut scalar = [0; 32];
        scalar[..8].copy_from_slice(&seed.max(1).to_le_bytes());
        let scalar = Scalar::from_le_bytes(&scalar).expect("below r");
        PreparedG2::new(&G2::generator()).miller_loop(&G1::generator().mul(&scalar))
    }

    /// Values of Miller loops, any other values, and those whose power is one or zero.
    fn value() -> impl Strategy<Value = Fp12> {
        let coefficients = |mask: u8| {
            move |seed: u64| {
                Fp12::from_coefficients(std::array::from_fn(|k| {
                    if mask >> k & 1 == 1 { element(seed ^ k as u64) } else { Fp2::ZERO }
                }))
            }
        };
        prop_oneof![
            4 => any::<u64>().prop_map(miller_value),
            2 => any::<u64>().prop_map(coefficients(0b111111)),
            1 => any::<u64>().prop_map(coefficients(0b010101)),
            1 => any::<u64>().prop_map(coefficients(0b001001)),
            1 => any::<u64>().prop_map(coefficients(0b000001)),
            1 => any::<u64>().prop_map(coefficients(0b000010)),
            1 => Just(Fp12::one()),
            1 => Just(Fp12::from_coefficients([Fp2::ZERO; 6])),
        ]
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn a_batch_gives_what_each_value_gives(
            values in prop::collection::vec(value().no_shrink(), 0..12)
        ) {
            // [IBE-6]
            let each: Vec<_> = values.iter().map(Fp12::final_exponentiation).collect();
            prop_assert!(final_exponentiations(&values) == each);
        }

        #[test]
        fn a_compressed_square_is_the_cyclotomic_square(seed: u64) {
            let element = easy_part(&miller_value(seed));
            let mut square = Compressed::new(&element);
            square.square();
            let inverse = square.denominator().inverse();
            prop_assert!(square.decompress(&inverse) == Some(element.cyclotomic_square()));
        }

        #[test]
        fn what_does_not_decompress_takes_the_ordinary_way(seed: u64, others: u64) {
            // With c1 = c5 = 0 every square has c1 = 0 as well, whatever c4 is.
            let [c0, c2, c3, c4] = [0, 1, 2, 3].map(|k| element(seed ^ k));
            let elements = [
                Fp12::from_coefficients([c0, Fp2::ZERO, c2, c3, c4, Fp2::ZERO]),
                easy_part(&miller_value(others)),
                Fp12::from_coefficients([c0, Fp2::ZERO, Fp2::ZERO, c3, Fp2::ZERO, Fp2::ZERO]),
                Fp12::one(),
            ];
            let each: Vec<_> = elements.iter().map(power_of_z).collect();
            prop_assert!(powers_of_z(&elements) == each);
        }
    }

    #[test]
    fn a_shared_inversion_passes_over_zeros() {
        let elements = [0, 7, 0, 0, 9, 11, 0].map(|seed| match seed {
            0 => Fp2::ZERO,
            seed => element(seed),
        });
        let mut inverses = elements;
        invert(&mut inverses);
        assert!(inverses == elements.map(|element| element.inverse()));
        invert(&mut []);
    }
}
