//! An append: what the authority sends to `POST /v1/log`.

use std::fmt;

use crate::signing::{Sign, SignError};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use serde_bytes::{ByteBuf, Bytes};

use super::{
    LogError, MAX_ENTRY,
    checkpoint::{Checkpoint, CheckpointError, SignedCheckpoint},
    log_keys::{LogKeys, LogSecretKeys},
    merkle::leaf_hash,
    origin::Origin,
    position::LogPosition,
};
use crate::time::UnixSeconds;

const VERSION: u64 = 1;

/// Why an append was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AppendError {
    /// Longer than [`Append::MAX_LENGTH`] bytes.
    #[error("the append is too long")]
    TooLong,
    /// More than [`Append::MAX_ENTRIES`] entries.
    #[error("the append has too many entries")]
    TooManyEntries,
    /// Not the deterministic CBOR of an append.
    #[error("the append is malformed")]
    Malformed,
    /// An append of a version that this code does not know.
    #[error("the append has an unknown version")]
    UnknownVersion,
    /// Made for another size than the log has now.
    #[error("the log has {size} entries now")]
    Stale {
        /// The current number of entries.
        size: u64,
    },
    /// The checkpoint was refused.
    #[error(transparent)]
    Checkpoint(#[from] CheckpointError),
    /// The entries do not extend the log to the checkpoint.
    #[error(transparent)]
    Log(#[from] LogError),
    /// A key that is kept elsewhere did not sign.
    #[error(transparent)]
    Unsigned(#[from] SignError),
}

/// New entries and the checkpoint over them. No entries: a heartbeat, which only renews the time.
///
/// On the wire the CBOR array `[1, old_size, [entry bytes…], checkpoint text]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Append {
    /// The number of entries before.
    pub old_size: u64,
    /// The new entries in order, each at most [`MAX_ENTRY`] bytes.
    pub entries: Vec<Vec<u8>>,
    /// The signed note over the tree after them.
    pub checkpoint: String,
}

impl Append {
    /// The most bytes that an encoded append may have: 8 MiB.
    pub const MAX_LENGTH: usize = 8 << 20;
    /// The most entries in one append.
    pub const MAX_ENTRIES: usize = 16_384;

    /// Signs, for the authority, the tree after `entries`. It extends the tree at `position` by
    /// construction; keep the position that the answer of the server confirms. Where the last time
    /// was signed by a clock that was wrong, give the position [`LogPosition::by_clock`].
    ///
    /// # Errors
    /// [`LogError::TimestampWentBack`] when `now` lies before the last signed time,
    /// [`LogError::EntryTooLong`], [`AppendError::TooManyEntries`], or [`AppendError::Unsigned`].
    pub fn sign(
        position: &LogPosition,
        entries: Vec<Vec<u8>>,
        origin: &Origin,
        keys: &LogSecretKeys<'_>,
        now: UnixSeconds,
    ) -> Result<Self, AppendError> {
        // [LOG-9]
        if now < position.timestamp {
            return Err(LogError::TimestampWentBack.into());
        }
        check_entries(&entries)?;
        let mut range = position.range.clone();
        entries.iter().for_each(|entry| range.push(leaf_hash(entry)));
        let head = Checkpoint { origin: origin.clone(), size: range.size(), root: range.root() };
        Ok(Self { old_size: position.range.size(), entries, checkpoint: head.sign(keys, now)? })
    }

    /// Renews, for whoever holds the clock key alone, the time of a checkpoint: a heartbeat with the
    /// tree and the log key's signature that are there.
    ///
    /// # Errors
    /// [`LogError::TimestampWentBack`] when `now` lies before the time of `head`,
    /// [`CheckpointError::NoTimestamp`] where `clock` is not the key that dated it,
    /// [`AppendError::Unsigned`] where it does not sign.
    pub fn renew(
        head: &SignedCheckpoint,
        clock: &dyn Sign,
        now: UnixSeconds,
    ) -> Result<Self, AppendError> {
        // [LOG-9] [PRO-9]
        if now < head.timestamp() {
            return Err(LogError::TimestampWentBack.into());
        }
        let (old_size, checkpoint) = (head.checkpoint().size, head.renewed(clock, now)?);
        Ok(Self { old_size, entries: Vec::new(), checkpoint })
    }

    /// Makes, for the authority, a part of a longer append: entries without a checkpoint. So a log
    /// that does not fit into one append gets back onto a server that lost it. Nothing is signed.
    ///
    /// # Errors
    /// [`LogError::EntryTooLong`], or [`AppendError::TooManyEntries`].
    pub fn part(old_size: u64, entries: Vec<Vec<u8>>) -> Result<Self, AppendError> {
        // [LOG-12]
        check_entries(&entries)?;
        Ok(Self { old_size, entries, checkpoint: String::new() })
    }

    /// Returns whether these entries fit into one append.
    #[must_use]
    pub fn holds(entries: &[Vec<u8>]) -> bool {
        // The head of a byte string has 5 bytes at most; the checkpoint and the rest are short.
        let length: usize = entries.iter().map(|entry| entry.len() + 5).sum();
        entries.len() <= Self::MAX_ENTRIES && length <= Self::MAX_LENGTH - (16 << 10)
    }

    /// Returns whether this is part of a longer append, with no checkpoint of its own.
    #[must_use]
    pub const fn is_part(&self) -> bool {
        // [LOG-12]
        self.checkpoint.is_empty()
    }

    /// Verifies, for the server, that the append extends the log as it stands at `position` and is
    /// signed by the authority. Returns the position after it.
    ///
    /// # Errors
    /// [`AppendError::Stale`] with the current size when it was made for another one; otherwise what
    /// [`SignedCheckpoint::verify`] and [`LogPosition::advance`] refuse.
    pub fn verify(
        &self,
        position: &LogPosition,
        origin: &Origin,
        keys: &LogKeys,
    ) -> Result<(LogPosition, SignedCheckpoint), AppendError> {
        // [LOG-9] [API-9]
        if self.old_size != position.range.size() {
            return Err(AppendError::Stale { size: position.range.size() });
        }
        let signed = SignedCheckpoint::verify(self.checkpoint.as_bytes(), origin, keys)?;
        // [LOG-9]
        let after = position.advance(&signed, &self.entries)?;
        Ok((after, signed))
    }

    /// Returns the CBOR encoding.
    ///
    /// # Errors
    /// [`AppendError::TooManyEntries`], [`LogError::EntryTooLong`] or [`AppendError::TooLong`] for
    /// what no server would take.
    pub fn to_bytes(&self) -> Result<Vec<u8>, AppendError> {
        check_entries(&self.entries)?;
        let wire =
            (VERSION, self.old_size, Entries(self.entries.iter().collect()), &self.checkpoint);
        let bytes = crate::cbor::to_vec(&wire).map_err(|_| AppendError::Malformed)?;
        if bytes.len() > Self::MAX_LENGTH { Err(AppendError::TooLong) } else { Ok(bytes) }
    }

    /// Reads the CBOR encoding. Nothing is verified yet.
    ///
    /// # Errors
    /// [`AppendError`] for anything but one whole, deterministic encoding within the limits.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, AppendError> {
        // [LOG-11]
        if bytes.len() > Self::MAX_LENGTH {
            return Err(AppendError::TooLong);
        }
        let (version, old_size, entries, checkpoint): (u64, u64, Entries<ByteBuf>, String) =
            crate::cbor::from_slice(bytes).map_err(|_| AppendError::Malformed)?;
        if version != VERSION {
            return Err(AppendError::UnknownVersion);
        }
        let entries: Vec<_> = entries.0.into_iter().map(ByteBuf::into_vec).collect();
        check_entries(&entries)?;
        Ok(Self { old_size, entries, checkpoint })
    }
}

