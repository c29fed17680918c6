//! The desk's seat: the one folder on the one machine from which an authority's log is signed.
//!
//! What was signed last is kept a second time, outside of the desk's folder. A copy of the folder, or
//! one restored from a backup, does not fit to it, and signs nothing until it has taken the desk over.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use noren::log::{CompactRange, MAX_CLOCK_SKEW, SignedCheckpoint, TreeHash};
use noren::time::UnixSeconds;
use rand_core::CryptoRng;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::journal::End;
use super::record::Record;
use super::surroundings::Place;
use super::{domain, kept};
use crate::files::{self, Lock};
use crate::text::counted;

const VERSION: u64 = 1;
/// What tells this machine from others, where the operating system keeps it.
const MACHINE: &str = "/etc/machine-id";
const WAY_ON: &str = "Nothing was done. Where this is the only desk that is at work from now on, \
    `noren authority take-over` reads the published log and goes on from there";

/// Who may sign: each take-over makes a new seat with a higher number.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Seat {
    /// The same for all seats of one desk, and for every copy of it.
    desk: String,
    pub(super) number: u64,
    /// 16 random bytes.
    #[serde(with = "hex::serde")]
    pub(super) id: [u8; 16],
}

impl Record for Seat {
    const KIND: &'static str = "seat";

    fn id(&self) -> &'static str {
        "desk"
    }
}

impl Seat {
    /// The first seat of a new desk; `desk` is the fingerprint of its first keys.
    pub(super) fn first<R: CryptoRng>(desk: String, rng: &mut R) -> Self {
        Self { desk, number: 1, id: random(rng) }
    }

    /// The next seat of this desk, with this number.
    pub(super) fn next<R: CryptoRng>(&self, number: u64, rng: &mut R) -> Self {
        Self { desk: self.desk.clone(), number, id: random(rng) }
    }

    /// Like `seat 2 (3f9a21c0)`, for people.
    pub(super) fn shown(&self) -> String {
        let [a, b, c, d, ..] = self.id;
        format!("seat {} ({})", self.number, hex::encode([a, b, c, d]))
    }
}

pub(super) fn random<R: CryptoRng>(rng: &mut R) -> [u8; 16] {
    let mut bytes = [0; 16];
    rng.fill_bytes(&mut bytes);
    bytes
}

/// A tree head that was signed: size, root, time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Signed {
    pub(super) size: u64,
    #[serde(with = "hex::serde")]
    root: [u8; 32],
    pub(super) time: UnixSeconds,
}

impl Default for Signed {
    /// The empty tree, before anything is signed.
    fn default() -> Self {
        Self::new(0, TreeHash::of_empty_tree(), UnixSeconds::default())
    }
}

impl Signed {
    pub(super) const fn new(size: u64, root: TreeHash, time: UnixSeconds) -> Self {
        Self { size, root: *root.as_bytes(), time }
    }

    pub(super) fn of(checkpoint: &SignedCheckpoint) -> Self {
        let head = checkpoint.checkpoint();
        Self::new(head.size, head.root, checkpoint.timestamp())
    }

    /// Whether this is a tree that was signed.
    pub(super) fn is_of(&self, tree: &CompactRange) -> bool {
        (self.size, self.root) == (tree.size(), tree.root().0)
    }

    /// Whether both are over the same tree, whenever they were signed.
    pub(super) fn is_same_tree(&self, other: &Self) -> bool {
        (self.size, self.root) == (other.size, other.root)
    }

    /// Whether who knows `known` has signed this, or something after it.
    fn is_known_to(&self, known: &Self, now: UnixSeconds) -> bool {
        // [LOG-15] A clock that was ahead says nothing about what came first.
        (self.time <= known.time || self.time > now.plus(MAX_CLOCK_SKEW))
            && (self.size < known.size || (self.size == known.size && self.root == known.root))
    }
}

/// What is kept outside of the desk's folder.
#[derive(Clone, Serialize, Deserialize)]
struct Outside {
    version: u64,
    seat: Seat,
    folder: String,
    machine: Option<String>,
    signed: Signed,
    /// The signed note itself: evidence, if another tree of this size turns up.
    note: String,
    /// Where the desk's journal ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    journal: Option<End>,
}

/// The memory of this machine, held by one command.
pub(super) struct Memory {
    path: PathBuf,
    folder: String,
    outside: Option<Outside>,
    _lock: Lock,
}

