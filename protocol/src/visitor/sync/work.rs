//! What to try, in parts that any thread or worker can do.

use std::collections::{BTreeMap, VecDeque};
use std::ops::ControlFlow;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_bytes::ByteBuf;
use serde_tuple::{Deserialize_tuple, Serialize_tuple};

use crate::cbor;
use crate::messages::{MessageError, Part, PublishedTrace};
use crate::time::Day;
use crate::visitor::matching::{Matcher, Outcome};
use crate::visitor::record::CheckInRecord;
use crate::visitor::{Cancelled, VisitId, to_the_end};

/// How many entries are tried at a time, and how many bytes of them.
const ENTRIES: usize = 1_024;
const BYTES: usize = 1 << 20;
/// How many parts may wait before no more files are asked for.
const PARTS: usize = 4;

/// Some entries of a log, to be tried on all records that are concerned.
///
/// It holds all that is needed, so that it can be done anywhere: on another thread, or as bytes by
/// another worker. The records tell nothing without a published key.
#[derive(Debug, Clone)]
pub struct Work {
    id: u64,
    records: Arc<Vec<CheckInRecord>>,
    entries: Arc<Vec<(u64, Vec<u8>)>>,
}

/// The findings of some [`Work`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize_tuple, Deserialize_tuple)]
pub struct Found {
    id: u64,
    /// The entries that opened a record, each with the record's visit.
    pub(super) openings: Vec<(u64, VisitId)>,
    pub(super) malformed: u64,
    pub(super) trials: u64,
}

/// [`Work`] as CBOR.
#[derive(Serialize, Deserialize)]
struct Wire(u64, Vec<(VisitId, Day, ByteBuf)>, Vec<(u64, ByteBuf)>);

impl Work {
    /// Tries every entry on every record of its day, with the fastest backend and all processors.
    #[must_use]
    pub fn run(&self) -> Found {
        self.run_watched(to_the_end).unwrap_or_else(|_| self.found(Outcome::default()))
    }

    /// Does what [`Work::run`] does, and calls `progress` now and then with the number of entries
    /// done, from any thread. [`ControlFlow::Break`] ends it.
    ///
    /// # Errors
    /// [`Cancelled`] when `progress` ended the run. The work can be done again.
    pub fn run_watched(
        &self,
        progress: impl FnMut(u64) -> ControlFlow<()> + Send,
    ) -> Result<Found, Cancelled> {
        let mut matcher = Matcher::new(self.records.iter(), progress);
        for (index, entry) in self.entries.iter() {
            matcher.push(*index, entry)?;
        }
        matcher.finish().map(|outcome| self.found(outcome))
    }

    /// Returns how many entries the work has.
    #[must_use]
    pub fn entries(&self) -> usize {
        self.entries.len()
    }

    /// Encodes the work for another process or worker. The bytes hold the vault's records, and are
    /// no more for others' eyes than the vault is.
    ///
    /// # Errors
    /// [`MessageError::Malformed`] when they cannot be encoded; none that valid work can cause.
    pub fn to_bytes(&self) -> Result<Vec<u8>, MessageError> {
        let record =
            |record: &CheckInRecord| (record.visit(), record.day(), ByteBuf::from(record.sealed()));
        let entry = |(index, bytes): &(u64, Vec<u8>)| (*index, ByteBuf::from(bytes.as_slice()));
        let records = self.records.iter().map(record).collect();
        let entries = self.entries.iter().map(entry).collect();
        cbor::to_vec(&Wire(self.id, records, entries))
            .map_err(|_| MessageError::Malformed(Part::Work))
    }

    /// Decodes work from its bytes.
    ///
    /// # Errors
    /// [`MessageError`] when they are no work.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, MessageError> {
        let Wire(id, records, entries) =
            cbor::from_slice(bytes).map_err(|_| MessageError::Malformed(Part::Work))?;
        let record = |(visit, day, sealed): (VisitId, Day, ByteBuf)| {
            CheckInRecord::from_parts(visit, day, sealed.into_vec())
        };
        let records = records.into_iter().map(record).collect::<Result<_, _>>()?;
        let entries = entries.into_iter().map(|(index, bytes)| (index, bytes.into_vec()));
        Ok(Self { id, records: Arc::new(records), entries: Arc::new(entries.collect()) })
    }

    fn found(&self, outcome: Outcome) -> Found {
        let openings = outcome.matches.iter().map(|found| (found.index, found.visit)).collect();
        let (malformed, trials) = (outcome.malformed, outcome.trials);
        Found { id: self.id, openings, malformed, trials }
    }
}

