//! A desk that was copied, moved or restored becomes the one that signs.

use anyhow::{Context as _, bail};
use noren::log::{CompactRange, LogPosition, TreeHash, leaf_hash};
use serde_json::json;

use super::event::Event;
use super::heads::Head;
use super::log::{LogState, Turn, published};
use super::seat::{Memory, Seat};
use super::store::Change;
use super::surroundings::Place;
use super::{Desk, recognise, rotate, served, undecided};
use crate::log_files::fetch_profile;
use crate::text::{clean, counted};

/// How often a number is tried that the server says is taken.
const ATTEMPTS: usize = 4;

/// What a take-over came to.
pub(crate) struct TakenOver {
    pub(crate) seat: u64,
    pub(crate) retired: u64,
    pub(crate) log_size: u64,
    /// Cases whose hours were found in the log.
    pub(crate) found: Vec<String>,
}

/// The published log as the longest of its copies shows it.
struct Published {
    position: LogPosition,
    note: Option<String>,
    entries: Vec<Vec<u8>>,
    /// How many of the entries somebody shows.
    shown: u64,
}

/// Takes the desk over; `unseen`: although a larger log was signed from this machine than anybody
/// shows.
pub(super) fn run(desk: &mut Desk<'_>, unseen: bool) -> anyhow::Result<TakenOver> {
    // [CLI-15]
    let mut memory = Memory::open(&desk.place, desk.seat())?;
    let before = desk.seat().clone();
    // What cannot be taken over is told before anybody is retired for it; then nobody else appends.
    check_signed(desk, &memory, &read(desk)?, unseen)?;
    let (seat, was_last) = claim(desk, &memory)?;
    let log = read(desk)?;
    check_signed(desk, &memory, &log, unseen)?;
    let is_newest = was_last && is_newest(desk, &memory, &log)?;
    let found = catch_up(desk, (&before, &seat), &log, is_newest)?;
    // The database knows the seat before this machine does: cut off here, this is run again.
    let signed = desk.signed()?;
    let is_shown = log.shown >= desk.log_size();
    let note = desk.pending_note()?.or(log.note).unwrap_or_default();
    let journal = desk.journal_end()?;
    memory.remember(&seat, signed, &note, journal)?;
    drop(memory);
    served::catch_up(desk)?;
    // In the turn that was taken. Where this fails, the next command that signs does it.
    if desk.has_pending() && is_shown {
        desk.resume()?;
    }
    let (seat, retired, log_size) = (seat.number, before.number, desk.log_size());
    Ok(TakenOver { seat, retired, log_size, found })
}

impl<'a> Desk<'a> {
    /// The desk; in the middle of a handover of keys only where server and desk have the same profile.
    /// Then the keys are settled, and `rotate-keys` finishes the rest from the new seat.
    pub(crate) fn open_to_take_over(place: Place<'a>) -> anyhow::Result<Self> {
        // [CLI-15] [PRO-7]
        let mut desk = Self::open_unchecked(place)?;
        if let Some(lost) = desk.lost()? {
            desk.say(format!(
            "{lost}. Uploads for codes that this desk has not given out are shown by `noren authority \
             uploads`; open those cases anew"
        ));
        }
        let profile = desk.profile.profile();
        let is_settled = profile.log_key == desk.keys.log_public_key()
            && fetch_profile(&profile.url)?.profile().log_key == profile.log_key;
        if !is_settled {
            rotate::check_finished(&desk.place.folder)?;
        }
        Ok(desk)
    }
}

/// A seat with a number that the server has not seen, which retires every other; and whether no other
/// desk has come after the one that is known here.
fn claim(desk: &mut Desk<'_>, memory: &Memory) -> anyhow::Result<(Seat, bool)> {
    let known = memory.last().map_or(0, |(seat, ..)| seat.number).max(desk.seat().number);
    let mut number = known + 1;
    desk.choose_turn()?;
    for attempt in 0..ATTEMPTS {
        let seat = desk.seat().next(number, &mut desk.rng());
        match desk.ask_for_turn(&seat)? {
            Turn::Granted => return Ok((seat, attempt == 0)),
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
                    "the log that can be read has {}, and {whose} knows {size}; the desk's \
                     own copy of it is damaged",
                    counted(entries.len(), "entry")
                )
            })?;
            range.push(leaf_hash(entry));
        }
        anyhow::ensure!(
            range.root() == root,
            "two different logs of {} carry this authority's signature: the published one and that of \
             {whose}. Nothing is taken over: stop every copy of this desk, and call whoever runs \
             this authority's keys",
            counted(size, "entry")
        );
    }
    Ok(())
}

