//! The backend of every processor: blst, one pairing at a time.

use super::{LANES, Pairings};
use crate::ibe::group::{G1, G2, Gt, PreparedG2};

/// Pairings by blst with prepared lines.
pub(super) struct OneByOne;

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
        for (index, chunk) in chunks.iter().enumerate() {
            let mut pairings = [Gt::one(); LANES];
            for (pairing, point) in pairings.iter_mut().zip(chunk) {
                *pairing = lines.pairing(point);
            }
            found(index, pairings);
        }
    }
}
