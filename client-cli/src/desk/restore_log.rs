//! The log goes back onto a server that has lost it, from the desk's own copy.
//!
//! Nothing is signed for it: the server gets the entries in parts, which it shows to nobody, and with
//! the last of them the note that the desk has kept. No device ever sees a log that went back.

use anyhow::{Context as _, bail, ensure};
use noren::log::{Append, MAX_ENTRY};
use serde::Deserialize;
use serde_json::json;

use super::case_file::Coded as _;
use super::event::Event;
use super::heads::{Head, Seen};
use super::store::Change;
use super::{Desk, codes, profile};
use crate::text::counted;

/// What one request takes with it.
const MOST_ENTRIES: usize = 4_096;
const MOST_BYTES: usize = Append::MAX_LENGTH / 2;

/// What went back to the server.
pub(crate) struct RestoredLog {
    /// Entries that the server had not.
    pub(crate) entries: u64,
    pub(crate) log_size: u64,
    /// Cases whose upload codes are good again.
    pub(crate) codes: usize,
    /// Whether the server had lost anything.
    pub(crate) was_lost: bool,
}

/// Gives the log back; with `to`, the server has that address from now on.
pub(super) fn run(desk: &mut Desk<'_>, to: Option<&str>) -> anyhow::Result<RestoredLog> {
    desk.take_seat()?;
    if let Some(url) = to {
        move_to(desk, url)?;
    }
    desk.take_turn()?;
    let (has, size) = (what_it_has(desk)?, desk.log_size());
    let lost = desk.note().is_some() && has.is_none_or(|has| has < size);
    if lost {
        desk.check_note_can_be_given()?;
    }
    let from = has.unwrap_or(0);
    // [CLI-33] What is damaged below the head comes first: what follows is built on it.
    let mut entries = mend(desk, has)?;
    if lost {
        // [CLI-16]
        send(desk, from)?;
        entries += size - from;
    }
    if entries > 0 {
        let details = json!({ "from": from, "log_size": size, "entries": entries });
        desk.apply(Change::default().note(Event::LogRestored.about("desk", details)))?;
    }
    let codes = register_codes(desk)?;
    // What was under way is finished, and devices learn that the log is alive.
    let log_size = desk.append(Vec::new(), Vec::new())?;
    Ok(RestoredLog { entries, log_size, codes, was_lost: lost || entries > 0 })
}

/// The server has another address: the profile says so, and the new server gets it.
fn move_to(desk: &mut Desk<'_>, url: &str) -> anyhow::Result<()> {
    let url = url.trim_end_matches('/');
    if desk.profile.profile().url == url {
        return Ok(());
    }
    // [CLI-11]
    ensure!(
        desk.settings.approvals == 0,
        "the profile names another address, and changing it needs approval: `noren authority \
         profile --url` first"
    );
    profile::move_to(desk, url)
}

/// How many of this desk's entries the server has; `None` where it has no checkpoint. Everything
/// else that is published must be what this desk signed.
fn what_it_has(desk: &Desk<'_>) -> anyhow::Result<Option<u64>> {
    let heads = desk.heads()?;
    // [CLI-33] The desk's own copy may be damaged as well; whoever has the log mends it.
    let mut copy = desk.whole_copy();
    for head in heads.iter().filter(|head| desk.is_at(head)) {
        if copy.is_err() {
            // Where this one cannot, the next one may.
            copy = desk.mend_copy(head).or_else(|_| desk.whole_copy());
        }
    }
    copy?;
    for head in &heads {
        // [CLI-13]
        if let seen @ (Seen::Ahead | Seen::Fork) = desk.judge(head)? {
            return Err(desk.refuse(head, seen)?);
        }
    }
    let size = |head: &Head| head.signed.as_ref().map(|signed| signed.checkpoint().size);
    Ok(heads.first().and_then(size).map(|size| size.min(desk.log_size())))
}

/// What the server has lost, as it says.
#[derive(Deserialize)]
struct Missing {
    missing: Vec<Run>,
}

/// Entries from the first to before the last.
#[derive(Deserialize)]
struct Run {
    from: u64,
    to: u64,
}

