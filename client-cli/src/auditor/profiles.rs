//! The profiles that a log tells of, by name: where their entries stand, and their digests.

use noren::log::SignedCheckpoint;
use noren::profile::{SignedProfile, logged_profile};
use noren::time::UnixSeconds;
use serde::Serialize;

use super::found::Found;
use crate::log_files::{LogFiles, TileFailed, is_on_its_way};
use crate::text::counted;

/// An entry that tells of a profile.
#[derive(Debug, Serialize)]
struct LoggedProfile {
    index: u64,
    /// The SHA-256 of the signed profile.
    digest: String,
}

/// Every profile that was told of, in their order.
#[derive(Debug, Default, Serialize)]
#[serde(transparent)]
pub(super) struct LoggedProfiles(Vec<LoggedProfile>);

impl LoggedProfiles {
    /// Takes an entry, and says whether it tells of a profile.
    pub(super) fn take(&mut self, index: u64, entry: &[u8]) -> bool {
        // [PRO-14]
        let digest = logged_profile(entry);
        self.0.extend(digest.map(|digest| LoggedProfile { index, digest: hex::encode(digest) }));
        digest.is_some()
    }

    pub(super) const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn lines(&self) -> impl Iterator<Item = String> {
        let head =
            format!("{} that the authority has signed:", counted(self.0.len() as u64, "profile"));
        let named = self.0.iter().map(|each| format!("  entry {}: {}", each.index, each.digest));
        std::iter::once(head).chain(named)
    }

    /// What is wrong with the place in the log of the profile that is served.
    pub(super) fn judge(
        &self,
        served: &SignedProfile,
        head: &SignedCheckpoint,
        files: &LogFiles,
        (is_mirror, now): (bool, UnixSeconds),
    ) -> Option<Found> {
        // [PRO-14]
        let (index, size) = (served.profile().log_index?, head.checkpoint().size);
        // A mirror that is behind is told as that.
        if (is_mirror && index >= size) || is_on_its_way(served, size, now) {
            return None;
        }
        let shown = served.is_in_log(head, |path| files.hash_tile(path));
        match shown {
            Ok(true) => {}
            Ok(false) => {
                let text = format!(
                    "the profile that is served is not entry {index} of the log: it may not be the one \
                     that others get"
                );
                return Some(Found::new("profile-not-in-log", text));
            }
            // What is missing is told by its path.
            Err(TileFailed(_)) => return None,
        }
        let later = self.0.last().filter(|last| last.index > index)?;
        let text = format!(
            "the log tells of a later profile (entry {}) than the one that is served (entry {index})",
            later.index
        );
        Some(Found::new("profile-not-last", text))
    }
}
