//! Check-in, check-out, and what can be changed of a visit.

use noren::UnixSeconds;
use noren::log::MAX_CLOCK_SKEW;
use noren::visitor::{CheckIn, VisitError, VisitId};
use serde::Serialize;
use wasm_bindgen::prelude::wasm_bindgen;

use crate::device::Device;
use crate::failure::{Code, Failure};
use crate::poster::entry_code;
use crate::times;
use crate::venue::Venue;

/// `CheckedIn` of the page.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct CheckedIn {
    visit: String,
    was_open: bool,
    venue: Venue,
    arrival: u64,
    departure: u64,
}

#[wasm_bindgen]
impl Device {
    /// Checks in, now or for somebody who came earlier and may have left. Returns `CheckedIn`.
    ///
    /// # Errors
    /// Codes `not-a-code`, `private-code`, `wrong-time`, `too-old`, `not-yet-valid`, `no-longer-valid`,
    /// `clock`.
    pub fn check_in(
        &mut self,
        link: &str,
        arrival: Option<f64>,
        departure: Option<f64>,
        now: f64,
    ) -> Result<String, Failure> {
        let code = entry_code(link)?;
        let now = times::now(now)?;
        let arrival = arrival.map_or(Ok(now), times::time)?;
        let departure = departure.map(times::time).transpose()?;
        if arrival > now {
            return Err(Failure::new(Code::WrongTime, "the arrival lies in the future"));
        }
        // [CLI-30] Its records would be forgotten at once.
        if arrival.day() < self.retained_from(now).day() {
            return Err(Failure::new(Code::TooOld, "visits of that day are not kept any more"));
        }
        let entered = self.vault.check_in_late(&code, arrival, departure, now, &mut rand::rng());
        let entered = entered.map_err(|error| self.by_clock(error, now))?;
        let (id, was_open) = match entered {
            CheckIn::Opened(id) => (id, false),
            CheckIn::Extended(id) => (id, true),
        };
        let visit = self.vault.open_visits().iter().find(|visit| visit.id() == id);
        let visit = visit.ok_or_else(|| Failure::from(VisitError::NotOpen))?;
        let checked_in = CheckedIn {
            visit: id.to_string(),
            was_open,
            venue: Venue::of(code.venue()),
            arrival: times::seconds(visit.arrival()),
            departure: times::seconds(visit.automatic_departure()),
        };
        self.seal_due(now)?;
        Ok(serde_json::to_string(&checked_in)?)
    }

    /// Ends a visit, now or at a time that has passed; one that is to come is planned.
    ///
    /// # Errors
    /// Codes `no-such-visit`, `wrong-time`.
    pub fn check_out(
        &mut self,
        visit: &str,
        departure: Option<f64>,
        now: f64,
    ) -> Result<(), Failure> {
        let (id, now) = (visit_id(visit)?, times::now(now)?);
        let departure = departure.map_or(Ok(now), times::time)?;
        // [VIS-4]
        if departure > now {
            return Ok(self.vault.plan_check_out(id, departure, now)?);
        }
        let ended = self.vault.check_out(id, departure, &mut rand::rng())?;
        self.note(&ended)
    }

    /// Sets when an open visit will end by itself.
    ///
    /// # Errors
    /// Codes `no-such-visit`, `wrong-time`.
    pub fn plan_check_out(&mut self, visit: &str, departure: f64, now: f64) -> Result<(), Failure> {
        let (departure, now) = (times::time(departure)?, times::now(now)?);
        self.vault.plan_check_out(visit_id(visit)?, departure, now)?;
        self.seal_due(now).map(drop)
    }

    /// Corrects when an open visit began.
    ///
    /// # Errors
    /// Codes `no-such-visit`, `wrong-time`, `not-yet-valid`, `no-longer-valid`.
    pub fn correct_arrival(&mut self, visit: &str, arrival: f64, now: f64) -> Result<(), Failure> {
        let (arrival, now) = (times::time(arrival)?, times::now(now)?);
        if arrival > now {
            return Err(Failure::new(Code::WrongTime, "the arrival lies in the future"));
        }
        self.vault.correct_arrival(visit_id(visit)?, arrival, now)?;
        self.seal_due(now).map(drop)
    }

    /// Notes that the visitor was reminded to check out.
    ///
    /// # Errors
    /// Code `no-such-visit` for what is no id.
    pub fn reminded(&mut self, visit: &str) -> Result<(), Failure> {
        // [VIS-7]
        self.vault.remind(visit_id(visit)?);
        Ok(())
    }

    /// Forgets a visit wherever it is kept, with its notices.
    ///
    /// # Errors
    /// Code `no-such-visit`.
    pub fn forget_visit(&mut self, visit: &str) -> Result<(), Failure> {
        // [VLT-6] [DIA-4]
        let id = visit_id(visit)?;
        let in_vault = self.vault.forget(id);
        let in_diary = self.diary.as_mut().is_some_and(|diary| diary.forget(id));
        if in_vault || in_diary { Ok(()) } else { Err(VisitError::NotOpen.into()) }
    }
}

impl Device {
    /// Since when things are kept.
    fn retained_from(&self, now: UnixSeconds) -> UnixSeconds {
        const DAY: u64 = 86_400;
        let days = noren::Vault::retention_days(&self.followed);
        now.minus(u64::from(days) * DAY)
    }

    /// A code that is not valid by a clock that lags behind what was signed is no proof against the
    /// code.
    fn by_clock(&self, error: VisitError, now: UnixSeconds) -> Failure {
        // [CLI-41]
        let logs = self.followed.iter();
        let seen =
            logs.map(|each| self.vault.position(&each.profile().profile().fingerprint()).timestamp);
        let is_behind = seen.max().is_some_and(|seen| seen > now.plus(MAX_CLOCK_SKEW));
        match error {
            VisitError::NotYetValid | VisitError::NoLongerValid if is_behind => {
                Failure::new(Code::Clock, error)
            }
            error => error.into(),
        }
    }
}

pub(crate) fn visit_id(text: &str) -> Result<VisitId, Failure> {
    text.parse().map_err(Failure::of(Code::NoSuchVisit))
}
