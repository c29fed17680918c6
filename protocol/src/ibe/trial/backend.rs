//! What computes pairings for trials.

use crate::ibe::group::{G1, G2, Gt};

/// How many keys a backend takes at a time.
pub(in crate::ibe) const LANES: usize = 8;

/// What a backend supplies: pairings of one point of G2 with many points of G1.
pub(in crate::ibe) trait Pairings {
    /// A point of G2, ready for many pairings.
    type Lines;
    /// One to eight points of G1, ready for many pairings.
    type Chunk;

    /// Prepares a point that is not the identity.
    fn lines(q: &G2) -> Self::Lines;

    /// Prepares one to eight points, none of them the identity.
    fn chunk(points: &[G1]) -> Self::Chunk;

    /// Hands to `found`, chunk after chunk, a chunk's index and the pairings of its points. What
    /// stands behind the last point of a chunk that is not full means nothing.
    fn pairings(lines: &Self::Lines, chunks: &[Self::Chunk], found: impl FnMut(usize, [Gt; LANES]));
}
