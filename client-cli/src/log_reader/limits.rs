//! How much one authority may cost in one reading, whatever its server says and however slowly.

use std::time::{Duration, Instant};

/// The most bundles that are downloaded at once: a million entries.
const BUNDLES: u64 = 4_096;
/// The most bytes that are downloaded at once.
const BYTES: u64 = 256 << 20;
/// The most bytes that wait on the disk for the last entry, which says whether they are right.
const WAITING: u64 = 4 << 30;
/// The longest time that one authority's server is listened to.
const TIME: Duration = Duration::from_secs(300);

/// What is left for one authority.
#[derive(Debug, Clone)]
pub(super) struct Limits {
    bundles: u64,
    bytes: u64,
    until: Instant,
}

/// Why a reading stopped before its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stop {
    /// What was downloaded is kept, and the next reading goes on behind it.
    ForNow,
    /// More waits to be verified than a device has room for.
    TooMuch,
}

impl Limits {
    pub(super) fn new() -> Self {
        Self { bundles: BUNDLES, bytes: BYTES, until: Instant::now() + TIME }
    }

    /// When the last request ends.
    pub(super) const fn until(&self) -> Instant {
        self.until
    }

    /// Whether another bundle may be downloaded, with so many bytes read before it.
    pub(super) fn check(&self, read: u64) -> Result<(), Stop> {
        // [CLI-25]
        if read > WAITING {
            return Err(Stop::TooMuch);
        }
        if self.bundles == 0 || self.bytes == 0 || Instant::now() >= self.until {
            return Err(Stop::ForNow);
        }
        Ok(())
    }

    /// Counts a bundle that is asked for.
    pub(super) const fn ask(&mut self) {
        self.bundles = self.bundles.saturating_sub(1);
    }

    /// Counts what was downloaded.
    pub(super) const fn spend(&mut self, bytes: u64) {
        self.bytes = self.bytes.saturating_sub(bytes);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bundles_bytes_time_and_room_each_end() {
        // [CLI-25]
        let fresh = Limits::new();
        assert_eq!(fresh.check(0), Ok(()));
        assert_eq!(fresh.check(WAITING + 1), Err(Stop::TooMuch));
        let mut limits = fresh.clone();
        (0..BUNDLES).for_each(|_| limits.ask());
        assert_eq!(limits.check(0), Err(Stop::ForNow));
        let mut limits = fresh.clone();
        limits.spend(BYTES + 1);
        assert_eq!(limits.check(0), Err(Stop::ForNow));
        let limits = Limits { until: Instant::now(), ..fresh };
        assert_eq!(limits.check(0), Err(Stop::ForNow));
    }
}
