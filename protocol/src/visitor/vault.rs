//! The vault: everything that a visitor's device keeps, as one sealed byte string.
//!
//! Inside are records nobody can read without a published key, visits that have not ended, and the
//! notices received. Outside, the bytes show a version, how the key is made, and a coarse size.

use rand_core::CryptoRng;
use serde::{Deserialize, Serialize, Serializer};
use serde_bytes::{ByteBuf, Bytes};
use serde_tuple::{Deserialize_tuple, Serialize_tuple};
use zeroize::Zeroizing;

use super::days_of_use::DaysOfUse;
use super::exposure::{Exposure, ExposureId, Hit, News, exposures, told_of};
use super::matching::Match;
use super::past::Past;
use super::record::{CheckInRecord, VisitId, seal_visit};
use super::seal::{VaultError, VaultKey};
use super::sync::error::SyncError;
use super::visits::{EndedVisit, OpenVisit, check_validity};
use super::{Stay, VisitError, seal};
use crate::identity::Identity;
use crate::log::LogPosition;
use crate::messages::{EntryCode, MessageError, Part, check_cbor_version};
use crate::profile::{Fingerprint, SignedProfile};
use crate::time::{Day, MAX_VISIT_SECONDS, UnixSeconds};
use crate::{cbor, padding};

#[cfg(feature = "hazmat")]
mod by_hand;

/// The number of days for which records are kept by default.
pub const DEFAULT_RETENTION_DAYS: u32 = 14;

/// The result of a check-in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CheckIn {
    /// A new visit began.
    Opened(VisitId),
    /// A visit at the same venue was open already and goes on.
    Extended(VisitId),
}

/// A closed visit, as far as the device still knows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClosedVisit {
    /// The visit's id.
    pub id: VisitId,
    /// The UTC day of its first hour.
    pub first_day: Day,
    /// The number of hours that it touched.
    pub hours: usize,
}

/// One device's visits, records, notices and places in the logs it follows.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(from = "Wire")]
pub struct Vault {
    open: Vec<OpenVisit>,
    /// The records in the order of their sealed bytes, which is random.
    records: Vec<Kept>,
    logs: Vec<FollowedLog>,
    hits: Vec<Hit>,
    /// `None` before the first use.
    days_of_use: Option<DaysOfUse>,
}

/// A record, and which logs have not been tried on it although its day says that they were: those
/// that were read before somebody entered the visit, a day or more late.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "KeptWire")]
struct Kept {
    record: CheckInRecord,
    owed: Vec<Fingerprint>,
}

/// How far a followed log has been read, and by which records.
#[derive(Debug, Clone, PartialEq, Eq, Serialize_tuple, Deserialize_tuple)]
struct FollowedLog {
    authority: Fingerprint,
    position: LogPosition,
    /// Where it was read on earlier days, from the first entry on that a record may need.
    past: Past,
    /// Records of earlier days that do not say otherwise have been tried on every entry before the
    /// position. It depends on the time of reading alone, and so says nothing of any visit.
    tried_before: Day,
}

/// What was found in one log, for the vault to take.
pub(super) struct Read<'a> {
    pub(super) authority: Fingerprint,
    /// How far the log was read.
    pub(super) position: LogPosition,
    /// The archived head at which it was joined.
    pub(super) joined: Option<LogPosition>,
    pub(super) now: UnixSeconds,
    /// What [`Vault::records_to_try`] said.
    pub(super) records: &'a [(CheckInRecord, bool)],
    /// In the order of the log.
    pub(super) matches: Vec<Match>,
    /// New entries of what was found before.
    pub(super) later: Vec<(u64, Vec<u8>)>,
    /// Whether records that are new were tried on the entries that had been read before.
    pub(super) before_was_tried: bool,
}

/// The vault as CBOR: version, open visits, records, logs, hits, days of use.
type Wire = (u8, Vec<OpenVisit>, Vec<Kept>, Vec<FollowedLog>, Vec<Hit>, Option<DaysOfUse>);
type KeptWire = (VisitId, Day, ByteBuf, Vec<Fingerprint>);

const VERSION: u8 = 5;

impl Vault {
    /// Returns whether a sealed vault asks for a passphrase (`true`) or for the device's key.
    ///
    /// # Errors
    /// [`VaultError`] when the bytes are no vault.
    pub fn required_key(sealed: &[u8]) -> Result<bool, VaultError> {
        seal::asks_passphrase(&seal::VAULT, sealed)
    }

