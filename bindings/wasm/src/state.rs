//! What a screen may show of a device.

use noren::visitor::Diary;
use serde::Serialize;
use wasm_bindgen::prelude::wasm_bindgen;

use crate::authority::Authority;
use crate::device::Device;
use crate::failure::Failure;
use crate::shown::Notice;
use crate::times;
use crate::venue::Venue;

/// What `State` of the page has from the device; the worker adds what it knows itself.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct State {
    authorities: Vec<Authority>,
    open: Vec<OpenVisit>,
    closed: Vec<ClosedVisit>,
    notices: Vec<Notice>,
    is_recording_diary: bool,
    diary: Vec<DiaryEntry>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct OpenVisit {
    id: String,
    venue: Venue,
    arrival: u64,
    automatic_departure: u64,
    reminder_due: u64,
    is_reminded: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ClosedVisit {
    id: String,
    first_day: u64,
    hours: usize,
}

#[derive(Serialize)]
struct DiaryEntry {
    id: String,
    venue: Venue,
    arrival: u64,
    departure: u64,
    note: String,
}

#[wasm_bindgen]
impl Device {
    /// Returns all that a screen may show, with notices in the first of `languages` that their
    /// authorities have words in.
    ///
    /// # Errors
    /// Code `defect` where an open visit is damaged.
    pub fn state(&self, languages: Vec<String>) -> Result<String, Failure> {
        let open = self.vault.open_visits().iter().map(|visit| {
            Ok(OpenVisit {
                id: visit.id().to_string(),
                venue: Venue::of(&visit.venue()?),
                arrival: times::seconds(visit.arrival()),
                automatic_departure: times::seconds(visit.automatic_departure()),
                reminder_due: times::seconds(visit.reminder_due()),
                is_reminded: visit.is_reminded(),
            })
        });
        let closed = self.vault.closed_visits().into_iter().map(|visit| ClosedVisit {
            id: visit.id.to_string(),
            first_day: times::seconds(visit.first_day.start()),
            hours: visit.hours,
        });
        let entries = self.diary.iter().flat_map(Diary::entries).map(|entry| DiaryEntry {
            id: entry.id().to_string(),
            venue: Venue::of_text(entry.venue()),
            arrival: times::seconds(entry.stay().arrival()),
            departure: times::seconds(entry.stay().departure()),
            note: entry.note().to_owned(),
        });
        let state = State {
            authorities: self.followed.iter().map(Authority::of).collect(),
            open: open.collect::<Result<_, Failure>>()?,
            closed: closed.collect(),
            notices: self.notices(&languages),
            is_recording_diary: self.diary.as_ref().is_some_and(Diary::is_recording),
            diary: entries.collect(),
        };
        Ok(serde_json::to_string(&state)?)
    }
}
