//! The authority's profile: the file that is shown and, where several servers share a database, the
//! row that decides.

use std::io;
use std::sync::Arc;

use noren::profile::SignedProfile;

use super::bucket::Bucket;
use super::proof::load;
use super::{PROFILE, Published, PublishedError, blocking};
use crate::database::{Database, DatabaseError, Line, Work};

impl Published {
    /// Replaces the profile durably, by one of the same keys that was not issued earlier.
    pub(crate) async fn replace_profile(
        self: &Arc<Self>,
        profile: SignedProfile,
    ) -> Result<(), PublishedError> {
        // One at a time, or an older one could slip in behind the check.
        let _writer = self.writer.lock().await;
        let profile = if self.database.is_shared() {
            let profile = decide(&self.database, profile).await??;
            self.profile.send_replace(Arc::new(profile.clone()));
            profile
        } else {
            self.profile().check_replacement(&profile)?;
            profile
        };
        let this = Arc::clone(self);
        let result = blocking(move || {
            store_profile(&*this.bucket, &profile)?;
            this.profile.send_replace(Arc::new(profile));
            Ok(())
        });
        self.wrote(result.await)
    }

    /// Takes the profile that another server may have replaced.
    pub(crate) async fn look_at_profile(&self) -> Result<(), PublishedError> {
        // [API-41]
        if self.database.is_shared()
            && let Some(profile) = decided(&self.database).await?
            && profile.as_bytes() != self.profile().as_bytes()
        {
            self.profile.send_replace(Arc::new(profile));
        }
        Ok(())
    }
}

/// Returns the profile that the published files hold, as bytes.
pub(crate) fn stored_profile(bucket: &dyn Bucket) -> io::Result<Option<Vec<u8>>> {
    bucket.read(PROFILE)
}

/// Returns whether the published checkpoint is this authority's.
pub(crate) fn signed_the_log(bucket: &dyn Bucket, profile: &SignedProfile) -> bool {
    matches!(load(bucket, profile), Ok(Some(_)))
}

/// Shows a profile.
pub(crate) fn store_profile(bucket: &dyn Bucket, profile: &SignedProfile) -> io::Result<()> {
    bucket.replace(PROFILE, profile.as_bytes())
}

/// Returns the profile that several servers share.
pub(crate) async fn decided(database: &Database) -> Result<Option<SignedProfile>, DatabaseError> {
    let mut work = database.read().await?;
    let profile = row(&mut work).await?;
    work.leave().await?;
    Ok(profile)
}

/// Makes a profile the one that several servers share, unless it may not take the place of the one
/// there.
pub(crate) async fn decide(
    database: &Database,
    profile: SignedProfile,
) -> Result<Result<SignedProfile, noren::profile::ReplaceError>, DatabaseError> {
    let mut work = database.write(Line::Log).await?;
    let before = match row(&mut work).await {
        Ok(before) => before,
        Err(error) => return work.finish(Err(error)).await,
    };
    if let Some(Err(error)) = before.map(|before| before.check_replacement(&profile)) {
        work.leave().await?;
        return Ok(Err(error));
    }
    let sql = "INSERT INTO profile (one, body) VALUES (1, $1)
               ON CONFLICT (one) DO UPDATE SET body = excluded.body";
    let written = sqlx::query(sql).bind(profile.as_bytes()).execute(work.on()?).await;
    work.finish(written.map(|_| Ok(profile)).map_err(DatabaseError::from)).await
}

async fn row(work: &mut Work) -> Result<Option<SignedProfile>, DatabaseError> {
    let sql = "SELECT body FROM profile";
    let body: Option<Vec<u8>> = sqlx::query_scalar(sql).fetch_optional(work.on()?).await?;
    body.map(|body| SignedProfile::from_bytes(&body).map_err(|_| DatabaseError::Damaged))
        .transpose()
}