impl Found {
    /// Encodes what was found.
    ///
    /// # Errors
    /// [`MessageError::Malformed`] when it cannot be encoded; nothing that [`Work::run`] returns.
    pub fn to_bytes(&self) -> Result<Vec<u8>, MessageError> {
        cbor::to_vec(self).map_err(|_| MessageError::Malformed(Part::Findings))
    }

    /// Decodes what was found.
    ///
    /// # Errors
    /// [`MessageError::Malformed`] when they are none.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, MessageError> {
        cbor::from_slice(bytes).map_err(|_| MessageError::Malformed(Part::Findings))
    }
}

/// Work that waits or is being done.
#[derive(Default)]
pub(super) struct Queue {
    /// Which run of the log the entries that come now belong to.
    run: u32,
    counts_malformed: bool,
    records: Arc<Vec<CheckInRecord>>,
    next_id: u64,
    /// Entries for the next part.
    entries: Vec<(u64, Vec<u8>)>,
    bytes: usize,
    waiting: VecDeque<Work>,
    /// Every part that is not done, with its run.
    open: BTreeMap<u64, Batch>,
    tried: u64,
}

/// A part that is not done yet.
pub(super) struct Batch {
    run: u32,
    pub(super) counts_malformed: bool,
    entries: Arc<Vec<(u64, Vec<u8>)>>,
}

impl Batch {
    /// Returns the trace of the part's entry with this index.
    pub(super) fn trace(&self, index: u64) -> Option<PublishedTrace> {
        let (_, bytes) = self.entries.iter().find(|(own, _)| *own == index)?;
        PublishedTrace::from_bytes(bytes).ok()
    }
}

impl Queue {
    /// Begins anew: entries are tried on these records from here on.
    pub(super) fn begin<'a>(
        &mut self,
        records: impl Iterator<Item = &'a CheckInRecord>,
        counts_malformed: bool,
    ) {
        self.run += 1;
        self.records = Arc::new(records.cloned().collect());
        self.counts_malformed = counts_malformed;
    }

    /// Adds an entry.
    pub(super) fn push(&mut self, index: u64, entry: Vec<u8>) {
        // [MAT-9] What is too long for a trace stays too long without its end.
        let mut entry = entry;
        entry.truncate(PublishedTrace::MAX_LENGTH + 1);
        // Malformed entries are counted whatever the vault holds.
        if self.records.is_empty() && !self.counts_malformed {
            return;
        }
        self.bytes += entry.len();
        self.entries.push((index, entry));
        if self.entries.len() >= ENTRIES || self.bytes >= BYTES {
            self.cut();
        }
    }

    /// Makes a part of what has come.
    pub(super) fn cut(&mut self) {
        if self.entries.is_empty() {
            return;
        }
        self.bytes = 0;
        let entries = Arc::new(std::mem::take(&mut self.entries));
        let (run, id, counts_malformed) = (self.run, self.next_id, self.counts_malformed);
        self.next_id += 1;
        self.open.insert(id, Batch { run, counts_malformed, entries: Arc::clone(&entries) });
        self.waiting.push_back(Work { id, records: Arc::clone(&self.records), entries });
    }

    /// Forgets what belongs to the present run.
    pub(super) fn restart(&mut self) {
        self.entries.clear();
        self.bytes = 0;
        let run = self.run;
        self.open.retain(|_, part| part.run != run);
        let open = &self.open;
        self.waiting.retain(|work| open.contains_key(&work.id));
    }

    pub(super) fn next(&mut self) -> Option<Work> {
        self.waiting.pop_front()
    }

    /// Returns the part whose findings these are, or `None` where it was done before, or is not
    /// wanted any more.
    pub(super) fn done(&mut self, found: &Found) -> Option<Batch> {
        let part = self.open.remove(&found.id)?;
        self.tried += part.entries.len() as u64;
        Some(part)
    }

    pub(super) fn is_full(&self) -> bool {
        self.open.len() >= PARTS
    }

    pub(super) fn is_empty(&self) -> bool {
        self.open.is_empty() && self.entries.is_empty()
    }

    pub(super) const fn tried(&self) -> u64 {
        self.tried
    }
}
