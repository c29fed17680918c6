//! The clock of the log, apart from the desk: a file with the clock key, or with the command that signs
//! with it, by which another machine
//! renews the time of the log's head, and can publish nothing.

use std::path::Path;

use anyhow::{Context as _, bail, ensure};
use noren::keys::{Sign, SignSecretKey};
use noren::log::{Append, AppendError, MAX_CLOCK_SKEW, SignedCheckpoint};
use noren::profile::{ReplaceError, SignedProfile};
use noren::time::UnixSeconds;
use serde_json::json;
use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

use super::event::Event;
use super::store::Change;
use super::surroundings::Surroundings;
use super::{Desk, domain, kept};
use crate::clock::{difference, is_apart};
use crate::errors::words;
use crate::files;
use crate::http::{Server, Signer};
use crate::log_files::fetch_profile;
use crate::signing_command::{CommandKey, SigningCommand};
use crate::text::counted;
use crate::times;

/// How often the head may move while its time is being renewed.
const ATTEMPTS: usize = 3;

/// The clock key, or the command that signs with it, and the profile that names it.
pub(crate) struct Clock {
    holds: Holds,
    profile: SignedProfile,
}

enum Holds {
    Seed(SignSecretKey),
    Command(CommandKey),
}

/// A head that was signed anew.
pub(crate) struct Renewed {
    pub(crate) log_size: u64,
    pub(crate) signed: UnixSeconds,
}

/// Writes the clock's file for another machine, with the key or the command that signs with it there.
pub(super) fn export(
    desk: &mut Desk<'_>,
    out: &Path,
    command: Option<SigningCommand>,
) -> anyhow::Result<()> {
    // [CLI-51] [PRO-8]
    ensure!(
        desk.profile.profile().log_keys().are_two(),
        "this authority's keys are of a time before the clock had a key of its own: the log key dates \
         the log. `noren authority rotate-keys` hands over to keys with one; then run this again"
    );
    let words = command.as_ref().map(|command| command.words().to_vec());
    let holds = match (command, desk.keys.clock_secret_key()) {
        // [CLI-64] It is not run here: that machine has the token.
        (Some(command), _) => {
            Holds::Command(CommandKey { key: desk.profile.profile().clock_key, command })
        }
        (None, Some(key)) => Holds::Seed(key.clone()),
        (None, None) => bail!(
            "the clock key is not in this desk's key file; a command signs with it. Name the one that \
             does on the other machine: `noren authority clock export --out FILE -- PROGRAM ARGUMENT …`"
        ),
    };
    let clock = Clock { holds, profile: desk.profile.clone() };
    // [CLI-2]
    files::create_secret(out, &clock.to_bytes()?)?;
    let fingerprint = desk.profile.profile().fingerprint().to_string();
    let details = match words {
        Some(words) => json!({ "fingerprint": fingerprint, "command": words }),
        None => json!({ "fingerprint": fingerprint }),
    };
    desk.apply(Change::default().note(Event::ClockExported.about("desk", details)))
}

