//! Proofs about what is on the disk: the short one of every start, and the long one.

use noren::log::{
    CompactRange, HashTiles, SignedCheckpoint, TilePath, TreeHash, bundles_needed,
    decode_hash_tile, leaf_hash,
};
use noren::profile::SignedProfile;

use super::folder::Folder;
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
    folder: &Folder,
    profile: &SignedProfile,
) -> Result<Option<Stored>, PublishedError> {
    let unreadable = |source| PublishedError::Unreadable { file: CHECKPOINT, source };
    let Some(text) = folder.read(CHECKPOINT).map_err(unreadable)? else { return Ok(None) };
    // [API-11] [PRO-7] Between a handover and the next append the old key's checkpoint is the log's.
    let signed = match profile.verify_before_handover(&text) {
        Some(signed) => signed,
        None => {
            let profile = profile.profile();
            SignedCheckpoint::verify(&text, &profile.origin, &profile.log_keys())?
        }
    };
    let (size, root) = (signed.checkpoint().size, signed.checkpoint().root);
    let range = edge::find(folder, size, root);
    Ok(Some(Stored { signed, range }))
}

/// Returns the size of the stored log, after every entry was read and hashed again and every hash tile
/// and the root were compared. Entries that are past may be gone; their hashes stand in for them.
pub(super) fn check(
    folder: &Folder,
    profile: &SignedProfile,
    is_past: impl Fn(&TilePath) -> bool,
) -> Result<u64, PublishedError> {
    let Some(stored) = load(folder, profile)? else { return Ok(0) };
    let (mut range, mut tiles) = (CompactRange::new(), HashTiles::new());
    let compare = |(path, bytes): (TilePath, Vec<u8>)| {
        let is_same = folder.tile(&path).as_ref() == Some(&bytes);
        if is_same { Ok(()) } else { Err(damaged(&path)) }
    };
    for bundle in bundles_needed(0, stored.signed.checkpoint().size) {
        // [API-29] Whoever looks for what is wrong is told where. [API-39]
        let hashes = match folder.tile(&bundle.path) {
            None if is_past(&bundle.path) => hashes_of(folder, &bundle.path),
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
fn hashes_of(folder: &Folder, bundle: &TilePath) -> Option<Vec<TreeHash>> {
    let path = TilePath::Hash { level: 0, index: bundle.index(), width: bundle.width() };
    decode_hash_tile(&folder.tile(&path)?, bundle.width()).ok()
}
