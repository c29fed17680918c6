//! Somebody at a terminal: the real binary, a home of their own, files beside it.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

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

    /// A command as this person runs it.
    pub(crate) fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_noren"));
        self.equip(&mut command).args(words);
        command
    }

    /// Runs a command with `input` on its standard input, in another time zone than UTC.
    pub(crate) fn noren_in(&self, zone: &str, words: &[&str], input: &[u8]) -> Ran {
        run(self.command(words).env("TZ", zone), input)
    }

    /// Puts a command into this person's place. Of the environment of the tests it has where programs
    /// and room for files are: colours, widths, proxies and languages are those that a test sets.
    pub(crate) fn equip<'a>(&self, command: &'a mut Command) -> &'a mut Command {
        let kept = ["PATH", "TMPDIR"].map(|name| (name, std::env::var_os(name)));
        command
            .env_clear()
            .envs(kept.into_iter().filter_map(|(name, value)| Some((name, value?))))
            .env("NOREN_HOME", self.path("home"))
            .env("NOREN_STATE", self.path("state"))
            .env("TZ", "UTC")
            .current_dir(&self.folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
    }

    /// Runs a command whose standard output goes where a shell says, as `>/dev/full` or `>&-`.
    pub(crate) fn noren_to(&self, redirection: &str, words: &[&str]) -> Ran {
        let mut shell = Command::new("sh");
        let script = format!("exec \"$0\" \"$@\" {redirection}");
        shell.args(["-c", &script, env!("CARGO_BIN_EXE_noren")]).args(words);
        run(self.equip(&mut shell), b"")
    }

    /// Somebody who has all that this person has.
    pub(crate) fn twin(&self) -> Self {
        let twin = Self::new();
        let copied = Command::new("cp")
            .args(["-a", "."])
            .arg(twin.folder.path())
            .current_dir(&self.folder)
            .status();
        assert!(copied.unwrap().success());
        twin
    }

    /// Runs a command with `input` on its standard input.
    pub(crate) fn noren(&self, words: &[&str], input: &[u8]) -> Ran {
        run(&mut self.command(words), input)
    }

    /// Runs a command that has to end with 0, and reads the JSON that it prints.
    pub(crate) fn json(&self, words: &[&str], input: &[u8]) -> serde_json::Value {
        let ran = self.noren(&[&["--json"], words].concat(), input);
        assert_eq!(ran.code, Some(0), "{ran:?}");
        serde_json::from_str(&ran.out).unwrap()
    }

    /// Makes an operator's key in a file; the public half.
    pub(crate) fn operator_key(&self, file: &str) -> String {
        let made = self.json(&["authority", "operator", "key", "--out", file], b"");
        made["public_half"].as_str().unwrap().to_owned()
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

/// Runs a command that was prepared, with `input` on its standard input.
pub(crate) fn run(command: &mut Command, input: &[u8]) -> Ran {
    finish(command.spawn().unwrap(), input)
}

/// Waits for a command that was started; what it printed.
pub(crate) fn finish(mut child: Child, input: &[u8]) -> Ran {
    // A command that needs no input may have closed it.
    let _ = child.stdin.take().unwrap().write_all(input);
    let output = child.wait_with_output().unwrap();
    let [out, err] = [output.stdout, output.stderr].map(|bytes| String::from_utf8(bytes).unwrap());
    assert!(!err.contains("panicked"), "{err}");
    Ran { code: output.status.code(), out, err }
}

impl Ran {
    /// Expects an error whose message has `words`.
    #[track_caller]
    pub(crate) fn fails(&self, words: &str) {
        self.ends(2, words);
    }

    /// Expects this exit code, and an error whose message has `words`.
    #[track_caller]
    pub(crate) fn ends(&self, code: i32, words: &str) {
        assert_eq!(self.code, Some(code), "{self:?}");
        assert!(self.err.contains(words), "{words:?} in {self:?}");
    }
}
