//! The desk's place in its own log, and how an append gets there exactly once.

use anyhow::{Context as _, bail};
use noren::log::{Append, LogPosition};
use serde::{Deserialize, Serialize};

use super::{CaseFile, Change, Desk, Event, Record};
use crate::log_reader::LogReader;

/// How often an append is sent before the server's refusal stands.
const ATTEMPTS: usize = 3;

/// What it means when the server's log does not extend what this desk signed.
const LOST: &str = "the server does not show the log that this desk has signed, so nothing was \
    published. If the server was restored from an old copy, give it back its newest data; a log \
    that went back is refused by every device";

/// What this desk has signed.
#[derive(Clone, Default, Serialize, Deserialize)]
pub(super) struct LogState {
    position: LogPosition,
    pending: Option<Pending>,
}

/// An append that was signed and may or may not have reached the server.
#[derive(Clone, Serialize, Deserialize)]
struct Pending {
    append: String,
    cases: Vec<CaseFile>,
}

impl Record for LogState {
    const KIND: &'static str = "log";

    fn id(&self) -> &'static str {
        "desk"
    }
}

impl Desk<'_> {
    /// The number of entries in the log as this desk signed it.
    pub(in crate::authority) const fn log_size(&self) -> u64 {
        self.log.position.range.size()
    }

    /// Whether an append was signed that may not have reached the server.
    pub(in crate::authority) const fn has_pending(&self) -> bool {
        self.log.pending.is_some()
    }

    /// Appends entries to the log; `cases` are what cases become by it. Signed and stored before
    /// it is sent: a command that was cut off is finished by the next one, and nothing is published
    /// twice.
    pub(in crate::authority) fn append(
        &mut self,
        entries: Vec<Vec<u8>>,
        cases: Vec<CaseFile>,
    ) -> anyhow::Result<u64> {
        // [CLI-1]
        self.resume()?;
        self.sign(entries, cases)?;
        self.finish_pending()?;
        Ok(self.log_size())
    }

    fn sign(&mut self, entries: Vec<Vec<u8>>, cases: Vec<CaseFile>) -> anyhow::Result<()> {
        let (origin, now) = (&self.profile.profile().origin, self.context.now()?);
        let append = Append::sign(&self.log.position, entries, origin, self.keys.log_key(), now)
            .context("cannot sign the log; is this machine's clock right?")?;
        self.log.pending = Some(Pending { append: hex::encode(append.to_bytes()?), cases });
        self.apply(Change::default().put(&self.log.clone()))
    }

    /// Finishes what an earlier command was cut off from; the cases that it was about.
    pub(in crate::authority) fn resume(&mut self) -> anyhow::Result<Vec<String>> {
        let Some(pending) = self.log.pending.clone() else { return Ok(Vec::new()) };
        self.finish_pending()?;
        let ids: Vec<String> = pending.cases.into_iter().map(|case| case.id).collect();
        for id in &ids {
            self.context.output.say(format!(
                "case {id}: what a command that was cut off had signed is published now"
            ));
        }
        Ok(ids)
    }

    /// Forgets a signed append without entries: whoever signs next signs the log anew.
    pub(in crate::authority) fn drop_heartbeat(&mut self) -> anyhow::Result<()> {
        let Some(pending) = &self.log.pending else { return Ok(()) };
        if Self::pending_append(pending)?.1.entries.is_empty() {
            self.log.pending = None;
            self.apply(Change::default().put(&self.log.clone()))?;
        }
        Ok(())
    }

    fn pending_append(pending: &Pending) -> anyhow::Result<(Vec<u8>, Append)> {
        let damaged = "the desk's database is damaged";
        let bytes = hex::decode(&pending.append).context(damaged)?;
        let append = Append::from_bytes(&bytes).context(damaged)?;
        Ok((bytes, append))
    }

    /// Brings an append that was signed to its end.
    fn finish_pending(&mut self) -> anyhow::Result<()> {
        let mut refusal = String::new();
        for _ in 0..ATTEMPTS {
            let Some(pending) = self.log.pending.clone() else { return Ok(()) };
            let (bytes, append) = Self::pending_append(&pending)?;
            let answer = self.send("POST", "v1/log", "application/cbor", &bytes)?;
            match answer.status {
                200 => return self.confirm(&append, pending.cases),
                // Another size, or, at this size, a checkpoint that is newer than this one.
                409 | 422 => {
                    refusal = answer.problem();
                    self.catch_up(append, pending.cases)?;
                }
                _ => drop(self.expect(answer, 200)?),
            }
        }
        if self.log.pending.is_none() {
            return Ok(());
        }
        bail!(
            "the server refuses the append: {refusal}. Make sure that no other copy of this desk \
             is at work and that this machine's clock is right; the next command tries again"
        )
    }

    fn confirm(&mut self, append: &Append, cases: Vec<CaseFile>) -> anyhow::Result<()> {
        let profile = self.profile.profile();
        let (position, _) = append.verify(&self.log.position, &profile.origin, &profile.log_key)?;
        self.finish(position, cases)
    }

    fn finish(&mut self, position: LogPosition, cases: Vec<CaseFile>) -> anyhow::Result<()> {
        let state = LogState { position, pending: None };
        let mut change = Change::default().put(&state);
        for case in &cases {
            let action = match case.published {
                Some(_) => "published",
                None => "withdrawn",
            };
            let details = serde_json::json!({ "notice": case.published, "log_size": state.position.range.size() });
            change = change.put(case).note(Event::new(action, &case.id, details));
        }
        self.apply(change)?;
        self.log = state;
        Ok(())
    }

    /// The log is ahead of this desk: a copy of it published. Reads on, verified, and signs again
    /// unless the entries are there already.
    fn catch_up(&mut self, append: Append, cases: Vec<CaseFile>) -> anyhow::Result<()> {
        // [API-9]
        let reader = LogReader::new(self.context, &self.profile)?;
        let checkpoint = reader.signed_checkpoint()?.context(LOST)?;
        // [LOG-7] [LOG-8] However old the checkpoint is: it is this desk that has to renew it.
        let new = reader.read_to(&self.log.position, checkpoint).context(LOST)?;
        if new.position != self.log.position {
            self.context
                .output
                .say("another copy of this desk has published in the meantime; reading on");
        }
        let is_there = |entry: &Vec<u8>| new.entries.iter().any(|(_, known)| known == entry);
        if !append.entries.is_empty() && append.entries.iter().all(is_there) {
            return self.finish(new.position, cases);
        }
        self.log.position = new.position;
        self.sign(append.entries, cases)
    }
}
