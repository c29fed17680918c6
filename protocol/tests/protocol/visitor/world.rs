//! A small world: an authority with a log, venues, and the authority's server in memory.

use std::collections::BTreeMap;

use noren::authority::{AuthorityKeys, Case, Review, review, shuffled_entries};
use noren::log::{Append, LogPosition, Origin, TilePath, append_tiles, encode_bundle};
use noren::messages::{
    EntryCode, Layout, Level, Notice, NoticeDetails, TraceCode, UploadCode, Venue, VenueDetails,
    VenueKind,
};
use noren::profile::{Fingerprint, Pin, Profile, SignedProfile};
use noren::time::{Day, UnixSeconds, Window};
use noren::visitor::{
    CheckIn, Exposure, File, LogSync, Source, Summary, SyncError, Vault, VisitId, Wanted,
};
use rand::SeedableRng;
use rand_chacha::ChaCha20Rng;

pub(crate) const NOON: u64 = 1_700_049_600;
pub(crate) const MINUTE: u64 = 60;
pub(crate) const HOUR: u64 = 3_600;
pub(crate) const DAY: u64 = 86_400;
/// When heads of the log are signed.
const SIGNED: u64 = NOON + 20 * HOUR;

pub(crate) fn at(seconds: u64) -> UnixSeconds {
    UnixSeconds::new(seconds).unwrap()
}

pub(crate) fn window(start: u64, end: u64) -> Window {
    Window::new(at(start), at(end)).unwrap()
}

/// One authority, its log and its server, and whoever visits.
pub(crate) struct World {
    pub(crate) rng: ChaCha20Rng,
    pub(crate) keys: AuthorityKeys,
    pub(crate) profile: Profile,
    pub(crate) fingerprint: Fingerprint,
    pub(crate) position: LogPosition,
    pub(crate) entries: Vec<Vec<u8>>,
    pub(crate) checkpoint: String,
    /// When the next head is signed.
    pub(crate) clock: u64,
    /// The first head of each day.
    pub(crate) archive: BTreeMap<Day, String>,
    pub(crate) tiles: BTreeMap<TilePath, Vec<u8>>,
}

impl World {
    pub(crate) fn new() -> Self {
        Self::with_seed(7)
    }

    /// The world of another authority for each seed.
    pub(crate) fn with_seed(seed: u64) -> Self {
        Self::begun(seed, SIGNED)
    }

    /// A world whose log begins at a time.
    pub(crate) fn begun(seed: u64, clock: u64) -> Self {
        let mut rng = ChaCha20Rng::seed_from_u64(seed);
        let keys = AuthorityKeys::generate(&mut rng);
        let profile = Profile {
            time_zone: "Asia/Tokyo".to_owned(),
            ..keys.profile(
                "Health office",
                Origin::new("noren.example/log").unwrap(),
                "http://127.0.0.1:1",
                at(NOON),
            )
        };
        let (fingerprint, position) = (profile.fingerprint(), LogPosition::start());
        let (entries, checkpoint) = (vec![], String::new());
        let (archive, tiles) = (BTreeMap::new(), BTreeMap::new());
        let mut world = Self {
            rng,
            keys,
            profile,
            fingerprint,
            position,
            entries,
            checkpoint,
            clock,
            archive,
            tiles,
        };
        world.append(vec![]);
        world
    }

    pub(crate) fn venue(
        &mut self,
        name: &str,
        stay_minutes: Option<u16>,
    ) -> (EntryCode, TraceCode) {
        let details =
            VenueDetails::new(Some(VenueKind::Bar), Some("2F".into()), stay_minutes).unwrap();
        let valid = window(NOON - 30 * DAY, NOON + 30 * DAY);
        let venue = Venue::new(name, "1-2-3 Umeda", valid, details).unwrap();
        let upload_key = self.keys.upload_public_key();
        noren::venue::set_up(venue, &upload_key, &mut self.rng).unwrap()
    }

    pub(crate) fn review(&mut self, trace_code: &TraceCode, window: Window) -> Review {
        let code = UploadCode::generate(&mut self.rng).binding();
        let upload = noren::venue::upload(trace_code, window, code, window.over_at()).unwrap();
        let sealed = upload.seal(&self.keys.upload_public_key(), &mut self.rng).unwrap();
        let case = Case { code, window };
        review(self.keys.upload_key(), &case, &sealed, window.over_at()).unwrap()
    }

