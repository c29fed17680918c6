//! The authority's desk: its keys, its profile, its cases, and its place in its own log, in files
//! that one command at a time may change.

use std::path::PathBuf;

use anyhow::{Context as _, bail};
use noren::authority::keys::AuthorityKeys;
use noren::authority::profile::SignedProfile;
use noren::authority::review::Case;
use noren::log::{Append, LogPosition};
use noren::messages::notice::Level;
use noren::messages::upload_code::CodeHash;
use noren::time::{Hour, UnixSeconds, Window};
use serde::{Deserialize, Serialize};

use super::rotate;
use crate::context::Context;
use crate::files::{self, Lock};
use crate::http::{Answer, Server, Signer};
use crate::log_reader::LogReader;
use crate::text::clean;

/// How often an append is sent before the server's refusal stands.
const ATTEMPTS: usize = 3;

/// What it means when the server's log does not extend what this desk signed.
const LOST: &str = "the server does not show the log that this desk has signed, so nothing was \
    published. If the server was restored from an old copy, give it back its newest data; a log \
    that went back is refused by every device";

/// What the authority has to do with one venue and window.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct CaseFile {
    pub(super) id: String,
    /// The authority's own note on which venue it means.
    pub(super) venue: String,
    pub(super) window: Window,
    pub(super) code_hash: CodeHash,
    pub(super) opened: UnixSeconds,
    pub(super) expires: UnixSeconds,
    pub(super) status: Status,
    pub(super) published: Option<Publication>,
}

#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Status {
    /// Its code was never printed; the next case that is opened clears it away.
    Registering,
    Open,
    Reviewed,
    Published,
    Withdrawn,
    Closed,
}

/// The last notice that was published for a case.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Publication {
    pub(super) window: Window,
    pub(super) level: Level,
    pub(super) message: String,
    pub(super) names_venue: bool,
    /// Whether its notices are in the layout without times.
    pub(super) without_times: bool,
    /// Every hour that devices were warned of and that was not withdrawn.
    pub(super) hours: Vec<Hour>,
}

/// An append that was signed and may or may not have reached the server.
#[derive(Clone, Serialize, Deserialize)]
struct Pending {
    append: String,
    case: Option<CaseFile>,
}

#[derive(Default, Serialize, Deserialize)]
struct State {
    position: LogPosition,
    pending: Option<Pending>,
    cases: Vec<CaseFile>,
}

/// The desk, held by one command.
pub(super) struct Desk<'a> {
    pub(super) context: &'a Context,
    pub(super) keys: AuthorityKeys,
    pub(super) profile: SignedProfile,
    folder: PathBuf,
    state: State,
    _lock: Lock,
}

impl CaseFile {
    /// What the review holds an upload against.
    pub(super) const fn case(&self) -> Case {
        Case { code: self.code_hash, window: self.window }
    }

    pub(super) fn code_hash_hex(&self) -> String {
        hex::encode(self.code_hash.as_bytes())
    }
}

impl<'a> Desk<'a> {
    pub(super) fn open(context: &'a Context) -> anyhow::Result<Self> {
        let desk = Self::open_to_rotate(context)?;
        rotate::check_finished(&desk.folder)?;
        Ok(desk)
    }

    /// As [`Desk::open`], also in the middle of a handover of keys.
    pub(super) fn open_to_rotate(context: &'a Context) -> anyhow::Result<Self> {
        let folder = context.folder("authority");
        let lock = files::lock(&folder)?;
        let missing = "this is no authority's desk yet; `noren authority init` comes first";
        let keys = files::read(&folder.join("keys"))?.context(missing)?;
        let keys =
            AuthorityKeys::from_bytes(&keys).context("the authority's key file is damaged")?;
        let profile = files::read(&folder.join("profile"))?.context(missing)?;
        let profile =
            SignedProfile::from_bytes(&profile).context("the authority's profile is damaged")?;
        let state = files::read(&folder.join("state.json"))?;
        let state = state.map(|state| serde_json::from_slice(&state)).transpose();
        let state = state.context("the authority's state is damaged")?.unwrap_or_default();
        Ok(Self { context, keys, profile, folder, state, _lock: lock })
    }

