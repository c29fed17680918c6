//! Archived heads: of each day the first that was published, kept for who joins late. [API-38]

use std::io;
use std::sync::Arc;

use noren::log::{SignedCheckpoint, archived_path};
use noren::profile::SignedProfile;
use noren::time::Day;

use super::bucket::Bucket;
use super::proof::verified;
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
        // [API-42] Of two servers that archive a day the first one does.
        self.bucket.add(&[(name, head.text.to_vec())])?;
        self.look_for_past()
    }

    /// Returns the head that is archived for a day, if it is one of this log and of that day.
    pub(super) fn archived_head(
        &self,
        day: Day,
    ) -> Result<Option<SignedCheckpoint>, PublishedError> {
        Ok(archived_in(&*self.bucket, &self.profile(), day)?)
    }
}

/// Returns the head that some files hold for a day, if it is one of this authority's and of that day.
pub(super) fn archived_in(
    bucket: &dyn Bucket,
    profile: &SignedProfile,
    day: Day,
) -> io::Result<Option<SignedCheckpoint>> {
    // [API-38] A damaged one is none: readers join at an earlier one.
    let Some(note) = bucket.read(&archived_path(day))? else { return Ok(None) };
    Ok(verified(profile, &note).ok().filter(|head| head.is_of(day)))
}
