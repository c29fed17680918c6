//! Profiles that contradict what is followed, and what the true cause is.

use anyhow::bail;
use noren::profile::{Fingerprint, SignedProfile};
use noren::time::UnixSeconds;

use super::digits;
use crate::text::clean;
use crate::times;

/// A profile that a pinned one forbids.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(crate) struct RefusedProfile(pub(crate) String);

/// Refuses a profile with keys that none of the followed ones has led to, where it takes their place
/// or their keys.
pub(super) fn refuse(all: &[SignedProfile], offered: &SignedProfile) -> anyhow::Result<()> {
    // [CLI-4] [CLI-24] [PRO-2] [PRO-5]
    let new = offered.profile();
    let fingerprint = new.fingerprint();
    if let Some((known, at)) =
        all.iter().find_map(|known| Some((known, retired(known, &fingerprint)?)))
    {
        bail!(RefusedProfile(from_before(known, &fingerprint, at)));
    }
    let same_ancestor = |known: &&SignedProfile| {
        known.predecessors().iter().any(|before| offered.predecessors().contains(before))
    };
    if let Some(known) = all.iter().find(same_ancestor) {
        bail!(RefusedProfile(format!(
            "the old keys of {} have signed two handovers: to {}, which this device follows, and to \
             {fingerprint} in this profile. One of them is by a copy or a thief of the old keys. Ask \
             the authority by another way which it is; `noren visitor unfollow` forgets the one that \
             is followed",
            clean(&known.profile().name),
            known.profile().fingerprint(),
        )));
    }
    let same_place = |known: &&SignedProfile| {
        known.profile().origin == new.origin || known.profile().url == new.url
    };
    if let Some(known) = all.iter().find(same_place) {
        bail!(RefusedProfile(format!(
            "the keys of {} have changed: pinned is {}, offered is {fingerprint}. This may be an \
             impostor. Ask the authority by another way; `noren visitor unfollow` forgets the old \
             keys",
            clean(&known.profile().name),
            known.profile().fingerprint(),
        )));
    }
    Ok(())
}

/// When keys were handed over that led to a profile; `None` where they did not.
fn retired(profile: &SignedProfile, keys: &Fingerprint) -> Option<UnixSeconds> {
    let place = profile.predecessors().iter().position(|before| before == keys)?;
    profile.profile().handovers.get(place).map(|handover| handover.at)
}

fn from_before(known: &SignedProfile, keys: &Fingerprint, at: UnixSeconds) -> String {
    // [CLI-24]
    format!(
        "this is a profile of {} from before it handed its keys over ({}): its keys ({keys}) are \
         retired, and this device follows the newer ones ({}). Nothing is wrong with those; use a \
         newer copy of the profile. A server that sends this one is behind, or holds news back",
        clean(&known.profile().name),
        times::rfc3339(at),
        known.profile().fingerprint(),
    )
}

/// Refuses a profile whose fingerprint is not the one that somebody read aloud, with the true cause.
/// Keys that handed over to the profile's vouch for it.
pub(crate) fn check_fingerprint(
    all: &[SignedProfile],
    offered: &SignedProfile,
    wanted: &str,
) -> anyhow::Result<()> {
    // [PRO-2] [PRO-5] [CLI-24]
    let found = offered.profile().fingerprint();
    let digits = digits::whole(wanted)?;
    let is_wanted = |keys: &Fingerprint| digits::begins_with(keys, &digits);
    if is_wanted(&found) || offered.predecessors().iter().any(is_wanted) {
        return Ok(());
    }
    let newer = all.iter().find(|known| is_wanted(&known.profile().fingerprint()));
    if let Some((known, at)) = newer.and_then(|known| Some((known, retired(known, &found)?))) {
        bail!(RefusedProfile(from_before(known, &found, at)));
    }
    bail!(
        "this authority's fingerprint is {found}, not the one you gave: do not trust it, unless the \
         authority tells you by another way that it handed its keys over since and that this \
         profile is an old copy"
    );
}
