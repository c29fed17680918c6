//! What was downloaded of a log, as files: a cache that may be lost or damaged at any time. Nothing
//! in it is believed before it leads to a root that was signed.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use noren::authority::profile::SignedProfile;
use noren::log::{NeededBundle, SignedCheckpoint, TilePath, decode_bundle, wider};

use crate::files;

/// The name of the last checkpoint that was accepted.
const CHECKPOINT: &str = "checkpoint";

/// The kept files of one log.
pub(super) struct Kept {
    folder: PathBuf,
    /// Held where no other command has it: then what others left unfinished can go.
    _lock: Option<File>,
}

impl Kept {
    /// The folder of an authority's log. What was kept under keys that were handed over is taken
    /// over: the log is the same. Where that fails, it is downloaded again.
    pub(super) fn new(cache: &Path, profile: &SignedProfile) -> anyhow::Result<Self> {
        let name = |bytes: &[u8]| cache.join(hex::encode(bytes));
        let folder = name(profile.profile().fingerprint().as_bytes());
        if folder.symlink_metadata().is_ok_and(|there| there.is_file()) {
            files::remove(&folder)?;
        }
        files::make_private_folder(&folder)?;
        // [PRO-6]
        for before in profile.predecessors().iter().rev() {
            // Renaming replaces an empty folder and no other.
            let _ = fs::rename(name(before.as_bytes()), &folder);
        }
        let lock = File::create(folder.join("lock")).ok().filter(|lock| lock.try_lock().is_ok());
        if lock.is_some() {
            files::remove_left_aside(&folder)?;
        }
        Ok(Self { folder, _lock: lock })
    }

    /// The entries of a bundle, from the file in this width or a greater one, and the file's length.
    /// `None` where there is none that can be read.
    pub(super) fn bundle(&self, bundle: &NeededBundle) -> Option<(Vec<Vec<u8>>, usize)> {
        let paths = std::iter::once(bundle.path).chain(wider(&bundle.path));
        let mut found = paths.filter_map(|path| {
            let bytes = files::read(&self.file(&path)).ok()??;
            Some((entries_of(&path, bundle, &bytes)?, bytes.len()))
        });
        found.next()
    }

    /// Keeps a bundle. It is not flushed to the disk: a file that was cut short is noticed.
    pub(super) fn keep(&self, path: &TilePath, bytes: &[u8]) -> anyhow::Result<()> {
        let file = self.file(path);
        make_way(&file);
        let write = || -> io::Result<()> {
            let aside = tempfile::Builder::new().prefix(".noren-").tempfile_in(&self.folder)?;
            fs::write(aside.path(), bytes)?;
            aside.persist(&file)?;
            Ok(())
        };
        write().with_context(|| format!("cannot write {}", file.display()))
    }

    /// Forgets every bundle from this one on.
    pub(super) fn discard_from(&self, index: u64) {
        for path in self.bundles().filter(|path| path.index() >= index) {
            let _ = fs::remove_file(self.file(&path));
        }
    }

    /// Forgets partial bundles that a wider one took the place of.
    pub(super) fn tidy(&self) {
        let mut paths: Vec<_> = self.bundles().collect();
        paths.sort_unstable();
        for pair in paths.windows(2) {
            if let [narrow, wide] = pair
                && narrow.index() == wide.index()
            {
                let _ = fs::remove_file(self.file(narrow));
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

    /// Keeps a checkpoint that was accepted.
    pub(super) fn keep_checkpoint(&self, checkpoint: &SignedCheckpoint) -> anyhow::Result<()> {
        // [LOG-8] [LOG-14]
        let file = self.folder.join(CHECKPOINT);
        make_way(&file);
        files::replace(&file, checkpoint.text().as_bytes())
    }

    fn bundles(&self) -> impl Iterator<Item = TilePath> {
        let names = fs::read_dir(&self.folder).into_iter().flatten().flatten();
        names.filter_map(|entry| entry.file_name().to_str()?.replace('_', "/").parse().ok())
    }

    fn file(&self, path: &TilePath) -> PathBuf {
        self.folder.join(path.to_string().replace('/', "_"))
    }
}

/// Removes what is no file from where one is to be kept.
fn make_way(file: &Path) {
    let Ok(there) = file.symlink_metadata() else { return };
    // [CLI-26]
    let _ = match () {
        () if there.is_dir() => fs::remove_dir_all(file),
        () if there.is_symlink() => fs::remove_file(file),
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
