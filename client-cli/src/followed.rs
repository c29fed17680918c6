//! The authorities that a visitor or venue follows: their profiles, pinned by fingerprint.

mod changes;
mod conflict;
mod damaged_pin;
mod digits;
mod witnesses;

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::{Context as _, bail};
use noren::log::WitnessPolicy;
use noren::profile::{Fingerprint, Pin, Profile, ReplaceError, SignedProfile};
use noren::time::UnixSeconds;

use crate::context::Context;
use crate::errors::words;
use crate::http;
use crate::log_files::check_in_log;
pub(crate) use crate::log_files::{fetch_newer, fetch_profile as fetch};
use crate::output::Output;
use crate::text::{clean, clean_path};
use crate::{files, identify, times};

pub(crate) use conflict::{RefusedProfile, check_fingerprint};
pub(crate) use damaged_pin::DamagedPin;
pub(crate) use digits::instead_of_address;
use digits::{begins_with, digits_of};
pub(crate) use witnesses::AskedWitnesses;

/// What pinning a profile did.
pub(crate) enum Pinned {
    /// The authority was not followed before.
    New,
    /// It was, or its keys led to these, which the person was told.
    Known,
    /// It was, by a profile that was issued later, which stays.
    Older {
        /// When the profile that stays was issued.
        kept: UnixSeconds,
    },
}

/// What the person has to know of new keys.
fn remark(profile: &Profile, before: &Fingerprint) -> String {
    // [PRO-6]
    format!(
        "{} has new keys, signed with the old ones: the fingerprint was {before}, it is {} now",
        clean(&profile.name),
        profile.fingerprint()
    )
}

/// A folder of pinned profiles.
pub(crate) struct Followed {
    folder: PathBuf,
    output: Output,
    clock: Box<dyn Fn() -> anyhow::Result<UnixSeconds>>,
}

/// The shortest beginning of a fingerprint by which a followed authority is meant.
const LEAST_DIGITS: usize = 4;

impl Followed {
    pub(crate) fn new(context: &Context) -> Self {
        let (folder, clock) = (context.folder("authorities"), Box::new(context.clock()));
        Self { folder, output: context.output, clock }
    }

    /// Every pinned profile that is sound, in the order of their fingerprints. One that is damaged
    /// stops nothing; what mends it is said.
    pub(crate) fn all(&self) -> Vec<SignedProfile> {
        let (all, damaged) = self.stored();
        // [CLI-26] Once is enough in the course of one command.
        static SAID: AtomicBool = AtomicBool::new(false);
        if !damaged.is_empty() && !SAID.swap(true, Ordering::Relaxed) {
            damaged.iter().for_each(|pin| self.output.say(pin.words()));
        }
        all
    }

    /// The pins that are damaged.
    pub(crate) fn damaged(&self) -> Vec<DamagedPin> {
        self.stored().1
    }

    /// Whether any authority is followed, be its pin damaged.
    pub(crate) fn any(&self) -> bool {
        !self.all().is_empty() || !self.damaged().is_empty()
    }

    fn stored(&self) -> (Vec<SignedProfile>, Vec<DamagedPin>) {
        let (mut all, mut damaged) = (Vec::new(), Vec::new());
        let pin = |path: &Path, is_folder, error: &anyhow::Error| DamagedPin {
            path: path.to_owned(),
            why: words(error),
            is_folder,
        };
        let paths = files::list(&self.folder, "profile").unwrap_or_else(|error| {
            damaged.push(pin(&self.folder, true, &error));
            Vec::new()
        });
        for path in paths {
            match self.read_pin(&path) {
                Ok(profile) => all.push(profile),
                Err(error) => damaged.push(pin(&path, false, &error)),
            }
        }
        // [PRO-6] Where a command was cut off, the old pin still lies beside the new one.
        let before: Vec<Fingerprint> = all.iter().flat_map(SignedProfile::predecessors).collect();
        all.retain(|profile| !before.contains(&profile.profile().fingerprint()));
        damaged.retain(|pin| !before.iter().any(|before| self.path(before) == pin.path));
        (all, damaged)
    }

    fn read_pin(&self, path: &Path) -> anyhow::Result<SignedProfile> {
        let bytes = files::read(path)?.context("the file is gone")?;
        let profile = SignedProfile::from_bytes(&bytes).context("no valid profile")?;
        let own = self.path(&profile.profile().fingerprint()) == path;
        anyhow::ensure!(own, "the profile of another authority");
        Ok(profile)
    }

