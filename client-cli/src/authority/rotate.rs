//! New keys for the authority, handed over by the old ones.
//!
//! A command that was cut off anywhere is finished by running it again: the next keys are on the disk
//! before anybody hears of them, and the old ones until the server has taken the new profile. Until
//! then and until the log is signed anew, no other command works at this desk.

use std::path::Path;

use anyhow::Context as _;
use noren::authority::keys::AuthorityKeys;
use noren::authority::profile::SignedProfile;
use serde::Serialize;

use super::approvals::{Action, act};
use super::desk::{Change, Desk, Event};
use crate::cli::{Answer, Outcome};
use crate::context::Context;
use crate::files;
use crate::followed::fetch;

/// The file with the next keys, while they are being handed over.
const NEXT_KEYS: &str = "next-keys";

#[derive(Serialize)]
struct Rotated {
    previous: Option<String>,
    fingerprint: String,
    log_size: u64,
}

/// Refuses a desk in the middle of a handover.
pub(super) fn check_finished(folder: &Path) -> anyhow::Result<()> {
    anyhow::ensure!(
        files::read(&folder.join(NEXT_KEYS))?.is_none(),
        "this desk is handing its keys over and was cut off; `noren authority rotate-keys` \
         finishes that, then run this command again"
    );
    Ok(())
}

pub(super) fn run(context: &Context) -> Outcome {
    let mut desk = Desk::open_to_rotate(context)?;
    // [CLI-11] What was begun was approved.
    if check_finished(&context.folder("authority")).is_ok() {
        return act(context, &mut desk, Action::RotateKeys);
    }
    execute(context, &mut desk)
}

/// Hands over, from wherever an earlier run came to.
pub(super) fn execute(context: &Context, desk: &mut Desk<'_>) -> Outcome {
    // [PRO-7] [CLI-1]
    let folder = context.folder("authority");
    // Without a server nothing is begun.
    let served = fetch(&desk.profile.profile().url)?;
    let next = next_keys(context, desk, &folder)?;
    if desk.profile.profile().log_key != next.log_public_key() {
        hand_over(context, desk, &next, &served)?;
    }
    // The server has the new profile, and so has this desk: the old log key has done its work.
    files::replace(&folder.join("keys"), next.to_bytes().as_slice())?;
    desk.keys = next;
    // Devices that look in between find a log that the new key has not signed, and come again.
    let log_size = desk.append(Vec::new(), Vec::new())?;
    let fingerprint = desk.profile.profile().fingerprint().to_string();
    let details = serde_json::json!({ "fingerprint": fingerprint });
    desk.apply(Change::default().note(Event::new("keys-rotated", "desk", details)))?;
    files::remove(&folder.join(NEXT_KEYS))?;
    let rotated = Rotated {
        previous: desk.profile.predecessors().last().map(ToString::to_string),
        fingerprint,
        log_size,
    };
    context.output.done(&rotated, Rotated::lines)?;
    context.output.say(
        "Tell people the new fingerprint. Devices that follow take the new keys over when they sync. \
         Write the profile out again for venues (`noren authority profile --out FILE`), and back up \
         the folder of this desk anew: the keys of the old backup publish nothing any more.",
    );
    Ok(Answer::Yes)
}

/// The keys that take over: those of an earlier run that was cut off, or new ones, stored before
/// anything is sent.
fn next_keys(context: &Context, desk: &Desk<'_>, folder: &Path) -> anyhow::Result<AuthorityKeys> {
    let path = folder.join(NEXT_KEYS);
    if let Some(stored) = files::read(&path)? {
        return AuthorityKeys::from_bytes(&stored).context("the file next-keys is damaged");
    }
    let next = desk.keys.successor(&mut context.rng());
    // [CLI-2]
    files::create_secret(&path, next.to_bytes().as_slice())?;
    Ok(next)
}

/// Signs the handover, and stores the new profile once the server has taken it.
fn hand_over(
    context: &Context,
    desk: &mut Desk<'_>,
    next: &AuthorityKeys,
    served: &SignedProfile,
) -> anyhow::Result<()> {
    let profile = desk.profile.profile().hand_over(&desk.keys, next, context.now()?)?;
    let hears_next = |served: &SignedProfile| served.profile().log_key == next.log_public_key();
    let refused = if hears_next(served) { None } else { Some(finish_and_put(desk, &profile)) };
    if !matches!(refused, Some(Ok(()))) {
        // An earlier run that was cut off got so far, or its request has arrived just now.
        if let Some(Err(error)) = refused
            && !hears_next(&fetch(&desk.profile.profile().url)?)
        {
            return Err(error);
        }
        desk.drop_heartbeat()?;
        desk.keys = next.clone();
        put(desk, &profile)?;
    }
    // [CLI-1]
    files::replace(&context.folder("authority").join("profile"), profile.as_bytes())?;
    desk.profile = profile;
    Ok(())
}

/// Whatever another run or copy of this desk has begun gets into the log while the old key can still
/// sign it.
fn finish_and_put(desk: &mut Desk<'_>, profile: &SignedProfile) -> anyhow::Result<()> {
    desk.append(Vec::new(), Vec::new())?;
    put(desk, profile)
}

fn put(desk: &Desk<'_>, profile: &SignedProfile) -> anyhow::Result<()> {
    let answer = desk.send("PUT", "v1/authority", "application/cbor", profile.as_bytes())?;
    desk.expect(answer, 204).map(drop)
}

impl Rotated {
    fn lines(&self) -> String {
        let previous = self.previous.as_deref().unwrap_or("none");
        format!("new fingerprint: {}\nold fingerprint: {previous}", self.fingerprint)
    }
}
