//! Several new files that appear together: written to a folder aside with a list of their digests,
//! then moved to their places one by one. What a command that was killed in between has left is known
//! by that list, and is taken back by the next one that writes the same files.

use std::collections::BTreeMap;
use std::fs::{self, OpenOptions};
use std::io::{ErrorKind, Write as _};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use tempfile::{Builder, TempDir, TempPath};

use super::{ASIDE, is_unused, lock_folder, parent, sync_folder};
use crate::text::clean_path;

#[cfg(unix)]
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _};

/// How the names of such folders go on behind [`ASIDE`].
const TOGETHER: &str = "together-";
/// The list in such a folder; no file that is written has this name.
const LIST: &str = ".list";

/// A file that is not there yet.
pub(crate) struct New<'a> {
    path: PathBuf,
    bytes: &'a [u8],
    mode: u32,
}

impl<'a> New<'a> {
    pub(crate) fn public(path: impl Into<PathBuf>, bytes: &'a [u8]) -> Self {
        Self { path: path.into(), bytes, mode: 0o644 }
    }

    /// Readable by its owner only.
    pub(crate) fn secret(path: impl Into<PathBuf>, bytes: &'a [u8]) -> Self {
        // [CLI-2]
        Self { path: path.into(), bytes, mode: 0o600 }
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Whether just this is there already.
    pub(crate) fn is_there(&self) -> bool {
        fs::read(&self.path).is_ok_and(|found| found == self.bytes)
    }
}

/// The names of the files and the SHA-256 of each.
#[derive(Serialize, Deserialize)]
struct List(BTreeMap<String, String>);

/// Writes several files of one folder, all or none. Never overwrites.
pub(crate) fn create_together(files: &[New<'_>]) -> anyhow::Result<()> {
    // [CLI-23]
    let Some(first) = files.first() else { return Ok(()) };
    let folder = parent(&first.path);
    let failed = || format!("cannot write into {}", clean_path(&folder));
    let prefix = format!("{ASIDE}{TOGETHER}");
    let aside = Builder::new().prefix(&prefix).tempdir_in(&folder).with_context(failed)?;
    let _held = lock_folder(aside.path())?;
    fill(&aside, files).with_context(failed)?;
    for (place, file) in files.iter().enumerate() {
        if let Err(error) = put(&aside, file) {
            for written in files.iter().take(place) {
                let _ = fs::remove_file(&written.path);
            }
            return Err(error);
        }
    }
    sync_folder(&first.path)?;
    // What was written stands, whether the folder goes or not.
    let _ = aside.close();
    Ok(())
}

fn fill(aside: &TempDir, files: &[New<'_>]) -> anyhow::Result<()> {
    let mut list = List(BTreeMap::new());
    for file in files {
        list.0.insert(name(&file.path)?.to_owned(), hex::encode(Sha256::digest(file.bytes)));
    }
    // First, so that what lies beside it is always known.
    write(&aside.path().join(LIST), &serde_json::to_vec(&list)?, 0o600)?;
    for file in files {
        write(&aside.path().join(name(&file.path)?), file.bytes, file.mode)?;
    }
    sync_folder(&aside.path().join(LIST))?;
    sync_folder(aside.path())
}

fn name(path: &Path) -> anyhow::Result<&str> {
    path.file_name().and_then(|name| name.to_str()).context("a file without a name")
}

fn write(path: &Path, bytes: &[u8], mode: u32) -> anyhow::Result<()> {
    let mut options = OpenOptions::new();
    options.create_new(true).write(true);
    #[cfg(unix)]
    options.mode(mode);
    #[cfg(not(unix))]
    let _ = mode;
    let mut file = options.open(path)?;
    file.write_all(bytes)?;
    Ok(file.sync_all()?)
}

fn put(aside: &TempDir, file: &New<'_>) -> anyhow::Result<()> {
    let written = TempPath::try_from_path(aside.path().join(name(&file.path)?))?;
    match written.persist_noclobber(&file.path) {
        Ok(()) => Ok(()),
        Err(error) if error.error.kind() == ErrorKind::AlreadyExists => bail!(
            "{} is there already and is not overwritten; name another place",
            clean_path(&file.path)
        ),
        Err(error) => {
            Err(error.error).with_context(|| format!("cannot write {}", clean_path(&file.path)))
        }
    }
}

/// Takes back what [`create_together`] was killed in the middle of, where that was to write one of
/// these files; nothing that is another file now. Where all of its files are in their places already,
/// they stay. Whether there was such a command.
pub(crate) fn take_back(paths: &[PathBuf]) -> anyhow::Result<bool> {
    // [CLI-23]
    let Some(first) = paths.first() else { return Ok(false) };
    let folder = parent(first);
    let mut was_cut_off = false;
    for entry in fs::read_dir(&folder).into_iter().flatten().flatten() {
        let aside = entry.path();
        let is_ours =
            entry.file_name().to_string_lossy().starts_with(&format!("{ASIDE}{TOGETHER}"));
        if !is_ours || !entry.file_type().is_ok_and(|kind| kind.is_dir()) || !is_unused(&aside) {
            continue;
        }
        let Some(found) = found(&aside, paths) else { continue };
        undo(&folder, &aside, &found)?;
        was_cut_off = true;
    }
    Ok(was_cut_off)
}

/// The list of a folder aside that was to hold one of these files. Without a whole list nothing lies
/// beside it, and nothing in its place.
fn found(aside: &Path, paths: &[PathBuf]) -> Option<List> {
    let list = fs::read(aside.join(LIST)).ok();
    let list = list.and_then(|bytes| serde_json::from_slice::<List>(&bytes).ok());
    let Some(list) = list else {
        let mut files = fs::read_dir(aside).ok()?.flatten();
        return files.all(|file| file.file_name() == LIST).then(|| List(BTreeMap::new()));
    };
    let mut names = paths.iter().filter_map(|path| name(path).ok());
    names.any(|name| list.0.contains_key(name)).then_some(list)
}

fn undo(folder: &Path, aside: &Path, list: &List) -> anyhow::Result<()> {
    let failed = || format!("cannot clean up in {}", clean_path(folder));
    let is_own = |name: &str, digest: &str| {
        let path = folder.join(name);
        // Whoever else can write here could name a file of this user's.
        is_same_owner(&path, aside)
            && fs::read(&path).is_ok_and(|found| hex::encode(Sha256::digest(found)) == digest)
    };
    let is_name = |name: &str| Path::new(name).file_name().is_some_and(|file| file == name);
    let own: Vec<_> =
        list.0.iter().filter(|(name, digest)| is_name(name) && is_own(name, digest)).collect();
    // Somebody may use them by now.
    let is_complete = own.len() == list.0.len();
    if !is_complete {
        for (name, _) in own {
            fs::remove_file(folder.join(name)).with_context(failed)?;
        }
        sync_folder(aside)?;
    }
    // The list last: cut off here, this is done once more.
    for entry in fs::read_dir(aside).with_context(failed)?.flatten() {
        if entry.file_name() != LIST {
            fs::remove_file(entry.path()).with_context(failed)?;
        }
    }
    fs::remove_dir_all(aside).with_context(failed)
}

fn is_same_owner(one: &Path, other: &Path) -> bool {
    #[cfg(unix)]
    {
        let owner = |path: &Path| fs::symlink_metadata(path).map(|found| found.uid()).ok();
        owner(one).is_some() && owner(one) == owner(other)
    }
    #[cfg(not(unix))]
    {
        let _ = (one, other);
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder_with(names: &[(&str, &str)]) -> TempDir {
        let folder = tempfile::tempdir().expect("a folder");
        for (name, text) in names {
            fs::write(folder.path().join(name), text).expect("written");
        }
        folder
    }

    /// What a killed command has left of `a` and `b`, which were to hold their names.
    fn cut_off(folder: &Path) {
        let aside = folder.join(format!("{ASIDE}{TOGETHER}xyz"));
        fs::create_dir(&aside).expect("made");
        let digest = |name: &str| (name.to_owned(), hex::encode(Sha256::digest(name)));
        let list = List(["a", "b"].map(digest).into());
        fs::write(aside.join("b"), "b").expect("written");
        fs::write(aside.join(LIST), serde_json::to_vec(&list).expect("JSON")).expect("written");
    }

    fn names(folder: &Path) -> Vec<String> {
        let names = fs::read_dir(folder).expect("listed").flatten();
        let mut names: Vec<_> =
            names.map(|it| it.file_name().into_string().expect("text")).collect();
        names.sort();
        names
    }

    #[test]
    fn only_what_a_killed_command_wrote_is_taken_back() {
        // [CLI-23]
        let paths = |folder: &TempDir| ["a", "c"].map(|name| folder.path().join(name));
        let half = folder_with(&[("a", "a"), ("mine", "x")]);
        cut_off(half.path());
        assert!(take_back(&paths(&half)).expect("cleaned"));
        assert_eq!(names(half.path()), ["mine"]);
        // Another file has its name now.
        let other = folder_with(&[("a", "another")]);
        cut_off(other.path());
        assert!(take_back(&paths(&other)).expect("cleaned"));
        assert_eq!(names(other.path()), ["a"]);
        // All of them are there: whoever used them meanwhile keeps them.
        let whole = folder_with(&[("a", "a"), ("b", "b")]);
        cut_off(whole.path());
        assert!(take_back(&paths(&whole)).expect("cleaned"));
        assert_eq!(names(whole.path()), ["a", "b"]);
        // Another command's.
        let foreign = folder_with(&[("a", "a")]);
        cut_off(foreign.path());
        assert!(!take_back(&[foreign.path().join("c")]).expect("nothing to do"));
        assert_eq!(names(foreign.path()).len(), 2);
        // One that is still being written.
        let held = folder_with(&[("a", "a")]);
        cut_off(held.path());
        let lock =
            fs::File::open(held.path().join(format!("{ASIDE}{TOGETHER}xyz"))).expect("opened");
        lock.lock().expect("held");
        assert!(!take_back(&paths(&held)).expect("nothing to do"));
        assert_eq!(names(held.path()).len(), 2);
    }
}
