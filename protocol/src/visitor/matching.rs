//! Matching: every published trace is tried on every record of its day.
//!
//! The traces come from outside and may be anything: one that is malformed or hostile is counted
//! and passed over. What opens is a match; whether it is an exposure, the notice's window decides.

use std::collections::BTreeMap;

use super::record::{CheckInRecord, RecordContents};
use crate::ibe::Ciphertext;
use crate::messages::notice::Notice;
use crate::messages::trace::PublishedTrace;
use crate::time::Day;

/// A trace that opened a record.
#[derive(Debug, Clone)]
pub struct Match {
    /// The index of the entry in its log.
    pub index: u64,
    /// The trace.
    pub trace: PublishedTrace,
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

impl Outcome {
    /// Adds what a later run found.
    pub(super) fn append(&mut self, later: Self) {
        self.matches.extend(later.matches);
        self.malformed += later.malformed;
        self.trials += later.trials;
    }
}

/// Tries every trace on all records of its day.
///
/// `entries` are indices and bytes of log entries; `progress` is called after each entry with the
/// number of entries done.
pub fn match_entries<'a>(
    records: impl IntoIterator<Item = &'a CheckInRecord>,
    entries: impl IntoIterator<Item = (u64, &'a [u8])>,
    mut progress: impl FnMut(u64),
) -> Outcome {
    let by_day = parse_records(records);
    let mut outcome = Outcome::default();
    let mut done = 0;
    for (index, bytes) in entries {
        match PublishedTrace::from_bytes(bytes) {
            // [MAT-1]
            Ok(trace) => try_trace(by_day.get(&trace.day()), index, &trace, &mut outcome),
            // [MAT-2]
            Err(_) => outcome.malformed += 1,
        }
        done += 1;
        progress(done);
    }
    outcome
}

fn parse_records<'a>(
    records: impl IntoIterator<Item = &'a CheckInRecord>,
) -> BTreeMap<Day, Vec<Ciphertext>> {
    let mut by_day = BTreeMap::<Day, Vec<Ciphertext>>::new();
    for record in records {
        if let Ok(ciphertext) = record.ciphertext() {
            by_day.entry(record.day()).or_default().push(ciphertext);
        }
    }
    by_day
}

fn try_trace(
    records: Option<&Vec<Ciphertext>>,
    index: u64,
    trace: &PublishedTrace,
    outcome: &mut Outcome,
) {
    for ciphertext in records.into_iter().flatten() {
        outcome.trials += 1;
        let Some(record) = RecordContents::open(ciphertext, trace.identity(), trace.key()) else {
            continue;
        };
        // [MAT-2]
        match trace.notice().open(&record.notification_key) {
            Ok(notice) => {
                outcome.matches.push(Match { index, trace: trace.clone(), record, notice });
            }
            Err(_) => outcome.malformed += 1,
        }
    }
}
