//! Trial decryption: which of many keys open a ciphertext.
//!
//! Nearly every trial fails, and nearly all of its time is the pairing of the key with the
//! ciphertext's point c1. A backend computes these pairings; hashing and opening are the same for
//! all of them. What is found here is a candidate: it counts only when [`IdentityKey::decrypt`]
//! opens the ciphertext, so that no backend can make a match.

use super::ciphertext::{Ciphertext, Trials};
use super::group::{G1, G2, Gt, pairing};
use super::keys::IdentityKey;
use super::lanes::{self, EightLanes};

pub(super) mod backend;
mod scalar;

use backend::{LANES, Pairings};
pub(super) use scalar::OneByOne;

/// How pairings are computed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Backend {
    /// One at a time, on every processor.
    Scalar,
    /// Eight at a time, where the processor has AVX-512 IFMA.
    EightLanes,
}

impl Backend {
    /// Every backend, the slowest first.
    pub const ALL: [Self; 2] = [Self::Scalar, Self::EightLanes];

    /// Returns the fastest backend that this processor has.
    #[must_use]
    pub fn fastest() -> Self {
        if Self::EightLanes.is_available() { Self::EightLanes } else { Self::Scalar }
    }

    /// Returns whether this processor has what the backend needs, and the backend has shown that it
    /// computes what blst computes. The first call takes some milliseconds.
    #[must_use]
    pub fn is_available(self) -> bool {
        match self {
            Self::Scalar => true,
            Self::EightLanes => lanes::usable(),
        }
    }
}

/// Returns for each point what [`pairing`] gives with the point of G2, computed by a backend, or by
/// [`Backend::Scalar`] where the processor lacks it.
#[must_use]
pub fn pairings(backend: Backend, points: &[G1], q: &G2) -> Vec<Gt> {
    if q.is_identity() || points.iter().any(G1::is_identity) {
        return points.iter().map(|point| pairing(point, q)).collect();
    }
    match backend {
        Backend::EightLanes if lanes::usable() => Chunks::<EightLanes>::new(points).pairings(q),
        _ => Chunks::<OneByOne>::new(points).pairings(q),
    }
}

/// Keys to try on ciphertexts, prepared once for all of them.
pub struct KeyBatch(Prepared);

enum Prepared {
    Scalar(Chunks<OneByOne>),
    EightLanes(Chunks<EightLanes>),
}

/// The keys of a batch in a backend's form.
struct Chunks<P: Pairings> {
    chunks: Vec<P::Chunk>,
    keys: usize,
}

impl KeyBatch {
    /// Prepares keys for a backend; for [`Backend::Scalar`] where the processor lacks it.
    #[must_use]
    pub fn new<'a>(backend: Backend, keys: impl IntoIterator<Item = &'a IdentityKey>) -> Self {
        let points: Vec<G1> = keys.into_iter().map(|key| *key.point()).collect();
        Self(match backend {
            Backend::EightLanes if lanes::usable() => Prepared::EightLanes(Chunks::new(&points)),
            _ => Prepared::Scalar(Chunks::new(&points)),
        })
    }

    /// Returns the places, in ascending order, of the keys that seem to open the ciphertext. Every
    /// key that does open it is among them.
    #[must_use]
    pub fn candidates(&self, ciphertext: &Ciphertext) -> Vec<usize> {
        match &self.0 {
            Prepared::Scalar(chunks) => chunks.candidates(ciphertext),
            Prepared::EightLanes(chunks) => chunks.candidates(ciphertext),
        }
    }
}

impl<P: Pairings> Chunks<P> {
    fn new(points: &[G1]) -> Self {
        Self { chunks: points.chunks(LANES).map(P::chunk).collect(), keys: points.len() }
    }

    fn pairings(&self, q: &G2) -> Vec<Gt> {
        let mut all = Vec::with_capacity(self.chunks.len() * LANES);
        P::pairings(&P::lines(q), &self.chunks, |_, pairings| all.extend(pairings));
        all.truncate(self.keys);
        all
    }

    fn candidates(&self, ciphertext: &Ciphertext) -> Vec<usize> {
        let mut trials = Trials::new(ciphertext);
        let mut candidates = Vec::new();
        P::pairings(&P::lines(ciphertext.c1()), &self.chunks, |chunk, pairings| {
            let places = chunk * LANES..self.keys;
            candidates.extend(
                places.zip(&pairings).filter(|(_, pairing)| trials.opens(pairing)).map(|(i, _)| i),
            );
        });
        candidates
    }
}

#[cfg(test)]
mod tests {
    use rand_chacha::ChaCha20Rng;
    use rand_core::SeedableRng;

    use super::*;
    use crate::ibe::MasterSecretKey;
    use noren_skipped::skipped;

    #[test]
    fn the_candidates_are_the_keys_that_decrypt() {
        let mut rng = ChaCha20Rng::seed_from_u64(1);
        let msk = MasterSecretKey::generate(&mut rng);
        let ciphertext = msk.public_key().encrypt(b"here", b"message", &mut rng).expect("encrypts");
        for count in [0, 1, 7, 8, 9, 20] {
            let ids: Vec<_> =
                (0..count).map(|i| if i % 6 == 0 { *b"here" } else { [i; 4] }).collect();
            let keys: Vec<_> = ids.iter().map(|id| msk.identity_key(id)).collect();
            let here: Vec<_> = (0..keys.len()).step_by(6).collect();
            for backend in Backend::ALL {
                if !backend.is_available() {
                    skipped("avx512ifma");
                }
                assert_eq!(KeyBatch::new(backend, &keys).candidates(&ciphertext), here);
            }
        }
    }
}