    /// Pins a profile. An update by the same authority takes the old one's place, and so does one
    /// with keys that the old ones handed over to, once the log tells of it; the same origin or server
    /// with other keys is refused.
    pub(crate) fn pin(&self, profile: &SignedProfile) -> anyhow::Result<Pinned> {
        self.pin_asking(profile, None)
    }

    /// As [`Followed::pin`], with the witnesses that are asked for from then on: they are kept before
    /// anybody could read the log without them.
    pub(crate) fn pin_asking(
        &self,
        profile: &SignedProfile,
        witnesses: Option<&WitnessPolicy>,
    ) -> anyhow::Result<Pinned> {
        // [PRO-13]
        if let Some(known) = self.pinned_as(profile)
            && profile.profile().log_index.is_some()
            && known != *profile
            && known.check_replacement(profile).is_ok()
        {
            // [LOG-21] The head that tells of it is seen by those who are asked for.
            let asked = match witnesses {
                Some(policy) => Some(policy.clone()),
                None => self.pin_of(&known)?.witnesses().cloned(),
            };
            check_in_log(&Pin::kept(profile.clone(), asked), (self.clock)()?)?;
        }
        self.pin_told(profile, witnesses)
    }

    /// The pinned profile of the same authority, by these keys or by some that led to them.
    pub(crate) fn pinned_as(&self, profile: &SignedProfile) -> Option<SignedProfile> {
        pinned_as(&self.all(), profile).cloned()
    }

    /// Refuses a profile that may not be pinned, whatever the log tells.
    pub(crate) fn check(&self, profile: &SignedProfile) -> anyhow::Result<()> {
        let all = self.all();
        let Some(known) = pinned_as(&all, profile) else { return conflict::refuse(&all, profile) };
        match known.check_replacement(profile) {
            // [PRO-3]
            Err(ReplaceError::Older)
                if known.profile().fingerprint() == profile.profile().fingerprint() =>
            {
                Ok(())
            }
            other => Ok(other.map_err(|error| RefusedProfile(refused(known, profile, error)))?),
        }
    }

    /// Pins a profile that the log has told of, or that has no place there.
    pub(crate) fn pin_as_read(&self, profile: &SignedProfile) -> anyhow::Result<Pinned> {
        self.pin_told(profile, None)
    }

    fn pin_told(
        &self,
        profile: &SignedProfile,
        witnesses: Option<&WitnessPolicy>,
    ) -> anyhow::Result<Pinned> {
        // [CLI-4] [PRO-2] [PRO-5] [CLI-60]
        let _lock = files::lock(&self.folder)?;
        let (all, damaged) = self.stored();
        let fingerprint = profile.profile().fingerprint();
        let Some(known) = pinned_as(&all, profile) else {
            conflict::refuse(&all, profile)?;
            return self.pin_anew(profile, witnesses, &damaged);
        };
        let before = known.profile().fingerprint();
        match known.check_replacement(profile) {
            // [PRO-3]
            Err(ReplaceError::Older) if before == fingerprint => {
                self.keep_witnesses(witnesses, profile)?;
                return Ok(Pinned::Older { kept: known.profile().issued });
            }
            other => other.map_err(|error| RefusedProfile(refused(known, profile, error)))?,
        }
        // [PRO-6] [CLI-21] Told, then pinned, and the new pin is durable before the old one goes.
        if before != fingerprint {
            self.output.say_once(remark(profile.profile(), &before))?;
        }
        // [PRO-11]
        if let Some(words) = changes::words(known.profile(), profile.profile()) {
            self.output.say_once(words)?;
        }
        self.keep_witnesses(witnesses, profile)?;
        files::replace(&self.path(&fingerprint), profile.as_bytes())?;
        self.remove_predecessors(profile)?;
        Ok(Pinned::Known)
    }

