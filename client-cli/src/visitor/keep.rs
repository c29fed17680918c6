//! The vault and the diary on disk: sealed files, replaced as a whole, locked while a command
//! changes them.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use noren::passphrase::Cost;
use noren::profile::{MAX_RETENTION_DAYS, SignedProfile};
use noren::time::{Day, UnixSeconds};
use noren::visitor::{DeviceKey, Diary, Vault, VaultError, VaultKey};
use zeroize::Zeroizing;

use super::device::{Device, Rng};
use crate::context::Context;
use crate::errors::words;
use crate::files::{self, Lock};
use crate::followed::Followed;
use crate::outcome::{Answer, Outcome};
use crate::secret::PassphraseSource;
use crate::text::{clean_path, counted};

/// The file with the vault's key, where it has no passphrase.
const KEY: &str = "vault.key";
/// Beside a key whose vault is not there yet, or not any more.
const NEW: &str = "vault.new";

/// The open device of this home, and the lock on it.
struct Kept {
    /// `None` where nothing can be written, and nobody else can either.
    _lock: Option<Lock>,
    folder: PathBuf,
    key: VaultKey,
    /// A key that was made for a new vault, and has to be on the disk before it.
    new_key: Option<Zeroizing<Vec<u8>>>,
    stored: Option<Vault>,
    stored_diary: Option<Diary>,
    /// Whether the diary on disk is sealed with an older key.
    stale_diary: bool,
    /// Whether there is a diary on disk that does not open.
    closed_diary: bool,
    device: Device,
}

/// Runs `change` on the vault, after what is due has been sealed and what is too old forgotten, and
/// stores the result. Nothing is stored when `change` fails. When this returns, the change is durable.
pub(super) fn change<T>(
    context: &Context,
    passphrase: &PassphraseSource,
    change: impl FnOnce(&mut Vault, UnixSeconds, &mut Rng) -> anyhow::Result<T>,
) -> anyhow::Result<T> {
    change_visits(context, passphrase, |device, now, rng| change(&mut device.vault, now, rng))
}

/// As [`change`], for changes that concern the diary; fails where that does not open.
pub(super) fn change_device<T>(
    context: &Context,
    passphrase: &PassphraseSource,
    change: impl FnOnce(&mut Device, UnixSeconds, &mut Rng) -> anyhow::Result<T>,
) -> anyhow::Result<T> {
    change_visits(context, passphrase, |device, now, rng| {
        device.damaged_diary.take().map_or(Ok(()), Err)?;
        change(device, now, rng)
    })
}

/// As [`change_device`], for changes of open visits: these go on where the diary does not open.
pub(super) fn change_visits<T>(
    context: &Context,
    passphrase: &PassphraseSource,
    change: impl FnOnce(&mut Device, UnixSeconds, &mut Rng) -> anyhow::Result<T>,
) -> anyhow::Result<T> {
    let (now, mut rng) = (context.now()?, context.rng());
    let mut kept = open(context, passphrase)?;
    kept.check_replaceable()?;
    kept.bring_up_to_date(context, now, &mut rng)?;
    let result = change(&mut kept.device, now, &mut rng)?;
    kept.store(&mut rng)?;
    Ok(result)
}

/// Shows `show` the device as it is now, after what is due has been sealed and what is too old
/// forgotten. Where nothing can be written, that happens for this look only.
pub(super) fn read<T>(
    context: &Context,
    passphrase: &PassphraseSource,
    show: impl FnOnce(&Device, UnixSeconds) -> anyhow::Result<T>,
) -> anyhow::Result<T> {
    // [CLI-23]
    let (now, mut rng) = (context.now()?, context.rng());
    let lock = files::lock_to_read(&context.folder("visitor"))?;
    let mut kept = open_locked(context, passphrase, lock)?;
    kept.bring_up_to_date(context, now, &mut rng)?;
    let shown = show(&kept.device, now)?;
    if kept.is_new() {
        return Ok(shown);
    }
    match kept.store(&mut rng) {
        Err(error) if files::is_read_only(&error) => context.output.say(
            "nothing can be written here: visits whose time is up, and what is too old, stay on the \
             disk as they are",
        ),
        stored => stored?,
    }
    Ok(shown)
}

/// The diary of this home, up to date, for reading only; `None` where there is none.
pub(super) fn read_diary(
    context: &Context,
    passphrase: &PassphraseSource,
) -> anyhow::Result<Option<Diary>> {
    read(context, passphrase, |device, _| match &device.damaged_diary {
        Some(error) => bail!("{error:#}"),
        None => Ok(device.diary.clone()),
    })
}

