//! Reads an authority's log: gives a sync the files that it wants, from those that were kept and from
//! the server. What was read is kept as files, so that no request depends on what the reader does with
//! it, and so that a reading that was cut off goes on where it ended.

mod kept;
mod limits;

use std::path::PathBuf;

use anyhow::anyhow;
use noren::log::{LogError, TileError, TilePath, WitnessPolicy};
use noren::profile::SignedProfile;
use noren::time::UnixSeconds;
use noren::visitor::{Contradiction, File, LogSync, Source, SyncError, Vault, Wanted};

use crate::clock;
use crate::context::Context;
use crate::errors::words;
use crate::evidence;
use crate::followed::Followed;
use crate::log_files::LogFiles;
use crate::output::Output;
use crate::refusal::{NoCheckpoint, Vanished};
use crate::text::{clean, counted};
use kept::Kept;
use limits::{Limits, Stop};

/// What was downloaded of a log, verified and not tried on any record yet.
pub(crate) struct Downloaded {
    reader: LogReader,
    /// The profile that was served.
    served: Vec<u8>,
    /// How many entries are new.
    pub(crate) new_entries: u64,
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
    let mut sync = LogSync::to_download(vault, profile, context.now()?);
    reader.read(&mut sync, &served)?;
    let note = sync.checkpoint().map(|head| head.text().as_bytes().to_vec()).unwrap_or_default();
    // Connections end here.
    reader.place = Place::Downloaded { note };
    let new_entries = sync.progress().new_entries;
    Ok(Downloaded { reader, served, new_entries })
}

impl Downloaded {
    /// A sync of `vault` with what was downloaded, complete; `None` where the vault has come further
    /// since.
    pub(crate) fn try_on(
        &mut self,
        context: &Context,
        vault: &Vault,
    ) -> anyhow::Result<Option<LogSync>> {
        let mut sync = LogSync::new(vault, &self.reader.profile, context.now()?);
        if matches!(&self.reader.place, Place::Downloaded { note } if sync.is_past(note)) {
            return Ok(None);
        }
        self.reader.read(&mut sync, &self.served)?;
        Ok(Some(sync))
    }
}

/// Where a log is read from.
enum Place {
    /// The server, and what was kept of it.
    Server(LogFiles),
    /// What was kept alone, with the head that was downloaded.
    Downloaded { note: Vec<u8> },
}

/// An authority's log, as one reader sees it.
struct LogReader {
    place: Place,
    profile: SignedProfile,
    kept: Kept,
    /// The witnesses that are asked for.
    witnesses: Option<WitnessPolicy>,
    limits: Limits,
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
        let witnesses = Followed::new(context).witnesses(profile)?;
        let (evidence, now) = (context.folder("evidence"), context.now()?);
        let (profile, output, place) = (profile.clone(), context.output, Place::Server(files));
        Ok(Self { place, profile, kept, witnesses, limits, read: 0, now, evidence, output })
    }

    fn read(&mut self, sync: &mut LogSync, served: &[u8]) -> anyhow::Result<()> {
        let profile = Wanted { file: File::Profile, may_be_kept: false };
        sync.give(&profile, Source::Server, Some(served))?;
        if let Some(note) = self.kept.checkpoint() {
            sync.remember(note);
        }
        if let Some(witnesses) = &self.witnesses {
            // [LOG-27]
            sync.ask_for(witnesses.clone());
        }
        let what = match &self.place {
            Place::Server(_) => "downloading",
            Place::Downloaded { .. } => "matching",
        };
        let bar = self.output.progress(0, what);
        self.read = 0;
        while !sync.is_complete() {
            for wanted in sync.wants() {
                self.give(sync, &wanted)?;
            }
            let progress = sync.progress();
            bar.set_length(progress.new_entries);
            bar.set_position(progress.read);
            while let Some(work) = sync.work() {
                sync.take(work.run());
            }
        }
        bar.finish_and_clear();
        if let Some(head) = sync.checkpoint() {
            self.kept.keep_checkpoint(head);
            self.kept.tidy();
        }
        Ok(())
    }

    fn give(&mut self, sync: &mut LogSync, wanted: &Wanted) -> anyhow::Result<()> {
        let (wanted, source, bytes) = match wanted.file {
            File::Entries(path) => self.entries(sync, wanted, path)?,
            File::Checkpoint | File::Profile => (*wanted, Source::Server, self.checkpoint()?),
        };
        let given = sync.give(&wanted, source, bytes.as_deref());
        given.map_err(|error| self.told(sync, error))?;
        // What is no bundle is not kept.
        match (wanted.file, source, &bytes) {
            (File::Entries(path), Source::Server, Some(bytes)) => self.kept.keep(&path, bytes),
            _ => Ok(()),
        }
    }

    fn checkpoint(&self) -> anyhow::Result<Option<Vec<u8>>> {
        match &self.place {
            Place::Server(files) => files.checkpoint(),
            Place::Downloaded { note } => Ok(Some(note.clone())),
        }
    }

    /// A file of entries, and what it is a file of: a wider one than was wanted, perhaps.
    fn entries(
        &mut self,
        sync: &LogSync,
        wanted: &Wanted,
        path: TilePath,
    ) -> anyhow::Result<(Wanted, Source, Option<Vec<u8>>)> {
        let of = |path| Wanted { file: File::Entries(path), ..*wanted };
        if let Some((path, bytes)) = wanted.may_be_kept.then(|| self.kept.file(&path)).flatten() {
            self.read += bytes.len() as u64;
            return Ok((of(path), Source::Kept, Some(bytes)));
        }
        let Place::Server(files) = &self.place else {
            return Ok((of(path), Source::Server, None));
        };
        self.limits.check(self.read).map_err(|stop| self.stopped(stop, sync))?;
        let bytes = files.exactly(&path)?;
        if let Some(bytes) = &bytes {
            self.limits.spend(bytes.len() as u64);
            self.read += bytes.len() as u64;
        }
        Ok((of(path), Source::Server, bytes))
    }

    /// Why the log is not read, for people. What is found to be a contradiction is kept.
    fn told(&self, sync: &LogSync, error: SyncError) -> anyhow::Error {
        let name = clean(&self.profile.profile().name);
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
                let date = match &self.place {
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
            SyncError::Missing(_) if matches!(self.place, Place::Downloaded { .. }) => {
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
        match evidence::keep(&self.evidence, &self.profile, seen, &found.offered) {
            Ok(Some(folder)) => self.output.say(evidence::words(&folder, &self.profile)),
            Ok(None) => {}
            Err(error) => {
                self.output.say(format!("the evidence could not be kept: {}", words(&error)))
            }
        }
    }

    fn stopped(&self, stop: Stop, sync: &LogSync) -> anyhow::Error {
        let name = clean(&self.profile.profile().name);
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
