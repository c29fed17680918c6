//! `noren visitor diary`: visits kept readable, for those who choose so.

mod change;
mod export;

use clap::Subcommand;
use noren::visitor::{Diary, DiaryEntry};
use serde::Serialize;

use super::forget::NOTHING;
use super::keep::{change_device, change_visits, delete_diary, is_closed, read_diary};
use crate::confirm::Yes;
use crate::context::Context;
use crate::outcome::{Answer, Outcome};
use crate::secret::PassphraseSource;
use crate::text::{clean, counted};
use crate::times;

pub(super) const OFF: &str = "the diary is off; `noren visitor diary on` turns it on";

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Keep visits readable from now on: whoever opens the diary learns where you were
    #[command(after_help = "Example: noren visitor diary on")]
    On {
        #[command(flatten)]
        passphrase: PassphraseSource,
    },
    /// Stop, and delete every entry
    #[command(after_help = "Example: noren visitor diary off --yes")]
    Off(Off),
    /// Show the entries. Exit code 1: there is none
    #[command(after_help = "Example: noren visitor diary show")]
    Show {
        #[command(flatten)]
        passphrase: PassphraseSource,
    },
    /// Write down a visit of which no code was scanned
    #[command(
        after_help = times::help("Example: noren visitor diary add --name \"Noodle stand\" --from 12:00 --to 12:30")
    )]
    Add(change::Add),
    /// Correct the times of an entry; the sealed records of the visit stay as they are
    #[command(after_help = times::help("Example: noren visitor diary edit 1f3a --to 20:15"))]
    Edit(change::Edit),
    /// Put a note of at most 200 characters to an entry, in the place of the one before
    #[command(after_help = "Example: echo \"sat at the window\" | noren visitor diary note 1f3a")]
    Note(change::Note),
    /// Delete an entry, or all; warnings about the visit still arrive
    #[command(after_help = "Example: noren visitor diary forget 1f3a")]
    Forget(change::Forget),
    /// Write the entries, readable, to a file of yours
    #[command(after_help = "Example: noren visitor diary export --format csv --out diary.csv")]
    Export(export::Arguments),
}

#[derive(clap::Args)]
pub(crate) struct Off {
    /// Keep the entries that are there until they expire
    #[arg(long, conflicts_with = "yes")]
    keep: bool,
    #[command(flatten)]
    yes: Yes,
    #[command(flatten)]
    passphrase: PassphraseSource,
}

pub(super) fn run(context: &Context, command: &Command) -> Outcome {
    match command {
        Command::On { passphrase } => on(context, passphrase),
        Command::Off(arguments) => off(context, arguments),
        Command::Show { passphrase } => show(context, passphrase),
        Command::Add(arguments) => change::add(context, arguments),
        Command::Edit(arguments) => change::edit(context, arguments),
        Command::Note(arguments) => change::note(context, arguments),
        Command::Forget(arguments) => change::forget(context, arguments),
        Command::Export(arguments) => export::run(context, arguments),
    }
}

/// An entry, as it is printed.
#[derive(Serialize)]
struct Entry {
    entry: String,
    venue: String,
    address: Option<String>,
    room: Option<String>,
    arrival: String,
    departure: String,
    note: Option<String>,
    /// Whether a code was scanned, which the entry then holds.
    scanned: bool,
    #[serde(skip)]
    shown: String,
}

impl Entry {
    fn new(entry: &DiaryEntry) -> Self {
        let unless_empty = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
        let (venue, stay) = (entry.venue(), entry.stay());
        let address = unless_empty(&venue.address);
        let parts = [Some(venue.description.clone()), venue.room.clone(), address.clone()];
        let place = parts.into_iter().flatten().collect::<Vec<_>>().join(", ");
        let times = times::show_span(stay.arrival(), stay.departure());
        let note = unless_empty(entry.note());
        let end = note.as_ref().map(|note| format!("\n    {}", clean(note))).unwrap_or_default();
        Self {
            entry: entry.id().to_string(),
            shown: format!("{}  {times}  {}{end}", entry.id(), clean(&place)),
            venue: venue.description.clone(),
            address,
            room: venue.room.clone(),
            arrival: times::rfc3339(stay.arrival()),
            departure: times::rfc3339(stay.departure()),
            note,
            scanned: entry.payload().is_some(),
        }
    }
}

