//! The authority at work, with real keys: a code for each venue, the venue's sealed upload, review,
//! publication.

use std::time::{Duration, Instant};

use noren::authority::{Case, Policy, Trace, covered_entries, review};
use noren::keys::SealPublicKey;
use noren::log::{Append, LogPosition, Origin};
use noren::messages::{Layout, Notice, NoticeDetails, UploadCode};
use noren::profile::SignedProfile;
use noren::time::{Day, UnixSeconds};
use noren::{AuthorityKeys, Window};
use noren_benches::Result;
use rand_chacha::ChaCha20Rng;
use rand_core::Rng as _;

use crate::investigation::Warning;
use crate::random::{Purpose, generator};
use crate::scenario::Scenario;
use crate::server::{Server, Stored};
use crate::venues::{Code, Codes};

/// The authority.
pub struct Office {
    keys: AuthorityKeys,
    policy: Policy,
    profile: SignedProfile,
    position: LogPosition,
    malformed: usize,
    rng: ChaCha20Rng,
}

/// One publication.
#[derive(Debug)]
pub struct Batch {
    /// The day.
    pub day: u32,
    /// Venues warned of.
    pub venues: usize,
    /// Entries with a notice.
    pub keys: usize,
    /// Entries that only fill up.
    pub cover: usize,
    /// Entries that are no traces.
    pub malformed: usize,
    /// Bytes of sealed uploads, in the inbox until this batch was published.
    pub inbox: usize,
    /// What the server stored.
    pub stored: Stored,
    /// How long it took.
    pub times: Times,
}

/// How long the steps of a publication took, for all venues of the batch together.
#[derive(Debug, Clone, Copy, Default)]
pub struct Times {
    /// The venues: keys of the hours, sealing.
    pub upload: Duration,
    /// The authority: opening and checking.
    pub review: Duration,
    /// The authority: notices, cover entries, shuffling.
    pub publish: Duration,
    /// The authority: hashing and signing.
    pub sign: Duration,
    /// The server: verifying, making the files.
    pub store: Duration,
}

impl Office {
    /// An authority with new keys and a profile by its policy.
    ///
    /// # Errors
    /// None that a checked policy can cause.
    pub fn new(scenario: &Scenario, policy: &Policy, seed: u64) -> Result<Self> {
        let mut rng = generator(seed, Purpose::Office, 0);
        let keys = AuthorityKeys::generate(&mut rng);
        let origin = Origin::new("noren.example/log")?;
        let issued = UnixSeconds::new(1_700_000_000)?;
        let mut profile = keys.profile(scenario.title, origin, "https://noren.example", issued);
        policy.write_into(&mut profile);
        let profile = profile.sign(&keys)?;
        let malformed = scenario.malformed_a_day.div_ceil(scenario.batches_a_day as usize);
        let position = LogPosition::start();
        Ok(Self { keys, policy: policy.clone(), profile, position, malformed, rng })
    }

    /// The key that uploads are sealed to.
    #[must_use]
    pub fn upload_key(&self) -> SealPublicKey {
        self.keys.upload_public_key()
    }

    /// The profile.
    #[must_use]
    pub fn profile(&self) -> SignedProfile {
        self.profile.clone()
    }

    /// Asks the venues, reviews what they send, publishes it in one batch; without warnings it only
    /// signs anew.
    ///
    /// # Errors
    /// What review, publication or the server refuses.
    pub fn publish(
        &mut self,
        day: u32,
        now: u64,
        warnings: &[&Warning],
        codes: &Codes,
        server: &mut Server,
    ) -> Result<Batch> {
        let now = UnixSeconds::new(now)?;
        let (mut times, mut traces, mut inbox) = (Times::default(), Vec::new(), 0);
        for warning in warnings {
            let (new, bytes) = self.handle(warning, codes.of(warning.venue)?, &mut times)?;
            traces.extend(new);
            inbox += bytes;
        }
        let (today, cover) = (Day::containing(now), self.policy.cover());
        let patient_key = self.keys.patient_key();
        let mut entries = timed(&mut times.publish, || {
            covered_entries(&traces, cover, today, patient_key, &mut self.rng)
        })?;
        let cover = entries.len() - traces.len();
        let pattern = entries.first().cloned();
        for _ in 0..self.malformed {
            let entry = self.malformed(pattern.clone());
            let place = self.rng.next_u64() as usize % (entries.len() + 1);
            entries.insert(place, entry);
        }
        let stored = self.send(entries, now, server, &mut times)?;
        let (venues, keys, malformed) = (warnings.len(), traces.len(), self.malformed);
        Ok(Batch { day, venues, keys, cover, malformed, inbox, stored, times })
    }

