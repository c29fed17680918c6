//! The desk's place in its own log, and how an append gets there exactly once.
//!
//! Nothing is signed but in this order: the seat is this desk's, the server has given it the turn,
//! what is published everywhere is what this desk has signed, the append is stored, this machine
//! remembers it, and only then is it sent.

use anyhow::{Context as _, bail};
use noren::log::{Append, LogPosition, MAX_CLOCK_SKEW, SignedCheckpoint};
use noren::profile::SignedProfile;
use noren::time::UnixSeconds;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::case_file::CaseFile;
use super::clock::unsigned;
use super::event::{Event, Noted};
use super::heads::Seen;
use super::record::{DAMAGED, Record};
use super::seat::{Memory, Seat, Signed, random};
use super::store::Change;
use super::{Desk, profile};
use crate::errors::words;
use crate::http::Answer;

/// What this desk has signed.
#[derive(Clone, Default, Serialize, Deserialize)]
pub(super) struct LogState {
    pub(super) position: LogPosition,
    pending: Option<Pending>,
    /// The note of the position; none before the first.
    pub(super) note: Option<String>,
    /// The turn that was asked for and that no append has ended.
    turn: Option<String>,
    /// The last release time whose batch is in the log.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    released: Option<UnixSeconds>,
    /// Entries that another desk has published, from and to: what take-overs have found.
    #[serde(default)]
    foreign: Vec<(u64, u64)>,
}

/// An append that was signed and may or may not have reached the server.
#[derive(Clone, Serialize, Deserialize)]
struct Pending {
    append: String,
    cases: Vec<CaseFile>,
    /// Whether the witnesses were asked about it: from then on it stays as it is.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    witnessed: bool,
    /// The release time that is done with it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    release: Option<UnixSeconds>,
}

impl Record for LogState {
    const KIND: &'static str = "log";

    fn id(&self) -> &'static str {
        "desk"
    }
}

impl LogState {
    /// At this position, with nothing under way.
    pub(super) const fn at(position: LogPosition, note: Option<String>) -> Self {
        Self { position, pending: None, note, turn: None, released: None, foreign: Vec::new() }
    }
}

