//! The final exponentiation, f ↦ f^(3(p¹² − 1)/r), of many elements at once so that they share
//! their inversions: in the factors, and so with the result, of `ibe::final_exponentiation`.

use super::convert::{Convert, Exceptions};
use super::cyclotomic::square_whole;
use super::tower::{Fp2, Fp12, Wide2, below_p, conjugate, norm_to_fp6, product, product_with_fp6};

impl Convert {
    /// Returns the final exponentiation of each element, none of which is zero.
    #[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
    pub(super) fn final_exponentiation(
        &self,
        elements: &[Fp12],
        exceptions: &mut Exceptions,
    ) -> Vec<Fp12> {
        let f = self.easy_part(elements, exceptions);
        // f^(z − 1)²
        let mut g = f.clone();
        for _ in 0..2 {
            g = each(&self.powers_of_z(&g, exceptions), &g, |a, g| product(a, &conjugate(g)));
        }
        // g^(z + p)
        let h = self.powers_of_z(&g, exceptions);
        let h = each(&h, &g, |a, g| product(a, &self.frobenius(g, 1)));
        // h^(z² + p² − 1)
        let k = self.powers_of_z(&h, exceptions);
        let k = self.powers_of_z(&k, exceptions);
        let k = each(&k, &h, |a, h| product(a, &product(&self.frobenius(h, 2), &conjugate(h))));
        each(&k, &f, |k, f| product(k, &product(&square_whole(&below_p(f)), f)))
    }

    /// f^((p⁶ − 1)(p² + 1)): into the cyclotomic subgroup.
    #[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
    fn easy_part(&self, elements: &[Fp12], exceptions: &mut Exceptions) -> Vec<Fp12> {
        let conjugates: Vec<Fp12> = elements.iter().map(|f| conjugate(f)).collect();
        let norms: Vec<[Fp2; 3]> = elements.iter().map(|f| norm_to_fp6(f)).collect();
        let inverses = self.inverses_fp6(&norms, exceptions);
        (0..elements.len())
            .map(|i| {
                let square = product(&conjugates[i], &conjugates[i]);
                let [i0, i1, i2] = &inverses[i];
                let f = product_with_fp6(&square, [i0, i1, i2]);
                product(&self.frobenius(&f, 2), &f)
            })
            .collect()
    }

    /// Returns the power of pⁿ for n = 1 or 2.
    #[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
    fn frobenius(&self, a: &Fp12, n: usize) -> Fp12 {
        core::array::from_fn(|k| {
            let c = if n % 2 == 1 { a[k].conjugated() } else { a[k] };
            c.times(&self.frobenius[n - 1][k])
        })
    }

    /// Inverses in Fp6.
    #[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
    fn inverses_fp6(&self, elements: &[[Fp2; 3]], exceptions: &mut Exceptions) -> Vec<[Fp2; 3]> {
        let adjoints: Vec<[Fp2; 3]> = elements.iter().map(|a| adjoint(a)).collect();
        let norms: Vec<Fp2> = elements
            .iter()
            .zip(&adjoints)
            .map(|(a, [t0, t1, t2])| {
                let high =
                    Wide2::dot([(&a[1].factor(), &t2.factor()), (&a[2].factor(), &t1.factor())]);
                Wide2::product(&a[0].factor(), &t0.factor()).plus(&high.times_xi()).reduced()
            })
            .collect();
        let inverses = self.inverses_fp2(&norms, exceptions);
        adjoints
            .iter()
            .zip(&inverses)
            .map(|([t0, t1, t2], n)| [t0.times(n), t1.times(n), t2.times(n)])
            .collect()
    }

    /// Inverses with one inversion in the field for all elements and lanes. A lane in which an
    /// element is zero is an exception, and what it is given means nothing.
    #[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
    pub(super) fn inverses_fp2(&self, elements: &[Fp2], exceptions: &mut Exceptions) -> Vec<Fp2> {
        let norms: Vec<_> = elements.iter().map(|a| a.norm()).collect();
        let mut prefixes = Vec::with_capacity(norms.len());
        let mut running = self.one;
        for norm in &norms {
            prefixes.push(running);
            running = running.times(norm);
        }
        let mut inverse = self.inverse_of_each_lane(&running, exceptions);
        let mut inverses: Vec<Fp2> = Vec::with_capacity(norms.len());
        for ((element, norm), prefix) in elements.iter().zip(&norms).zip(&prefixes).rev() {
            inverses.push(element.conjugated().scaled(&inverse.times(prefix)));
            inverse = inverse.times(norm);
        }
        inverses.reverse();
        inverses
    }
}

/// Returns the t with a · t in Fp2, for an a of Fp6: (a₀² − ξa₁a₂, ξa₂² − a₀a₁, a₁² − a₀a₂).
#[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
fn adjoint([a0, a1, a2]: &[Fp2; 3]) -> [Fp2; 3] {
    let (f0, f1, f2) = (a0.factor(), a1.factor(), a2.factor());
    [
        Wide2::square(a0).minus(&Wide2::product(&f1, &f2).times_xi()).reduced(),
        Wide2::square(a2).times_xi().minus(&Wide2::product(&f0, &f1)).reduced(),
        Wide2::square(a1).minus(&Wide2::product(&f0, &f2)).reduced(),
    ]
}

#[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
fn each(a: &[Fp12], b: &[Fp12], f: impl Fn(&Fp12, &Fp12) -> Fp12) -> Vec<Fp12> {
    a.iter().zip(b).map(|(a, b)| f(a, b)).collect()
}
