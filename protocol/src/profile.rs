//! The authority's public profile: who it is, its keys, what it promises and what its notices say.

use std::fmt;

use crate::signing::{Sign, SignPublicKey, signed};
use serde_bytes::ByteBuf;
use serde_tuple::{Deserialize_tuple, Serialize_tuple};
use sha2::{Digest, Sha256};

use crate::ibe::MasterPublicKey;
use crate::log::{LogKeys, MAX_SIZE, Origin, SignedCheckpoint};
use crate::messages::{Level, MessageError, Part, Unit, check_cbor_version, check_text, exactly};
use crate::request::ServerAddress;
use crate::sealed_box::SealPublicKey;
use crate::text::typed;
use crate::time::{UnixSeconds, Window};
use crate::{cbor, domain};

mod changes;
mod error;
mod handover;
mod in_log;
mod pin;
mod wire;

pub use changes::ProfileChange;
pub use error::{ProfileError, ReplaceError};
pub use handover::{Handover, MAX_HANDOVERS};
pub use in_log::logged_profile;
pub use pin::{Pin, PinError};
use wire::{WireIssued, WireKeys};

const NAME: Part = Part::AuthorityProfile;
/// The version in which one key signs trees and times. [PRO-8]
const ONE_KEY: u8 = 1;
/// The version in which the clock has a key of its own.
const TWO_KEYS: u8 = 2;
/// The version in which the log tells of the profile. [PRO-12]
const IN_LOG: u8 = 3;
/// The longest signed profile in bytes.
pub const MAX_LENGTH: usize = 65_536;
pub(super) const NAME_CHARACTERS: usize = 100;
pub(super) const TEXT_CHARACTERS: usize = 2_000;
pub(super) const TIME_ZONE_CHARACTERS: usize = 64;
/// The longest overlap that a profile may ask for, in seconds: half a day, as a visit.
pub const MAX_MINIMUM_OVERLAP: u32 = 43_200;
pub(super) const MAX_ITEMS: usize = 200;
/// The longest retention that a profile may ask of devices, in days.
pub const MAX_RETENTION_DAYS: u32 = 60;
/// The longest time for which a checkpoint may count as fresh, in seconds: a week.
pub const MAX_CHECKPOINT_AGE: u64 = 604_800;

/// What a level's notice says in one language.
#[derive(Debug, Clone, PartialEq, Eq, Serialize_tuple, Deserialize_tuple)]
pub struct LevelText {
    /// The level.
    pub level: Level,
    /// A BCP 47 language tag.
    pub language: String,
    /// What happened, at most 2,000 characters.
    pub text: String,
    /// What to do now, at most 2,000 characters; may be empty.
    pub advice: String,
}

/// One line of contact in one language.
#[derive(Debug, Clone, PartialEq, Eq, Serialize_tuple, Deserialize_tuple)]
pub struct Contact {
    /// The level whose notices show it; `None` for every level.
    pub level: Option<Level>,
    /// A BCP 47 language tag.
    pub language: String,
    /// The name of the line, such as a call centre's.
    pub label: String,
    /// A telephone number, an address.
    pub value: String,
    /// The hours at which somebody answers; may be empty.
    pub hours: String,
}

