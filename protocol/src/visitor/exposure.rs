//! From matches to what a visitor has to be told.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use serde_tuple::{Deserialize_tuple, Serialize_tuple};
use sha2::{Digest as _, Sha256};

use super::Stay;
use super::matching::Match;
use super::record::{VenueText, VisitId};
use crate::domain;
use crate::identity::{Identity, NotificationKey};
use crate::messages::{Level, MessageError, Notice, exactly};
use crate::messages::{Part, UncheckedTrace};
use crate::profile::Fingerprint;
use crate::time::{Hour, UnixSeconds, Window};

mod plain;

pub use plain::PlainExposure;

/// The id of an exposure: 16 bytes that stay the same whatever later notices say, and to whichever
/// keys the authority's were handed over. `Display` and `FromStr` use 32 hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct ExposureId([u8; Self::LENGTH]);

impl ExposureId {
    /// Length in bytes.
    pub const LENGTH: usize = 16;

    /// Returns an id from its bytes.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; Self::LENGTH]) -> Self {
        Self(bytes)
    }

    /// Makes the id of an hour of a visit at a venue.
    fn new(visit: VisitId, identity: &Identity) -> Self {
        let hash = Sha256::new()
            .chain_update(domain::EXPOSURE_ID)
            .chain_update(visit.as_bytes())
            .chain_update(identity.as_bytes())
            .finalize();
        let mut id = [0; Self::LENGTH];
        id.iter_mut().zip(hash).for_each(|(to, from)| *to = from);
        Self(id)
    }
}

impl fmt::Display for ExposureId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}

impl fmt::Debug for ExposureId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ExposureId({self})")
    }
}

impl FromStr for ExposureId {
    type Err = MessageError;

    fn from_str(text: &str) -> Result<Self, MessageError> {
        let bytes = hex::decode(text).map_err(|_| MessageError::Malformed(Part::ExposureId))?;
        exactly(Part::ExposureId, &bytes).map(Self)
    }
}

impl From<ExposureId> for String {
    fn from(id: ExposureId) -> Self {
        id.to_string()
    }
}

impl TryFrom<String> for ExposureId {
    type Error = MessageError;

    fn try_from(text: String) -> Result<Self, MessageError> {
        text.parse()
    }
}

/// How an exposure differs from what the visitor was told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum News {
    /// Nothing was told of it.
    New,
    /// Something else was told of it.
    Changed,
    /// It was taken back.
    Withdrawn,
}

/// One exposure: a visit that overlaps the window of a notice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Exposure {
    /// Its id.
    pub id: ExposureId,
    /// The authority that warns.
    pub authority: Fingerprint,
    /// The visit.
    pub stay: Stay,
    /// When it was dangerous.
    pub window: Window,
    /// The part of the window that the visitor was there.
    pub overlap: Window,
    /// How serious it is; [`Level::Attention`] where another program wrote the notice.
    pub level: Level,
    /// The short message; may be empty.
    pub message: String,
    /// The venue, where the authority lets it be named.
    pub venue: Option<VenueText>,
    /// Whether the authority lets day and time be shown.
    pub names_date: bool,
    /// When the device learned of it.
    pub received: UnixSeconds,
    /// What the visitor has not been told; `None` where everything was.
    pub news: Option<News>,
}

impl Exposure {
    /// Returns the order in which exposures are told.
    fn order(&self) -> impl Ord + '_ {
        let words = (self.level, &self.message, &self.venue, self.names_date);
        (self.stay, self.authority, self.window, words, self.received)
    }

    /// Returns this exposure as withdrawn. It is news where what the exposure says now was not
    /// told.
    fn taken_back(&self) -> Self {
        let news = self.news.map(|_| News::Withdrawn);
        Self { level: Level::Withdrawn, news, ..self.clone() }
    }

    /// Returns whether two exposures tell the visitor the same, whenever they arrived.
    fn says_the_same_as(&self, other: &Self) -> bool {
        (self.authority, self.stay, self.window) == (other.authority, other.stay, other.window)
            && (self.level, &self.message, &self.venue, self.names_date)
                == (other.level, &other.message, &other.venue, other.names_date)
    }
}

/// A trace that opened a record, kept so that a later trace of the same hour can take its place.
#[derive(Clone, PartialEq, Eq, Serialize_tuple, Deserialize_tuple)]
pub(super) struct Hit {
    pub(super) authority: Fingerprint,
    pub(super) index: u64,
    pub(super) received: UnixSeconds,
    /// The visit, so that a notice is forgotten with it.
    pub(super) visit: VisitId,
    pub(super) identity: Identity,
    key: NotificationKey,
    hour: Hour,
    stay: Stay,
    venue: VenueText,
    notice: Words,
    told: Told,
}

