//! What was downloaded of a log, as files: a cache that may be lost or damaged at any time. Nothing
//! in it is believed before it leads to a root that was signed.

use std::collections::HashMap;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use noren::log::{SignedCheckpoint, TilePath, TileWidth, wider};
use noren::profile::SignedProfile;
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

    /// A kept file, in its own width or a greater one; `None` where there is none.
    pub(super) fn file(&self, path: &TilePath) -> Option<(TilePath, Vec<u8>)> {
        let found = |folder: &Path| {
            let mut paths = std::iter::once(*path).chain(wider(path));
            paths.find_map(|path| {
                let mut bytes = files::read(&file(folder, &path)).ok()??;
                Some((path, std::mem::take(&mut *bytes)))
            })
        };
        self.folders().find_map(found)
    }

    /// Keeps a file. It is not flushed to the disk: one that was cut short is noticed. What the cache
    /// cannot take is kept elsewhere, for this command only.
    pub(super) fn keep(&mut self, path: &TilePath, bytes: &[u8]) -> anyhow::Result<()> {
        // [CLI-26]
        if self.spare.is_none() {
            let folder = files::make_private_folder(&self.folder);
            let Err(error) = folder.and_then(|()| write(&self.folder, path, bytes)) else {
                return Ok(());
            };
            self.say_not_kept(&error);
            self.spare = Some(tempfile::tempdir().context("cannot keep what is downloaded")?);
        }
        self.spare.as_ref().map_or(Ok(()), |spare| write(spare.path(), path, bytes))
    }

    /// The number of entries that is kept of each place, by the files' names alone.
    pub(super) fn widths(&self) -> HashMap<u64, TileWidth> {
        let mut widths = HashMap::new();
        let files = self.folders().flat_map(|folder| {
            bundles(folder).filter(move |path| {
                let there = file(folder, path).symlink_metadata();
                there.is_ok_and(|there| there.is_file())
            })
        });
        for path in files {
            let width = widths.entry(path.index()).or_insert(path.width());
            *width = path.width().max(*width);
        }
        widths
    }

    /// The folders that files may be in.
    fn folders(&self) -> impl Iterator<Item = &Path> {
        self.spare.iter().map(TempDir::path).chain([self.folder.as_path()])
    }

    fn say_not_kept(&self, error: &anyhow::Error) {
        self.output.say(format!(
            "the cache cannot be used ({}): this goes on without it, and what was downloaded is \
             downloaded again the next time",
            crate::errors::words(error)
        ));
    }

    /// Forgets every file of entries.
    pub(super) fn discard_all(&self) {
        for folder in self.folders() {
            for path in bundles(folder) {
                let file = file(folder, &path);
                make_way(&file);
                let _ = fs::remove_file(file);
            }
        }
    }

    /// Forgets partial bundles that a wider one took the place of, and all that end before the entry
    /// from which on they are needed.
    pub(super) fn tidy(&self, needed_from: u64) {
        // [LOG-19]
        let (old, mut paths): (Vec<_>, Vec<_>) = bundles(&self.folder)
            .partition(|path| path.index() * 256 + u64::from(path.width().get()) <= needed_from);
        for path in old {
            let _ = fs::remove_file(file(&self.folder, &path));
        }
        paths.sort_unstable();
        for pair in paths.windows(2) {
            if let [narrow, wide] = pair
                && narrow.index() == wide.index()
            {
                let _ = fs::remove_file(file(&self.folder, narrow));
            }
        }
    }

    /// The note of the last checkpoint that was accepted, where it is still there. Nothing in it is
    /// verified.
    pub(super) fn checkpoint(&self) -> Option<Vec<u8>> {
        files::read(&self.folder.join(CHECKPOINT)).ok()?.map(|note| note.to_vec())
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