/// An authority's profile.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Profile {
    /// When this version was issued. An older one never replaces a newer.
    pub issued: UnixSeconds,
    /// The index of the log's entry that tells of this version; `None` where the log does not, as in
    /// profiles of versions 1 and 2. Devices take a profile with an index only once they have seen
    /// the entry in the log, and none without one in its place.
    pub log_index: Option<u64>,
    /// The authority's name, 1 to 100 characters.
    pub name: String,
    /// The origin of its log, the first line of every checkpoint.
    pub origin: Origin,
    /// The address of its server, `http` or `https`, without a slash at the end.
    pub url: String,
    /// The Ed25519 key that signs log, profile and requests.
    pub log_key: SignPublicKey,
    /// The Ed25519 key that signs the times of checkpoints. It is the log key in profiles of version
    /// 1, and another key in those of later ones.
    pub clock_key: SignPublicKey,
    /// The X25519 key that uploads are sealed to.
    pub upload_key: SealPublicKey,
    /// The number of days for which devices keep records.
    pub retention_days: u32,
    /// The age in seconds from which on devices no longer believe a checkpoint.
    pub checkpoint_max_age: u64,
    /// The number of seconds that a visit has to share with a notice's window before the visitor is
    /// told; 0 for any.
    pub minimum_overlap: u32,
    /// The authority's time zone, a name of the IANA database, whose days it means.
    pub time_zone: String,
    /// What notices say.
    pub texts: Vec<LevelText>,
    /// The lines of contact.
    pub contacts: Vec<Contact>,
    /// The key that venues may carry so that the authority alone can warn from what an infected
    /// visitor uploads; `None` where the authority takes no patient cases.
    pub patient_master_key: Option<MasterPublicKey>,
    /// The handovers that led to these keys, the oldest first; at most 16.
    pub handovers: Vec<Handover>,
}

/// The profile as CBOR. Its versions write the keys of the log, and when it was issued, in different
/// forms; one type for all of them keeps the page small.
#[derive(serde::Serialize, serde::Deserialize)]
struct Wire(
    u8,
    WireIssued,
    String,
    String,
    String,
    WireKeys,
    ByteBuf,
    (u32, u64, u32),
    String,
    Vec<LevelText>,
    Vec<Contact>,
    Option<ByteBuf>,
    Vec<handover::Wire>,
);

/// Whether profiles of this version name two keys of the log.
const fn version_has_two(version: u8) -> bool {
    version != ONE_KEY
}

impl Profile {
    /// Returns the fingerprint, which stands for the authority wherever it must not be confused
    /// with another.
    #[must_use]
    pub fn fingerprint(&self) -> Fingerprint {
        Fingerprint::of(&self.origin, &self.log_key, &self.upload_key)
    }

    /// Returns the keys under which the log's checkpoints are verified.
    #[must_use]
    pub const fn log_keys(&self) -> LogKeys {
        LogKeys { log: self.log_key, clock: self.clock_key }
    }

    /// Returns the text of a level in the first of `languages` that it exists in, or in any.
    #[must_use]
    pub fn text(&self, level: Level, languages: &[&str]) -> Option<&LevelText> {
        let texts = || self.texts.iter().filter(|text| text.level == level);
        languages
            .iter()
            .find_map(|language| texts().find(|text| text.language == *language))
            .or_else(|| texts().next())
    }

    /// Returns the lines of contact of a level in the first of `languages` that has any, or in the
    /// language of the first line.
    #[must_use]
    pub fn contacts(&self, level: Level, languages: &[&str]) -> Vec<&Contact> {
        let of_level = |each: &&Contact| each.level.is_none_or(|own| own == level);
        let lines = || self.contacts.iter().filter(of_level);
        let language = languages
            .iter()
            .find(|language| lines().any(|line| line.language == **language))
            .copied()
            .or_else(|| lines().next().map(|line| line.language.as_str()));
        lines().filter(|line| Some(line.language.as_str()) == language).collect()
    }

    /// Returns the telephone number that papers show: that of the first of `languages` that has one, or
    /// else any. A line of contact may be an address of another kind; those are passed over.
    #[must_use]
    pub fn telephone(&self, languages: &[&str]) -> Option<&str> {
        // [PST-13]
        let numbers = || self.contacts.iter().filter(|line| is_telephone_number(&line.value));
        let in_language = |tag: &&str| numbers().find(|line| speaks(&line.language, tag));
        let number = languages.iter().find_map(in_language).or_else(|| numbers().next());
        number.map(|line| line.value.as_str())
    }

    /// Returns whether devices tell of a visit that shares this much with a notice's window.
    #[must_use]
    pub const fn tells_of(&self, overlap: Window) -> bool {
        // [MAT-7]
        overlap.seconds() >= self.minimum_overlap as u64
    }

