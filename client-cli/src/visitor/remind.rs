//! Reminders to check out. Nothing is asked of any server, and only the vault knows who was reminded.

use anyhow::Context as _;
use noren::visitor::OpenVisit;
use serde::Serialize;

use super::keep::{change, read};
use super::notices::{Language, Words};
use super::visits::{Open, Places};
use crate::context::Context;
use crate::outcome::{Answer, Outcome};
use crate::secret::PassphraseSource;

#[derive(clap::Args)]
pub(crate) struct RemindArguments {
    /// Remind again of visits that you were reminded of before
    #[arg(long)]
    again: bool,
    #[command(flatten)]
    places: Places,
    #[command(flatten)]
    language: Language,
    #[command(flatten)]
    passphrase: PassphraseSource,
}

/// A reminder, as it is printed and as a watcher's command gets it.
#[derive(Serialize)]
pub(super) struct Reminder {
    kind: &'static str,
    text: String,
    #[serde(flatten)]
    open: Open,
}

impl Reminder {
    fn new(visit: &OpenVisit, words: &Words, places: Places) -> anyhow::Result<Self> {
        let text = words.reminder.clone();
        Ok(Self { kind: "reminder", text, open: Open::told(visit, places)? })
    }

    pub(super) fn lines(&self) -> String {
        format!(
            "{}\n  {}\n  noren visitor check-out {}",
            self.text, self.open.shown, self.open.visit
        )
    }
}

pub(super) fn run(context: &Context, arguments: &RemindArguments) -> Outcome {
    // [VIS-7] [CLI-7]
    let (tags, places) = (arguments.language.tags(), arguments.places);
    let reminders = due(context, &arguments.passphrase, &tags, places, arguments.again)?;
    // [CLI-21] Printed, then noted.
    let lines = |reminders: &Vec<Reminder>| {
        reminders.iter().map(Reminder::lines).collect::<Vec<_>>().join("\n\n")
    };
    if reminders.is_empty() {
        context.output.data(&reminders, |_| "nothing to remind of".to_owned())?;
    } else {
        let printed = context.output.told(&reminders, lines);
        printed.context("these reminders count as not given, and are given again")?;
    }
    told(context, &arguments.passphrase, &reminders)?;
    Ok(if reminders.is_empty() { Answer::No } else { Answer::Yes })
}

/// The reminders that are due; with `again` those that were given already, too.
pub(super) fn due(
    context: &Context,
    passphrase: &PassphraseSource,
    tags: &[String],
    places: Places,
    again: bool,
) -> anyhow::Result<Vec<Reminder>> {
    let words = Words::new(tags)?;
    read(context, passphrase, |device, now| {
        let open = device.vault.open_visits().iter();
        let due =
            open.filter(|visit| visit.reminder_due() <= now && (again || !visit.is_reminded()));
        due.map(|visit| Reminder::new(visit, &words, places)).collect()
    })
}

/// Notes that reminders were given.
pub(super) fn told(
    context: &Context,
    passphrase: &PassphraseSource,
    reminders: &[Reminder],
) -> anyhow::Result<()> {
    // [VIS-7]
    if reminders.is_empty() {
        return Ok(());
    }
    change(context, passphrase, |vault, _, _| {
        reminders.iter().for_each(|reminder| vault.remind(reminder.open.id));
        Ok(())
    })
}