    /// Returns an empty vault.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Checks in now, and ends other visits whose time is up. A visit that is open at the same
    /// venue goes on instead. Call [`Vault::seal_due`] before: it tells which visits have ended,
    /// and none of them goes on.
    ///
    /// # Errors
    /// [`VisitError::NotYetValid`], [`VisitError::NoLongerValid`], or a code that no record can be
    /// made of.
    pub fn check_in<R: CryptoRng>(
        &mut self,
        entry_code: &EntryCode,
        now: UnixSeconds,
        rng: &mut R,
    ) -> Result<CheckIn, VisitError> {
        self.check_in_late(entry_code, now, None, now, rng)
    }

    /// Checks in somebody who arrived at `arrival`, and left or means to leave at `departure`, as
    /// [`Vault::check_in`] does. The visit joins one that is open at the same venue, unless it
    /// ended before that, or began so long ago that both in one would be too long: then it is a
    /// visit of its own. It never ends the open one: a departure that has passed is then left out
    /// of account.
    ///
    /// # Errors
    /// As [`Vault::check_in`]; [`VisitError::DepartureBeforeArrival`], [`VisitError::TooLong`].
    pub fn check_in_late<R: CryptoRng>(
        &mut self,
        entry_code: &EntryCode,
        arrival: UnixSeconds,
        departure: Option<UnixSeconds>,
        now: UnixSeconds,
        rng: &mut R,
    ) -> Result<CheckIn, VisitError> {
        // [VIS-5]
        check_validity(entry_code.venue(), arrival)?;
        departure.map(|departure| Stay::new(arrival, departure)).transpose()?;
        let mut open = self.open.iter_mut().filter(|visit| visit.is_at(entry_code));
        if let Some(visit) = open.find(|visit| visit.is_joined_by(arrival, departure, now)) {
            visit.extend(arrival, departure.filter(|departure| *departure >= now));
            return Ok(CheckIn::Extended(visit.id()));
        }
        self.seal_due(arrival, rng)?;
        let mut visit = OpenVisit::new(VisitId::generate(rng), entry_code, arrival);
        let at_venue = self.open.iter().filter(|other| other.is_at(entry_code));
        let next = at_venue.map(OpenVisit::arrival).filter(|next| *next > arrival).min();
        let latest = next.map(|next| next.min(arrival.plus(MAX_VISIT_SECONDS)));
        departure.or(latest).map(|departure| visit.plan(departure)).transpose()?;
        let id = visit.id();
        self.open.push(visit);
        Ok(CheckIn::Opened(id))
    }

    /// Keeps a visit that is over, or whose end is known, at once. Returns it with its entry code,
    /// for a diary; drop it otherwise.
    ///
    /// # Errors
    /// As [`Vault::check_in`].
    pub fn visit<R: CryptoRng>(
        &mut self,
        entry_code: &EntryCode,
        stay: Stay,
        rng: &mut R,
    ) -> Result<EndedVisit, VisitError> {
        check_validity(entry_code.venue(), stay.arrival())?;
        let visit = OpenVisit::new(VisitId::generate(rng), entry_code, stay.arrival());
        let ended = visit.end(stay.departure())?;
        let records = seal_visit(entry_code, ended.stay(), visit.id(), rng)?;
        records.into_iter().for_each(|record| self.keep(record));
        Ok(ended)
    }

    /// Ends a visit: its hours become records, and the vault forgets its entry code. A visit that
    /// had ended by itself before `departure` ends then. Returns it with its entry code, for a
    /// diary; drop it otherwise.
    ///
    /// # Errors
    /// [`VisitError::NotOpen`], [`VisitError::DepartureBeforeArrival`]; the visit then stays as it
    /// was.
    pub fn check_out<R: CryptoRng>(
        &mut self,
        id: VisitId,
        departure: UnixSeconds,
        rng: &mut R,
    ) -> Result<EndedVisit, VisitError> {
        // [VIS-3] [VIS-4] [VIS-8]
        let visit = self.open_visit(id)?;
        let ended = visit.end(departure.min(visit.automatic_departure()))?;
        let records = seal_visit(&ended.entry_code()?, ended.stay(), id, rng)?;
        self.open.retain(|visit| visit.id() != id);
        records.into_iter().for_each(|record| self.keep(record));
        Ok(ended)
    }