impl Desk<'_> {
    /// The number of entries in the log as this desk signed it.
    pub(super) const fn log_size(&self) -> u64 {
        self.log.position.range.size()
    }

    pub(super) const fn position(&self) -> &LogPosition {
        &self.log.position
    }

    pub(super) const fn seat(&self) -> &Seat {
        &self.seat
    }

    /// The note of the last checkpoint that the server has confirmed.
    pub(super) fn note(&self) -> Option<String> {
        self.log.note.clone()
    }

    /// The entries of the log as the desk has them, up to the first that is missing.
    pub(super) fn own_copy(&self) -> Vec<Vec<u8>> {
        self.copy.bundles(self.log_size()).map_while(Result::ok).flatten().collect()
    }

    /// Whether there are entries in the log that this desk has found there and not published itself.
    pub(super) fn has_foreign_entries(&self) -> bool {
        self.log.foreign.iter().any(|(from, to)| from < to)
    }

    /// Whether this entry is such a one.
    pub(super) fn is_foreign(&self, index: u64) -> bool {
        self.log.foreign.iter().any(|(from, to)| (*from..*to).contains(&index))
    }

    /// Makes these the desk's copy of the log.
    pub(super) fn replace_copy(&self, entries: &[Vec<u8>]) -> anyhow::Result<()> {
        self.copy.extend(0, entries)
    }

    /// Takes another seat at another place in the log, in one transaction with all that changes by
    /// it. The turn that was asked for stays.
    pub(super) fn take_place(
        &mut self,
        change: Change,
        seat: &Seat,
        state: LogState,
        keeps_pending: bool,
    ) -> anyhow::Result<()> {
        let mut foreign = self.log.foreign.clone();
        foreign.push((self.log_size(), state.position.range.size()));
        let pending = self.log.pending.clone().filter(|_| keeps_pending);
        // What is kept no longer is in the log.
        let in_log = self.log.pending.clone().filter(|_| !keeps_pending);
        let released = in_log.and_then(|pending| pending.release).max(self.released());
        let turn = self.log.turn.clone();
        let state = LogState { turn, foreign, pending, released, ..state };
        self.change(change.put(seat).put(&state))?;
        (self.seat, self.log) = (seat.clone(), state);
        Ok(())
    }

    /// Whether an append was signed that may not have reached the server.
    pub(super) const fn has_pending(&self) -> bool {
        self.log.pending.is_some()
    }

    /// Appends entries to the log; `cases` are what cases become by it. Signed and stored before
    /// it is sent: a command that was cut off is finished by the next one, and nothing is published
    /// twice.
    pub(super) fn append(
        &mut self,
        entries: Vec<Vec<u8>>,
        cases: Vec<CaseFile>,
    ) -> anyhow::Result<u64> {
        self.append_release(entries, cases, None)
    }

    /// The same; the batch of a release time is done with it.
    pub(super) fn append_release(
        &mut self,
        entries: Vec<Vec<u8>>,
        cases: Vec<CaseFile>,
        release: Option<UnixSeconds>,
    ) -> anyhow::Result<u64> {
        // [CLI-23] A profile that cannot be handed out keeps no warning back.
        if let Err(error) = profile::finish(self) {
            self.say(format!("a change of the profile is not finished: {}", words(&error)));
        }
        self.append_alone(entries, cases, release)
    }

    /// The same, and finishes no change of the profile.
    pub(super) fn append_alone(
        &mut self,
        entries: Vec<Vec<u8>>,
        cases: Vec<CaseFile>,
        release: Option<UnixSeconds>,
    ) -> anyhow::Result<u64> {
        // [CLI-1]
        self.prepare_to_sign()?;
        // [PRO-12] The profile's own entry comes first, where that is not in the log yet.
        let is_next = self.profile.profile().log_index == Some(self.log_size());
        let own = is_next.then(|| self.profile.to_log_entry());
        let all: Vec<_> = own.iter().cloned().chain(entries.iter().cloned()).collect();
        match own {
            Some(own) if !Append::holds(&all) => {
                self.sign(vec![own], Vec::new(), None)?;
                self.send_pending()?;
                // That append has ended the turn.
                self.prepare_to_sign()?;
                self.sign(entries, cases, release)?;
            }
            _ => self.sign(all, cases, release)?,
        }
        self.send_pending()?;
        Ok(self.log_size())
    }

    /// Whether the log has another entry where this desk's profile says that its own stands: the desk
    /// was made anew, with keys that have signed before.
    pub(super) fn is_profile_misplaced(&self) -> bool {
        // [PRO-12]
        let Some(index) = self.profile.profile().log_index else { return false };
        let index = usize::try_from(index).unwrap_or(usize::MAX);
        let copy = self.own_copy();
        copy.get(index).is_some_and(|entry| *entry != self.profile.to_log_entry())
    }

    /// Whether a signed profile stands where it says, or is the next entry to come.
    pub(super) fn has_place_for(&self, profile: &SignedProfile) -> anyhow::Result<bool> {
        // [PRO-12]
        let Some(index) = profile.profile().log_index else { return Ok(true) };
        let pending = self.pending_entries()?.unwrap_or_default();
        let all = self.own_copy().into_iter().chain(pending);
        let found = usize::try_from(index).ok().and_then(|index| all.clone().nth(index));
        let is_next = index == all.count() as u64;
        Ok(found.map_or(is_next, |entry| entry == profile.to_log_entry()))
    }

    /// The place in the log of a profile that is signed now; none where the clock has no key of its
    /// own.
    pub(super) fn next_log_index(&self) -> anyhow::Result<Option<u64>> {
        // [PRO-12]
        let pending = self.pending_entries()?.map_or(0, |entries| entries.len() as u64);
        let has_place = self.keys.log_public_keys().are_two();
        Ok(has_place.then_some(self.log_size() + pending))
    }

    /// The last release time whose batch is in the log. One that is still to come is of a clock that
    /// was wrong, and counts for nothing.
    pub(super) fn released(&self) -> Option<UnixSeconds> {
        // [CLI-36]
        let now = self.now().ok()?;
        self.log.released.filter(|released| *released <= now)
    }

    /// Everything that has to hold before something is signed. What an earlier command was cut off
    /// from is finished on the way; the cases that it was about.
    pub(super) fn prepare_to_sign(&mut self) -> anyhow::Result<Vec<String>> {
        self.take_seat()?;
        self.take_turn()?;
        let has_pending = self.look_at_heads()?;
        let sends = self.log.pending.is_some() && !has_pending;
        let resumed = self.finish_earlier(has_pending)?;
        if sends {
            // That append has ended the turn: another desk may have come in between.
            self.take_turn()?;
            self.look_at_heads()?;
        }
        Ok(resumed)
    }

    /// Finishes what an earlier command was cut off from; the cases that it was about.
    pub(crate) fn resume(&mut self) -> anyhow::Result<Vec<String>> {
        if self.log.pending.is_none() {
            return Ok(Vec::new());
        }
        self.take_seat()?;
        self.take_turn()?;
        let has_pending = self.look_at_heads()?;
        self.finish_earlier(has_pending)
    }

    fn finish_earlier(&mut self, has_pending: bool) -> anyhow::Result<Vec<String>> {
        let Some(pending) = self.log.pending.clone() else { return Ok(Vec::new()) };
        if has_pending {
            self.confirm(false)?;
        } else {
            self.send_pending()?;
        }
        let ids: Vec<String> = pending.cases.into_iter().map(|case| case.id).collect();
        for id in &ids {
            self.say(format!(
                "case {id}: what a command that was cut off had signed is published now"
            ));
        }
        Ok(ids)
    }

    /// Holds this machine's memory of the desk, and refuses a copy of it.
    pub(super) fn take_seat(&mut self) -> anyhow::Result<()> {
        // [CLI-14]
        if self.memory.is_none() {
            let memory = Memory::open(&self.place, &self.seat)?;
            memory.check(&self.seat, &self.signed()?, self.now()?)?;
            self.memory = Some(memory);
        }
        Ok(())
    }

    /// Asks the server for the turn to append. The turn's name is stored first, so that a command
    /// that was cut off does not stand in the way of the next one.
    pub(super) fn take_turn(&mut self) -> anyhow::Result<()> {
        // [CLI-13] [API-27]
        self.choose_turn()?;
        let seat = self.seat.clone();
        match self.ask_for_turn(&seat)? {
            Turn::Granted => Ok(()),
            Turn::Retired(number) => Err(self.retired(number)),
        }
    }

    /// Draws the name of the next turn, unless one was drawn that no append has ended.
    pub(super) fn choose_turn(&mut self) -> anyhow::Result<()> {
        if self.log.turn.is_none() {
            self.log.turn = Some(hex::encode(random(&mut self.rng())));
            self.apply(Change::default().put(&self.log.clone()))?;
        }
        Ok(())
    }

    /// Asks the server for the turn that this desk has chosen, for a seat.
    pub(super) fn ask_for_turn(&self, seat: &Seat) -> anyhow::Result<Turn> {
        let turn = self.log.turn.as_deref().unwrap_or_default();
        let body = json!({ "seat": seat.number, "id": hex::encode(seat.id), "turn": turn });
        let body = serde_json::to_vec(&body)?;
        let answer = self.send("POST", "v1/log/turn", "application/json", &body)?;
        if answer.status == 409 {
            let problem: serde_json::Value =
                serde_json::from_slice(&answer.body).unwrap_or_default();
            if let Some(number) = problem["seat"].as_u64() {
                return Ok(Turn::Retired(number));
            }
            bail!(
                "nothing was signed: another copy of this desk is publishing just now, or was cut \
                 off a moment ago; try again in a minute"
            );
        }
        // [CLI-45]
        let is_granted = answer.number("until").is_some();
        self.expect(answer, 200)?;
        if is_granted { Ok(Turn::Granted) } else { Err(self.server()?.not_it()) }
    }

    fn sign(
        &mut self,
        entries: Vec<Vec<u8>>,
        cases: Vec<CaseFile>,
        release: Option<UnixSeconds>,
    ) -> anyhow::Result<()> {
        let (origin, now) = (&self.profile.profile().origin, self.now()?);
        // [LOG-15] Whether the clock is right was asked before.
        let position = self.log.position.by_clock(now);
        let append = Append::sign(&position, entries, origin, &self.keys.log_keys(), now);
        let append = append.map_err(unsigned)?;
        let append = hex::encode(append.to_bytes()?);
        let pending = Pending { append, cases, witnessed: false, release };
        let state = LogState { pending: Some(pending), ..self.log.clone() };
        self.apply(Change::default().put(&state))?;
        self.log = state;
        Ok(())
    }

    /// Forgets a signed append without entries: whoever signs next signs the log anew.
    pub(super) fn drop_heartbeat(&mut self) -> anyhow::Result<()> {
        if self.pending_append()?.is_some_and(|(_, append)| append.entries.is_empty()) {
            // [LOG-9] What is signed next is not dated before it.
            self.log.position.timestamp = self.signed()?.time;
            self.log.pending = None;
            self.apply(Change::default().put(&self.log.clone()))?;
        }
        Ok(())
    }

    fn pending_append(&self) -> anyhow::Result<Option<(Vec<u8>, Append)>> {
        let Some(pending) = &self.log.pending else { return Ok(None) };
        let bytes = hex::decode(&pending.append).context(DAMAGED)?;
        let append = Append::from_bytes(&bytes).context(DAMAGED)?;
        Ok(Some((bytes, append)))
    }

    pub(super) fn pending_note(&self) -> anyhow::Result<Option<String>> {
        Ok(self.pending_append()?.map(|(_, append)| append.checkpoint))
    }

    /// The entries that were signed and not confirmed.
    pub(super) fn pending_entries(&self) -> anyhow::Result<Option<Vec<Vec<u8>>>> {
        Ok(self.pending_append()?.map(|(_, append)| append.entries))
    }

    /// The cases that those entries are about.
    pub(super) fn pending_cases(&self) -> Vec<CaseFile> {
        self.log.pending.as_ref().map_or_else(Vec::new, |pending| pending.cases.clone())
    }

    pub(super) fn pending_checkpoint(&self, append: &Append) -> anyhow::Result<SignedCheckpoint> {
        let profile = self.profile.profile();
        let note = append.checkpoint.as_bytes();
        match SignedCheckpoint::verify(note, &profile.origin, &profile.log_keys()) {
            Ok(signed) => Ok(signed),
            Err(error) => self.profile.verify_before_handover(note).ok_or(error).context(DAMAGED),
        }
    }

    pub(super) fn pending_signed(&self) -> anyhow::Result<Option<Signed>> {
        let Some((_, append)) = self.pending_append()? else { return Ok(None) };
        Ok(Some(Signed::of(&self.pending_checkpoint(&append)?)))
    }

    /// Takes over the time of the head, which the clock key has renewed elsewhere.
    pub(super) fn take_time(&mut self, head: &SignedCheckpoint) -> anyhow::Result<()> {
        // [PRO-9]
        let mut state = self.log.clone();
        state.position.timestamp = head.timestamp();
        state.note = Some(head.text().to_owned());
        self.apply(Change::default().put(&state))?;
        self.log = state;
        Ok(())
    }

    /// Signs the same tree once more where no server takes it as it was dated: by a clock that was
    /// ahead, or before the clock key has renewed the time of the head.
    fn sign_anew(&mut self) -> anyhow::Result<()> {
        // [LOG-15]
        let time = self.signed()?.time;
        let late = self.log.position.by_clock(self.now()?).timestamp > time;
        let refused = late || time > self.now()?.plus(MAX_CLOCK_SKEW);
        let Some((_, append)) = self.pending_append()?.filter(|_| refused) else { return Ok(()) };
        let release = self.log.pending.as_ref().and_then(|pending| pending.release);
        let cases = self.pending_cases();
        self.sign(append.entries, cases, release)
    }

    /// Asks the witnesses about what was signed, and stores what they gave: what is sent, and sent
    /// again, is one note.
    fn ask_witnesses(&mut self) -> anyhow::Result<()> {
        // [LOG-22]
        let pending = self.log.pending.clone().filter(|pending| !pending.witnessed);
        let (Some(pending), Some((_, append))) = (pending, self.pending_append()?) else {
            return Ok(());
        };
        if self.witnesses().known.is_empty() {
            return Ok(());
        }
        let append = Append { checkpoint: self.cosigned(&append)?, ..append };
        let append = hex::encode(append.to_bytes()?);
        let pending = Pending { append, witnessed: true, ..pending };
        let state = LogState { pending: Some(pending), ..self.log.clone() };
        self.apply(Change::default().put(&state))?;
        self.log = state;
        Ok(())
    }

    /// Sends what was signed, after this machine has remembered it.
    fn send_pending(&mut self) -> anyhow::Result<()> {
        self.sign_anew()?;
        self.ask_witnesses()?;
        let Some((bytes, append)) = self.pending_append()? else { return Ok(()) };
        let signed = self.signed()?;
        let seat = self.seat.clone();
        // [CLI-14]
        let memory = self.memory.as_mut().context("this desk has not taken its seat")?;
        let journal = self.store.end()?;
        memory.remember(&seat, signed, &append.checkpoint, journal)?;
        let answer = self.send_append(&bytes)?;
        if answer.status == 200 {
            self.check_appended(&answer, append.old_size, append.entries.len())?;
            self.check_shown()?;
            // What was signed twice in one second is shown before it is sent: whatever answers,
            // nothing tells that it has ended the turn.
            return self.confirm(self.log.note.as_ref() != Some(&append.checkpoint));
        }
        // Another size, another turn, or a checkpoint that the server does not take.
        if matches!(answer.status, 409 | 422) {
            if self.look_at_heads()? {
                return self.confirm(false);
            }
            bail!(
                "the server refuses the append: {}. Make sure that no other copy of this desk is \
                 at work and that this machine's clock is right; the next command tries again",
                answer.problem()
            );
        }
        self.expect(answer, 200).map(drop)
    }

    /// Refuses an answer that does not say that the server has so many entries now.
    pub(super) fn check_appended(
        &self,
        answer: &Answer,
        old_size: u64,
        entries: usize,
    ) -> anyhow::Result<()> {
        // [CLI-45] [API-9]
        let size = old_size + entries as u64;
        let has_it = answer.number("size").is_some_and(|said| said >= size);
        if has_it { Ok(()) } else { Err(self.server()?.not_it()) }
    }

    /// Refuses to take what was signed for published where the server does not show it.
    fn check_shown(&self) -> anyhow::Result<()> {
        // [CLI-45]
        let unseen = "the server says that it has what was signed, and that cannot be seen there; the \
            next command looks again";
        let head = self.head_at(&self.profile.profile().url).context(unseen)?;
        match self.judge(&head)? {
            Seen::Pending => Ok(()),
            seen @ (Seen::Ahead | Seen::Fork) => Err(self.refuse(&head, seen)?),
            Seen::Nothing | Seen::Behind | Seen::Same | Seen::Renewed => bail!(
                "the server at {} says that it has what was signed, and shows the log of before: it is \
                 kept here, and the next command sends it again",
                self.profile.profile().url
            ),
        }
    }

    /// Sends an append, or part of one, in the turn that it is.
    pub(super) fn send_append(&self, bytes: &[u8]) -> anyhow::Result<Answer> {
        let path = format!("v1/log?turn={}", self.log.turn.as_deref().unwrap_or_default());
        self.send("POST", &path, "application/cbor", bytes)
    }

    /// Notes that an append has ended the turn.
    pub(super) fn end_turn(&mut self) -> anyhow::Result<()> {
        self.log.turn = None;
        self.apply(Change::default().put(&self.log.clone()))
    }

    /// Notes that the server has what was signed; `turn_ended` where its answer says so.
    fn confirm(&mut self, turn_ended: bool) -> anyhow::Result<()> {
        let Some(pending) = self.log.pending.clone() else { return Ok(()) };
        let Some((_, append)) = self.pending_append()? else { return Ok(()) };
        let signed = self.pending_checkpoint(&append)?;
        // [LOG-15]
        let position = self.log.position.by_clock(signed.timestamp());
        let position = position.advance(&signed, &append.entries)?;
        // Where this fails, the next command mends it from what the server shows.
        if let Err(error) = self.copy.extend(append.old_size, &append.entries) {
            self.say(format!("the desk's copy of the log is behind: {}", words(&error)));
        }
        let turn = if turn_ended { None } else { self.log.turn.clone() };
        let foreign = self.log.foreign.clone();
        // [CLI-36]
        let released = pending.release.max(self.released());
        let at = LogState::at(position, Some(append.checkpoint));
        let state = LogState { turn, foreign, released, ..at };
        let size = state.position.range.size();
        let mut change = Change::default().put(&state);
        if let Some(time) = pending.release {
            let details = json!({ "time": time, "cases": pending.cases.len(), "log_size": size });
            change = change.note(Event::Release.about("desk", details));
        }
        for case in &pending.cases {
            change = change.put(case).note(published(case, size));
        }
        self.apply(change)?;
        self.log = state;
        Ok(())
    }
}

/// What the server said to a claim of the turn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Turn {
    Granted,
    /// A seat with this number has taken the desk over.
    Retired(u64),
}

/// What the journal says of a case whose notice is in the log.
pub(super) fn published(case: &CaseFile, log_size: u64) -> Noted {
    let event = if case.published.is_some() { Event::Published } else { Event::Withdrawn };
    event.about(&case.id, json!({ "notice": case.published, "log_size": log_size }))
}
