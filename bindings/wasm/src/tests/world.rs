//! An authority, its log and its server in memory, and a worker that asks for files.

use noren::authority::{AuthorityKeys, Case, review, shuffled_entries};
use noren::log::{Append, LogPosition, Origin, TilePath, encode_bundle};
use noren::messages::{Layout, Level, Notice, NoticeDetails, UploadCode, WindowCode};
use noren::profile::{Contact, LevelText, Profile, SignedProfile};
use noren::{UnixSeconds, Window};
use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::SeedableRng as _;
use serde_json::Value;

use crate::{Device, Failure, Key, Round, set_up_venue};

pub(super) const NOON: f64 = 1_700_049_600.0;
pub(super) const HOUR: f64 = 3_600.0;
pub(super) const DAY: f64 = 86_400.0;

pub(super) fn at(seconds: f64) -> UnixSeconds {
    crate::times::time(seconds).expect("a time")
}

/// A document of the page's.
pub(super) fn document(text: &str) -> Value {
    serde_json::from_str(text).expect("JSON")
}

pub(super) fn text(value: &Value) -> String {
    value.as_str().expect("a text").to_owned()
}

pub(super) struct World {
    pub(super) rng: ChaCha20Rng,
    pub(super) keys: AuthorityKeys,
    pub(super) profile: Profile,
    position: LogPosition,
    entries: Vec<Vec<u8>>,
    pub(super) checkpoint: String,
    /// When heads are signed.
    pub(super) signed: f64,
    /// The paths that were asked for.
    pub(super) asked: Vec<String>,
}

impl World {
    pub(super) fn new() -> Self {
        Self::of(7)
    }

    /// Another seed has other keys under the same name and address.
    pub(super) fn of(seed: u64) -> Self {
        let mut rng = ChaCha20Rng::seed_from_u64(seed);
        let keys = AuthorityKeys::generate(&mut rng);
        let origin = Origin::new("noren.example/log").expect("an origin");
        let profile = Profile {
            time_zone: "Asia/Tokyo".to_owned(),
            texts: [("en", "You were there"), ("ja", "そこにいました")]
                .map(|(language, text)| LevelText {
                    level: Level::Cluster,
                    language: language.to_owned(),
                    text: text.to_owned(),
                    advice: "Rest".to_owned(),
                })
                .to_vec(),
            contacts: vec![Contact {
                level: None,
                language: "en".to_owned(),
                label: "Health office".to_owned(),
                value: "+81 6 0000 0000".to_owned(),
                hours: String::new(),
            }],
            ..keys.profile("Health office", origin, "https://health.example", at(NOON - DAY))
        };
        let (position, entries, asked) = (LogPosition::start(), Vec::new(), Vec::new());
        let (checkpoint, signed) = (String::new(), NOON + 20.0 * HOUR);
        let mut world = Self { rng, keys, profile, position, entries, checkpoint, signed, asked };
        world.append(Vec::new());
        world
    }

    pub(super) fn signed_profile(&self) -> Vec<u8> {
        self.signed_by_keys().as_bytes().to_vec()
    }

    fn signed_by_keys(&self) -> SignedProfile {
        self.profile.sign(&self.keys).expect("a profile")
    }

