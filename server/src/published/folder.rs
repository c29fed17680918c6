//! Durable files in a local folder: what was written is there after a power cut, whole or not at all.

use std::collections::BTreeSet;
use std::fs::{self, File, TryLockError};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use noren::log::TilePath;

use super::{PROFILE, PROFILE_BEFORE};

/// Bytes that are written to find out whether writing works.
const PROBE: usize = 65_536;

/// The data folder, locked for one server.
#[derive(Debug)]
pub(crate) struct Folder {
    public: PathBuf,
    scratch: PathBuf,
    /// Files that were written so far.
    written: AtomicU64,
    /// Held open for its lock; the kernel releases it however the process ends. `None` where nothing
    /// is written.
    _lock: Option<File>,
}

/// Why the data folder cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FolderError {
    /// Another server has it.
    #[error("the data folder {path} is used by another server")]
    InUse {
        /// The folder.
        path: PathBuf,
    },
    /// The operating system refused.
    #[error("cannot use the data folder {path}: {source}")]
    Io {
        /// The folder.
        path: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
}

impl Folder {
    /// Reads a folder that a server may be writing to.
    pub(crate) fn read_only(data: &Path) -> Self {
        let (public, scratch) = (data.join("public"), data.join("scratch"));
        Self { public, scratch, written: AtomicU64::new(0), _lock: None }
    }

    /// Creates what is missing and takes the lock.
    pub(crate) fn open(data: &Path) -> Result<Self, FolderError> {
        Self::prepare(data).map_err(|error| match error {
            TryLockError::WouldBlock => FolderError::InUse { path: data.to_owned() },
            TryLockError::Error(source) => FolderError::Io { path: data.to_owned(), source },
        })
    }

    fn prepare(data: &Path) -> Result<Self, TryLockError> {
        let io = TryLockError::Error;
        let (public, scratch) = (data.join("public"), data.join("scratch"));
        if !public.is_dir() {
            fs::create_dir_all(&public).map_err(io)?;
            sync_folder(data).map_err(io)?;
        }
        let lock = open_lock(&data.join("lock")).map_err(io)?;
        lock.try_lock()?;
        // [API-45]
        let before = public.join(PROFILE_BEFORE);
        if before.is_file() && !public.join(PROFILE).exists() {
            fs::create_dir_all(public.join("v1")).map_err(io)?;
            fs::rename(&before, public.join(PROFILE)).map_err(io)?;
            [&public.join("v1"), &public]
                .into_iter()
                .try_for_each(|it| sync_folder(it))
                .map_err(io)?;
        }
        // [API-19] What is there already serves readers, also where nothing can be written.
        if let Err(error) = clear(&scratch) {
            tracing::warn!(%error, "the leftovers of an interrupted write were not removed");
        }
        Ok(Self { public, scratch, written: AtomicU64::new(0), _lock: Some(lock) })
    }

    /// Returns the bytes of a file, or `None` when it is not there.
    pub(crate) fn read(&self, name: &str) -> io::Result<Option<Vec<u8>>> {
        match fs::read(self.public.join(name)) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(error) if is_absence(&error) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Returns whether there is anything of a log.
    pub(crate) fn holds_tiles(&self) -> bool {
        self.public.join("tile").is_dir()
    }

    /// Returns the names of the files in a folder, in no order; none where it is not there.
    pub(crate) fn list(&self, name: &str) -> io::Result<Vec<String>> {
        let names = match fs::read_dir(self.public.join(name)) {
            Err(error) if is_absence(&error) => return Ok(vec![]),
            names => names?,
        };
        let name = |item: io::Result<fs::DirEntry>| item.map(|item| item.file_name().into_string());
        Ok(names.map(name).collect::<io::Result<Vec<_>>>()?.into_iter().flatten().collect())
    }

    /// Removes a bundle in every width; the number of files that were there.
    pub(crate) fn remove_bundle(&self, path: &TilePath) -> io::Result<u64> {
        let full = self.public.join(path.to_string());
        let mut partial = full.clone().into_os_string();
        partial.push(".p");
        let widths = match fs::read_dir(&partial) {
            Ok(widths) => widths.count(),
            Err(_) => 0,
        };
        if widths > 0 {
            fs::remove_dir_all(&partial)?;
        }
        match fs::remove_file(&full) {
            Ok(()) => Ok(widths as u64 + 1),
            Err(error) if is_absence(&error) => Ok(widths as u64),
            Err(error) => Err(error),
        }
    }

    /// Writes files and returns when all of them, and their names, are on the disk.
    pub(crate) fn write<'a>(
        &self,
        files: impl IntoIterator<Item = (&'a str, &'a [u8])>,
    ) -> io::Result<()> {
        // [API-11]
        let mut folders = BTreeSet::from([self.public.clone()]);
        for (name, bytes) in files {
            let target = self.public.join(name);
            let parents = target.ancestors().skip(1).take_while(|folder| *folder != self.public);
            folders.extend(parents.map(Path::to_owned));
            if let Some(parent) = target.parent() {
                fs::create_dir_all(parent)?;
            }
            let scratch = self.write_scratch(bytes)?;
            fs::rename(&scratch, &target).inspect_err(|_| discard(&scratch))?;
        }
        folders.iter().try_for_each(|folder| sync_folder(folder))
    }

