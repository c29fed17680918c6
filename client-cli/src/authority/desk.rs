//! The authority's desk: its keys, its profile, its database, and its place in its own log, which
//! one command at a time may change.

mod case_file;
mod coded;
mod heads;
mod journal;
pub(super) mod kept;
mod log;
mod log_copy;
mod patient_file;
mod report;
mod seat;
mod store;

use std::path::PathBuf;

use anyhow::{Context as _, anyhow, bail};
use jiff::tz::TimeZone;
use noren::authority::{AuthorityKeys, Policy};
use noren::messages::MessageError;
use noren::profile::{ProfileError, SignedProfile};
use noren::time::UnixSeconds;
use rand_core::CryptoRng;
use serde::{Deserialize, Serialize};

use super::rotate;
use crate::context::Context;
use crate::errors::words;
use crate::files::{self, Lock};
use crate::http::{Answer, Server, Signer};
use crate::text::{clean, clean_path};
use crate::{clock, times};

pub(super) use case_file::{CaseFile, Decision, Publication, Released, Status};
pub(super) use coded::Coded;
pub(super) use heads::{Head, Seen};
pub(super) use journal::{End as JournalEnd, Entry, Event, check as check_journal};
use log::LogState;
pub(super) use log::{LogState as DeskLog, Turn, published};
use log_copy::LogCopy;
pub(super) use patient_file::{PatientFile, PatientVisit};
pub(super) use report::Report;
pub(super) use seat::{Memory, Seat, Signed};
use store::Store;
pub(super) use store::{Change, Record};

/// The desk, held by one command.
pub(super) struct Desk<'a> {
    pub(super) context: &'a Context,
    pub(super) keys: AuthorityKeys,
    pub(super) profile: SignedProfile,
    pub(super) settings: Settings,
    /// Who works at the desk now.
    pub(super) operator: String,
    folder: PathBuf,
    store: Store,
    seat: Seat,
    /// What this machine remembers, once the seat was taken.
    memory: Option<Memory>,
    log: LogState,
    copy: LogCopy,
    /// Somebody says so, although the log was signed later than it shows. [CLI-41]
    pub(super) clock_is_right: bool,
    cases: Vec<CaseFile>,
    patient_cases: Vec<PatientFile>,
    reports: Vec<Report>,
    _lock: Lock,
}

/// What was settled for this desk.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Settings {
    /// The operator named when the desk was made.
    pub(super) operator: String,
    /// The text of the policy in force.
    pub(super) policy: String,
    /// How many operators have to approve a publication; at 0 nobody is asked.
    pub(super) approvals: usize,
    /// Where else the log is looked at before it is signed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) mirrors: Vec<String>,
}

impl Record for Settings {
    const KIND: &'static str = "settings";

    fn id(&self) -> &'static str {
        "desk"
    }
}

/// A policy that was in force, by which cases were decided.
#[derive(Serialize, Deserialize)]
pub(super) struct EarlierPolicy {
    digest: String,
    toml: String,
}

impl EarlierPolicy {
    pub(super) fn new(policy: &Policy) -> Self {
        Self { digest: hex::encode(policy.digest()), toml: policy.toml().to_owned() }
    }
}

impl Record for EarlierPolicy {
    const KIND: &'static str = "policy";

    fn id(&self) -> &str {
        &self.digest
    }
}

impl<'a> Desk<'a> {
    /// The time zone of the authority's days, in which its people read times.
    pub(super) fn zone(&self) -> TimeZone {
        // [CLI-32]
        times::zone_or_local(Some(&self.profile.profile().time_zone))
    }

    pub(super) fn open(context: &'a Context) -> anyhow::Result<Self> {
        let desk = Self::open_to_rotate(context)?;
        rotate::check_finished(&desk.folder)?;
        Ok(desk)
    }

    /// As [`Desk::open`], also in the middle of a handover of keys.
    pub(super) fn open_to_rotate(context: &'a Context) -> anyhow::Result<Self> {
        let mut desk = Self::open_unchecked(context)?;
        if let Some(lost) = desk.lost()? {
            bail!(
                "{lost}. Put the newest desk.sqlite back, if there is one. If there is none, `noren \
                 authority take-over` goes on from what is here"
            );
        }
        Ok(desk)
    }