    /// Sets when an open visit will end by itself. It may be called again until that time has come,
    /// at `now`.
    ///
    /// # Errors
    /// [`VisitError::NotOpen`], [`VisitError::AlreadyEnded`],
    /// [`VisitError::DepartureBeforeArrival`], [`VisitError::TooLong`]; the visit then stays as it
    /// was.
    pub fn plan_check_out(
        &mut self,
        id: VisitId,
        departure: UnixSeconds,
        now: UnixSeconds,
    ) -> Result<(), VisitError> {
        self.changeable(id, now)?.plan(departure)
    }

    /// Corrects the time of arrival of a visit that is open at `now`.
    ///
    /// # Errors
    /// As [`Vault::check_in`] and [`Vault::plan_check_out`]; the visit then stays as it was.
    pub fn correct_arrival(
        &mut self,
        id: VisitId,
        arrival: UnixSeconds,
        now: UnixSeconds,
    ) -> Result<(), VisitError> {
        self.changeable(id, now)?.correct_arrival(arrival)
    }

    /// Ends every visit whose time is up at `now`, each at its own time. One that ends after 12
    /// hours although somebody has scanned since goes on as another. Returns them as
    /// [`Vault::check_out`] does.
    ///
    /// # Errors
    /// As [`Vault::check_out`].
    pub fn seal_due<R: CryptoRng>(
        &mut self,
        now: UnixSeconds,
        rng: &mut R,
    ) -> Result<Vec<EndedVisit>, VisitError> {
        // [VIS-4]
        let mut ended = Vec::new();
        while let Some(due) = self.open.iter().find(|visit| visit.automatic_departure() <= now) {
            let (id, departure, goes_on) =
                (due.id(), due.automatic_departure(), due.goes_on_until());
            let visit = self.check_out(id, departure, rng)?;
            if let Some(until) = goes_on {
                let code = visit.entry_code()?;
                let mut next = OpenVisit::new(VisitId::generate(rng), &code, departure);
                next.plan(until)?;
                self.open.push(next);
            }
            ended.push(visit);
        }
        Ok(ended)
    }

    /// Notes that the visitor has been reminded of an open visit.
    pub fn remind(&mut self, id: VisitId) {
        // [VIS-7]
        self.open.iter_mut().filter(|visit| visit.id() == id).for_each(OpenVisit::remind);
    }

    /// Seals the vault with a fresh salt. The length is the header's, a power of two of at least
    /// 256 KiB, and 16.
    ///
    /// # Errors
    /// [`VaultError::Damaged`] when the vault cannot be encoded, which no valid vault causes.
    pub fn seal<R: CryptoRng>(&self, key: &VaultKey, rng: &mut R) -> Result<Vec<u8>, VaultError> {
        let body = Zeroizing::new(cbor::to_vec(self).map_err(|_| VaultError::Damaged)?);
        seal::seal(&seal::VAULT, key, &body, rng)
    }

    /// Opens a sealed vault.
    ///
    /// # Errors
    /// [`VaultError`] with what is wrong; the vault is then as it was.
    pub fn open(sealed: &[u8], key: &VaultKey) -> Result<Self, VaultError> {
        let padded = seal::open(&seal::VAULT, key, sealed)?;
        let body = padding::unpad(&padded).ok_or(VaultError::Damaged)?;
        // [VLT-8]
        check_cbor_version(Part::Vault, body, VERSION).map_err(|error| match error {
            MessageError::UnknownVersion { .. } => VaultError::OtherContents,
            _ => VaultError::Damaged,
        })?;
        cbor::from_slice(body).map_err(|_| VaultError::Damaged)
    }

    /// Returns the visits that have not ended.
    #[must_use]
    pub fn open_visits(&self) -> &[OpenVisit] {
        &self.open
    }

    /// Returns the visits that have ended and whose records are still kept, in the order of their
    /// ids.
    #[must_use]
    pub fn closed_visits(&self) -> Vec<ClosedVisit> {
        let mut ids: Vec<_> = self.records.iter().map(|kept| kept.record.visit()).collect();
        ids.sort_unstable();
        ids.dedup();
        ids.into_iter()
            .filter_map(|id| {
                let days = || self.kept().filter(|r| r.visit() == id).map(CheckInRecord::day);
                Some(ClosedVisit { id, first_day: days().min()?, hours: days().count() })
            })
            .collect()
    }

    /// Forgets one visit, open or closed, with its notices, which tell where it was. Returns
    /// whether there was such a visit.
    pub fn forget(&mut self, id: VisitId) -> bool {
        // [VLT-6] [VLT-8]
        let before = self.open.len() + self.records.len() + self.hits.len();
        self.open.retain(|visit| visit.id() != id);
        self.records.retain(|kept| kept.record.visit() != id);
        self.hits.retain(|hit| hit.visit != id);
        before != self.open.len() + self.records.len() + self.hits.len()
    }

