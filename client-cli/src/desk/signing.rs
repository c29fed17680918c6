//! Which of the desk's keys are kept elsewhere, and which commands sign with them.
//!
//! The key file says which seeds it does not hold; the commands stand in a file beside it. A seed that is
//! in the key file counts, whatever the other file says: what was cut off in between is done again.

use std::path::Path;
use std::sync::Arc;

use anyhow::{Context as _, ensure};
use noren::authority::AuthorityKeys;
use noren::keys::{Sign as _, SignPublicKey, SignSecretKey};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::event::Event;
use super::store::Change;
use super::{Desk, domain, kept, pkcs8};
use crate::files;
use crate::signing_command::{CommandKey, SigningCommand};

/// The file with the commands.
const FILE: &str = "signing-commands";

/// One of the two keys that sign.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SigningKey {
    /// The key that signs trees, profiles and requests.
    Log,
    /// The key that signs the times of checkpoints.
    Clock,
}

impl SigningKey {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Log => "log",
            Self::Clock => "clock",
        }
    }

    fn public_half(self, keys: &AuthorityKeys) -> SignPublicKey {
        let public = keys.log_public_keys();
        match self {
            Self::Log => public.log,
            Self::Clock => public.clock,
        }
    }

    fn secret(self, keys: &AuthorityKeys) -> Option<&SignSecretKey> {
        match self {
            Self::Log => keys.log_secret_key(),
            Self::Clock => keys.clock_secret_key(),
        }
    }
}

/// A command, and the public half of the key that it signs with.
#[derive(Clone, Serialize, Deserialize)]
struct Entry {
    key: String,
    command: SigningCommand,
}

/// Where a key is.
pub(crate) struct KeyPlace {
    pub(crate) key: SigningKey,
    pub(crate) public_half: SignPublicKey,
    /// Whether it is in the key file.
    pub(crate) is_here: bool,
    /// The command that signs with it where it is not.
    pub(crate) command: Option<SigningCommand>,
}

fn read(folder: &Path) -> anyhow::Result<Vec<Entry>> {
    let Some(bytes) = kept::read(&folder.join(FILE))? else { return Ok(Vec::new()) };
    serde_json::from_slice(&bytes).with_context(|| format!("the desk's file {FILE} is damaged"))
}

fn command_of(entries: &[Entry], key: &SignPublicKey) -> Option<SigningCommand> {
    let name = hex::encode(key.as_bytes());
    entries.iter().find(|entry| entry.key == name).map(|entry| entry.command.clone())
}

/// The same keys, of which those that are kept elsewhere sign through their commands.
pub(super) fn with_commands(keys: AuthorityKeys, folder: &Path) -> anyhow::Result<AuthorityKeys> {
    // [CLI-63]
    let away = |key: &SigningKey| key.secret(&keys).is_none();
    let away: Vec<SigningKey> =
        [SigningKey::Log, SigningKey::Clock].into_iter().filter(away).collect();
    if away.is_empty() {
        return Ok(keys);
    }
    let entries = read(folder)?;
    away.into_iter().try_fold(keys, |keys, each| {
        let key = each.public_half(&keys);
        let Some(command) = command_of(&entries, &key) else { return Ok(keys) };
        let signing = keys.signing_with(Arc::new(CommandKey { key, command }));
        signing.context("the desk's keys are of a time before the clock had a key of its own")
    })
}

impl Desk<'_> {
    /// Where the keys that sign are.
    pub(crate) fn signing_keys(&self) -> anyhow::Result<[KeyPlace; 2]> {
        let entries = read(&self.place.folder)?;
        Ok([SigningKey::Log, SigningKey::Clock].map(|key| {
            let public_half = key.public_half(&self.keys);
            let is_here = key.secret(&self.keys).is_some();
            let command = if is_here { None } else { command_of(&entries, &public_half) };
            KeyPlace { key, public_half, is_here, command }
        }))
    }
}

/// Lets a command sign with a key from now on, and takes the key out of the key file.
pub(super) fn use_command(
    desk: &mut Desk<'_>,
    key: SigningKey,
    command: SigningCommand,
) -> anyhow::Result<()> {
    // [CLI-63]
    check_two(desk)?;
    let command_key = CommandKey { key: key.public_half(&desk.keys), command };
    try_out(desk, &command_key).with_context(|| {
        format!("nothing was changed: the command does not sign with the {} key", key.name())
    })?;
    let details = json!({ "key": key.name(), "command": command_key.command.words() });
    // The command first: a seed that is still in the key file does no harm.
    set(desk, &command_key.key, Some(command_key.command.clone()))?;
    let keys = desk.keys.clone().signing_with(Arc::new(command_key));
    keep(desk, keys.context("this key is not the desk's")?)?;
    desk.apply(Change::default().note(Event::KeyWithCommand.about("desk", details)))
}