impl Clock {
    /// Reads a clock's file; `None` where it is none, or damaged.
    pub(crate) fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (rest, has_command) = match bytes.strip_prefix(domain::CLOCK) {
            Some(rest) => (rest, false),
            None => (bytes.strip_prefix(domain::CLOCK_WITH_COMMAND)?, true),
        };
        let (digest, content) = rest.split_first_chunk::<32>()?;
        if Sha256::digest(content)[..] != digest[..] {
            return None;
        }
        if has_command {
            // [CLI-64]
            let (length, content) = content.split_first_chunk()?;
            let (command, profile) =
                content.split_at_checked(u16::from_be_bytes(*length).into())?;
            let profile = SignedProfile::from_bytes(profile).ok()?;
            let command = serde_json::from_slice(command).ok()?;
            let key = profile.profile().clock_key;
            return Some(Self { holds: Holds::Command(CommandKey { key, command }), profile });
        }
        let (seed, profile) = content.split_first_chunk::<{ SignSecretKey::LENGTH }>()?;
        let profile = SignedProfile::from_bytes(profile).ok()?;
        let key = SignSecretKey::from_bytes(seed);
        let is_its = key.public_key() == profile.profile().clock_key;
        is_its.then_some(Self { holds: Holds::Seed(key), profile })
    }

    /// Whether the file holds the key itself.
    pub(crate) const fn holds_key(&self) -> bool {
        matches!(self.holds, Holds::Seed(_))
    }

    fn key(&self) -> &dyn Sign {
        match &self.holds {
            Holds::Seed(key) => key,
            Holds::Command(key) => key,
        }
    }

    fn to_bytes(&self) -> anyhow::Result<Zeroizing<Vec<u8>>> {
        let profile = self.profile.as_bytes();
        let (mark, first) = match &self.holds {
            Holds::Seed(key) => (domain::CLOCK, Zeroizing::new(key.to_bytes().to_vec())),
            Holds::Command(key) => {
                let command = serde_json::to_vec(&key.command)?;
                let length = u16::try_from(command.len()).context("the command is too long")?;
                let first = [&length.to_be_bytes()[..], &command].concat();
                (domain::CLOCK_WITH_COMMAND, Zeroizing::new(first))
            }
        };
        let digest = Sha256::new().chain_update(first.as_slice()).chain_update(profile).finalize();
        // The capacity is reserved: a growing vector would leave copies behind.
        let length = mark.len() + digest.len() + first.len() + profile.len();
        let mut bytes = Zeroizing::new(Vec::with_capacity(length));
        for part in [mark, &digest[..], first.as_slice(), profile] {
            bytes.extend_from_slice(part);
        }
        Ok(bytes)
    }

    /// Renews the time of the log's head, once no clock contradicts this machine's.
    pub(crate) fn renew(&self, around: &dyn Surroundings) -> anyhow::Result<Renewed> {
        // [CLI-52] [PRO-9]
        let profile = self.served_profile()?;
        let authority = hex::encode(profile.profile().fingerprint().as_bytes());
        let folder = around.state_folder()?.join("clocks").join(authority);
        let _lock = files::lock(&folder)?;
        let seen = folder.join("seen");
        for _ in 0..ATTEMPTS {
            let head = head(&profile, around.now()?)?;
            check_goes_on(&profile, &seen, &head)?;
            kept::replace(&seen, head.text().as_bytes())?;
            let now = around.now()?;
            let append = Append::renew(&head, self.key(), now).map_err(unsigned)?;
            if self.send(&profile, &append, now, around)? {
                kept::replace(&seen, append.checkpoint.as_bytes())?;
                return Ok(Renewed { log_size: append.old_size, signed: now });
            }
        }
        bail!("the log is being signed by somebody else just now; run this again in a minute")
    }

    /// The profile that the server hands out, if it is this clock's authority's.
    fn served_profile(&self) -> anyhow::Result<SignedProfile> {
        let exported = "the authority's clock has another key by now; export it again at the desk \
                        (`noren authority clock export`)";
        let served = fetch_profile(&self.profile.profile().url)?;
        match self.profile.check_replacement(&served) {
            // The server has not got this one yet.
            Err(ReplaceError::Older) => Ok(self.profile.clone()),
            Err(error) => Err(anyhow::Error::new(error).context("the server's profile is refused")),
            Ok(()) => {
                let is_ours = served.profile().clock_key == self.key().public_key();
                ensure!(is_ours, "{exported}");
                Ok(served)
            }
        }
    }

    /// Sends the renewed head; whether the server has it, and not another one by now.
    fn send(
        &self,
        profile: &SignedProfile,
        append: &Append,
        now: UnixSeconds,
        around: &dyn Surroundings,
    ) -> anyhow::Result<bool> {
        let server = Server::new(&profile.profile().url)?;
        let signer = Signer { key: self.key(), origin: &profile.profile().origin, now };
        let (body, mut rng) = (append.to_bytes()?, around.rng());
        let answer =
            server.send_signed(&signer, "POST", "v1/log", "application/cbor", &body, &mut rng)?;
        // [API-9] What was signed meanwhile is looked at first.
        if matches!(answer.status, 409 | 422) {
            let shown = head(profile, around.now()?)?;
            let moved = shown.checkpoint().size != append.old_size || shown.timestamp() > now;
            ensure!(moved, "the server refuses the heartbeat: {}", answer.problem());
            return Ok(false);
        }
        // [CLI-45]
        let has_it = answer.number("size").is_some_and(|size| size >= append.old_size);
        server.expect(answer, 200)?;
        if !has_it {
            return Err(server.not_it());
        }
        ensure!(
            head(profile, around.now()?)?.timestamp() >= now,
            "the server says that it has what was signed, and shows the date of before; run this again"
        );
        Ok(true)
    }
}

