//! Changes of the public profile.

use anyhow::Context as _;
use noren::profile::{Profile, SignedProfile};
use serde_json::json;

use super::event::Event;
use super::store::Change;
use super::{Desk, kept};
use crate::files;

/// Takes another name or address from now on; with `push`, the server gets the new profile.
pub(super) fn change(
    desk: &mut Desk<'_>,
    push: bool,
    name: Option<&str>,
    url: Option<&str>,
) -> anyhow::Result<()> {
    renew(desk, push, |profile| {
        if let Some(name) = name {
            name.clone_into(&mut profile.name);
        }
        if let Some(url) = url {
            url.trim_end_matches('/').clone_into(&mut profile.url);
        }
    })?;
    note(desk)
}

/// The server has another address from now on. It is an empty one, which gets the profile first and the log
/// after it; kept here last, so that a command that was cut off is run again.
pub(super) fn move_to(desk: &mut Desk<'_>, url: &str) -> anyhow::Result<()> {
    let profile = Profile { url: url.to_owned(), ..desk.profile.profile().clone() };
    desk.profile = signed(desk, true, profile)?;
    send(desk)?;
    keep(desk)?;
    note(desk)
}

fn note(desk: &mut Desk<'_>) -> anyhow::Result<()> {
    let profile = desk.profile.profile();
    let details = json!({ "name": profile.name, "url": profile.url });
    desk.apply(Change::default().note(Event::ProfileChanged.about("desk", details)))
}

/// The file with a profile that was signed, until the log tells of it and the server has it.
const NEXT: &str = "next-profile";

/// Signs the changed profile; with `push` it is in the log and at the server then. A command that was cut
/// off is run again, or finished by the next one that signs the log.
pub(super) fn renew(
    desk: &mut Desk<'_>,
    push: bool,
    change: impl FnOnce(&mut Profile),
) -> anyhow::Result<()> {
    let has_finished = push && finish(desk)?;
    let mut profile = desk.profile.profile().clone();
    change(&mut profile);
    if has_finished && profile == *desk.profile.profile() {
        return Ok(());
    }
    let next = signed(desk, push, profile)?;
    if push {
        return hand_out(desk, next, false);
    }
    desk.profile = next;
    keep(desk)
}

/// The changed profile, signed as the next in the log.
fn signed(desk: &Desk<'_>, push: bool, mut profile: Profile) -> anyhow::Result<SignedProfile> {
    let later = if push { desk.check_profile_is_last(&profile)? } else { None };
    // [PRO-3] [PRO-10]
    let known = later.unwrap_or(profile.issued).max(profile.issued);
    profile.issued = desk.now()?.max(known.plus(1));
    profile.log_index = desk.next_log_index()?;
    Ok(profile.sign(&desk.keys)?)
}

fn send(desk: &Desk<'_>) -> anyhow::Result<()> {
    let answer = desk.send("PUT", "v1/authority", "application/cbor", desk.profile.as_bytes())?;
    desk.expect(answer, 204)?;
    Ok(())
}

fn keep(desk: &Desk<'_>) -> anyhow::Result<()> {
    files::replace(&desk.place.folder.join("profile"), desk.profile.as_bytes())
}

/// Whether a profile was signed that the log or the server may not have yet.
pub(super) fn is_unfinished(desk: &Desk<'_>) -> bool {
    files::is_there(&desk.place.folder.join(NEXT))
}

/// Finishes a change that was cut off; returns whether there was one. One whose place in the log is another
/// entry's by now, or that is of earlier keys, is given up.
pub(super) fn finish(desk: &mut Desk<'_>) -> anyhow::Result<bool> {
    // [CLI-23] [PRO-12]
    let path = desk.place.folder.join(NEXT);
    let Some(bytes) = kept::read(&path)? else { return Ok(false) };
    let next =
        SignedProfile::from_bytes(&bytes).context("the desk's file next-profile is damaged")?;
    let (ours, theirs) = (desk.profile.profile(), next.profile());
    let is_later = theirs.log_key == ours.log_key && theirs.issued > ours.issued;
    if !is_later || !desk.has_place_for(&next)? {
        files::remove(&path)?;
        if is_later {
            desk.say("a change of the profile was cut off and cannot be finished: make it again");
        }
        return Ok(false);
    }
    hand_out(desk, next, true)?;
    Ok(true)
}

/// Has the log tell of a signed profile, hands it to the server and keeps it, in this order: at no time is
/// there a profile that the log does not tell of. `is_kept`: it is in its file already.
fn hand_out(desk: &mut Desk<'_>, next: SignedProfile, is_kept: bool) -> anyhow::Result<()> {
    let path = desk.place.folder.join(NEXT);
    desk.profile = next;
    if desk.profile.profile().log_index.is_some_and(|index| index >= desk.log_size()) {
        // What would be refused is refused before anything is begun.
        desk.prepare_to_sign()?;
        if !is_kept {
            // [CLI-1] [CLI-23]
            kept::replace(&path, desk.profile.as_bytes())?;
        }
        desk.append_alone(Vec::new(), Vec::new(), None).context(
            "the new profile is signed and kept here. The server gets it once the log tells of it: the \
             next command that signs the log, such as `noren authority heartbeat`, finishes this",
        )?;
    }
    send(desk)?;
    keep(desk)?;
    if files::is_there(&path) { files::remove(&path) } else { Ok(()) }
}