    /// Signs the profile with a log key, which has to be its own.
    pub(crate) fn signed_with(&self, log_key: &dyn Sign) -> Result<SignedProfile, ProfileError> {
        self.check()?;
        // [PRO-8] [PRO-12]
        let version = match self.log_index {
            Some(_) => IN_LOG,
            None if self.has_two_keys() => TWO_KEYS,
            None => ONE_KEY,
        };
        let body = cbor::to_vec(&self.wire(version));
        let body = body.map_err(|_| MessageError::Malformed(NAME))?;
        let signature = signed(log_key, &signed_bytes(&body))?;
        let bytes = cbor::to_vec(&(ByteBuf::from(body), ByteBuf::from(signature)))
            .map_err(|_| MessageError::Malformed(NAME))?;
        SignedProfile::from_bytes(&bytes)
    }

    /// Returns whether the clock has, or had before a handover, a key of its own.
    fn has_two_keys(&self) -> bool {
        let before = self.handovers.iter().map(Handover::log_keys);
        before.chain([self.log_keys()]).any(|keys| keys.are_two())
    }

    fn wire(&self, version: u8) -> Wire {
        let are_two = version_has_two(version);
        Wire(
            version,
            WireIssued::new(self.issued, self.log_index),
            self.name.clone(),
            self.origin.as_str().to_owned(),
            self.url.clone(),
            WireKeys::new(self.log_keys(), are_two),
            ByteBuf::from(self.upload_key.as_bytes()),
            (self.retention_days, self.checkpoint_max_age, self.minimum_overlap),
            self.time_zone.clone(),
            self.texts.clone(),
            self.contacts.clone(),
            self.patient_master_key.map(|key| ByteBuf::from(key.to_bytes())),
            self.handovers.iter().map(|handover| handover.to_wire(are_two)).collect(),
        )
    }

    fn from_body(body: &[u8]) -> Result<Self, ProfileError> {
        // [PRO-1] [PRO-8] [PRO-12]
        if !matches!(body, [0x80..=0x97, TWO_KEYS | IN_LOG, ..]) {
            check_cbor_version(NAME, body, ONE_KEY)?;
        }
        let wire: Wire = cbor::from_slice(body).map_err(|_| MessageError::Malformed(NAME))?;
        let (version, are_two) = (wire.0, version_has_two(wire.0));
        let (issued, log_index) = wire.1.read();
        let is_form = log_index.is_some() == (version == IN_LOG)
            && wire.5.are_two() == are_two
            && wire.12.iter().all(|(_, keys, ..)| keys.are_two() == are_two);
        if !is_form {
            return Err(MessageError::Malformed(NAME).into());
        }
        let keys = wire.5.read(Part::LogKey, Part::ClockKey)?;
        let profile = Self {
            issued,
            log_index,
            name: wire.2,
            origin: Origin::new(&wire.3).map_err(ProfileError::Origin)?,
            url: wire.4,
            log_key: keys.log,
            clock_key: keys.clock,
            upload_key: SealPublicKey::from_bytes(exactly(Part::UploadKey, &wire.6)?),
            retention_days: wire.7.0,
            checkpoint_max_age: wire.7.1,
            minimum_overlap: wire.7.2,
            time_zone: wire.8,
            texts: wire.9,
            contacts: wire.10,
            patient_master_key: wire.11.map(|key| patient_master_key(&key)).transpose()?,
            handovers: wire.12.iter().map(Handover::from_wire).collect::<Result<_, _>>()?,
        };
        profile.check()?;
        // One key for both has one spelling, that of version 1.
        if are_two && !keys.are_two() {
            return Err(ProfileError::ClockKey);
        }
        Ok(profile)
    }

