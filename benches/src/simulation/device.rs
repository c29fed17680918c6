//! A phone of the sample: scans, seals its visits, syncs once a day, keeps everything in a vault.

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::thread;
use std::time::{Duration, Instant};

use noren::messages::Level;
use noren::time::Day;
use noren::visitor::{CheckIn, DeviceKey, VaultKey, VisitId};
use noren::{EntryCode, UnixSeconds, Vault};
use rand_chacha::ChaCha20Rng;

use super::investigation::Span;
use super::random::{Purpose, generator};
use super::server::{Fetched, Server};
use super::truth::union;
use super::venues::Codes;
use super::world::{DAY, Visit, World};
use crate::Result;

/// Where devices live.
#[derive(Debug, Clone, Copy)]
pub struct Street<'a> {
    /// The plain world.
    pub world: &'a World,
    /// The venues' codes.
    pub codes: &'a Codes,
    /// The log.
    pub server: &'a Server,
}

/// What a device went through.
#[derive(Debug)]
pub struct Life {
    /// Whose it is.
    pub person: u32,
    /// What its owner was told, by stay: which seconds. Empty where that was taken back.
    pub told: BTreeMap<Span, Vec<Span>>,
    /// Its syncs, one a day.
    pub syncs: Vec<Sync>,
    /// How long each check-in took, with the scan and the sealing at its end.
    pub check_ins: Vec<Duration>,
}

/// One sync.
#[derive(Debug, Clone, Copy)]
pub struct Sync {
    /// The day.
    pub day: u32,
    /// What was downloaded.
    pub fetched: Fetched,
    /// Entries that were read, the new ones and those that new records had to be tried on.
    pub entries: usize,
    /// How many times a key was tried on a record.
    pub trials: u64,
    /// Entries that were passed over.
    pub malformed: u64,
    /// Records kept.
    pub records: usize,
    /// Bytes in them.
    pub record_bytes: usize,
    /// Bytes of the sealed vault.
    pub vault_bytes: usize,
    /// How long it took.
    pub times: SyncTimes,
}

/// How long the parts of a sync took.
#[derive(Debug, Clone, Copy)]
pub struct SyncTimes {
    /// Opening the vault.
    pub open: Duration,
    /// Checking profile, checkpoint and entries; no network.
    pub verify: Duration,
    /// Trying keys on records.
    pub matching: Duration,
    /// Sealing the vault.
    pub seal: Duration,
}

impl SyncTimes {
    /// The whole sync.
    #[must_use]
    pub fn sum(&self) -> Duration {
        self.open + self.verify + self.matching + self.seal
    }
}

impl Street<'_> {
    /// The lives of many devices, in the order of the people, on so many threads.
    ///
    /// # Errors
    /// What a device could not do.
    pub fn live(self, people: &[u32], jobs: usize) -> Result<Vec<Life>> {
        let part = |number: usize| -> std::result::Result<Vec<Life>, String> {
            let own = people.iter().skip(number).step_by(jobs.max(1));
            own.map(|person| self.life(*person).map_err(|error| error.to_string())).collect()
        };
        let mut lives = Vec::new();
        thread::scope(|scope| {
            let parts: Vec<_> = (0..jobs.max(1)).map(|n| scope.spawn(move || part(n))).collect();
            for each in parts {
                lives.extend(each.join().map_err(|_| "a device stopped")??);
            }
            Ok::<_, String>(())
        })?;
        lives.sort_by_key(|life| life.person);
        Ok(lives)
    }

    /// One person's days: until every visit has ended and one more sync was made.
    fn life(self, person: u32) -> Result<Life> {
        let mut rng = generator(self.world.seed(), Purpose::Devices, person.into());
        let key = VaultKey::device(DeviceKey::generate(&mut rng));
        let mut day = Today {
            street: self,
            sealed: Vault::new().seal(&key, &mut rng)?,
            key,
            visits: self.world.visits(person),
            inside: None,
            rng,
            life: Life { person, told: BTreeMap::new(), syncs: Vec::new(), check_ins: Vec::new() },
        };
        day.visits.reverse();
        for number in 0..=self.world.days() {
            // Between eleven and midnight, not everybody in the same second.
            let time = self.world.midnight(number) + DAY - 3_600 + u64::from(person % 3_600);
            day.pass(number, time)?;
        }
        Ok(day.life)
    }
}