    /// As [`Desk::open_to_rotate`], also where the database is older than this machine knows.
    pub(super) fn open_unchecked(context: &'a Context) -> anyhow::Result<Self> {
        let folder = context.folder("authority");
        let lock = files::lock(&folder)?;
        let profile = files::read(&folder.join("profile"))?.with_context(|| {
            format!(
                "there is no authority's desk in {}: look whether --home or NOREN_HOME names the \
                 folder of yours; `noren authority init` begins a new one",
                clean_path(&folder)
            )
        })?;
        let missing = "the desk's database holds nothing: where this desk was in use, put the newest \
                       copy of desk.sqlite back; where `noren authority init` was cut off, run it again";
        let profile = SignedProfile::from_bytes(&profile).map_err(|error| match error {
            // [CLI-44]
            ProfileError::Message(MessageError::UnknownVersion { .. }) => {
                anyhow!("{error}; use that version")
            }
            error => anyhow::Error::new(error).context("the authority's profile is damaged"),
        })?;
        let keys = kept::read(&folder.join("keys"))?;
        let keys = keys.with_context(|| {
            format!(
                "the key file {} is gone; restore it from a copy",
                folder.join("keys").display()
            )
        })?;
        let keys =
            AuthorityKeys::from_bytes(&keys).context("the authority's key file is damaged")?;
        rotate::check_keys(&folder, &keys, &profile)?;
        let mut store = Store::open(&folder.join("desk.sqlite"))?;
        let settings: Settings = store.all()?.pop().context(missing)?;
        let operator = context.operator().unwrap_or_else(|| settings.operator.clone());
        // [CLI-32]
        times::show_all_in(times::zone_or_local(Some(&profile.profile().time_zone)));
        Ok(Self {
            context,
            clock_is_right: false,
            keys,
            profile,
            settings,
            operator,
            copy: LogCopy::of(&folder),
            folder,
            seat: store.all()?.pop().context(missing)?,
            memory: None,
            log: store.all()?.pop().unwrap_or_default(),
            cases: store.all()?,
            patient_cases: store.all()?,
            reports: store.all()?,
            store,
            _lock: lock,
        })
    }

    /// Makes the database of a new desk; the folder is held by the caller.
    pub(super) fn create(
        context: &Context,
        settings: &Settings,
        profile: &SignedProfile,
    ) -> anyhow::Result<()> {
        let mut store = Store::open(&context.folder("authority").join("desk.sqlite"))?;
        if store.all::<Settings>()?.is_empty() {
            let desk = hex::encode(profile.profile().fingerprint().as_bytes());
            let seat = Seat::first(desk, &mut context.rng());
            let details = serde_json::json!({ "policy": policy_of(settings)?.name() });
            let change = Change::default().put(settings).put(&seat);
            let change = change.note(Event::new("init", "desk", details));
            store.apply(change, context.now()?.as_i64(), &settings.operator)?;
        }
        let seat: Seat = store.all()?.pop().context(log::DAMAGED)?;
        let mut memory = Memory::open(context, &seat)?;
        // [CLI-14] Where this machine remembers something, these keys have signed before.
        if memory.last().is_none() {
            memory.remember(&seat, Signed::default(), "", store.end()?)?;
        }
        Ok(())
    }

    /// The policy in force.
    pub(super) fn policy(&self) -> anyhow::Result<Policy> {
        policy_of(&self.settings)
    }

    /// The policy of this digest, in force now or earlier.
    pub(super) fn policy_with(&mut self, digest: &[u8; 32]) -> anyhow::Result<Policy> {
        let now = self.policy()?;
        if now.digest() == *digest {
            return Ok(now);
        }
        let earlier = self.records::<EarlierPolicy>()?;
        let earlier = earlier.into_iter().find(|policy| policy.digest == hex::encode(digest));
        let earlier = earlier.context("the policy of that time is not kept")?;
        Policy::from_toml(&earlier.toml).context("a policy of earlier is damaged")
    }

    pub(super) fn cases(&self) -> &[CaseFile] {
        &self.cases
    }

    pub(super) fn patient_cases(&self) -> &[PatientFile] {
        &self.patient_cases
    }

    pub(super) fn reports(&self) -> &[Report] {
        &self.reports
    }

    pub(super) fn journal(&mut self) -> anyhow::Result<Vec<Entry>> {
        self.store.journal()
    }

    /// Every record of a kind that few commands need.
    pub(super) fn records<T: Record>(&mut self) -> anyhow::Result<Vec<T>> {
        self.store.all()
    }

    /// The case that an id, or its beginning, means.
    pub(super) fn case(&self, name: &str) -> anyhow::Result<CaseFile> {
        by_prefix(&self.cases, name, "case list")
    }

    /// The patient case that an id, or its beginning, means.
    pub(super) fn patient_case(&self, name: &str) -> anyhow::Result<PatientFile> {
        by_prefix(&self.patient_cases, name, "patient status")
    }

