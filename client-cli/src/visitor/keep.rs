//! The vault and the diary on disk: sealed files, replaced as a whole, locked while a command
//! changes them.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use noren::authority::profile::SignedProfile;
use noren::passphrase::Cost;
use noren::time::{Day, UnixSeconds};
use noren::visitor::diary::{self, Diary};
use noren::visitor::vault::{DEFAULT_RETENTION_DAYS, DeviceKey, Vault, VaultKey, required_key};
use rand::rngs::SysRng;
use rand_core::UnwrapErr;

use super::device::Device;
use crate::cli::{Answer, Outcome};
use crate::context::Context;
use crate::files::{self, Lock};
use crate::followed::Followed;
use crate::secret::PassphraseSource;

/// The randomness that changes get.
pub(super) type Rng = UnwrapErr<SysRng>;

/// The open device of this home, and the lock on it.
struct Kept {
    _lock: Lock,
    folder: PathBuf,
    key: VaultKey,
    stored: Option<Vault>,
    stored_diary: Option<Diary>,
    /// Whether the diary on disk is sealed with an older key.
    stale_diary: bool,
    device: Device,
}

/// Runs `change` on the vault, after what is due has been sealed and what is too old forgotten, and
/// stores the result. Nothing is stored when `change` fails. When this returns, the change is durable.
pub(super) fn change<T>(
    context: &Context,
    passphrase: &PassphraseSource,
    change: impl FnOnce(&mut Vault, UnixSeconds, &mut Rng) -> anyhow::Result<T>,
) -> anyhow::Result<T> {
    change_device(context, passphrase, |device, now, rng| change(&mut device.vault, now, rng))
}

/// As [`change`], for changes that concern the diary.
pub(super) fn change_device<T>(
    context: &Context,
    passphrase: &PassphraseSource,
    change: impl FnOnce(&mut Device, UnixSeconds, &mut Rng) -> anyhow::Result<T>,
) -> anyhow::Result<T> {
    let (now, mut rng) = (context.now()?, context.rng());
    let mut kept = open(context, passphrase)?;
    // Read while the vault is held: a pin that changes later finds the vault as it is then.
    let followed = Followed::new(context).all()?;
    carry_over(&mut kept.device.vault, &followed);
    // [VIS-8] First of all: no command reopens, extends or corrects what has ended.
    kept.device.seal_due(now, &mut rng)?;
    kept.device.expire(Day::containing(now), retention_days(&followed));
    let result = change(&mut kept.device, now, &mut rng)?;
    kept.store(&mut rng)?;
    Ok(result)
}

/// The diary of this home, up to date, for reading only; `None` where there is none.
pub(super) fn read_diary(
    context: &Context,
    passphrase: &PassphraseSource,
) -> anyhow::Result<Option<Diary>> {
    change_device(context, passphrase, |device, _, _| Ok(device.diary.clone()))
}

/// Replaces the key file by a passphrase.
pub(super) fn protect(context: &Context, source: &PassphraseSource) -> Outcome {
    // [VLT-2]
    let mut rng = context.rng();
    let key_path = context.folder("visitor").join("vault.key");
    let sealed = files::read(&context.folder("visitor").join("vault"))?;
    if sealed.as_deref().map(|bytes| required_key(bytes)).transpose()? == Some(true) {
        return finish_protecting(context, source, &mut rng);
    }
    let mut kept = open(context, &PassphraseSource::default())?;
    let passphrase = source.choose("your vault")?;
    kept.key = VaultKey::passphrase(&passphrase, Cost::RECOMMENDED, &mut rng)?;
    // [DIA-6] The vault says which key counts; until the diary follows, the key file has to stay.
    (kept.stored, kept.stale_diary) = (None, true);
    kept.store_vault(&mut rng)?;
    kept.store_diary(&mut rng)?;
    files::remove(&key_path).context("cannot delete the key file")?;
    context.output.say("the vault opens with the passphrase only; nobody can recover it for you");
    Ok(Answer::Yes)
}

/// An earlier `protect` may have been cut off before it came to the diary and the key file.
fn finish_protecting(context: &Context, source: &PassphraseSource, rng: &mut Rng) -> Outcome {
    let key_path = context.folder("visitor").join("vault.key");
    if files::read(&key_path)?.is_none() {
        bail!("the vault has a passphrase already");
    }
    open(context, source)?.store(rng)?;
    files::remove(&key_path).context("cannot delete the key file")?;
    context.output.say("the vault had its passphrase already; now the key file is gone, too");
    Ok(Answer::Yes)
}

impl Kept {
    /// The diary first: while a visit's code is still in the vault, the same step can be done again.
    fn store(&self, rng: &mut Rng) -> anyhow::Result<()> {
        // [DIA-3]
        self.store_diary(rng)?;
        self.store_vault(rng)
    }

