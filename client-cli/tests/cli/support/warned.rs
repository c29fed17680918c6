//! Somebody who was warned, without a server between: an authority's traces are tried on the vault
//! that the real binary made.

use noren::authority::{AuthorityKeys, Case, review};
use noren::log::{LogPosition, Origin};
use noren::messages::{
    EntryCode, Layout, Level, Notice, NoticeDetails, TraceCode, UploadCode, Venue, VenueDetails,
};
use noren::profile::{Contact, LevelText, Profile};
use noren::time::{UnixSeconds, Window};
use noren::visitor::{DeviceKey, Vault, VaultKey, to_the_end};

use crate::support::person::{Person, Ran};

/// 2026-04-01, 23:30 in Tokyo: a time that is another day in UTC.
pub(crate) const EVENING: u64 = 1_775_053_800;
/// The day after.
pub(crate) const NOW: u64 = EVENING + 86_400;

pub(crate) fn at(seconds: u64) -> UnixSeconds {
    UnixSeconds::new(seconds).unwrap()
}

pub(crate) fn window(start: u64, end: u64) -> Window {
    Window::new(at(start), at(end)).unwrap()
}

/// Runs a command on the day after.
pub(crate) fn next_day(person: &Person, words: &[&str], input: &[u8]) -> Ran {
    person.noren(&[&["--now", &NOW.to_string()], words].concat(), input)
}

pub(crate) struct Authority {
    pub(crate) keys: AuthorityKeys,
    pub(crate) profile: Profile,
}

pub(crate) struct Bar {
    pub(crate) entry: EntryCode,
    trace: TraceCode,
}

impl Authority {
    /// An authority with texts in two languages, whose day is Tokyo's.
    pub(crate) fn new(name: &str, origin: &str) -> Self {
        let keys = AuthorityKeys::generate(&mut rand::rng());
        let text = |level, language: &str, text: &str, advice: &str| LevelText {
            level,
            language: language.to_owned(),
            text: text.to_owned(),
            advice: advice.to_owned(),
        };
        let contact = |level, language: &str, label: &str, hours: &str| Contact {
            level,
            language: language.to_owned(),
            label: label.to_owned(),
            value: "06-0000-0000".to_owned(),
            hours: hours.to_owned(),
        };
        let profile = Profile {
            time_zone: "Asia/Tokyo".to_owned(),
            texts: vec![
                text(Level::Attention, "ja", "感染した方がいました。", "体調に注意してください。"),
                text(Level::Attention, "en", "Somebody was infected.", "Watch your health."),
                text(Level::Cluster, "ja", "複数の方が感染しました。", ""),
                text(
                    Level::Cluster,
                    "en",
                    "Several people <b>were</b> infected.",
                    "Call us \"now\".",
                ),
                text(Level::Withdrawn, "en", "It was a mistake.", ""),
            ],
            contacts: vec![
                contact(None, "ja", "コールセンター", "9時〜17時"),
                contact(None, "en", "Call centre", "9:00 to 17:00"),
                contact(Some(Level::Cluster), "en", "Consultation centre", ""),
            ],
            ..keys.profile(
                name,
                Origin::new(origin).unwrap(),
                &format!("https://{}.invalid", origin.split('.').next().unwrap()),
                at(EVENING),
            )
        };
        Self { keys, profile }
    }

    pub(crate) fn signed(&self) -> Vec<u8> {
        self.profile.sign(&self.keys).unwrap().as_bytes().to_vec()
    }

    pub(crate) fn bar(&self, name: &str, stay_minutes: Option<u16>) -> Bar {
        let valid = window(EVENING - 86_400, EVENING + 30 * 86_400);
        let details = VenueDetails::new(None, Some("Room 2".to_owned()), stay_minutes).unwrap();
        let venue = Venue::new(name, "1-2-3 Minato", valid, details).unwrap();
        let (entry, trace) =
            noren::venue::set_up(venue, &self.profile.upload_key, &mut rand::rng()).unwrap();
        Bar { entry, trace }
    }

    /// Publishes a notice, and lets the visitor's device try it. Later ones need a higher index.
    pub(crate) fn warn(&self, visitor: &Person, bar: &Bar, notice: &Notice, index: u64) {
        let (mut rng, code) = (rand::rng(), UploadCode::generate(&mut rand::rng()));
        let window = notice.window.unwrap();
        let upload =
            noren::venue::upload(&bar.trace, window, code.binding(), window.over_at()).unwrap();
        let sealed = upload.seal(&self.profile.upload_key, &mut rng).unwrap();
        let case = Case { code: code.binding(), window };
        let review = review(self.keys.upload_key(), &case, &sealed, window.over_at()).unwrap();
        let entries: Vec<_> = (index..)
            .zip(&review.pre_traces)
            .map(|(index, hour)| {
                let trace = hour.trace(notice, Layout::WithTimes, &mut rng).unwrap();
                (index, trace.to_bytes())
            })
            .collect();
        let mut vault = open_vault(visitor);
        let fingerprint = self.profile.fingerprint();
        vault
            .apply(&fingerprint, &entries, LogPosition::start(), at(NOW), to_the_end)
            .expect("not cancelled");
        visitor.write("home/visitor/vault", vault.seal(&key(visitor), &mut rng).unwrap());
    }
}

impl Bar {
    /// Somebody was there for an hour, from half past eleven in Tokyo.
    pub(crate) fn visit(&self, visitor: &Person) {
        visitor.write("link.txt", self.entry.to_url("https://noren.example").unwrap());
        let words = ["visitor", "check-in", "link.txt", "--at", "2026-04-01T23:30:00+09:00"];
        let ran = next_day(visitor, &[&words[..], &["--for", "1h"]].concat(), b"");
        assert_eq!(ran.code, Some(0), "{ran:?}");
    }
}

pub(crate) fn notice(level: Level, names_venue: bool, names_date: bool) -> Notice {
    Notice {
        window: Some(window(EVENING - 3_600, EVENING + 1_800)),
        message: "for other programs".to_owned(),
        details: Some(NoticeDetails { level, names_venue, names_date }),
    }
}

fn key(visitor: &Person) -> VaultKey {
    let bytes = visitor.read("home/visitor/vault.key");
    VaultKey::device(DeviceKey::from_bytes(bytes.try_into().unwrap()))
}

pub(crate) fn open_vault(visitor: &Person) -> Vault {
    Vault::open(&visitor.read("home/visitor/vault"), &key(visitor)).unwrap()
}
