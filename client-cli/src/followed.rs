//! The authorities that a visitor or venue follows: their profiles, pinned by fingerprint.

mod conflict;

use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use noren::authority::profile::{Fingerprint, Profile, ReplaceError, SignedProfile};
use noren::time::UnixSeconds;

use crate::context::Context;
use crate::files;
use crate::http::Server;
use crate::output::Output;
use crate::refusal::RefusedProfile;
use crate::text::clean;
use crate::times;

pub(crate) use conflict::check_fingerprint;

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
}

impl Followed {
    pub(crate) fn new(context: &Context) -> Self {
        Self { folder: context.folder("authorities"), output: context.output }
    }

    /// Every pinned profile, in the order of their fingerprints.
    pub(crate) fn all(&self) -> anyhow::Result<Vec<SignedProfile>> {
        let mut all = self.stored()?;
        // [PRO-6] Where a command was cut off, the old pin still lies beside the new one.
        let before: Vec<Fingerprint> = all.iter().flat_map(SignedProfile::predecessors).collect();
        all.retain(|profile| !before.contains(&profile.profile().fingerprint()));
        Ok(all)
    }

    fn stored(&self) -> anyhow::Result<Vec<SignedProfile>> {
        let paths = files::list(&self.folder, "profile")?;
        paths.iter().map(|path| read_pinned(path)).collect()
    }

    /// Pins a profile. An update by the same authority takes the old one's place, and so does one
    /// with keys that the old ones handed over to; the same origin or server with other keys is
    /// refused.
    pub(crate) fn pin(&self, profile: &SignedProfile) -> anyhow::Result<Pinned> {
        // [CLI-4] [PRO-2] [PRO-5]
        let _lock = files::lock(&self.folder)?;
        let all = self.all()?;
        let fingerprint = profile.profile().fingerprint();
        let Some(known) = pinned_as(&all, profile) else {
            conflict::refuse(&all, profile)?;
            files::replace(&self.path(&fingerprint), profile.as_bytes())?;
            return Ok(Pinned::New);
        };
        let before = known.profile().fingerprint();
        match known.check_replacement(profile) {
            // [PRO-3]
            Err(ReplaceError::Older) if before == fingerprint => {
                return Ok(Pinned::Older { kept: known.profile().issued });
            }
            other => other.map_err(|error| RefusedProfile(refused(known, profile, error)))?,
        }
        // [PRO-6] [CLI-22] Told, then pinned, and the new pin is durable before the old one goes.
        if before != fingerprint {
            self.output.say_once(remark(profile.profile(), &before))?;
        }
        files::replace(&self.path(&fingerprint), profile.as_bytes())?;
        self.remove_predecessors(profile)?;
        Ok(Pinned::Known)
    }

    /// Forgets a profile.
    pub(crate) fn unpin(&self, profile: &SignedProfile) -> anyhow::Result<()> {
        let _lock = files::lock(&self.folder)?;
        self.remove_predecessors(profile)?;
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
    pub(crate) fn find(&self, name: Option<&str>) -> anyhow::Result<SignedProfile> {
        let all = self.all()?;
        let Some(name) = name else {
            return match all.as_slice() {
                [only] => Ok(only.clone()),
                [] => bail!(
                    "no authority is followed yet; follow one with `noren visitor follow`, or name one with --authority"
                ),
                _ => bail!("several authorities are followed; name one with --authority"),
            };
        };
        let digits = name.replace([' ', '-'], "").to_lowercase();
        let is_meant = |profile: &&SignedProfile| {
            let fingerprint = profile.profile().fingerprint().to_string().replace(' ', "");
            profile.profile().name == name
                || (digits.len() >= 4 && fingerprint.starts_with(&digits))
        };
        match all.iter().filter(is_meant).collect::<Vec<_>>().as_slice() {
            [only] => Ok((*only).clone()),
            [] => self.load(name, &all),
            _ => bail!(
                "{} could mean several followed authorities; give more of the fingerprint",
                clean(name)
            ),
        }
    }

    /// Fetches or reads a profile that is not followed, and refuses it where it contradicts one
    /// that is.
    fn load(&self, name: &str, all: &[SignedProfile]) -> anyhow::Result<SignedProfile> {
        let profile = if name.starts_with("http://") || name.starts_with("https://") {
            fetch(name)?
        } else {
            read_profile(Path::new(name))?
        };
        // [PRO-5]
        let Some(known) = pinned_as(all, &profile) else {
            conflict::refuse(all, &profile)?;
            return Ok(profile);
        };
        match known.check_replacement(&profile) {
            // [PRO-3] [CLI-25]
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

/// What is said of a profile that the pinned one is newer than.
fn older(known: &SignedProfile, offered: &SignedProfile) -> String {
    // [CLI-25]
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

/// Fetches the profile that a server serves. Nothing about it is trusted yet.
pub(crate) fn fetch(address: &str) -> anyhow::Result<SignedProfile> {
    let bytes = Server::new(address)?.get("v1/authority")?;
    SignedProfile::from_bytes(&bytes)
        .with_context(|| format!("{} serves no valid profile", clean(address)))
}

/// Reads a profile from a file. Nothing about it is trusted yet.
pub(crate) fn read_profile(path: &Path) -> anyhow::Result<SignedProfile> {
    let bytes = files::read_input(path)?;
    SignedProfile::from_bytes(&bytes)
        .with_context(|| format!("{} is no valid profile", path.display()))
}

fn read_pinned(path: &Path) -> anyhow::Result<SignedProfile> {
    let bytes = files::read(path)?.with_context(|| format!("{} is gone", path.display()))?;
    SignedProfile::from_bytes(&bytes)
        .with_context(|| format!("{} is no valid profile", path.display()))
}

/// The pinned profile of the same authority, by these keys or by some that led to them.
fn pinned_as<'a>(all: &'a [SignedProfile], profile: &SignedProfile) -> Option<&'a SignedProfile> {
    // [PRO-5]
    let mut known_as = profile.predecessors();
    known_as.push(profile.profile().fingerprint());
    all.iter().find(|known| known_as.contains(&known.profile().fingerprint()))
}