    fn check(&self) -> Result<(), ProfileError> {
        // [PRO-12]
        if let Some(index) = self.log_index {
            if !self.log_keys().are_two() {
                return Err(ProfileError::ClockKey);
            }
            if index >= MAX_SIZE {
                return Err(ProfileError::LogIndex(index));
            }
        }
        // [PRO-1]
        check_text(Part::AuthorityName, &self.name, NAME_CHARACTERS)?;
        if self.url.ends_with('/') || ServerAddress::new(&self.url).is_none() {
            return Err(ProfileError::ServerAddress);
        }
        if self.retention_days == 0 || self.retention_days > MAX_RETENTION_DAYS {
            return Err(ProfileError::RetentionDays(self.retention_days));
        }
        if self.checkpoint_max_age == 0 || self.checkpoint_max_age > MAX_CHECKPOINT_AGE {
            return Err(ProfileError::CheckpointAge(self.checkpoint_max_age));
        }
        if self.minimum_overlap > MAX_MINIMUM_OVERLAP {
            return Err(ProfileError::MinimumOverlap(self.minimum_overlap));
        }
        check_text(Part::TimeZone, &self.time_zone, TIME_ZONE_CHARACTERS)?;
        if !is_time_zone_name(&self.time_zone) {
            return Err(ProfileError::TimeZone);
        }
        for (unit, found) in
            [(Unit::Texts, self.texts.len()), (Unit::Contacts, self.contacts.len())]
        {
            if found > MAX_ITEMS {
                let (field, limit) = (Part::Profile, MAX_ITEMS);
                return Err(MessageError::TooMany { field, unit, found, limit }.into());
            }
        }
        let texts = self.texts.iter().flat_map(|text| [&text.language, &text.text]);
        let contacts =
            self.contacts.iter().flat_map(|each| [&each.language, &each.label, &each.value]);
        let advice = self.texts.iter().map(|text| &text.advice);
        let hours = self.contacts.iter().map(|each| &each.hours);
        let may_be_empty = advice.chain(hours).filter(|text| !text.is_empty());
        texts
            .chain(contacts)
            .chain(may_be_empty)
            .try_for_each(|text| check_text(Part::ProfileText, text, TEXT_CHARACTERS))?;
        handover::check(self)
    }
}

/// Whether two tags name one language, in any script or country.
fn speaks(one: &str, other: &str) -> bool {
    let first = |tag: &str| tag.split('-').next().map(str::to_ascii_lowercase);
    first(one) == first(other)
}

fn is_telephone_number(value: &str) -> bool {
    let value = typed(value);
    value.chars().filter(char::is_ascii_digit).count() >= 3
        && value.chars().all(|c| c.is_ascii_digit() || "+-()#*./ ".contains(c))
}

/// A profile with the signature of its own log key. It shows that the holder of that key wrote it,
/// not that the key is the one you trust: compare the fingerprint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedProfile {
    profile: Profile,
    bytes: Vec<u8>,
}