/// Takes a key back into the key file; no command signs with it any more.
pub(super) fn use_file(
    desk: &mut Desk<'_>,
    key: SigningKey,
    secret: SignSecretKey,
) -> anyhow::Result<()> {
    // [CLI-63]
    check_two(desk)?;
    let public_half = key.public_half(&desk.keys);
    ensure!(
        secret.public_key() == public_half,
        "nothing was changed: this is another key than the {} key of this authority's profile",
        key.name()
    );
    let keys = desk.keys.clone().signing_here(secret);
    keep(desk, keys.context("this key is not the desk's")?)?;
    set(desk, &public_half, None)?;
    let details = json!({ "key": key.name() });
    desk.apply(Change::default().note(Event::KeyInFile.about("desk", details)))
}

/// Writes a key to a file, as tokens and other programs take it.
pub(super) fn export(desk: &mut Desk<'_>, key: SigningKey, out: &Path) -> anyhow::Result<()> {
    // [CLI-63]
    check_two(desk)?;
    let secret = key.secret(&desk.keys).with_context(|| {
        format!("the {} key is not in this desk's key file; a command signs with it", key.name())
    })?;
    // [CLI-2]
    files::create_secret(out, pkcs8::to_pem(secret).as_bytes())?;
    let details = json!({ "key": key.name() });
    desk.apply(Change::default().note(Event::KeyExported.about("desk", details)))
}

/// Forgets commands of keys that were handed over, and says where the next ones are.
pub(super) fn forget_earlier(desk: &Desk<'_>) -> anyhow::Result<()> {
    // [CLI-63]
    let (mut entries, public) = (read(&desk.place.folder)?, desk.keys.log_public_keys());
    let known = [public.log, public.clock].map(|key| hex::encode(key.as_bytes()));
    let before = entries.len();
    entries.retain(|entry| known.contains(&entry.key));
    if entries.len() == before {
        return Ok(());
    }
    write(desk, &entries)?;
    desk.say(
        "the next keys are in this desk's key file, and no command signs with them: `noren authority key \
         export` and `key use-command` move them",
    );
    Ok(())
}

fn check_two(desk: &Desk<'_>) -> anyhow::Result<()> {
    // [PRO-8]
    ensure!(
        desk.keys.log_public_keys().are_two(),
        "this authority's keys are of a time before the clock had a key of its own: `noren authority \
         rotate-keys` hands over to keys with one; then run this again"
    );
    Ok(())
}

/// Has something signed that nobody else takes for anything.
fn try_out(desk: &Desk<'_>, key: &CommandKey) -> anyhow::Result<()> {
    let mut salt = [0; 32];
    desk.rng().fill_bytes(&mut salt);
    key.sign(&[domain::SIGNING_TRIAL, &salt].concat())?;
    Ok(())
}

/// Writes the key file anew, sealed where it was.
fn keep(desk: &mut Desk<'_>, keys: AuthorityKeys) -> anyhow::Result<()> {
    ensure!(
        keys.log_public_keys() == desk.keys.log_public_keys(),
        "the keys are not those of before"
    );
    kept::replace(&desk.keys_path(), &desk.key_file(&keys)?)?;
    desk.keys = keys;
    Ok(())
}

fn set(
    desk: &Desk<'_>,
    key: &SignPublicKey,
    command: Option<SigningCommand>,
) -> anyhow::Result<()> {
    let (mut entries, name) = (read(&desk.place.folder)?, hex::encode(key.as_bytes()));
    entries.retain(|entry| entry.key != name);
    entries.extend(command.map(|command| Entry { key: name, command }));
    write(desk, &entries)
}

fn write(desk: &Desk<'_>, entries: &[Entry]) -> anyhow::Result<()> {
    let path = desk.place.folder.join(FILE);
    if !entries.is_empty() {
        return kept::replace(&path, &serde_json::to_vec(entries)?);
    }
    if files::is_there(&path) { files::remove(&path) } else { Ok(()) }
}
