//! The authorities that a visitor or venue follows: their profiles, pinned by fingerprint.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use noren::authority::profile::{Fingerprint, Profile, ReplaceError, SignedProfile};

use crate::context::Context;
use crate::http::Server;
use crate::text::clean;
use crate::{files, inspect};

/// What pinning a profile did.
pub(crate) enum Pinned {
    /// The authority was not followed before.
    New,
    /// It was.
    Known,
    /// It was, by keys that have been handed over since.
    HandedOver {
        /// The fingerprint that was pinned.
        before: Fingerprint,
    },
}

impl Pinned {
    /// What the person has to know about it.
    pub(crate) fn remark(&self, profile: &Profile) -> Option<String> {
        // [PRO-6]
        let Self::HandedOver { before } = self else { return None };
        Some(format!(
            "{} has new keys, signed with the old ones: the fingerprint was {before}, it is {} now",
            clean(&profile.name),
            profile.fingerprint()
        ))
    }
}

/// A folder of pinned profiles.
pub(crate) struct Followed {
    folder: PathBuf,
}

impl Followed {
    pub(crate) fn new(context: &Context) -> Self {
        Self { folder: context.folder("authorities") }
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
        let entries = match std::fs::read_dir(&self.folder) {
            Ok(entries) => entries,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(error).context("cannot list the followed authorities"),
        };
        let mut paths: Vec<PathBuf> = entries
            .map(|entry| entry.map(|entry| entry.path()))
            .collect::<Result<_, _>>()
            .context("cannot list the followed authorities")?;
        paths.retain(|path| path.extension().is_some_and(|extension| extension == "profile"));
        paths.sort();
        paths.iter().map(|path| read_profile(path)).collect()
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
            refuse_changed_keys(&all, profile)?;
            files::replace(&self.path(&fingerprint), profile.as_bytes())?;
            return Ok(Pinned::New);
        };
        let before = known.profile().fingerprint();
        match known.check_replacement(profile) {
            // [PRO-3]
            Err(ReplaceError::Older) if before == fingerprint => return Ok(Pinned::Known),
            other => other?,
        }
        // [PRO-6] The new pin is durable before the old one goes.
        files::replace(&self.path(&fingerprint), profile.as_bytes())?;
        self.remove_predecessors(profile)?;
        Ok(if before == fingerprint { Pinned::Known } else { Pinned::HandedOver { before } })
    }

    /// Forgets a profile.
    pub(crate) fn unpin(&self, profile: &SignedProfile) -> anyhow::Result<()> {
        let _lock = files::lock(&self.folder)?;
        self.remove_predecessors(profile)?;
        let path = self.path(&profile.profile().fingerprint());
        std::fs::remove_file(path).context("cannot forget the authority")
    }

    fn remove_predecessors(&self, profile: &SignedProfile) -> anyhow::Result<()> {
        for before in profile.predecessors() {
            match std::fs::remove_file(self.path(&before)) {
                Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                    return Err(error).context("cannot forget the authority's old keys");
                }
                _ => {}
            }
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
        if pinned_as(all, &profile).is_none() {
            refuse_changed_keys(all, &profile)?;
        }
        Ok(profile)
    }

    fn path(&self, fingerprint: &Fingerprint) -> PathBuf {
        self.folder.join(format!("{}.profile", hex::encode(fingerprint.as_bytes())))
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
    SignedProfile::from_bytes(&bytes).with_context(|| {
        let instead = inspect::instead_of("an authority profile", &bytes);
        let instead = instead.unwrap_or_else(|| "this is no valid profile".to_owned());
        format!("{}: {instead}", path.display())
    })
}

/// The pinned profile of the same authority, by these keys or by some that led to them.
fn pinned_as<'a>(all: &'a [SignedProfile], profile: &SignedProfile) -> Option<&'a SignedProfile> {
    // [PRO-5]
    let mut known_as = profile.predecessors();
    known_as.push(profile.profile().fingerprint());
    all.iter().find(|known| known_as.contains(&known.profile().fingerprint()))
}

fn refuse_changed_keys(all: &[SignedProfile], profile: &SignedProfile) -> anyhow::Result<()> {
    // [CLI-4] [PRO-2]
    let new = profile.profile();
    let same_place = |known: &&SignedProfile| {
        known.profile().origin == new.origin || known.profile().url == new.url
    };
    let given_up = |known: &&SignedProfile| known.predecessors().contains(&new.fingerprint());
    if let Some(known) = all.iter().find(given_up) {
        bail!(
            "{} has handed its keys over to {}, and this is a profile with keys from before ({}): \
             the server is behind, or holds news back. Try again later",
            clean(&known.profile().name),
            known.profile().fingerprint(),
            new.fingerprint(),
        );
    }
    if let Some(known) = all.iter().find(same_place) {
        bail!(
            "the keys of {} have changed: pinned is {}, offered is {}. This may be an impostor. \
             Ask the authority by another way; `noren visitor unfollow` forgets the old keys",
            clean(&known.profile().name),
            known.profile().fingerprint(),
            new.fingerprint(),
        );
    }
    Ok(())
}