/// How much of an hour's notices the visitor has been told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "u8", try_from = "u8")]
enum Told {
    Nothing,
    /// An earlier notice.
    Earlier,
    /// All.
    All,
    /// All, and the visitor does not want to see it any more.
    Dismissed,
}

impl From<Told> for u8 {
    fn from(told: Told) -> Self {
        match told {
            Told::Nothing => 0,
            Told::Earlier => 1,
            Told::All => 2,
            Told::Dismissed => 3,
        }
    }
}

impl TryFrom<u8> for Told {
    type Error = MessageError;

    fn try_from(number: u8) -> Result<Self, MessageError> {
        [Self::Nothing, Self::Earlier, Self::All, Self::Dismissed]
            .get(usize::from(number))
            .copied()
            .ok_or(MessageError::Malformed(Part::Vault))
    }
}

/// What a notice says, in the form that is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize_tuple, Deserialize_tuple)]
struct Words {
    window: Window,
    level: Level,
    names_venue: bool,
    names_date: bool,
    message: String,
}

impl Words {
    /// Reads a notice. One without times speaks of its whole hour; one without a level asks for
    /// attention and names no venue.
    fn new(notice: &Notice, hour: Hour) -> Option<Self> {
        // [MAT-3] [MSG-9]
        let hour = Window::new(hour.start(), hour.end()).ok()?;
        let details = notice.details;
        Some(Self {
            window: notice.window.unwrap_or(hour),
            level: details.map_or(Level::Attention, |details| details.level),
            names_venue: details.is_some_and(|details| details.names_venue),
            names_date: details.is_none_or(|details| details.names_date),
            message: notice.message.clone(),
        })
    }
}

impl Hit {
    /// Adds matches. For each hour of a visit the latest trace stands. A withdrawal is kept only
    /// where there had been a warning: nobody else needs to hear of it.
    pub(super) fn remember(
        hits: &mut Vec<Self>,
        authority: &Fingerprint,
        matches: &[Match],
        now: UnixSeconds,
    ) {
        let warned = hits.clone();
        for found in matches {
            let Some(words) = Words::new(&found.notice, found.record.hour) else { continue };
            let hit = Self {
                authority: *authority,
                index: found.index,
                received: now,
                visit: found.visit,
                identity: *found.trace.identity(),
                key: found.record.notification_key.clone(),
                hour: found.record.hour,
                stay: found.record.stay,
                venue: found.record.venue.clone(),
                notice: words,
                told: Told::Nothing,
            };
            // [MAT-4]
            match hits.iter_mut().find(|known| known.is_same_hour(&hit)) {
                Some(known) if known.index < hit.index => {
                    known.replace(hit.index, now, hit.notice);
                }
                Some(_) => {}
                None => hits.push(hit),
            }
        }
        // [PUB-3]
        hits.retain(|hit| {
            hit.notice.level != Level::Withdrawn
                || warned.iter().any(|known| known.is_same_hour(hit))
        });
    }

    /// Lets later traces take the place of hits whose records are gone already.
    pub(super) fn supersede<'a>(
        hits: &mut [Self],
        authority: &Fingerprint,
        entries: impl Iterator<Item = (u64, &'a [u8])>,
        now: UnixSeconds,
    ) {
        if hits.is_empty() {
            return;
        }
        for (index, bytes) in entries {
            let Ok(trace) = UncheckedTrace::from_bytes(bytes) else { continue };
            if hits.iter().all(|hit| hit.identity != *trace.identity()) {
                continue;
            }
            let Ok(trace) = trace.check() else { continue };
            let same =
                |hit: &&mut Self| hit.authority == *authority && hit.identity == *trace.identity();
            for hit in hits.iter_mut().filter(same).filter(|hit| hit.index < index) {
                let notice = trace.notice().open(&hit.key).ok();
                if let Some(words) = notice.and_then(|notice| Words::new(&notice, hit.hour)) {
                    hit.replace(index, now, words);
                }
            }
        }
    }

    /// Lets a later notice of the same hour take this one's place. One whose window the visitor has
    /// no part in takes the earlier one back; one that says the same is not told again.
    fn replace(&mut self, index: u64, now: UnixSeconds, words: Words) {
        // [PUB-2]
        let taken_back = self.exposure().is_some() && self.stay.overlap(words.window).is_none();
        let words = match taken_back {
            true => Words { level: Level::Withdrawn, ..self.notice.clone() },
            false => words,
        };
        if self.notice != words && self.told != Told::Nothing {
            self.told = Told::Earlier;
        }
        (self.index, self.received, self.notice) = (index, now, words);
    }

