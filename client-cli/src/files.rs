//! Files that survive a crash: written aside, synced, renamed; locked while a command changes them.

mod made;
mod target;
mod together;

use std::fs::{self, File, OpenOptions};
use std::io::{ErrorKind, Read as _, Write as _};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail, ensure};
use sha2::{Digest as _, Sha256};
use tempfile::{Builder, NamedTempFile};
use zeroize::Zeroizing;

use crate::text::clean_path;

pub(crate) use made::remove_empty_folders;
pub(crate) use together::{New, create_together, take_back};

#[cfg(unix)]
use std::os::unix::fs::{DirBuilderExt as _, PermissionsExt as _};

/// No file of Noren's is longer; a file named by mistake does not fill the memory.
const LONGEST: u64 = 256 << 20;

/// The longest path that an error repeats, in bytes.
const LONGEST_SHOWN: usize = 160;

/// How the names of files begin that are not complete yet.
const ASIDE: &str = ".noren-";

/// Holds a folder of state for one command at a time. Released when dropped, or when the process
/// ends in whatever way.
pub(crate) struct Lock(#[expect(dead_code, reason = "held, not used")] Vec<File>);

/// Makes a private folder (0700) with its parents and waits until no other command uses it.
pub(crate) fn lock(folder: &Path) -> anyhow::Result<Lock> {
    // [CLI-1]
    let mut held = loop {
        make_private_folder(folder)?;
        // Gone again where a command has ended that had made the folder for nothing.
        if let Some(file) = lock_file(&folder.join("lock"))? {
            break vec![file];
        }
    };
    // [VLT-6] What a command that was cut off was writing may hold what was to be forgotten.
    remove_left_aside(folder)?;
    for other in target::folders_behind_links(folder) {
        // [CLI-20] It is the file of another home, or other homes lead to it as well.
        let own = other.join("lock");
        held.extend(if own.is_file() { lock_file(&own)? } else { None });
        held.push(lock_folder(&other)?);
        remove_asides_of_links(folder, &other)?;
    }
    Ok(Lock(held))
}

/// The same for reading: where nothing can be written there is no lock, and nobody to wait for.
pub(crate) fn lock_to_read(folder: &Path) -> anyhow::Result<Option<Lock>> {
    // [CLI-23]
    match lock(folder) {
        Err(error) if is_read_only(&error) => Ok(None),
        locked => locked.map(Some),
    }
}

/// Whether an error says that nothing can be written here, by this user or by anybody.
pub(crate) fn is_read_only(error: &anyhow::Error) -> bool {
    // [CLI-23]
    let kinds = [ErrorKind::ReadOnlyFilesystem, ErrorKind::PermissionDenied];
    let cause = |cause: &(dyn std::error::Error + 'static)| {
        cause.downcast_ref::<std::io::Error>().is_some_and(|error| kinds.contains(&error.kind()))
    };
    error.chain().any(cause)
}

/// The same for a folder that is there and not private.
pub(crate) fn lock_public(folder: &Path) -> anyhow::Result<Lock> {
    // [CLI-1]
    loop {
        if let Some(file) = lock_file(&folder.join(".lock"))? {
            return Ok(Lock(vec![file]));
        }
    }
}

/// Waits for the lock; `None` where the file was removed meanwhile, and somebody else may hold another.
fn lock_file(path: &Path) -> anyhow::Result<Option<File>> {
    if let Some(found) = target::metadata(path)? {
        target::check_plain(path, &found)?;
    }
    let file = OpenOptions::new().create(true).truncate(false).write(true).open(path);
    let file = match file {
        Err(error) if error.kind() == ErrorKind::NotFound && !parent(path).exists() => {
            return Ok(None);
        }
        file => file.map_err(|error| cannot_open(path, error))?,
    };
    file.lock().with_context(|| format!("cannot lock {}", clean_path(path)))?;
    Ok(target::is_at(path, &file).then_some(file))
}

fn lock_folder(path: &Path) -> anyhow::Result<File> {
    let failed = || format!("cannot lock the folder {}", clean_path(path));
    let folder = File::open(path).with_context(failed)?;
    folder.lock().with_context(failed)?;
    Ok(folder)
}

/// A path for an error: what is far too long for one may be a secret that was pasted by mistake.
fn shown(path: &Path) -> String {
    // [CLI-2]
    if is_long(path) {
        format!("(a name of {} bytes, which is not shown here)", path.as_os_str().len())
    } else {
        clean_path(path)
    }
}

fn is_long(path: &Path) -> bool {
    path.as_os_str().len() > LONGEST_SHOWN
}

fn cannot_open(path: &Path, error: std::io::Error) -> anyhow::Error {
    // [CLI-3]
    let otherwise = match error.kind() {
        ErrorKind::PermissionDenied => ", which is closed to you: let this user read and write it",
        _ => "",
    };
    anyhow::Error::new(error).context(format!("cannot open {}{otherwise}", shown(path)))
}

/// Makes a folder that only its owner can enter, with its parents.
pub(crate) fn make_private_folder(folder: &Path) -> anyhow::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    builder.mode(0o700);
    let missing = made::missing(folder);
    builder.create(folder).or_else(|error| {
        target::check_folder(folder)?;
        Err(error).with_context(|| format!("cannot make the folder {}", clean_path(folder)))
    })?;
    made::note(missing);
    Ok(())
}

