//! Reads an authority's log: gives a sync the files that it wants, from those that were kept and from
//! the server. What was read is kept as files, so that no request depends on what the reader does with
//! it, and so that a reading that was cut off goes on where it ended.

mod connections;
mod kept;
mod limits;

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::thread;

use anyhow::anyhow;
use indicatif::ProgressBar;
use noren::log::{LogError, TileError, TilePath};
use noren::profile::{Pin, SignedProfile};
use noren::time::UnixSeconds;
use noren::visitor::{Contradiction, File, LogSync, Source, SyncError, Vault, Wanted};

use crate::clock;
use crate::context::Context;
use crate::errors::words;
use crate::evidence;
use crate::followed::Followed;
use crate::log_files::{LogFiles, is_on_its_way};
use crate::output::Output;
use crate::refusal::{NoCheckpoint, Vanished};
use crate::text::{clean, counted};
use connections::Connections;
use kept::Kept;
use limits::{Limits, Stop};

/// What was downloaded of a log, verified and not tried on any record yet.
pub(crate) struct Downloaded {
    reader: LogReader,
    /// The profile that was served.
    served: Vec<u8>,
    /// The profile to pin.
    pub(crate) profile: SignedProfile,
    /// Whether the log does not tell of the profile that was served, and should by now.
    pub(crate) lacks_newer_profile: bool,
    /// How many entries are new.
    pub(crate) new_entries: u64,
    was_passed_over: bool,
}

/// Downloads all that a sync of `vault` wants. It is not told what the vault holds, and has ended when
/// the first record is tried: neither what is asked for nor when tells anything of a visit.
pub(crate) fn download(
    context: &Context,
    vault: &Vault,
    profile: &SignedProfile,
    served: &SignedProfile,
) -> anyhow::Result<Downloaded> {
    let served = served.as_bytes().to_vec();
    let mut reader = LogReader::new(context, profile)?;
    let mut sync = LogSync::to_download(vault, &reader.pin, context.now()?);
    let was_passed_over = reader.read(&mut sync, &served)?;
    // Connections end here.
    reader.place = Arc::new(Place::Downloaded { small: std::mem::take(&mut reader.small) });
    let new_entries = sync.progress().new_entries;
    let (size, now) = (sync.checkpoint().map_or(0, |head| head.checkpoint().size), reader.now);
    let is_lacking = |newer: &SignedProfile| !is_on_its_way(newer, size, now);
    let lacks_newer_profile = sync.not_in_log().is_some_and(is_lacking);
    let profile = sync.profile().clone();
    Ok(Downloaded { reader, served, profile, lacks_newer_profile, new_entries, was_passed_over })
}

impl Downloaded {
    /// A sync of `vault` with what was downloaded, complete; `None` where the vault has come further
    /// since.
    pub(crate) fn try_on(
        &mut self,
        context: &Context,
        vault: &Vault,
    ) -> anyhow::Result<Option<LogSync>> {
        let mut sync = LogSync::new(vault, &self.reader.pin, context.now()?);
        let checkpoint = Wanted { file: File::Checkpoint, may_be_kept: false };
        let note = self.reader.place.downloaded(&checkpoint);
        if note.is_some_and(|note| sync.is_past(&note)) {
            return Ok(None);
        }
        self.reader.read(&mut sync, &self.served)?;
        Ok(Some(sync))
    }

    /// Whether what was read before was kept and so was not read when the rest was downloaded.
    pub(crate) const fn was_passed_over(&self) -> bool {
        self.was_passed_over
    }

    /// Forgets the entries that were kept.
    pub(crate) fn discard(&self) {
        self.reader.kept.discard_all();
    }
}

/// Where a log is read from.
enum Place {
    /// The server, and what was kept of it.
    Server(LogFiles),
    /// What was kept alone, with the smaller files that were downloaded, by their paths: the head, and
    /// what led to where the log was joined.
    Downloaded { small: HashMap<String, Option<Vec<u8>>> },
}

impl Place {
    /// A file that is not one of entries, where it was downloaded.
    fn downloaded(&self, wanted: &Wanted) -> Option<Vec<u8>> {
        match self {
            Self::Server(_) => None,
            Self::Downloaded { small } => small.get(&wanted.path()).cloned().flatten(),
        }
    }
}

