//! Data on the standard output, talk on the standard error.

use std::io::{self, IsTerminal as _, Write as _};
use std::time::Duration;

use anyhow::Context as _;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use serde::Serialize;

use crate::text::clean_lines;

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
        let text = if self.json { serde_json::to_string_pretty(data)? } else { human(data) };
        self.raw(format!("{}\n", text.trim_end_matches('\n')).as_bytes())
    }

    /// Prints one event of a command that runs on: as one line of JSON, or as [`Output::data`].
    pub(crate) fn event<T: Serialize>(
        self,
        event: &T,
        human: impl FnOnce(&T) -> String,
    ) -> anyhow::Result<()> {
        // [CLI-6]
        let text = if self.json { serde_json::to_string(event)? } else { human(event) };
        self.raw(format!("{text}\n").as_bytes())
    }

    /// Writes bytes to the standard output as they are.
    pub(crate) fn raw(self, bytes: &[u8]) -> anyhow::Result<()> {
        let mut stdout = io::stdout().lock();
        match stdout.write_all(bytes).and_then(|()| stdout.flush()) {
            // Whoever reads has read enough.
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
            result => result.context("cannot write to the standard output"),
        }
    }

    /// Says something to the person at the keyboard.
    pub(crate) fn say(self, words: impl AsRef<str>) {
        if !self.quiet {
            eprintln!("{}", clean_lines(words.as_ref()));
        }
    }

    /// Draws a picture of our own making for the person at the keyboard.
    pub(crate) fn draw(self, picture: &str) {
        if !self.quiet {
            eprint!("{picture}");
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
