//! Questions to the person at the keyboard.

use std::io::{IsTerminal as _, Write as _};

use anyhow::Context as _;

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
