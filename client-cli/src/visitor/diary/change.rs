//! What people change in a diary by hand.

use std::io::Read as _;

use anyhow::{Context as _, bail};
use noren::time::UnixSeconds;
use noren::visitor::{Diary, DiaryEntry, NOTE_CHARACTERS, Stay, VenueText, VisitId};

use super::{Entry, OFF};
use crate::confirm::Yes;
use crate::context::Context;
use crate::outcome::{Answer, Outcome};
use crate::secret::PassphraseSource;
use crate::text::counted;
use crate::times;
use crate::visitor::device::Rng;
use crate::visitor::forget::NOTHING;
use crate::visitor::keep::{change_device, retention_start};
use crate::visitor::visits::visit_named;

#[derive(clap::Args)]
pub(crate) struct Add {
    /// What the place is called
    #[arg(long)]
    name: String,
    /// Where it is
    #[arg(long, default_value = "", hide_default_value = true)]
    address: String,
    /// The room
    #[arg(long)]
    room: Option<String>,
    /// When you came
    #[arg(long, value_name = "TIME")]
    from: String,
    /// When you left, at most 12 hours later
    #[arg(long, value_name = "TIME")]
    to: String,
    #[command(flatten)]
    passphrase: PassphraseSource,
}

#[derive(clap::Args)]
pub(crate) struct Edit {
    /// The entry's id or its beginning
    entry: String,
    /// When you came
    #[arg(long, value_name = "TIME", required_unless_present = "to")]
    from: Option<String>,
    /// When you left, at most 12 hours later
    #[arg(long, value_name = "TIME")]
    to: Option<String>,
    #[command(flatten)]
    passphrase: PassphraseSource,
}

#[derive(clap::Args)]
pub(crate) struct Note {
    /// The entry's id or its beginning
    entry: String,
    /// Delete the note
    #[arg(long)]
    delete: bool,
    /// The note [default: read from the standard input; arguments are seen by
    /// other programs]
    #[arg(conflicts_with = "delete")]
    text: Option<String>,
    #[command(flatten)]
    passphrase: PassphraseSource,
}

#[derive(clap::Args)]
pub(crate) struct Forget {
    /// The entry's id or its beginning
    #[arg(required_unless_present = "all", conflicts_with = "all")]
    entry: Option<String>,
    /// Delete every entry
    #[arg(long)]
    all: bool,
    #[command(flatten)]
    yes: Yes,
    #[command(flatten)]
    passphrase: PassphraseSource,
}

pub(super) fn add(context: &Context, arguments: &Add) -> Outcome {
    let now = context.now()?;
    let stay = past_stay(
        context,
        times::parse_from(&arguments.from, now)?,
        times::parse_to(&arguments.to, now)?,
    )?;
    let venue = VenueText {
        description: arguments.name.clone(),
        address: arguments.address.clone(),
        room: arguments.room.clone(),
        kind: None,
    };
    change(context, &arguments.passphrase, |diary, rng| {
        // [CLI-23] The same once more, as after a run whose end was cut off, is the same entry.
        let is_same = |entry: &&DiaryEntry| {
            entry.payload().is_none() && *entry.venue() == venue && entry.stay() == stay
        };
        let known = diary.entries().iter().find(is_same).map(DiaryEntry::id);
        known.map_or_else(|| Ok(diary.add(venue, stay, "", rng)?), Ok)
    })
}

pub(super) fn edit(context: &Context, arguments: &Edit) -> Outcome {
    let now = context.now()?;
    let from = arguments.from.as_deref().map(|at| times::parse_from(at, now)).transpose()?;
    let to = arguments.to.as_deref().map(|at| times::parse_to(at, now)).transpose()?;
    change(context, &arguments.passphrase, |diary, _| {
        let entry = entry(diary, &arguments.entry)?;
        let (id, known) = (entry.id(), entry.stay());
        let (from, to) = (from.unwrap_or(known.arrival()), to.unwrap_or(known.departure()));
        diary.set_stay(id, past_stay(context, from, to)?)?;
        Ok(id)
    })
}

pub(super) fn note(context: &Context, arguments: &Note) -> Outcome {
    let text = match &arguments.text {
        Some(text) => text.clone(),
        None if arguments.delete => String::new(),
        None => read_note()?,
    };
    change(context, &arguments.passphrase, |diary, _| {
        let id = entry(diary, &arguments.entry)?.id();
        diary.set_note(id, noren::text::trimmed(&text))?;
        Ok(id)
    })
}

pub(super) fn forget(context: &Context, arguments: &Forget) -> Outcome {
    // [DIA-4]
    let done = change_device(context, &arguments.passphrase, |device, _, _| {
        let diary = device.diary.as_mut().context(OFF)?;
        let named = arguments.entry.as_deref();
        let id = named.map(|name| entry(diary, name).map(DiaryEntry::id)).transpose()?;
        let what = match id {
            Some(id) => format!("entry {id}"),
            None => counted(diary.entries().len() as u64, "entry"),
        };
        let shown = format!("This deletes {what} of the diary for good; warnings still arrive.");
        // [CLI-31]
        if !diary.entries().is_empty() && !arguments.yes.to(context, &shown, "Delete it?")? {
            return Ok(false);
        }
        match id {
            Some(id) => {
                diary.forget(id);
            }
            None => diary.forget_all(),
        }
        Ok(true)
    })?;
    context.output.say(if done {
        "deleted from the diary; warnings about such visits still arrive"
    } else {
        NOTHING
    });
    Ok(if done { Answer::Yes } else { Answer::No })
}

/// Changes one entry, and shows what it has become.
fn change(
    context: &Context,
    passphrase: &PassphraseSource,
    change: impl FnOnce(&mut Diary, &mut Rng) -> anyhow::Result<VisitId>,
) -> Outcome {
    let entry = change_device(context, passphrase, |device, _, rng| {
        let diary = device.diary.as_mut().context(OFF)?;
        let id = change(diary, rng)?;
        diary.entry(id).map(Entry::new).context("the entry is gone")
    })?;
    context.output.done(&entry, |entry| entry.shown.clone())?;
    Ok(Answer::Yes)
}

fn entry<'a>(diary: &'a Diary, name: &str) -> anyhow::Result<&'a DiaryEntry> {
    let id = visit_named(diary.entries().iter().map(DiaryEntry::id), name);
    id.ok().and_then(|id| diary.entry(id)).with_context(|| {
        format!(
            "{} names no single entry; `noren visitor diary show` shows them",
            crate::text::clean(name)
        )
    })
}

/// A stay that has ended and that would not expire at once.
fn past_stay(context: &Context, from: UnixSeconds, to: UnixSeconds) -> anyhow::Result<Stay> {
    if to > context.now()? {
        bail!("the departure lies in the future; write the visit down when it has ended");
    }
    // [DIA-4]
    retention_start(context)?.refuse_before(Some(to))?;
    Ok(Stay::new(from, to)?)
}

fn read_note() -> anyhow::Result<String> {
    // Four bytes for the longest character, and one line's end.
    let limit = 4 * NOTE_CHARACTERS as u64 + 2;
    let mut text = String::new();
    std::io::stdin()
        .lock()
        .take(limit)
        .read_to_string(&mut text)
        .context("the note is no text in UTF-8")?;
    Ok(text)
}
