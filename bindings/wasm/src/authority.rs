//! Authorities: seen, pinned, followed no more.

use noren::SignedProfile;
use noren::profile::{Fingerprint, ReplaceError};
use serde::Serialize;
use wasm_bindgen::prelude::wasm_bindgen;

use crate::device::Device;
use crate::failure::{Code, Failure};

/// The most authorities that a device follows: each is asked at every look.
const MOST: usize = 64;

/// `Authority` of the page, with the origin by which the worker keeps the files of its log.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Authority {
    name: String,
    url: String,
    fingerprint: String,
    time_zone: String,
    origin: String,
}

impl Authority {
    pub(crate) fn of(signed: &SignedProfile) -> Self {
        let profile = signed.profile();
        Self {
            name: profile.name.clone(),
            url: profile.url.clone(),
            fingerprint: profile.fingerprint().to_string(),
            time_zone: profile.time_zone.clone(),
            origin: profile.origin.as_str().to_owned(),
        }
    }
}

/// Returns who signed a profile, as `Authority`. Nothing about it is trusted yet.
///
/// # Errors
/// Code `refused-log` for what is no valid profile.
#[wasm_bindgen]
pub fn see_authority(profile: &[u8]) -> Result<String, Failure> {
    // [PRO-1]
    Ok(serde_json::to_string(&Authority::of(&SignedProfile::from_bytes(profile)?))?)
}

#[wasm_bindgen]
impl Device {
    /// Takes a profile that was kept for the pinned one that it is.
    ///
    /// # Errors
    /// Code `refused-log` for what is no valid profile, contradicts another one, or is one too many.
    pub fn pin_kept(&mut self, profile: &[u8]) -> Result<(), Failure> {
        // [WEB-23]
        self.pin(SignedProfile::from_bytes(profile)?, true)
    }

    /// Returns the profile by whose rules an owner sets up and answers: that of the page's own
    /// authority (`own`), or of the first that is followed. What a server hands out takes the place
    /// of what was pinned only where it may; the device is dropped afterwards. `None` where nobody is
    /// known.
    ///
    /// # Errors
    /// Code `refused-log` where `own` is no valid profile, or contradicts a pinned one.
    pub fn profile_for_owner(&mut self, own: Option<Vec<u8>>) -> Result<Option<Vec<u8>>, Failure> {
        // [PRO-2] [PRO-3] [PRO-5] [WEB-13]
        let Some(own) = own else { return Ok(self.pinned(0)) };
        let signed = SignedProfile::from_bytes(&own)?;
        let fingerprint = signed.profile().fingerprint().to_string();
        self.pin(signed, false)?;
        Ok(self.pinned(self.place_of(&fingerprint)?))
    }

    /// Returns how many authorities are followed.
    #[must_use]
    pub fn followed(&self) -> usize {
        self.followed.len()
    }

    /// Returns the bytes of a pinned profile, to keep.
    #[must_use]
    pub fn pinned(&self, place: usize) -> Option<Vec<u8>> {
        self.followed.get(place).map(|signed| signed.as_bytes().to_vec())
    }

    /// Follows an authority whose fingerprint somebody has seen, or the page's own (`None`).
    ///
    /// # Errors
    /// Codes `wrong-fingerprint`, `refused-log`.
    pub fn follow(&mut self, profile: &[u8], fingerprint: Option<String>) -> Result<(), Failure> {
        // [PRO-2] [PRO-5]
        let signed = SignedProfile::from_bytes(profile)?;
        let found = signed.profile().fingerprint();
        if let Some(wanted) = fingerprint
            && wanted != found.to_string()
        {
            let detail = format!("this authority's fingerprint is {found}, not {wanted}");
            return Err(Failure::new(Code::WrongFingerprint, detail));
        }
        self.pin(signed, false)
    }

    /// Stops following an authority: its keys and its notices are forgotten.
    ///
    /// # Errors
    /// Code `other-authority` where it is not followed.
    pub fn unfollow(&mut self, fingerprint: &str) -> Result<(), Failure> {
        let place = self.place_of(fingerprint)?;
        let signed = self.followed.remove(place);
        let keys = signed.predecessors().into_iter().chain([signed.profile().fingerprint()]);
        keys.for_each(|keys| self.vault.unfollow(&keys));
        Ok(())
    }
}

impl Device {
    /// Pins a profile. A newer one of the same authority takes the old one's place, by the same keys
    /// or by keys that these handed over to; other keys in the same place are refused. One that has a
    /// place in the log takes it only where the log was read (`is_read`).
    pub(crate) fn pin(&mut self, offered: SignedProfile, is_read: bool) -> Result<(), Failure> {
        // [PRO-3] [PRO-5]
        let found = offered.profile().fingerprint();
        let mut names = offered.predecessors();
        names.push(found);
        let is_known = |known: &&mut SignedProfile| names.contains(&known.profile().fingerprint());
        if let Some(known) = self.followed.iter_mut().find(is_known) {
            return match known.check_replacement(&offered) {
                // [PRO-13] The next reading takes it, once the log tells of it.
                Ok(()) if !is_read && offered.profile().log_index.is_some() => Ok(()),
                Ok(()) => {
                    *known = offered;
                    Ok(())
                }
                Err(ReplaceError::Older) if known.profile().fingerprint() == found => Ok(()),
                Err(error) => Err(error.into()),
            };
        }
        if let Some(known) = self.followed.iter().find(|known| contradicts(known, &offered)) {
            let (name, pinned) = (&known.profile().name, known.profile().fingerprint());
            let detail =
                format!("the keys of {name} have changed: pinned is {pinned}, not {found}");
            return Err(Failure::new(Code::RefusedLog, detail));
        }
        if self.followed.len() == MOST {
            let detail = format!("a device follows at most {MOST} authorities");
            return Err(Failure::new(Code::RefusedLog, detail));
        }
        self.followed.push(offered);
        Ok(())
    }

    /// Where the authority with this fingerprint stands among the followed.
    pub(crate) fn place_of(&self, fingerprint: &str) -> Result<usize, Failure> {
        let is_it =
            |signed: &SignedProfile| signed.profile().fingerprint().to_string() == fingerprint;
        let place = self.followed.iter().position(is_it);
        place.ok_or_else(|| Failure::new(Code::OtherAuthority, "this authority is not followed"))
    }
}

/// Whether a profile takes the place or the keys of a pinned one that did not lead to it.
fn contradicts(known: &SignedProfile, offered: &SignedProfile) -> bool {
    // [PRO-2] [PRO-5]
    let (old, new) = (known.profile(), offered.profile());
    let ancestors: Vec<Fingerprint> = known.predecessors();
    ancestors.contains(&new.fingerprint())
        || ancestors.iter().any(|before| offered.predecessors().contains(before))
        || old.origin == new.origin
        || old.url == new.url
}
