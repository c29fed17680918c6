//! Open visits: checked in and not yet out. The only place where a device knows where it is.

use serde::{Deserialize, Serialize};
use serde_tuple::{Deserialize_tuple, Serialize_tuple};
use zeroize::{Zeroize, ZeroizeOnDrop};

use super::record::VisitId;
use super::{Stay, VisitError};
use crate::messages::{EntryCode, MessageError, Venue};
use crate::time::{MAX_VISIT_SECONDS, UnixSeconds};

/// The seconds after which a visitor is reminded where the venue gives no typical stay.
const REMINDER_SECONDS: u64 = 2 * 3_600;

/// Checks whether a venue's code can be used at `time`.
pub(super) fn check_validity(venue: &Venue, time: UnixSeconds) -> Result<(), VisitError> {
    // [VIS-6]
    let valid = venue.valid();
    if time < valid.start() {
        Err(VisitError::NotYetValid)
    } else if time > valid.end() {
        Err(VisitError::NoLongerValid)
    } else {
        Ok(())
    }
}

/// Bytes that are wiped when they are dropped.
#[derive(Clone, PartialEq, Eq, Zeroize, ZeroizeOnDrop, Serialize, Deserialize)]
#[serde(transparent)]
pub(super) struct WipedBytes(#[serde(with = "serde_bytes")] pub(super) Vec<u8>);

/// A visit that has not ended. It exists only inside of the sealed vault; `Debug` does not show the
/// venue.
#[derive(Clone, PartialEq, Eq, Serialize_tuple, Deserialize_tuple)]
pub struct OpenVisit {
    id: VisitId,
    payload: WipedBytes,
    arrival: UnixSeconds,
    last_check_in: UnixSeconds,
    planned_departure: Option<UnixSeconds>,
    reminded: bool,
}

/// A visit that has just ended, with the entry code that the vault no longer holds. `Debug` does
/// not show the venue.
#[derive(Clone, PartialEq, Eq)]
pub struct EndedVisit {
    id: VisitId,
    payload: WipedBytes,
    stay: Stay,
}

impl OpenVisit {
    pub(super) fn new(id: VisitId, entry_code: &EntryCode, arrival: UnixSeconds) -> Self {
        let payload = WipedBytes(entry_code.as_bytes().to_vec());
        Self {
            id,
            payload,
            arrival,
            last_check_in: arrival,
            planned_departure: None,
            reminded: false,
        }
    }

    /// Returns the visit's id.
    #[must_use]
    pub const fn id(&self) -> VisitId {
        self.id
    }

    /// Returns the time of arrival.
    #[must_use]
    pub const fn arrival(&self) -> UnixSeconds {
        self.arrival
    }

    /// Returns the entry code that was scanned.
    ///
    /// # Errors
    /// [`MessageError`] when the stored code is damaged.
    pub fn entry_code(&self) -> Result<EntryCode, MessageError> {
        EntryCode::from_bytes(&self.payload.0)
    }

    /// Returns the venue of that code. This is cheap, as [`OpenVisit::entry_code`] is not.
    ///
    /// # Errors
    /// [`MessageError`] when the stored code is damaged.
    pub fn venue(&self) -> Result<Venue, MessageError> {
        EntryCode::venue_of(&self.payload.0)
    }

    pub(super) fn is_at(&self, entry_code: &EntryCode) -> bool {
        self.payload.0 == entry_code.as_bytes()
    }

    /// Returns when the visit ends by itself: at the planned departure, or after the venue's
    /// typical stay since the last check-in; in any case by the event's end, and after 12 hours.
    /// This is never before the arrival, whatever the times are that the visit was read with.
    #[must_use]
    pub fn automatic_departure(&self) -> UnixSeconds {
        // [VIS-4]
        let latest = self.arrival.plus(MAX_VISIT_SECONDS);
        let Ok(venue) = self.venue() else {
            return latest;
        };
        let stay = venue.details().stay_minutes();
        let typical = stay.map(|minutes| self.last_check_in.plus(u64::from(minutes) * 60));
        let planned = self.planned_departure.or(typical).unwrap_or(latest);
        planned.min(venue.valid().end()).min(latest).max(self.arrival)
    }

    /// Returns until when somebody who scanned again may still be there after the longest visit, or
    /// `None` where nobody did, or the visit ends otherwise.
    pub(super) fn goes_on_until(&self) -> Option<UnixSeconds> {
        // [VIS-4]
        let end = self.automatic_departure();
        if end < self.arrival.plus(MAX_VISIT_SECONDS) || self.planned_departure.is_some() {
            return None;
        }
        let venue = self.venue().ok()?;
        let stay = venue.details().stay_minutes();
        let seconds = stay.map_or(MAX_VISIT_SECONDS, |minutes| u64::from(minutes) * 60);
        let until = self.last_check_in.plus(seconds).min(venue.valid().end());
        Some(until).filter(|until| *until > end)
    }

    /// Returns whether a check-in at the same venue belongs to this visit: the two meet, and both
    /// in one would not end before `now`.
    pub(super) fn is_joined_by(
        &self,
        arrival: UnixSeconds,
        departure: Option<UnixSeconds>,
        now: UnixSeconds,
    ) -> bool {
        // [VIS-5]
        let is_before = departure.is_some_and(|departure| departure < self.arrival);
        let is_one = arrival.plus(MAX_VISIT_SECONDS) >= now.max(self.last_check_in);
        arrival <= self.automatic_departure() && !is_before && is_one
    }

    /// Takes another check-in at the same venue: the visit goes on, or began earlier than thought.
    pub(super) fn extend(&mut self, arrival: UnixSeconds, departure: Option<UnixSeconds>) {
        // [VIS-5]
        if arrival >= self.last_check_in {
            self.planned_departure = None;
            // Whoever scans again is there: the next reminder counts from now.
            self.reminded = false;
        }
        self.arrival = self.arrival.min(arrival);
        self.last_check_in = self.last_check_in.max(arrival);
        self.planned_departure = departure.or(self.planned_departure);
    }

    /// Returns from when on the visitor should be reminded to check out: after the venue's typical
    /// stay since the last check-in, or after two hours where it gives none.
    #[must_use]
    pub fn reminder_due(&self) -> UnixSeconds {
        // [VIS-7]
        let typical = self.venue().ok().and_then(|venue| venue.details().stay_minutes());
        let seconds = typical.map_or(REMINDER_SECONDS, |minutes| u64::from(minutes) * 60);
        self.last_check_in.plus(seconds)
    }

    /// Returns whether the reminder has been given.
    #[must_use]
    pub const fn is_reminded(&self) -> bool {
        self.reminded
    }

    pub(super) fn remind(&mut self) {
        self.reminded = true;
    }

    pub(super) fn end(&self, departure: UnixSeconds) -> Result<EndedVisit, VisitError> {
        let stay = Stay::new(self.arrival, departure)?;
        Ok(EndedVisit { id: self.id, payload: self.payload.clone(), stay })
    }

    pub(super) fn correct_arrival(&mut self, arrival: UnixSeconds) -> Result<(), VisitError> {
        check_validity(&self.venue()?, arrival)?;
        if let Some(planned) = self.planned_departure {
            Stay::new(arrival, planned)?;
        }
        // Whoever came later than thought has checked in only then.
        (self.arrival, self.last_check_in) = (arrival, self.last_check_in.max(arrival));
        Ok(())
    }

    pub(super) fn plan(&mut self, departure: UnixSeconds) -> Result<(), VisitError> {
        Stay::new(self.arrival, departure)?;
        self.planned_departure = Some(departure);
        Ok(())
    }
}

impl EndedVisit {
    /// Returns the visit's id.
    #[must_use]
    pub const fn id(&self) -> VisitId {
        self.id
    }

    /// Returns the time from arrival to departure.
    #[must_use]
    pub const fn stay(&self) -> Stay {
        self.stay
    }

    /// Returns the entry code that was scanned.
    ///
    /// # Errors
    /// [`MessageError`] when the stored code is damaged.
    pub fn entry_code(&self) -> Result<EntryCode, MessageError> {
        EntryCode::from_bytes(&self.payload.0)
    }
}

impl std::fmt::Debug for EndedVisit {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("EndedVisit").field("id", &self.id).finish_non_exhaustive()
    }
}

impl std::fmt::Debug for OpenVisit {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("OpenVisit").field("id", &self.id).finish_non_exhaustive()
    }
}
