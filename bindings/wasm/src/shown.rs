//! Notices: what they say in the visitor's language, and which of them were told.

use noren::messages::Level;
use noren::profile::Profile;
use noren::visitor::Exposure;
use serde::Serialize;
use wasm_bindgen::prelude::wasm_bindgen;

use crate::device::Device;
use crate::failure::{Code, Failure};
use crate::times;
use crate::venue::Venue;

/// `Notice` of the page.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Notice {
    id: String,
    news: Option<&'static str>,
    level: &'static str,
    authority: String,
    text: String,
    advice: String,
    message: String,
    contacts: Vec<ContactLine>,
    overlap_from: u64,
    overlap_to: u64,
    names_date: bool,
    time_zone: String,
    venue: Option<Venue>,
    received: u64,
}

#[derive(Serialize)]
struct ContactLine {
    label: String,
    value: String,
    hours: String,
}

/// The notices as they were when a screen got them. Only what somebody saw counts as told: a notice
/// that a look in another tab has changed meanwhile is news still.
#[wasm_bindgen]
pub struct Shown {
    exposures: Vec<Exposure>,
}

#[wasm_bindgen]
impl Device {
    /// Returns the notices of now, for [`Device::announce`].
    #[must_use]
    pub fn shown(&self) -> Shown {
        Shown { exposures: self.vault.exposures_told_of(&self.followed) }
    }

    /// Notes that the visitor has seen these of the notices that were shown.
    pub fn announce(&mut self, shown: &Shown, notices: Vec<String>) {
        // [CLI-21]
        let seen = shown.exposures.iter().filter(|each| notices.contains(&each.id.to_string()));
        seen.for_each(|exposure| self.vault.announce(exposure));
    }

    /// Stops showing a notice.
    ///
    /// # Errors
    /// Code `no-such-visit` where there is none of this id.
    pub fn dismiss(&mut self, notice: &str) -> Result<(), Failure> {
        let id = notice.parse().map_err(Failure::of(Code::NoSuchVisit))?;
        if self.vault.dismiss(id) {
            return Ok(());
        }
        Err(Failure::new(Code::NoSuchVisit, "there is no such notice"))
    }
}

impl Device {
    pub(crate) fn notices(&self, languages: &[String]) -> Vec<Notice> {
        let languages: Vec<&str> = languages.iter().map(String::as_str).collect();
        let exposures = self.vault.exposures_told_of(&self.followed);
        exposures.iter().map(|exposure| self.notice(exposure, &languages)).collect()
    }

    fn notice(&self, exposure: &Exposure, languages: &[&str]) -> Notice {
        let mut profiles = self.followed.iter().map(|pin| pin.profile().profile());
        let profile = profiles.find(|profile| profile.fingerprint() == exposure.authority);
        let text = profile.and_then(|profile| profile.text(exposure.level, languages));
        // [CLI-18] Beside a text that takes a notice back, its own words say nothing more.
        let says_more = exposure.level != Level::Withdrawn || text.is_none();
        // A notice that names no date gives none of its times away.
        let named = |time| if exposure.names_date { times::seconds(time) } else { 0 };
        Notice {
            id: exposure.id.to_string(),
            news: exposure.news.map(|news| news.name()),
            level: exposure.level.name(),
            authority: profile
                .map_or_else(|| exposure.authority.to_string(), |profile| profile.name.clone()),
            text: text.map(|own| own.text.clone()).unwrap_or_default(),
            advice: text.map(|own| own.advice.clone()).unwrap_or_default(),
            message: if says_more { exposure.message.clone() } else { String::new() },
            contacts: lines(profile, exposure.level, languages),
            overlap_from: named(exposure.overlap.start()),
            overlap_to: named(exposure.overlap.end()),
            names_date: exposure.names_date,
            time_zone: profile.map(|profile| profile.time_zone.clone()).unwrap_or_default(),
            venue: exposure.venue.as_ref().map(Venue::of_text),
            received: times::seconds(exposure.received),
        }
    }
}

fn lines(profile: Option<&Profile>, level: Level, languages: &[&str]) -> Vec<ContactLine> {
    let contacts = profile.map(|profile| profile.contacts(level, languages));
    let line = |contact: &noren::profile::Contact| ContactLine {
        label: contact.label.clone(),
        value: contact.value.clone(),
        hours: contact.hours.clone(),
    };
    contacts.into_iter().flatten().map(line).collect()
}