impl SignedProfile {
    /// Parses and checks a signed profile of at most 65,536 bytes.
    ///
    /// # Errors
    /// The first check that fails; [`MessageError::DoesNotOpen`] for a signature that is not valid.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, ProfileError> {
        // [PRO-1]
        if bytes.len() > MAX_LENGTH {
            return Err(MessageError::TooLong {
                field: NAME,
                found: bytes.len(),
                limit: MAX_LENGTH,
            }
            .into());
        }
        let (body, signature): (ByteBuf, ByteBuf) =
            cbor::from_slice(bytes).map_err(|_| MessageError::Malformed(NAME))?;
        let profile = Profile::from_body(&body)?;
        let signature = exactly(Part::ProfileSignature, &signature)?;
        if !profile.log_key.has_signed(&signed_bytes(&body), &signature) {
            return Err(MessageError::DoesNotOpen(Part::ProfileSignature).into());
        }
        Ok(Self { profile, bytes: bytes.to_vec() })
    }

    /// Returns the profile.
    #[must_use]
    pub const fn profile(&self) -> &Profile {
        &self.profile
    }

    /// Returns the signed bytes, as they are published.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Returns the entity tag under which a server hands out these bytes. A reader asks with the tag
    /// of the bytes that it holds, never with one that a server chose: that could be another one for
    /// each reader.
    #[must_use]
    pub fn entity_tag(&self) -> String {
        // [API-37]
        let hash = Sha256::digest(&self.bytes);
        format!("\"{}\"", hex::encode(&hash[..16]))
    }

    /// Returns the fingerprints that the authority had before, the oldest first. Each handed over
    /// to the next, and the last to this one, by a signature that was verified.
    #[must_use]
    pub fn predecessors(&self) -> Vec<Fingerprint> {
        let origin = &self.profile.origin;
        self.profile.handovers.iter().map(|handover| handover.fingerprint(origin)).collect()
    }

    /// Returns the upload keys that the authority has and had, the present one first. Its present
    /// keys open what was sealed to any of them.
    #[must_use]
    pub fn upload_keys(&self) -> Vec<SealPublicKey> {
        // [PRO-7]
        let before = self.profile.handovers.iter().rev().map(|handover| handover.upload_key);
        std::iter::once(self.profile.upload_key).chain(before).collect()
    }

    /// Returns the keys that the authority signs its log with and has signed it with: none of them is
    /// a witness of this log.
    #[must_use]
    pub fn signing_keys(&self) -> Vec<SignPublicKey> {
        // [LOG-21] [PRO-7] [PRO-8]
        let before = self.profile.handovers.iter().map(Handover::log_keys);
        let all = before.chain([self.profile.log_keys()]);
        all.flat_map(|keys| [keys.log, keys.clock]).collect()
    }

    /// Returns the checkpoint in `note` where one of the keys that led to the present ones signed
    /// it, or `None` for any other. The log stands so between a handover and the next append: the
    /// authority can go on from there, and readers wait.
    #[must_use]
    pub fn verify_before_handover(&self, note: &[u8]) -> Option<SignedCheckpoint> {
        // [PRO-7]
        let mut keys = self.profile.handovers.iter().rev().map(Handover::log_keys);
        keys.find_map(|keys| SignedCheckpoint::verify(note, &self.profile.origin, &keys).ok())
    }

    /// Checks whether `newer` may take the place of this profile: the same authority with the same
    /// keys, or with keys that these were handed over to, and not issued earlier; at the same time only
    /// the very same.
    ///
    /// # Errors
    /// [`ReplaceError`] with the reason why not.
    pub fn check_replacement(&self, newer: &Self) -> Result<(), ReplaceError> {
        let (known, offered) = (self.profile.fingerprint(), newer.profile.fingerprint());
        // [PRO-5] What was handed over does not come back.
        if self.predecessors().contains(&offered) {
            return Err(ReplaceError::Older);
        }
        // [PRO-2] [PRO-5]
        if known != offered && !newer.predecessors().contains(&known) {
            return Err(ReplaceError::OtherKeys);
        }
        // [PRO-8] Until the log is signed anew, what it shows is held against the key before.
        if known == offered && newer.profile.clock_key != self.profile.clock_key {
            return Err(ReplaceError::OtherClockKey);
        }
        // [PRO-3]
        if newer.profile.issued < self.profile.issued {
            return Err(ReplaceError::Older);
        }
        // [PRO-13] What the log has told of is not taken back by what it does not tell of.
        if newer.profile.log_index < self.profile.log_index {
            return Err(ReplaceError::NotInLog);
        }
        // [PRO-10]
        if known == offered
            && newer.profile.issued == self.profile.issued
            && newer.bytes != self.bytes
        {
            return Err(ReplaceError::OtherBody);
        }
        Ok(())
    }
}