/// Refuses a wrong passphrase before anything else is done that takes long or asks a server.
pub(super) fn unlock(context: &Context, passphrase: &PassphraseSource) -> anyhow::Result<()> {
    // [CLI-42]
    let path = context.folder("visitor").join("vault");
    let Some(sealed) = files::read(&path)? else { return Ok(()) };
    let failed = |error| DoesNotOpen::vault(&path, error);
    if Vault::required_key(&sealed).map_err(failed)? {
        Vault::open(&sealed, &passphrase_key(passphrase, &sealed, &path)?).map_err(failed)?;
    }
    Ok(())
}

/// The key that a passphrase makes of what the vault says.
fn passphrase_key(
    passphrase: &PassphraseSource,
    sealed: &[u8],
    path: &Path,
) -> anyhow::Result<VaultKey> {
    passphrase.vault_key(sealed).map_err(|error| match error.downcast::<VaultError>() {
        Ok(error) => DoesNotOpen::vault(path, error).into(),
        Err(error) => error,
    })
}

/// Forgets everything, where `agree`, which is told what there is, says so; whether it was done. A
/// vault that does not open is deleted with its key and its diary.
pub(super) fn forget_all(
    context: &Context,
    passphrase: &PassphraseSource,
    agree: impl FnOnce(Result<&Device, &anyhow::Error>) -> anyhow::Result<bool>,
) -> anyhow::Result<bool> {
    // [VLT-6] [CLI-26] [CLI-31]
    let folder = context.folder("visitor");
    let (now, mut rng) = (context.now()?, context.rng());
    let mut kept = match open(context, passphrase) {
        Ok(kept) => kept,
        Err(error) if is_closed(&error) => {
            let agreed = agree(Err(&error))?;
            return if agreed { delete_all(&folder).map(|()| true) } else { Ok(false) };
        }
        Err(error) => return Err(error),
    };
    kept.check_replaceable()?;
    kept.bring_up_to_date(context, now, &mut rng)?;
    if !agree(Ok(&kept.device))? {
        return Ok(false);
    }
    kept.device.forget_all();
    kept.store(&mut rng)?;
    Ok(true)
}

/// Deletes diary, vault and key, in this order: none is left that could not be opened if this is cut
/// off.
fn delete_all(folder: &Path) -> anyhow::Result<()> {
    // [CLI-23]
    let _lock = files::lock(folder)?;
    files::replace(&folder.join(NEW), b"")?;
    ["diary", "vault", KEY, NEW].iter().try_for_each(|name| files::clear(&folder.join(name)))
}

/// Replaces the key file by a passphrase.
pub(super) fn protect(context: &Context, source: &PassphraseSource) -> Outcome {
    // [VLT-2]
    let mut rng = context.rng();
    let key_path = context.folder("visitor").join(KEY);
    let path = context.folder("visitor").join("vault");
    let sealed = read_sealed(&path)?;
    let asks_passphrase = sealed.as_deref().map(|bytes| Vault::required_key(bytes)).transpose();
    if asks_passphrase.map_err(|error| DoesNotOpen::vault(&path, error))? == Some(true) {
        return finish_protecting(context, source, &mut rng);
    }
    let mut kept = open(context, &PassphraseSource::default())?.whole()?;
    kept.check_replaceable()?;
    files::check_replaceable(&key_path)?;
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
    let key_path = context.folder("visitor").join(KEY);
    if !files::is_there(&key_path) {
        bail!("the vault has a passphrase already");
    }
    open(context, source)?.whole()?.store(rng)?;
    files::remove(&key_path).context("cannot delete the key file")?;
    context.output.say("the vault had its passphrase already; now the key file is gone, too");
    Ok(Answer::Yes)
}

impl Kept {
    /// Seals what is due and drops what is too old.
    fn bring_up_to_date(
        &mut self,
        context: &Context,
        now: UnixSeconds,
        rng: &mut Rng,
    ) -> anyhow::Result<()> {
        // [CLI-26]
        if let Some(error) = &self.device.damaged_diary {
            let until = "Until then, visits that end are not noted in it";
            context.output.say(format!("{}. {until}", words(error)));
        }
        // Read while the vault is held: a pin that changes later finds the vault as it is then.
        let pins = Followed::new(context);
        let followed = pins.all();
        carry_over(&mut self.device.vault, &followed);
        // [VIS-8] First of all: no command reopens, extends or corrects what has ended.
        self.device.seal_due(now, rng)?;
        // [CLI-26] How long a damaged pin's authority wants things kept is not known: the longest
        // time.
        let is_whole = pins.damaged().is_empty();
        let days = if is_whole { Vault::retention_days(&followed) } else { MAX_RETENTION_DAYS };
        self.device.expire(Day::containing(now), days);
        Ok(())
    }

    /// Whether nothing is kept here yet, nor was anything added.
    fn is_new(&self) -> bool {
        let empty = self.device.vault.is_empty() && self.device.diary.is_none();
        empty && self.stored.is_none() && self.stored_diary.is_none()
    }

