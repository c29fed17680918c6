//! Files that survive a crash: written aside, synced, renamed; locked while a command changes them.

use std::fs::{self, File, OpenOptions};
use std::io::{ErrorKind, Read as _, Write as _};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use tempfile::{Builder, NamedTempFile};
use zeroize::Zeroizing;

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
pub(crate) struct Lock(#[expect(dead_code, reason = "held, not used")] File);

/// Makes a private folder (0700) with its parents and waits until no other command uses it.
pub(crate) fn lock(folder: &Path) -> anyhow::Result<Lock> {
    // [CLI-1]
    make_private_folder(folder)?;
    let lock = lock_file(&folder.join("lock"))?;
    // [VLT-6] What a command that was cut off was writing may hold what was to be forgotten.
    remove_left_aside(folder)?;
    Ok(lock)
}

/// The same for a folder that is there and not private.
pub(crate) fn lock_public(folder: &Path) -> anyhow::Result<Lock> {
    // [CLI-1]
    lock_file(&folder.join(".lock"))
}

fn lock_file(path: &Path) -> anyhow::Result<Lock> {
    let file = OpenOptions::new().create(true).truncate(false).write(true).open(path);
    let file = file.with_context(|| format!("cannot open {}", path.display()))?;
    file.lock().with_context(|| format!("cannot lock {}", path.display()))?;
    Ok(Lock(file))
}

/// A path for an error: what is far too long for one may be a secret that was pasted by mistake.
fn shown(path: &Path) -> String {
    // [CLI-2]
    let length = path.as_os_str().len();
    if length > LONGEST_SHOWN {
        format!("a file with a name of {length} bytes, which is not shown here,")
    } else {
        path.display().to_string()
    }
}

/// Makes a folder that only its owner can enter, with its parents.
pub(crate) fn make_private_folder(folder: &Path) -> anyhow::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    builder.mode(0o700);
    builder.create(folder).with_context(|| format!("cannot make the folder {}", folder.display()))
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
        made => made.with_context(|| format!("cannot make the folder {}", folder.display())),
    }?;
    sync_folder(folder)
}

/// The whole file, or `None` when there is none.
pub(crate) fn read(path: &Path) -> anyhow::Result<Option<Zeroizing<Vec<u8>>>> {
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error).with_context(|| format!("cannot open {}", shown(path))),
    };
    read_all(file).with_context(|| format!("cannot read {}", shown(path))).map(Some)
}

/// The whole file, which has to be there; `-` is the standard input.
pub(crate) fn read_input(path: &Path) -> anyhow::Result<Zeroizing<Vec<u8>>> {
    if path == Path::new("-") {
        return read_all(std::io::stdin().lock()).context("cannot read the standard input");
    }
    read(path)?.with_context(|| format!("there is no file {}", shown(path)))
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
    // [CLI-1]
    let written = write_aside(path, bytes, mode)?;
    written.persist(path).with_context(|| format!("cannot write {}", path.display()))?;
    sync_folder(path)
}

/// Makes a public folder whose files appear all at once: `fill` writes them to a folder aside, which
/// is renamed when it is complete.
pub(crate) fn create_folder(
    folder: &Path,
    fill: impl FnOnce(&Path) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    // [CLI-1]
    let failed = || format!("cannot make the folder {}", folder.display());
    let mut builder = Builder::new();
    builder.prefix(ASIDE);
    #[cfg(unix)]
    builder.permissions(fs::Permissions::from_mode(0o755));
    let aside = builder.tempdir_in(parent(folder)).with_context(failed)?;
    fill(aside.path())?;
    fs::rename(aside.path(), folder).with_context(failed)?;
    // There is nothing left to remove.
    let _ = aside.keep();
    sync_folder(folder)
}

/// Removes what interrupted commands left unfinished in a folder that is locked.
pub(crate) fn remove_left_aside(folder: &Path) -> anyhow::Result<()> {
    let failed = || format!("cannot clean up in {}", folder.display());
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

/// Deletes a file, durably; there need not be one.
pub(crate) fn remove(path: &Path) -> anyhow::Result<()> {
    // [CLI-1]
    match fs::remove_file(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => {}
        removed => removed.with_context(|| format!("cannot delete {}", path.display()))?,
    }
    sync_folder(path)
}

fn create(path: &Path, bytes: &[u8], mode: u32) -> anyhow::Result<()> {
    let written = write_aside(path, bytes, mode)?;
    match written.persist_noclobber(path) {
        Ok(_) => sync_folder(path),
        Err(error) if error.error.kind() == ErrorKind::AlreadyExists => {
            bail!("{} is there already and is not overwritten; name another place", path.display())
        }
        Err(error) => Err(error.error).with_context(|| format!("cannot write {}", path.display())),
    }
}

fn write_aside(path: &Path, bytes: &[u8], mode: u32) -> anyhow::Result<NamedTempFile> {
    let folder = parent(path);
    let write = || -> std::io::Result<NamedTempFile> {
        let mut builder = Builder::new();
        builder.prefix(ASIDE);
        #[cfg(unix)]
        builder.permissions(fs::Permissions::from_mode(mode));
        let mut file = builder.tempfile_in(&folder)?;
        file.write_all(bytes)?;
        file.as_file().sync_all()?;
        Ok(file)
    };
    write().with_context(|| format!("cannot write {}", path.display()))
}

fn sync_folder(path: &Path) -> anyhow::Result<()> {
    let folder = parent(path);
    let sync = || File::open(&folder)?.sync_all();
    sync().with_context(|| format!("cannot sync the folder {}", folder.display()))
}

fn parent(path: &Path) -> PathBuf {
    match path.parent() {
        Some(folder) if folder != Path::new("") => folder.to_owned(),
        _ => PathBuf::from("."),
    }
}
