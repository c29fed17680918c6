//! One sync of an authority's log: fetches what was published, verifies it, tries it on the
//! records.

use std::collections::VecDeque;

use super::matching::Match;
use super::past::Past;
use super::record::CheckInRecord;
use super::vault::{Read, Vault};
use crate::identity::Identity;
use crate::log::{
    CheckpointError, CompactRange, Comparison, LogError, LogPosition, SignedCheckpoint, TilePath,
    bundles_needed, compare,
};
use crate::messages::UncheckedTrace;
use crate::profile::{Pin, ReplaceError, SignedProfile};
use crate::time::{Day, UnixSeconds};

pub(super) mod error;
mod feed;
mod joining;
mod opening;
mod proving;
mod run;
mod tiles;
mod wanted;
mod work;

pub use error::{Contradiction, SyncError};
use error::{contradiction, refused};
pub use feed::{FeedSummary, FeedSync};
pub use wanted::{File, Source, Wanted};
pub use work::{Found, Work};

use joining::{Joined, Joining};
use opening::opened;
use proving::Proving;
use run::{Given, Run};
use work::Queue;

/// How far a sync is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Progress {
    /// The number of new entries by the log's head; 0 until the head is known.
    pub new_entries: u64,
    /// The number of these that were read.
    pub read: u64,
    /// The number of entries, new ones and others, that were tried on records.
    pub tried: u64,
}

/// The result of a sync. The vault holds what the visitor has to be told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Summary {
    /// The number of new entries.
    pub new_entries: u64,
    /// The number of these that were no valid trace, or matched and carried no readable notice.
    pub malformed: u64,
    /// The number of trials of a key on a record.
    pub trials: u64,
    /// The reason why earlier entries could not be tried on newer records. The next sync tries them
    /// again.
    pub untried: Option<SyncError>,
}

/// Reads one authority's log for one vault: it fetches what was published since the last sync,
/// verifies it, and tries it on the records, without input or output of its own.
///
/// A [`LogSync`] says which files it [wants](LogSync::wants), takes their bytes in any order
/// ([`LogSync::give`]), and hands out [`Work`]: entries to try on records, on this thread or any
/// other ([`LogSync::work`], [`LogSync::take`]). The vault stays as it is until
/// [`LogSync::finish`], which believes only what led to a signed root. A program that stops
/// half-way drops the [`LogSync`] and begins another; it need not fetch again the bytes that it
/// kept as files.
///
/// The files that it wants depend on the log and on how far it was read, not on what is in the
/// vault. How long the trying takes does depend on the vault, and a server would see it in the
/// times of the requests. So a program reads a log twice: it downloads everything, from every
/// authority that it follows, with [`LogSync::to_download`], ends its connections, and only then
/// tries what it has kept. `examples/embed.rs` does so.
///
/// ```
/// use std::collections::HashMap;
///
/// use noren::Pin;
/// use noren::time::UnixSeconds;
/// use noren::visitor::{LogSync, Summary, SyncError, Vault, Wanted};
///
/// /// `download` asks the server; `None` is that it has no such file.
/// fn sync(
///     vault: &mut Vault,
///     authority: &Pin,
///     now: UnixSeconds,
///     mut download: impl FnMut(&Wanted) -> Option<Vec<u8>>,
/// ) -> Result<Summary, SyncError> {
///     let mut kept = HashMap::new();
///     LogSync::to_download(vault, authority, now).read(|wanted| {
///         let bytes = download(wanted)?;
///         kept.insert(wanted.path(), bytes.clone());
///         Some(bytes)
///     })?;
///     let sync = LogSync::new(vault, authority, now);
///     sync.read(|wanted| kept.get(&wanted.path()).cloned())?.finish(vault)
/// }
/// ```
pub struct LogSync {
    now: UnixSeconds,
    pinned: Pin,
    /// The pinned one, or it with the profile that came since.
    pin: Pin,
    /// A profile that came since and that the log does not tell of.
    not_in_log: Option<SignedProfile>,
    start: LogPosition,
    /// Where it was read before.
    past: Past,
    /// The archived head at which it is joined, where it is.
    joined: Option<LogPosition>,
    seen: Option<Vec<u8>>,
    /// Whether every file of what was read before was kept.
    before_is_kept: bool,
    /// The records at the beginning, in the order of their sealed bytes, and whether each is new to
    /// what was read before.
    records: Vec<(CheckInRecord, bool)>,
    /// The identities of what was found before, whose later notices follow without their record.
    known: Vec<Identity>,
    stage: Stage,
    queue: Queue,
    found: Findings,
}