    /// Forgets every visit and every notice. The places in the logs stay: they say nothing of the
    /// visitor.
    pub fn forget_all(&mut self) {
        // [VLT-6]
        self.open.clear();
        self.records.clear();
        self.hits.clear();
    }

    /// Forgets records with a day label more than `retention_days` before today, and notices received
    /// as long ago. A device calls it whenever it opens its vault.
    ///
    /// `today` is the day of the device's clock. Where it lies more than two days after the last
    /// certain day, the vault forgets nothing by it until the clock has stayed there, or a log that
    /// was read has a signature of that day. Returns the day from which the vault counted, for what
    /// is kept beside it.
    pub fn expire(&mut self, today: Day, retention_days: u32) -> Day {
        // [VLT-10]
        let signed = self.logs.iter().map(|log| Day::containing(log.position.timestamp)).max();
        let then = |uses: DaysOfUse| uses.then(today, signed.unwrap_or(uses.confirmed()));
        let uses = self.days_of_use.map_or_else(|| DaysOfUse::first(today), then);
        self.days_of_use = Some(uses);
        // [VLT-5]
        let oldest = uses.confirmed().minus(retention_days);
        self.records.retain(|kept| kept.record.day() >= oldest);
        self.hits.retain(|hit| Day::containing(hit.received) >= oldest);
        uses.confirmed()
    }

