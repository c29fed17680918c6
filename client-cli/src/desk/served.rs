//! The profile that the server hands out, held against this desk's: a desk that was restored from a
//! backup has an older one, and must not take back what was decided since.

use anyhow::bail;
use noren::profile::{Profile, SignedProfile};
use noren::time::UnixSeconds;
use serde_json::json;

use super::Desk;
use super::event::Event;
use super::store::Change;
use crate::errors::words;
use crate::files;
use crate::log_files::fetch_profile;
use crate::times;

/// What the server's profile is to this desk.
pub(super) enum Served {
    /// This desk's own, or an earlier one, or another authority's.
    NoLater,
    /// A later one of these very keys.
    Later(Box<SignedProfile>),
    /// A later one of these keys, and of a patient master key that this desk does not have.
    NotOfOurKeys,
}

impl Desk<'_> {
    pub(super) fn judge_profile(&self, served: SignedProfile) -> Served {
        self.judge_served(served, false)
    }

    /// The same; whatever is served counts as later where this desk's own profile is misplaced.
    fn judge_served(&self, served: SignedProfile, is_misplaced: bool) -> Served {
        let (ours, theirs) = (self.profile.profile(), served.profile());
        let is_own = theirs.log_key == ours.log_key && theirs.origin == ours.origin;
        let is_later = is_misplaced || theirs.issued > ours.issued;
        if !is_own || !is_later || served.as_bytes() == self.profile.as_bytes() {
            return Served::NoLater;
        }
        let has_key = theirs.upload_key == self.keys.upload_public_key()
            && (theirs.patient_master_key.is_none()
                || theirs.patient_master_key == self.keys.patient_public_key());
        if has_key { Served::Later(Box::new(served)) } else { Served::NotOfOurKeys }
    }

    /// Refuses to put this profile in the place of a later one than this desk's, unless that says the
    /// same: an answer was lost, and the command is run again. Returns when the later one was signed.
    pub(super) fn check_profile_is_last(
        &self,
        next: &Profile,
    ) -> anyhow::Result<Option<UnixSeconds>> {
        // [CLI-15] [CLI-34] What cannot be asked takes no profile either.
        let Ok(served) = fetch_profile(&self.profile.profile().url) else { return Ok(None) };
        match self.judge_profile(served) {
            Served::NoLater => Ok(None),
            // [CLI-23] Only time and place are others.
            Served::Later(served) if is_same(served.profile(), next) => {
                Ok(Some(served.profile().issued))
            }
            Served::Later(served) => bail!(
                "nothing was changed: the server hands out a profile of {}, which is later than this \
                 desk's, and what it says would be taken back: the desk was restored from a backup. \
                 `noren authority take-over` takes the later profile over",
                times::show(served.profile().issued)
            ),
            Served::NotOfOurKeys => {
                self.say(
                    "warning: the server hands out a later profile, with a patient master key that is not \
                     in this desk's key file; it is taken back now. A newer copy of the file keys would \
                     have it",
                );
                Ok(None)
            }
        }
    }
}

/// Whether two profiles say the same, whenever they were signed.
fn is_same(served: &Profile, next: &Profile) -> bool {
    let (issued, log_index) = (next.issued, next.log_index);
    Profile { issued, log_index, ..served.clone() } == *next
}

/// Takes the later profile over that the server hands out.
pub(super) fn catch_up(desk: &mut Desk<'_>) -> anyhow::Result<()> {
    // [CLI-15] [PRO-12] A desk that was made anew with keys from before says a place that the log has
    // for another profile.
    let is_misplaced = desk.is_profile_misplaced();
    let served = match fetch_profile(&desk.profile.profile().url) {
        Ok(served) => desk.judge_served(served, is_misplaced),
        Err(error) => {
            desk.say(format!("the server's profile cannot be read: {}", words(&error)));
            return Ok(());
        }
    };
    let Served::Later(served) = served else { return Ok(()) };
    files::replace(&desk.place.folder.join("profile"), served.as_bytes())?;
    desk.profile = *served;
    let profile = desk.profile.profile();
    let why = if is_misplaced { "stands in the log" } else { "is later than this desk's" };
    desk.say(format!(
        "the profile that the server hands out {why}, and is taken over; what else was settled with it, \
         like the policy, is as it was: `noren authority status` says what does not fit"
    ));
    let details = json!({ "name": profile.name, "url": profile.url, "from": "the server" });
    desk.apply(Change::default().note(Event::ProfileChanged.about("desk", details)))
}