/// What was found so far.
#[derive(Default)]
struct Findings {
    matches: Vec<Match>,
    /// New entries of identities that are known.
    later: Vec<(u64, Vec<u8>)>,
    malformed: u64,
    trials: u64,
    untried: Option<SyncError>,
}

enum Stage {
    Profile,
    Checkpoint,
    /// Whether the log tells of a profile that is new to this reader.
    Proving(Box<Proving>, SignedCheckpoint),
    /// Who comes late joins at an archived head.
    Joining(Box<Joining>, SignedCheckpoint),
    /// New entries first: they are verified by the head, and count whatever comes of the rest.
    New(Box<Run>, SignedCheckpoint),
    /// Then those that were read before, for records that are new since.
    Before(Box<Run>, LogPosition, SignedCheckpoint),
    Done(LogPosition, SignedCheckpoint),
    Failed(SyncError),
}

impl LogSync {
    /// Begins a sync of `vault` with the log of the authority that is pinned, at `now`. It refuses
    /// every checkpoint that fewer witnesses have seen than the pin asks for.
    #[must_use]
    pub fn new(vault: &Vault, pin: &Pin, now: UnixSeconds) -> Self {
        let profile = pin.profile();
        let mut names = profile.predecessors();
        names.push(profile.profile().fingerprint());
        // [PRO-6]
        let own = names.iter().rev().find(|name| vault.position(name) != LogPosition::start());
        let name = own.copied().unwrap_or_else(|| profile.profile().fingerprint());
        Self {
            now,
            pinned: pin.clone(),
            pin: pin.clone(),
            not_in_log: None,
            start: vault.position(&name),
            past: vault.past(&name),
            joined: None,
            seen: None,
            before_is_kept: false,
            records: vault.records_to_try(&name),
            known: vault.known_identities(&name),
            stage: Stage::Profile,
            queue: Queue::default(),
            found: Findings::default(),
        }
    }

    /// Does what [`LogSync::new`] does, with no records to try: it downloads all that a sync wants,
    /// and does nothing else.
    #[must_use]
    pub fn to_download(vault: &Vault, pin: &Pin, now: UnixSeconds) -> Self {
        // [MAT-11]
        let sync = Self::new(vault, pin, now);
        Self { records: Vec::new(), known: Vec::new(), ..sync }
    }

    /// Tells the sync which checkpoint was accepted last, where a copy was kept. It refuses what
    /// contradicts that one; the two together are the evidence.
    pub fn remember(&mut self, note: Vec<u8>) {
        // [LOG-8] [LOG-14]
        self.seen = Some(note);
    }

    /// Tells the sync which files of entries were kept, in their own width or a greater one. Where all
    /// are there that were read before, it passes over them unless there is a record to try on them:
    /// a sync that downloads never opens them. Tell it in both readings, and ask for nothing in the
    /// second, so that no request depends on the vault. Where a kept file turns out to be damaged then,
    /// [`Summary::untried`] says so: forget what was kept. Returns whether all are there.
    pub fn remember_kept(&mut self, mut is_kept: impl FnMut(&TilePath) -> bool) -> bool {
        // [LOG-16] [MAT-11]
        let (from, to) = (self.past.base().size(), self.start.range.size());
        let mut needed = bundles_needed(from, to).map(|bundle| bundle.path);
        self.before_is_kept = needed.all(|path| is_kept(&path));
        self.before_is_kept
    }

    /// Returns the index of the first entry that this sync or a later one wants. Files of earlier ones
    /// need not be kept.
    #[must_use]
    pub fn needed_from(&self) -> u64 {
        // [LOG-19]
        self.joined.as_ref().map_or_else(|| self.past.base().size(), |place| place.range.size())
    }

    /// Returns whether the vault has read further than the checkpoint in `note`, as it has when
    /// another sync overtook the one that kept the copy.
    #[must_use]
    pub fn is_past(&self, note: &[u8]) -> bool {
        let head = self.verify(note);
        head.is_ok_and(|head| {
            head.checkpoint().size < self.start.range.size()
                || head.timestamp() < self.start.by_clock(self.now).timestamp
        })
    }

