//! What a log asks of a witness, and how a witness judges it (C2SP tlog-witness, `add-checkpoint`).

use base64::{Engine, engine::general_purpose::STANDARD};

use super::{
    Checkpoint, CheckpointError, MAX_NOTE, Origin, TreeHash,
    proof::{MOST_HASHES, continues},
};
use crate::signing::SignPublicKey;

/// A request for a cosignature: the size that the witness saw last, why the new tree continues that
/// one, and the new head.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AddCheckpoint {
    /// The number of entries of the tree that the witness cosigned last; 0 for none.
    pub old_size: u64,
    /// The consistency proof of RFC 6962 from there; empty from 0.
    pub proof: Vec<TreeHash>,
    /// The signed note.
    pub checkpoint: String,
}

/// What a witness remembers of a log: the last tree that it cosigned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Witnessed {
    /// The number of entries.
    pub size: u64,
    /// The root over them.
    pub root: TreeHash,
}

/// Why a witness does not cosign. Each has the status that C2SP gives it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum WitnessRefusal {
    /// A body that is none of the form, or a proof where none belongs.
    #[error("the request is malformed")]
    Malformed,
    /// An old size above that of the head.
    #[error("the old size is larger than the new one")]
    Backwards,
    /// A log that this witness does not watch.
    #[error("this log is unknown here")]
    UnknownLog,
    /// No signature of the log's.
    #[error("the head is not signed by this log: {0}")]
    Unsigned(CheckpointError),
    /// Another tree was cosigned last.
    #[error("the last tree that was cosigned here has {} entries", .seen.size)]
    OtherSize {
        /// That tree.
        seen: Witnessed,
    },
    /// Two trees of one size, both signed: a fork.
    #[error("another tree of {} entries was cosigned here", .seen.size)]
    Fork {
        /// That tree.
        seen: Witnessed,
    },
    /// The proof does not lead from the old tree to the new one.
    #[error("the new tree is not shown to continue the old one")]
    NotProven,
}

impl WitnessRefusal {
    /// Returns the HTTP status.
    #[must_use]
    pub const fn status(&self) -> u16 {
        // [LOG-23]
        match self {
            Self::Malformed | Self::Backwards => 400,
            Self::Unsigned(_) => 403,
            Self::UnknownLog => 404,
            Self::OtherSize { .. } | Self::Fork { .. } => 409,
            Self::NotProven => 422,
        }
    }
}

impl AddCheckpoint {
    /// The longest request in bytes.
    pub const MAX_LENGTH: usize = MAX_NOTE + MOST_HASHES * 45 + 64;

    /// Returns the body of the request.
    #[must_use]
    pub fn to_text(&self) -> String {
        // [LOG-22]
        let proof: String = self.proof.iter().map(|hash| format!("{hash}\n")).collect();
        format!("old {}\n{proof}\n{}", self.old_size, self.checkpoint)
    }

    /// Reads the body of a request.
    ///
    /// # Errors
    /// [`WitnessRefusal::Malformed`]; never a panic, whatever the bytes.
    pub fn from_text(bytes: &[u8]) -> Result<Self, WitnessRefusal> {
        // [LOG-23]
        let malformed = WitnessRefusal::Malformed;
        if bytes.len() > Self::MAX_LENGTH {
            return Err(malformed);
        }
        let text = std::str::from_utf8(bytes).map_err(|_| malformed)?;
        let (first, mut rest) = text.split_once('\n').ok_or(malformed)?;
        let digits = first.strip_prefix("old ").ok_or(malformed)?;
        let old_size: u64 = digits.parse().map_err(|_| malformed)?;
        if old_size.to_string() != digits {
            return Err(malformed);
        }
        let mut proof = Vec::new();
        loop {
            let (line, after) = rest.split_once('\n').ok_or(malformed)?;
            rest = after;
            if line.is_empty() {
                break;
            }
            let hash = STANDARD.decode(line).ok().and_then(|hash| hash.try_into().ok());
            let hash = hash.filter(|_| proof.len() < MOST_HASHES);
            proof.push(TreeHash(hash.ok_or(malformed)?));
        }
        Ok(Self { old_size, proof, checkpoint: rest.to_owned() })
    }

