//! The auditor: anybody who reads the whole log and holds the authority to every tree head that
//! somebody saw.
//!
//! [`audit`] hashes all entries and reports everything that is wrong; [`compare`] tells at once
//! whether two checkpoints contradict each other, and two that do are a proof to show around: both
//! are signed, and [`Evidence`] makes files of them.

use std::fmt;

mod evidence;

pub use crate::log::{Comparison, compare};
use crate::{
    log::{
        CheckpointError, CompactRange, LogPosition, MAX_ENTRY, SignedCheckpoint, TilePath,
        TreeHash, leaf_hash,
    },
    time::UnixSeconds,
};
pub use evidence::Evidence;

/// A tree head that somebody saw earlier and kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sighting {
    /// The number of entries.
    pub size: u64,
    /// The root hash over them.
    pub root: TreeHash,
    /// When it was signed.
    pub timestamp: UnixSeconds,
}

impl From<&SignedCheckpoint> for Sighting {
    fn from(signed: &SignedCheckpoint) -> Self {
        let head = signed.checkpoint();
        Self { size: head.size, root: head.root, timestamp: signed.timestamp() }
    }
}

impl From<&LogPosition> for Sighting {
    fn from(position: &LogPosition) -> Self {
        Self {
            size: position.range.size(),
            root: position.range.root(),
            timestamp: position.timestamp,
        }
    }
}

/// Something that an honest log never shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Finding {
    /// The files hold another number of entries than was signed.
    EntryCount {
        /// Entries read; counting stops one past the signed size.
        found: u64,
        /// Entries signed.
        signed: u64,
    },
    /// An entry is longer than the format allows.
    EntryTooLong {
        /// Its place in the log.
        index: u64,
    },
    /// The entries do not hash to the signed root.
    RootMismatch {
        /// The root over the entries read.
        computed: TreeHash,
    },
    /// At this size somebody saw another history.
    Fork {
        /// What was seen.
        seen: Sighting,
    },
    /// Somebody saw more entries than there are now.
    Rollback {
        /// What was seen.
        seen: Sighting,
    },
    /// A tree of this size was signed later than a larger one.
    TimestampWentBack {
        /// The smaller tree with the later time.
        seen: Sighting,
    },
    /// The signed time is too old or lies in the future.
    NotFresh(CheckpointError),
    /// A file that the checkpoint covers is not there, in no width.
    FileMissing(TilePath),
    /// A file does not hold what the entries and the signed root say.
    FileWrong(TilePath),
}

impl Finding {
    /// Returns the finding's name for programs. It never changes.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::EntryCount { .. } => "entry-count",
            Self::EntryTooLong { .. } => "entry-too-long",
            Self::RootMismatch { .. } => "root-mismatch",
            Self::Fork { .. } => "fork",
            Self::Rollback { .. } => "rollback",
            Self::TimestampWentBack { .. } => "time-went-back",
            Self::NotFresh(CheckpointError::FromTheFuture { .. }) => "from-the-future",
            Self::NotFresh(_) => "frozen",
            Self::FileMissing(_) => "file-missing",
            Self::FileWrong(_) => "file-wrong",
        }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::EntryCount { found, signed } => {
                write!(f, "the files hold {found} entries, but {signed} are signed")
            }
            Self::EntryTooLong { index } => {
                write!(f, "entry {index} is longer than entries may be")
            }
            Self::RootMismatch { .. } => f.write_str(
                "the entries are not those that the authority signed: some were changed, left out or \
                 put in",
            ),
            Self::Fork { seen } => {
                write!(f, "fork: another history was seen at {} entries", seen.size)
            }
            Self::Rollback { seen } => {
                write!(f, "rollback: {} entries were seen before", seen.size)
            }
            Self::TimestampWentBack { seen } => {
                write!(
                    f,
                    "a tree of {} entries was signed later than this one: the log went back for a \
                     while, or the authority's clock was wrong",
                    seen.size
                )
            }
            Self::NotFresh(error) => error.fmt(f),
            Self::FileMissing(path) => write!(f, "{path} is missing"),
            Self::FileWrong(path) => write!(f, "{path} does not hold what it should"),
        }
    }
}

/// The result of an audit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditReport {
    /// The position after all entries read, to be kept for the next audit if there are no findings.
    pub position: LogPosition,
    /// Earlier tree heads that the entries read do contain.
    pub confirmed: usize,
    /// Entries that `well_formed` refused. They harm nobody, since devices skip them, yet an
    /// authority should not publish them.
    pub malformed: u64,
    /// What contradicts an honest log.
    pub findings: Vec<Finding>,
}

impl AuditReport {
    /// Returns whether nothing was found.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        self.findings.is_empty()
    }
}

/// The clock of an audit: the present, and the age in seconds from which a log counts as frozen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Freshness {
    /// The auditor's time.
    pub now: UnixSeconds,
    /// The authority's `checkpoint_max_age_s`.
    pub max_age: u64,
}

