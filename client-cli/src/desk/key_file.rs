//! The files with the authority's secret keys, as they are or sealed with a passphrase.

use std::path::Path;

use anyhow::{Context as _, ensure};
use noren::authority::AuthorityKeys;
use noren::passphrase::{Cost, Passphrase};
use serde_json::json;
use zeroize::Zeroizing;

use super::event::Event;
use super::store::Change;
use super::surroundings::Surroundings;
use super::{Desk, kept, signing};
use crate::text::clean_path;

/// The file with the next keys of a handover that was cancelled.
pub(super) const CANCELLED_KEYS: &str = "cancelled-keys";

/// The keys in a file; `None` where there is none. Whoever is there is asked for the passphrase.
pub(super) fn read(
    path: &Path,
    around: &dyn Surroundings,
) -> anyhow::Result<Option<AuthorityKeys>> {
    let Some(bytes) = kept::read(path)? else { return Ok(None) };
    // [CLI-62]
    let keys = if AuthorityKeys::are_sealed(&bytes) {
        AuthorityKeys::unseal(&bytes, &around.passphrase()?)?
    } else {
        plain(&bytes, path)?
    };
    let folder = path.parent().context("a key file is in a folder")?;
    signing::with_commands(keys, folder).map(Some)
}

fn plain(bytes: &[u8], path: &Path) -> anyhow::Result<AuthorityKeys> {
    AuthorityKeys::from_bytes(bytes)
        .with_context(|| format!("the authority's key file {} is damaged", clean_path(path)))
}

/// Whether the keys in a file are sealed.
pub(super) fn is_sealed(path: &Path) -> anyhow::Result<bool> {
    Ok(kept::read(path)?.is_some_and(|bytes| AuthorityKeys::are_sealed(&bytes)))
}

impl Desk<'_> {
    /// Whether whoever opens the desk in this folder is asked for a passphrase.
    pub(crate) fn asks_passphrase(folder: &Path) -> anyhow::Result<bool> {
        is_sealed(&folder.join("keys"))
    }

    /// The content of a file with these keys, sealed where this desk's keys are.
    pub(super) fn key_file(&self, keys: &AuthorityKeys) -> anyhow::Result<Zeroizing<Vec<u8>>> {
        // [CLI-62]
        if !is_sealed(&self.keys_path())? {
            return Ok(keys.to_bytes());
        }
        sealed(keys, &self.place.around.passphrase()?, self)
    }
}

fn sealed(
    keys: &AuthorityKeys,
    passphrase: &Passphrase,
    desk: &Desk<'_>,
) -> anyhow::Result<Zeroizing<Vec<u8>>> {
    Ok(Zeroizing::new(keys.seal(passphrase, Cost::RECOMMENDED, &mut desk.rng())?))
}

/// Seals every key file of the desk with a new passphrase. What was cut off is finished by doing it
/// again: the desk's own keys are last, and the files before them open with either passphrase.
pub(super) fn protect(desk: &mut Desk<'_>, new: &Passphrase) -> anyhow::Result<()> {
    // [CLI-62]
    let cancelled = desk.place.folder.join(CANCELLED_KEYS);
    if let Some(bytes) = kept::read(&cancelled)? {
        let keys = match AuthorityKeys::unseal(&bytes, new) {
            Ok(keys) => keys,
            Err(_) => read(&cancelled, desk.place.around)?.context("there is no such file")?,
        };
        kept::replace(&cancelled, &sealed(&keys, new, desk)?)?;
    }
    let content = sealed(&desk.keys, new, desk)?;
    let again = AuthorityKeys::unseal(&content, new)?.log_public_keys();
    ensure!(again == desk.keys.log_public_keys(), "the sealed keys are not those of before");
    kept::replace(&desk.keys_path(), &content)?;
    desk.apply(Change::default().note(Event::KeysProtected.about("desk", json!({}))))
}