    /// Signs the log anew, so that nobody takes it for frozen.
    ///
    /// # Errors
    /// What the server refuses.
    pub fn renew(&mut self, now: u64, server: &mut Server) -> Result<()> {
        self.send(Vec::new(), UnixSeconds::new(now)?, server, &mut Times::default())?;
        Ok(())
    }

    /// One case: a code, the venue's answer, the review, a trace for each hour.
    fn handle(
        &mut self,
        warning: &Warning,
        code: &Code,
        times: &mut Times,
    ) -> Result<(Vec<Trace>, usize)> {
        let window = warning.window;
        let binding = UploadCode::generate(&mut self.rng).binding();
        let key = self.upload_key();
        let sealed = timed(&mut times.upload, || -> Result<Vec<u8>> {
            let upload = noren::venue::upload(&code.trace_code, window, binding, window.over_at())?;
            Ok(upload.seal(&key, &mut self.rng)?)
        })?;
        let case = Case { code: binding, window };
        let review = timed(&mut times.review, || {
            review(self.keys.upload_key(), &case, &sealed, window.over_at())
        })?;
        if review.entry_code != code.entry_code {
            return Err("the upload is another venue's".into());
        }
        let notice = self.notice(warning, review.window);
        let traces = timed(&mut times.publish, || -> Result<Vec<Trace>> {
            let each = review.pre_traces.iter();
            let traces = each.map(|hour| hour.trace(&notice, Layout::WithTimes, &mut self.rng));
            Ok(traces.collect::<std::result::Result<_, _>>()?)
        })?;
        Ok((traces, sealed.len()))
    }

    fn notice(&self, warning: &Warning, window: Window) -> Notice {
        let level = warning.level;
        let (names_venue, names_date) =
            (self.policy.names_venue(level), self.policy.names_date(level));
        let details = Some(NoticeDetails { level, names_venue, names_date });
        Notice { window: Some(window), message: String::new(), details }
    }

    /// A real entry with a wrong byte in its key: no point of the curve, or one outside of the
    /// subgroup. Random bytes where there is no real one.
    fn malformed(&mut self, pattern: Option<Vec<u8>>) -> Vec<u8> {
        let mut entry = pattern.unwrap_or_else(|| {
            let mut bytes = vec![0; 700];
            self.rng.fill_bytes(&mut bytes);
            bytes
        });
        if let Some(byte) = entry.get_mut(MIDDLE_OF_KEY) {
            *byte ^= self.rng.next_u64() as u8 | 1;
        }
        entry
    }

    fn send(
        &mut self,
        entries: Vec<Vec<u8>>,
        now: UnixSeconds,
        server: &mut Server,
        times: &mut Times,
    ) -> Result<Stored> {
        let profile = self.profile.profile().clone();
        let append = timed(&mut times.sign, || {
            Append::sign(&self.position, entries, &profile.origin, &self.keys.log_keys(), now)
        })?;
        let bytes = append.to_bytes()?;
        let stored = timed(&mut times.store, || server.append(&bytes))?;
        self.position = append.verify(&self.position, &profile.origin, &profile.log_keys())?.0;
        Ok(stored)
    }
}

/// A byte in the middle of a log entry's key.
const MIDDLE_OF_KEY: usize = 60;

fn timed<T>(sum: &mut Duration, step: impl FnOnce() -> T) -> T {
    let begun = Instant::now();
    let done = step();
    *sum += begun.elapsed();
    done
}