/// Refuses a log that contradicts what this desk or this machine has signed; and to go on where more
/// was signed than anybody shows and this desk has.
fn check_signed(
    desk: &Desk<'_>,
    memory: &Memory,
    log: &Published,
    unseen: bool,
) -> anyhow::Result<()> {
    // [CLI-15] [LOG-9]
    let (signed, note) =
        memory.last().map_or_else(Default::default, |(_, signed, note)| (*signed, note.to_owned()));
    let known = usize::try_from(desk.log_size())?;
    let new = log.entries.get(known..).unwrap_or_default();
    let pending = desk.pending_entries()?.unwrap_or_default();
    if !(new.starts_with(&pending) || pending.starts_with(new)) {
        let own = desk.pending_note()?.unwrap_or_default();
        return Err(forked(desk, log, &own)?);
    }
    if signed.size <= log.entries.len() as u64 {
        let mut range = CompactRange::new();
        let size = usize::try_from(signed.size)?;
        log.entries.iter().take(size).for_each(|entry| range.push(leaf_hash(entry)));
        if signed.size > 0 && !signed.is_of(&range) {
            return Err(forked(desk, log, &note)?);
        }
    }
    // What was signed last is here, and is sent by the next command.
    let is_pending =
        new.is_empty() && desk.pending_signed()?.is_some_and(|here| here.is_same_tree(&signed));
    let (size, most) = (log.shown, signed.size.max(log.position.range.size()));
    if most <= size || unseen || (is_pending && log.position.range.size() <= size) {
        return Ok(());
    }
    bail!(
        "a log of {} was signed, and what is published has {size}. If the server was \
         restored from an old copy, give it its newest data first. If its data are lost, or if that \
         append never reached it, --unseen goes on from what this desk has, which must be the \
         newest that there is of this desk: what was signed after it can never be signed again. \
         Then `noren authority restore-log` gives the server the log back",
        counted(most, "entry")
    )
}

/// Why nothing is taken over beside another history; both notes are kept.
fn forked(desk: &Desk<'_>, log: &Published, own: &str) -> anyhow::Result<anyhow::Error> {
    // [CLI-13] [LOG-8]
    let place = desk.keep_notes(log.note.as_deref(), Some(own))?;
    Ok(anyhow::anyhow!(
        "nothing is taken over: this desk has signed a log that contradicts the published one. Both \
         notes are kept in {place}: they prove it to anybody. Sign nothing more, stop every copy of \
         this desk, and call whoever runs this authority's keys"
    ))
}

/// Whether nothing can have been decided at another copy of this desk, or at this one before it was
/// restored: this machine has seen no later entry of the journal, and the log is what was signed here.
fn is_newest(desk: &mut Desk<'_>, memory: &Memory, log: &Published) -> anyhow::Result<bool> {
    // [CLI-15]
    let Some(known) = memory.journal_of(desk.seat()).cloned() else { return Ok(false) };
    let has_all = known.is_at(desk.digest_at(known.number())?.as_deref());
    let pending = desk.pending_entries()?.map_or(0, |entries| entries.len());
    let signed = desk.signed()?;
    let is_ours = log.entries.len() <= usize::try_from(desk.log_size())? + pending
        && log.position.timestamp <= signed.time;
    Ok(has_all && is_ours)
}

/// Takes the desk to the end of the published log, in one transaction. The cases found there.
fn catch_up(
    desk: &mut Desk<'_>,
    (before, seat): (&Seat, &Seat),
    log: &Published,
    is_newest: bool,
) -> anyhow::Result<Vec<String>> {
    let size = log.position.range.size();
    let known = usize::try_from(desk.log_size())?;
    desk.replace_copy(&log.entries)?;
    let mut change = Change::default();
    let (mut cases, mut found) = (desk.cases().to_vec(), Vec::new());
    // [LOG-9] Signed once, it is sent until it is there: never is another tree signed in its place.
    let waits = desk.has_pending() && log.entries.len() <= known;
    if waits {
        desk.say("what was signed here and is not in the log yet is kept, and sent again");
    } else if desk.pending_entries()?.is_some_and(|entries| !entries.is_empty()) {
        for case in desk.pending_cases() {
            change = change.put(&case).note(published(&case, size));
            found.push(case.id.clone());
            cases
                .iter_mut()
                .filter(|each| each.id == case.id)
                .for_each(|each| *each = case.clone());
        }
    }
    for (case, event) in recognise::all(desk, &cases, &log.entries, known)? {
        desk.say(recognise::told(&case));
        if !found.contains(&case.id) {
            found.push(case.id.clone());
        }
        change = change.put(&case).note(event);
        cases.iter_mut().filter(|each| each.id == case.id).for_each(|each| *each = case.clone());
    }
    if !is_newest {
        change = undecided::take_out(desk, &cases, change)?;
    }
    let details = json!({ "old_seat": before.shown(), "new_seat": seat.shown(), "log_size": size });
    let event = Event::DeskTakenOver.about("desk", details);
    let state = LogState::at(log.position.clone(), log.note.clone());
    desk.take_place(change.note(event), seat, state, waits)?;
    Ok(found)
}
