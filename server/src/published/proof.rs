//! Proofs about what is on the disk: the short one of every start, and the long one.

use std::collections::HashMap;

use noren::log::{
    CompactRange, SignedCheckpoint, TilePath, append_tiles, bundles_needed, leaf_hash,
};
use noren::profile::SignedProfile;

use super::bucket::Bucket;
use super::{CHECKPOINT, PublishedError, damaged};

mod edge;

/// The log as it was found on the disk.
pub(super) struct Stored {
    /// The checkpoint, signed by the pinned key or one that led to it.
    pub(super) signed: SignedCheckpoint,
    /// The tree under its root; `None` where neither tiles nor entries lead there.
    pub(super) range: Option<CompactRange>,
}

/// Returns the stored log, and whether files and checkpoint belong together. `None`: no log yet.
pub(super) fn load(
    bucket: &dyn Bucket,
    profile: &SignedProfile,
) -> Result<Option<Stored>, PublishedError> {
    let unreadable = |source| PublishedError::Unreadable { file: CHECKPOINT, source };
    let text = bucket.read(CHECKPOINT).map_err(unreadable)?;
    text.map(|text| under(bucket, profile, &text)).transpose()
}

/// Returns the log under this signed note, as far as the stored files lead there.
pub(super) fn under(
    bucket: &dyn Bucket,
    profile: &SignedProfile,
    note: &[u8],
) -> Result<Stored, PublishedError> {
    let signed = verified(profile, note)?;
    let (size, root) = (signed.checkpoint().size, signed.checkpoint().root);
    let range = edge::find(bucket, size, root);
    Ok(Stored { signed, range })
}

/// Verifies a note by the pinned key, or by one that led to it.
pub(super) fn verified(
    profile: &SignedProfile,
    note: &[u8],
) -> Result<SignedCheckpoint, PublishedError> {
    // [API-11] [PRO-7] Between a handover and the next append the old key's checkpoint is the log's.
    if let Some(signed) = profile.verify_before_handover(note) {
        return Ok(signed);
    }
    let profile = profile.profile();
    Ok(SignedCheckpoint::verify(note, &profile.origin, &profile.log_key)?)
}

/// Returns whether the stored files hold this tree: the log that they show has grown out of it.
pub(super) fn holds(bucket: &dyn Bucket, tree: &CompactRange) -> Result<bool, PublishedError> {
    let found = edge::find(bucket, tree.size(), tree.root()).is_some();
    // A bucket that does not answer holds nothing, and says nothing.
    if !found {
        bucket.read(CHECKPOINT)?;
    }
    Ok(found)
}

/// Returns the size of the stored log, after every entry was read and hashed again and every full
/// tile and the root were compared.
pub(super) fn check(bucket: &dyn Bucket, profile: &SignedProfile) -> Result<u64, PublishedError> {
    let Some(stored) = load(bucket, profile)? else { return Ok(0) };
    let mut range = CompactRange::new();
    // The last tile of each level, and of the bundles: what the next entries are added to.
    let mut edge: HashMap<(bool, u8), (TilePath, Vec<u8>)> = HashMap::new();
    for bundle in bundles_needed(0, stored.signed.checkpoint().size) {
        // [API-29] Whoever looks for what is wrong is told where.
        let bytes = bucket.tile(&bundle.path).ok_or_else(|| damaged(&bundle.path))?;
        let entries = bundle.new_entries(&bytes).map_err(|_| damaged(&bundle.path))?;
        let known = |path: &TilePath| {
            let (known, bytes) = edge.get(&level_of(path))?;
            (known == path).then(|| bytes.clone())
        };
        for (path, bytes) in append_tiles(&range, &entries, known)? {
            // Above level 0 a partial tile of this step may never have been published.
            let published = path.width().is_full() || path.level() == 0;
            if published && bucket.tile(&path).as_ref() != Some(&bytes) {
                return Err(damaged(&path));
            }
            edge.insert(level_of(&path), (path, bytes));
        }
        entries.iter().for_each(|entry| range.push(leaf_hash(entry)));
    }
    let root = stored.signed.checkpoint().root;
    if range.root() == root { Ok(range.size()) } else { Err(PublishedError::RootMismatch) }
}

const fn level_of(path: &TilePath) -> (bool, u8) {
    (matches!(path, TilePath::Entries { .. }), path.level())
}
