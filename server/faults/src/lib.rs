//! Makes the disk fail under a real program: a small library, loaded before the C library, counts
//! every operation that would change something below a folder, and lets the ones that a test chose
//! fail, write half, or end the process.
//!
//! ```no_run
//! # use std::{path::Path, process::Command};
//! # use noren_faults::{Disk, Fault};
//! let disk = Disk::under(Path::new("/tmp/data"));
//! disk.set(Fault::Full, 3..=u64::MAX); // the third write and all after it
//! disk.lay_under(&mut Command::new("noren"));
//! disk.mend();
//! ```

use std::fs::{File, OpenOptions};
use std::ops::RangeInclusive;
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::NamedTempFile;

/// The library; only on Linux is there one.
const LIBRARY: &str = concat!(env!("OUT_DIR"), "/libnoren_faults.so");

/// Fields of the page that is shared with the program, 8 bytes each; as in faults.c.
const FIELDS: usize = 6;
const FIRST: u64 = 1;

const WRITE: u64 = 1;
const SYNC: u64 = 2;
const CREATE: u64 = 4;
const RENAME: u64 = 8;
const REMOVE: u64 = 16;
const TRUNCATE: u64 = 32;
const MODIFY: u64 = 64;

/// What happens to an operation that is struck.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// ENOSPC to whatever needs room: writing, making files and folders, making a file longer.
    Full,
    /// The same, after half of what was to be written.
    FullHalfWay,
    /// EIO to everything, also to flushing.
    Broken,
    /// EROFS to everything, also to opening a file for writing.
    ReadOnly,
    /// The process is killed before the operation.
    Kill,
    /// EIO to flushing alone. Set to strike nothing, it counts how often something is flushed.
    Unflushed,
}

impl Fault {
    /// Every fault; what is unflushed is broken as well.
    pub const ALL: [Self; 5] =
        [Self::Full, Self::FullHalfWay, Self::Broken, Self::ReadOnly, Self::Kill];

    /// Error number, mode and kinds of operations, as faults.c has them.
    const fn fields(self) -> [u64; 3] {
        let everything = WRITE | SYNC | CREATE | RENAME | REMOVE | TRUNCATE | MODIFY;
        match self {
            Self::Full => [28, 0, WRITE | CREATE | TRUNCATE],
            Self::FullHalfWay => [28, 1, WRITE | CREATE | TRUNCATE],
            Self::Broken => [5, 0, everything],
            Self::ReadOnly => [30, 0, everything],
            Self::Kill => [5, 2, everything],
            Self::Unflushed => [5, 0, SYNC],
        }
    }
}

/// The disk below one folder, as programs see it that were started with [`Disk::lay_under`].
#[derive(Debug)]
pub struct Disk {
    under: PathBuf,
    page: NamedTempFile,
}

#[expect(clippy::expect_used, reason = "a test ends here when it cannot set up its faults")]
impl Disk {
    /// A sound disk; `folder` has to exist.
    ///
    /// # Panics
    /// When the machine is not Linux, or the folder is not there.
    #[must_use]
    pub fn under(folder: &Path) -> Self {
        assert!(Path::new(LIBRARY).exists(), "faults can be injected on Linux only");
        let page = NamedTempFile::new().expect("a file of 48 bytes");
        page.as_file().set_len(FIELDS as u64 * 8).expect("a file of 48 bytes");
        let disk = Self { under: folder.canonicalize().expect("the folder"), page };
        disk.mend();
        disk
    }

    /// Has a program find this disk instead of the real one.
    pub fn lay_under(&self, command: &mut Command) {
        command.env("LD_PRELOAD", LIBRARY);
        command.env("NOREN_FAULTS_STATE", self.page.path());
        command.env("NOREN_FAULTS_UNDER", &self.under);
    }

