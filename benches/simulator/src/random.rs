//! Randomness from one seed: every purpose and every person, venue or device has a stream of its
//! own, so that any of them can be made again alone.

use rand_chacha::ChaCha20Rng;
use rand_core::{Rng as _, SeedableRng as _};

/// What randomness is for.
#[derive(Debug, Clone, Copy)]
pub enum Purpose {
    /// Kinds and sizes of venues.
    Venues,
    /// What a person does.
    People,
    /// Who falls ill, what they remember, who answers.
    Investigation,
    /// A venue's keys.
    Keys,
    /// The authority's keys, codes and boxes.
    Office,
    /// A device's records and vault.
    Devices,
    /// The stress test.
    Stress,
}

/// The generator of a purpose and a number.
#[must_use]
pub fn generator(seed: u64, purpose: Purpose, stream: u64) -> ChaCha20Rng {
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&seed.to_le_bytes());
    bytes[8] = purpose as u8;
    let mut rng = ChaCha20Rng::from_seed(bytes);
    rng.set_stream(stream);
    rng
}

/// Draws for the plain part of the world. No logarithms and no powers: the same on every machine.
pub struct Dice(ChaCha20Rng);

impl Dice {
    /// The dice of a purpose and a number.
    #[must_use]
    pub fn new(seed: u64, purpose: Purpose, stream: u64) -> Self {
        Self(generator(seed, purpose, stream))
    }

    /// A number from 0 to below 1.
    pub fn unit(&mut self) -> f64 {
        (self.0.next_u64() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// Whether something of this probability happens.
    pub fn chance(&mut self, probability: f64) -> bool {
        self.unit() < probability
    }

    /// A whole number from `from` to below `to`.
    pub fn between(&mut self, from: u64, to: u64) -> u64 {
        from + (self.unit() * to.saturating_sub(from) as f64) as u64
    }

    /// A number below `count` that is small more often than not: the k-th has a share like 1/√k.
    pub fn rank(&mut self, count: u32) -> u32 {
        let unit = self.unit();
        (unit * unit * f64::from(count)) as u32
    }
}

/// Mixes a number with the seed, to choose among people without an order (`SplitMix64`).
#[must_use]
pub const fn mixed(seed: u64, number: u64) -> u64 {
    let mut z = (seed ^ number).wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}