impl Memory {
    /// Holds what this machine remembers of a desk.
    pub(super) fn open(place: &Place<'_>, seat: &Seat) -> anyhow::Result<Self> {
        let state = place.around.state_folder()?.join("desks").join(&seat.desk);
        let lock = files::lock(&state)?;
        let path = state.join("seat");
        let outside = kept::read(&path).ok().flatten().and_then(|bytes| {
            serde_json::from_slice(&bytes).ok().filter(|known: &Outside| known.version == VERSION)
        });
        let folder = place.folder.canonicalize().context("cannot find the desk's folder")?;
        Ok(Self { path, folder: folder.display().to_string(), outside, _lock: lock })
    }

    /// The seat and what was signed from it last, where this machine knows.
    pub(super) fn last(&self) -> Option<(&Seat, &Signed, &str)> {
        self.outside.as_ref().map(|known| (&known.seat, &known.signed, known.note.as_str()))
    }

    /// Refuses a desk that is a copy, or was restored, or was taken over. `known` is what it has
    /// signed as it believes.
    pub(super) fn check(
        &self,
        seat: &Seat,
        known: &Signed,
        now: UnixSeconds,
    ) -> anyhow::Result<()> {
        // [CLI-14]
        let Some(outside) = &self.outside else {
            bail!(
                "this machine does not know this desk (there is no whole file {}): it was moved \
                 here, or restored, or it is a copy. {WAY_ON}",
                self.path.display()
            );
        };
        if outside.seat != *seat {
            bail!(
                "this desk has {}, and on this machine {} signs: the desk was taken over, or was \
                 restored from a backup. {WAY_ON}",
                seat.shown(),
                outside.seat.shown()
            );
        }
        if outside.machine != machine() {
            bail!("this desk signs on another machine; this is a copy of it. {WAY_ON}");
        }
        if outside.folder != self.folder {
            bail!(
                "this desk signs from the folder {}; {} is a copy of it, or it was moved. {WAY_ON}",
                outside.folder,
                self.folder
            );
        }
        if outside.signed.size == known.size && !outside.signed.is_same_tree(known) {
            bail!(
                "this desk was restored from a backup: this machine signed another log of {} than \
                 the one that it knows. {WAY_ON}",
                counted(known.size, "entry")
            );
        }
        if !outside.signed.is_known_to(known, now) {
            bail!(
                "this desk was restored from a backup: it knows a log of {}, and from this \
                 machine one of {} was signed. {WAY_ON}",
                counted(known.size, "entry"),
                outside.signed.size
            );
        }
        Ok(())
    }

    /// Remembers what was signed, durably, before it leaves this machine.
    pub(super) fn remember(
        &mut self,
        seat: &Seat,
        signed: Signed,
        note: &str,
        journal: Option<End>,
    ) -> anyhow::Result<()> {
        // [CLI-14]
        let next = Outside {
            version: VERSION,
            seat: seat.clone(),
            folder: self.folder.clone(),
            machine: machine(),
            signed,
            note: note.to_owned(),
            journal,
        };
        kept::replace(&self.path, &serde_json::to_vec(&next)?)?;
        self.outside = Some(next);
        Ok(())
    }

    /// Where the journal of this desk ended when it was last remembered, if this is the desk that is
    /// remembered, and no copy of it.
    pub(super) fn journal(&self, seat: &Seat) -> Option<&End> {
        let own = |known: &&Outside| known.seat == *seat && known.folder == self.folder;
        self.outside.as_ref().filter(own)?.journal.as_ref()
    }

    /// Where the journal ended when this machine signed from this seat, from whichever folder.
    pub(super) fn journal_of(&self, seat: &Seat) -> Option<&End> {
        let own = |known: &&Outside| known.seat == *seat && known.machine == machine();
        self.outside.as_ref().filter(own)?.journal.as_ref()
    }

    /// Remembers where the journal ends, durably; nothing of a copy.
    pub(super) fn remember_journal(&mut self, seat: &Seat, end: End) -> anyhow::Result<()> {
        // [CLI-14]
        let Some(known) = self.outside.clone().filter(|known| {
            known.seat == *seat && known.folder == self.folder && known.machine == machine()
        }) else {
            return Ok(());
        };
        self.remember(seat, known.signed, &known.note, Some(end))
    }

    /// Whether this machine remembers anything of a desk.
    pub(super) fn is_kept(place: &Place<'_>, seat: &Seat) -> bool {
        let state = place.around.state_folder().map(|state| state.join("desks").join(&seat.desk));
        state.is_ok_and(|state| state.join("seat").exists())
    }
}

/// A digest of what the operating system calls this machine.
fn machine() -> Option<String> {
    let id = std::fs::read(Path::new(MACHINE)).ok()?;
    let digest = Sha256::new_with_prefix(domain::MACHINE).chain_update(id.trim_ascii()).finalize();
    (!id.trim_ascii().is_empty()).then(|| hex::encode(digest))
}