    /// Strikes the operations with these numbers, counted from 1 and from now; `1..=u64::MAX` is
    /// all of them until [`Disk::mend`].
    ///
    /// # Panics
    /// When the shared page cannot be written.
    pub fn set(&self, fault: Fault, operations: RangeInclusive<u64>) {
        let [number, mode, kinds] = fault.fields();
        // Sound while the fields change.
        self.write(FIRST, 0);
        for (field, value) in [(0, 0), (2, *operations.end()), (3, number), (4, mode), (5, kinds)] {
            self.write(field, value);
        }
        self.write(FIRST, *operations.start());
    }

    /// Lets everything succeed again, and counts on from 0 what a broken disk would have struck.
    ///
    /// # Panics
    /// When the shared page cannot be written.
    pub fn mend(&self) {
        self.set(Fault::Broken, 0..=0);
    }

    /// How many operations were counted since the last [`Disk::set`] or [`Disk::mend`], of the kinds
    /// that the fault strikes.
    ///
    /// # Panics
    /// When the shared page cannot be read.
    #[must_use]
    pub fn count(&self) -> u64 {
        let mut bytes = [0; 8];
        self.file().read_exact_at(&mut bytes, 0).expect("the shared page");
        u64::from_ne_bytes(bytes)
    }

    fn write(&self, field: u64, value: u64) {
        self.file().write_all_at(&value.to_ne_bytes(), field * 8).expect("the shared page");
    }

    fn file(&self) -> File {
        OpenOptions::new().read(true).write(true).open(self.page.path()).expect("the shared page")
    }
}

#[cfg(all(test, target_os = "linux"))]
#[expect(clippy::unwrap_used, reason = "a test may stop at the first surprise")]
mod tests {
    use super::*;

    fn shell(disk: &Disk, script: &str) -> bool {
        let mut command = Command::new("sh");
        command.args(["-c", script]).current_dir(&disk.under);
        disk.lay_under(&mut command);
        command.stderr(std::process::Stdio::null()).status().unwrap().success()
    }

    #[test]
    fn operations_fail_while_they_are_to_and_only_below_the_folder() {
        let [folder, other] = [(); 2].map(|()| tempfile::tempdir().unwrap());
        let disk = Disk::under(folder.path());
        assert!(shell(&disk, "echo one > a && mkdir b"));
        assert_eq!(disk.count(), 3);
        disk.set(Fault::Full, 1..=u64::MAX);
        assert!(!shell(&disk, "echo two > c"));
        assert!(!shell(&disk, "mkdir d"));
        assert!(shell(&disk, "rm a"));
        assert!(shell(&disk, &format!("echo three > {}/e", other.path().display())));
        disk.set(Fault::ReadOnly, 1..=u64::MAX);
        assert!(!shell(&disk, "rmdir b"));
        disk.mend();
        assert!(shell(&disk, "rmdir b && echo four > c"));
    }

    #[test]
    fn the_chosen_operation_is_struck_and_no_other() {
        let folder = tempfile::tempdir().unwrap();
        let disk = Disk::under(folder.path());
        let script = "mkdir one; mkdir two; mkdir three";
        disk.set(Fault::Full, 2..=2);
        assert!(shell(&disk, script));
        let there = ["one", "two", "three"].map(|name| folder.path().join(name).exists());
        assert_eq!(there, [true, false, true]);
        assert_eq!(disk.count(), 3);
    }

    #[test]
    fn a_killed_program_has_not_done_what_it_was_killed_before() {
        let folder = tempfile::tempdir().unwrap();
        let disk = Disk::under(folder.path());
        disk.set(Fault::Kill, 1..=1);
        assert!(!shell(&disk, "exec mkdir one"));
        assert!(!folder.path().join("one").exists());
        disk.set(Fault::FullHalfWay, 2..=u64::MAX);
        assert!(!shell(&disk, "printf 12345678 > half"));
        assert_eq!(std::fs::read(folder.path().join("half")).unwrap(), b"1234");
    }
}