/// Why a tree or a time is not signed.
pub(super) fn unsigned(error: AppendError) -> anyhow::Error {
    match error {
        // [CLI-63] The command says why.
        AppendError::Unsigned(error) => anyhow::Error::new(error).context("nothing was signed"),
        error => {
            anyhow::Error::new(error).context("cannot sign the log; is this machine's clock right?")
        }
    }
}

/// The head that the server shows, with the time of the desk's tree.
fn head(profile: &SignedProfile, now: UnixSeconds) -> anyhow::Result<SignedCheckpoint> {
    let server = Server::new(&profile.profile().url)?;
    let answer = server.send("GET", "checkpoint", &[], None)?;
    // [CLI-41]
    if let Some(date) = answer.date.filter(|date| is_apart(now, *date)) {
        bail!(
            "nothing was signed: this machine's clock says {}, and the server answers that it is {} \
             there; this machine's is {}. Set right whichever is wrong, and run this again",
            times::show(now),
            times::show(date),
            difference(now, date)
        );
    }
    ensure!(answer.status != 404, "there is no log yet; the desk signs it first");
    let note = server.expect(answer, 200)?;
    let keys = profile.profile().log_keys();
    let head = SignedCheckpoint::verify(&note, &profile.profile().origin, &keys)
        .map_err(|error| match profile.verify_before_handover(&note) {
            Some(_) => anyhow::anyhow!("the desk is handing its keys over; run this again later"),
            None => error.into(),
        })
        .context("the checkpoint of the log is refused, so nothing is signed")?;
    // [CLI-41] [LOG-15]
    ensure!(
        head.timestamp() <= now.plus(MAX_CLOCK_SKEW),
        "nothing was signed: this machine's clock says {}, and this log was last signed {}. If this \
         machine's is right, say so at the desk: `noren authority heartbeat --clock-is-right`",
        times::show(now),
        times::show(head.timestamp())
    );
    Ok(head)
}

/// Refuses a head that does not go on from the one that was renewed last.
fn check_goes_on(
    profile: &SignedProfile,
    path: &Path,
    head: &SignedCheckpoint,
) -> anyhow::Result<()> {
    // [CLI-52] [LOG-9]
    let note = kept::read(path).map_err(|error| {
        let path = path.display();
        anyhow::anyhow!("{}. Remove {path} if the log is as it should be", words(&error))
    })?;
    let (origin, keys) = (&profile.profile().origin, profile.profile().log_keys());
    let known = note.and_then(|note| {
        let verified = SignedCheckpoint::verify(&note, origin, &keys).ok();
        verified.or_else(|| profile.verify_before_handover(&note))
    });
    let Some(known) = known else { return Ok(()) };
    let (known, shown) = (known.checkpoint(), head.checkpoint());
    let is_fork = known.size == shown.size && known.root != shown.root;
    ensure!(
        known.size <= shown.size && !is_fork,
        "nothing was signed: the server shows a log of {} that is not the one of {} whose time was \
         renewed here before; look at it from the desk (`noren authority status`)",
        counted(shown.size, "entry"),
        counted(known.size, "entry")
    );
    Ok(())
}