/// A device in the middle of its life.
struct Today<'a> {
    street: Street<'a>,
    key: VaultKey,
    sealed: Vec<u8>,
    /// Visits to come, the next one last.
    visits: Vec<Visit>,
    /// The visit that its owner will check out of, and when.
    inside: Option<(VisitId, u64)>,
    rng: ChaCha20Rng,
    life: Life,
}

impl Today<'_> {
    /// One day, up to the sync at `time`.
    fn pass(&mut self, day: u32, time: u64) -> Result<()> {
        let begun = Instant::now();
        let mut vault = Vault::open(&self.sealed, &self.key)?;
        let open = begun.elapsed();
        self.go_out(&mut vault, time)?;
        let now = UnixSeconds::new(time)?;
        vault.seal_due(now, &mut self.rng)?;
        let sync = self.sync(&mut vault, day, now, open)?;
        self.life.syncs.push(sync);
        Ok(())
    }

    /// Every arrival and departure up to a time.
    fn go_out(&mut self, vault: &mut Vault, time: u64) -> Result<()> {
        loop {
            let begun = Instant::now();
            match (self.inside, self.visits.last()) {
                (Some((id, departure)), _) if departure <= time => {
                    vault.check_out(id, UnixSeconds::new(departure)?, &mut self.rng)?;
                    self.inside = None;
                    if let Some(last) = self.life.check_ins.last_mut() {
                        *last += begun.elapsed();
                    }
                }
                (None, Some(visit)) if visit.arrival <= time => {
                    let visit = *visit;
                    self.visits.pop();
                    self.check_in(vault, &visit)?;
                    self.life.check_ins.push(begun.elapsed());
                }
                _ => return Ok(()),
            }
        }
    }

    fn check_in(&mut self, vault: &mut Vault, visit: &Visit) -> Result<()> {
        let code = EntryCode::from_url(&self.street.codes.of(visit.venue)?.poster)?;
        let arrival = UnixSeconds::new(visit.arrival)?;
        let CheckIn::Opened(id) = vault.check_in(&code, arrival, &mut self.rng)? else {
            return Err("a visit that goes on".into());
        };
        self.inside = (!visit.forgotten).then_some((id, visit.departure));
        Ok(())
    }

    fn sync(
        &mut self,
        vault: &mut Vault,
        day: u32,
        now: UnixSeconds,
        open: Duration,
    ) -> Result<Sync> {
        let server = self.street.server;
        let profile = server.profile().profile();
        let authority = profile.fingerprint();
        let begun = Instant::now();
        let start = vault.position(&authority);
        let seen = start.range.size();
        let (position, new, fetched) = server.read_after(&start, now)?;
        let verify = begun.elapsed();
        let before =
            if vault.has_untried_records(&authority) { server.kept(seen)? } else { Vec::new() };
        let entries: Vec<(u64, Vec<u8>)> = (0..).zip(before).chain((seen..).zip(new)).collect();
        let begun = Instant::now();
        let outcome =
            vault.apply(&authority, &entries, position, now, |_| ControlFlow::Continue(()))?;
        let matching = begun.elapsed();
        self.listen(vault, profile);
        vault.expire(Day::containing(now), profile.retention_days);
        let begun = Instant::now();
        self.sealed = vault.seal(&self.key, &mut self.rng)?;
        let times = SyncTimes { open, verify, matching, seal: begun.elapsed() };
        Ok(Sync {
            day,
            fetched,
            entries: entries.len(),
            trials: outcome.trials,
            malformed: outcome.malformed,
            records: vault.records().count(),
            record_bytes: vault.records().map(|record| record.sealed().len()).sum(),
            vault_bytes: self.sealed.len(),
            times,
        })
    }

    /// What the device shows now takes the place of what it showed of the same stay.
    fn listen(&mut self, vault: &mut Vault, profile: &noren::profile::Profile) {
        let mut shown: BTreeMap<Span, Vec<Span>> = BTreeMap::new();
        for exposure in vault.exposures() {
            let stay = (exposure.stay.arrival().get(), exposure.stay.departure().get());
            let told = shown.entry(stay).or_default();
            if exposure.level != Level::Withdrawn && profile.tells_of(exposure.overlap) {
                told.push((exposure.overlap.start().get(), exposure.overlap.end().get()));
            }
            vault.announce(&exposure);
        }
        shown.retain(|stay, told| !told.is_empty() || self.life.told.contains_key(stay));
        self.life.told.extend(shown.into_iter().map(|(stay, told)| (stay, union(told))));
    }
}