/// What a change of the whole diary left.
#[derive(Serialize)]
struct State {
    recording: bool,
    entries: usize,
}

fn on(context: &Context, passphrase: &PassphraseSource) -> Outcome {
    // [DIA-2]
    let (state, open) = change_device(context, passphrase, |device, _, _| {
        let diary = device.diary.get_or_insert_with(Diary::new);
        diary.set_recording(true);
        let state = State { recording: true, entries: diary.entries().len() };
        Ok((state, device.vault.open_visits().len()))
    })?;
    context.output.done(&state, |state| format!("the diary is on; entries: {}", state.entries))?;
    context.output.say(format!(
        "From now on each visit is kept when it ends: the venue, the times, and the code that was \
         scanned (visits that are open: {open}). Whoever opens the diary learns where you were. \
         `noren visitor protect` puts a passphrase before it; `noren visitor diary off` deletes it."
    ));
    Ok(Answer::Yes)
}

/// How turning the diary off ended.
enum Ended {
    /// It was off and empty already.
    WasOff,
    /// Somebody would rather not.
    Declined,
    /// So many entries stay until they expire.
    Kept(usize),
    /// So many entries are deleted; of a diary that did not open nobody knows how many.
    Deleted(Option<usize>),
}

fn off(context: &Context, arguments: &Off) -> Outcome {
    // [DIA-2] [DIA-4] [CLI-26]
    let ended = change_visits(context, &arguments.passphrase, |device, _, _| {
        if arguments.keep {
            device.damaged_diary.take().map_or(Ok(()), Err)?;
        }
        let count = match (&mut device.diary, &device.damaged_diary) {
            (None, None) => return Ok(Ended::WasOff),
            (Some(diary), _) if arguments.keep => {
                diary.set_recording(false);
                return Ok(Ended::Kept(diary.entries().len()));
            }
            (diary, _) => diary.as_ref().map(|diary| diary.entries().len()),
        };
        if count != Some(0) && !agreed(context, arguments, count)? {
            return Ok(Ended::Declined);
        }
        device.delete_diary();
        Ok(Ended::Deleted(count))
    });
    let ended = match ended {
        // [CLI-26] What is to go need not be opened.
        Err(error) if is_closed(&error) && !arguments.keep => {
            if agreed(context, arguments, None)? {
                delete_diary(context)?;
                Ended::Deleted(None)
            } else {
                Ended::Declined
            }
        }
        ended => ended?,
    };
    let entries = if let Ended::Kept(entries) = ended { entries } else { 0 };
    if let Ended::Declined = ended {
        context.output.say(NOTHING);
        return Ok(Answer::No);
    }
    context.output.done(&State { recording: false, entries }, |_| match ended {
        Ended::WasOff | Ended::Declined => OFF.to_owned(),
        Ended::Kept(entries) => {
            format!("the diary is off; entries that stay until they expire: {entries}")
        }
        Ended::Deleted(Some(count)) => format!("the diary is off; entries deleted: {count}"),
        Ended::Deleted(None) => {
            "the diary is off; what was there did not open, and is deleted".to_owned()
        }
    })?;
    Ok(Answer::Yes)
}

fn agreed(context: &Context, arguments: &Off, entries: Option<usize>) -> anyhow::Result<bool> {
    // [CLI-31]
    let shown = match entries {
        Some(entries) => format!(
            "This deletes {} for good. --keep keeps what is there until it expires; `noren visitor \
             diary export` writes it to a file.",
            counted(entries, "entry")
        ),
        None => "This deletes the diary, which does not open, for good.".to_owned(),
    };
    arguments.yes.to(context, &shown, "Delete it?")
}

fn show(context: &Context, passphrase: &PassphraseSource) -> Outcome {
    let diary = read_diary(context, passphrase)?;
    let entries: Vec<_> = diary.iter().flat_map(Diary::entries).map(Entry::new).collect();
    let none = entries.is_empty();
    context.output.data(&entries, |entries| match (&diary, none) {
        (None, _) => OFF.to_owned(),
        (Some(_), true) => "the diary has no entries".to_owned(),
        (Some(_), false) => {
            entries.iter().map(|entry| entry.shown.as_str()).collect::<Vec<_>>().join("\n")
        }
    })?;
    if diary.is_some_and(|diary| !diary.is_recording()) {
        context.output.say("the diary is off: new visits are not added");
    }
    Ok(if none { Answer::No } else { Answer::Yes })
}
