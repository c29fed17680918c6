//! Proofs about what is on the disk: the short one of every start, and the long one.

use std::collections::HashMap;

use noren::log::{
    CompactRange, HashTiles, SignedCheckpoint, TilePath, TreeHash, bundles_needed,
    decode_hash_tile, leaf_hash, partial_tiles, range_from_tiles,
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
    Ok(SignedCheckpoint::verify(note, &profile.origin, &profile.log_keys())?)
}

/// Returns whether the stored files hold this tree: the log that they show has grown out of it.
pub(super) fn holds(bucket: &dyn Bucket, tree: &CompactRange) -> Result<bool, PublishedError> {
    // What cannot be read just now is not what is not there.
    let mut edge = HashMap::new();
    for path in partial_tiles(tree.size()).filter(|path| matches!(path, TilePath::Hash { .. })) {
        if let Some(bytes) = bucket.read(&path.to_string())? {
            edge.insert(path, bytes);
        }
    }
    let read = range_from_tiles(tree.size(), |path| edge.get(path).cloned());
    let leads = read.is_ok_and(|range| range.root() == tree.root());
    Ok(leads || edge::find(bucket, tree.size(), tree.root()).is_some())
}

/// Returns the size of the stored log, after every entry was read and hashed again and every hash tile
/// and the root were compared. Entries that are past may be gone; their hashes stand in for them.
pub(super) fn check(
    bucket: &dyn Bucket,
    profile: &SignedProfile,
    is_past: impl Fn(&TilePath) -> bool,
) -> Result<u64, PublishedError> {
    let Some(stored) = load(bucket, profile)? else { return Ok(0) };
    let (mut range, mut tiles) = (CompactRange::new(), HashTiles::new());
    let compare = |(path, bytes): (TilePath, Vec<u8>)| {
        let is_same = bucket.tile(&path).as_ref() == Some(&bytes);
        if is_same { Ok(()) } else { Err(damaged(&path)) }
    };
    for bundle in bundles_needed(0, stored.signed.checkpoint().size) {
        // [API-29] Whoever looks for what is wrong is told where. [API-39]
        let hashes = match bucket.tile(&bundle.path) {
            None if is_past(&bundle.path) => hashes_of(bucket, &bundle.path),
            None => None,
            Some(bytes) => bundle
                .new_entries(&bytes)
                .ok()
                .map(|entries| entries.iter().map(|entry| leaf_hash(entry)).collect()),
        };
        for hash in hashes.ok_or_else(|| damaged(&bundle.path))? {
            range.push(hash);
            tiles.push(hash).into_iter().try_for_each(compare)?;
        }
    }
    tiles.partial().into_iter().try_for_each(compare)?;
    let root = stored.signed.checkpoint().root;
    if range.root() == root { Ok(range.size()) } else { Err(PublishedError::RootMismatch) }
}

/// Returns the hashes of a bundle's entries, from the hash tile at its place.
fn hashes_of(bucket: &dyn Bucket, bundle: &TilePath) -> Option<Vec<TreeHash>> {
    let path = TilePath::Hash { level: 0, index: bundle.index(), width: bundle.width() };
    decode_hash_tile(&bucket.tile(&path)?, bundle.width()).ok()
}
