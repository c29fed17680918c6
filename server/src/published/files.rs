//! The published files as a whole: verified, and copied to where nothing of them, or less, is. [API-46]

use std::sync::Arc;

use noren::log::{SignedCheckpoint, tiles_of_append};
use noren::profile::{ReplaceError, SignedProfile};

use super::bucket::Bucket;
use super::retention::{lies_before, past};
use super::{CHECKPOINT, PROFILE, PublishedError, blocking, damaged_log, proof};
use crate::transfer::TransferError;

/// The published files of some log.
pub(crate) struct Files {
    bucket: Arc<dyn Bucket>,
    place: String,
}

/// How sure whoever copies wants to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Care {
    /// The new files lead to the checkpoint.
    Head,
    /// Every entry is read again at its new place.
    Everything,
}

/// One state of the log, as its files say.
struct State {
    profile: SignedProfile,
    /// `None` before the first append.
    head: Option<(Vec<u8>, SignedCheckpoint)>,
    /// The number of entries, from the first one on, that may be gone.
    past: u64,
}

impl Files {
    pub(crate) fn new(bucket: Arc<dyn Bucket>, place: &str) -> Self {
        Self { bucket, place: place.to_owned() }
    }

    /// Reads every entry and hash tile under the checkpoint; the number of entries.
    pub(crate) async fn check(self) -> Result<u64, TransferError> {
        let checked = blocking(move || {
            let Some(state) = State::of(&*self.bucket)? else { return Ok(Err(self.place)) };
            if state.head.is_none() && self.bucket.holds_tiles()? {
                return Err(PublishedError::Damaged { file: CHECKPOINT.to_owned() });
            }
            let is_past = |path: &_| lies_before(path, state.past);
            Ok(Ok(proof::check(&*self.bucket, &state.profile, is_past)?))
        });
        checked.await?.map_err(TransferError::Nothing)
    }

    /// Copies everything that the checkpoint covers, the checkpoint last. What is there already, of an
    /// earlier copy, stays. Returns the number of entries.
    pub(crate) async fn copy_into(
        self,
        target: Arc<dyn Bucket>,
        care: Care,
    ) -> Result<u64, TransferError> {
        blocking(move || Ok(self.copy(&*target, care))).await?
    }

    fn copy(self, target: &dyn Bucket, care: Care) -> Result<u64, TransferError> {
        let source = &*self.bucket;
        let Some(state) = State::of(source)? else {
            return Err(TransferError::Nothing(self.place));
        };
        let before = read(target, CHECKPOINT)?;
        let begin = state.begin(source, target, before.as_deref())?;
        let Some((checkpoint, head)) = &state.head else {
            show(target, &state.profile)?;
            return Ok(0);
        };
        let size = head.checkpoint().size;
        for path in tiles_of_append(begin, size) {
            let name = path.to_string();
            let bytes = read(source, &name)?;
            // [API-39]
            if bytes.is_none() && lies_before(&path, state.past) {
                continue;
            }
            let bytes = bytes.ok_or_else(|| PublishedError::Damaged { file: name.clone() })?;
            add(target, name, bytes)?;
        }
        for day in source.list("archive").map_err(PublishedError::from)? {
            let name = format!("archive/{day}");
            if let Some(note) = read(source, &name)? {
                add(target, name, note)?;
            }
        }
        // [PRO-7] A new profile reads the old key's checkpoint, an old profile not the new key's.
        show(target, &state.profile)?;
        let advanced = target.advance(CHECKPOINT, before.as_deref(), checkpoint);
        advanced.map_err(PublishedError::from)?;
        match care {
            Care::Everything => {
                let is_past = |path: &_| lies_before(path, state.past);
                Ok(proof::check(target, &state.profile, is_past)?)
            }
            Care::Head => {
                let found = proof::under(target, &state.profile, checkpoint)?;
                Ok(found.range.ok_or_else(damaged_log)?.size())
            }
        }
    }
}

impl State {
    /// Reads the checkpoint before all else: what it covers is there, whatever is published meanwhile.
    fn of(source: &dyn Bucket) -> Result<Option<Self>, PublishedError> {
        let checkpoint = source.read(CHECKPOINT)?;
        let Some(profile) = source.read(PROFILE)? else { return Ok(None) };
        let profile = SignedProfile::from_bytes(&profile)
            .map_err(|_| PublishedError::Damaged { file: PROFILE.to_owned() })?;
        let Some(checkpoint) = checkpoint else {
            return Ok(Some(Self { profile, head: None, past: 0 }));
        };
        let head = proof::verified(&profile, &checkpoint)?;
        let past = past(source, &profile, head.timestamp())?.unwrap_or(0);
        Ok(Some(Self { profile, head: Some((checkpoint, head)), past }))
    }

    /// Returns how many entries of this log are there already.
    ///
    /// # Errors
    /// [`TransferError::Other`] where there is anything that this log did not grow out of.
    fn begin(
        &self,
        source: &dyn Bucket,
        target: &dyn Bucket,
        before: Option<&[u8]>,
    ) -> Result<u64, TransferError> {
        if let Some(profile) = read(target, PROFILE)? {
            let there = SignedProfile::from_bytes(&profile).map_err(|_| TransferError::Other)?;
            match there.check_replacement(&self.profile) {
                Ok(()) | Err(ReplaceError::Older) => {}
                Err(_) => return Err(TransferError::Other),
            }
        }
        let Some(before) = before else { return Ok(0) };
        let Some((_, head)) = &self.head else { return Err(TransferError::Other) };
        let there = match proof::under(target, &self.profile, before) {
            Err(PublishedError::Checkpoint(_)) => return Err(TransferError::Other),
            there => there?,
        };
        let tree = there.range.ok_or_else(damaged_log)?;
        let is_later = |signed: &SignedCheckpoint| (signed.checkpoint().size, signed.timestamp());
        if is_later(&there.signed) > is_later(head) || !proof::holds(source, &tree)? {
            return Err(TransferError::Other);
        }
        Ok(tree.size())
    }
}

/// Shows the profile, unless a newer one is there.
fn show(target: &dyn Bucket, profile: &SignedProfile) -> Result<(), PublishedError> {
    let there = target.read(PROFILE)?.and_then(|bytes| SignedProfile::from_bytes(&bytes).ok());
    let is_new = there.is_none_or(|there| {
        there.as_bytes() != profile.as_bytes() && there.check_replacement(profile).is_ok()
    });
    if is_new { Ok(target.replace(PROFILE, profile.as_bytes())?) } else { Ok(()) }
}

fn read(bucket: &dyn Bucket, name: &str) -> Result<Option<Vec<u8>>, PublishedError> {
    Ok(bucket.read(name)?)
}

fn add(target: &dyn Bucket, name: String, bytes: Vec<u8>) -> Result<(), PublishedError> {
    Ok(target.add(&[(name, bytes)])?)
}