/// The value that people compare to make sure that they mean the same authority: 32 bytes, shown as
/// eight groups of four hexadecimal digits.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize,
)]
pub struct Fingerprint(#[serde(with = "serde_bytes")] [u8; 32]);

impl Fingerprint {
    pub(super) fn of(origin: &Origin, log_key: &SignPublicKey, upload_key: &SealPublicKey) -> Self {
        // [PRO-2]
        let origin = origin.as_str().as_bytes();
        let length = u16::try_from(origin.len()).unwrap_or(u16::MAX);
        Self(
            Sha256::new()
                .chain_update(domain::AUTHORITY_FINGERPRINT)
                .chain_update(length.to_be_bytes())
                .chain_update(origin)
                .chain_update(log_key.as_bytes())
                .chain_update(upload_key.as_bytes())
                .finalize()
                .into(),
        )
    }

    /// Returns what stands for an authority in the exposures of a CrowdNotifier feed at `url`, which
    /// has no keys of its own: SHA-256(`NOREN-FEED` ‖ url). A `/` at the end makes no difference.
    #[must_use]
    pub fn of_feed(url: &str) -> Self {
        // [MAT-12]
        let url = url.trim_end_matches('/');
        Self(Sha256::new().chain_update(domain::FEED).chain_update(url).finalize().into())
    }

    /// Returns a fingerprint that was taken apart with [`Fingerprint::as_bytes`].
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// Returns the 32 bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, pair) in self.0.chunks_exact(2).take(8).enumerate() {
            let space = if i == 0 { "" } else { " " };
            write!(f, "{space}{}", hex::encode(pair))?;
        }
        Ok(())
    }
}

/// Returns whether the characters are those of names in the IANA database.
pub(super) fn is_time_zone_name(text: &str) -> bool {
    let in_names = |c: char| c.is_ascii_alphanumeric() || "/_+-".contains(c);
    !text.is_empty() && text.len() <= TIME_ZONE_CHARACTERS && text.chars().all(in_names)
}

/// Returns an Ed25519 key that no small-order point passes for.
pub(super) fn sign_key(field: Part, bytes: &[u8]) -> Result<SignPublicKey, ProfileError> {
    SignPublicKey::from_bytes(&exactly(field, bytes)?).ok_or(ProfileError::Key(field))
}

fn patient_master_key(bytes: &[u8]) -> Result<MasterPublicKey, MessageError> {
    // [PAT-1]
    let field = Part::PatientMasterKey;
    exactly::<{ MasterPublicKey::LENGTH }>(field, bytes)?;
    MasterPublicKey::from_bytes(bytes).map_err(|source| MessageError::Point { field, source })
}