/// Makes a folder for what its owner gives to others, with its parents, durably.
pub(crate) fn make_folder(folder: &Path) -> anyhow::Result<()> {
    // [CLI-1]
    if folder.is_dir() {
        return Ok(());
    }
    let above = parent(folder);
    if above != folder {
        make_folder(&above)?;
    }
    match fs::create_dir(folder) {
        Err(error) if error.kind() == ErrorKind::AlreadyExists && folder.is_dir() => Ok(()),
        Err(error) => {
            target::check_folder(folder)?;
            Err(error).with_context(|| format!("cannot make the folder {}", clean_path(folder)))
        }
        Ok(()) => {
            made::note(vec![folder.to_owned()]);
            Ok(())
        }
    }?;
    sync_folder(folder)
}

/// The whole file, or `None` when there is none. What is no plain file is refused.
pub(crate) fn read(path: &Path) -> anyhow::Result<Option<Zeroizing<Vec<u8>>>> {
    let Some(found) = target::metadata(path)? else { return Ok(None) };
    target::check_plain(path, &found)?;
    open_and_read(path).map(Some)
}

/// The whole of what a person named with an argument, which has to be there and not to be empty; `-`
/// is the standard input.
pub(crate) fn read_input(path: &Path, argument: &str) -> anyhow::Result<Zeroizing<Vec<u8>>> {
    let bytes = read_named(path)?;
    refuse_blank(&bytes, path, argument)?;
    Ok(bytes)
}

/// Refuses what was read from a file that a person named, where it is nothing.
pub(crate) fn refuse_blank(bytes: &[u8], path: &Path, argument: &str) -> anyhow::Result<()> {
    // [CLI-48]
    let what = match path.to_str() {
        Some("-") => "the standard input".to_owned(),
        _ => format!("the file {}", shown(path)),
    };
    ensure!(!is_blank(bytes), "{argument}: {what} is empty");
    Ok(())
}

/// Whether a file holds nothing, or nothing but blanks.
pub(crate) fn is_blank(bytes: &[u8]) -> bool {
    std::str::from_utf8(bytes).is_ok_and(noren::text::is_blank)
}

/// The same, be it empty or not.
pub(crate) fn read_named(path: &Path) -> anyhow::Result<Zeroizing<Vec<u8>>> {
    if path == Path::new("-") {
        return read_all(std::io::stdin().lock()).context("cannot read the standard input");
    }
    let found = target::metadata(path)?;
    found.with_context(|| {
        let (which, what) = if is_long(path) { ("such ", "; is it a text?") } else { ("", "") };
        format!("there is no {which}file {}{what}", shown(path))
    })?;
    open_and_read(path)
}

fn open_and_read(path: &Path) -> anyhow::Result<Zeroizing<Vec<u8>>> {
    let file = File::open(path).map_err(|error| cannot_open(path, error))?;
    read_all(file).with_context(|| format!("cannot read {}", shown(path)))
}

/// The files in a folder whose names end so, in the order of their names; none where there is no
/// such folder.
pub(crate) fn list(folder: &Path, extension: &str) -> anyhow::Result<Vec<PathBuf>> {
    let failed = || format!("cannot list {}", clean_path(folder));
    if target::metadata(folder)?.is_none() {
        return Ok(Vec::new());
    }
    let entries = fs::read_dir(folder).with_context(failed)?;
    let paths = entries.map(|entry| entry.map(|entry| entry.path()));
    let mut paths: Vec<PathBuf> = paths.collect::<Result<_, _>>().with_context(failed)?;
    paths.retain(|path| path.extension().is_some_and(|found| found == extension));
    paths.sort();
    Ok(paths)
}

