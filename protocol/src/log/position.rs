//! Where a reader stands in the log, and the only way forward from there.

use serde::{Deserialize, Serialize};

use super::{
    LogError, MAX_ENTRY,
    checkpoint::{MAX_CLOCK_SKEW, SignedCheckpoint},
    merkle::{CompactRange, leaf_hash},
};
use crate::time::UnixSeconds;

/// A reader's place in the log: the tree it has verified, and the time at which that was signed.
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
    /// Returns the position before the first entry.
    #[must_use]
    pub fn start() -> Self {
        Self::default()
    }

    /// Returns this position as it counts by a clock that says `now`. A position more than
    /// [`MAX_CLOCK_SKEW`] seconds ahead was signed, or taken, by a clock that was wrong: its time
    /// becomes `now` less these seconds, so that the log goes on when the clocks are right again.
    /// The tree binds as before.
    #[must_use]
    pub fn by_clock(&self, now: UnixSeconds) -> Self {
        // [LOG-15]
        let is_ahead = self.timestamp > now.plus(MAX_CLOCK_SKEW);
        let timestamp = if is_ahead { now.minus(MAX_CLOCK_SKEW) } else { self.timestamp };
        Self { range: self.range.clone(), timestamp }
    }

    /// Returns the number of entries that `signed` adds. Ask before you download anything.
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

    /// Returns the position after `new_entries`, which must be exactly the entries from this
    /// position to the end of the signed tree, in order.
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

    /// Does what [`LogPosition::advance`] does, for a caller that has hashed the new entries
    /// already: `range` is that of this position with exactly those entries pushed.
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

#[cfg(test)]
mod tests {
    use crate::signing::SignSecretKey;

    use super::super::{Checkpoint, Origin};
    use super::*;

    const NOW: u64 = 1_700_000_000;

    fn at(time: u64) -> UnixSeconds {
        UnixSeconds::new(time).expect("a time")
    }

    fn signed(range: &CompactRange, time: u64) -> SignedCheckpoint {
        let (key, origin) = (SignSecretKey::from_bytes(&[7; 32]), Origin::new("a.example/log"));
        let origin = origin.expect("an origin");
        let head = Checkpoint { origin: origin.clone(), size: range.size(), root: range.root() };
        let note = head.sign(&(&key).into(), at(time)).expect("signed");
        SignedCheckpoint::verify(note.as_bytes(), &origin, &key.public_key().into())
            .expect("signed")
    }

    #[test]
    fn a_time_far_ahead_of_the_clock_binds_nobody_and_the_tree_binds_as_before() {
        // [LOG-15] [LOG-8]
        let (day, mut range) = (86_400, CompactRange::new());
        [b"a", b"b"].iter().for_each(|entry| range.push(leaf_hash(*entry)));
        let seen = LogPosition { range: range.clone(), timestamp: at(NOW + 2 * day) };
        let mut longer = range.clone();
        longer.push(leaf_hash(b"c"));
        // By a clock that does not contradict it, the time stands.
        for now in [NOW + 2 * day - MAX_CLOCK_SKEW, NOW + 2 * day, NOW + 9 * day] {
            assert_eq!(seen.by_clock(at(now)), seen);
        }
        let later = signed(&longer, NOW);
        assert_eq!(seen.pending(&later), Err(LogError::TimestampWentBack));
        let by_clock = seen.by_clock(at(NOW));
        assert_eq!(by_clock.pending(&later), Ok(1));
        let after = by_clock.advance(&later, [b"c"]).expect("the same log, longer");
        assert_eq!(after, LogPosition { range: longer.clone(), timestamp: at(NOW) });
        assert_eq!(by_clock.pending(&signed(&range, NOW)), Ok(0), "a heartbeat");
        // Times before what clocks may differ by are refused, and so are other trees.
        let early = signed(&longer, NOW - MAX_CLOCK_SKEW - 1);
        assert_eq!(by_clock.pending(&early), Err(LogError::TimestampWentBack));
        let mut other = CompactRange::new();
        other.push(leaf_hash(b"x"));
        let rollback = Err(LogError::Rollback { seen: 2, offered: 1 });
        assert_eq!(by_clock.pending(&signed(&other, NOW)), rollback);
        other.push(leaf_hash(b"y"));
        assert_eq!(by_clock.pending(&signed(&other, NOW)), Err(LogError::Fork { size: 2 }));
        other.push(leaf_hash(b"z"));
        let rewritten = by_clock.advance(&signed(&other, NOW), [b"z"]);
        assert_eq!(rewritten, Err(LogError::RootMismatch));
    }
}