    /// Returns the head that may be cosigned, for a witness that knows these keys of the log `origin`
    /// and has cosigned `seen` of it last. What is returned has to be kept, in place of exactly
    /// `seen`, before the cosignature leaves.
    ///
    /// # Errors
    /// [`WitnessRefusal`], the first check that fails, in the order of C2SP tlog-witness.
    pub fn judge(
        &self,
        origin: &Origin,
        keys: &[SignPublicKey],
        seen: Option<Witnessed>,
    ) -> Result<Checkpoint, WitnessRefusal> {
        // [LOG-23]
        let note = self.checkpoint.as_bytes();
        let mut opened = Err(CheckpointError::Unsigned);
        for key in keys {
            opened = opened.or_else(|_| Checkpoint::open(note, origin, key));
        }
        let head = opened.map_err(WitnessRefusal::Unsigned)?;
        if self.old_size > head.size {
            return Err(WitnessRefusal::Backwards);
        }
        let before = seen.unwrap_or(Witnessed { size: 0, root: TreeHash::of_empty_tree() });
        if self.old_size != before.size {
            return Err(WitnessRefusal::OtherSize { seen: before });
        }
        if head.size == before.size && head.root != before.root {
            return Err(WitnessRefusal::Fork { seen: before });
        }
        let proven = continues((before.size, before.root), (head.size, head.root), &self.proof);
        if proven { Ok(head) } else { Err(WitnessRefusal::NotProven) }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::log::{
        CompactRange, TileError, TilePath, append_tiles, consistency_proof, leaf_hash,
    };
    use crate::signing::SignSecretKey;
    use crate::time::UnixSeconds;

    fn key() -> SignSecretKey {
        SignSecretKey::from_bytes(&[7; 32])
    }

    fn origin() -> Origin {
        Origin::new("health.example/log").expect("an origin")
    }

    fn tree(entries: &[Vec<u8>]) -> Witnessed {
        let mut range = CompactRange::new();
        entries.iter().for_each(|entry| range.push(leaf_hash(entry)));
        Witnessed { size: range.size(), root: range.root() }
    }

    /// What a log of these entries asks a witness that has seen the first `old` of them.
    fn request(entries: &[Vec<u8>], old: u64) -> AddCheckpoint {
        let Witnessed { size, root } = tree(entries);
        let files = append_tiles(&CompactRange::new(), entries, |_| None).expect("the files");
        let read = |wanted: &TilePath| {
            let found = files.iter().find(|(path, _)| path == wanted);
            found.map(|(_, bytes)| bytes.clone()).ok_or(TileError::Missing)
        };
        let proof = consistency_proof(old, size, read).expect("a proof");
        let time = UnixSeconds::new(1_700_000_000).expect("a time");
        let head = Checkpoint { origin: origin(), size, root };
        let checkpoint = head.sign(&(&key()).into(), time).expect("signed");
        AddCheckpoint { old_size: old, proof, checkpoint }
    }

    fn entries(count: u8) -> Vec<Vec<u8>> {
        (0..count).map(|i| vec![i]).collect()
    }

    #[test]
    fn a_witness_goes_with_a_log_that_grows_and_with_no_other() {
        // [LOG-23] [LOG-22]
        let (all, keys) = (entries(12), [key().public_key()]);
        let judge = |request: &AddCheckpoint, seen| {
            let read = AddCheckpoint::from_text(request.to_text().as_bytes());
            assert_eq!(read.as_ref(), Ok(request));
            request.judge(&origin(), &keys, seen)
        };
        let first = request(&all[..5], 0);
        assert_eq!(judge(&first, None).map(|head| head.size), Ok(5));
        let seen = tree(&all[..5]);
        assert_eq!(judge(&request(&all, 5), Some(seen)).map(|head| head.size), Ok(12));
        // The same once more is a heartbeat.
        assert_eq!(judge(&request(&all[..5], 5), Some(seen)).map(|head| head.size), Ok(5));
        // It says what it has seen, whatever is claimed.
        let other_size = Err(WitnessRefusal::OtherSize { seen });
        assert_eq!(judge(&request(&all, 4), Some(seen)), other_size);
        assert_eq!(judge(&request(&all, 0), Some(seen)), other_size);
        let nothing = Witnessed { size: 0, root: TreeHash::of_empty_tree() };
        assert_eq!(
            judge(&request(&all, 5), None),
            Err(WitnessRefusal::OtherSize { seen: nothing })
        );
        // A fork, a past that was changed, a proof for another tree, a log that went back.
        let mut forked = all.clone();
        forked[2] = b"other".to_vec();
        let fork = request(&forked[..5], 5);
        assert_eq!(judge(&fork, Some(seen)), Err(WitnessRefusal::Fork { seen }));
        assert_eq!(judge(&request(&forked, 5), Some(seen)), Err(WitnessRefusal::NotProven));
        let bare = AddCheckpoint { proof: Vec::new(), ..request(&all, 5) };
        assert_eq!(judge(&bare, Some(seen)), Err(WitnessRefusal::NotProven));
        let back = AddCheckpoint { old_size: 5, proof: Vec::new(), ..request(&all[..3], 0) };
        assert_eq!(judge(&back, Some(seen)), Err(WitnessRefusal::Backwards));
        let with_proof = AddCheckpoint { proof: vec![TreeHash([1; 32])], ..first.clone() };
        assert_eq!(judge(&with_proof, None), Err(WitnessRefusal::NotProven));
        // Somebody else's note.
        let stranger = [SignSecretKey::from_bytes(&[8; 32]).public_key()];
        let refused = first.judge(&origin(), &stranger, None);
        assert!(matches!(refused, Err(WitnessRefusal::Unsigned(_))));
        // Any of several keys does, as after a handover.
        let both = [stranger[0], key().public_key()];
        assert!(first.judge(&origin(), &both, None).is_ok());
        let statuses = [
            (WitnessRefusal::Malformed, 400),
            (WitnessRefusal::Backwards, 400),
            (WitnessRefusal::Unsigned(CheckpointError::Unsigned), 403),
            (WitnessRefusal::UnknownLog, 404),
            (WitnessRefusal::OtherSize { seen }, 409),
            (WitnessRefusal::Fork { seen }, 409),
            (WitnessRefusal::NotProven, 422),
        ];
        for (refusal, status) in statuses {
            assert_eq!(refusal.status(), status);
        }
    }

    proptest! {
        #[test]
        fn no_request_from_outside_stops_a_witness(
            text in "(old [0-9]{0,22}\n)?([A-Za-z0-9+/=]{44}\n){0,3}\n?.{0,80}",
        ) {
            // [LOG-23]
            if let Ok(read) = AddCheckpoint::from_text(text.as_bytes()) {
                prop_assert_eq!(read.to_text(), text);
                prop_assert!(read.judge(&origin(), &[key().public_key()], None).is_err());
            }
        }
    }
}
