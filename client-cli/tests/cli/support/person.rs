//! Somebody at a terminal: the real binary, a home of their own, files beside it.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

pub(crate) struct Person {
    folder: tempfile::TempDir,
}

/// What a command printed, and how it ended.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) code: Option<i32>,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Person {
    pub(crate) fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    /// Runs a command with `input` on its standard input.
    pub(crate) fn noren(&self, words: &[&str], input: &[u8]) -> Ran {
        self.noren_in("UTC", words, input)
    }

    /// The same in another time zone.
    pub(crate) fn noren_in(&self, zone: &str, words: &[&str], input: &[u8]) -> Ran {
        let mut child = Command::new(env!("CARGO_BIN_EXE_noren"))
            .args(words)
            .current_dir(&self.folder)
            .env("NOREN_HOME", self.path("home"))
            .env("TZ", zone)
            .env_remove("NOREN_PASSPHRASE_FILE")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        // A command that needs no input may have closed it.
        let _ = child.stdin.take().unwrap().write_all(input);
        let output = child.wait_with_output().unwrap();
        let [out, err] =
            [output.stdout, output.stderr].map(|bytes| String::from_utf8(bytes).unwrap());
        assert!(!err.contains("panicked"), "{err}");
        Ran { code: output.status.code(), out, err }
    }

    /// Runs a command that has to end with 0, and reads the JSON that it prints.
    pub(crate) fn json(&self, words: &[&str], input: &[u8]) -> serde_json::Value {
        let ran = self.noren(&[&["--json"], words].concat(), input);
        assert_eq!(ran.code, Some(0), "{ran:?}");
        serde_json::from_str(&ran.out).unwrap()
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, bytes: impl AsRef<[u8]>) {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().unwrap_or(Path::new("."))).unwrap();
        std::fs::write(path, bytes).unwrap();
    }

    pub(crate) fn read(&self, name: &str) -> Vec<u8> {
        std::fs::read(self.path(name)).unwrap()
    }
}

impl Ran {
    /// Expects an error whose message has `words`.
    #[track_caller]
    pub(crate) fn fails(&self, words: &str) {
        assert_eq!(self.code, Some(2), "{self:?}");
        assert!(self.err.contains(words), "{words:?} in {self:?}");
    }
}
