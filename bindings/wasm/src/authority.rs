//! Authorities: seen, pinned, followed no more.

use noren::log::{Witness, WitnessPolicy};
use noren::profile::{Fingerprint, ReplaceError};
use noren::{Pin, SignedProfile};
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
    witnesses: Option<Witnesses>,
}

/// `Witnesses` of the page.
#[derive(Serialize)]
struct Witnesses {
    least: usize,
    keys: Vec<String>,
}

impl Authority {
    pub(crate) fn of(pin: &Pin) -> Self {
        let asked = pin.witnesses().map(|policy| Witnesses {
            least: policy.fewest(),
            keys: policy.witnesses().map(Witness::verifier_key).collect(),
        });
        Self { witnesses: asked, ..Self::of_profile(pin.profile()) }
    }

    pub(crate) fn of_profile(signed: &SignedProfile) -> Self {
        let profile = signed.profile();
        Self {
            name: profile.name.clone(),
            url: profile.url.clone(),
            fingerprint: profile.fingerprint().to_string(),
            time_zone: profile.time_zone.clone(),
            origin: profile.origin.as_str().to_owned(),
            witnesses: None,
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
    Ok(serde_json::to_string(&Authority::of_profile(&SignedProfile::from_bytes(profile)?))?)
}

/// Returns whom [`Device::pinned`] follows, as `Authority`.
///
/// # Errors
/// Code `refused-log` for bytes that were not kept so.
#[wasm_bindgen]
pub fn see_kept(pin: &[u8]) -> Result<String, Failure> {
    Ok(serde_json::to_string(&Authority::of(&Pin::from_bytes(pin)?))?)
}

#[wasm_bindgen]
impl Device {
    /// Takes what [`Device::pinned`] gave for the pin that it is.
    ///
    /// # Errors
    /// Code `refused-log` for what is no valid pin, contradicts another one, or is one too many.
    pub fn pin_kept(&mut self, pin: &[u8]) -> Result<(), Failure> {
        // [WEB-23]
        self.pin(Pin::from_bytes(pin)?, true).map(|_| ())
    }

    /// Returns the profile by whose rules an owner sets up and answers: that of the page's own
    /// authority (`own`), or of the first that is followed. What a server hands out takes the place
    /// of what was pinned only where it may, and one that has a place in the log only with the next
    /// reading; the device is dropped afterwards. `None` where nobody is known.
    ///
    /// # Errors
    /// Code `refused-log` where `own` is no valid profile, or contradicts a pinned one.
    pub fn profile_for_owner(&mut self, own: Option<Vec<u8>>) -> Result<Option<Vec<u8>>, Failure> {
        // [PRO-2] [PRO-3] [PRO-5] [WEB-13]
        let Some(own) = own else { return Ok(self.profile_at(0)) };
        let signed = SignedProfile::from_bytes(&own)?;
        let place = self.pin(Pin::new(signed), false)?;
        Ok(self.profile_at(place))
    }

    /// Returns how many authorities are followed.
    #[must_use]
    pub fn followed(&self) -> usize {
        self.followed.len()
    }

    /// Returns the bytes of a pin, to keep: the profile, and the witnesses that are asked for.
    #[must_use]
    pub fn pinned(&self, place: usize) -> Option<Vec<u8>> {
        self.followed.get(place).and_then(|pin| pin.to_bytes().ok())
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
        self.pin(Pin::new(signed), false).map(|_| ())
    }

    /// Asks that at least so many of these witnesses have seen an authority's log: verifier keys,
    /// apart by spaces or lines. Without keys, none are asked for any more.
    ///
    /// # Errors
    /// Code `other-authority` where it is not followed; `bad-form` where that is no policy.
    pub fn ask_witnesses(
        &mut self,
        fingerprint: &str,
        least: usize,
        keys: &str,
    ) -> Result<(), Failure> {
        // [WEB-26] [LOG-21]
        let place = self.place_of(fingerprint)?;
        let Some(pin) = self.followed.get_mut(place) else { return Ok(()) };
        let plain = Pin::new(pin.profile().clone());
        let mut witnesses = Vec::new();
        for key in keys.split_whitespace() {
            let no_key = || Failure::new(Code::BadForm, format!("{key} is no key of a witness"));
            witnesses.push(Witness::from_verifier_key(key).ok_or_else(no_key)?);
        }
        *pin = if witnesses.is_empty() {
            plain
        } else {
            let policy = WitnessPolicy::of(least, &witnesses);
            plain.asking_for(policy.map_err(Failure::of(Code::BadForm))?)?
        };
        Ok(())
    }

    /// Stops following an authority: its keys and its notices are forgotten.
    ///
    /// # Errors
    /// Code `other-authority` where it is not followed.
    pub fn unfollow(&mut self, fingerprint: &str) -> Result<(), Failure> {
        let place = self.place_of(fingerprint)?;
        let pin = self.followed.remove(place);
        let signed = pin.profile();
        let keys = signed.predecessors().into_iter().chain([signed.profile().fingerprint()]);
        keys.for_each(|keys| self.vault.unfollow(&keys));
        Ok(())
    }
}

impl Device {
    /// Pins an authority. A newer profile of the same one takes the old one's place, by the same keys
    /// or by keys that these handed over to; other keys in the same place are refused. One that has a
    /// place in the log takes it only where the log was read (`is_read`). The witnesses that were asked
    /// for stay. Returns the place among the followed.
    pub(crate) fn pin(&mut self, pin: Pin, is_read: bool) -> Result<usize, Failure> {
        // [PRO-3] [PRO-5] [LOG-24]
        let offered = pin.profile();
        let found = offered.profile().fingerprint();
        let mut names = offered.predecessors();
        names.push(found);
        let is_known =
            |(_, known): &(_, &mut Pin)| names.contains(&known.profile().profile().fingerprint());
        if let Some((place, known)) = self.followed.iter_mut().enumerate().find(is_known) {
            return match known.profile().check_replacement(offered) {
                // [PRO-13] The next reading takes it, once the log tells of it.
                Ok(()) if !is_read && offered.profile().log_index.is_some() => Ok(place),
                Ok(()) => Ok(known.renew(offered.clone()).map(|()| place)?),
                Err(ReplaceError::Older) if known.profile().profile().fingerprint() == found => {
                    Ok(place)
                }
                Err(error) => Err(error.into()),
            };
        }
        let mut others = self.followed.iter().map(Pin::profile);
        if let Some(known) = others.find(|known| contradicts(known, offered)) {
            let (name, pinned) = (&known.profile().name, known.profile().fingerprint());
            let detail =
                format!("the keys of {name} have changed: pinned is {pinned}, not {found}");
            return Err(Failure::new(Code::RefusedLog, detail));
        }
        if self.followed.len() == MOST {
            let detail = format!("a device follows at most {MOST} authorities");
            return Err(Failure::new(Code::RefusedLog, detail));
        }
        self.followed.push(pin);
        Ok(self.followed.len() - 1)
    }

    /// The profile of the authority at a place.
    fn profile_at(&self, place: usize) -> Option<Vec<u8>> {
        self.followed.get(place).map(|pin| pin.profile().as_bytes().to_vec())
    }

    /// Where the authority with this fingerprint stands among the followed.
    pub(crate) fn place_of(&self, fingerprint: &str) -> Result<usize, Failure> {
        let is_it = |pin: &Pin| pin.profile().profile().fingerprint().to_string() == fingerprint;
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
