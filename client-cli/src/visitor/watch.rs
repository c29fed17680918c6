//! Watch: sync on a schedule, and hand each new notice to a command.

use std::io::Write as _;
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::Duration;

use anyhow::Context as _;
use rand_core::Rng as _;

use super::keep::change;
use super::notices::{self, Language, Shown};
use super::sync::{sync_all, unannounced};
use crate::cli::{Answer, Outcome};
use crate::context::Context;
use crate::followed::Followed;
use crate::secret::PassphraseSource;
use crate::times;

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// How often; each wait is up to a tenth longer, so that devices do not all come at once
    #[arg(long, default_value = "2h", value_name = "LENGTH")]
    every: String,
    /// Run this with `sh -c` for each new notice, which is on its standard input as JSON
    #[arg(long, value_name = "COMMAND")]
    run: Option<String>,
    /// Stop after so many rounds
    #[arg(long, value_name = "N")]
    rounds: Option<u64>,
    #[command(flatten)]
    language: Language,
    #[command(flatten)]
    passphrase: PassphraseSource,
}

pub(super) fn run(context: &Context, arguments: &Arguments) -> Outcome {
    let every = times::parse_length(&arguments.every)?;
    let mut round = 0;
    loop {
        if let Err(error) = sync_all(context, &arguments.passphrase) {
            context.output.say(format!("{error:#}"));
        }
        announce_all(context, arguments)?;
        round += 1;
        if arguments.rounds.is_some_and(|rounds| round >= rounds) {
            return Ok(Answer::Yes);
        }
        let jitter = context.rng().next_u64() % (every / 10 + 1);
        sleep(Duration::from_secs(every + jitter));
    }
}

/// Hands over what is new. A notice counts as told only once the command has taken it, so that none
/// is lost when the machine stops in between.
fn announce_all(context: &Context, arguments: &Arguments) -> anyhow::Result<()> {
    let profiles = Followed::new(context).all()?;
    let new = change(context, &arguments.passphrase, |vault, _, _| Ok(unannounced(vault)))?;
    for exposure in new {
        let shown =
            notices::shown(std::slice::from_ref(&exposure), &profiles, &arguments.language.tags());
        match &arguments.run {
            Some(command) => {
                if let Err(error) = hand_over(command, &shown) {
                    context.output.say(format!("{error:#}; the notice will be handed over again"));
                    continue;
                }
            }
            None => notices::print(context, &shown)?,
        }
        change(context, &arguments.passphrase, |vault, _, _| {
            vault.announce(&exposure);
            Ok(())
        })?;
    }
    Ok(())
}

fn hand_over(command: &str, notices: &[Shown]) -> anyhow::Result<()> {
    let failed = || format!("the command {command:?} failed");
    for notice in notices {
        let mut child = Command::new("sh")
            .args(["-c", command])
            .stdin(Stdio::piped())
            .spawn()
            .with_context(failed)?;
        let mut document = serde_json::to_vec(notice)?;
        document.push(b'\n');
        if let Some(mut stdin) = child.stdin.take() {
            // A command that does not read its input has still been told.
            let _ = stdin.write_all(&document);
        }
        let status = child.wait().with_context(failed)?;
        anyhow::ensure!(status.success(), "{} with {status}", failed());
    }
    Ok(())
}
