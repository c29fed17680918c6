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
    root: PathBuf,
    home: PathBuf,
}

impl<'a> Person<'a> {
    pub(super) fn new(context: &'a Context, root: &Path, name: &str) -> anyhow::Result<Self> {
        let home = root.join(name);
        files::make_private_folder(&home)?;
        Ok(Self { context, name: name.to_owned(), root: root.to_owned(), home })
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
        self.context.output.say(format!("{:>10} $ noren {}", self.name, shown(&self.root, words)));
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

/// The words as one types them in the folder `root`.
fn shown(root: &Path, words: &[&str]) -> String {
    let typed = |word: &&str| {
        let path = Path::new(word).strip_prefix(root);
        let word = path.map_or_else(|_| (*word).to_owned(), |path| path.display().to_string());
        if word.contains(' ') { format!("{word:?}") } else { word }
    };
    words.iter().map(typed).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_is_shown_as_it_is_typed_in_the_folder_of_the_demo() {
        let words = ["venue", "setup", "--name", "Bar Noren", "--out", "/kept/venue-0/codes"];
        let shown = shown(Path::new("/kept"), &words);
        assert_eq!(shown, "venue setup --name \"Bar Noren\" --out venue-0/codes");
    }
}