    /// Returns the files that are wanted now, at most eight, in the order in which they are needed.
    /// Returns none when everything has come, and none while [`Work`] waits: then do that first.
    #[must_use]
    pub fn wants(&self) -> Vec<Wanted> {
        let fresh = |file| vec![Wanted { file, may_be_kept: false }];
        match &self.stage {
            Stage::Profile => fresh(File::Profile),
            Stage::Checkpoint => fresh(File::Checkpoint),
            Stage::Proving(proving, _) => proving.wants(),
            Stage::Joining(joining, _) => joining.wants(),
            Stage::New(run, _) | Stage::Before(run, ..) if !self.queue.is_full() => run.wants(),
            _ => Vec::new(),
        }
    }

    /// Takes the bytes of a file, or `None` where the server has no such file. Passes over what is
    /// not wanted, or not any more. A file of entries may be given under the path of a wider one at
    /// the same place.
    ///
    /// # Errors
    /// Why the log is refused or cannot be read; [`LogSync::finish`] says it again.
    pub fn give(
        &mut self,
        wanted: &Wanted,
        source: Source,
        bytes: Option<&[u8]>,
    ) -> Result<(), SyncError> {
        let given = match (&wanted.file, &mut self.stage) {
            (File::Profile, Stage::Profile) => self.give_profile(bytes),
            (File::Checkpoint, Stage::Checkpoint) => self.give_checkpoint(bytes),
            (File::Hashes(path), Stage::Proving(proving, _)) => {
                proving.give(path, bytes);
                self.prove()
            }
            (File::Archived(day), Stage::Joining(..)) => self.give_archived(*day, bytes),
            (File::Hashes(path), Stage::Joining(joining, _)) => {
                joining.give_tile(path, bytes);
                self.join()
            }
            (File::Entries(path), Stage::New(..) | Stage::Before(..)) => {
                self.give_entries(path, source, bytes)
            }
            (_, Stage::Failed(error)) => Err(error.clone()),
            _ => Ok(()),
        };
        given.inspect_err(|error| self.stage = Stage::Failed(error.clone()))
    }

    /// Returns the pin to keep: with the profile that was pinned, or the one that came since and may
    /// take its place. Keep it once [`LogSync::checkpoint`] has something: the log tells of the profile
    /// then.
    #[must_use]
    pub const fn pin(&self) -> &Pin {
        &self.pin
    }

    /// Returns the profile of [`LogSync::pin`].
    #[must_use]
    pub const fn profile(&self) -> &SignedProfile {
        self.pin.profile()
    }

    /// Returns the profile that came since and that the log does not tell of, if there is one. It is
    /// not taken: the authority is about to publish it, or tells others another one.
    #[must_use]
    pub const fn not_in_log(&self) -> Option<&SignedProfile> {
        // [PRO-13]
        self.not_in_log.as_ref()
    }

    /// Returns the head of the log that was reached, or `None` before. Keep its text for
    /// [`LogSync::remember`].
    #[must_use]
    pub const fn checkpoint(&self) -> Option<&SignedCheckpoint> {
        match &self.stage {
            Stage::Before(_, _, head) | Stage::Done(_, head) => Some(head),
            _ => None,
        }
    }

    /// Returns how far the sync is.
    #[must_use]
    pub fn progress(&self) -> Progress {
        let seen = self.begun();
        let (size, read) = match &self.stage {
            Stage::New(run, head) => (head.checkpoint().size, run.size()),
            Stage::Before(_, _, head) | Stage::Done(_, head) => {
                (head.checkpoint().size, head.checkpoint().size)
            }
            _ => (seen, seen),
        };
        Progress { new_entries: size - seen, read: read - seen, tried: self.queue.tried() }
    }

    /// Returns the next entries to try, if any wait.
    pub fn work(&mut self) -> Option<Work> {
        self.queue.next()
    }

    /// Takes what was found in some [`Work`] and opens it again, so that the worker need not be
    /// trusted.
    pub fn take(&mut self, found: Found) {
        let Some(work) = self.queue.done(&found) else { return };
        self.found.trials += found.trials;
        if work.counts_malformed {
            self.found.malformed += found.malformed;
        }
        self.found.matches.extend(opened(&self.records, &work, &found.openings));
    }

