//! The vault on disk: one sealed file, replaced as a whole, locked while a command changes it.

use std::path::PathBuf;

use anyhow::{Context as _, bail};
use noren::authority::profile::SignedProfile;
use noren::passphrase::Cost;
use noren::time::{Day, UnixSeconds};
use noren::visitor::vault::{DEFAULT_RETENTION_DAYS, DeviceKey, Vault, VaultKey, required_key};
use rand::rngs::SysRng;
use rand_core::UnwrapErr;

use crate::cli::{Answer, Outcome};
use crate::context::Context;
use crate::files::{self, Lock};
use crate::followed::Followed;
use crate::secret::PassphraseSource;

/// The randomness that changes get.
pub(super) type Rng = UnwrapErr<SysRng>;

/// The open vault of this home, and the lock on it.
struct Kept {
    _lock: Lock,
    path: PathBuf,
    key: VaultKey,
    stored: Option<Vault>,
    vault: Vault,
}

/// Runs `change` on the vault, after what is due has been sealed and what is too old forgotten, and
/// stores the result. Nothing is stored when `change` fails. When this returns, the change is durable.
pub(super) fn change<T>(
    context: &Context,
    passphrase: &PassphraseSource,
    change: impl FnOnce(&mut Vault, UnixSeconds, &mut Rng) -> anyhow::Result<T>,
) -> anyhow::Result<T> {
    change_before_due(
        context,
        passphrase,
        |_, _, _| Ok(()),
        |vault, now, rng, ()| change(vault, now, rng),
    )
}

/// As [`change`], with a first step that sees the visits before those whose time is up are sealed.
pub(super) fn change_before_due<A, T>(
    context: &Context,
    passphrase: &PassphraseSource,
    first: impl FnOnce(&mut Vault, UnixSeconds, &mut Rng) -> anyhow::Result<A>,
    then: impl FnOnce(&mut Vault, UnixSeconds, &mut Rng, A) -> anyhow::Result<T>,
) -> anyhow::Result<T> {
    let (now, mut rng) = (context.now()?, context.rng());
    let mut kept = open(context, passphrase)?;
    // Read while the vault is held: a pin that changes later finds the vault as it is then.
    let followed = Followed::new(context).all()?;
    let retention = retention_days(&followed);
    carry_over(&mut kept.vault, &followed);
    let between = first(&mut kept.vault, now, &mut rng)?;
    // [VIS-4] [VLT-5]
    kept.vault.seal_due(now, &mut rng)?;
    kept.vault.expire(Day::containing(now), retention);
    let result = then(&mut kept.vault, now, &mut rng, between)?;
    kept.store(&mut rng)?;
    Ok(result)
}

/// Replaces the key file by a passphrase.
pub(super) fn protect(context: &Context, source: &PassphraseSource) -> Outcome {
    // [VLT-2]
    let mut rng = context.rng();
    let folder = context.folder("visitor");
    let sealed = files::read(&folder.join("vault"))?;
    if sealed.as_deref().map(|bytes| required_key(bytes)).transpose()? == Some(true) {
        bail!("the vault has a passphrase already");
    }
    let mut kept = open(context, &PassphraseSource::default())?;
    let passphrase = source.choose("your vault")?;
    kept.key = VaultKey::passphrase(&passphrase, Cost::RECOMMENDED, &mut rng)?;
    kept.stored = None;
    kept.store(&mut rng)?;
    std::fs::remove_file(folder.join("vault.key")).context("cannot delete the key file")?;
    context.output.say("the vault opens with the passphrase only; nobody can recover it for you");
    Ok(Answer::Yes)
}

impl Kept {
    fn store(&self, rng: &mut Rng) -> anyhow::Result<()> {
        // [CLI-1]
        if self.stored.as_ref() == Some(&self.vault) {
            return Ok(());
        }
        files::replace(&self.path, &self.vault.seal(&self.key, rng)?)
    }
}

fn open(context: &Context, passphrase: &PassphraseSource) -> anyhow::Result<Kept> {
    let folder = context.folder("visitor");
    let lock = files::lock(&folder)?;
    let (path, key_path) = (folder.join("vault"), folder.join("vault.key"));
    let sealed = files::read(&path)?;
    let asks_passphrase = sealed.as_deref().map(|bytes| required_key(bytes)).transpose();
    let asks_passphrase = asks_passphrase.with_context(|| path.display().to_string())?;
    let key = match (&sealed, asks_passphrase) {
        (Some(sealed), Some(true)) => {
            VaultKey::passphrase_of(sealed, &passphrase.ask("your vault")?)?
        }
        (Some(_), _) => device_key(&key_path)?
            .with_context(|| format!("the vault's key {} is gone", key_path.display()))?,
        (None, _) => match device_key(&key_path)? {
            Some(key) => key,
            None => {
                let key = DeviceKey::generate(&mut context.rng());
                files::create_secret(&key_path, key.as_bytes())?;
                VaultKey::device(key)
            }
        },
    };
    let stored = sealed.map(|sealed| Vault::open(&sealed, &key)).transpose();
    let stored = stored.with_context(|| path.display().to_string())?;
    let vault = stored.clone().unwrap_or_default();
    Ok(Kept { _lock: lock, path, key, stored, vault })
}

fn device_key(path: &std::path::Path) -> anyhow::Result<Option<VaultKey>> {
    let Some(bytes) = files::read(path)? else { return Ok(None) };
    let bytes = bytes.as_slice().try_into();
    let bytes = bytes.with_context(|| format!("{} is not a vault's key", path.display()))?;
    Ok(Some(VaultKey::device(DeviceKey::from_bytes(bytes))))
}

/// The longest time that a followed authority asks for.
fn retention_days(followed: &[SignedProfile]) -> u32 {
    let days = followed.iter().map(|profile| profile.profile().retention_days).max();
    days.unwrap_or(DEFAULT_RETENTION_DAYS)
}

/// Keeps under an authority's present keys what was kept under those that they took over from,
/// however long ago that was and whatever was cut off since.
fn carry_over(vault: &mut Vault, followed: &[SignedProfile]) {
    // [PRO-6]
    for profile in followed {
        let now = profile.profile().fingerprint();
        profile.predecessors().iter().for_each(|before| vault.authority_changed(before, &now));
    }
}