    fn store_vault(&self, rng: &mut Rng) -> anyhow::Result<()> {
        // [CLI-1]
        if self.stored.as_ref() == Some(&self.device.vault) {
            return Ok(());
        }
        files::replace(&self.folder.join("vault"), &self.device.vault.seal(&self.key, rng)?)
    }

    fn store_diary(&self, rng: &mut Rng) -> anyhow::Result<()> {
        // [CLI-1]
        let path = self.folder.join("diary");
        match (&self.device.diary, &self.stored_diary) {
            (new, old) if new == old && !self.stale_diary => Ok(()),
            (Some(diary), _) => files::replace(&path, &diary.seal(&self.key, rng)?),
            // [DIA-4]
            (None, Some(_)) => files::remove(&path),
            (None, None) => Ok(()),
        }
    }
}

fn open(context: &Context, passphrase: &PassphraseSource) -> anyhow::Result<Kept> {
    let folder = context.folder("visitor");
    let lock = files::lock(&folder)?;
    let path = folder.join("vault");
    let sealed = files::read(&path)?;
    let asks_passphrase = sealed.as_deref().map(|bytes| required_key(bytes)).transpose();
    let asks_passphrase = asks_passphrase.with_context(|| path.display().to_string())?;
    let key = match (&sealed, asks_passphrase) {
        (Some(sealed), Some(true)) => {
            VaultKey::passphrase_of(sealed, &passphrase.ask("your vault")?)?
        }
        _ => own_key(context, &folder.join("vault.key"), sealed.is_some())?,
    };
    let stored = sealed.map(|sealed| Vault::open(&sealed, &key)).transpose();
    let stored = stored.with_context(|| path.display().to_string())?;
    let (stored_diary, stale_diary) = open_diary(&folder, &key, asks_passphrase == Some(true))
        .with_context(|| {
            let diary = folder.join("diary");
            format!("the diary {} does not open; give back a copy, or delete it", diary.display())
        })?;
    let (vault, diary) = (stored.clone().unwrap_or_default(), stored_diary.clone());
    let device = Device { vault, diary, ended: Vec::new() };
    Ok(Kept { _lock: lock, folder, key, stored, stored_diary, stale_diary, device })
}

/// The diary beside a vault, and whether it is sealed with the key that the vault had before.
fn open_diary(
    folder: &Path,
    key: &VaultKey,
    vault_asks_passphrase: bool,
) -> anyhow::Result<(Option<Diary>, bool)> {
    let Some(sealed) = files::read(&folder.join("diary"))? else { return Ok((None, false)) };
    let stale = vault_asks_passphrase && !diary::required_key(&sealed)?;
    if !stale {
        return Ok((Some(Diary::open(&sealed, key)?), false));
    }
    // [DIA-6]
    let older = device_key(&folder.join("vault.key"))?.context("the key of the diary is gone")?;
    Ok((Some(Diary::open(&sealed, &older)?), true))
}

/// The key in the file beside the vault; a new one where there is neither.
fn own_key(context: &Context, path: &Path, is_needed: bool) -> anyhow::Result<VaultKey> {
    match device_key(path)? {
        Some(key) => Ok(key),
        None if is_needed => bail!("the vault's key {} is gone", path.display()),
        None => {
            let key = DeviceKey::generate(&mut context.rng());
            files::create_secret(path, key.as_bytes())?;
            Ok(VaultKey::device(key))
        }
    }
}

fn device_key(path: &Path) -> anyhow::Result<Option<VaultKey>> {
    let Some(bytes) = files::read(path)? else { return Ok(None) };
    let bytes = bytes.as_slice().try_into();
    let bytes = bytes.with_context(|| format!("{} is not a vault's key", path.display()))?;
    Ok(Some(VaultKey::device(DeviceKey::from_bytes(bytes))))
}

/// The first day of which this device keeps anything.
pub(super) struct RetentionStart {
    day: Day,
    days: u32,
}

/// From when on this device keeps records, by the authorities that it follows.
pub(super) fn retention_start(context: &Context) -> anyhow::Result<RetentionStart> {
    let days = retention_days(&Followed::new(context).all()?);
    Ok(RetentionStart { day: Day::containing(context.now()?).minus(days), days })
}

impl RetentionStart {
    /// Refuses a time of which nothing would be kept.
    pub(super) fn refuse_before(&self, time: Option<UnixSeconds>) -> anyhow::Result<()> {
        // [VLT-5] [DIA-4] [CLI-31]
        if time.is_some_and(|time| Day::containing(time) < self.day) {
            bail!(
                "visits are kept for {} days, and that was before: nobody could be warned of it \
                 any more",
                self.days
            );
        }
        Ok(())
    }
}

/// The longest time that a followed authority asks for.
pub(super) fn retention_days(followed: &[SignedProfile]) -> u32 {
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
