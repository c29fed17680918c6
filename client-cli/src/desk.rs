//! The authority's desk, as an engine: its keys, its profile, its database, and its place in its own
//! log, which one command at a time may change. It prints nothing, and has no clock of its own.

mod approvals;
mod at_work;
mod batch;
mod case_document;
mod case_file;
mod cases;
mod clock;
mod codes;
mod domain;
mod evaluation;
mod event;
pub(crate) mod figures;
mod heads;
mod init;
mod journal;
mod kept;
mod key_file;
mod log;
mod log_copy;
mod mirrors;
mod patient;
mod perform;
mod personal;
pub(crate) mod pkcs8;
mod policy;
mod preview;
mod profile;
mod publish;
mod recognise;
mod record;
mod release;
mod release_times;
mod report;
mod reports;
mod requests;
mod resolution;
mod restore_log;
mod retention;
mod review;
mod rotate;
mod seat;
mod served;
mod settings;
mod signing;
mod standing;
mod status;
mod store;
mod surroundings;
mod take_over;
mod uncovered;
mod undecided;
mod untold;
mod waiting;
mod witnesses;

use std::path::PathBuf;

use anyhow::{Context as _, anyhow, bail};
use jiff::tz::TimeZone;
use noren::authority::AuthorityKeys;
use noren::messages::MessageError;
use noren::profile::{ProfileError, SignedProfile};
use noren::time::UnixSeconds;
use rand_core::CryptoRng;

use crate::errors::words;
use crate::files::{self, Lock};
use crate::text::{clean, clean_path};
use crate::times;

pub(crate) use approvals::{Look, OperatorKey, ProposalState, PublicHalf, Subject};
use at_work::AtWork;
pub(crate) use case_document::{Document, Happened, Replay, ReplayOfPolicy, is_case_document};
pub(crate) use case_file::{CaseFile, Coded, PatientFile, Publication};
pub(crate) use cases::{Asked, ClosedCase, OpenedCase};
pub(crate) use clock::{Clock, Renewed};
pub(crate) use codes::{Rejected, WaitingUpload};
pub(crate) use figures::Figures;
pub(crate) use init::NewDesk;
use journal::{End, check as check_journal};
pub(crate) use journal::{Entry, rfc3339};
use log::LogState;
use log_copy::LogCopy;
pub(crate) use patient::{
    ClosedPatient, OpenedPatient, PatientReviewed, ToldVisit, VisitEnded, numbers, visits_named,
};
pub(crate) use perform::{Action, Done};
pub(crate) use preview::{Preview, Shows, Told};
pub(crate) use publish::{NothingNew, Plan, Published, Wish};
use record::Record;
pub(crate) use release::{MAX_BATCH, SentRelease};
pub(crate) use release_times::Queue;
pub(crate) use report::Report;
pub(crate) use reports::{NewReport, TakenReport};
pub(crate) use resolution::{Operator, Resolution};
pub(crate) use restore_log::RestoredLog;
pub(crate) use review::{Reviewed, differences};
pub(crate) use rotate::Rotated;
use seat::{Memory, Seat};
use settings::Settings;
pub(crate) use signing::{KeyPlace, SigningKey};
pub(crate) use status::{VenueDay, Watched};
use store::{Change, Store};
pub(crate) use surroundings::{Place, Remark, Surroundings};
pub(crate) use take_over::TakenOver;
pub(crate) use waiting::Waiting;
pub(crate) use witnesses::{KnownWitness, Witnesses};

/// The desk, held by one command.
pub(crate) struct Desk<'a> {
    place: Place<'a>,
    keys: AuthorityKeys,
    profile: SignedProfile,
    settings: Settings,
    /// Who works at the desk now.
    operator: String,
    store: Store,
    seat: Seat,
    /// What this machine remembers, once the seat was taken.
    memory: Option<Memory>,
    at_work: AtWork,
    log: LogState,
    copy: LogCopy,
    /// Somebody says so, although the log was signed later than it shows. [CLI-41]
    clock_is_right: bool,
    cases: Vec<CaseFile>,
    patient_cases: Vec<PatientFile>,
    reports: Vec<Report>,
    _lock: Lock,
}

impl<'a> Desk<'a> {
    /// The time zone of the authority's days, in which its people read times.
    pub(crate) fn zone(&self) -> TimeZone {
        // [CLI-32]
        times::zone_or_local(Some(&self.profile.profile().time_zone))
    }

    pub(crate) fn open(place: Place<'a>) -> anyhow::Result<Self> {
        let desk = Self::open_in_handover(place)?;
        rotate::check_finished(&desk.place.folder)?;
        Ok(desk)
    }

    /// As [`Desk::open`], also in the middle of a handover of keys.
    pub(crate) fn open_in_handover(place: Place<'a>) -> anyhow::Result<Self> {
        let mut desk = Self::open_unchecked(place)?;
        if let Some(lost) = desk.lost()? {
            bail!(
                "{lost}. Put the newest desk.sqlite back, if there is one. If there is none, `noren \
                 authority take-over` goes on from what is here"
            );
        }
        codes::forget_ended(&desk);
        Ok(desk)
    }