fn read_all(input: impl std::io::Read) -> anyhow::Result<Zeroizing<Vec<u8>>> {
    let mut bytes = Zeroizing::new(Vec::new());
    input.take(LONGEST + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > LONGEST {
        bail!("it is longer than 256 MiB");
    }
    Ok(bytes)
}

/// Replaces a file as a whole and durably; readable by its owner only.
pub(crate) fn replace(path: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    replace_as(path, bytes, 0o600)
}

/// Replaces a public file as a whole and durably.
pub(crate) fn replace_public(path: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    replace_as(path, bytes, 0o644)
}

fn replace_as(path: &Path, bytes: &[u8], mode: u32) -> anyhow::Result<()> {
    // [CLI-1] [CLI-20]
    let path = &target::to_write(path)?;
    let written = write_aside(path, bytes, mode)?;
    target::check_owner(path, written.as_file())?;
    let persisted = written.persist(path).map_err(|error| error.error);
    persisted.with_context(|| format!("cannot write {}", clean_path(path)))?;
    sync_folder(path)
}

/// Makes what was written into a file durable, and its name.
pub(crate) fn flush(path: &Path) -> anyhow::Result<()> {
    // [CLI-1]
    let flushed = fs::File::open(path).and_then(|file| file.sync_all());
    flushed.with_context(|| format!("cannot make {} safe", clean_path(path)))?;
    sync_folder(path)
}

/// Whether [`replace`] would take this path, asked before the first of several files is replaced.
pub(crate) fn check_replaceable(path: &Path) -> anyhow::Result<()> {
    // [CLI-20]
    target::to_write(path).map(drop)
}

/// Makes a public folder whose files appear all at once: `fill` writes them to a folder aside, which
/// is renamed when it is complete.
pub(crate) fn create_folder(
    folder: &Path,
    fill: impl FnOnce(&Path) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    // [CLI-1]
    let failed = || format!("cannot make the folder {}", clean_path(folder));
    make_folder(&parent(folder))?;
    let (mut builder, prefix) = (Builder::new(), aside_of(folder));
    remove_dead_asides(&parent(folder), &prefix);
    builder.prefix(&prefix);
    #[cfg(unix)]
    builder.permissions(fs::Permissions::from_mode(0o755));
    let aside = builder.tempdir_in(parent(folder)).with_context(failed)?;
    let _held = lock_folder(aside.path())?;
    fill(aside.path())?;
    fs::rename(aside.path(), folder).with_context(failed)?;
    // There is nothing left to remove.
    let _ = aside.keep();
    sync_folder(folder)
}

/// Removes what interrupted commands left unfinished in a folder that is locked.
pub(crate) fn remove_left_aside(folder: &Path) -> anyhow::Result<()> {
    let failed = || format!("cannot clean up in {}", clean_path(folder));
    for entry in fs::read_dir(folder).with_context(failed)? {
        let entry = entry.with_context(failed)?;
        let is_ours = entry.file_name().to_string_lossy().starts_with(ASIDE);
        if is_ours && entry.file_type().with_context(failed)?.is_dir() {
            fs::remove_dir_all(entry.path()).with_context(failed)?;
        } else if is_ours {
            fs::remove_file(entry.path()).with_context(failed)?;
        }
    }
    Ok(())
}

/// Writes a secret that is not there yet; readable by its owner only. Never overwrites.
pub(crate) fn create_secret(path: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    // [CLI-2]
    create(path, bytes, 0o600)
}

/// Writes a public file that is not there yet. Never overwrites.
pub(crate) fn create_public(path: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    create(path, bytes, 0o644)
}

/// Deletes a file, durably; there need not be one. Behind a link, both.
pub(crate) fn remove(path: &Path) -> anyhow::Result<()> {
    // [CLI-1]
    target::remove(path)?;
    sync_folder(path)
}

/// Deletes whatever has this name, also what is no file: a pipe, an empty folder. What a link to
/// nowhere meant is not at hand to be deleted.
pub(crate) fn clear(path: &Path) -> anyhow::Result<()> {
    // [CLI-20] [CLI-26]
    target::check_absent(path)?;
    let Ok(found) = path.symlink_metadata() else { return Ok(()) };
    if found.is_file() || found.is_symlink() && path.is_file() {
        return remove(path);
    }
    let removed = if found.is_dir() { fs::remove_dir(path) } else { fs::remove_file(path) };
    removed.with_context(|| format!("cannot delete {}; do it by hand", path.display()))?;
    sync_folder(path)
}

/// Whether this is a symbolic link to something that is not there.
pub(crate) fn leads_nowhere(path: &Path) -> bool {
    target::is_link(path) && !path.exists()
}

/// Whether a file or a link has this name, wherever a link leads.
pub(crate) fn is_there(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok()
}

fn create(path: &Path, bytes: &[u8], mode: u32) -> anyhow::Result<()> {
    let written = write_aside(path, bytes, mode)?;
    match written.persist_noclobber(path) {
        Ok(_) => sync_folder(path),
        Err(error) if error.error.kind() == ErrorKind::AlreadyExists => {
            bail!(
                "{} is there already and is not overwritten; name another place",
                clean_path(path)
            )
        }
        Err(error) => {
            Err(error.error).with_context(|| format!("cannot write {}", clean_path(path)))
        }
    }
}

fn write_aside(path: &Path, bytes: &[u8], mode: u32) -> anyhow::Result<NamedTempFile> {
    let write = || -> std::io::Result<NamedTempFile> {
        let mut file = make_aside(path, mode)?;
        file.write_all(bytes)?;
        file.as_file().sync_all()?;
        Ok(file)
    };
    write().with_context(|| format!("cannot write {}", clean_path(path)))
}

/// A new file aside, locked for as long as this process writes it.
fn make_aside(path: &Path, mode: u32) -> std::io::Result<NamedTempFile> {
    let (folder, prefix) = (parent(path), aside_of(path));
    remove_dead_asides(&folder, &prefix);
    let mut builder = Builder::new();
    builder.prefix(&prefix);
    #[cfg(unix)]
    builder.permissions(fs::Permissions::from_mode(mode));
    #[cfg(not(unix))]
    let _ = mode;
    loop {
        let file = builder.tempfile_in(&folder)?;
        file.as_file().lock()?;
        // Before it was locked, another command may have taken it for left behind.
        if file.path().exists() {
            return Ok(file);
        }
    }
}

/// How the names begin under which a file is written until it is complete: what a command that was
/// killed left of it is known by that, in a folder that is not Noren's.
fn aside_of(path: &Path) -> String {
    let name = path.file_name().unwrap_or_default().as_encoded_bytes();
    let digest = hex::encode(Sha256::digest(name));
    format!("{ASIDE}{}-", digest.get(..16).unwrap_or_default())
}

/// Removes what commands that were killed left aside; what is still being written is locked. It is
/// tried only: the folder may be one that cannot be listed.
fn remove_dead_asides(folder: &Path, prefix: &str) {
    // [VLT-6]
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let is_ours = entry.file_name().to_string_lossy().starts_with(prefix);
        if is_ours && is_unused(&entry.path()) {
            let is_folder = entry.file_type().is_ok_and(|kind| kind.is_dir());
            let remove = if is_folder { fs::remove_dir_all } else { fs::remove_file };
            let _ = remove(entry.path());
        }
    }
}