/// Checks the number and the lengths of the entries.
fn check_entries(entries: &[Vec<u8>]) -> Result<(), AppendError> {
    // [LOG-11]
    if entries.len() > Append::MAX_ENTRIES {
        return Err(AppendError::TooManyEntries);
    }
    if entries.iter().any(|entry| entry.len() > MAX_ENTRY) {
        return Err(LogError::EntryTooLong.into());
    }
    Ok(())
}

/// Byte strings in CBOR. Reading stops one past the limit, before a sender can fill the memory with
/// millions of empty ones.
struct Entries<E>(Vec<E>);

impl<E: AsRef<[u8]>> Serialize for Entries<E> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.iter().map(|entry| Bytes::new(entry.as_ref())))
    }
}

impl<'de> Deserialize<'de> for Entries<ByteBuf> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_seq(EntriesVisitor)
    }
}

struct EntriesVisitor;

impl<'de> de::Visitor<'de> for EntriesVisitor {
    type Value = Entries<ByteBuf>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an array of byte strings")
    }

    fn visit_seq<A: de::SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
        let mut entries = vec![];
        while let Some(entry) = seq.next_element()? {
            // [LOG-11]
            if entries.len() == Append::MAX_ENTRIES {
                return Err(de::Error::custom("too many entries"));
            }
            entries.push(entry);
        }
        Ok(Entries(entries))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::signing::SignSecretKey;

    fn append(entries: Vec<Vec<u8>>) -> Append {
        Append { old_size: 3, entries, checkpoint: "text".to_owned() }
    }

    #[test]
    fn an_append_is_an_array_of_four() {
        // [LOG-9]
        let append = append(vec![b"ab".to_vec(), vec![]]);
        let bytes = append.to_bytes().expect("encodes");
        assert_eq!(bytes, b"\x84\x01\x03\x82\x42ab\x40\x64text");
        assert_eq!(Append::from_bytes(&bytes), Ok(append));
    }

    #[test]
    fn a_part_has_no_checkpoint_and_verifies_as_no_append() {
        // [LOG-12]
        let part = Append::part(3, vec![b"ab".to_vec()]).expect("short");
        let bytes = part.to_bytes().expect("encodes");
        assert_eq!(bytes, b"\x84\x01\x03\x81\x42ab\x60");
        assert!(Append::from_bytes(&bytes).expect("its own bytes").is_part());
        assert!(!append(vec![]).is_part());
        let key = SignSecretKey::from_bytes(&[7; 32]).public_key().into();
        let origin = Origin::new("health.example/log").expect("an origin");
        let start = Append::part(0, vec![b"ab".to_vec()]).expect("short");
        assert!(start.verify(&LogPosition::start(), &origin, &key).is_err());
        assert!(Append::part(0, vec![vec![0; MAX_ENTRY + 1]]).is_err());
    }

    #[test]
    fn limits_hold_in_both_directions() {
        // [LOG-11]
        let most = append(vec![vec![]; Append::MAX_ENTRIES]);
        let bytes = most.to_bytes().expect("as many as allowed");
        assert_eq!(Append::from_bytes(&bytes), Ok(most));
        let more = append(vec![vec![]; Append::MAX_ENTRIES + 1]);
        assert_eq!(more.to_bytes(), Err(AppendError::TooManyEntries));
        let long = append(vec![vec![0; MAX_ENTRY + 1]]);
        assert_eq!(long.to_bytes(), Err(LogError::EntryTooLong.into()));
        let heavy = append(vec![vec![0; MAX_ENTRY]; 129]);
        assert_eq!(heavy.to_bytes(), Err(AppendError::TooLong));
        assert_eq!(Append::from_bytes(&vec![0; Append::MAX_LENGTH + 1]), Err(AppendError::TooLong));
    }
}