    /// A venue as an owner's form makes it: its link and its private text.
    pub(super) fn venue(&self, name: &str) -> (String, String) {
        let form = format!(
            r#"{{"name":"{name}","address":"1-2-3 Umeda","room":"2F","kind":"bar",
            "typicalStayMinutes":90,"validFrom":null,"validUntil":null}}"#
        );
        let made = set_up_venue(&form, &self.signed_profile(), Vec::new(), NOON - DAY);
        let made = document(&made.expect("a venue"));
        (text(&made["entryLink"]), text(&made["traceText"]))
    }

    /// The upload code and the window code that the office reads out, and what it keeps of them.
    pub(super) fn codes(&mut self, from: f64, to: f64) -> (String, Case) {
        let code = UploadCode::generate(&mut self.rng);
        let window = Window::new(at(from), at(to)).expect("a window");
        let window_code = WindowCode::within(window).expect("whole minutes").to_text(&code);
        let case = Case { code: code.binding(), window };
        (format!("{} {window_code}", *code.to_text()), case)
    }

    /// Publishes what an owner sent.
    pub(super) fn publish(&mut self, case: &Case, sealed: &[u8], level: Level) {
        let window = case.window;
        let review = review(self.keys.upload_key(), case, sealed, window.over_at());
        let details = Some(NoticeDetails { level, names_venue: true, names_date: true });
        let notice = Notice { window: Some(window), message: "Take care".into(), details };
        let pre_traces = review.expect("an upload of the case").pre_traces;
        let traces: Vec<_> = pre_traces
            .iter()
            .map(|each| each.trace(&notice, Layout::WithTimes, &mut self.rng).expect("a trace"))
            .collect();
        let entries = shuffled_entries(&traces, &mut self.rng);
        self.append(entries);
    }

    pub(super) fn append(&mut self, entries: Vec<Vec<u8>>) {
        let (origin, key) = (&self.profile.origin, self.keys.log_keys());
        let append = Append::sign(&self.position, entries.clone(), origin, &key, at(self.signed));
        let append = append.expect("an append");
        let verified = append.verify(&self.position, origin, &self.keys.log_public_keys());
        self.position = verified.expect("its own signature").0;
        self.entries.extend(entries);
        self.checkpoint = append.checkpoint;
    }

    /// The authority's next keys take over.
    pub(super) fn rotate(&mut self) {
        let next = self.keys.successor(&mut self.rng);
        let signed = self.profile.hand_over(&self.keys, &next, at(NOON)).expect("a handover");
        (self.keys, self.profile) = (next, signed.profile().clone());
        self.append(Vec::new());
    }

    fn file(&mut self, path: &str) -> Option<Vec<u8>> {
        self.asked.push(path.to_owned());
        match path {
            "v1/authority" => Some(self.signed_profile()),
            "checkpoint" => Some(self.checkpoint.clone().into_bytes()),
            entries => {
                let path: TilePath = entries.parse().expect("a path");
                let first = usize::try_from(path.index()).expect("a number") * 256;
                let end = first + usize::from(path.width().get());
                encode_bundle(self.entries.get(first..end)?).ok()
            }
        }
    }

    /// A round to its end, every file from the server.
    pub(super) fn read(&mut self, round: &mut Round, server_time: f64) -> Result<(), Failure> {
        while !round.is_complete() {
            for wanted in document(&round.wants()?).as_array().expect("a list") {
                let path = text(&wanted["path"]);
                let bytes = self.file(&path);
                round.give(&path, bytes, false, Some(server_time))?;
            }
            while round.work() {}
        }
        Ok(())
    }

    /// A look: downloads, then tries.
    pub(super) fn look(&mut self, device: &mut Device, now: f64) -> Result<(), Failure> {
        let fingerprint =
            text(&document(&device.state(Vec::new())?)["authorities"][0]["fingerprint"]);
        let mut round = Round::download(device, &fingerprint, now)?;
        self.read(&mut round, now)?;
        let asked = self.asked.clone();
        let mut round = Round::matching(device, &fingerprint, now)?;
        self.read(&mut round, now)?;
        self.asked = asked;
        round.finish(device).map(drop)
    }
}

/// A device that follows the authority and keeps nothing else.
pub(super) fn follower(world: &World) -> Device {
    let mut device = Device::new();
    device.follow(&world.signed_profile(), None).expect("an authority");
    device
}

/// What the worker does between two asks: seals, stores, opens.
pub(super) fn reopened(device: &Device, key: &Key) -> Device {
    let vault = device.seal_vault(key).expect("a sealed vault");
    let diary = device.seal_diary(key).expect("a sealed diary");
    let mut opened = Device::open(&vault, diary, key).expect("the same key");
    for place in 0..device.followed() {
        opened.pin_kept(&device.pinned(place).expect("a profile")).expect("a profile");
    }
    opened
}