    /// What the database has lost that this machine knows of, in words; `None` where that is nothing.
    pub(super) fn lost(&mut self) -> anyhow::Result<Option<String>> {
        // [CLI-14]
        if !Memory::is_kept(self.context, &self.seat) {
            return Ok(None);
        }
        let memory = Memory::open(self.context, &self.seat)?;
        let Some(known) = memory.journal(&self.seat) else { return Ok(None) };
        let (there, here) = (self.store.digest_at(known.number())?, self.store.end()?);
        let is_longer = here.as_ref().is_some_and(|here| here.number() >= known.number());
        // Where the database knows a longer journal than it has, reading the journal says so.
        if known.is_at(there.as_deref()) || (is_longer && there.is_none()) {
            return Ok(None);
        }
        if is_longer {
            return Ok(Some(format!(
                "entry {} of this desk's journal is not the one that this machine has seen: the journal \
                 was tampered with, or this desk was restored from a backup and has worked on since; what \
                 was decided between is not in {}",
                known.number(),
                self.folder.join("desk.sqlite").display()
            )));
        }
        let last = self.store.last_time()?.map(UnixSeconds::from_i64).transpose()?;
        let last = last.map_or_else(String::new, times::show_named);
        Ok(Some(format!(
            "this desk was restored from a backup: its journal ends with entry {} of {last}, and this \
             machine has seen entry {} of it. The cases, codes, reviews and decisions since then are \
             not in {}",
            here.map_or(0, |end| end.number()),
            known.number(),
            self.folder.join("desk.sqlite").display()
        )))
    }

    pub(super) fn journal_end(&mut self) -> anyhow::Result<Option<JournalEnd>> {
        self.store.end()
    }

    /// Makes a change, durably, and has this machine remember what the journal says of it.
    pub(super) fn apply(&mut self, change: Change) -> anyhow::Result<()> {
        let is_told = !change.events.is_empty();
        self.change(change)?;
        if is_told {
            // [CLI-14] The change is made; the next one is remembered with it.
            if let Err(error) = self.remember_journal() {
                self.context.output.say(format!(
                    "this machine could not remember how far the journal goes: {}",
                    words(&error)
                ));
            }
        }
        Ok(())
    }

    fn remember_journal(&mut self) -> anyhow::Result<()> {
        let Some(end) = self.store.end()? else { return Ok(()) };
        if let Some(memory) = &mut self.memory {
            return memory.remember_journal(&self.seat, end);
        }
        if Memory::is_kept(self.context, &self.seat) {
            Memory::open(self.context, &self.seat)?.remember_journal(&self.seat, end)?;
        }
        Ok(())
    }

    /// Makes a change, durably.
    fn change(&mut self, change: Change) -> anyhow::Result<()> {
        // [CLI-1]
        self.store.apply(change, self.context.now()?.as_i64(), &self.operator)?;
        (self.cases, self.reports) = (self.store.all()?, self.store.all()?);
        self.patient_cases = self.store.all()?;
        Ok(())
    }

    /// A short random id, like `c-3f9a21`, that nothing of its kind has.
    pub(super) fn new_id<R: CryptoRng>(prefix: &str, rng: &mut R, known: &[&str]) -> String {
        loop {
            let mut number = [0; 3];
            rng.fill_bytes(&mut number);
            let id = format!("{prefix}-{}", hex::encode(number));
            if !known.contains(&id.as_str()) {
                return id;
            }
        }
    }

    /// Where a sealed upload is kept once it was fetched.
    pub(super) fn upload_path<T: Coded>(&self, record: &T) -> PathBuf {
        self.folder.join(format!("{}.upload", record.id()))
    }

    /// Deletes a sealed upload.
    pub(super) fn forget_upload<T: Coded>(&self, record: &T) -> anyhow::Result<()> {
        files::remove(&self.upload_path(record))
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
            let now = self.context.now()?;
            // [CLI-41]
            if let Some(date) = answer.date.filter(|date| date.get().abs_diff(now.get()) > 60) {
                bail!(
                    "the server refuses this desk's signature: this machine's clock says {}, the \
                     server's {}; this machine's is {}. Set right whichever is wrong",
                    times::show(now),
                    times::show(date),
                    clock::difference(now, date)
                );
            }
            bail!(
                "the server refuses this desk's signature: make sure that the server's clock and \
                 this machine's agree, that the server serves this authority's profile, and that it \
                 knows the address at which it was asked: `noren-server --address` names one that is \
                 not in the profile"
            );
        }
        self.server()?.expect(answer, status)
    }
}

fn by_prefix<T: Coded>(records: &[T], name: &str, verb: &str) -> anyhow::Result<T> {
    let found: Vec<_> = records.iter().filter(|record| record.id().starts_with(name)).collect();
    let (title, name_shown) = (T::TITLE, clean(name));
    match found.as_slice() {
        [only] if !name.is_empty() => Ok((*only).clone()),
        [] => bail!("there is no {title} {name_shown}; `noren authority {verb}` shows them"),
        _ => bail!("{name_shown} could mean several of them; give more of the id"),
    }
}

fn policy_of(settings: &Settings) -> anyhow::Result<Policy> {
    Policy::from_toml(&settings.policy).context("the desk's policy is damaged")
}
