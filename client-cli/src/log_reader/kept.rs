//! What was downloaded of a log, as files: a cache that may be lost or damaged at any time. Nothing
//! in it is believed before it leads to a root that was signed.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use noren::authority::profile::SignedProfile;
use noren::log::{NeededBundle, SignedCheckpoint, TilePath, decode_bundle, wider};
use tempfile::TempDir;

use crate::files;
use crate::output::Output;

/// The name of the last checkpoint that was accepted.
const CHECKPOINT: &str = "checkpoint";

/// The kept files of one log.
pub(super) struct Kept {
    folder: PathBuf,
    /// What the folder cannot take, for as long as this command runs.
    spare: Option<TempDir>,
    output: Output,
    /// Held where no other command has it: then what others left unfinished can go.
    _lock: Option<File>,
}

impl Kept {
    /// The folder of an authority's log. What was kept under keys that were handed over is taken
    /// over: the log is the same. Where that fails, it is downloaded again.
    pub(super) fn new(cache: &Path, profile: &SignedProfile, output: Output) -> Self {
        let name = |bytes: &[u8]| cache.join(hex::encode(bytes));
        let folder = name(profile.profile().fingerprint().as_bytes());
        // A cache on a disk that is not there may come back with it: its link stays.
        if folder.symlink_metadata().is_ok_and(|there| !there.is_dir() && !there.is_symlink()) {
            let _ = files::clear(&folder);
        }
        let mut kept = Self { folder, spare: None, output, _lock: None };
        // [CLI-26] Where none can be made, the first file that is to be kept says so.
        if files::make_private_folder(&kept.folder).is_err() {
            return kept;
        }
        // [PRO-6]
        for before in profile.predecessors().iter().rev() {
            // Renaming replaces an empty folder and no other.
            let _ = fs::rename(name(before.as_bytes()), &kept.folder);
        }
        let lock = kept.folder.join("lock");
        make_way(&lock);
        kept._lock = File::create(lock).ok().filter(|lock| lock.try_lock().is_ok());
        if kept._lock.is_some() {
            let _ = files::remove_left_aside(&kept.folder);
        }
        kept
    }

    /// The entries of a bundle, from the file in this width or a greater one, and the file's length.
    /// `None` where there is none that can be read.
    pub(super) fn bundle(&self, bundle: &NeededBundle) -> Option<(Vec<Vec<u8>>, usize)> {
        let found = |folder: &Path| {
            let mut paths = std::iter::once(bundle.path).chain(wider(&bundle.path));
            paths.find_map(|path| {
                let bytes = files::read(&file(folder, &path)).ok()??;
                Some((entries_of(&path, bundle, &bytes)?, bytes.len()))
            })
        };
        self.folders().find_map(found)
    }

    /// Keeps a bundle. It is not flushed to the disk: a file that was cut short is noticed. What the
    /// cache cannot take is kept elsewhere, for this command only.
    pub(super) fn keep(&mut self, path: &TilePath, bytes: &[u8]) -> anyhow::Result<()> {
        // [CLI-26]
        if self.spare.is_none() {
            let folder = files::make_private_folder(&self.folder);
            let kept = folder.and_then(|()| write(&self.folder, path, bytes));
            let Err(error) = kept else { return Ok(()) };
            let spare = tempfile::tempdir().context("cannot keep what is downloaded")?;
            self.say_not_kept(&error);
            self.spare = Some(spare);
        }
        self.spare.as_ref().map_or(Ok(()), |spare| write(spare.path(), path, bytes))
    }

    fn say_not_kept(&self, error: &anyhow::Error) {
        self.output.say(format!(
            "the cache cannot be used ({}): this goes on without it, and what was downloaded is \
             downloaded again the next time",
            crate::errors::words(error)
        ));
    }

    /// Forgets every bundle from this one on.
    pub(super) fn discard_from(&self, index: u64) {
        for folder in self.folders() {
            for path in bundles(folder).filter(|path| path.index() >= index) {
                let _ = fs::remove_file(file(folder, &path));
            }
        }
    }

    /// Forgets partial bundles that a wider one took the place of.
    pub(super) fn tidy(&self) {
        let mut paths: Vec<_> = bundles(&self.folder).collect();
        paths.sort_unstable();
        for pair in paths.windows(2) {
            if let [narrow, wide] = pair
                && narrow.index() == wide.index()
            {
                let _ = fs::remove_file(file(&self.folder, narrow));
            }
        }
    }

    /// The last checkpoint that was accepted, where it is still there and still verifies.
    pub(super) fn checkpoint(&self, profile: &SignedProfile) -> Option<SignedCheckpoint> {
        let note = files::read(&self.folder.join(CHECKPOINT)).ok()??;
        let (origin, key) = (&profile.profile().origin, &profile.profile().log_key);
        let verified = SignedCheckpoint::verify(&note, origin, key).ok();
        // [PRO-7]
        verified.or_else(|| profile.verify_before_handover(&note))
    }

    /// Keeps a checkpoint that was accepted, where it can be.
    pub(super) fn keep_checkpoint(&self, checkpoint: &SignedCheckpoint) {
        // [LOG-8] [LOG-14]
        let file = self.folder.join(CHECKPOINT);
        make_way(&file);
        let folder = files::make_private_folder(&self.folder);
        let kept = folder.and_then(|()| files::replace(&file, checkpoint.text().as_bytes()));
        // [CLI-26]
        if let Err(error) = kept
            && self.spare.is_none()
        {
            self.say_not_kept(&error);
        }
    }

    /// The folders that bundles may be in.
    fn folders(&self) -> impl Iterator<Item = &Path> {
        self.spare.iter().map(TempDir::path).chain([self.folder.as_path()])
    }
}

fn bundles(folder: &Path) -> impl Iterator<Item = TilePath> {
    let names = fs::read_dir(folder).into_iter().flatten().flatten();
    names.filter_map(|entry| entry.file_name().to_str()?.replace('_', "/").parse().ok())
}

fn file(folder: &Path, path: &TilePath) -> PathBuf {
    folder.join(path.to_string().replace('/', "_"))
}

fn write(folder: &Path, path: &TilePath, bytes: &[u8]) -> anyhow::Result<()> {
    let file = file(folder, path);
    make_way(&file);
    let write = || -> io::Result<()> {
        let aside = tempfile::Builder::new().prefix(".noren-").tempfile_in(folder)?;
        fs::write(aside.path(), bytes)?;
        aside.persist(&file)?;
        Ok(())
    };
    write().with_context(|| format!("cannot write {}", file.display()))
}

/// Removes what is no file from where one is to be kept.
fn make_way(file: &Path) {
    let Ok(there) = file.symlink_metadata() else { return };
    // [CLI-26]
    let _ = match () {
        () if there.is_dir() => fs::remove_dir_all(file),
        () if !there.is_file() => fs::remove_file(file),
        () => Ok(()),
    };
}

/// The entries that a reader needs of a bundle, from a file of at least its width; those that were
/// known before are left out.
pub(crate) fn entries_of(
    path: &TilePath,
    bundle: &NeededBundle,
    bytes: &[u8],
) -> Option<Vec<Vec<u8>>> {
    let mut entries = decode_bundle(bytes, path.width()).ok()?;
    entries.truncate(bundle.path.width().get().into());
    entries.drain(..entries.len().min(bundle.known.into()));
    Some(entries)
}
