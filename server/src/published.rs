//! The log as static files: read by everybody, extended by the authority, one append at a time.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use bytes::Bytes;
use noren::log::{
    AppendError, CheckpointError, CompactRange, MAX_CLOCK_SKEW, SignedCheckpoint, TileError,
    TilePath, TreeHash, bundles_needed, covering, tiles_of_append,
};
use noren::profile::{ReplaceError, SignedProfile};
use noren::time::UnixSeconds;
use tokio::sync::{Mutex, watch};

use crate::append_times::{AppendTime, AppendTimes};
use crate::clock::Clock;
use crate::database::{Database, DatabaseError};
use crate::disk::{Disk, RESTORE};
use crate::metrics::Part;

mod archive;
pub(crate) mod bucket;
mod files;
pub mod folder;
mod ledger;
pub(crate) mod profile;
mod proof;
mod publish;
mod repair;
mod retention;
mod seen;
pub mod sound;
pub(crate) mod store;
mod writer;

use bucket::Bucket;
pub(crate) use files::{Care, Files};
use ledger::Ledger;
use proof::{Stored, load};
use seen::Seen;
use sound::{Proved, Prover, Sound};
use writer::Writer;

// Each file has the name of the path at which it is answered, so that a web server, a bucket or a mirror
// needs no table. [API-43]
const CHECKPOINT: &str = "checkpoint";
const PROFILE: &str = "v1/authority";
/// Where the layout before this one had the profile.
const PROFILE_BEFORE: &str = "authority";

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
    /// Published files and database tell two stories, neither of which goes on from the other.
    #[error(
        "the published log of {shown} entries does not go on from the {decided} entries in the \
         database: one of the two is of another log, or from a backup; nothing is written"
    )]
    Contradiction {
        /// Entries under the published checkpoint.
        shown: u64,
        /// Entries that the database has.
        decided: u64,
    },
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

/// The published files of one authority.
#[derive(Debug)]
pub struct Published {
    bucket: Arc<dyn Bucket>,
    ledger: Ledger,
    database: Database,
    times: AppendTimes,
    disk: Disk,
    proved: Proved,
    clock: Clock,
    profile: watch::Sender<Arc<SignedProfile>>,
    head: watch::Sender<Option<Head>>,
    writer: Mutex<Writer>,
    /// A copy of the writer's `settled`, to be read without waiting for an append.
    settled: AtomicU64,
    seen: Seen,
    /// The number of entries, from the first one on, that no device needs.
    past: AtomicU64,
}

impl Published {
    /// Opens the log in `bucket` and proves that files and checkpoint belong together. Where they do
    /// not, what can be proved is served until the authority gives the rest back. What the database
    /// has decided is published.
    pub(crate) async fn open(
        bucket: Arc<dyn Bucket>,
        profile: SignedProfile,
        database: Database,
        disk: Disk,
        clock: Clock,
    ) -> Result<Arc<Self>, PublishedError> {
        let times = AppendTimes::new(database.clone());
        let this = Arc::new(Self {
            bucket,
            ledger: Ledger::new(database.clone()),
            database,
            times,
            disk,
            proved: Proved::default(),
            clock,
            profile: watch::Sender::new(Arc::new(profile)),
            head: watch::Sender::new(None),
            writer: Mutex::new(Writer::default()),
            settled: AtomicU64::new(0),
            seen: Seen::default(),
            past: AtomicU64::new(0),
        });
        let opened = Arc::clone(&this);
        let stored = blocking(move || match load(&*opened.bucket, &opened.profile()) {
            // [API-29] Without its head a log is one that was lost.
            Err(error @ PublishedError::Checkpoint(_)) => {
                let error = error.to_string();
                let file = CHECKPOINT;
                tracing::error!(file, error, "a published file is damaged: {RESTORE}");
                Ok(None)
            }
            // [API-44] It is looked at again when somebody asks.
            Err(error @ PublishedError::Unreadable { .. }) if opened.bucket.is_shared() => {
                tracing::error!(%error, "the bucket does not answer");
                Ok(None)
            }
            stored => stored,
        });
        let stored = stored.await?;
        if stored.as_ref().is_some_and(|stored| stored.range.is_none()) {
            tracing::error!("the published files do not lead to the checkpoint: {RESTORE}");
        }
        let head = stored.as_ref().map(Stored::head);
        let (size, time) = head.as_ref().map_or_else(Default::default, |h| (h.size, h.timestamp));
        this.head.send_replace(head);
        this.times.load(size, time).await?;
        let looked = Arc::clone(&this);
        blocking(move || looked.look_for_past()).await?;
        this.begin().await?;
        Ok(this)
    }