    /// Returns whether the vault holds nothing: no visit, record or notice, and no place in a log.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        let nothing = self.open.is_empty() && self.records.is_empty() && self.hits.is_empty();
        nothing && self.logs.is_empty()
    }

    /// Returns how far the log of `authority` has been read.
    #[must_use]
    pub fn position(&self, authority: &Fingerprint) -> LogPosition {
        self.log(authority).map_or_else(LogPosition::start, |log| log.position.clone())
    }

    /// Returns where the log of `authority` was read on earlier days.
    pub(super) fn past(&self, authority: &Fingerprint) -> Past {
        self.log(authority).map(|log| log.past.clone()).unwrap_or_default()
    }

    /// Returns every record, in the order of their sealed bytes, each with whether it may not have
    /// been tried on the entries before the position.
    pub(super) fn records_to_try(&self, authority: &Fingerprint) -> Vec<(CheckInRecord, bool)> {
        let is_untried = |kept: &Kept| self.is_untried(kept, authority);
        self.records.iter().map(|kept| (kept.record.clone(), is_untried(kept))).collect()
    }

    /// Returns the identities of which something was found in the log of `authority`.
    pub(super) fn known_identities(&self, authority: &Fingerprint) -> Vec<Identity> {
        let own = self.hits.iter().filter(|hit| hit.authority == *authority);
        own.map(|hit| hit.identity).collect()
    }

    /// Takes what was found in a log since `start`. Returns [`SyncError::Overtaken`] where the
    /// vault has come further in that log; it may have changed otherwise.
    pub(super) fn take(
        &mut self,
        profile: &SignedProfile,
        start: &LogPosition,
        read: Read<'_>,
    ) -> Result<(), SyncError> {
        let mut next = self.clone();
        // [PRO-6]
        let predecessors = profile.predecessors();
        predecessors.iter().for_each(|old| next.authority_changed(old, &read.authority));
        if next.position(&read.authority) != *start {
            return Err(SyncError::Overtaken);
        }
        next.commit(read, profile.profile().retention_days);
        *self = next;
        Ok(())
    }

    /// The place from which on nothing is known of a feed.
    pub(super) fn next_place(&self, feed: &Fingerprint) -> u64 {
        let known = self.hits.iter().filter(|hit| hit.authority == *feed);
        known.map(|hit| hit.index.saturating_add(1)).max().unwrap_or(0)
    }

    /// Takes what was found in a whole feed; what it says again is no newer than it was.
    pub(super) fn take_feed(
        &mut self,
        feed: &Fingerprint,
        matches: Vec<Match>,
        later: &[(u64, Vec<u8>)],
        now: UnixSeconds,
    ) {
        // [MAT-12]
        let before = self.hits.clone();
        self.take_matches(feed, matches, later, now);
        for hit in &mut self.hits {
            if let Some(known) = before.iter().find(|known| known.says_as_much_as(hit)) {
                *hit = known.clone();
            }
        }
    }

    fn take_matches(
        &mut self,
        authority: &Fingerprint,
        mut matches: Vec<Match>,
        later: &[(u64, Vec<u8>)],
        now: UnixSeconds,
    ) {
        // [VLT-6] What was forgotten meanwhile is not found.
        matches.retain(|found| self.kept().any(|record| record.visit() == found.visit));
        // [MAT-4] What was found among these entries follows; its records are still there.
        Hit::supersede(&mut self.hits, authority, borrow(later), now);
        Hit::remember(&mut self.hits, authority, &matches, now);
    }

    fn commit(&mut self, read: Read<'_>, retention_days: u32) {
        let authority = read.authority;
        self.take_matches(&authority, read.matches, &read.later, read.now);
        // [VLT-9] Who is somewhere now and leaves later makes records of no earlier day.
        let tried_before = Day::containing(read.now.minus(MAX_VISIT_SECONDS));
        for kept in &mut self.records {
            let sealed = kept.record.sealed();
            let known = read.records.binary_search_by(|(record, _)| record.sealed().cmp(sealed));
            let known = known.ok().and_then(|place| read.records.get(place));
            let was_tried = known.is_some_and(|(_, is_new)| !is_new || read.before_was_tried);
            kept.owed.retain(|log| *log != authority);
            if !was_tried && kept.record.day() < tried_before {
                kept.owed.push(authority);
            }
        }
        let mut past = self.past(&authority);
        past.reach(&read.position, read.joined, retention_days);
        self.logs.retain(|log| log.authority != authority);
        self.logs.push(FollowedLog { authority, position: read.position, past, tried_before });
    }

    /// Returns what the visitor has to be told: one exposure for each visit and notice.
    #[must_use]
    pub fn exposures(&self) -> Vec<Exposure> {
        exposures(&self.hits)
    }

    /// Notes that the visitor has been told of an exposure.
    pub fn announce(&mut self, exposure: &Exposure) {
        self.hits.iter_mut().for_each(|hit| hit.announce(exposure));
    }

    /// Stops showing an exposure. Returns whether there was one of this id. A later notice of the
    /// same hours that says something else is shown. The visit's records stay, and with them all
    /// that a published key opens: [`Vault::forget`] deletes them.
    pub fn dismiss(&mut self, id: ExposureId) -> bool {
        let Some(exposure) = self.exposures().into_iter().find(|exposure| exposure.id == id) else {
            return false;
        };
        self.hits.iter_mut().for_each(|hit| hit.dismiss(&exposure));
        true
    }

    /// Returns the exposures that the visitor has to hear of and has not been told, and what is new
    /// in each. It leaves out overlaps that the authority's profile calls too short; without its
    /// profile all count.
    #[must_use]
    pub fn news<P: AsRef<SignedProfile>>(&self, profiles: &[P]) -> Vec<(News, Exposure)> {
        let told = self.exposures_told_of(profiles).into_iter();
        told.filter_map(|exposure| Some((exposure.news?, exposure))).collect()
    }

    /// Returns what [`Vault::exposures`] does, without the overlaps that the authorities' profiles
    /// call too short. One that was told, and became too short by a correction, is withdrawn.
    #[must_use]
    pub fn exposures_told_of<P: AsRef<SignedProfile>>(&self, profiles: &[P]) -> Vec<Exposure> {
        // [MAT-7]
        let tells_of = |exposure: &Exposure| {
            let mut all = profiles.iter().map(|signed| signed.as_ref().profile());
            let own = all.find(|profile| profile.fingerprint() == exposure.authority);
            own.is_none_or(|profile| profile.tells_of(exposure.overlap))
        };
        told_of(self.exposures(), tells_of)
    }

    /// Returns for how many days a device that follows these authorities keeps things: the longest
    /// time that any of them asks for.
    #[must_use]
    pub fn retention_days<P: AsRef<SignedProfile>>(profiles: &[P]) -> u32 {
        // [VLT-5]
        let days = profiles.iter().map(|signed| signed.as_ref().profile().retention_days).max();
        days.unwrap_or(DEFAULT_RETENTION_DAYS)
    }

    /// Notes that an authority handed its keys over: the place in its log, what was tried and its
    /// notices belong to the new fingerprint. Does nothing where the vault has nothing under the
    /// old one, so that it can be called for every predecessor at any time.
    pub fn authority_changed(&mut self, old: &Fingerprint, new: &Fingerprint) {
        // [PRO-6]
        // Noted before, and read on since.
        if self.log(new).is_some() {
            self.logs.retain(|log| log.authority != *old);
        }
        for authority in self.logs.iter_mut().map(|log| &mut log.authority) {
            if authority == old {
                *authority = *new;
            }
        }
        for hit in self.hits.iter_mut().filter(|hit| hit.authority == *old) {
            hit.authority = *new;
        }
        for log in self.records.iter_mut().flat_map(|kept| &mut kept.owed) {
            if log == old {
                *log = *new;
            }
        }
    }

    /// Forgets the place in a log that is no longer followed, and its notices.
    pub fn unfollow(&mut self, authority: &Fingerprint) {
        self.logs.retain(|log| log.authority != *authority);
        self.hits.retain(|hit| hit.authority != *authority);
        self.records.iter_mut().for_each(|kept| kept.owed.retain(|log| log != authority));
    }

    /// Returns every record as it is kept: its visit, its UTC day and its sealed bytes, in an order that
    /// tells nothing.
    pub fn sealed_records(&self) -> impl Iterator<Item = (VisitId, Day, &[u8])> {
        self.kept().map(|record| (record.visit(), record.day(), record.sealed()))
    }

    /// Returns every record, in an order that tells nothing.
    fn kept(&self) -> impl Iterator<Item = &CheckInRecord> {
        self.records.iter().map(|kept| &kept.record)
    }

    /// Adds a record that has just been sealed.
    fn keep(&mut self, record: CheckInRecord) {
        // [VLT-9]
        let late = self.logs.iter().filter(|log| record.day() < log.tried_before);
        let owed = late.map(|log| log.authority).collect();
        // [VLT-8]
        let place = self.records.partition_point(|kept| kept.record.sealed() < record.sealed());
        self.records.insert(place, Kept { record, owed });
    }

    fn is_untried(&self, kept: &Kept, authority: &Fingerprint) -> bool {
        // [VLT-9]
        let tried_before = self.log(authority).map(|log| log.tried_before);
        tried_before.is_none_or(|day| day <= kept.record.day()) || kept.owed.contains(authority)
    }

    fn log(&self, authority: &Fingerprint) -> Option<&FollowedLog> {
        self.logs.iter().find(|log| log.authority == *authority)
    }

    /// Returns the open visit of this id, unless its time is up.
    fn changeable(&mut self, id: VisitId, now: UnixSeconds) -> Result<&mut OpenVisit, VisitError> {
        // [VIS-8]
        let visit = self.open.iter_mut().find(|visit| visit.id() == id);
        let visit = visit.ok_or(VisitError::NotOpen)?;
        if visit.automatic_departure() <= now { Err(VisitError::AlreadyEnded) } else { Ok(visit) }
    }

    fn open_visit(&self, id: VisitId) -> Result<&OpenVisit, VisitError> {
        self.open.iter().find(|visit| visit.id() == id).ok_or(VisitError::NotOpen)
    }
}

