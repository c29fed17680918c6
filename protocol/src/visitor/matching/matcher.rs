//! The matcher: takes entries one by one and tries them on the records, many at a time.

use std::mem;
use std::num::NonZeroUsize;
use std::ops::ControlFlow;

use super::run::{Records, Watch, run};
use super::workers::Workers;
use super::{Backend, Cancelled, Outcome};
use crate::messages::PublishedTrace;
use crate::visitor::record::CheckInRecord;

/// The number of entries that are tried at a time by default.
const ENTRIES_A_RUN: usize = 1_024;
/// How many bytes of entries are enough to try them, however few they are.
const BYTES_A_RUN: usize = 1 << 20;

/// Tries log entries on a device's records while they come in.
///
/// Besides the records and what it has found, a matcher keeps 1,024 entries or one mebibyte of them,
/// whichever is reached first, the same parsed, and for every thread about 200 kB. What it finds
/// depends neither on the backend, nor on the number of threads, nor on how many entries are tried
/// at a time.
pub struct Matcher<P> {
    records: Records,
    backend: Backend,
    workers: Workers,
    entries_a_run: usize,
    waiting: Vec<(u64, Vec<u8>)>,
    waiting_bytes: usize,
    watch: Watch<P>,
    outcome: Outcome,
}

impl<P: FnMut(u64) -> ControlFlow<()> + Send> Matcher<P> {
    /// Makes a matcher for these records. `progress` is as for
    /// [`match_entries`](super::match_entries).
    pub fn new<'a>(records: impl IntoIterator<Item = &'a CheckInRecord>, progress: P) -> Self {
        Self {
            records: Records::new(records),
            backend: Backend::fastest(),
            workers: Workers::default(),
            entries_a_run: ENTRIES_A_RUN,
            waiting: Vec::new(),
            waiting_bytes: 0,
            watch: Watch::new(progress),
            outcome: Outcome::default(),
        }
    }

    /// Computes pairings in another way than the fastest.
    #[must_use]
    pub fn with_backend(mut self, backend: Backend) -> Self {
        self.backend = backend;
        self
    }

    /// Works on so many threads instead of one for each processor. A build without the feature
    /// `parallel` has one thread, whatever is asked for.
    #[must_use]
    pub fn with_threads(mut self, threads: NonZeroUsize) -> Self {
        self.workers = Workers::new(threads);
        self
    }

    /// Tries so many entries at a time instead of 1,024. Fewer than 128 take more time for each.
    #[must_use]
    pub const fn with_entries_a_run(mut self, entries: NonZeroUsize) -> Self {
        self.entries_a_run = entries.get();
        self
    }

    /// Takes the entry with this index, and tries the entries that wait when there are enough.
    ///
    /// # Errors
    /// [`Cancelled`] when the progress callback ended the run, now or before.
    pub fn push(&mut self, index: u64, bytes: &[u8]) -> Result<(), Cancelled> {
        // [MAT-9] What is too long for a trace stays too long without its end.
        let kept = &bytes[..bytes.len().min(PublishedTrace::MAX_LENGTH + 1)];
        self.waiting.push((index, kept.to_vec()));
        self.waiting_bytes += kept.len();
        if self.waiting.len() >= self.entries_a_run || self.waiting_bytes >= BYTES_A_RUN {
            self.run()?;
        }
        Ok(())
    }

    /// Tries what still waits. Returns everything that was found.
    ///
    /// # Errors
    /// [`Cancelled`] when the progress callback ended the run, now or before.
    pub fn finish(mut self) -> Result<Outcome, Cancelled> {
        self.run()?;
        Ok(self.outcome)
    }

    /// Returns how many entries have been taken and not been tried yet.
    #[must_use]
    pub const fn waiting(&self) -> usize {
        self.waiting.len()
    }

    fn run(&mut self) -> Result<(), Cancelled> {
        let entries = mem::take(&mut self.waiting);
        self.waiting_bytes = 0;
        let found = run(&self.records, &entries, self.backend, &self.workers, &mut self.watch)?;
        self.outcome.append(found);
        Ok(())
    }
}
