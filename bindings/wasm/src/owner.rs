//! A venue's owner: makes a venue's two codes.

use noren::SignedProfile;
use noren::messages::{Venue, VenueDetails, VenueKind};
use noren::time::{Hour, Window};
use serde::{Deserialize, Serialize};
use wasm_bindgen::prelude::wasm_bindgen;
use zeroize::Zeroizing;

use crate::authority::Authority;
use crate::failure::{Code, Failure};
use crate::times;

/// A code is good for a year where nobody says otherwise: posters wear out.
const VALID_SECONDS: u64 = 365 * 86_400;

/// `VenueForm` of the page.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Form {
    name: String,
    address: String,
    room: String,
    kind: Option<String>,
    typical_stay_minutes: Option<u16>,
    valid_from: Option<f64>,
    valid_until: Option<f64>,
}

/// `NewVenue` of the page.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct NewVenue<'a> {
    entry_link: String,
    trace_text: &'a str,
    authority: Authority,
    telephone: Option<&'a str>,
    form: Form,
    valid_from: u64,
    valid_until: u64,
}

/// Makes the codes of a venue for the authority of a profile, whose number stands on papers in these
/// languages. Returns `NewVenue`, which holds the secret trace code: the page shows it, prints it, and
/// keeps it nowhere. [VEN-1] [WEB-9]
///
/// # Errors
/// Code `bad-form`.
#[wasm_bindgen]
pub fn set_up_venue(
    form: &str,
    profile: &[u8],
    languages: Vec<String>,
    now: f64,
) -> Result<String, Failure> {
    let form: Form = serde_json::from_str(form).map_err(Failure::of(Code::BadForm))?;
    let signed = SignedProfile::from_bytes(profile)?;
    let venue = form.venue(now)?;
    let (entry_code, trace_code) =
        noren::venue::set_up(venue, &signed.profile().upload_key, &mut rand::rng())?;
    let valid = entry_code.venue().valid();
    let trace_text: Zeroizing<String> = trace_code.to_text();
    let languages: Vec<&str> = languages.iter().map(String::as_str).collect();
    let new = NewVenue {
        entry_link: entry_code.to_url(&format!("{}/", signed.profile().url))?,
        trace_text: &trace_text,
        authority: Authority::of_profile(&signed),
        telephone: signed.profile().telephone(&languages),
        form,
        valid_from: times::seconds(valid.start()),
        valid_until: times::seconds(valid.end()),
    };
    Ok(serde_json::to_string(&new)?)
}

impl Form {
    fn venue(&self, now: f64) -> Result<Venue, Failure> {
        let bad = |detail: &dyn ToString| Failure::new(Code::BadForm, detail.to_string());
        let kind = self.kind.as_deref().map(str::parse::<VenueKind>).transpose();
        let room = Some(self.room.trim()).filter(|room| !room.is_empty()).map(str::to_owned);
        let details = kind
            .and_then(|kind| VenueDetails::new(kind, room, self.typical_stay_minutes))
            .map_err(|error| bad(&error))?;
        let now = times::now(now)?;
        let start = self.valid_from.map_or(Ok(Hour::containing(now).start()), times::time)?;
        let end = self.valid_until.map_or(Ok(start.plus(VALID_SECONDS)), times::time)?;
        let valid = Window::new(start, end).map_err(|error| bad(&error))?;
        // [CLI-30]
        if valid.end() <= now {
            return Err(bad(&"it is over already: nobody could check in any more"));
        }
        Venue::new(self.name.trim(), self.address.trim(), valid, details)
            .map_err(|error| bad(&error))
    }
}