/// Gives back what is damaged at the server below its head; how many entries those are.
fn mend(desk: &mut Desk<'_>, has: Option<u64>) -> anyhow::Result<u64> {
    // [CLI-33] [API-29]
    if has.is_none() {
        return Ok(0);
    }
    let missing = what_it_lost(desk)?;
    let mut entries = desk.own_copy();
    // The server may have what was signed last and not confirmed.
    entries.extend(desk.pending_entries()?.unwrap_or_default());
    let mut given = 0;
    for Run { from, to } in missing {
        let run = usize::try_from(from)?..usize::try_from(to)?;
        let run = entries.get(run).context("the server has lost what this desk does not have")?;
        send_parts(desk, from, run.to_vec())?;
        desk.say(format!("the entries {from} to {to} were damaged at the server"));
        given += to.saturating_sub(from);
    }
    ensure!(
        given == 0 || what_it_lost(desk)?.is_empty(),
        "the server was given {} back and cannot prove all of them still: its disk may be broken; \
         run this again, and if that does not help, start it on an empty folder",
        counted(given, "entry")
    );
    Ok(given)
}

fn what_it_lost(desk: &Desk<'_>) -> anyhow::Result<Vec<Run>> {
    let answer = desk.send("GET", "v1/log/missing", "", &[])?;
    let lost = serde_json::from_slice(&desk.expect(answer, 200)?);
    // [CLI-45]
    let Ok(Missing { missing }) = lost else { return Err(desk.server()?.not_it()) };
    Ok(missing)
}

fn send_parts(desk: &mut Desk<'_>, from: u64, mut rest: Vec<Vec<u8>>) -> anyhow::Result<()> {
    let mut old_size = from;
    while !rest.is_empty() {
        let count = fitting(&rest);
        let after = rest.split_off(count);
        // The turn is good for a minute, and a long log takes longer.
        desk.take_turn()?;
        give(desk, &Append::part(old_size, rest)?)?;
        old_size += count as u64;
        rest = after;
    }
    Ok(())
}

/// Sends everything after the first `from` entries: in parts, the last with the kept note.
fn send(desk: &mut Desk<'_>, from: u64) -> anyhow::Result<()> {
    // [LOG-12] [API-28]
    let note = desk.note().context("this desk has signed nothing yet")?;
    let mut entries = desk.own_copy();
    let (mut old_size, mut rest) = (from, entries.split_off(usize::try_from(from)?));
    loop {
        let count = fitting(&rest);
        let after = rest.split_off(count);
        let last = after.is_empty();
        let append = if last {
            Append { old_size, entries: rest, checkpoint: note.clone() }
        } else {
            Append::part(old_size, rest)?
        };
        // The turn is good for a minute, and a long log takes longer.
        desk.take_turn()?;
        give(desk, &append)?;
        if last {
            return desk.end_turn();
        }
        old_size += count as u64;
        rest = after;
    }
}

fn give(desk: &Desk<'_>, append: &Append) -> anyhow::Result<()> {
    let answer = desk.send_append(&append.to_bytes()?)?;
    if matches!(answer.status, 409 | 422) {
        bail!(
            "the server does not take the log: {}; run this again, and if that does not help, \
             start the server on an empty folder",
            answer.problem()
        );
    }
    if answer.status == 200 {
        return desk.check_appended(&answer, append.old_size, append.entries.len());
    }
    desk.expect(answer, 200).map(drop)
}

/// How many of the entries go into one request.
fn fitting(entries: &[Vec<u8>]) -> usize {
    let mut bytes = 0;
    let fits = |entry: &&Vec<u8>| {
        bytes += entry.len() + 5;
        bytes <= MOST_BYTES.max(MAX_ENTRY + 5)
    };
    entries.iter().take(MOST_ENTRIES).take_while(fits).count()
}

/// A server that lost the log has lost the codes as well.
fn register_codes(desk: &Desk<'_>) -> anyhow::Result<usize> {
    let now = desk.now()?;
    let mut count = 0;
    for case in desk.cases() {
        if case.patient.is_none() && case.status.waits_for_upload() && case.expires > now {
            codes::register(desk, case, case.expires)?;
            count += 1;
        }
    }
    for case in desk.patient_cases() {
        if case.status().waits_for_upload() && case.expires > now {
            codes::register(desk, case, case.expires)?;
            count += 1;
        }
    }
    Ok(count)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_goes_into_one_request_can_be_sent() {
        // [API-28] [LOG-12]
        for (length, count) in [(0, 10_000), (300, 10_000), (MAX_ENTRY, 200)] {
            let entries = vec![vec![0; length]; count];
            let fit = fitting(&entries);
            assert!(fit > 0 && fit < count);
            let part = Append::part(0, entries[..fit].to_vec()).expect("within the limits");
            assert!(part.to_bytes().is_ok(), "{fit} entries of {length} bytes");
        }
        assert_eq!(fitting(&[]), 0);
    }
}