    /// Returns whether other servers extend this log as well.
    pub(crate) fn is_shared(&self) -> bool {
        self.bucket.is_shared()
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
        let covers = |head: &Head| covering(&path, head.size);
        if !self.head().as_ref().is_some_and(covers) {
            // [API-41] Another server may have moved it.
            self.look().await?;
        }
        let Some(head) = self.head().filter(covers) else { return Ok(None) };
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
        let prover = self.prover(tree);
        if let Some(sound) = prover.known(path) {
            self.disk.checked(path, true);
            return Ok(Some(sound));
        }
        // What does not answer is not damaged; a file on a disk that cannot be read is.
        let stored = match self.bucket.read(&path.to_string()) {
            Err(error) if self.bucket.is_shared() => return Err(error.into()),
            stored => stored.ok().flatten(),
        };
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
        let result = self.bucket.replace(&name, &sound.bytes);
        self.disk.wrote(Part::Files, &result);
        if result.is_ok() {
            tracing::warn!(%path, "a damaged file was made again from others");
            self.disk.metrics().healed();
        }
    }

    fn prover<'a>(&'a self, tree: &'a CompactRange) -> Prover<'a> {
        Prover { bucket: &*self.bucket, proved: &self.proved, tree }
    }

    /// Returns the appends of the buckets in `[from, until)`. After this no entry is filed under
    /// one of them.
    pub(crate) async fn appends_between(
        self: &Arc<Self>,
        from: UnixSeconds,
        until: UnixSeconds,
    ) -> Result<Vec<AppendTime>, PublishedError> {
        if self.settled.load(Ordering::Acquire) < until.get() {
            self.settle(until).await?;
        }
        self.look().await?;
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
                let prover = this.prover(tree);
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
        if self.has_lost_its_checkpoint().await {
            return Err(PublishedError::Damaged { file: CHECKPOINT.to_owned() });
        }
        let this = Arc::clone(self);
        blocking(move || proof::check(&*this.bucket, &this.profile(), |path| this.is_past(path)))
            .await
    }

    /// Writes a file that nobody reads, and so finds out whether an append could be written.
    pub(crate) async fn probe(self: &Arc<Self>) -> Result<(), PublishedError> {
        let this = Arc::clone(self);
        self.wrote(blocking(move || Ok(this.bucket.probe()?)).await)
    }

    /// Returns whether there was a log here of which nothing is shown any more.
    pub(crate) async fn has_lost_its_checkpoint(self: &Arc<Self>) -> bool {
        // [API-15]
        let this = Arc::clone(self);
        self.head().is_none()
            && blocking(move || Ok(this.bucket.holds_tiles()?)).await.is_ok_and(|holds| holds)
    }

    /// Returns whether there is a checkpoint that is none of this authority's.
    pub(crate) async fn has_damaged_checkpoint(self: &Arc<Self>) -> bool {
        // [API-29]
        let this = Arc::clone(self);
        self.head().is_none()
            && blocking(move || Ok(this.bucket.read(CHECKPOINT)?))
                .await
                .is_ok_and(|it| it.is_some())
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
        // [API-20] A bucket looks after its objects itself, and reading all of them has a price.
        let size = if self.bucket.is_shared() { 0 } else { self.size() };
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
            // A shared bucket's checkpoint may have been moved by another server.
            let checkpoint = checkpoint.filter(|_| !this.bucket.is_shared());
            for (name, bytes) in checkpoint.into_iter().chain([(PROFILE, profile.as_bytes())]) {
                if this.bucket.read(name)?.as_deref() != Some(bytes) {
                    this.bucket.replace(name, bytes)?;
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

/// Returns what is said where no file can be proved.
fn damaged_log() -> PublishedError {
    PublishedError::Damaged { file: "tile".to_owned() }
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
