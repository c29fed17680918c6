//! One person of the demo: a home folder, and this program run in it.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use anyhow::{Context as _, bail};
use serde_json::Value;

use crate::context::Context;
use crate::files;

pub(super) struct Person<'a> {
    context: &'a Context,
    name: String,
    home: PathBuf,
}

impl<'a> Person<'a> {
    pub(super) fn new(context: &'a Context, root: &Path, name: &str) -> anyhow::Result<Self> {
        let home = root.join(name);
        files::make_private_folder(&home)?;
        Ok(Self { context, name: name.to_owned(), home })
    }

    /// Runs a command with `input` on its standard input; what it printed, as JSON. The exit code 1,
    /// "the answer is no", is no error.
    pub(super) fn run(&self, words: &[&str], input: &str) -> anyhow::Result<Value> {
        let output = self.command(words, input)?;
        if !matches!(output.status.code(), Some(0 | 1)) {
            bail!(
                "{}: noren {} failed: {}",
                self.name,
                words.join(" "),
                String::from_utf8_lossy(&output.stderr)
            );
        }
        if output.stdout.is_empty() {
            return Ok(Value::Null);
        }
        serde_json::from_slice(&output.stdout)
            .with_context(|| format!("noren {} printed no JSON", words.join(" ")))
    }

    /// Runs a command that answers yes (0) or no (1).
    pub(super) fn answers(&self, words: &[&str]) -> anyhow::Result<bool> {
        Ok(self.command(words, "")?.status.success())
    }

    fn command(&self, words: &[&str], input: &str) -> anyhow::Result<Output> {
        self.context.output.say(format!("{:>10} $ noren {}", self.name, shown(words)));
        let program = std::env::current_exe().context("cannot find this program")?;
        let mut child = Command::new(program)
            .args(words)
            .args(["--json", "--quiet", "--home"])
            .arg(&self.home)
            .env("NOREN_STATE", self.home.with_extension("state"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .context("cannot run this program again")?;
        if let Some(mut stdin) = child.stdin.take() {
            // A command that needs no input may have closed it.
            let _ = stdin.write_all(input.as_bytes());
        }
        child.wait_with_output().context("cannot wait for a command")
    }
}

/// The words as one would type them, long paths cut to their last two parts.
fn shown(words: &[&str]) -> String {
    let short = |word: &&str| {
        let path = Path::new(word);
        let word = if path.is_absolute() {
            let parts: Vec<_> = path.iter().rev().take(3).collect();
            parts.into_iter().rev().collect::<PathBuf>().display().to_string()
        } else {
            (*word).to_owned()
        };
        if word.contains(' ') { format!("{word:?}") } else { word }
    };
    words.iter().map(short).collect::<Vec<_>>().join(" ")
}