/// Recomputes the whole tree from `entries` (all of them, in order) and holds it against the signed
/// head and against every earlier sighting of the same log.
///
/// `well_formed` judges the content of one entry. Nothing stops the audit early but the signed size:
/// a report lists everything at once.
pub fn audit<E: AsRef<[u8]>>(
    entries: impl IntoIterator<Item = E>,
    signed: &SignedCheckpoint,
    earlier: &[Sighting],
    freshness: Freshness,
    mut well_formed: impl FnMut(&[u8]) -> bool,
) -> AuditReport {
    let mut audit = Audit::new(signed, earlier);
    for entry in entries {
        audit.entry(entry.as_ref(), || well_formed(entry.as_ref()));
        if audit.is_beyond() {
            break;
        }
    }
    audit.finish(signed, freshness)
}

/// An audit that takes the entries one by one, in little memory.
#[derive(Debug, Clone)]
pub struct Audit {
    head: Sighting,
    history: History,
    range: CompactRange,
    malformed: u64,
    found: u64,
}

impl Audit {
    /// Begins the audit of the log under `signed`, before the first entry.
    #[must_use]
    pub fn new(signed: &SignedCheckpoint, earlier: &[Sighting]) -> Self {
        let (head, range) = (Sighting::from(signed), CompactRange::new());
        let mut history = History::new(earlier, &head);
        history.check(&range);
        Self { head, history, range, malformed: 0, found: 0 }
    }

    /// Begins the audit of what the log under `signed` has behind `position`, which an earlier audit
    /// reached: the next entry is the first one behind it. Sightings of smaller trees are held
    /// against nothing but their times; the earlier audit saw them, or a new one has to.
    #[must_use]
    pub fn resume(position: &LogPosition, signed: &SignedCheckpoint, earlier: &[Sighting]) -> Self {
        // [LOG-20]
        let (head, range) = (Sighting::from(signed), position.range.clone());
        let mut history = History::new(earlier, &head);
        history.pass(range.size());
        history.check(&range);
        Self { head, history, found: range.size(), range, malformed: 0 }
    }

    /// Takes the next entry. `well_formed` judges its content.
    pub fn entry(&mut self, entry: &[u8], well_formed: impl FnOnce() -> bool) {
        if self.found < self.head.size {
            if entry.len() > MAX_ENTRY {
                self.history.findings.push(Finding::EntryTooLong { index: self.found });
            }
            self.malformed += u64::from(!well_formed());
        }
        self.leaf(leaf_hash(entry));
    }

    /// Takes the next entry by its hash, where the entry itself cannot be read. The root decides
    /// whether it was the right one.
    pub fn leaf(&mut self, leaf: TreeHash) {
        self.found += 1;
        // [LOG-10]
        if !self.is_beyond() {
            self.range.push(leaf);
            self.history.check(&self.range);
        }
    }

    /// Returns whether more entries were taken than are signed.
    #[must_use]
    pub const fn is_beyond(&self) -> bool {
        self.found > self.head.size
    }

    /// Notes what was found by other means. Findings come in the order in which they are made.
    pub fn note(&mut self, finding: Finding) {
        self.history.findings.push(finding);
    }

    /// Returns everything that was found. There are no more entries.
    #[must_use]
    pub fn finish(self, signed: &SignedCheckpoint, freshness: Freshness) -> AuditReport {
        let Self { head, mut history, range, malformed, found } = self;
        // [LOG-10]
        if found != head.size {
            history.findings.push(Finding::EntryCount { found, signed: head.size });
        }
        if range.root() != head.root {
            history.findings.push(Finding::RootMismatch { computed: range.root() });
        }
        // [LOG-6]
        history.findings.extend(
            signed.check_fresh(freshness.now, freshness.max_age).err().map(Finding::NotFresh),
        );
        let position = LogPosition { range, timestamp: head.timestamp };
        let (confirmed, findings) = (history.confirmed, history.findings);
        AuditReport { position, confirmed, malformed, findings }
    }
}

/// Earlier sightings, the smallest first, checked one after the other while the tree grows.
#[derive(Debug, Clone)]
struct History {
    sightings: std::iter::Peekable<std::vec::IntoIter<Sighting>>,
    confirmed: usize,
    findings: Vec<Finding>,
}

impl History {
    /// Sorts the sightings, and finds those that no honest log could show before `head`.
    fn new(earlier: &[Sighting], head: &Sighting) -> Self {
        let mut sightings = earlier.to_vec();
        sightings.sort_by_key(|seen| (seen.size, seen.timestamp));
        let larger = sightings.iter().skip(1).chain([head]);
        // [LOG-10] [LOG-8]
        let went_back = sightings
            .iter()
            .zip(larger)
            .filter(|(seen, next)| seen.size < next.size && seen.timestamp > next.timestamp)
            .map(|(seen, _)| Finding::TimestampWentBack { seen: *seen });
        let rollback = sightings.iter().filter(|seen| seen.size > head.size);
        let findings =
            went_back.chain(rollback.map(|seen| Finding::Rollback { seen: *seen })).collect();
        Self { sightings: sightings.into_iter().peekable(), confirmed: 0, findings }
    }

    /// Leaves out the sightings of trees smaller than `size`.
    fn pass(&mut self, size: u64) {
        while self.sightings.next_if(|seen| seen.size < size).is_some() {}
    }

    /// Compares the sightings of exactly this size.
    fn check(&mut self, range: &CompactRange) {
        while let Some(seen) = self.sightings.next_if(|seen| seen.size == range.size()) {
            // [LOG-10]
            if seen.root == range.root() {
                self.confirmed += 1;
            } else {
                self.findings.push(Finding::Fork { seen });
            }
        }
    }
}
