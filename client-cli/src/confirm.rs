//! Questions to the person at the keyboard.

use std::io::{IsTerminal as _, Write as _};

use anyhow::{Context as _, bail};

use crate::context::Context;
use crate::output;

/// How somebody agrees to what cannot be undone.
#[derive(clap::Args, Clone, Copy, Default)]
pub(crate) struct Consent {
    /// Do it without asking, as scripts need
    #[arg(long, short)]
    pub(crate) yes: bool,
    /// Show what would be done, and do nothing
    #[arg(long, conflicts_with = "yes")]
    pub(crate) dry_run: bool,
}

/// The same for what has no preview of its own.
#[derive(clap::Args, Clone, Copy, Default)]
pub(crate) struct Yes {
    /// Do it without asking, as scripts need
    #[arg(long, short)]
    pub(crate) yes: bool,
}

impl Consent {
    /// Whether somebody who sees what would be done wants it. `shown` is fit for a terminal.
    pub(crate) fn to(self, context: &Context, shown: &str, question: &str) -> anyhow::Result<bool> {
        // [CLI-17]
        // Also where nothing else is said, as with --quiet.
        if self.yes {
            output::show(shown);
            return Ok(true);
        }
        agreed(self.yes, "look at it with --dry-run, then say --yes", context, shown, question)
    }
}

impl Yes {
    /// As [`Consent::to`].
    pub(crate) fn to(self, context: &Context, shown: &str, question: &str) -> anyhow::Result<bool> {
        // [VEN-6] [CLI-31]
        agreed(self.yes, "if this is right, say so with --yes", context, shown, question)
    }
}

fn agreed(
    yes: bool,
    otherwise: &str,
    context: &Context,
    shown: &str,
    question: &str,
) -> anyhow::Result<bool> {
    if yes {
        context.output.say(shown);
        return Ok(true);
    }
    if !can_ask() {
        context.output.say(shown);
        bail!("nothing is done, since nobody is at a terminal to be asked: {otherwise}");
    }
    // Part of the question, so that no --quiet hides it.
    ask(&format!("{shown}\n{question}"))
}

/// Whether somebody is there to be asked.
pub(crate) fn can_ask() -> bool {
    std::io::stdin().is_terminal()
}

/// Asks at the terminal. Anything but a yes is a no.
pub(crate) fn ask(question: &str) -> anyhow::Result<bool> {
    let mut terminal = std::io::stderr();
    let asked = write!(terminal, "{question} [y/N] ");
    asked.and_then(|()| terminal.flush()).context("cannot ask at the terminal")?;
    let mut answer = String::new();
    std::io::stdin().read_line(&mut answer).context("cannot ask at the terminal")?;
    Ok(matches!(answer.trim().to_lowercase().as_str(), "y" | "yes"))
}
