//! What is remembered of the trace key feed, and for how long its entries stay in it.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use noren::time::UnixSeconds;

/// Seconds that an entry stays in the feed: 14 days.
pub(crate) const KEPT_SECONDS: u64 = 14 * 86_400;

/// The lengths of encoded buckets. A bucket that is over never changes.
#[derive(Debug, Default)]
pub(crate) struct Feed {
    lengths: Mutex<BTreeMap<UnixSeconds, usize>>,
}

impl Feed {
    pub(crate) fn known(&self, bucket: UnixSeconds) -> Option<usize> {
        self.lengths.lock().unwrap_or_else(PoisonError::into_inner).get(&bucket).copied()
    }

    pub(crate) fn note(&self, bucket: UnixSeconds, length: usize, oldest: UnixSeconds) {
        let mut lengths = self.lengths.lock().unwrap_or_else(PoisonError::into_inner);
        *lengths = lengths.split_off(&oldest);
        lengths.insert(bucket, length);
    }
}
