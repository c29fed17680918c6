//! The backend of every processor: blst with prepared lines, final exponentiations in batches.

use super::backend::{LANES, Pairings};
use crate::ibe::group::{G1, G2, Gt, PreparedG2};

/// How many chunks share their inversions: more would save nothing that can be measured.
const SHARING: usize = 2;

/// Pairings by blst.
pub(in crate::ibe) struct OneByOne;

impl Pairings for OneByOne {
    type Lines = PreparedG2;
    type Chunk = Vec<G1>;

    fn lines(q: &G2) -> PreparedG2 {
        PreparedG2::new(q)
    }

    fn chunk(points: &[G1]) -> Vec<G1> {
        points.to_vec()
    }

    fn pairings(lines: &PreparedG2, chunks: &[Vec<G1>], mut found: impl FnMut(usize, [Gt; LANES])) {
        for (group, sharing) in chunks.chunks(SHARING).enumerate() {
            let mut pairings = lines.pairings(sharing.iter().flatten()).into_iter();
            for (index, chunk) in sharing.iter().enumerate() {
                let mut lanes = [Gt::one(); LANES];
                lanes.iter_mut().zip(pairings.by_ref().take(chunk.len())).for_each(|(l, p)| *l = p);
                found(group * SHARING + index, lanes);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ibe::group::pairing;
    use crate::ibe::hash::hash_to_g1;

    #[test]
    fn every_lane_of_every_chunk_is_its_pairing() {
        // [IBE-6]
        let q = G2::generator();
        let points: Vec<G1> = (0..20_u8).map(|i| hash_to_g1(&[i])).collect();
        let chunks: Vec<_> = points.chunks(LANES).map(OneByOne::chunk).collect();
        let mut seen = Vec::new();
        OneByOne::pairings(&OneByOne::lines(&q), &chunks, |chunk, pairings| {
            assert_eq!(chunk * LANES, seen.len());
            seen.extend(pairings);
        });
        assert!(points.iter().zip(&seen).all(|(p, found)| *found == pairing(p, &q)));
        assert_eq!(seen.len(), chunks.len() * LANES);
    }

    #[test]
    fn prepared_lines_give_the_pairing() {
        // [IBE-6]
        let (p, q) = (hash_to_g1(b"p"), G2::generator());
        let lines = PreparedG2::new(&q);
        let identity = p.add(&p.neg());
        assert!(lines.pairing(&p) == pairing(&p, &q));
        assert!(lines.pairing(&identity) == pairing(&identity, &q));
        assert!(pairing(&identity, &q) == Gt::one());
    }
}
