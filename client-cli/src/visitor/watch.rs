//! Watch: sync on a schedule, and hand each new notice and each reminder to a command.

use std::io::Write as _;
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use rand_core::Rng as _;
use serde::Serialize;

use super::keep::change;
use super::notices::{self, Language, Shown, Words};
use super::remind::{self, Reminder};
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
    /// Run this with `sh -c` for each new notice and each reminder to check out, which is on its
    /// standard input as JSON
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

/// How long a visit may be overdue, at most, before its visitor is reminded.
const REMINDER_PAUSE: Duration = Duration::from_secs(600);

pub(super) fn run(context: &Context, arguments: &Arguments) -> Outcome {
    let every = times::parse_length(&arguments.every)?;
    let mut round = 0;
    loop {
        if let Err(error) = sync_all(context, &arguments.passphrase) {
            context.output.say(format!("{error:#}"));
        }
        announce_all(context, arguments)?;
        remind_all(context, arguments)?;
        round += 1;
        if arguments.rounds.is_some_and(|rounds| round >= rounds) {
            return Ok(Answer::Yes);
        }
        let jitter = context.rng().next_u64() % (every / 10 + 1);
        wait(context, arguments, Duration::from_secs(every + jitter))?;
    }
}

/// Waits for the next round. Reminders do not: they need no request.
fn wait(context: &Context, arguments: &Arguments, length: Duration) -> anyhow::Result<()> {
    let begun = Instant::now();
    loop {
        let rest = length.saturating_sub(begun.elapsed());
        sleep(rest.min(REMINDER_PAUSE));
        if rest <= REMINDER_PAUSE {
            return Ok(());
        }
        remind_all(context, arguments)?;
    }
}

/// Hands over what is new. A notice counts as told only once the command has taken it, so that none
/// is lost when the machine stops in between.
fn announce_all(context: &Context, arguments: &Arguments) -> anyhow::Result<()> {
    let (profiles, tags) = (Followed::new(context).all()?, arguments.language.tags());
    let words = Words::new(&tags)?;
    let new =
        change(context, &arguments.passphrase, |vault, _, _| Ok(unannounced(vault, &profiles)))?;
    for exposure in new {
        let shown = notices::shown(vec![exposure.clone()], &profiles, &tags);
        let block = |notice: &Shown| notice.block(&words);
        if !shown.iter().all(|notice| give(context, arguments, notice, block)) {
            continue;
        }
        change(context, &arguments.passphrase, |vault, _, _| {
            vault.announce(&exposure);
            Ok(())
        })?;
    }
    Ok(())
}

/// Reminds of open visits, each once.
fn remind_all(context: &Context, arguments: &Arguments) -> anyhow::Result<()> {
    // [VIS-7]
    let tags = arguments.language.tags();
    let mut due = remind::due(context, &arguments.passphrase, &tags, false)?;
    due.retain(|reminder| give(context, arguments, reminder, Reminder::lines));
    remind::told(context, &arguments.passphrase, &due)
}

/// Gives one event to the command, or prints it; whether it was taken.
fn give<T: Serialize>(
    context: &Context,
    arguments: &Arguments,
    event: &T,
    human: impl FnOnce(&T) -> String,
) -> bool {
    let given = match &arguments.run {
        Some(command) => hand_over(command, event),
        None => context.output.event(event, human),
    };
    if let Err(error) = &given {
        context.output.say(format!("{error:#}; it will be handed over again"));
    }
    given.is_ok()
}

fn hand_over<T: Serialize>(command: &str, event: &T) -> anyhow::Result<()> {
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
