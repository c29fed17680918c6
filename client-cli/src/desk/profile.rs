//! Changes of the public profile.

use anyhow::Context as _;
use noren::profile::Profile;
use serde_json::json;

use super::Desk;
use super::event::Event;
use super::store::Change;
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
    let profile = desk.profile.profile();
    let details = json!({ "name": profile.name, "url": profile.url });
    desk.apply(Change::default().note(Event::ProfileChanged.about("desk", details)))
}

/// Signs the changed profile and hands it to the server. Kept here last: a command that was cut off
/// is run again.
pub(super) fn renew(
    desk: &mut Desk<'_>,
    push: bool,
    change: impl FnOnce(&mut Profile),
) -> anyhow::Result<()> {
    let mut profile = desk.profile.profile().clone();
    change(&mut profile);
    let later = if push { desk.check_profile_is_last(&profile)? } else { None };
    // [PRO-3] [PRO-10]
    let known = later.unwrap_or(profile.issued).max(profile.issued);
    profile.issued = desk.now()?.max(known.plus(1));
    profile.log_index = desk.next_log_index()?;
    desk.profile = profile.sign(&desk.keys)?;
    if push {
        let answer =
            desk.send("PUT", "v1/authority", "application/cbor", desk.profile.as_bytes())?;
        desk.expect(answer, 204)?;
    }
    files::replace(&desk.place.folder.join("profile"), desk.profile.as_bytes())
}

/// Lets the log tell of the profile that the server has. Whatever is published next does it as well.
pub(super) fn enter_in_log(desk: &mut Desk<'_>) -> anyhow::Result<()> {
    // [PRO-12]
    if desk.profile.profile().log_index.is_some_and(|index| index >= desk.log_size()) {
        desk.append(Vec::new(), Vec::new()).context(
            "the server has the new profile, and devices take it once the log tells of it, which it \
             does with the next command that signs the log, such as `noren authority heartbeat`",
        )?;
    }
    Ok(())
}