/// An authority's log, as one reader sees it.
struct LogReader {
    place: Arc<Place>,
    pin: Pin,
    kept: Kept,
    limits: Limits,
    small: HashMap<String, Option<Vec<u8>>>,
    /// The bytes of entries that were read, kept ones included.
    read: u64,
    now: UnixSeconds,
    evidence: PathBuf,
    output: Output,
}

impl LogReader {
    fn new(context: &Context, profile: &SignedProfile) -> anyhow::Result<Self> {
        let kept = Kept::new(&context.folder("cache"), profile, context.output);
        let limits = Limits::new();
        let files = LogFiles::new(&profile.profile().url)?.until(limits.until());
        let pin = Followed::new(context).pin_of(profile)?;
        let (evidence, now) = (context.folder("evidence"), context.now()?);
        let (output, place) = (context.output, Arc::new(Place::Server(files)));
        Ok(Self { place, pin, kept, limits, small: HashMap::new(), read: 0, now, evidence, output })
    }

    /// Gives a sync all that it wants. Whether what was read before was kept.
    fn read(&mut self, sync: &mut LogSync, served: &[u8]) -> anyhow::Result<bool> {
        let profile = Wanted { file: File::Profile, may_be_kept: false };
        sync.give(&profile, Source::Server, Some(served))?;
        if let Some(note) = self.kept.checkpoint() {
            sync.remember(note);
        }
        let what = match &*self.place {
            Place::Server(_) => "downloading",
            Place::Downloaded { .. } => "matching",
        };
        let widths = self.kept.widths();
        let is_kept =
            |path: &TilePath| widths.get(&path.index()).is_some_and(|w| *w >= path.width());
        let is_kept = sync.remember_kept(is_kept);
        let bar = self.output.progress(0, what);
        self.read = 0;
        let place = Arc::clone(&self.place);
        match &*place {
            Place::Server(files) => thread::scope(|scope| {
                let connections = Connections::new(scope, files);
                self.read_all(sync, &bar, Some(connections))
            }),
            Place::Downloaded { .. } => self.read_all(sync, &bar, None),
        }?;
        bar.finish_and_clear();
        if let Some(head) = sync.checkpoint() {
            self.kept.keep_checkpoint(head);
            self.kept.tidy(sync.needed_from());
        }
        Ok(is_kept)
    }

    /// Gives a sync all that it wants.
    fn read_all(
        &mut self,
        sync: &mut LogSync,
        bar: &ProgressBar,
        mut connections: Option<Connections<'_>>,
    ) -> anyhow::Result<()> {
        while !sync.is_complete() {
            let went = self.step(sync, connections.as_mut());
            if went.is_err() {
                // What was asked for is kept for the next time.
                while let Some((wanted, answer)) =
                    connections.as_mut().and_then(Connections::answer)
                {
                    let _ = answer.and_then(|bytes| self.take(sync, &wanted, bytes));
                }
            }
            went?;
            let progress = sync.progress();
            bar.set_length(progress.new_entries);
            bar.set_position(progress.read);
        }
        Ok(())
    }

    fn step(
        &mut self,
        sync: &mut LogSync,
        mut connections: Option<&mut Connections<'_>>,
    ) -> anyhow::Result<()> {
        for wanted in sync.wants() {
            self.give(sync, &wanted, connections.as_deref_mut())?;
        }
        while let Some(work) = sync.work() {
            sync.take(work.run());
        }
        // Nothing is waited for where a kept file led on.
        if sync.wants().iter().all(|wanted| is_awaited(connections.as_deref(), wanted))
            && let Some((wanted, answer)) = connections.and_then(Connections::answer)
        {
            self.take(sync, &wanted, answer?)?;
        }
        Ok(())
    }

    /// Gives a file that is there, or asks the server for it.
    fn give(
        &mut self,
        sync: &mut LogSync,
        wanted: &Wanted,
        connections: Option<&mut Connections<'_>>,
    ) -> anyhow::Result<()> {
        if let File::Entries(path) = wanted.file
            && wanted.may_be_kept
            && let Some((path, bytes)) = self.kept.file(&path)
        {
            self.read += bytes.len() as u64;
            let wanted = Wanted { file: File::Entries(path), ..*wanted };
            let given = sync.give(&wanted, Source::Kept, Some(&bytes));
            return given.map_err(|error| self.told(sync, error));
        }
        let Some(connections) = connections else {
            let bytes = self.place.downloaded(wanted);
            return self.take(sync, wanted, bytes);
        };
        if connections.has_asked_for(&wanted.file) {
            return Ok(());
        }
        if matches!(wanted.file, File::Entries(_)) {
            self.limits.check(self.read).map_err(|stop| self.stopped(stop, sync))?;
            self.limits.ask();
        }
        connections.ask(*wanted);
        Ok(())
    }