    /// Pins a profile that no sound pin speaks of. Where a damaged one was its own, this mends it.
    fn pin_anew(
        &self,
        profile: &SignedProfile,
        witnesses: Option<&WitnessPolicy>,
        damaged: &[DamagedPin],
    ) -> anyhow::Result<Pinned> {
        // [CLI-26] [PRO-5]
        let mut known_as = profile.predecessors();
        known_as.push(profile.profile().fingerprint());
        let is_own = |pin: &&DamagedPin| known_as.iter().any(|name| self.path(name) == pin.path);
        let own: Vec<_> = damaged.iter().filter(is_own).collect();
        if let (Some(pin), true) = (damaged.first(), own.is_empty()) {
            // Nobody can tell whose pin it was: these may be other keys of the same authority.
            bail!("no other authority can be followed yet: {}", pin.words());
        }
        self.keep_witnesses(witnesses, profile)?;
        own.iter().try_for_each(|pin| remove_pin(&pin.path))?;
        files::replace(&self.path(&profile.profile().fingerprint()), profile.as_bytes())?;
        Ok(if own.is_empty() { Pinned::New } else { Pinned::Known })
    }

    /// The damaged pin whose fingerprint begins so, with that fingerprint; `None` where no damaged pin
    /// is meant.
    pub(crate) fn damaged_named(&self, name: &str) -> Option<(DamagedPin, Option<Fingerprint>)> {
        // [CLI-26]
        let digits = digits_of(name).filter(|digits| digits.len() >= LEAST_DIGITS)?;
        let is_meant = |pin: &DamagedPin| pin.digits().starts_with(&digits);
        let mut meant = self.damaged().into_iter().filter(is_meant);
        let (Some(only), None) = (meant.next(), meant.next()) else { return None };
        let mut fingerprint = [0; 32];
        let known = hex::decode_to_slice(only.digits(), &mut fingerprint).is_ok();
        Some((only, known.then(|| Fingerprint::from_bytes(fingerprint))))
    }

    /// Forgets a damaged pin.
    pub(crate) fn unpin_damaged(&self, pin: &DamagedPin) -> anyhow::Result<()> {
        // [CLI-26]
        let _lock = files::lock(&self.folder)?;
        remove_pin(&pin.path)
    }

    /// The pinned profile that a served one is to be held against: of the same authority, or of one
    /// with the same name or address or with keys that came later.
    pub(crate) fn contradicted(
        &self,
        served: &SignedProfile,
    ) -> anyhow::Result<Option<SignedProfile>> {
        let (all, new) = (self.all(), served.profile());
        let known = pinned_as(&all, served).or_else(|| {
            all.iter().find(|known| {
                known.predecessors().contains(&new.fingerprint())
                    || known.profile().origin == new.origin
                    || known.profile().url == new.url
            })
        });
        Ok(known.cloned())
    }

    /// Forgets a profile.
    pub(crate) fn unpin(&self, profile: &SignedProfile) -> anyhow::Result<()> {
        let _lock = files::lock(&self.folder)?;
        self.remove_predecessors(profile)?;
        self.forget_witnesses(profile)?;
        let path = self.path(&profile.profile().fingerprint());
        files::remove(&path).context("cannot forget the authority")
    }

    fn remove_predecessors(&self, profile: &SignedProfile) -> anyhow::Result<()> {
        for before in profile.predecessors() {
            let path = self.path(&before);
            files::remove(&path).context("cannot forget the authority's old keys")?;
        }
        Ok(())
    }

    /// The profile that `name` means: an address, a file, or the beginning of a followed
    /// authority's name or fingerprint. With no name, the only one that is followed.
    pub(crate) fn find(&self, name: Option<&OsStr>) -> anyhow::Result<SignedProfile> {
        let all = self.all();
        let Some(name) = name else {
            return match all.as_slice() {
                _ if !self.damaged().is_empty() => {
                    bail!("several authorities are followed; name one with --authority")
                }
                [only] => Ok(only.clone()),
                [] => bail!(
                    "no authority is followed yet; follow one with `noren visitor follow`, or name one with --authority"
                ),
                _ => bail!("several authorities are followed; name one with --authority"),
            };
        };
        // [CLI-40] Names and fingerprints are UTF-8; names of files need not be.
        let digits = digits_of(&name.to_string_lossy());
        let digits = digits.filter(|digits| digits.len() >= LEAST_DIGITS);
        let is_meant = |profile: &&SignedProfile| {
            let fingerprint = profile.profile().fingerprint();
            // [CLI-4] Nobody gets what was meant for another by calling itself like its address.
            (name == profile.profile().name.as_str()
                && !name.to_str().is_some_and(http::is_address))
                || digits.as_ref().is_some_and(|digits| begins_with(&fingerprint, digits))
        };
        match all.iter().filter(is_meant).collect::<Vec<_>>().as_slice() {
            [only] => Ok((*only).clone()),
            [] if is_only_a_name(name) => bail!(
                "no authority that is followed has the name or fingerprint {0}, and there is no file \
                 {0}; `noren visitor follow` follows one",
                clean_path(name.as_ref())
            ),
            [] => self.load(name, &all),
            _ => bail!(
                "{} could mean several followed authorities; give more of the fingerprint",
                clean_path(name.as_ref())
            ),
        }
    }

