//! A desk that was copied, moved or restored becomes the one that signs.

use anyhow::{Context as _, bail};
use noren::log::{CompactRange, LogPosition, TreeHash, leaf_hash};
use serde::Serialize;
use serde_json::json;

use super::desk::{
    CaseFile, Change, Desk, DeskLog, Event, Head, Memory, Seat, Signed, Turn, published,
};
use super::recognise;
use crate::cli::{Answer, Outcome};
use crate::confirm;
use crate::context::Context;
use crate::text::clean;

/// How often a number is tried that the server says is taken.
const ATTEMPTS: usize = 4;

const QUESTION: &str = "From now on only this desk signs the authority's log; every other copy of \
    it, on this machine and elsewhere, is refused. Make sure that none is needed any more.";

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Do not ask
    #[arg(long)]
    yes: bool,
    /// Go on although a larger log was signed from this machine than anybody shows
    #[arg(long)]
    unseen: bool,
}

#[derive(Serialize)]
struct TakenOver {
    seat: u64,
    retired: u64,
    log_size: u64,
    /// Cases whose hours were found in the log.
    found: Vec<String>,
}

/// The published log as the longest of its copies shows it.
struct Published {
    position: LogPosition,
    note: Option<String>,
    entries: Vec<Vec<u8>>,
    /// How many of the entries somebody shows.
    shown: u64,
}

pub(super) fn run(context: &Context, arguments: &Arguments) -> Outcome {
    let mut desk = Desk::open(context)?;
    if !decided(arguments)? {
        return Ok(Answer::No);
    }
    // [CLI-15]
    let mut memory = Memory::open(context, desk.seat())?;
    let before = desk.seat().clone();
    // What cannot be taken over is told before anybody is retired for it; then nobody else appends.
    check_unseen(&memory, &read(&desk)?, arguments.unseen)?;
    let seat = claim(context, &mut desk, &memory)?;
    let log = read(&desk)?;
    check_unseen(&memory, &log, arguments.unseen)?;
    let found = catch_up(context, &mut desk, &before, &seat, &log)?;
    // The database knows the seat before this machine does: cut off here, this is run again.
    let signed = desk.signed()?;
    memory.remember(&seat, signed, log.note.as_deref().unwrap_or_default())?;
    let taken =
        TakenOver { seat: seat.number, retired: before.number, log_size: desk.log_size(), found };
    context.output.data(&taken, TakenOver::lines)?;
    Ok(Answer::Yes)
}

fn decided(arguments: &Arguments) -> anyhow::Result<bool> {
    if arguments.yes {
        return Ok(true);
    }
    if !confirm::can_ask() {
        bail!("{QUESTION}\nSay with --yes that this is known and wanted.");
    }
    confirm::ask(&format!("{QUESTION}\nTake the desk over?"))
}

/// A seat with a number that the server has not seen, which retires every other.
fn claim(context: &Context, desk: &mut Desk<'_>, memory: &Memory) -> anyhow::Result<Seat> {
    let known = memory.last().map_or(0, |(seat, ..)| seat.number).max(desk.seat().number);
    let mut number = known + 1;
    desk.choose_turn()?;
    for _ in 0..ATTEMPTS {
        let seat = desk.seat().next(number, &mut context.rng());
        match desk.ask_for_turn(&seat)? {
            Turn::Granted => return Ok(seat),
            Turn::Retired(later) => number = later.max(number) + 1,
        }
    }
    bail!("another copy of this desk is being taken over just now; stop it first")
}

/// Reads the whole log from whoever shows most of it, and holds all others and this desk against it.
fn read(desk: &Desk<'_>) -> anyhow::Result<Published> {
    let heads = desk.heads()?;
    let size = |head: &Head| {
        head.signed.as_ref().map(|signed| (signed.checkpoint().size, signed.timestamp()))
    };
    let longest = heads.iter().max_by_key(|head| size(head)).context("no server is known")?;
    // [CLI-15] It extends what this desk knew, and every other head is one of its trees.
    let mut known = vec![(desk.log_size(), desk.position().range.root(), "this desk".to_owned())];
    known.extend(heads.iter().filter_map(|head| {
        let checkpoint = head.signed.as_ref()?.checkpoint();
        Some((checkpoint.size, checkpoint.root, clean(&head.address)))
    }));
    let published = longest.signed.as_ref();
    let Some(signed) = published.filter(|each| each.checkpoint().size >= desk.log_size()) else {
        let (position, note) = (desk.position().clone(), desk.note());
        let shown = published.map_or(0, |signed| signed.checkpoint().size);
        let log = Published { position, note, entries: desk.own_copy(), shown };
        check_trees(&log.entries, known)?;
        return Ok(log);
    };
    let broken = || {
        format!(
            "the log at {} is not one that this desk has signed a part of, or its files are \
             damaged: nothing is taken over",
            clean(&longest.address)
        )
    };
    let whole = desk.entries_after(&LogPosition::start(), longest)?;
    let (position, entries) = whole.with_context(broken)?;
    check_trees(&entries, known)?;
    let shown = position.range.size();
    Ok(Published { position, note: Some(signed.text().to_owned()), entries, shown })
}