    /// Takes what the server answered.
    fn take(
        &mut self,
        sync: &mut LogSync,
        wanted: &Wanted,
        bytes: Option<Vec<u8>>,
    ) -> anyhow::Result<()> {
        let length = bytes.as_ref().map_or(0, |bytes| bytes.len() as u64);
        self.limits.spend(length);
        let given = sync.give(wanted, Source::Server, bytes.as_deref());
        given.map_err(|error| self.told(sync, error))?;
        // What is no bundle is not kept.
        match (wanted.file, bytes) {
            (File::Entries(path), Some(bytes)) => {
                self.read += length;
                self.kept.keep(&path, &bytes)?;
            }
            (File::Entries(_), None) => {}
            (_, bytes) => drop(self.small.insert(wanted.path(), bytes)),
        }
        Ok(())
    }

    /// Why the log is not read, for people. What is found to be a contradiction is kept.
    fn told(&self, sync: &LogSync, error: SyncError) -> anyhow::Error {
        let name = clean(&self.pin.profile().profile().name);
        let refused = format!("the log of {name} is refused");
        match error {
            SyncError::NoCheckpoint => NoCheckpoint(name).into(),
            // [LOG-8] [CLI-22]
            SyncError::Vanished { seen } => Vanished { seen }.into(),
            // [PRO-7]
            SyncError::NotSignedAnew => anyhow!(
                "{name} has handed its keys over and has not signed its log with the new ones yet; \
                 try again in a few minutes"
            ),
            SyncError::Checkpoint(error) => {
                // [LOG-6] [CLI-41]
                let date = match &*self.place {
                    Place::Server(files) => files.date(),
                    Place::Downloaded { .. } => None,
                };
                let clocks = clock::suspicion(&error, self.now, date);
                let clocks = clocks.map(|clocks| format!(" ({clocks})")).unwrap_or_default();
                let refused = format!("the checkpoint of {name} is refused{clocks}");
                anyhow::Error::new(error).context(refused)
            }
            SyncError::Log(error) => anyhow::Error::new(error).context(refused),
            SyncError::Contradiction(found) => {
                self.keep_evidence(&found);
                if found.error == LogError::RootMismatch {
                    // What was downloaded is not taken for right the next time.
                    self.kept.discard_all();
                }
                anyhow::Error::new(found.error).context(refused)
            }
            SyncError::Missing(_) if matches!(*self.place, Place::Downloaded { .. }) => {
                anyhow!("what was downloaded is gone; sync again")
            }
            SyncError::Missing(path) => anyhow!(
                "{refused}: it is said to have {}, and its file {path} is not there",
                counted(sync.progress().new_entries, "new entry")
            ),
            SyncError::Damaged(path) => anyhow::Error::new(TileError::Bundle)
                .context(format!("{refused}: {path} does not hold the entries of its width")),
            error => anyhow::Error::new(error).context(refused),
        }
    }

    fn keep_evidence(&self, found: &Contradiction) {
        // [LOG-8] [LOG-14]
        let seen = found.seen.as_ref();
        match evidence::keep(&self.evidence, self.pin.profile(), seen, &found.offered) {
            Ok(Some(folder)) => self.output.say(evidence::words(&folder, self.pin.profile())),
            Ok(None) => {}
            Err(error) => {
                self.output.say(format!("the evidence could not be kept: {}", words(&error)))
            }
        }
    }

    fn stopped(&self, stop: Stop, sync: &LogSync) -> anyhow::Error {
        let name = clean(&self.pin.profile().profile().name);
        let progress = sync.progress();
        let new = counted(progress.new_entries, "new entry");
        match stop {
            Stop::ForNow => anyhow!(
                "{name}: the log has {new}, and {} downloaded, which is as much as is done at once; \
                 sync again to go on",
                counted(progress.read, "entry")
            ),
            Stop::TooMuch => anyhow!(
                "the log of {name} is refused: it has grown by {new}, more than can be kept; ask the \
                 authority, or unfollow it",
            ),
        }
    }
}

/// Whether a file was asked for and has not come.
fn is_awaited(connections: Option<&Connections<'_>>, wanted: &Wanted) -> bool {
    connections.is_some_and(|connections| connections.has_asked_for(&wanted.file))
}