/// Whether no process that writes it is alive.
fn is_unused(path: &Path) -> bool {
    // Opening a pipe would wait for its other end.
    let opens = fs::metadata(path).is_ok_and(|it| it.is_file() || it.is_dir());
    opens && File::open(path).is_ok_and(|file| file.try_lock().is_ok())
}

/// What was left aside of the files in `other` that links in `folder` lead to.
fn remove_asides_of_links(folder: &Path, other: &Path) -> anyhow::Result<()> {
    // [VLT-6]
    let failed = || format!("cannot clean up in {}", clean_path(other));
    for entry in fs::read_dir(folder).with_context(failed)? {
        let path = entry.with_context(failed)?.path();
        let real = fs::canonicalize(&path).ok().filter(|real| parent(real) == other);
        if let Some(real) = real {
            remove_dead_asides(other, &aside_of(&real));
        }
    }
    Ok(())
}

fn sync_folder(path: &Path) -> anyhow::Result<()> {
    let folder = parent(path);
    let sync = || File::open(&folder)?.sync_all();
    sync().with_context(|| format!("cannot sync the folder {}", clean_path(&folder)))
}

fn parent(path: &Path) -> PathBuf {
    match path.parent() {
        Some(folder) if folder != Path::new("") => folder.to_owned(),
        _ => PathBuf::from("."),
    }
}