fn signed_bytes(body: &[u8]) -> Vec<u8> {
    [domain::AUTHORITY_PROFILE, body].concat()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sealed_box::SealSecretKey;
    use crate::signing::SignSecretKey;

    fn profile() -> Profile {
        let contact = |level, language: &str, value: &str| Contact {
            level,
            language: language.to_owned(),
            label: "call".to_owned(),
            value: value.to_owned(),
            hours: String::new(),
        };
        let text = |level, language: &str| LevelText {
            level,
            language: language.to_owned(),
            text: language.to_owned(),
            advice: String::new(),
        };
        Profile {
            issued: UnixSeconds::MAX.minus(9_999),
            log_index: None,
            name: "office".to_owned(),
            origin: Origin::new("office.example").expect("an origin"),
            url: "https://office.example".to_owned(),
            log_key: SignSecretKey::from_bytes(&[7; 32]).public_key(),
            clock_key: SignSecretKey::from_bytes(&[8; 32]).public_key(),
            upload_key: SealSecretKey::from_bytes(&[7; 32]).public_key(),
            retention_days: 14,
            checkpoint_max_age: 86_400,
            minimum_overlap: 900,
            time_zone: "Asia/Tokyo".to_owned(),
            texts: vec![text(Level::Attention, "ja"), text(Level::Attention, "en")],
            contacts: vec![
                contact(None, "ja", "1"),
                contact(Some(Level::Cluster), "en", "2"),
                contact(Some(Level::Cluster), "ja", "3"),
            ],
            patient_master_key: None,
            handovers: vec![],
        }
    }

    #[test]
    fn every_change_that_matters_to_those_who_follow_is_told() {
        // [PRO-11]
        let before = profile();
        assert_eq!(before.changes(&Profile { issued: UnixSeconds::MAX, ..profile() }), []);
        let text = LevelText { text: "other".to_owned(), ..before.texts[0].clone() };
        let contact = Contact { value: "4".to_owned(), ..before.contacts[0].clone() };
        let key = crate::ibe::MasterSecretKey::generate(&mut rand::rng()).public_key();
        let others = [
            (Profile { name: "other".to_owned(), ..profile() }, ProfileChange::Name),
            (
                Profile { url: "https://other.example".to_owned(), ..profile() },
                ProfileChange::Address,
            ),
            (Profile { retention_days: 15, ..profile() }, ProfileChange::RetentionDays),
            (Profile { checkpoint_max_age: 86_401, ..profile() }, ProfileChange::CheckpointAge),
            (Profile { minimum_overlap: 901, ..profile() }, ProfileChange::MinimumOverlap),
            (Profile { time_zone: "UTC".to_owned(), ..profile() }, ProfileChange::TimeZone),
            (Profile { texts: vec![text], ..profile() }, ProfileChange::Texts),
            (Profile { contacts: vec![contact], ..profile() }, ProfileChange::Contacts),
            (Profile { patient_master_key: Some(key), ..profile() }, ProfileChange::PatientCases),
        ];
        for (other, change) in others {
            assert_eq!(before.changes(&other), [change]);
            assert_eq!(other.changes(&before), [change]);
        }
    }

    #[test]
    fn tells_only_of_overlaps_that_are_long_enough() {
        // [MAT-7]
        let overlap = |seconds| {
            let start = UnixSeconds::MAX.minus(9_999);
            Window::new(start, start.plus(seconds)).expect("a window")
        };
        assert!(!profile().tells_of(overlap(899)));
        assert!(profile().tells_of(overlap(900)));
    }

    #[test]
    fn papers_show_a_number_in_a_language_of_theirs_and_no_other_kind_of_contact() {
        // [PST-13]
        let line = |language: &str, value: &str| Contact {
            level: None,
            language: language.to_owned(),
            label: "call".to_owned(),
            value: value.to_owned(),
            hours: String::new(),
        };
        let office = Profile {
            contacts: vec![
                line("ja", "相談@office.example"),
                line("en-GB", "+81 3 (6400) 0081"),
                line("ja", "０３−６４００−００８１"),
                line("zh", "12"),
            ],
            ..profile()
        };
        for (languages, number) in [
            (&["ja", "en"][..], "０３−６４００−００８１"),
            (&["en", "ja"], "+81 3 (6400) 0081"),
            (&["zh-Hans", "JA-JP"], "０３−６４００−００８１"),
            (&["ko"], "+81 3 (6400) 0081"),
            (&[], "+81 3 (6400) 0081"),
        ] {
            assert_eq!(office.telephone(languages), Some(number), "{languages:?}");
        }
        let contacts = vec![line("ja", "https://office.example/123"), line("ja", "1-2")];
        assert_eq!(Profile { contacts, ..profile() }.telephone(&["ja"]), None);
    }

    #[test]
    fn texts_and_contacts_come_in_the_first_language_that_there_is() {
        let text = |languages: &[&str]| {
            profile().text(Level::Attention, languages).map(|text| text.language.clone())
        };
        assert_eq!(text(&["fr", "en"]).as_deref(), Some("en"));
        assert_eq!(text(&["fr"]).as_deref(), Some("ja"));
        assert_eq!(profile().text(Level::Cluster, &["ja"]), None);
        let lines = |level, languages: &[&str]| {
            let values = |line: &Contact| line.value.clone();
            profile().contacts(level, languages).into_iter().map(values).collect::<String>()
        };
        assert_eq!(lines(Level::Cluster, &["ja", "en"]), "13");
        assert_eq!(lines(Level::Cluster, &["en"]), "2");
        assert_eq!(lines(Level::Attention, &["en"]), "1");
        assert_eq!(lines(Level::Attention, &["ja"]), "1");
    }
}
