//! The published files as a whole: copied, and verified on the way.

use std::sync::Arc;

use noren::log::tiles_of_append;
use noren::profile::SignedProfile;

use super::bucket::Bucket;
use super::retention::{lies_before, past};
use super::{CHECKPOINT, PROFILE, PublishedError, blocking, proof};
use crate::transfer::TransferError;

/// The published files of some log.
pub(crate) struct Files {
    bucket: Arc<dyn Bucket>,
    place: String,
}

impl Files {
    pub(crate) fn new(bucket: Arc<dyn Bucket>, place: &str) -> Self {
        Self { bucket, place: place.to_owned() }
    }

    /// Copies everything that the checkpoint covers, the checkpoint last, and reads it all again.
    /// Returns the number of entries.
    pub(crate) async fn copy_into(self, target: Arc<dyn Bucket>) -> Result<u64, TransferError> {
        // [API-46]
        let copied = blocking(move || self.copy(&*target)).await?;
        copied.map_err(TransferError::Nothing)
    }

    fn copy(self, target: &dyn Bucket) -> Result<Result<u64, String>, PublishedError> {
        let source = &*self.bucket;
        // The checkpoint first: what it covers is there, whatever is published meanwhile.
        let checkpoint = source.read(CHECKPOINT)?;
        let Some(profile) = source.read(PROFILE)? else { return Ok(Err(self.place)) };
        let signed = SignedProfile::from_bytes(&profile)
            .map_err(|_| PublishedError::Damaged { file: PROFILE.to_owned() })?;
        let Some(checkpoint) = checkpoint else {
            target.replace(PROFILE, &profile)?;
            return Ok(Ok(0));
        };
        let head = proof::verified(&signed, &checkpoint)?;
        let size = head.checkpoint().size;
        let past = past(source, &signed, head.timestamp())?.unwrap_or(0);
        for day in source.list("archive")? {
            let name = format!("archive/{day}");
            if let Some(note) = source.read(&name)? {
                target.add(&[(name, note)])?;
            }
        }
        for path in tiles_of_append(0, size) {
            let name = path.to_string();
            let bytes = source.read(&name)?;
            // [API-39]
            if bytes.is_none() && lies_before(&path, past) {
                continue;
            }
            let bytes = bytes.ok_or_else(|| PublishedError::Damaged { file: name.clone() })?;
            target.add(&[(name, bytes)])?;
        }
        target.replace(PROFILE, &profile)?;
        let before = target.read(CHECKPOINT)?;
        if before.as_ref().is_some_and(|before| *before != checkpoint) {
            return Err(std::io::Error::other("there is a log already").into());
        }
        target.advance(CHECKPOINT, before.as_deref(), &checkpoint)?;
        Ok(Ok(proof::check(target, &signed, |path| lies_before(path, past))?))
    }
}
