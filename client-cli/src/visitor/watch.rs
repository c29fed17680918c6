//! Watch: sync on a schedule, and hand each new notice and each reminder to a command.

use std::thread::sleep;
use std::time::{Duration, Instant};

use rand_core::Rng as _;
use serde::Serialize;

use super::keep::{change, read, unlock};
use super::notices::{self, Language, ShownNotice, Words};
use super::remind::{self, Reminder};
use super::sync::{sync_all, unannounced, worst};
use super::visits::Places;
use crate::context::Context;
use crate::errors::{whole_number, words};
use crate::followed::Followed;
use crate::hand_over::hand_over;
use crate::outcome::{Answer, Outcome};
use crate::output;
use crate::refusal::Unread;
use crate::secret::PassphraseSource;
use crate::times;

#[derive(clap::Args)]
pub(crate) struct WatchArguments {
    /// How often; each wait is up to a tenth longer, so that devices do not all come at once
    #[arg(long, default_value = "2h", value_name = "LENGTH")]
    every: String,
    /// Run this with `sh -c` for each new notice and each reminder to check out, which is on its
    /// standard input as JSON
    #[arg(long, value_name = "COMMAND")]
    run: Option<String>,
    /// Stop after so many rounds
    #[arg(long, value_parser = whole_number::<u64>, value_name = "N")]
    rounds: Option<u64>,
    #[command(flatten)]
    language: Language,
    #[command(flatten)]
    passphrase: PassphraseSource,
}

/// How long a visit may be overdue, at most, before its visitor is reminded.
const REMINDER_PAUSE: Duration = Duration::from_secs(600);

pub(super) fn run(context: &Context, arguments: &WatchArguments) -> Outcome {
    let every = times::parse_length(&arguments.every)?;
    if !has_something_to_watch(context, arguments)? {
        output::error(
            "there is nothing to watch: no authority is followed, and no visit is open to remind of; \
             `noren visitor follow` comes first",
        );
        return Ok(Answer::No);
    }
    // [CLI-42] Nobody is there to be asked in a later round.
    unlock(context, &arguments.passphrase)?;
    let (mut round, mut warned) = (0, Vec::new());
    loop {
        let (unread, mut failed) = match sync_all(context, &arguments.passphrase) {
            Ok(unread) => (unread, false),
            Err(error) => {
                output::error(&words(&error));
                (Vec::new(), true)
            }
        };
        failed |= !warn_all(context, arguments, &mut warned, &unread)?;
        failed |= !announce_all(context, arguments)?;
        failed |= !remind_all(context, arguments)?;
        round += 1;
        if arguments.rounds.is_some_and(|rounds| round >= rounds) {
            // [CLI-21] What was not handed over was told as an error, and waits.
            let otherwise = if failed { Answer::Failed } else { Answer::Yes };
            return Ok(worst(&unread).unwrap_or(otherwise));
        }
        let jitter = context.rng().next_u64() % (every / 10 + 1);
        wait(context, arguments, Duration::from_secs(every + jitter))?;
    }
}

/// Whether news may come, or a reminder be due some time.
fn has_something_to_watch(context: &Context, arguments: &WatchArguments) -> anyhow::Result<bool> {
    let passphrase = &arguments.passphrase;
    Ok(Followed::new(context).any()
        || read(context, passphrase, |device, _| Ok(!device.vault.open_visits().is_empty()))?)
}

/// Waits for the next round. Reminders do not: they need no request.
fn wait(context: &Context, arguments: &WatchArguments, length: Duration) -> anyhow::Result<()> {
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

/// Hands over each refusal of an authority's log, once for as long as it stays the same; whether all
/// were taken.
fn warn_all(
    context: &Context,
    arguments: &WatchArguments,
    warned: &mut Vec<Unread>,
    unread: &[Unread],
) -> anyhow::Result<bool> {
    // [CLI-22]
    warned.retain(|known| unread.contains(known));
    let mut all = true;
    for refused in unread.iter().filter(|unread| unread.is_refused()) {
        // Without a command, whoever reads the standard error knows; data is for programs.
        let for_nobody = arguments.run.is_none() && !context.output.is_json();
        if warned.contains(refused) || for_nobody {
            continue;
        }
        if give(context, arguments, refused, Unread::lines)? {
            warned.push(refused.clone());
        } else {
            all = false;
        }
    }
    Ok(all)
}

/// Hands over what is new. A notice counts as told only once the command has taken it, so that none
/// is lost when the machine stops in between. Whether all were taken.
fn announce_all(context: &Context, arguments: &WatchArguments) -> anyhow::Result<bool> {
    let (profiles, tags) = (Followed::new(context).all(), arguments.language.tags());
    let words = Words::new(&tags)?;
    let new = read(context, &arguments.passphrase, |device, _| {
        Ok(unannounced(&device.vault, &profiles))
    })?;
    let mut all = true;
    for exposure in new {
        let shown = notices::shown(std::slice::from_ref(&exposure), &profiles, &tags);
        let block = |notice: &ShownNotice| notice.coloured(&words);
        let mut taken = true;
        for notice in &shown {
            taken &= give(context, arguments, notice, block)?;
        }
        if !taken {
            all = false;
            continue;
        }
        change(context, &arguments.passphrase, |vault, _, _| {
            vault.announce(&exposure);
            Ok(())
        })?;
    }
    Ok(all)
}

/// Reminds of open visits, each once; whether all reminders were taken.
fn remind_all(context: &Context, arguments: &WatchArguments) -> anyhow::Result<bool> {
    // [VIS-7] [VIS-10] What is shown by a command may stand on a locked screen.
    let mut all = true;
    let (tags, places) = (arguments.language.tags(), Places::HIDDEN);
    for reminder in remind::due(context, &arguments.passphrase, &tags, places, false)? {
        // [CLI-21] Each is noted before the next is given: a failure loses or repeats none of them.
        if give(context, arguments, &reminder, Reminder::lines)? {
            remind::told(context, &arguments.passphrase, &[reminder])?;
        } else {
            all = false;
        }
    }
    Ok(all)
}

/// Gives one event to the command, or prints it; whether it was taken. An error where nobody can be
/// told any more.
fn give<T: Serialize>(
    context: &Context,
    arguments: &WatchArguments,
    event: &T,
    human: impl FnOnce(&T) -> String,
) -> anyhow::Result<bool> {
    // [CLI-21]
    let Some(command) = &arguments.run else {
        context.output.check_seen()?;
        return context.output.event(event, human).map(|()| true);
    };
    let given = hand_over(command, event);
    if let Err(error) = &given {
        output::error(&format!("{}; it will be handed over again", words(error)));
    }
    Ok(given.is_ok())
}