    /// Writes a file that is not published and removes it.
    pub(crate) fn probe(&self) -> io::Result<()> {
        let scratch = self.write_scratch(&[0; PROBE])?;
        fs::remove_file(scratch)
    }

    /// Writes a new file beside the published ones and syncs it.
    fn write_scratch(&self, bytes: &[u8]) -> io::Result<PathBuf> {
        fs::create_dir_all(&self.scratch)?;
        // An append and the repair of a file can write at the same time.
        let number = self.written.fetch_add(1, Ordering::Relaxed);
        let path = self.scratch.join(number.to_string());
        let written = || {
            let mut file = File::create(&path)?;
            file.write_all(bytes)?;
            file.sync_all()
        };
        written().inspect_err(|_| discard(&path))?;
        Ok(path)
    }
}

/// Opens the file that is locked; where nothing can be written, an existing one is enough.
fn open_lock(path: &Path) -> io::Result<File> {
    let made = File::options().create(true).truncate(false).write(true).open(path);
    made.or_else(|error| File::open(path).map_err(|_| error))
}

/// Removes what a crash left behind; nothing in there was ever acknowledged.
fn clear(scratch: &Path) -> io::Result<()> {
    match fs::read_dir(scratch) {
        Ok(items) => items.into_iter().try_for_each(|item| fs::remove_file(item?.path())),
        Err(error) if is_absence(&error) => Ok(()),
        Err(error) => Err(error),
    }
}

/// Removes a file that nobody will miss, so that a full disk does not stay full because of it.
fn discard(path: &Path) {
    let _ = fs::remove_file(path);
}

/// Only a synced folder keeps the names of its new files.
fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

/// A partial tile lies in a folder beside its full tile, so that a path can lead through a file.
fn is_absence(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_can_be_read_and_replaced() {
        // [API-11]
        let data = tempfile::tempdir().unwrap();
        let folder = Folder::open(data.path()).unwrap();
        folder.write([("a/b/c", &b"1"[..]), ("d", b"2")]).unwrap();
        folder.write([("d", &b"3"[..])]).unwrap();
        assert_eq!(folder.read("a/b/c").unwrap().unwrap(), b"1");
        assert_eq!(folder.read("d").unwrap().unwrap(), b"3");
        assert_eq!(folder.read("a/b/x").unwrap(), None);
        assert_eq!(folder.read("d/e").unwrap(), None);
    }

    #[test]
    fn a_folder_serves_one_server_and_forgets_what_was_half_written() {
        // [API-10]
        let data = tempfile::tempdir().unwrap();
        let first = Folder::open(data.path()).unwrap();
        assert!(matches!(Folder::open(data.path()), Err(FolderError::InUse { .. })));
        first.write([("a", &b"1"[..])]).unwrap();
        fs::write(data.path().join("scratch/file"), "half").unwrap();
        drop(first);
        let _second = Folder::open(data.path()).unwrap();
        assert!(!data.path().join("scratch/file").exists());
    }
}
