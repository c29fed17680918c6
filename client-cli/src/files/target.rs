//! Which file a path means when it is written: the one behind symbolic links, and none that another
//! name, another user or no disk at all would keep as it was.

use std::fs::{self, File, Metadata};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};

use crate::text::clean_path;

#[cfg(unix)]
use std::os::unix::fs::MetadataExt as _;

/// The file that has to be replaced so that `path` shows the new content: behind links, `path`
/// itself where there is nothing yet.
pub(super) fn to_write(path: &Path) -> anyhow::Result<PathBuf> {
    // [CLI-20]
    let Some(found) = metadata(path)? else { return Ok(path.to_owned()) };
    check_plain(path, &found)?;
    check_only_name(path, &found)?;
    if is_link(path) {
        return fs::canonicalize(path)
            .with_context(|| format!("cannot follow {}", clean_path(path)));
    }
    Ok(path.to_owned())
}

/// What a path leads to; `None` where there is nothing. A link to nothing is an error: what it leads
/// to may come back with the disk that it is on, and must not be made a second time.
pub(super) fn metadata(path: &Path) -> anyhow::Result<Option<Metadata>> {
    match fs::metadata(path) {
        Ok(found) => Ok(Some(found)),
        Err(error) if error.kind() == ErrorKind::NotFound => check_absent(path).map(|()| None),
        // No file has a name that is too long for one.
        Err(error) if error.kind() == ErrorKind::InvalidFilename => Ok(None),
        Err(error) => Err(super::cannot_open(path, error)),
    }
}

/// Whether the path itself is a symbolic link.
pub(super) fn is_link(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok_and(|found| found.is_symlink())
}

/// Refuses to take a path for one at which there is nothing, where it goes through a link that leads
/// nowhere.
pub(super) fn check_absent(path: &Path) -> anyhow::Result<()> {
    // [CLI-20] [VLT-7]
    let nowhere = |part: &&Path| is_link(part) && !part.exists();
    if let Some(link) = path.ancestors().find(nowhere) {
        let target = fs::read_link(link).unwrap_or_default();
        bail!(
            "{} is a symbolic link to {}, and nothing is there: bring back the disk or folder that \
             it leads to, or delete the link to begin anew",
            clean_path(link),
            clean_path(&target)
        );
    }
    Ok(())
}

/// Says why no folder can be made here: a link that leads nowhere, or something else in its place.
pub(super) fn check_folder(path: &Path) -> anyhow::Result<()> {
    // [CLI-20] [CLI-26]
    check_absent(path)?;
    let in_the_way = |part: &&Path| part.metadata().is_ok_and(|found| !found.is_dir());
    if let Some(part) = path.ancestors().find(in_the_way) {
        bail!("{} is no folder, and a folder belongs there: move it away", part.display());
    }
    Ok(())
}

/// Refuses what is no plain file: reading it could wait for ever, and replacing it would destroy it.
pub(super) fn check_plain(path: &Path, found: &Metadata) -> anyhow::Result<()> {
    // [CLI-20]
    if !found.is_file() {
        let what = if found.is_dir() { "a folder" } else { "a pipe or a device" };
        bail!("{} is {what}, where a file belongs: move it away", clean_path(path));
    }
    Ok(())
}

/// Refuses a file with a second name, which would go on to show what the first one forgot.
fn check_only_name(path: &Path, found: &Metadata) -> anyhow::Result<()> {
    // [CLI-20]
    #[cfg(unix)]
    if found.nlink() > 1 {
        bail!(
            "{} has {} names (hard links), and the others would keep what it holds now: delete \
             them, or give this one a content of its own (copy it, and move the copy over it); \
             `find DIR -samefile {}` finds them. Nothing is changed",
            clean_path(path),
            found.nlink(),
            clean_path(path)
        );
    }
    Ok(())
}

/// Refuses to put a file of this user's in the place of another user's.
pub(super) fn check_owner(path: &Path, new: &File) -> anyhow::Result<()> {
    // [CLI-20]
    #[cfg(unix)]
    if let Ok(old) = fs::metadata(path)
        && old.uid() != new.metadata().map_or(old.uid(), |new| new.uid())
    {
        bail!(
            "{} belongs to another user (number {}), who could not read it any more: run this \
             command as that user. Nothing is changed",
            clean_path(path),
            old.uid()
        );
    }
    Ok(())
}

/// Whether a path still leads to an open file.
pub(super) fn is_at(path: &Path, file: &File) -> bool {
    #[cfg(unix)]
    {
        let id = |found: Metadata| (found.dev(), found.ino());
        fs::metadata(path).is_ok_and(|there| file.metadata().is_ok_and(|own| id(there) == id(own)))
    }
    #[cfg(not(unix))]
    {
        let _ = file;
        path.exists()
    }
}

/// The folders, other than `folder`, of the files that links in it lead to; each once, in order.
pub(super) fn folders_behind_links(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let links = entries.map(|entry| entry.path()).filter(|path| is_link(path) && path.is_file());
    let real = links.filter_map(|link| fs::canonicalize(link).ok());
    let mut folders: Vec<_> = real.map(|file| super::parent(&file)).collect();
    let own = fs::canonicalize(folder).ok();
    folders.retain(|other| Some(other) != own.as_ref());
    folders.sort();
    folders.dedup();
    folders
}

/// Deletes a file with the links that lead to it.
pub(super) fn remove(path: &Path) -> anyhow::Result<()> {
    // [CLI-1] [CLI-20]
    let failed = || format!("cannot delete {}", clean_path(path));
    if is_link(path) {
        if path.exists() {
            let real = to_write(path)?;
            fs::remove_file(&real).with_context(failed)?;
            super::sync_folder(&real)?;
        }
    } else {
        match fs::metadata(path) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
            found => {
                let found = found.with_context(failed)?;
                check_plain(path, &found)?;
                check_only_name(path, &found)?;
            }
        }
    }
    fs::remove_file(path).with_context(failed)
}
