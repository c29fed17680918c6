//! Archived heads: of each day the first that was published, kept for who joins late. [API-38]

use std::sync::Arc;

use noren::log::{SignedCheckpoint, archived_path};
use noren::time::Day;

use super::{Head, Published, PublishedError, blocking};

impl Published {
    /// Returns the head that was archived on a day.
    ///
    /// # Errors
    /// [`PublishedError::Io`] where it cannot be read.
    pub async fn archived(self: &Arc<Self>, day: Day) -> Result<Option<String>, PublishedError> {
        let this = Arc::clone(self);
        blocking(move || Ok(this.archived_head(day)?.map(|head| head.text().to_owned()))).await
    }

    /// Archives a head for its day, unless one is archived already. Where that fails, the next head
    /// of the day takes its place.
    pub(super) fn archive(&self, head: &Head) {
        if let Err(error) = self.try_to_archive(head) {
            tracing::error!(%error, "the head of the day was not archived");
        }
    }

    fn try_to_archive(&self, head: &Head) -> Result<(), PublishedError> {
        let day = Day::containing(head.timestamp);
        if self.archived_head(day)?.is_some() {
            return Ok(());
        }
        let name = archived_path(day);
        self.folder.write([(&name[..], &head.text[..])])?;
        self.look_for_past()
    }

    /// Returns the head that is archived for a day, if it is one of this log and of that day.
    pub(super) fn archived_head(
        &self,
        day: Day,
    ) -> Result<Option<SignedCheckpoint>, PublishedError> {
        // [API-38] A damaged one is none: readers join at an earlier one.
        let Some(note) = self.folder.read(&archived_path(day))? else { return Ok(None) };
        let profile = self.profile();
        let own = profile.profile();
        let head = SignedCheckpoint::verify(&note, &own.origin, &own.log_keys()).ok();
        let head = head.or_else(|| profile.verify_before_handover(&note));
        Ok(head.filter(|head| head.is_of(day)))
    }
}
