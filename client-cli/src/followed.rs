//! The authorities that a visitor or venue follows: their profiles, pinned by fingerprint.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use noren::authority::profile::{Fingerprint, ReplaceError, SignedProfile};

use crate::context::Context;
use crate::files;
use crate::http::Server;
use crate::text::clean;

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

    /// Pins a profile; whether it was new. An update by the same authority takes the old one's
    /// place; the same origin or server with other keys is refused.
    pub(crate) fn pin(&self, profile: &SignedProfile) -> anyhow::Result<bool> {
        // [CLI-4] [PRO-2]
        let _lock = files::lock(&self.folder)?;
        let all = self.all()?;
        let fingerprint = profile.profile().fingerprint();
        let known = all.iter().find(|known| known.profile().fingerprint() == fingerprint);
        if let Some(known) = known {
            match known.check_replacement(profile) {
                // [PRO-3]
                Err(ReplaceError::Older) => return Ok(false),
                other => other?,
            }
        } else {
            refuse_changed_keys(&all, profile)?;
        }
        files::replace(&self.path(&fingerprint), profile.as_bytes())?;
        Ok(known.is_none())
    }

    /// Forgets a profile.
    pub(crate) fn unpin(&self, fingerprint: &Fingerprint) -> anyhow::Result<()> {
        let _lock = files::lock(&self.folder)?;
        std::fs::remove_file(self.path(fingerprint)).context("cannot forget the authority")
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
        let fingerprint = profile.profile().fingerprint();
        if !all.iter().any(|known| known.profile().fingerprint() == fingerprint) {
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
    SignedProfile::from_bytes(&bytes)
        .with_context(|| format!("{} is no valid profile", path.display()))
}

fn refuse_changed_keys(all: &[SignedProfile], profile: &SignedProfile) -> anyhow::Result<()> {
    // [CLI-4] [PRO-2]
    let new = profile.profile();
    let same_place = |known: &&SignedProfile| {
        known.profile().origin == new.origin || known.profile().url == new.url
    };
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