fn borrow(entries: &[(u64, Vec<u8>)]) -> impl Iterator<Item = (u64, &[u8])> {
    entries.iter().map(|(index, bytes)| (*index, bytes.as_slice()))
}

impl Serialize for Vault {
    /// Everything stands in an order that does not depend on how it came in.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        // [VLT-8]
        let mut open: Vec<_> = self.open.iter().collect();
        open.sort_unstable_by_key(|visit| (visit.arrival(), visit.id()));
        let mut logs: Vec<_> = self.logs.iter().collect();
        logs.sort_unstable_by_key(|log| log.authority);
        let days_of_use = &self.days_of_use;
        (VERSION, open, &self.records, logs, &self.hits, days_of_use).serialize(serializer)
    }
}

impl From<Wire> for Vault {
    fn from((_, open, mut records, logs, hits, days_of_use): Wire) -> Self {
        records.sort_unstable_by(|a, b| a.record.sealed().cmp(b.record.sealed()));
        Self { open, records, logs, hits, days_of_use }
    }
}

impl Serialize for Kept {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self { record, owed } = self;
        (record.visit(), record.day(), Bytes::new(record.sealed()), owed).serialize(serializer)
    }
}

impl TryFrom<KeptWire> for Kept {
    type Error = MessageError;

    fn try_from((visit, day, sealed, owed): KeptWire) -> Result<Self, MessageError> {
        Ok(Self { record: CheckInRecord::from_parts(visit, day, sealed.into_vec())?, owed })
    }
}