    /// As [`Desk::open_in_handover`], also where the database is older than this machine knows.
    fn open_unchecked(place: Place<'a>) -> anyhow::Result<Self> {
        let folder = &place.folder;
        let lock = files::lock(folder)?;
        let profile = files::read(&folder.join("profile"))?.with_context(|| {
            format!(
                "there is no authority's desk in {}: look whether --home or NOREN_HOME names the \
                 folder of yours; `noren authority init` begins a new one",
                clean_path(folder)
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
        let keys = key_file::read(&folder.join("keys"), place.around)?;
        let keys = keys.with_context(|| {
            format!(
                "the key file {} is gone; restore it from a copy",
                folder.join("keys").display()
            )
        })?;
        rotate::check_keys(&place, &keys, &profile)?;
        let mut store = Store::open(&folder.join("desk.sqlite"))?;
        let settings: Settings = store.all()?.pop().context(missing)?;
        let operator = place.operator.clone().unwrap_or_else(|| settings.operator.clone());
        // [CLI-32]
        times::show_all_in(times::zone_or_local(Some(&profile.profile().time_zone)));
        Ok(Self {
            clock_is_right: false,
            keys,
            profile,
            settings,
            operator,
            copy: LogCopy::of(&place.folder),
            place,
            seat: store.all()?.pop().context(missing)?,
            memory: None,
            at_work: AtWork::default(),
            log: store.all()?.pop().unwrap_or_default(),
            cases: store.all()?,
            patient_cases: store.all()?,
            reports: store.all()?,
            store,
            _lock: lock,
        })
    }

    /// The public profile.
    pub(crate) const fn profile(&self) -> &SignedProfile {
        &self.profile
    }

    /// How many operators have to approve what needs approval; at 0 nobody is asked.
    pub(crate) const fn approvals_needed(&self) -> usize {
        self.settings.approvals
    }

    /// Where else the log is looked at before it is signed.
    pub(crate) fn mirrors(&self) -> &[String] {
        &self.settings.mirrors
    }

    /// The uploads that wait on the server.
    pub(crate) fn uploads(&self) -> anyhow::Result<Vec<WaitingUpload>> {
        codes::waiting(self)
    }

    /// The present time.
    fn now(&self) -> anyhow::Result<UnixSeconds> {
        self.place.around.now()
    }

    /// A source of randomness for keys.
    fn rng(&self) -> Box<dyn CryptoRng> {
        self.place.around.rng()
    }

    /// Tells whoever opened the desk what people should know.
    fn say(&self, words: impl Into<String>) {
        self.place.around.hear(&Remark::new(words));
    }

    pub(crate) fn cases(&self) -> &[CaseFile] {
        &self.cases
    }

    pub(crate) fn patient_cases(&self) -> &[PatientFile] {
        &self.patient_cases
    }

    pub(crate) fn reports(&self) -> &[Report] {
        &self.reports
    }

    fn journal(&mut self) -> anyhow::Result<Vec<Entry>> {
        self.store.journal()
    }

    /// The journal, of which no entry is missing or altered.
    pub(crate) fn checked_journal(&mut self) -> anyhow::Result<Vec<Entry>> {
        // [CLI-9]
        let journal = self.journal()?;
        check_journal(&journal, self.records::<End>()?.first())?;
        Ok(journal)
    }

    /// Where the authority's keys are kept.
    fn keys_path(&self) -> PathBuf {
        self.place.folder.join("keys")
    }

    /// Every record of a kind that few commands need.
    fn records<T: Record>(&mut self) -> anyhow::Result<Vec<T>> {
        self.store.all()
    }

    /// The case that an id, or its beginning, means.
    pub(crate) fn case(&self, name: &str) -> anyhow::Result<CaseFile> {
        by_prefix(&self.cases, name, "case list")
    }

    /// The patient case that an id, or its beginning, means.
    pub(crate) fn patient_case(&self, name: &str) -> anyhow::Result<PatientFile> {
        by_prefix(&self.patient_cases, name, "patient status")
    }

    /// What the database has lost that this machine knows of, in words; `None` where that is nothing.
    fn lost(&mut self) -> anyhow::Result<Option<String>> {
        // [CLI-14]
        if !Memory::is_kept(&self.place, &self.seat) {
            return Ok(None);
        }
        let memory = Memory::open(&self.place, &self.seat)?;
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
                self.place.folder.join("desk.sqlite").display()
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
            self.place.folder.join("desk.sqlite").display()
        )))
    }

    fn digest_at(&mut self, number: i64) -> anyhow::Result<Option<Vec<u8>>> {
        self.store.digest_at(number)
    }

    fn journal_end(&mut self) -> anyhow::Result<Option<End>> {
        self.store.end()
    }

    /// Makes a change, durably, and has this machine remember what the journal says of it.
    fn apply(&mut self, change: Change) -> anyhow::Result<()> {
        self.be_at_work()?;
        let is_told = !change.events.is_empty();
        self.change(change)?;
        if is_told {
            // [CLI-14] The change is made; the next one is remembered with it.
            if let Err(error) = self.remember_journal() {
                self.say(format!(
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
        if Memory::is_kept(&self.place, &self.seat) {
            Memory::open(&self.place, &self.seat)?.remember_journal(&self.seat, end)?;
        }
        Ok(())
    }

    /// Makes a change, durably.
    fn change(&mut self, change: Change) -> anyhow::Result<()> {
        // [CLI-1]
        self.store.apply(change, self.now()?.as_i64(), &self.operator)?;
        (self.cases, self.reports) = (self.store.all()?, self.store.all()?);
        self.patient_cases = self.store.all()?;
        Ok(())
    }

    /// A short random id, like `c-3f9a21`, that nothing of its kind has.
    fn new_id<R: CryptoRng>(prefix: &str, rng: &mut R, known: &[&str]) -> String {
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
    fn upload_path<T: Coded>(&self, record: &T) -> PathBuf {
        self.upload_path_of(record.id())
    }

    /// The same, by the id of the case or patient case that it is the upload of.
    fn upload_path_of(&self, id: &str) -> PathBuf {
        self.place.folder.join(format!("{id}.upload"))
    }

    /// Deletes a sealed upload.
    fn forget_upload<T: Coded>(&self, record: &T) -> anyhow::Result<()> {
        files::remove(&self.upload_path(record))
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

#[cfg(test)]
mod tests;
