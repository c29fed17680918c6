//! Reads a code that was scanned. Nothing is kept and nothing sent to learn what it says.

use noren::messages::EntryCode;
use noren::request::ServerAddress;
use noren::text::trimmed;
use noren::{Pin, SignedProfile, TraceCode};
use serde::Serialize;
use wasm_bindgen::prelude::wasm_bindgen;

use crate::device::Device;
use crate::failure::{Code, Failure};
use crate::times;
use crate::venue::Venue;

/// `Poster` of the page.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Poster<'a> {
    link: &'a str,
    venue: Venue,
    authority: Option<&'a str>,
    valid_from: u64,
    valid_until: u64,
    is_valid_now: bool,
    typical_stay: Option<u64>,
    open_visit: Option<String>,
}

#[wasm_bindgen]
impl Device {
    /// Reads a link. `own` is the profile of the page's own authority, where it is known. Returns
    /// `Poster`.
    ///
    /// # Errors
    /// Codes `not-a-code`, `private-code`.
    pub fn read_poster(
        &self,
        link: &str,
        own: Option<Vec<u8>>,
        now: f64,
    ) -> Result<String, Failure> {
        // [WEB-2]
        let code = entry_code(link)?;
        let own = own.map(|bytes| SignedProfile::from_bytes(&bytes)).transpose()?;
        let authority = self
            .warns_of(&code, link)
            .or_else(|| own.as_ref().filter(|own| warns(own, &code, link)));
        let (venue, now) = (code.venue(), times::now(now)?);
        let at_venue = |payload: &EntryCode| payload.as_bytes() == code.as_bytes();
        let open = self.vault.open_visits().iter();
        let mut here = open.filter(|visit| visit.entry_code().is_ok_and(|code| at_venue(&code)));
        let poster = Poster {
            link: trimmed(link),
            venue: Venue::of(venue),
            authority: authority.map(|signed| signed.profile().name.as_str()),
            valid_from: times::seconds(venue.valid().start()),
            valid_until: times::seconds(venue.valid().end()),
            is_valid_now: code.is_valid_at(now),
            typical_stay: venue.details().stay_minutes().map(|minutes| u64::from(minutes) * 60),
            open_visit: here
                .find(|visit| visit.automatic_departure() > now)
                .map(|visit| visit.id().to_string()),
        };
        Ok(serde_json::to_string(&poster)?)
    }
}

impl Device {
    /// The followed authority that would warn of a venue, as far as its code tells.
    pub(crate) fn warns_of(&self, code: &EntryCode, link: &str) -> Option<&SignedProfile> {
        self.followed.iter().map(Pin::profile).find(|signed| warns(signed, code, link))
    }
}

/// The entry code in a link. Whoever scanned a private code instead is told so.
pub(crate) fn entry_code(link: &str) -> Result<EntryCode, Failure> {
    // [PST-6]
    let link = trimmed(link);
    if TraceCode::from_text(link).is_ok() {
        let detail = "this is a venue's private trace code, not its entry code";
        return Err(Failure::new(Code::PrivateCode, detail));
    }
    EntryCode::from_url(link).map_err(Failure::of(Code::NotACode))
}

/// Whether an authority is the one that would warn of a venue: by its key in a patient case's code,
/// else by the address that the link leads to.
pub(crate) fn warns(signed: &SignedProfile, code: &EntryCode, link: &str) -> bool {
    // [VIS-9] [CLI-7]
    let profile = signed.profile();
    if profile.patient_master_key.as_ref() == Some(code.master_public_key()) {
        return true;
    }
    let base = trimmed(link).split(['?', '#']).next().unwrap_or_default();
    let (Some((scheme, _)), Some((own_scheme, _))) =
        (base.split_once("://"), profile.url.split_once("://"))
    else {
        return false;
    };
    let base = base.replacen(scheme, &scheme.to_ascii_lowercase(), 1);
    let (Some(there), Some(own)) = (ServerAddress::new(&base), ServerAddress::new(&profile.url))
    else {
        return false;
    };
    // A path that only begins with the same letters is another's.
    let below = |address: &ServerAddress| format!("{}/", address.path("").trim_end_matches('/'));
    scheme.eq_ignore_ascii_case(own_scheme)
        && there.authority() == own.authority()
        && below(&there).starts_with(&below(&own))
}
