//! The backend of every processor: blst with prepared lines, final exponentiations in batches.

use super::{LANES, Pairings};
use crate::ibe::group::{G1, G2, Gt, PreparedG2};

/// How many chunks share their inversions: more would save nothing that can be measured.
const SHARING: usize = 2;

/// Pairings by blst.
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
