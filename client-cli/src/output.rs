//! Data on the standard output, talk on the standard error.

use std::io::{self, IsTerminal as _, Write as _};
use std::time::Duration;

use anyhow::Context as _;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use serde::Serialize;

use crate::text::{clean_json, clean_lines};

/// Whoever read the standard output has gone, as `head` does.
#[derive(Debug, thiserror::Error)]
#[error("cannot write to the standard output: nobody reads it any more")]
struct NobodyReads;

/// Whether a command failed because nobody reads what it prints, and for nothing else that somebody
/// would have to know.
pub(crate) fn needs_no_word(error: &anyhow::Error) -> bool {
    // [CLI-43] With a context, it says what was done or has to be told again.
    error.is::<NobodyReads>() && error.chain().len() == 1
}

/// How to print.
#[derive(Clone, Copy)]
pub(crate) struct Output {
    json: bool,
    quiet: bool,
}

impl Output {
    pub(crate) const fn new(json: bool, quiet: bool) -> Self {
        Self { json, quiet }
    }

    /// Whether data is printed as JSON.
    pub(crate) const fn is_json(self) -> bool {
        self.json
    }

    /// Prints data: as one JSON document, or as the lines that `human` makes. Foreign text in the
    /// lines must have gone through [`crate::text::clean`].
    pub(crate) fn data<T: Serialize>(
        self,
        data: &T,
        human: impl FnOnce(&T) -> String,
    ) -> anyhow::Result<()> {
        // [CLI-6]
        let text =
            if self.json { clean_json(&serde_json::to_string_pretty(data)?) } else { human(data) };
        if text.is_empty() {
            return Ok(());
        }
        self.raw(format!("{}\n", text.trim_end_matches('\n')).as_bytes())
    }

    /// Reports what was done; an error says that only the report is missing.
    pub(crate) fn done<T: Serialize>(
        self,
        data: &T,
        human: impl FnOnce(&T) -> String,
    ) -> anyhow::Result<()> {
        // [CLI-21]
        self.data(data, human).context("it is done, and only the report of it is lost")
    }

    /// Prints what is told once, as [`Output::data`]: an error where nobody can have seen it.
    pub(crate) fn told<T: Serialize>(
        self,
        data: &T,
        human: impl FnOnce(&T) -> String,
    ) -> anyhow::Result<()> {
        // [CLI-21]
        self.check_seen()?;
        self.data(data, human)
    }

    /// Refuses a standard output that is closed or thrown away.
    pub(crate) fn check_seen(self) -> anyhow::Result<()> {
        // [CLI-21] A closed one looks like the null device: the runtime puts that in its place.
        anyhow::ensure!(
            !is_thrown_away(),
            "the standard output is closed or goes to the null device, where nobody sees what is \
             told only once; print to a terminal, a file or a pipe"
        );
        Ok(())
    }

    /// Prints one event of a command that runs on: as one line of JSON, or as [`Output::data`].
    pub(crate) fn event<T: Serialize>(
        self,
        event: &T,
        human: impl FnOnce(&T) -> String,
    ) -> anyhow::Result<()> {
        // [CLI-6]
        let text =
            if self.json { clean_json(&serde_json::to_string(event)?) } else { human(event) };
        self.raw(format!("{text}\n").as_bytes())
    }

    /// Writes bytes to the standard output as they are.
    pub(crate) fn raw(self, bytes: &[u8]) -> anyhow::Result<()> {
        let mut stdout = io::stdout().lock();
        // [CLI-21] Nor is it told where whoever reads has gone.
        let written = stdout.write_all(bytes).and_then(|()| stdout.flush());
        written.map_err(|error| match error.kind() {
            io::ErrorKind::BrokenPipe => NobodyReads.into(),
            _ => anyhow::Error::new(error).context("cannot write to the standard output"),
        })
    }

    /// Says something to the person at the keyboard.
    pub(crate) fn say(self, words: impl AsRef<str>) {
        if !self.quiet {
            // Talk that nobody can hear stops no command half-way.
            let _ = writeln!(io::stderr(), "{}", clean_lines(words.as_ref()));
        }
    }

    /// Says what is said only once, quiet or not; an error where it cannot be said.
    pub(crate) fn say_once(self, words: impl AsRef<str>) -> anyhow::Result<()> {
        // [CLI-21]
        writeln!(io::stderr(), "{}", clean_lines(words.as_ref()))
            .context("cannot write to the standard error")
    }

    /// Draws a picture of our own making for the person at the keyboard.
    pub(crate) fn draw(self, picture: &str) {
        if !self.quiet {
            let _ = write!(io::stderr(), "{picture}");
        }
    }

    /// A progress bar for long work; draws only on a terminal.
    pub(crate) fn progress(self, total: u64, what: &'static str) -> ProgressBar {
        if self.quiet || !io::stderr().is_terminal() {
            return ProgressBar::with_draw_target(Some(total), ProgressDrawTarget::hidden());
        }
        let style = ProgressStyle::with_template("{msg} {wide_bar} {pos}/{len} {eta}");
        let bar = ProgressBar::new(total).with_message(what);
        bar.enable_steady_tick(Duration::from_millis(250));
        style.map(|style| bar.clone().with_style(style)).unwrap_or(bar)
    }
}

/// Shows what somebody has to be able to see before it is done, quiet or not.
pub(crate) fn show(words: &str) {
    // [CLI-17] Talk that nobody can hear stops no command half-way. [CLI-21]
    let _ = writeln!(io::stderr(), "{}", clean_lines(words));
}

/// Says what is wrong, quiet or not.
pub(crate) fn error(words: &str) {
    let _ = writeln!(io::stderr(), "error: {}", clean_lines(words));
}

#[cfg(unix)]
fn is_thrown_away() -> bool {
    use std::os::fd::AsFd as _;
    use std::os::unix::fs::MetadataExt as _;

    let stdout = io::stdout().as_fd().try_clone_to_owned().map(std::fs::File::from);
    let found = stdout.and_then(|stdout| stdout.metadata());
    match (found, std::fs::metadata("/dev/null")) {
        (Ok(found), Ok(null)) => found.rdev() != 0 && found.rdev() == null.rdev(),
        (found, _) => found.is_err(),
    }
}

#[cfg(not(unix))]
const fn is_thrown_away() -> bool {
    false
}
