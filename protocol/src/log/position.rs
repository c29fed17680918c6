//! Where a reader stands in the log, and the only way forward from there.

use serde::{Deserialize, Serialize};

use super::{
    LogError, MAX_ENTRY,
    checkpoint::SignedCheckpoint,
    merkle::{CompactRange, leaf_hash},
};
use crate::time::UnixSeconds;

/// What a device keeps of the log: the tree it has verified, and when that was signed.
///
/// Less than 2.2 kB whatever the log's size. Serialized as the array `[range, timestamp]`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(from = "(CompactRange, UnixSeconds)", into = "(CompactRange, UnixSeconds)")]
pub struct LogPosition {
    /// The tree over all entries seen.
    pub range: CompactRange,
    /// The signed time of the last checkpoint accepted; zero at the start.
    pub timestamp: UnixSeconds,
}

impl LogPosition {
    /// Before the first entry.
    #[must_use]
    pub fn start() -> Self {
        Self::default()
    }

    /// The number of entries that `signed` adds, asked before anything is downloaded.
    ///
    /// # Errors
    /// [`LogError::Rollback`] for a smaller tree, [`LogError::TimestampWentBack`] for an older
    /// signature, [`LogError::Fork`] for another root at the same size.
    pub fn pending(&self, signed: &SignedCheckpoint) -> Result<u64, LogError> {
        let (seen, head) = (self.range.size(), signed.checkpoint());
        // [LOG-8]
        if head.size < seen {
            return Err(LogError::Rollback { seen, offered: head.size });
        }
        if signed.timestamp() < self.timestamp {
            return Err(LogError::TimestampWentBack);
        }
        if head.size == seen && head.root != self.range.root() {
            return Err(LogError::Fork { size: seen });
        }
        Ok(head.size - seen)
    }

    /// The position after `new_entries`, which must be exactly the entries from this position to the
    /// end of the signed tree, in order.
    ///
    /// The position itself stays as it is; use the new one, and the entries, only on `Ok`. Nothing
    /// is believed about the entries before the signed root is reached.
    ///
    /// # Errors
    /// Those of [`LogPosition::pending`]; [`LogError::EntryCount`], [`LogError::EntryTooLong`], and
    /// [`LogError::RootMismatch`] when the entries do not lead to the signed root: either the
    /// download is damaged or the log was rewritten.
    pub fn advance<E: AsRef<[u8]>>(
        &self,
        signed: &SignedCheckpoint,
        new_entries: impl IntoIterator<Item = E>,
    ) -> Result<Self, LogError> {
        self.pending(signed)?;
        let head = signed.checkpoint();
        let mut range = self.range.clone();
        for entry in new_entries {
            // [LOG-7] stops an endless supply, too
            if range.size() == head.size {
                return Err(LogError::EntryCount);
            }
            // [LOG-11]
            if entry.as_ref().len() > MAX_ENTRY {
                return Err(LogError::EntryTooLong);
            }
            range.push(leaf_hash(entry.as_ref()));
        }
        self.reach(signed, range)
    }

    /// As [`LogPosition::advance`], for who has hashed the new entries already: `range` is that of
    /// this position with exactly those entries pushed.
    ///
    /// # Errors
    /// As [`LogPosition::advance`].
    pub fn reach(&self, signed: &SignedCheckpoint, range: CompactRange) -> Result<Self, LogError> {
        self.pending(signed)?;
        let head = signed.checkpoint();
        // [LOG-7]
        if range.size() != head.size {
            return Err(LogError::EntryCount);
        }
        // [LOG-8] a rewritten past shows here, because the old hashes are this reader's own
        if range.root() != head.root {
            return Err(LogError::RootMismatch);
        }
        Ok(Self { range, timestamp: signed.timestamp() })
    }
}

impl From<(CompactRange, UnixSeconds)> for LogPosition {
    fn from((range, timestamp): (CompactRange, UnixSeconds)) -> Self {
        Self { range, timestamp }
    }
}

impl From<LogPosition> for (CompactRange, UnixSeconds) {
    fn from(position: LogPosition) -> Self {
        (position.range, position.timestamp)
    }
}
