//! From matches to what a visitor has to be told.

use serde_tuple::{Deserialize_tuple, Serialize_tuple};

use super::Stay;
use super::matching::Match;
use super::record::{VenueText, VisitId};
use crate::authority::profile::Fingerprint;
use crate::identity::{Identity, NotificationKey};
use crate::messages::notice::{Level, Notice};
use crate::messages::trace::UncheckedTrace;
use crate::time::{Hour, UnixSeconds, Window};

/// One exposure: a visit that overlaps the window of a notice.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Exposure {
    /// Who warns.
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
    /// Whether the visitor has been told already.
    pub announced: bool,
}

impl Exposure {
    /// Whether two exposures tell the visitor the same, whenever they came in.
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
    announced: bool,
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
    /// A notice without times speaks of its whole hour; one without a level asks for attention and
    /// names no venue.
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
                announced: false,
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
        self.announced &= self.notice == words;
        (self.index, self.received, self.notice) = (index, now, words);
    }

    fn is_same_hour(&self, other: &Self) -> bool {
        (self.authority, self.identity, self.visit, self.stay)
            == (other.authority, other.identity, other.visit, other.stay)
            && self.venue == other.venue
    }

    fn exposure(&self) -> Option<Exposure> {
        let notice = &self.notice;
        Some(Exposure {
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
            announced: self.announced,
        })
    }

    /// Notes that the visitor has been told of `exposure`.
    pub(super) fn announce(&mut self, exposure: &Exposure) {
        if self.exposure().is_some_and(|own| own.says_the_same_as(exposure)) {
            self.announced = true;
        }
    }
}

impl std::fmt::Debug for Hit {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Hit").field("index", &self.index).finish_non_exhaustive()
    }
}

/// What the visitor has to be told, in order of the visits: the hours of one visit that say the
/// same are one exposure, and hours that only touch the window are none.
pub(super) fn exposures(hits: &[Hit]) -> Vec<Exposure> {
    // [MAT-3] [MAT-6]
    let mut exposures: Vec<_> = hits.iter().filter_map(Hit::exposure).collect();
    exposures.sort_by(|a, b| (a.stay, a).cmp(&(b.stay, b)));
    exposures.dedup_by(|later, first| later.says_the_same_as(first));
    // An hour taken back says nothing while another hour of the same visit still stands.
    let standing: Vec<_> = exposures
        .iter()
        .filter(|exposure| exposure.level != Level::Withdrawn)
        .map(|exposure| (exposure.authority, exposure.stay))
        .collect();
    exposures.retain(|exposure| {
        exposure.level != Level::Withdrawn
            || !standing.contains(&(exposure.authority, exposure.stay))
    });
    exposures
}
