//! New keys for the authority, handed over by the old ones.
//!
//! What was cut off anywhere is finished by doing it again: the next keys are on the disk before
//! anybody hears of them, and the old ones until the server has taken the new profile. Until then and
//! until the log is signed anew, nothing else can be done at this desk.

use std::path::Path;

use anyhow::Context as _;
use noren::authority::AuthorityKeys;
use noren::profile::{Profile, SignedProfile};
use serde_json::json;

use super::event::Event;
use super::journal::Entry;
use super::key_file::{self, CANCELLED_KEYS};
use super::store::Change;
use super::surroundings::Place;
use super::{Desk, kept, profile, signing};
use crate::files;
use crate::log_files::fetch_profile;
use crate::text::counted;

/// The file with the next keys, while they are being handed over.
const NEXT_KEYS: &str = "next-keys";

/// What a handover came to.
pub(crate) struct Rotated {
    /// The fingerprint of the keys before.
    pub(crate) previous: Option<String>,
    pub(crate) fingerprint: String,
    pub(crate) log_size: u64,
}

/// Refuses a desk in the middle of a handover.
pub(super) fn check_finished(folder: &Path) -> anyhow::Result<()> {
    anyhow::ensure!(
        kept::read(&folder.join(NEXT_KEYS))?.is_none(),
        "this desk is handing its keys over and was cut off; `noren authority rotate-keys` \
         finishes that, and `noren authority rotate-keys --cancel` cancels it where the server has \
         refused; then run this command again"
    );
    Ok(())
}

/// Refuses keys that are not those of the profile. In the middle of a handover either may be ahead.
pub(super) fn check_keys(
    place: &Place<'_>,
    keys: &AuthorityKeys,
    profile: &SignedProfile,
) -> anyhow::Result<()> {
    // [CLI-16]
    let fit = |keys: &AuthorityKeys| {
        let profile = profile.profile();
        profile.log_keys() == keys.log_public_keys()
            && profile.upload_key == keys.upload_public_key()
            && profile
                .patient_master_key
                .as_ref()
                .is_none_or(|key| keys.patient_public_key().is_some_and(|patient| patient == *key))
    };
    let folder = &place.folder;
    let next = || key_file::read(&folder.join(NEXT_KEYS), place.around);
    anyhow::ensure!(
        fit(keys) || next()?.as_ref().is_some_and(fit),
        "the keys in {} are not those of this authority's profile: one of the two files comes from \
         somewhere else. Restore the desk's folder from a backup, then `noren authority take-over`",
        folder.join("keys").display()
    );
    Ok(())
}

impl Desk<'_> {
    /// Whether a handover of keys was begun. Until it is finished, profile and head of the log are
    /// between two keys, and nothing but handing over mends them.
    pub(crate) fn is_handing_over(&self) -> bool {
        // [CLI-19]
        check_finished(&self.place.folder).is_err()
    }
}

/// What a handover changes, and from when on.
pub(super) fn about_to(desk: &Desk<'_>) -> String {
    // [CLI-34]
    format!(
        "new keys take the place of those with the fingerprint {}, at once and for good\n  log: \
         signed by the new key from now on, with the {} that it has\n  uploads: sealed to \
         the new key by venues that have the new profile; what waits at the server has to be \
         reviewed before\n  devices: those that follow take the new keys over when they sync\n  \
         backups of this desk: publish nothing any more",
        desk.profile.profile().fingerprint(),
        counted(desk.log_size(), "entry")
    )
}

/// Hands over, from wherever an earlier run came to.
pub(super) fn execute(desk: &mut Desk<'_>) -> anyhow::Result<Rotated> {
    // [PRO-7] [CLI-1]
    let folder = desk.place.folder.clone();
    if kept::read(&folder.join(NEXT_KEYS))?.is_none() {
        profile::finish(desk)?;
    }
    // Without a server nothing is begun.
    let served = fetch_profile(&desk.profile.profile().url)?;
    if kept::read(&folder.join(NEXT_KEYS))?.is_none() {
        // What would be refused later is refused before anything is begun.
        desk.prepare_to_sign()?;
    }
    let next = next_keys(desk, &folder)?;
    if desk.profile.profile().log_key != next.log_public_key() {
        hand_over(desk, &next, &served)?;
    }
    // The server has the new profile, and so has this desk: the old log key has done its work.
    kept::replace(&folder.join("keys"), &desk.key_file(&next)?)?;
    desk.keys = next;
    // Devices that look in between find a log that the new key has not signed, and come again.
    let log_size = desk.append(Vec::new(), Vec::new())?;
    let fingerprint = desk.profile.profile().fingerprint().to_string();
    note_once(desk, &fingerprint)?;
    signing::forget_earlier(desk)?;
    if files::is_there(&folder.join(CANCELLED_KEYS)) {
        files::remove(&folder.join(CANCELLED_KEYS))?;
    }
    files::remove(&folder.join(NEXT_KEYS))?;
    Ok(Rotated {
        previous: desk.profile.predecessors().last().map(ToString::to_string),
        fingerprint,
        log_size,
    })
}

