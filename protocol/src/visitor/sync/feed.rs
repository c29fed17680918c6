//! The list of a CrowdNotifier server: events without a log, tried on the records of a vault.

use std::collections::BTreeMap;

use super::opening::opened;
use super::work::Queue;
use super::{Found, SyncError, Work};
use crate::identity::Identity;
use crate::messages::{UncheckedTrace, unwrap_events};
use crate::profile::Fingerprint;
use crate::time::UnixSeconds;
use crate::visitor::matching::Match;
use crate::visitor::record::CheckInRecord;
use crate::visitor::{Vault, VisitId};

/// What a [`FeedSync`] did. What the visitor has to be told of stands in the vault.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct FeedSummary {
    /// How many events the feed holds.
    pub events: u64,
    /// How many of them were no valid trace, or matched and carried no readable notice.
    pub malformed: u64,
    /// How many times a key was tried on a record.
    pub trials: u64,
}

/// Tries the feed of a CrowdNotifier server on the records of one vault, without input or output of
/// its own.
///
/// Such a feed is a bare list, `GET /v3/traceKeys`. Nobody signs it, and no log shows that everybody
/// sees the same one: the device believes whatever the server at this address says, and cannot tell
/// that an event was left out or came back. Follow an authority's log with
/// [`sync_all`](crate::visitor::sync_all) wherever there is one.
///
/// A [`FeedSync`] takes the **whole** feed in each round, from no tag on, in one piece or several
/// ([`FeedSync::give`]), and hands out [`Work`] as [`LogSync`](super::LogSync) does. So a visit that
/// is entered late is tried on what was published before, and everybody asks for the same. Download
/// everything before anything is tried. The events and the pieces of work are held in memory.
///
/// ```
/// use noren::time::UnixSeconds;
/// use noren::visitor::{FeedSummary, FeedSync, SyncError, Vault};
///
/// /// `pieces` are the bodies of the answers, in their order.
/// fn sync(
///     vault: &mut Vault,
///     url: &str,
///     now: UnixSeconds,
///     pieces: &[Vec<u8>],
/// ) -> Result<FeedSummary, SyncError> {
///     let mut sync = FeedSync::new(vault, url, now);
///     pieces.iter().try_for_each(|piece| sync.give(piece))?;
///     while let Some(work) = sync.work() {
///         sync.take(work.run());
///     }
///     sync.finish(vault)
/// }
/// ```
pub struct FeedSync {
    now: UnixSeconds,
    feed: Fingerprint,
    records: Vec<(CheckInRecord, bool)>,
    known: Vec<Identity>,
    queue: Queue,
    /// The place of the next event, after everything that is known of this feed.
    next: u64,
    summary: FeedSummary,
    /// The last event that opens a record, by its identity and the record's visit.
    matches: BTreeMap<(Identity, VisitId), Match>,
    /// The last event of each identity that is known.
    later: BTreeMap<Identity, (u64, Vec<u8>)>,
}

impl FeedSync {
    /// Begins a round of the feed at `url`, with the time at which the device learns what is in it.
    ///
    /// The exposures of the feed stand in the vault under [`Fingerprint::of_feed`] of the same `url`.
    #[must_use]
    pub fn new(vault: &Vault, url: &str, now: UnixSeconds) -> Self {
        // [MAT-12]
        let feed = Fingerprint::of_feed(url);
        let records = vault.records_to_try(&feed);
        let mut queue = Queue::default();
        queue.begin(records.iter().map(|(record, _)| record), true);
        Self {
            now,
            feed,
            records,
            known: vault.known_identities(&feed),
            queue,
            next: vault.next_place(&feed),
            summary: FeedSummary::default(),
            matches: BTreeMap::new(),
            later: BTreeMap::new(),
        }
    }

    /// Takes the next piece of the feed: a `ProblematicEventWrapper`, the body of one answer.
    ///
    /// # Errors
    /// [`SyncError::Feed`] when the bytes are no list of version 3. Nothing of the piece is taken.
    pub fn give(&mut self, piece: &[u8]) -> Result<(), SyncError> {
        for event in unwrap_events(piece)? {
            self.note_later(&event);
            self.queue.push(self.next, event);
            self.next += 1;
            self.summary.events += 1;
        }
        self.queue.cut();
        Ok(())
    }

    /// Returns the next events to try, if any wait.
    pub fn work(&mut self) -> Option<Work> {
        self.queue.next()
    }

    /// Takes what was found in some [`Work`], and opens it again: nobody who works has to be trusted.
    pub fn take(&mut self, found: Found) {
        let Some(work) = self.queue.done(&found) else { return };
        self.summary.trials += found.trials;
        self.summary.malformed += found.malformed;
        for found in opened(&self.records, &work, &found.openings) {
            let key = (*found.trace.identity(), found.visit);
            // [MAT-4]
            if self.matches.get(&key).is_none_or(|known| known.index < found.index) {
                self.matches.insert(key, found);
            }
        }
    }

    /// Puts what was found into the vault, which may have changed since: visits that came are tried
    /// in the next round, and what was forgotten stays so.
    ///
    /// # Errors
    /// [`SyncError::Unfinished`] when some [`Work`] was not taken. The vault then stays as it was.
    pub fn finish(self, vault: &mut Vault) -> Result<FeedSummary, SyncError> {
        if !self.queue.is_empty() {
            return Err(SyncError::Unfinished);
        }
        let mut matches: Vec<_> = self.matches.into_values().collect();
        matches.sort_by_key(|found| found.index);
        let mut later: Vec<_> = self.later.into_values().collect();
        later.sort_by_key(|(index, _)| *index);
        vault.take_feed(&self.feed, matches, &later, self.now);
        Ok(self.summary)
    }

    /// Keeps an event of an hour that was found before.
    fn note_later(&mut self, event: &[u8]) {
        // [MAT-4]
        if self.known.is_empty() {
            return;
        }
        let Ok(trace) = UncheckedTrace::from_bytes(event) else { return };
        if self.known.contains(trace.identity()) {
            self.later.insert(*trace.identity(), (self.next, event.to_vec()));
        }
    }
}
