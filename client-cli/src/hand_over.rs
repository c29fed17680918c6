//! Hands an event to a command that a person named.

use std::io::Write as _;
use std::process::{Command, Stdio};

use anyhow::Context as _;
use serde::Serialize;

/// Runs a command with `sh -c`, with the event on its standard input as JSON. An error where it did
/// not end well.
pub(crate) fn hand_over<T: Serialize>(command: &str, event: &T) -> anyhow::Result<()> {
    let failed = || format!("the command {command:?} failed");
    let mut child = Command::new("sh")
        .args(["-c", command])
        .stdin(Stdio::piped())
        .spawn()
        .with_context(failed)?;
    let mut document = serde_json::to_vec(event)?;
    document.push(b'\n');
    if let Some(mut stdin) = child.stdin.take() {
        // A command that does not read its input has still been told.
        let _ = stdin.write_all(&document);
    }
    let status = child.wait().with_context(failed)?;
    anyhow::ensure!(status.success(), "{} with {status}", failed());
    Ok(())
}