    pub(super) fn cases(&self) -> &[CaseFile] {
        &self.state.cases
    }

    /// The case that an id, or its beginning, means.
    pub(super) fn case(&self, name: &str) -> anyhow::Result<CaseFile> {
        let found: Vec<_> =
            self.state.cases.iter().filter(|case| case.id.starts_with(name)).collect();
        match found.as_slice() {
            [only] if !name.is_empty() => Ok((*only).clone()),
            [] => bail!("there is no case {}; `noren authority case list` shows them", clean(name)),
            _ => bail!("{} could mean several cases; give more of the id", clean(name)),
        }
    }

    /// Stores a case, durably.
    pub(super) fn keep(&mut self, case: CaseFile) -> anyhow::Result<()> {
        self.put(case);
        self.save()
    }

    /// Removes a case of which nobody outside knows, durably.
    pub(super) fn remove(&mut self, id: &str) -> anyhow::Result<()> {
        self.state.cases.retain(|case| case.id != id);
        self.save()
    }

    fn put(&mut self, case: CaseFile) {
        match self.state.cases.iter_mut().find(|known| known.id == case.id) {
            Some(known) => *known = case,
            None => self.state.cases.push(case),
        }
    }

    fn save(&self) -> anyhow::Result<()> {
        // [CLI-1]
        files::replace(&self.folder.join("state.json"), &serde_json::to_vec_pretty(&self.state)?)
    }

    /// Where a case's sealed upload is kept once it was fetched.
    pub(super) fn upload_path(&self, case: &CaseFile) -> PathBuf {
        self.folder.join(format!("{}.upload", case.id))
    }

    /// The number of entries in the log as this desk signed it.
    pub(super) const fn log_size(&self) -> u64 {
        self.state.position.range.size()
    }

    pub(super) fn server(&self) -> anyhow::Result<Server> {
        Server::new(&self.profile.profile().url)
    }

    /// Sends a signed request.
    pub(super) fn send(
        &self,
        method: &str,
        path: &str,
        content_type: &str,
        body: &[u8],
    ) -> anyhow::Result<Answer> {
        let signer = Signer {
            key: self.keys.log_key(),
            origin: &self.profile.profile().origin,
            now: self.context.now()?,
        };
        let mut rng = self.context.rng();
        self.server()?.send_signed(&signer, method, path, content_type, body, &mut rng)
    }

    /// Sends a signed request and wants this status.
    pub(super) fn ask(
        &self,
        method: &str,
        path: &str,
        body: &[u8],
        status: u16,
    ) -> anyhow::Result<Vec<u8>> {
        let answer = self.send(method, path, "application/json", body)?;
        self.expect(answer, status)
    }

    /// The body of an answer with the status that was hoped for.
    pub(super) fn expect(&self, answer: Answer, status: u16) -> anyhow::Result<Vec<u8>> {
        // [API-7] [API-8]
        if answer.status == 401 {
            bail!(
                "the server refuses this desk's signature: make sure that the server's clock and \
                 this machine's agree, and that the server serves this authority's profile"
            );
        }
        self.server()?.expect(answer, status)
    }

    /// Appends entries to the log; `case` is what the case becomes by it. Signed and stored before
    /// it is sent: a command that was cut off is finished by the next one, and nothing is published
    /// twice.
    pub(super) fn append(
        &mut self,
        entries: Vec<Vec<u8>>,
        case: Option<CaseFile>,
    ) -> anyhow::Result<u64> {
        // [CLI-1]
        self.resume()?;
        self.sign(entries, case)?;
        self.finish_pending()?;
        Ok(self.log_size())
    }

