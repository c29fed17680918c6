//! 250,000 keys a day: the bytes computed from real entries, the matching measured on a part.

use std::ops::ControlFlow;
use std::time::{Duration, Instant};

use noren::authority::cover_entry;
use noren::log::{LogPosition, encode_bundle};
use noren::profile::Fingerprint;
use noren::time::Day;
use noren::visitor::CheckIn;
use noren::{UnixSeconds, Vault};

use super::random::{Purpose, generator};
use super::world::DAY;
use crate::{MIDNIGHT, Result, World};

/// Keys a day in the stress case.
pub const KEYS: u64 = 250_000;
/// Records of that day on the device, as in the paper.
pub const RECORDS: usize = 5;

/// What the part cost.
#[derive(Debug, Clone, Copy)]
pub struct Stress {
    /// Entries that were tried.
    pub entries: usize,
    /// The size of a full bundle of 256 entries, in bytes.
    pub bundle: usize,
    /// How long the part took.
    pub time: Duration,
}

impl Stress {
    /// Tries `entries` keys on five records.
    ///
    /// # Errors
    /// None that an honest library can cause.
    pub fn measure(seed: u64, entries: usize, authority: &Fingerprint) -> Result<Self> {
        let mut rng = generator(seed, Purpose::Stress, 0);
        let day = Day::starting_at(UnixSeconds::new(MIDNIGHT)?)?;
        let mut keys = Vec::new();
        for index in 0..entries as u64 {
            keys.push((index, cover_entry(day, None, &mut rng)?));
        }
        let full: Vec<&Vec<u8>> = keys.iter().map(|(_, entry)| entry).cycle().take(256).collect();
        let bundle = encode_bundle(&full)?.len();
        let mut town = World::new(seed);
        let (code, _) = town.venue()?;
        let mut vault = Vault::new();
        let arrival = UnixSeconds::new(MIDNIGHT)?;
        let CheckIn::Opened(id) = vault.check_in(&code, arrival, &mut rng)? else {
            return Err("a visit that goes on".into());
        };
        vault.check_out(id, arrival.plus(3_600 * RECORDS as u64 - 1), &mut rng)?;
        let begun = Instant::now();
        let now = arrival.plus(DAY);
        let outcome = vault
            .apply(authority, &keys, LogPosition::start(), now, |_| ControlFlow::Continue(()))?;
        let time = begun.elapsed();
        let expected = (entries * RECORDS) as u64;
        if outcome.trials != expected || !outcome.matches.is_empty() {
            return Err("not every key was tried, or one opened".into());
        }
        Ok(Self { entries, bundle, time })
    }

    /// Bytes of a day's entries.
    #[must_use]
    pub const fn bytes(&self) -> u64 {
        self.bundle as u64 * KEYS / 256
    }

    /// Seconds of a day's matching, if all keys cost what the part cost.
    #[must_use]
    pub fn seconds(&self) -> f64 {
        self.time.as_secs_f64() * KEYS as f64 / self.entries as f64
    }
}
