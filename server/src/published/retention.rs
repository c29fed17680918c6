//! Entries that no device needs any more: which bundles are past, and their removal. [API-39]

use std::io;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use noren::log::{TilePath, archived_day, bundles_needed, last_past_day};
use noren::profile::SignedProfile;
use noren::time::UnixSeconds;

use super::archive::archived_in;
use super::bucket::Bucket;
use super::{Published, PublishedError, blocking};

impl Published {
    /// Returns whether a file is a bundle of entries that are all past: none of them has to be there.
    pub(crate) fn is_past(&self, path: &TilePath) -> bool {
        lies_before(path, self.past.load(Ordering::Acquire))
    }

    /// Finds out anew which entries are past: those under the latest archived head of a day before
    /// all at which devices join.
    pub(super) fn look_for_past(&self) -> Result<(), PublishedError> {
        // [API-39] By the day of the signed head; no clock of this machine decides.
        let Some(head) = self.head() else { return Ok(()) };
        let past = past(&*self.bucket, &self.profile(), head.timestamp)?;
        if let Some(past) = past {
            self.past.store(past.min(head.size), Ordering::Release);
        }
        Ok(())
    }

    /// Removes the bundles that are past. Hash tiles stay, so that every tree can still be proved.
    pub(crate) async fn remove_past(self: &Arc<Self>) -> Result<(), PublishedError> {
        let this = Arc::clone(self);
        blocking(move || {
            this.look_for_past()?;
            let mut removed = 0_u64;
            // The last bundle may hold entries of both kinds.
            for bundle in bundles_needed(0, this.past.load(Ordering::Acquire)) {
                if bundle.path.width().is_full() {
                    removed += this.bucket.remove_bundle(&bundle.path)?;
                }
            }
            if removed > 0 {
                tracing::info!(removed, "files of entries that no device needs were removed");
            }
            Ok(())
        })
        .await
    }
}

/// Returns whether a file is a bundle of entries before the one at `past`.
pub(super) fn lies_before(path: &TilePath, past: u64) -> bool {
    let TilePath::Entries { index, width } = path else { return false };
    index.saturating_mul(256).saturating_add(width.get().into()) <= past
}

/// Returns how many entries are past by the archived heads, under a head of this time.
pub(super) fn past(
    bucket: &dyn Bucket,
    profile: &SignedProfile,
    head: UnixSeconds,
) -> io::Result<Option<u64>> {
    let last = last_past_day(head, profile.profile().retention_days);
    let names = bucket.list("archive")?;
    let days = names.iter().filter_map(|name| archived_day(&format!("archive/{name}")));
    let mut days: Vec<_> = days.filter(|day| *day <= last).collect();
    days.sort_unstable();
    for day in days.into_iter().rev() {
        if let Some(archived) = archived_in(bucket, profile, day)? {
            return Ok(Some(archived.checkpoint().size));
        }
    }
    Ok(None)
}