    /// Refuses files that cannot be replaced before the first of them is.
    fn check_replaceable(&self) -> anyhow::Result<()> {
        // [CLI-20]
        ["vault", "diary"]
            .iter()
            // [CLI-26] A diary that does not open is not replaced.
            .filter(|name| **name != "diary" || self.device.damaged_diary.is_none())
            .try_for_each(|name| files::check_replaceable(&self.folder.join(name)))
    }

    /// Fails where the diary does not open.
    fn whole(mut self) -> anyhow::Result<Self> {
        self.device.damaged_diary.take().map_or(Ok(self), Err)
    }

    /// The diary first: while a visit's code is still in the vault, the same step can be done again.
    fn store(&self, rng: &mut Rng) -> anyhow::Result<()> {
        // [CLI-23] Never a vault without its key.
        let new = self.folder.join(NEW);
        if let Some(key) = &self.new_key {
            files::replace(&new, b"")?;
            files::create_secret(&self.folder.join(KEY), key)?;
        }
        // [DIA-3]
        self.store_diary(rng)?;
        self.store_vault(rng)?;
        if files::is_there(&new) { files::remove(&new) } else { Ok(()) }
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
        if self.closed_diary && self.device.damaged_diary.is_none() {
            // [DIA-4] [CLI-26]
            return files::clear(&path);
        }
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
    let lock = files::lock(&context.folder("visitor"))?;
    open_locked(context, passphrase, Some(lock))
}

fn open_locked(
    context: &Context,
    passphrase: &PassphraseSource,
    lock: Option<Lock>,
) -> anyhow::Result<Kept> {
    let folder = context.folder("visitor");
    let path = folder.join("vault");
    let failed = |error| DoesNotOpen::vault(&path, error);
    let sealed = read_sealed(&path)?;
    let asks_passphrase = sealed.as_deref().map(|bytes| Vault::required_key(bytes)).transpose();
    let asks_passphrase = asks_passphrase.map_err(failed)?;
    if sealed.is_none() && files::is_there(&folder.join(KEY)) && !files::is_there(&folder.join(NEW))
    {
        bail!(DoesNotOpen::gone(&path));
    }
    let (key, new_key) = match (&sealed, asks_passphrase) {
        (Some(sealed), Some(true)) => (passphrase_key(passphrase, sealed, &path)?, None),
        _ => own_key(context, &folder.join(KEY), sealed.is_some())?,
    };
    let stored = sealed.map(|sealed| Vault::open(&sealed, &key)).transpose();
    let stored = stored.map_err(failed)?;
    let opened = open_diary(&folder, &key, asks_passphrase == Some(true)).with_context(|| {
        let diary = folder.join("diary");
        format!(
            "the diary {} does not open; give back a copy, or delete it with `noren visitor diary \
             off`",
            diary.display()
        )
    });
    // [CLI-26] It stays as it is, and the vault works without it.
    let ((stored_diary, stale_diary), damaged_diary) = match opened {
        Ok(opened) => (opened, None),
        Err(error) => ((None, false), Some(error)),
    };
    let vault = stored.clone().unwrap_or_default();
    let closed_diary = damaged_diary.is_some();
    let device = Device { vault, diary: stored_diary.clone(), damaged_diary, ended: Vec::new() };
    Ok(Kept {
        _lock: lock,
        folder,
        key,
        new_key,
        stored,
        stored_diary,
        stale_diary,
        closed_diary,
        device,
    })
}

/// Why a vault does not open, and what mends it.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
struct DoesNotOpen(String);

impl DoesNotOpen {
    fn vault(path: &Path, why: impl Into<anyhow::Error>) -> Self {
        // [CLI-3] [CLI-26]
        let why = why.into();
        let has_key = files::is_there(&path.with_file_name(KEY));
        if !has_key && matches!(why.downcast_ref(), Some(VaultError::WrongKeyOrAltered)) {
            return Self(format!(
                "the vault {} does not open with this passphrase: try again. If you are sure of it, \
                 the file was altered: give it back from a copy",
                clean_path(path)
            ));
        }
        if is_denied(&why) {
            return Self(format!(
                "the vault {} belongs to somebody else, or may not be read: let this user read and \
                 write that folder",
                clean_path(path)
            ));
        }
        Self(format!(
            "the vault {} does not open ({}): give it and its key {} back from a copy; where there \
             is none, `noren visitor forget --all` deletes them, and the next visit begins anew",
            path.display(),
            words(&why),
            path.with_file_name(KEY).display()
        ))
    }

