//! Folders that this run of the program has made. Those in which nothing came to lie go again, so that
//! a command that is refused leaves nothing behind.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::sync::Mutex;

/// Each before the folders in it.
static MADE: Mutex<Vec<PathBuf>> = Mutex::new(Vec::new());

/// The names of files that say nothing but that somebody works in a folder.
pub(super) const LOCKS: [&str; 2] = ["lock", ".lock"];

/// The folders that have to be made so that this one is there, each before those in it.
pub(super) fn missing(folder: &Path) -> Vec<PathBuf> {
    let is_missing = |part: &&Path| !part.as_os_str().is_empty() && !part.exists();
    let mut missing: Vec<_> =
        folder.ancestors().take_while(is_missing).map(Path::to_owned).collect();
    missing.reverse();
    missing
}

/// Notes that this run has made folders.
pub(super) fn note(folders: Vec<PathBuf>) {
    if let Ok(mut made) = MADE.lock() {
        made.extend(folders);
    }
}

/// Removes the folders that this run has made and put nothing into. Whoever works in one keeps it.
pub(crate) fn remove_empty_folders() {
    // [CLI-23]
    let made = MADE.lock().map(|mut made| std::mem::take(&mut *made)).unwrap_or_default();
    for folder in made.iter().rev() {
        // Held until the folder is gone: whoever waits for it then makes it anew.
        let held = held(folder);
        if let Some((path, _)) = &held {
            let _ = fs::remove_file(path);
        }
        let _ = fs::remove_dir(folder);
    }
}

/// The lock of a folder in which there is nothing else.
fn held(folder: &Path) -> Option<(PathBuf, File)> {
    let mut entries = fs::read_dir(folder).ok()?.flatten();
    let (only, more) = (entries.next()?, entries.next());
    let is_lock = LOCKS.iter().any(|name| only.file_name() == *name);
    if !is_lock || more.is_some() || !only.file_type().is_ok_and(|kind| kind.is_file()) {
        return None;
    }
    let file = File::open(only.path()).ok()?;
    file.try_lock().ok()?;
    Some((only.path(), file))
}
