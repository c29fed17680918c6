//! The vault: everything that a visitor's device keeps, as one sealed byte string.
//!
//! Inside are records nobody can read without a published key, visits that have not ended, and the
//! notices received. Outside, the bytes show a version, how the key is made, and a coarse size.

use std::ops::ControlFlow;

use rand_core::CryptoRng;
use serde::{Deserialize, Serialize, Serializer};
use serde_bytes::{ByteBuf, Bytes};
use serde_tuple::{Deserialize_tuple, Serialize_tuple};
use zeroize::Zeroizing;

use super::exposure::{Exposure, Hit, exposures};
use super::matching::{Cancelled, Outcome, match_entries};
use super::record::{CheckInRecord, VisitId};
use super::visits::{EndedVisit, OpenVisit, check_validity};
use super::{VisitError, seal, seal_visit};
use crate::authority::profile::Fingerprint;
use crate::cbor;
use crate::log::LogPosition;
use crate::messages::entry_code::EntryCode;
use crate::messages::{MessageError, check_cbor_version};
use crate::padding;
use crate::time::{Day, UnixSeconds};

pub use super::seal::{DeviceKey, VaultError, VaultKey, required_key};

/// For how many days records are kept where nobody says otherwise.
pub const DEFAULT_RETENTION_DAYS: u32 = 14;

/// What a check-in did.
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
    /// How many hours it touched.
    pub hours: usize,
}

/// One device's visits, records, notices and places in the logs it follows.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(from = "Wire")]
pub struct Vault {
    open: Vec<OpenVisit>,
    records: Vec<Kept>,
    next_number: u64,
    logs: Vec<FollowedLog>,
    hits: Vec<Hit>,
}

/// A record with its number in the order of sealing.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "(u64, VisitId, Day, ByteBuf)")]
struct Kept {
    number: u64,
    record: CheckInRecord,
}

/// How far a followed log has been read, and by which records.
#[derive(Debug, Clone, PartialEq, Eq, Serialize_tuple, Deserialize_tuple)]
struct FollowedLog {
    authority: Fingerprint,
    position: LogPosition,
    /// Records with a lower number have been tried on every entry before the position.
    tried: u64,
}

/// The vault as CBOR: version, open visits, records, the next number, logs, hits.
type Wire = (u8, Vec<OpenVisit>, Vec<Kept>, u64, Vec<FollowedLog>, Vec<Hit>);

const VERSION: u8 = 1;

impl Vault {
    /// An empty vault.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Checks in at `time`. A visit that is open at the same venue goes on instead. Others whose
    /// time is up at `time` end. Call [`Vault::seal_due`] with the present time before: it tells
    /// which visits have ended, and none of them goes on when `time` is earlier.
    ///
    /// # Errors
    /// [`VisitError::NotYetValid`], [`VisitError::NoLongerValid`], or a code that no record can be
    /// made of.
    pub fn check_in<R: CryptoRng>(
        &mut self,
        entry_code: &EntryCode,
        time: UnixSeconds,
        rng: &mut R,
    ) -> Result<CheckIn, VisitError> {
        check_validity(entry_code.venue(), time)?;
        // [VIS-5]
        let same = self.open.iter_mut().find(|visit| visit.is_at(entry_code));
        if let Some(visit) = same.filter(|visit| visit.goes_on_at(time)) {
            visit.extend(time);
            return Ok(CheckIn::Extended(visit.id()));
        }
        self.seal_due(time, rng)?;
        let visit = OpenVisit::new(VisitId::generate(rng), entry_code, time);
        let id = visit.id();
        self.open.push(visit);
        Ok(CheckIn::Opened(id))
    }

