//! Trying entries on the records of a vault by hand, where nobody checks that all were given.

use std::ops::ControlFlow;

use super::super::matching::{Cancelled, Outcome, match_entries};
use super::super::record::CheckInRecord;
use super::{DEFAULT_RETENTION_DAYS, Read, Vault, borrow};
use crate::log::LogPosition;
use crate::profile::Fingerprint;
use crate::time::UnixSeconds;

impl Vault {
    /// Returns every record, in an order that tells nothing.
    pub fn records(&self) -> impl Iterator<Item = &CheckInRecord> {
        self.kept()
    }

    /// Returns whether some record has to be tried on entries before the position, so that the next
    /// matching needs them again. The vault does not know which of a day's records are new; all of
    /// the last day's are tried again.
    #[must_use]
    pub fn has_untried_records(&self, authority: &Fingerprint) -> bool {
        self.untried(authority).next().is_some()
    }

    /// Tries log entries on the records and remembers what opened.
    ///
    /// `entries` are all entries of the log of `authority` that may concern a kept record, with
    /// their indices; entries before the current position are tried only on records that may be new
    /// since, and were counted as malformed before. `position` is the verified position after the
    /// last entry. `progress` is as for [`match_entries`].
    ///
    /// # Errors
    /// [`Cancelled`] when `progress` ended the run; the vault then stays as it was.
    pub fn apply(
        &mut self,
        authority: &Fingerprint,
        entries: &[(u64, Vec<u8>)],
        position: LogPosition,
        now: UnixSeconds,
        mut progress: impl FnMut(u64) -> ControlFlow<()> + Send,
    ) -> Result<Outcome, Cancelled> {
        let start = self.position(authority);
        let seen = start.range.size();
        let (old, new) = entries.split_at(entries.partition_point(|(index, _)| *index < seen));
        // [MAT-10]
        let again = match_entries(self.untried(authority), borrow(old), &mut progress)?;
        let mut outcome = Outcome { malformed: 0, ..again };
        let done = old.len() as u64;
        outcome.append(match_entries(self.records(), borrow(new), |n| progress(done + n))?);
        let records = self.records_to_try(authority);
        let read = Read {
            authority: *authority,
            position,
            joined: None,
            now,
            records: &records,
            matches: outcome.matches.clone(),
            later: new.to_vec(),
            before_was_tried: true,
        };
        self.commit(read, DEFAULT_RETENTION_DAYS);
        Ok(outcome)
    }

    /// Returns the records that may not have been tried on the entries before the position.
    fn untried(&self, authority: &Fingerprint) -> impl Iterator<Item = &CheckInRecord> {
        let untried = self.records.iter().filter(|kept| self.is_untried(kept, authority));
        untried.map(|kept| &kept.record)
    }
}
