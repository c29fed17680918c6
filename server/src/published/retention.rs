//! Entries that no device needs any more: which bundles are past, and their removal. [API-39]

use std::sync::Arc;
use std::sync::atomic::Ordering;

use noren::log::{TilePath, archived_day, bundles_needed, last_past_day};

use super::{Published, PublishedError, blocking};

impl Published {
    /// Returns whether a file is a bundle of entries that are all past: none of them has to be there.
    pub(crate) fn is_past(&self, path: &TilePath) -> bool {
        let TilePath::Entries { index, width } = path else { return false };
        let end = index.saturating_mul(256).saturating_add(width.get().into());
        end <= self.past.load(Ordering::Acquire)
    }

    /// Finds out anew which entries are past: those under the latest archived head of a day before
    /// all at which devices join.
    pub(super) fn look_for_past(&self) -> Result<(), PublishedError> {
        // [API-39] By the day of the signed head; no clock of this machine decides.
        let Some(head) = self.head() else { return Ok(()) };
        let last = last_past_day(head.timestamp, self.profile().profile().retention_days);
        let names = self.folder.list("archive")?;
        let days = names.iter().filter_map(|name| archived_day(&format!("archive/{name}")));
        let mut days: Vec<_> = days.filter(|day| *day <= last).collect();
        days.sort_unstable();
        for day in days.into_iter().rev() {
            if let Some(archived) = self.archived_head(day)? {
                let size = archived.checkpoint().size.min(head.size);
                self.past.store(size, Ordering::Release);
                return Ok(());
            }
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
                    removed += this.folder.remove_bundle(&bundle.path)?;
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