    /// Reads the log to its end on this thread. `file` returns each file that is wanted, from the
    /// server or from what was downloaded from it, and `None` where there is no such file.
    ///
    /// # Errors
    /// What [`LogSync::give`] says.
    pub fn read(
        mut self,
        mut file: impl FnMut(&Wanted) -> Option<Vec<u8>>,
    ) -> Result<Self, SyncError> {
        while !self.is_complete() {
            for wanted in self.wants() {
                self.give(&wanted, Source::Server, file(&wanted).as_deref())?;
            }
            while let Some(work) = self.work() {
                self.take(work.run());
            }
        }
        Ok(self)
    }

    /// Returns whether every file has come and every entry was tried, or the log is refused.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        match self.stage {
            Stage::Failed(_) => true,
            Stage::Done(..) => self.queue.is_empty(),
            _ => false,
        }
    }

    /// Puts what was found into the vault, which may have changed since: visits that came meanwhile
    /// are tried the next time, and what was forgotten stays forgotten.
    ///
    /// # Errors
    /// The error of [`LogSync::give`]; [`SyncError::Unfinished`], [`SyncError::Overtaken`]. The vault
    /// then stays as it was.
    pub fn finish(self, vault: &mut Vault) -> Result<Summary, SyncError> {
        let (is_tried, begun) = (self.queue.is_empty(), self.begun());
        let position = match self.stage {
            Stage::Failed(error) => return Err(error),
            Stage::Done(position, _) if is_tried => position,
            _ => return Err(SyncError::Unfinished),
        };
        let new_entries = position.range.size() - begun;
        let Findings { mut matches, later, malformed, trials, untried } = self.found;
        // [MAT-8]
        matches.sort_by_key(|found| found.index);
        let read = Read {
            authority: self.pin.profile().profile().fingerprint(),
            position,
            joined: self.joined,
            now: self.now,
            records: &self.records,
            matches,
            later,
            before_was_tried: untried.is_none(),
        };
        vault.take(self.pin.profile(), &self.start, read)?;
        Ok(Summary { new_entries, malformed, trials, untried })
    }

    fn give_profile(&mut self, bytes: Option<&[u8]>) -> Result<(), SyncError> {
        // [PRO-1] [PRO-2] [PRO-5]
        let served = SignedProfile::from_bytes(bytes.ok_or(SyncError::NoProfile)?)?;
        let fingerprint = served.profile().fingerprint();
        match self.pin.renew(served) {
            Ok(()) => {}
            // [PRO-3] A server that is behind, with the keys that are pinned.
            Err(ReplaceError::Older) if fingerprint == self.profile().profile().fingerprint() => {}
            Err(error) => return Err(error.into()),
        }
        self.stage = Stage::Checkpoint;
        Ok(())
    }

    fn give_checkpoint(&mut self, bytes: Option<&[u8]>) -> Result<(), SyncError> {
        let start = self.start.by_clock(self.now);
        let Some(note) = bytes else {
            // [LOG-8]
            let seen = start.range.size();
            let is_new = start == LogPosition::start();
            return Err(if is_new {
                SyncError::NoCheckpoint
            } else {
                SyncError::Vanished { seen }
            });
        };
        let head = self.verify(note)?;
        self.judge(head)
    }

    /// Judges a head under the profile, whose place in the log is looked for where that is new to this
    /// reader.
    fn judge(&mut self, head: SignedCheckpoint) -> Result<(), SyncError> {
        // [PRO-13]
        let is_new = self.pin != self.pinned || self.start == LogPosition::start();
        if !is_new || self.profile().profile().log_index.is_none() {
            return self.accept(head);
        }
        let proving = Proving::new(self.profile(), &head);
        self.stage = Stage::Proving(Box::new(proving), head);
        self.prove()
    }

    /// Goes on once it is known whether the log tells of the profile; where it does not, with the
    /// pinned one of the same keys.
    fn prove(&mut self) -> Result<(), SyncError> {
        // [PRO-13]
        let Stage::Proving(proving, head) = &self.stage else { return Ok(()) };
        let Some(is_in_log) = proving.end(self.profile(), head) else { return Ok(()) };
        let head = head.clone();
        if !is_in_log {
            let unproven = std::mem::replace(&mut self.pin, self.pinned.clone());
            let not_in_log = unproven.profile();
            let has_same_keys =
                not_in_log.profile().fingerprint() == self.profile().profile().fingerprint();
            if !has_same_keys || unproven == self.pin {
                return Err(SyncError::ProfileNotInLog);
            }
            self.not_in_log = Some(not_in_log.clone());
            // The first reading proves the pinned one as well.
            return self.judge(head);
        }
        self.accept(head)
    }

    /// Judges a head that the authority has signed.
    fn accept(&mut self, head: SignedCheckpoint) -> Result<(), SyncError> {
        let start = self.start.by_clock(self.now);
        // [LOG-6]
        head.check_fresh(self.now, self.profile().profile().checkpoint_max_age)?;
        // [LOG-21]
        if !self.pin.is_witnessed(&head, self.now) {
            return Err(CheckpointError::TooFewWitnesses.into());
        }
        let seen = self.seen_checkpoint();
        if let Err(error) = start.pending(&head) {
            return Err(refused(error, seen, head));
        }
        if seen.as_ref().is_some_and(|seen| compare(seen, &head) == Comparison::Fork) {
            let size = head.checkpoint().size;
            return Err(refused(LogError::Fork { size }, seen, head));
        }
        match Joining::new(&start, &head, self.profile().profile().retention_days) {
            Some(joining) => {
                self.stage = Stage::Joining(Box::new(joining), head);
                Ok(())
            }
            None => self.read_new(start.range, head),
        }
    }

    /// Reads the entries from a tree on to the head.
    fn read_new(&mut self, from: CompactRange, head: SignedCheckpoint) -> Result<(), SyncError> {
        let run = Run::new(from, head.checkpoint().size);
        self.queue.begin(self.records.iter().map(|(record, _)| record), true);
        self.stage = Stage::New(Box::new(run), head);
        self.go_on()
    }

    fn give_archived(&mut self, day: Day, bytes: Option<&[u8]>) -> Result<(), SyncError> {
        // [LOG-18] What is no head of this log is none.
        let archived = bytes.and_then(|note| self.verify_old(note));
        let Stage::Joining(joining, head) = &mut self.stage else { return Ok(()) };
        joining.give_archived(day, archived);
        // [LOG-10]
        if let Some(archived) = joining.archived()
            && let Some(error) = contradiction(archived, head)
        {
            return Err(refused(error, Some(archived.clone()), head.clone()));
        }
        self.join()
    }

    /// Goes on where the log is joined, once that is known.
    fn join(&mut self) -> Result<(), SyncError> {
        let Stage::Joining(joining, head) = &self.stage else { return Ok(()) };
        let Some(joined) = joining.end() else { return Ok(()) };
        let head = head.clone();
        let from = match joined {
            Joined::Nowhere => self.start.range.clone(),
            Joined::At(place) => self.joined.insert(place).range.clone(),
            Joined::Rewritten(archived) => {
                return Err(refused(LogError::RootMismatch, self.seen_checkpoint(), archived));
            }
        };
        self.read_new(from, head)
    }

    /// Returns the number of entries before those that count as new.
    fn begun(&self) -> u64 {
        self.joined.as_ref().map_or(self.start.range.size(), |place| place.range.size())
    }

    fn verify(&self, note: &[u8]) -> Result<SignedCheckpoint, SyncError> {
        // [LOG-4] [LOG-5]
        let profile = self.profile().profile();
        SignedCheckpoint::verify(note, &profile.origin, &profile.log_keys()).map_err(|error| {
            // [PRO-7]
            match self.profile().verify_before_handover(note) {
                Some(_) => SyncError::NotSignedAnew,
                None => error.into(),
            }
        })
    }

    /// Returns the checkpoint that was kept, where it is still one of this log.
    fn seen_checkpoint(&self) -> Option<SignedCheckpoint> {
        self.verify_old(self.seen.as_deref()?)
    }

    /// Returns a head that these keys signed, or those before them.
    fn verify_old(&self, note: &[u8]) -> Option<SignedCheckpoint> {
        self.verify(note).ok().or_else(|| self.profile().verify_before_handover(note))
    }

    fn give_entries(
        &mut self,
        path: &TilePath,
        source: Source,
        bytes: Option<&[u8]>,
    ) -> Result<(), SyncError> {
        let (Stage::New(run, _) | Stage::Before(run, ..)) = &mut self.stage else { return Ok(()) };
        match run.give(path, source, bytes) {
            Given::Taken => {}
            Given::Again => self.again(),
            Given::Failed(error) => return self.failed(error),
        }
        self.go_on()
    }

    /// Takes what has come in order, and goes on to the next stage when it was the last.
    fn go_on(&mut self) -> Result<(), SyncError> {
        let is_new = matches!(self.stage, Stage::New(..));
        let (Stage::New(run, _) | Stage::Before(run, ..)) = &mut self.stage else { return Ok(()) };
        let mut entries = VecDeque::new();
        run.drain(&mut entries);
        let is_read = run.is_read();
        for (index, entry) in entries {
            if is_new {
                self.note_later(index, &entry);
            }
            self.queue.push(index, entry);
        }
        if !is_read {
            return Ok(());
        }
        self.queue.cut();
        self.end_run()
    }

    /// Keeps a new entry of an hour that was found before.
    fn note_later(&mut self, index: u64, entry: &[u8]) {
        // [MAT-4]
        if self.known.is_empty() {
            return;
        }
        let trace = UncheckedTrace::from_bytes(entry);
        if trace.is_ok_and(|trace| self.known.contains(trace.identity())) {
            self.found.later.push((index, entry.to_vec()));
        }
    }

    /// Judges the entries of a stage by the root that they lead to.
    fn end_run(&mut self) -> Result<(), SyncError> {
        match std::mem::replace(&mut self.stage, Stage::Failed(SyncError::Unfinished)) {
            Stage::New(run, head) => {
                let start = self.start.by_clock(self.now);
                // [LOG-7] [LOG-8]
                match start.reach(&head, run.range().clone()) {
                    Ok(position) => self.go_back(position, head),
                    Err(_) if run.used_kept() => {
                        self.stage = Stage::New(run, head);
                        self.again();
                        Ok(())
                    }
                    Err(error) => Err(refused(error, self.seen_checkpoint(), head)),
                }
            }
            Stage::Before(run, position, head) => {
                let is_right = *run.range() == self.start.range;
                let used_kept = run.used_kept();
                self.stage = Stage::Before(run, position, head);
                match (is_right, used_kept) {
                    (true, _) => self.done(),
                    (false, true) => self.again(),
                    (false, false) => return self.failed(SyncError::Past),
                }
                Ok(())
            }
            other => {
                self.stage = other;
                Ok(())
            }
        }
    }

    /// Goes back to what was read before, for records that are new since.
    fn go_back(&mut self, position: LogPosition, head: SignedCheckpoint) -> Result<(), SyncError> {
        let untried = self.records.iter().filter(|(_, is_new)| *is_new);
        let oldest = untried.clone().map(|(record, _)| record.day()).min();
        // [LOG-18] All that can concern a record comes after an archived head.
        if self.joined.is_some() {
            self.stage = Stage::Done(position, head);
            return Ok(());
        }
        let from = match (self.before_is_kept, oldest) {
            // [LOG-16] Nothing is asked of anybody.
            (true, None) => {
                self.stage = Stage::Done(position, head);
                return Ok(());
            }
            (true, Some(day)) => self.past.before(day),
            (false, _) => self.past.base(),
        };
        let before = Run::new(from, self.start.range.size());
        self.stage = Stage::Before(Box::new(before), position, head);
        self.queue.begin(untried.map(|(record, _)| record), false);
        self.go_on()
    }

    /// Reads the stage's entries once more, and from the server alone: what was kept is damaged.
    fn again(&mut self) {
        // [LOG-8] [CLI-26]
        let begun = self.start.range.size();
        match &mut self.stage {
            Stage::New(run, _) => {
                run.restart();
                self.found.matches.clear();
                self.found.later.clear();
                (self.found.malformed, self.found.trials) = (0, 0);
            }
            Stage::Before(run, ..) => {
                run.restart();
                self.found.matches.retain(|found| found.index >= begun);
            }
            _ => return,
        }
        self.queue.restart();
    }

    /// Entries from before that cannot be had keep nobody from what is new.
    fn failed(&mut self, error: SyncError) -> Result<(), SyncError> {
        if !matches!(self.stage, Stage::Before(..)) {
            return Err(error);
        }
        let begun = self.start.range.size();
        self.found.matches.retain(|found| found.index >= begun);
        if self.records.iter().any(|(_, is_new)| *is_new) {
            self.found.untried = Some(error);
        }
        self.queue.restart();
        self.done();
        Ok(())
    }

    fn done(&mut self) {
        let stage = std::mem::replace(&mut self.stage, Stage::Failed(SyncError::Unfinished));
        self.stage = match stage {
            Stage::Before(_, position, head) => Stage::Done(position, head),
            other => other,
        };
    }
}