    /// Ends a visit: its hours become records, and its entry code is forgotten. A visit that had
    /// ended by itself before `departure` ends then. What is returned still has the entry code, for
    /// a diary; drop it otherwise.
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
        for record in records {
            self.records.push(Kept { number: self.next_number, record });
            self.next_number += 1;
        }
        Ok(ended)
    }

    /// Sets when an open visit will end by itself; may be called again until it has, at `now`.
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

    /// Ends every visit whose time is up at `now`, each at the time at which it was up. Returns
    /// them as [`Vault::check_out`] does.
    ///
    /// # Errors
    /// As [`Vault::check_out`].
    pub fn seal_due<R: CryptoRng>(
        &mut self,
        now: UnixSeconds,
        rng: &mut R,
    ) -> Result<Vec<EndedVisit>, VisitError> {
        // [VIS-4]
        let due: Vec<_> = self
            .open
            .iter()
            .filter(|visit| visit.automatic_departure() <= now)
            .map(|visit| (visit.id(), visit.automatic_departure()))
            .collect();
        due.into_iter().map(|(id, departure)| self.check_out(id, departure, rng)).collect()
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
    /// [`VaultError::Damaged`] when the vault cannot be encoded; none that a valid vault can cause.
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
        check_cbor_version("vault", body, VERSION).map_err(|_| VaultError::Damaged)?;
        cbor::from_slice(body).map_err(|_| VaultError::Damaged)
    }

    /// The visits that have not ended.
    #[must_use]
    pub fn open_visits(&self) -> &[OpenVisit] {
        &self.open
    }

    /// The visits that have ended and whose records are still kept, in the order of their ids.
    #[must_use]
    pub fn closed_visits(&self) -> Vec<ClosedVisit> {
        let mut ids: Vec<_> = self.records.iter().map(|kept| kept.record.visit()).collect();
        ids.sort_unstable();
        ids.dedup();
        ids.into_iter()
            .filter_map(|id| {
                let days = || self.records().filter(|r| r.visit() == id).map(CheckInRecord::day);
                Some(ClosedVisit { id, first_day: days().min()?, hours: days().count() })
            })
            .collect()
    }

    /// Every record, oldest first.
    pub fn records(&self) -> impl Iterator<Item = &CheckInRecord> {
        self.records.iter().map(|kept| &kept.record)
    }

    /// Forgets one visit, open or closed; whether there was one.
    pub fn forget(&mut self, id: VisitId) -> bool {
        // [VLT-6]
        let before = self.open.len() + self.records.len();
        self.open.retain(|visit| visit.id() != id);
        self.records.retain(|kept| kept.record.visit() != id);
        before != self.open.len() + self.records.len()
    }

    /// Forgets every visit and every notice. The places in the logs stay: they say nothing of the
    /// visitor.
    pub fn forget_all(&mut self) {
        // [VLT-6]
        self.open.clear();
        self.records.clear();
        self.hits.clear();
    }

    /// Forgets records with a day label more than `retention_days` before `today`, and notices
    /// received as long ago.
    pub fn expire(&mut self, today: Day, retention_days: u32) {
        // [VLT-5]
        let oldest = today.minus(retention_days);
        self.records.retain(|kept| kept.record.day() >= oldest);
        self.hits.retain(|hit| Day::containing(hit.received) >= oldest);
    }

    /// How far the log of `authority` has been read.
    #[must_use]
    pub fn position(&self, authority: &Fingerprint) -> LogPosition {
        self.log(authority).map_or_else(LogPosition::start, |log| log.position.clone())
    }

    /// Whether some record has not been tried on entries before the position, so that the next
    /// matching needs them again.
    #[must_use]
    pub fn has_untried_records(&self, authority: &Fingerprint) -> bool {
        let tried = self.log(authority).map_or(0, |log| log.tried);
        self.records.iter().any(|kept| kept.number >= tried)
    }

    /// Tries log entries on the records and remembers what opened.
    ///
    /// `entries` are all entries of the log of `authority` that may concern a kept record, with
    /// their indices; entries before the current position are tried only on records that are new
    /// since. `position` is the verified position after the last entry. `progress` is as for
    /// [`match_entries`].
    ///
    /// # Errors
    /// [`Cancelled`] when `progress` said so; the vault then stays as it was.
    pub fn apply(
        &mut self,
        authority: &Fingerprint,
        entries: &[(u64, Vec<u8>)],
        position: LogPosition,
        now: UnixSeconds,
        mut progress: impl FnMut(u64) -> ControlFlow<()> + Send,
    ) -> Result<Outcome, Cancelled> {
        let seen = self.position(authority).range.size();
        let tried = self.log(authority).map_or(0, |log| log.tried);
        let split = entries.partition_point(|(index, _)| *index < seen);
        let (old, new) = entries.split_at(split);
        let untried = self.records.iter().filter(|kept| kept.number >= tried);
        // [MAT-10]
        let mut outcome =
            match_entries(untried.map(|kept| &kept.record), borrow(old), &mut progress)?;
        let done = old.len() as u64;
        outcome.append(match_entries(self.records(), borrow(new), |n| progress(done + n))?);
        Hit::remember(&mut self.hits, authority, &outcome.matches, now);
        // [MAT-4]
        Hit::supersede(&mut self.hits, authority, borrow(new), now);
        self.logs.retain(|log| log.authority != *authority);
        self.logs.push(FollowedLog { authority: *authority, position, tried: self.next_number });
        Ok(outcome)
    }

    /// What the visitor has to be told: one exposure for each visit and notice.
    #[must_use]
    pub fn exposures(&self) -> Vec<Exposure> {
        exposures(&self.hits)
    }

    /// Notes that the visitor has been told of an exposure.
    pub fn announce(&mut self, exposure: &Exposure) {
        self.hits.iter_mut().for_each(|hit| hit.announce(exposure));
    }

    /// Notes that an authority handed its keys over: the place in its log, what was tried and its
    /// notices belong to the new fingerprint. Does nothing where there is nothing under the old one,
    /// so that it can be called for every predecessor at any time.
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
    }

    /// Forgets the place in a log that is no longer followed, and its notices.
    pub fn unfollow(&mut self, authority: &Fingerprint) {
        self.logs.retain(|log| log.authority != *authority);
        self.hits.retain(|hit| hit.authority != *authority);
    }

    fn log(&self, authority: &Fingerprint) -> Option<&FollowedLog> {
        self.logs.iter().find(|log| log.authority == *authority)
    }

    /// The open visit of this id, unless its time is up.
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
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        (VERSION, &self.open, &self.records, self.next_number, &self.logs, &self.hits)
            .serialize(serializer)
    }
}

impl From<Wire> for Vault {
    fn from((_, open, records, next_number, logs, hits): Wire) -> Self {
        Self { open, records, next_number, logs, hits }
    }
}

impl Serialize for Kept {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self { number, record } = self;
        (number, record.visit(), record.day(), Bytes::new(record.sealed())).serialize(serializer)
    }
}

impl TryFrom<(u64, VisitId, Day, ByteBuf)> for Kept {
    type Error = MessageError;

    fn try_from(
        (number, visit, day, sealed): (u64, VisitId, Day, ByteBuf),
    ) -> Result<Self, MessageError> {
        Ok(Self { number, record: CheckInRecord::from_parts(visit, day, sealed.into_vec())? })
    }
}