    /// As [`Followed::find`], for whoever hands something over to the authority, or makes something
    /// for it: the keys are kept from the first time on, and its fingerprint is said then.
    pub(crate) fn find_and_keep(&self, name: Option<&OsStr>) -> anyhow::Result<SignedProfile> {
        // [CLI-4]
        let profile = self.find(name)?;
        self.keep(&profile)?;
        Ok(profile)
    }

    /// Keeps the keys of what [`Followed::find`] has found, and says their fingerprint the first time.
    pub(crate) fn keep(&self, profile: &SignedProfile) -> anyhow::Result<()> {
        // [CLI-4]
        if matches!(self.pin(profile)?, Pinned::New) {
            self.output.say(format!(
                "the keys of {} are kept from now on; fingerprint: {}. Compare it with what the \
                 authority prints",
                clean(&profile.profile().name),
                profile.profile().fingerprint()
            ));
        }
        Ok(())
    }

    /// Fetches or reads a profile that is not followed, and refuses it where it contradicts one
    /// that is.
    fn load(&self, name: &OsStr, all: &[SignedProfile]) -> anyhow::Result<SignedProfile> {
        let profile = match name.to_str().filter(|text| http::is_address(text)) {
            Some(address) => fetch(address)?,
            None => read_profile(name.as_ref())?,
        };
        // [PRO-5]
        let Some(known) = pinned_as(all, &profile) else {
            conflict::refuse(all, &profile)?;
            return Ok(profile);
        };
        match known.check_replacement(&profile) {
            // [PRO-3] [CLI-24]
            Err(ReplaceError::Older) => {
                self.output.say(older(known, &profile));
                Ok(known.clone())
            }
            _ => Ok(profile),
        }
    }

    fn path(&self, fingerprint: &Fingerprint) -> PathBuf {
        self.folder.join(format!("{}.profile", hex::encode(fingerprint.as_bytes())))
    }
}

/// Whether this can be neither an address nor a file with a profile.
fn is_only_a_name(name: &OsStr) -> bool {
    let is_address = name.to_str().is_some_and(http::is_address);
    name != "-" && !is_address && !files::is_there(Path::new(name))
}

/// What is said of a profile that the pinned one is newer than.
fn older(known: &SignedProfile, offered: &SignedProfile) -> String {
    // [CLI-24]
    format!(
        "this profile of {} is of {}; the one that is followed is newer ({}), and stays",
        clean(&known.profile().name),
        times::rfc3339(offered.profile().issued),
        times::rfc3339(known.profile().issued)
    )
}

/// Why a profile of the same authority does not take the pinned one's place.
fn refused(known: &SignedProfile, offered: &SignedProfile, error: ReplaceError) -> String {
    match error {
        ReplaceError::Older => older(known, offered),
        other => other.to_string(),
    }
}

/// Removes what lies in the place of a pin, be it a file or an empty folder.
fn remove_pin(path: &Path) -> anyhow::Result<()> {
    let is_folder = path.symlink_metadata().is_ok_and(|there| there.is_dir());
    let removed = if is_folder { std::fs::remove_dir(path) } else { std::fs::remove_file(path) };
    removed.with_context(|| format!("cannot remove {}; do it by hand", path.display()))
}

/// Reads a profile from a file. Nothing about it is trusted yet.
pub(crate) fn read_profile(path: &Path) -> anyhow::Result<SignedProfile> {
    let bytes = files::read_input(path, "AUTHORITY")?;
    let otherwise = "this is no valid profile";
    SignedProfile::from_bytes(&bytes).map_err(|error| {
        identify::misplaced("an authority profile", otherwise, Some(path), &bytes, error)
    })
}

/// The pinned profile of the same authority, by these keys or by some that led to them.
fn pinned_as<'a>(all: &'a [SignedProfile], profile: &SignedProfile) -> Option<&'a SignedProfile> {
    // [PRO-5]
    let mut known_as = profile.predecessors();
    known_as.push(profile.profile().fingerprint());
    all.iter().find(|known| known_as.contains(&known.profile().fingerprint()))
}
