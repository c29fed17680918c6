//! The log as static files: read by everybody, extended by the authority, one append at a time.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use bytes::Bytes;
use noren::log::{
    Append, AppendError, CheckpointError, CompactRange, LogPosition, MAX_CLOCK_SKEW,
    SignedCheckpoint, TileError, TilePath, TreeHash, append_tiles, bundles_needed, covering,
    leaf_hash, tiles_of_append,
};
use noren::profile::{ReplaceError, SignedProfile};
use noren::time::UnixSeconds;
use tokio::sync::{Mutex, MutexGuard, watch};

use crate::append_times::{AppendTime, AppendTimes};
use crate::clock::Clock;
use crate::database::{Database, DatabaseError};
use crate::disk::{Disk, RESTORE};
use crate::metrics::Part;

mod archive;
pub mod folder;
mod proof;
mod repair;
mod retention;
pub mod sound;

use folder::Folder;
use proof::{Stored, load};
use repair::Repair;
use sound::{Proved, Prover, Sound};

const CHECKPOINT: &str = "checkpoint";
const PROFILE: &str = "authority";

/// Damaged files that are looked at again when somebody asks for the server's health.
const RECHECKED: usize = 16;

/// Why the published files could not be used or extended.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PublishedError {
    /// The operating system refused.
    #[error("the published files failed: {0}")]
    Io(#[from] io::Error),
    /// The database refused.
    #[error(transparent)]
    Database(#[from] DatabaseError),
    /// The stored checkpoint is not one of the pinned authority.
    #[error("the stored checkpoint was refused: {0}")]
    Checkpoint(#[from] CheckpointError),
    /// A stored tile is missing or damaged.
    #[error("the stored log was refused: {0}")]
    Tiles(#[from] TileError),
    /// A published file is missing or damaged, and the others do not make it again.
    #[error(
        "the published file {file} is damaged or missing; `noren authority restore-log` gives it \
         back from the desk's copy, or restore it from a backup or a mirror"
    )]
    Damaged {
        /// Its path below the folder of the published files.
        file: String,
    },
    /// A published file is there and cannot be read.
    #[error("the published file {file} cannot be read: {source}")]
    Unreadable {
        /// Its path below the folder of the published files.
        file: &'static str,
        /// What the operating system said.
        source: io::Error,
    },
    /// The entries of a file are past, and it was removed.
    #[error("the entries of {0} are older than what devices keep, and were removed")]
    Past(TilePath),
    /// The stored tiles lead to another root than the stored checkpoint.
    #[error("the stored tiles do not lead to the stored checkpoint")]
    RootMismatch,
    /// The append breaks a rule.
    #[error(transparent)]
    Append(#[from] AppendError),
    /// The new profile may not take the place of the pinned one.
    #[error(transparent)]
    Profile(#[from] ReplaceError),
    /// The task that appended was ended.
    #[error("the append was interrupted")]
    Interrupted,
}

/// What the server serves as the head of the log.
#[derive(Debug, Clone)]
pub struct Head {
    /// Entries covered.
    pub size: u64,
    /// When it was signed.
    pub timestamp: UnixSeconds,
    /// The signed note.
    pub text: Bytes,
    /// The root that it signs.
    root: TreeHash,
    /// The tree under its root; `None` while the stored files do not lead there.
    tree: Option<Arc<CompactRange>>,
}

/// What only the writer needs.
#[derive(Debug)]
struct Writer {
    /// `None` after a failure on the way to the disk: then the disk is asked before the next append.
    position: Option<LogPosition>,
    /// The feed has given out everything before this time; nothing is filed under it any more.
    settled: UnixSeconds,
    /// What the authority is giving back just now.
    repair: Option<Repair>,
}

/// The published files of one authority.
#[derive(Debug)]
pub struct Published {
    folder: Folder,
    times: AppendTimes,
    disk: Disk,
    proved: Proved,
    clock: Clock,
    profile: watch::Sender<Arc<SignedProfile>>,
    head: watch::Sender<Option<Head>>,
    writer: Mutex<Writer>,
    /// A copy of the writer's `settled`, to be read without waiting for an append.
    settled: AtomicU64,
    /// The number of entries, from the first one on, that no device needs.
    past: AtomicU64,
}

impl Published {
    /// Opens the log in `folder` and proves that files and checkpoint belong together. Where they do
    /// not, what can be proved is served until the authority gives the rest back.
    pub(crate) async fn open(
        folder: Folder,
        profile: SignedProfile,
        database: Database,
        disk: Disk,
        clock: Clock,
    ) -> Result<Self, PublishedError> {
        let stored = match load(&folder, &profile) {
            // [API-29] Without its head a log is one that was lost.
            Err(error @ PublishedError::Checkpoint(_)) => {
                let error = error.to_string();
                let file = CHECKPOINT;
                tracing::error!(file, error, "a published file is damaged: {RESTORE}");
                None
            }
            stored => stored?,
        };
        let position = position_of(stored.as_ref());
        if position.is_none() {
            tracing::error!("the published files do not lead to the checkpoint: {RESTORE}");
        }
        let head = stored.as_ref().map(Stored::head);
        let (size, time) = head.as_ref().map_or_else(Default::default, |h| (h.size, h.timestamp));
        let times = AppendTimes::load(database, size, time).await?;
        let published = Self {
            folder,
            times,
            disk,
            proved: Proved::default(),
            clock,
            profile: watch::Sender::new(Arc::new(profile)),
            head: watch::Sender::new(head),
            writer: Mutex::new(Writer { position, settled: UnixSeconds::default(), repair: None }),
            settled: AtomicU64::new(0),
            past: AtomicU64::new(0),
        };
        published.look_for_past()?;
        Ok(published)
    }

    /// Returns the current checkpoint, or `None` before the first append.
    #[must_use]
    pub fn head(&self) -> Option<Head> {
        self.head.borrow().clone()
    }

    /// Returns the number of entries that the current checkpoint covers.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.head.borrow().as_ref().map_or(0, |head| head.size)
    }

    /// Returns the authority's public profile.
    #[must_use]
    pub fn profile(&self) -> Arc<SignedProfile> {
        Arc::clone(&self.profile.borrow())
    }

    /// Replaces the profile durably, by one of the same keys that was not issued earlier.
    pub(crate) async fn replace_profile(
        self: &Arc<Self>,
        profile: SignedProfile,
    ) -> Result<(), PublishedError> {
        // One at a time, or an older one could slip in behind the check.
        let _writer = self.writer.lock().await;
        self.profile().check_replacement(&profile)?;
        let this = Arc::clone(self);
        let result = blocking(move || {
            store_profile(&this.folder, &profile)?;
            this.profile.send_replace(Arc::new(profile));
            Ok(())
        });
        self.wrote(result.await)
    }

    /// Notes how a write ended, for whoever asks for the server's health.
    fn wrote<T>(&self, result: Result<T, PublishedError>) -> Result<T, PublishedError> {
        // A damaged tile or a refused append says nothing about writing.
        if matches!(result, Ok(_) | Err(PublishedError::Io(_))) {
            self.disk.wrote(Part::Files, &result);
        }
        result
    }

    /// Returns a tile or an entry bundle, proved; `None` unless the current checkpoint covers it.
    ///
    /// # Errors
    /// [`PublishedError::Damaged`] when it is damaged and cannot be made again.
    pub async fn tile(self: &Arc<Self>, path: TilePath) -> Result<Option<Sound>, PublishedError> {
        // [API-2] A crash can leave files beyond the checkpoint. They may still change.
        let Some(head) = self.head().filter(|head| covering(&path, head.size)) else {
            return Ok(None);
        };
        let this = Arc::clone(self);
        blocking(move || this.sound(path, head.tree(&path)?)).await
    }

    /// Returns whether a file that was proved may be handed out without being read again.
    pub(crate) fn is_readable(&self, path: &TilePath) -> bool {
        // [API-2] [API-39]
        let head = self.head.borrow();
        let covers = |head: &Head| head.tree.is_some() && covering(path, head.size);
        head.as_ref().is_some_and(covers) && !self.is_past(path)
    }

    /// Returns a file that `tree` covers, as it was signed. One that is damaged is made again from
    /// others; `None` for a width at which no append ended.
    fn sound(&self, path: TilePath, tree: &CompactRange) -> Result<Option<Sound>, PublishedError> {
        // [API-20]
        let prover = Prover { folder: &self.folder, proved: &self.proved, tree };
        if let Some(sound) = prover.known(path) {
            self.disk.checked(path, true);
            return Ok(Some(sound));
        }
        let stored = self.folder.tile(&path);
        // [API-39]
        if stored.is_none() && self.is_past(&path) {
            return Err(PublishedError::Past(path));
        }
        if stored.is_none() && !prover.is_current(&path) {
            return Ok(None);
        }
        let Ok(sound) = prover.prove(path) else {
            self.disk.checked(path, false);
            return Err(damaged(&path));
        };
        if stored.as_deref() != Some(&sound.bytes[..]) {
            self.heal(path, &sound);
        }
        self.disk.checked(path, true);
        Ok(Some(sound))
    }

    /// Writes a damaged file again. Where that fails its readers are served all the same.
    fn heal(&self, path: TilePath, sound: &Sound) {
        let name = path.to_string();
        let result = self.folder.write([(&name[..], &sound.bytes[..])]);
        self.disk.wrote(Part::Files, &result);
        if result.is_ok() {
            tracing::warn!(%path, "a damaged file was made again from others");
            self.disk.metrics().healed();
        }
    }

    /// Appends entries and returns the new size. Once it has begun it runs to its end, whether the
    /// sender still waits or not.
    ///
    /// # Errors
    /// [`PublishedError::Append`] when the append breaks a rule, otherwise what failed.
    pub async fn append(self: &Arc<Self>, append: Append) -> Result<u64, PublishedError> {
        let this = Arc::clone(self);
        tokio::spawn(async move { this.append_alone(append).await })
            .await
            .map_err(|_| PublishedError::Interrupted)?
    }

    async fn append_alone(self: Arc<Self>, append: Append) -> Result<u64, PublishedError> {
        // [API-10] One writer in this process, and the folder's lock keeps others out.
        let mut writer = self.writer.lock().await;
        if append.is_part() && append.old_size < self.size() {
            return self.take_back(&mut writer, append).await;
        }
        writer.repair = None;
        if append.is_part() {
            return self.take_part(&mut writer, append).await;
        }
        self.drop_parts(&mut writer, append.old_size);
        let position = self.current(&mut writer).await?;
        // [API-30] A clock that was wrong binds nobody when it is right again.
        let position = position.by_clock(self.clock.now());
        if let Some(size) = self.already_applied(&append) {
            return Ok(size);
        }
        let profile = self.profile();
        let (origin, keys) = (&profile.profile().origin, profile.profile().log_keys());
        // [API-9]
        let (after, signed) = append.verify(&position, origin, &keys)?;
        // A time far ahead would forbid every honest checkpoint after it.
        signed.check_fresh(self.clock.now(), u64::MAX).map_err(AppendError::from)?;
        // What came in parts before is published only now.
        let (old_size, new_size) = (self.size(), after.range.size());
        if new_size > old_size {
            let now = self.clock.now();
            // [API-30] As if the buckets that a wrong clock ran ahead into had not been asked for.
            if writer.settled > now.plus(MAX_CLOCK_SKEW) {
                writer.settled = now;
                self.settled.store(now.get(), Ordering::Release);
            }
            let now = now.max(writer.settled);
            self.times.note(old_size, new_size, now).await?;
        }
        let head = head_of(&signed, Some(&after.range));
        // From here on the disk may be ahead of what this process knows.
        writer.position = None;
        let this = Arc::clone(&self);
        let written = blocking(move || this.write(&position.range, &append.entries, &signed));
        self.wrote(written.await)?;
        writer.position = Some(after);
        self.head.send_replace(Some(head.clone()));
        let this = Arc::clone(&self);
        blocking(move || {
            this.archive(&head);
            Ok(())
        })
        .await?;
        Ok(new_size)
    }

    /// Keeps part of a longer append where the checkpoint does not reach yet. It becomes part of the
    /// log with the append that follows it; nothing shows before.
    async fn take_part(
        self: &Arc<Self>,
        writer: &mut MutexGuard<'_, Writer>,
        append: Append,
    ) -> Result<u64, PublishedError> {
        // [API-28]
        self.drop_parts(writer, append.old_size);
        let position = self.current(writer).await?;
        let size = position.range.size();
        if append.old_size != size {
            return Err(AppendError::Stale { size }.into());
        }
        let mut after = position.clone();
        append.entries.iter().for_each(|entry| after.range.push(leaf_hash(entry)));
        writer.position = None;
        let this = Arc::clone(self);
        let written = blocking(move || this.write_tiles(&position.range, &append.entries));
        self.wrote(written.await)?;
        let size = after.range.size();
        writer.position = Some(after);
        Ok(size)
    }

    /// Forgets the parts of an append that was given up: this one begins where the checkpoint ends.
    fn drop_parts(&self, writer: &mut MutexGuard<'_, Writer>, old_size: u64) {
        // [API-28]
        let stands = writer.position.as_ref().map(|position| position.range.size());
        if old_size == self.size() && stands != Some(old_size) {
            writer.position = None;
        }
    }

    /// Returns where the log stands; read again from the disk after a failure.
    async fn current(
        self: &Arc<Self>,
        writer: &mut MutexGuard<'_, Writer>,
    ) -> Result<LogPosition, PublishedError> {
        if let Some(position) = &writer.position {
            return Ok(position.clone());
        }
        let this = Arc::clone(self);
        let found = blocking(move || this.recover());
        let (position, head) = self.wrote(found.await)?;
        writer.position = Some(position.clone());
        self.head.send_replace(head);
        Ok(position)
    }

    /// Reads the log again. A checkpoint that is there after a failure may not be on the disk: it is
    /// written again before anybody is told that it is. [API-19]
    fn recover(&self) -> Result<(LogPosition, Option<Head>), PublishedError> {
        let stored = match load(&self.folder, &self.profile()) {
            // [API-29] Damaged, and so not what a failed append has left.
            Ok(None) | Err(PublishedError::Checkpoint(_)) => {
                let Some(head) = self.head() else { return Ok(Default::default()) };
                self.folder.write([(CHECKPOINT, &head.text[..])])?;
                load(&self.folder, &self.profile())?
            }
            stored => stored?,
        };
        let unproved = || PublishedError::Damaged { file: "tile".to_owned() };
        let position = position_of(stored.as_ref()).ok_or_else(unproved)?;
        if let Some(stored) = &stored {
            self.folder.write([(CHECKPOINT, stored.signed.text().as_bytes())])?;
        }
        Ok((position, stored.as_ref().map(Stored::head)))
    }

    /// Returns the size when this very append was the last one: its answer was lost, and it came
    /// again.
    fn already_applied(&self, append: &Append) -> Option<u64> {
        // [API-9]
        let head = self.head()?;
        let size = append.old_size.checked_add(append.entries.len() as u64)?;
        (head.text == append.checkpoint && head.size == size).then_some(size)
    }

    /// Writes everything to the disk, the checkpoint last: only it makes the rest part of the log.
    fn write(
        &self,
        old: &CompactRange,
        entries: &[Vec<u8>],
        signed: &SignedCheckpoint,
    ) -> Result<(), PublishedError> {
        // [API-11]
        self.write_tiles(old, entries)?;
        Ok(self.folder.write([(CHECKPOINT, signed.text().as_bytes())])?)
    }

    fn write_tiles(&self, old: &CompactRange, entries: &[Vec<u8>]) -> Result<(), PublishedError> {
        if !entries.is_empty() {
            let mut lost = None;
            let files = append_tiles(old, entries, |path| match self.sound(*path, old) {
                Ok(sound) => sound.map(|sound| sound.bytes),
                Err(error) => {
                    lost = Some(error);
                    None
                }
            });
            let files = files.map_err(|error| lost.unwrap_or_else(|| error.into()))?;
            let files: Vec<_> =
                files.iter().map(|(path, bytes)| (path.to_string(), bytes)).collect();
            self.folder.write(files.iter().map(|(name, bytes)| (&name[..], &bytes[..])))?;
        }
        Ok(())
    }

    /// Returns the appends of the buckets in `[from, until)`. After this no entry is filed under
    /// one of them.
    pub(crate) async fn appends_between(
        &self,
        from: UnixSeconds,
        until: UnixSeconds,
    ) -> Result<Vec<AppendTime>, PublishedError> {
        if self.settled.load(Ordering::Acquire) < until.get() {
            // An append under way when the bucket ended still belongs to it: wait for it once.
            let mut writer = self.writer.lock().await;
            writer.settled = writer.settled.max(until);
            self.settled.store(writer.settled.get(), Ordering::Release);
        }
        let mut appends = self.times.between(from, until).await?;
        // [API-2] A row beyond the checkpoint is an append that failed.
        let size = self.size();
        appends.retain(|append| append.new_size <= size);
        Ok(appends)
    }

    /// Returns the entries of one append.
    pub(crate) async fn entries(
        self: &Arc<Self>,
        append: AppendTime,
    ) -> Result<Vec<Vec<u8>>, PublishedError> {
        let (this, head) = (Arc::clone(self), self.head());
        blocking(move || {
            let head = head.ok_or(TileError::Missing)?;
            let mut entries = vec![];
            for bundle in bundles_needed(append.old_size, append.new_size) {
                let tree = head.tree(&bundle.path)?;
                let prover = Prover { folder: &this.folder, proved: &this.proved, tree };
                // [API-20] From a wider bundle, if the one of that day is gone.
                let sound = match this.sound(bundle.path, tree)? {
                    Some(sound) => sound,
                    None => prover.prove(bundle.path).map_err(|_| damaged(&bundle.path))?,
                };
                entries.extend(bundle.new_entries(&sound.bytes)?);
            }
            Ok(entries)
        })
        .await
    }

    /// Reads every entry again and compares every full tile and the root: the long form of what
    /// happens at each start.
    ///
    /// # Errors
    /// [`PublishedError`] that names the first difference.
    pub async fn check(self: &Arc<Self>) -> Result<u64, PublishedError> {
        // [API-15] [API-29]
        if self.has_lost_its_checkpoint() {
            return Err(PublishedError::Damaged { file: CHECKPOINT.to_owned() });
        }
        let this = Arc::clone(self);
        blocking(move || proof::check(&this.folder, &this.profile(), |path| this.is_past(path)))
            .await
    }

    /// Writes a file that nobody reads, and so finds out whether an append could be written.
    pub(crate) async fn probe(self: &Arc<Self>) -> Result<(), PublishedError> {
        let this = Arc::clone(self);
        self.wrote(blocking(move || Ok(this.folder.probe()?)).await)
    }

    /// Returns whether there was a log here of which nothing is shown any more.
    pub(crate) fn has_lost_its_checkpoint(&self) -> bool {
        // [API-15]
        self.head().is_none() && self.folder.holds_tiles()
    }

    /// Returns whether there is a checkpoint that is none of this authority's.
    pub(crate) fn has_damaged_checkpoint(&self) -> bool {
        // [API-29]
        self.head().is_none() && self.folder.read(CHECKPOINT).is_ok_and(|stored| stored.is_some())
    }

    /// Returns whether the stored files do not lead to the checkpoint, so that none of them can be
    /// proved.
    pub(crate) fn is_unproved(&self) -> bool {
        // [API-29]
        self.head().is_some_and(|head| head.tree.is_none())
    }

    /// Returns by how many seconds the head is dated after this server's clock, where that is more
    /// than clocks may differ.
    pub(crate) fn ahead_of_clock(&self) -> Option<u64> {
        // [API-31]
        let ahead = self.head()?.timestamp.get().saturating_sub(self.clock.now().get());
        (ahead > MAX_CLOCK_SKEW).then_some(ahead)
    }

    /// Looks again at the files that were found damaged.
    pub(crate) async fn recheck(self: &Arc<Self>) {
        for path in self.disk.damaged_files(RECHECKED) {
            // The result is noted on the way.
            let _ = self.tile(path).await;
        }
    }

    /// Proves every file that the checkpoint covers in its current width, and makes again what is
    /// damaged, the checkpoint and the profile included.
    pub async fn inspect(self: &Arc<Self>) {
        let size = self.size();
        for path in tiles_of_append(0, size) {
            let _ = self.tile(path).await;
        }
        let this = Arc::clone(self);
        // An append or a new profile between reading and writing would be lost.
        let _writer = self.writer.lock().await;
        let inspected = blocking(move || {
            let (profile, head) = (this.profile(), this.head());
            head.iter().for_each(|head| this.archive(head));
            let checkpoint = head.as_ref().map(|head| (CHECKPOINT, &head.text[..]));
            for (name, bytes) in checkpoint.into_iter().chain([(PROFILE, profile.as_bytes())]) {
                if this.folder.read(name)?.as_deref() != Some(bytes) {
                    this.folder.write([(name, bytes)])?;
                    tracing::warn!(file = name, "a damaged file was written again");
                    this.disk.metrics().healed();
                }
            }
            Ok(())
        });
        if let Err(error) = self.wrote(inspected.await) {
            tracing::error!(%error, "the published files were not inspected");
        }
    }

    /// Forgets append times of buckets before `oldest`.
    pub(crate) async fn sweep(&self, oldest: UnixSeconds) -> Result<(), PublishedError> {
        Ok(self.times.sweep(oldest).await?)
    }
}

/// Returns the profile that the folder holds, as bytes.
pub(crate) fn stored_profile(folder: &Folder) -> io::Result<Option<Vec<u8>>> {
    folder.read(PROFILE)
}

/// Returns whether the checkpoint in the folder is this authority's.
pub(crate) fn signed_the_log(folder: &Folder, profile: &SignedProfile) -> bool {
    matches!(load(folder, profile), Ok(Some(_)))
}

/// Keeps a profile as the folder's.
pub(crate) fn store_profile(folder: &Folder, profile: &SignedProfile) -> io::Result<()> {
    folder.write([(PROFILE, profile.as_bytes())])
}

fn head_of(signed: &SignedCheckpoint, tree: Option<&CompactRange>) -> Head {
    Head {
        size: signed.checkpoint().size,
        timestamp: signed.timestamp(),
        text: Bytes::copy_from_slice(signed.text().as_bytes()),
        root: signed.checkpoint().root,
        tree: tree.cloned().map(Arc::new),
    }
}

impl Head {
    /// Returns the tree that files are proved against.
    fn tree(&self, path: &TilePath) -> Result<&CompactRange, PublishedError> {
        self.tree.as_deref().ok_or_else(|| damaged(path))
    }
}

impl Stored {
    fn head(&self) -> Head {
        head_of(&self.signed, self.range.as_ref())
    }
}

/// Returns where the next append continues; `None` while the stored files do not lead to the
/// checkpoint.
fn position_of(stored: Option<&Stored>) -> Option<LogPosition> {
    let Some(stored) = stored else { return Some(LogPosition::start()) };
    let range = stored.range.clone()?;
    Some(LogPosition { range, timestamp: stored.signed.timestamp() })
}

fn damaged(path: &TilePath) -> PublishedError {
    PublishedError::Damaged { file: path.to_string() }
}

/// Runs file work where it does not hold up the other requests.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, PublishedError> + Send + 'static,
) -> Result<T, PublishedError> {
    tokio::task::spawn_blocking(work).await.map_err(|_| PublishedError::Interrupted)?
}
