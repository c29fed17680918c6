//! Matching: every published trace is tried on every record of its day.
//!
//! The traces come from outside and may be anything: one that is malformed or hostile is counted
//! and passed over. What opens is a match; whether it is an exposure, the notice's window decides.
//!
//! [`match_entries`] does all of it at once. A [`Matcher`] takes entries as they come, for instance
//! while they are downloaded.

use std::ops::ControlFlow;

use super::record::{CheckInRecord, RecordContents, VisitId};
use crate::messages::{Notice, PublishedTrace};

mod matcher;
mod run;
#[cfg(all(feature = "parallel", not(target_family = "wasm")))]
mod workers;
#[cfg(not(all(feature = "parallel", not(target_family = "wasm"))))]
#[path = "matching/one_worker.rs"]
mod workers;

use crate::ibe::trial::Backend;
pub use matcher::Matcher;

/// A trace that opened a record.
#[derive(Debug, Clone)]
pub struct Match {
    /// The index of the entry in its log.
    pub index: u64,
    /// The trace.
    pub trace: PublishedTrace,
    /// The visit that the record belongs to.
    pub visit: VisitId,
    /// What the record holds.
    pub record: RecordContents,
    /// The notice for those who were there.
    pub notice: Notice,
}

/// What a run of matching found.
#[derive(Debug, Default)]
pub struct Outcome {
    /// Matches in the order of the log, and of the records within one entry.
    pub matches: Vec<Match>,
    /// How many entries were no valid trace, and how many matched but carried no readable notice.
    pub malformed: u64,
    /// How many times a key was tried on a record.
    pub trials: u64,
}

/// The progress callback ended the run. The run gives out nothing that it had found, so that nobody
/// takes a part for the whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("matching was cancelled")]
pub struct Cancelled;

impl Outcome {
    /// Adds what a later run found.
    pub(super) fn append(&mut self, later: Self) {
        self.matches.extend(later.matches);
        self.malformed += later.malformed;
        self.trials += later.trials;
    }
}

/// Tries every trace on all records of its day, with the fastest backend and all processors.
///
/// `entries` are indices and bytes of log entries; `progress` is called now and then with the number
/// of entries done, from any thread, and cancels the run with [`ControlFlow::Break`]. Where nobody
/// watches, it is [`to_the_end`].
///
/// # Errors
/// [`Cancelled`] when `progress` ended the run.
pub fn match_entries<'a>(
    records: impl IntoIterator<Item = &'a CheckInRecord>,
    entries: impl IntoIterator<Item = (u64, &'a [u8])>,
    progress: impl FnMut(u64) -> ControlFlow<()> + Send,
) -> Result<Outcome, Cancelled> {
    let mut matcher = Matcher::new(records, progress);
    for (index, bytes) in entries {
        matcher.push(index, bytes)?;
    }
    matcher.finish()
}

/// Returns the progress callback of whoever does not watch.
pub const fn to_the_end(_done: u64) -> ControlFlow<()> {
    ControlFlow::Continue(())
}