    fn sign(&mut self, entries: Vec<Vec<u8>>, case: Option<CaseFile>) -> anyhow::Result<()> {
        let (origin, now) = (&self.profile.profile().origin, self.context.now()?);
        let append = Append::sign(&self.state.position, entries, origin, self.keys.log_key(), now)
            .context("cannot sign the log; is this machine's clock right?")?;
        self.state.pending = Some(Pending { append: hex::encode(append.to_bytes()?), case });
        self.save()
    }

    /// Finishes what an earlier command was cut off from: the case and the number of entries.
    pub(super) fn resume(&mut self) -> anyhow::Result<Option<(String, usize)>> {
        let Some(pending) = self.state.pending.clone() else { return Ok(None) };
        let entries = Self::pending_append(&pending)?.1.entries.len();
        self.finish_pending()?;
        let Some(case) = pending.case else { return Ok(None) };
        self.context.output.say(format!(
            "case {}: {entries} entries of a command that was cut off are published now",
            case.id
        ));
        Ok(Some((case.id, entries)))
    }

    fn pending_append(pending: &Pending) -> anyhow::Result<(Vec<u8>, Append)> {
        let damaged = "the authority's state is damaged";
        let bytes = hex::decode(&pending.append).context(damaged)?;
        let append = Append::from_bytes(&bytes).context(damaged)?;
        Ok((bytes, append))
    }

    /// Brings an append that was signed to its end.
    fn finish_pending(&mut self) -> anyhow::Result<()> {
        let mut refusal = String::new();
        for _ in 0..ATTEMPTS {
            let Some(pending) = self.state.pending.clone() else { return Ok(()) };
            let (bytes, append) = Self::pending_append(&pending)?;
            let answer = self.send("POST", "v1/log", "application/cbor", &bytes)?;
            match answer.status {
                200 => return self.confirm(&append, pending.case),
                // Another size, or, at this size, a checkpoint that is newer than this one.
                409 | 422 => {
                    refusal = answer.problem();
                    self.catch_up(append, pending.case)?;
                }
                _ => drop(self.expect(answer, 200)?),
            }
        }
        if self.state.pending.is_none() {
            return Ok(());
        }
        bail!(
            "the server refuses the append: {refusal}. Make sure that no other copy of this desk \
             is at work and that this machine's clock is right; the next command tries again"
        )
    }

    fn confirm(&mut self, append: &Append, case: Option<CaseFile>) -> anyhow::Result<()> {
        let profile = self.profile.profile();
        let (position, _) =
            append.verify(&self.state.position, &profile.origin, &profile.log_key)?;
        self.finish(position, case)
    }

    fn finish(&mut self, position: LogPosition, case: Option<CaseFile>) -> anyhow::Result<()> {
        self.state.position = position;
        self.state.pending = None;
        if let Some(case) = case {
            self.put(case);
        }
        self.save()
    }

    /// The log is ahead of this desk: a copy of it published. Reads on, verified, and signs again
    /// unless the entries are there already.
    fn catch_up(&mut self, append: Append, case: Option<CaseFile>) -> anyhow::Result<()> {
        // [API-9]
        let reader = LogReader::new(self.context, &self.profile)?;
        let checkpoint = reader.signed_checkpoint()?.context(LOST)?;
        // [LOG-7] [LOG-8] However old the checkpoint is: it is this desk that has to renew it.
        let new = reader.read_to(&self.state.position, checkpoint).context(LOST)?;
        if new.position != self.state.position {
            self.context
                .output
                .say("another copy of this desk has published in the meantime; reading on");
        }
        let is_there = |entry: &Vec<u8>| new.entries.iter().any(|(_, known)| known == entry);
        if !append.entries.is_empty() && append.entries.iter().all(is_there) {
            return self.finish(new.position, case);
        }
        self.state.position = new.position;
        self.sign(append.entries, case)
    }
}
