//! The cofactor of G1 as a fixed chain of doublings and additions, the same for every point: a third
//! fewer additions than a ladder that looks its digits up needs.
//!
//! With z the parameter of BLS12-381, h = (z - 1)² / 3 = (1 - z) · ((1 - z) / 3), both of them
//! integers, so that this is h·P for every point of the curve, inside the subgroup or not.

use blst::blst_p1;

use super::G1;
use crate::ibe::native;

impl G1 {
    /// Returns h times a point of the curve: a point of the group.
    pub(in crate::ibe) fn clear_cofactor(&self) -> Self {
        // 1 - z = 0xd201_0000_0001_0001: what lies between the bits that are set.
        let q = [1, 2, 3, 9, 32, 16].into_iter().fold(self.projective(), |sum, doublings| {
            let sum = double(sum, doublings);
            native::p1_add_or_double_affine(&sum, &self.0)
        });
        // (1 - z) / 3 = 0x4600_5555_5555_aaab, from its digits 0x05, 0x55 and 1.
        let q5 = add(&double(q, 2), &q);
        let q85 = add(&double(q5, 4), &q5);
        let digits =
            [(1, q5), (1, q5), (17, q85), (8, q85), (8, q85), (8, q85), (7, q85), (8, q85), (1, q)];
        let product =
            digits.iter().fold(q5, |sum, (doublings, digit)| add(&double(sum, *doublings), digit));
        Self(native::p1_to_affine(&product))
    }
}

fn double(point: blst_p1, times: usize) -> blst_p1 {
    (0..times).fold(point, |point, _| native::p1_double(&point))
}

fn add(a: &blst_p1, b: &blst_p1) -> blst_p1 {
    native::p1_add_or_double(a, b)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ibe::encoding::curve_g1;
    use crate::ibe::field::Fp;

    const COFACTOR: u128 = 0x396c_8c00_5555_e156_8c00_aaab_0000_aaab;

    fn multiple(point: &G1, factor: u128) -> G1 {
        let start = blst_p1::default();
        let bits = (0..128).rev().map(|i| factor >> i & 1 == 1);
        let product = bits.fold(start, |sum, bit| {
            let sum = double(sum, 1);
            if bit { add(&sum, &point.projective()) } else { sum }
        });
        G1(native::p1_to_affine(&product))
    }

    #[test]
    fn the_chain_multiplies_every_point_of_the_curve_by_the_cofactor() {
        // [IBE-5]
        let points = (0..50).filter_map(|x| {
            let x = Fp::from_small(x);
            Some(G1::from_coordinates(x, curve_g1(x).sqrt()?))
        });
        // The first is (0, 2), of order 3.
        let points: Vec<_> = points.collect();
        assert!(points.iter().any(|point| !point.in_subgroup()));
        for point in points {
            assert!(point.clear_cofactor() == multiple(&point, COFACTOR));
            assert!(point.clear_cofactor().in_subgroup());
        }
    }
}