fn check_trees(entries: &[Vec<u8>], mut known: Vec<(u64, TreeHash, String)>) -> anyhow::Result<()> {
    known.sort_by_key(|(size, ..)| *size);
    let mut range = CompactRange::new();
    let mut rest = entries.iter();
    for (size, root, whose) in known {
        while range.size() < size {
            let entry = rest.next().with_context(|| {
                format!(
                    "the log that can be read has {} entries, and {whose} knows {size}; the desk's \
                     own copy of it is damaged",
                    entries.len()
                )
            })?;
            range.push(leaf_hash(entry));
        }
        anyhow::ensure!(
            range.root() == root,
            "two different logs of {size} entries carry this authority's signature: the published \
             one and that of {whose}. Nothing is taken over: stop every copy of this desk, and call \
             whoever runs this authority's keys"
        );
    }
    Ok(())
}

/// Refuses to go on where more was signed, by this desk or from this machine, than anybody shows.
fn check_unseen(memory: &Memory, log: &Published, unseen: bool) -> anyhow::Result<()> {
    // [CLI-15] [LOG-9]
    let signed = memory.last().map_or_else(Signed::default, |(_, signed, _)| *signed);
    let (size, most) = (log.shown, signed.size.max(log.position.range.size()));
    if most <= size || unseen {
        return Ok(());
    }
    bail!(
        "a log of {most} entries was signed, and what is published has {size}. If the server was \
         restored from an old copy, give it its newest data first. If its data are lost, or if that \
         append never reached it, --unseen goes on from what this desk has, which must be the \
         newest that there is of this desk: what was signed after it can never be signed again. \
         Then `noren authority restore-log` gives the server the log back"
    )
}

/// Takes the desk to the end of the published log, in one transaction. The cases found there.
fn catch_up(
    context: &Context,
    desk: &mut Desk<'_>,
    before: &Seat,
    seat: &Seat,
    log: &Published,
) -> anyhow::Result<Vec<String>> {
    let size = log.position.range.size();
    let known = usize::try_from(desk.log_size())?;
    desk.replace_copy(&log.entries)?;
    let mut change = Change::default();
    let (mut found, mut pending) = (Vec::new(), Vec::new());
    if let Some(entries) = desk.pending_entries()? {
        let there = log.entries.get(known..).is_some_and(|new| new.starts_with(&entries));
        if there && !entries.is_empty() {
            pending = desk.pending_cases();
        } else if !entries.is_empty() {
            context.output.say(
                "an append that was signed here never got into the log and is dropped; what it was \
                 about has to be published again",
            );
        }
    }
    for case in &pending {
        change = change.put(case).note(published(case, size));
        found.push(case.id.clone());
    }
    let foreign = log.entries.get(known..).unwrap_or_default();
    for (case, event) in recognise::all(context, desk, foreign)? {
        if !found.contains(&case.id) && !desk.cases().iter().any(|known| same(known, &case)) {
            context.output.say(recognise::told(&case));
            found.push(case.id.clone());
            change = change.put(&case).note(event);
        }
    }
    let details = json!({ "old_seat": before.shown(), "new_seat": seat.shown(), "log_size": size });
    let event = Event::new("desk-taken-over", "desk", details);
    let state = DeskLog::at(log.position.clone(), log.note.clone());
    desk.take_place(change.note(event), seat, state)?;
    Ok(found)
}

/// Whether the desk knows already what the log tells of a case.
fn same(known: &CaseFile, found: &CaseFile) -> bool {
    known.id == found.id && known.status == found.status && known.published == found.published
}

impl TakenOver {
    fn lines(&self) -> String {
        let found = match self.found.as_slice() {
            [] => String::new(),
            some => format!("\nfound in the log: {}", some.join(", ")),
        };
        format!(
            "this desk has seat {} now; seat {} signs nothing any more. The log has {} entries{found}",
            self.seat, self.retired, self.log_size
        )
    }
}