/// Notes the handover, unless a run that was cut off after it has noted it.
fn note_once(desk: &mut Desk<'_>, fingerprint: &str) -> anyhow::Result<()> {
    // [CLI-9]
    let details = json!({ "fingerprint": fingerprint });
    let text = details.to_string();
    let noted = |entry: &Entry| entry.event() == Some(Event::KeysRotated) && entry.details == text;
    if desk.journal()?.iter().any(noted) {
        return Ok(());
    }
    desk.apply(Change::default().note(Event::KeysRotated.about("desk", details)))
}

/// The keys that take over: those of an earlier run that was cut off, or new ones, stored before
/// anything is sent.
fn next_keys(desk: &Desk<'_>, folder: &Path) -> anyhow::Result<AuthorityKeys> {
    let path = folder.join(NEXT_KEYS);
    if let Some(stored) = key_file::read(&path, desk.place.around)? {
        return Ok(stored);
    }
    // [CLI-16] A server that refused a handover may publish it all the same, at any time: there is one
    // set of keys that these lead to.
    let next = match key_file::read(&folder.join(CANCELLED_KEYS), desk.place.around)? {
        Some(cancelled) => cancelled,
        None => desk.keys.successor(&mut desk.rng()),
    };
    // [CLI-2]
    kept::create_secret(&path, &desk.key_file(&next)?)?;
    Ok(next)
}

/// Cancels a handover that the server has refused. The next keys are put aside and not forgotten:
/// the server has seen the signed handover, and could publish it still.
/// Returns whether one was under way.
pub(super) fn cancel_next(desk: &mut Desk<'_>) -> anyhow::Result<bool> {
    // [CLI-16]
    let folder = desk.place.folder.clone();
    let Some(stored) = kept::read(&folder.join(NEXT_KEYS))? else {
        return Ok(false);
    };
    let next = key_file::read(&folder.join(NEXT_KEYS), desk.place.around)?;
    let next = next.context("the file next-keys is gone")?;
    let served = fetch_profile(&desk.profile.profile().url)?;
    let told = [desk.profile.profile(), served.profile()];
    anyhow::ensure!(
        told.iter().all(|profile| profile.log_key != next.log_public_key()),
        "the server has taken the next keys, and devices know them already; `noren authority \
         rotate-keys` finishes the handover"
    );
    kept::replace(&folder.join(CANCELLED_KEYS), &stored)?;
    let event = Event::HandoverCancelled.about("desk", json!({}));
    desk.apply(Change::default().note(event))?;
    files::remove(&folder.join(NEXT_KEYS))?;
    Ok(true)
}

/// Signs the handover, and stores the new profile once the server has taken it.
fn hand_over(
    desk: &mut Desk<'_>,
    next: &AuthorityKeys,
    served: &SignedProfile,
) -> anyhow::Result<()> {
    let hears_next = |served: &SignedProfile| served.profile().log_key == next.log_public_key();
    if !hears_next(served) {
        // Whatever another run or copy of this desk has begun gets into the log while the old key can
        // still sign it.
        desk.append(Vec::new(), Vec::new())?;
    }
    // [PRO-12] The new key signs the entry, with the head that comes next.
    let log_index = next.log_public_keys().are_two().then_some(desk.log_size());
    let before = Profile { log_index, ..desk.profile.profile().clone() };
    // [PRO-10] What the server took in an earlier run may stand at another place.
    let now = if hears_next(served) {
        desk.now()?.max(served.profile().issued.plus(1))
    } else {
        desk.now()?
    };
    let profile = before.hand_over(&desk.keys, next, now)?;
    let refused = if hears_next(served) { None } else { Some(put(desk, &profile)) };
    if !matches!(refused, Some(Ok(()))) {
        // An earlier run that was cut off got so far, or its request has arrived just now.
        if let Some(Err(error)) = refused
            && !hears_next(&fetch_profile(&desk.profile.profile().url)?)
        {
            return Err(error);
        }
        desk.drop_heartbeat()?;
        desk.keys = next.clone();
        put(desk, &profile)?;
    }
    // [CLI-1]
    files::replace(&desk.place.folder.join("profile"), profile.as_bytes())?;
    desk.profile = profile;
    Ok(())
}

fn put(desk: &Desk<'_>, profile: &SignedProfile) -> anyhow::Result<()> {
    let answer = desk.send("PUT", "v1/authority", "application/cbor", profile.as_bytes())?;
    desk.expect(answer, 204).map(drop)
}