    pub(crate) fn publish(
        &mut self,
        review: &Review,
        window: Window,
        level: Level,
        layout: Layout,
    ) {
        let details =
            Some(NoticeDetails { level, names_venue: level == Level::Cluster, names_date: true });
        let notice = Notice { window: Some(window), message: "Please take care".into(), details };
        let traces: Vec<_> = review
            .pre_traces
            .iter()
            .map(|each| each.trace(&notice, layout, &mut self.rng).unwrap())
            .collect();
        let entries = shuffled_entries(&traces, &mut self.rng);
        self.append(entries);
    }

    /// Appends entries of any sort, and signs the log.
    pub(crate) fn append(&mut self, entries: Vec<Vec<u8>>) {
        let (origin, key) = (&self.profile.origin, self.keys.log_keys());
        let signed = Append::sign(&self.position, entries.clone(), origin, &key, at(self.clock));
        let append = signed.unwrap();
        let stored = |path: &TilePath| self.tiles.get(path).cloned();
        let tiles = append_tiles(&self.position.range, &entries, stored).unwrap();
        self.tiles.extend(tiles);
        let verified = append.verify(&self.position, origin, &self.keys.log_public_keys());
        self.position = verified.unwrap().0;
        self.entries.extend(entries);
        self.checkpoint = append.checkpoint;
        let day = Day::containing(at(self.clock));
        self.archive.entry(day).or_insert_with(|| self.checkpoint.clone());
    }

    /// The authority's next keys take over and sign the log; what it was called before.
    pub(crate) fn rotate(&mut self) -> Fingerprint {
        let before = self.fingerprint;
        let next = self.keys.successor(&mut self.rng);
        let signed = self.profile.hand_over(&self.keys, &next, at(NOON)).unwrap();
        assert_eq!(signed.predecessors().last(), Some(&before));
        (self.keys, self.profile) = (next, signed.profile().clone());
        self.fingerprint = self.profile.fingerprint();
        self.append(vec![]);
        before
    }

    pub(crate) fn signed(&self) -> SignedProfile {
        self.profile.sign(&self.keys).unwrap()
    }

    /// As somebody follows it who asks for no witnesses.
    pub(crate) fn pin(&self) -> Pin {
        Pin::new(self.signed())
    }

    /// What the server has under a path.
    pub(crate) fn file(&self, wanted: &Wanted) -> Option<Vec<u8>> {
        match wanted.file {
            File::Profile => Some(self.signed().as_bytes().to_vec()),
            File::Checkpoint => Some(self.checkpoint.clone().into_bytes()),
            File::Archived(day) => self.archive.get(&day).map(|note| note.clone().into_bytes()),
            File::Hashes(path) => self.tiles.get(&path).cloned(),
            File::Entries(path) => {
                let first = usize::try_from(path.index()).unwrap() * 256;
                let end = first + usize::from(path.width().get());
                encode_bundle(self.entries.get(first..end)?).ok()
            }
        }
    }

    /// Reads everything that a sync wants.
    pub(crate) fn read(&self, sync: &mut LogSync) -> Result<(), SyncError> {
        read_from(sync, |wanted| self.file(wanted))
    }

    pub(crate) fn try_sync(&self, vault: &mut Vault) -> Result<Summary, SyncError> {
        self.try_sync_at(vault, NOON + DAY)
    }

    pub(crate) fn try_sync_at(&self, vault: &mut Vault, now: u64) -> Result<Summary, SyncError> {
        let mut sync = LogSync::new(vault, &self.pin(), at(now));
        self.read(&mut sync)?;
        sync.finish(vault)
    }

    pub(crate) fn sync(&self, vault: &mut Vault) -> Vec<Exposure> {
        self.try_sync(vault).unwrap();
        vault.exposures()
    }

    pub(crate) fn visit(
        &mut self,
        vault: &mut Vault,
        code: &EntryCode,
        from: u64,
        to: u64,
    ) -> VisitId {
        let CheckIn::Opened(id) = vault.check_in(code, at(from), &mut self.rng).unwrap() else {
            panic!("a second visit at the same place")
        };
        vault.check_out(id, at(to), &mut self.rng).unwrap();
        id
    }
}

/// Gives a sync all that it wants, from a server that hands this out.
pub(crate) fn read_from(
    sync: &mut LogSync,
    mut file: impl FnMut(&Wanted) -> Option<Vec<u8>>,
) -> Result<(), SyncError> {
    while !sync.is_complete() {
        for wanted in sync.wants() {
            sync.give(&wanted, Source::Server, file(&wanted).as_deref())?;
        }
        while let Some(work) = sync.work() {
            sync.take(work.run());
        }
    }
    Ok(())
}