    /// Whether both are of the same hour of a visit and say the same.
    pub(super) fn says_as_much_as(&self, other: &Self) -> bool {
        self.is_same_hour(other) && self.notice == other.notice
    }

    fn is_same_hour(&self, other: &Self) -> bool {
        (self.authority, self.identity, self.visit, self.stay)
            == (other.authority, other.identity, other.visit, other.stay)
            && self.venue == other.venue
    }

    fn exposure(&self) -> Option<Exposure> {
        let notice = &self.notice;
        let news = match (self.told, notice.level) {
            (Told::All | Told::Dismissed, _) => None,
            (_, Level::Withdrawn) => Some(News::Withdrawn),
            (Told::Earlier, _) => Some(News::Changed),
            (Told::Nothing, _) => Some(News::New),
        };
        Some(Exposure {
            id: ExposureId::new(self.visit, &self.identity),
            authority: self.authority,
            stay: self.stay,
            window: notice.window,
            overlap: self.stay.overlap(notice.window)?,
            level: notice.level,
            message: notice.message.clone(),
            // [MAT-5]
            venue: notice.names_venue.then(|| self.venue.clone()),
            names_date: notice.names_date,
            received: self.received,
            news,
        })
    }

    /// Notes that the visitor has been told of `exposure`.
    pub(super) fn announce(&mut self, exposure: &Exposure) {
        if self.told != Told::Dismissed && self.says(exposure) {
            self.told = Told::All;
        }
    }

    /// Notes that the visitor does not want to see `exposure` any more.
    pub(super) fn dismiss(&mut self, exposure: &Exposure) {
        if self.says(exposure) {
            self.told = Told::Dismissed;
        }
    }

    fn says(&self, exposure: &Exposure) -> bool {
        self.exposure().is_some_and(|own| {
            own.says_the_same_as(exposure) || own.taken_back().says_the_same_as(exposure)
        })
    }
}

impl std::fmt::Debug for Hit {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Hit").field("index", &self.index).finish_non_exhaustive()
    }
}

/// Returns what the visitor has to be told, in order of the visits. The hours of one visit that say
/// the same are one exposure; hours that only touch the window are none.
pub(super) fn exposures(hits: &[Hit]) -> Vec<Exposure> {
    // [MAT-3] [MAT-6]
    let shown = hits.iter().filter(|hit| hit.told != Told::Dismissed);
    let mut exposures: Vec<_> = shown.filter_map(|hit| Some((hit.hour, hit.exposure()?))).collect();
    exposures.sort_by(|(hour, one), (later, other)| {
        one.order().cmp(&other.order()).then(hour.cmp(later))
    });
    let mut exposures: Vec<_> = exposures.into_iter().map(|(_, exposure)| exposure).collect();
    exposures.dedup_by(|later, first| {
        let is_same = later.says_the_same_as(first);
        // What took the place of something that was told is told, though the rest was known.
        let is_together = later.received == first.received && first.news.is_none();
        if is_same && (later.news == Some(News::Changed) || is_together) {
            first.news = later.news;
        }
        is_same
    });
    drop_taken_back(&mut exposures);
    exposures
}

/// Returns the exposures of which `tells_of` says so. One that was told, and of which it tells no
/// more, is withdrawn.
pub(super) fn told_of(
    exposures: Vec<Exposure>,
    tells_of: impl Fn(&Exposure) -> bool,
) -> Vec<Exposure> {
    // [MAT-7]
    let told = exposures.into_iter().filter_map(|exposure| match exposure.news {
        _ if tells_of(&exposure) => Some(exposure),
        Some(News::New) => None,
        // Nobody had been told of what is taken back so shortly.
        _ if exposure.level == Level::Withdrawn => None,
        _ => Some(exposure.taken_back()),
    });
    let mut told = told.collect();
    drop_taken_back(&mut told);
    told
}

/// Drops an hour that was taken back while another hour of the same visit still stands.
fn drop_taken_back(exposures: &mut Vec<Exposure>) {
    let standing: Vec<_> = exposures
        .iter()
        .filter(|exposure| exposure.level != Level::Withdrawn)
        .map(|exposure| (exposure.authority, exposure.stay))
        .collect();
    exposures.retain(|exposure| {
        exposure.level != Level::Withdrawn
            || !standing.contains(&(exposure.authority, exposure.stay))
    });
}