    fn gone(path: &Path) -> Self {
        // [CLI-26]
        Self(format!(
            "the vault {} is gone, and its key is still here: the visits and notices in it are lost \
             unless it is given back from a copy. Where there is none, `noren visitor forget --all` \
             deletes the key, and the next visit begins anew",
            clean_path(path)
        ))
    }

    fn key(path: &Path, why: impl std::fmt::Display) -> Self {
        // [CLI-3] [CLI-26]
        Self(format!(
            "the vault's key {} {why:#}: give it back from a copy; without it nothing opens the \
             vault, and all that is left is to begin anew with `noren visitor forget --all`",
            path.display()
        ))
    }
}

/// Whether the system refuses to hand a file out, which nothing is wrong with.
fn is_denied(error: &anyhow::Error) -> bool {
    error.chain().any(|cause| {
        let io = cause.downcast_ref::<std::io::Error>();
        io.is_some_and(|io| io.kind() == std::io::ErrorKind::PermissionDenied)
    })
}

/// Whether an error says that the vault does not open.
pub(super) fn is_closed(error: &anyhow::Error) -> bool {
    error.is::<DoesNotOpen>()
}

/// Deletes the diary of a vault that does not open.
pub(super) fn delete_diary(context: &Context) -> anyhow::Result<()> {
    // [DIA-4] [CLI-26]
    let folder = context.folder("visitor");
    let _lock = files::lock(&folder)?;
    files::clear(&folder.join("diary"))
}

/// The sealed vault. A link that leads nowhere is none that is damaged: its disk may come back.
fn read_sealed(vault: &Path) -> anyhow::Result<Option<Zeroizing<Vec<u8>>>> {
    // [CLI-20]
    let read = files::read(vault);
    if files::leads_nowhere(vault) {
        return read;
    }
    read.map_err(|error| DoesNotOpen::vault(vault, error).into())
}

/// The diary beside a vault, and whether it is sealed with the key that the vault had before.
fn open_diary(
    folder: &Path,
    key: &VaultKey,
    vault_asks_passphrase: bool,
) -> anyhow::Result<(Option<Diary>, bool)> {
    let Some(sealed) = files::read(&folder.join("diary"))? else { return Ok((None, false)) };
    let stale = vault_asks_passphrase && !Diary::required_key(&sealed)?;
    if !stale {
        return Ok((Some(Diary::open(&sealed, key)?), false));
    }
    // [DIA-6]
    let older = device_key(&folder.join(KEY))?.context("the key of the diary is gone")?;
    Ok((Some(Diary::open(&sealed, &older)?), true))
}

/// The key in the file beside the vault; a new one, with what to write there, where there is neither.
fn own_key(
    context: &Context,
    path: &Path,
    is_needed: bool,
) -> anyhow::Result<(VaultKey, Option<Zeroizing<Vec<u8>>>)> {
    match device_key(path)? {
        Some(key) => Ok((key, None)),
        None if is_needed => bail!(DoesNotOpen::key(path, "is gone")),
        None => {
            let key = DeviceKey::generate(&mut context.rng());
            let bytes = Zeroizing::new(key.as_bytes().to_vec());
            Ok((VaultKey::device(key), Some(bytes)))
        }
    }
}

fn device_key(path: &Path) -> anyhow::Result<Option<VaultKey>> {
    let read = files::read(path);
    if files::leads_nowhere(path) {
        read?;
        return Ok(None);
    }
    let read = read
        .map_err(|error| DoesNotOpen::key(path, format!("cannot be read ({})", words(&error))))?;
    let Some(bytes) = read else { return Ok(None) };
    let Ok(key) = bytes.as_slice().try_into() else {
        let (length, right) = (bytes.len(), DeviceKey::LENGTH);
        let why = format!("is damaged (it has {length} bytes, and {right} belong there)");
        bail!(DoesNotOpen::key(path, why));
    };
    Ok(Some(VaultKey::device(DeviceKey::from_bytes(key))))
}

/// The first day of which this device keeps anything.
pub(super) struct RetentionStart {
    day: Day,
    days: u32,
}

/// From when on this device keeps records, by the authorities that it follows.
pub(super) fn retention_start(context: &Context) -> anyhow::Result<RetentionStart> {
    let days = Vault::retention_days(&Followed::new(context).all());
    Ok(RetentionStart { day: Day::containing(context.now()?).minus(days), days })
}

impl RetentionStart {
    /// Refuses a time of which nothing would be kept.
    pub(super) fn refuse_before(&self, time: Option<UnixSeconds>) -> anyhow::Result<()> {
        // [VLT-5] [DIA-4] [CLI-30]
        if time.is_some_and(|time| Day::containing(time) < self.day) {
            bail!(
                "visits are kept for {}, and that was before: nobody could be warned of it \
                 any more",
                counted(self.days, "day")
            );
        }
        Ok(())
    }
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
