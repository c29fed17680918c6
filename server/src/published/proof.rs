//! Proofs about what is on the disk: the short one of every start, and the long one.

use std::collections::HashMap;

use noren::log::{
    CompactRange, SignedCheckpoint, TilePath, append_tiles, bundles_needed, leaf_hash,
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

/// Returns the size of the stored log, after every entry was read and hashed again and every full
/// tile and the root were compared.
pub(super) fn check(folder: &Folder, profile: &SignedProfile) -> Result<u64, PublishedError> {
    let Some(stored) = load(folder, profile)? else { return Ok(0) };
    let mut range = CompactRange::new();
    // The last tile of each level, and of the bundles: what the next entries are added to.
    let mut edge: HashMap<(bool, u8), (TilePath, Vec<u8>)> = HashMap::new();
    for bundle in bundles_needed(0, stored.signed.checkpoint().size) {
        // [API-29] Whoever looks for what is wrong is told where.
        let bytes = folder.tile(&bundle.path).ok_or_else(|| damaged(&bundle.path))?;
        let entries = bundle.new_entries(&bytes).map_err(|_| damaged(&bundle.path))?;
        let known = |path: &TilePath| {
            let (known, bytes) = edge.get(&level_of(path))?;
            (known == path).then(|| bytes.clone())
        };
        for (path, bytes) in append_tiles(&range, &entries, known)? {
            // Above level 0 a partial tile of this step may never have been published.
            let published = path.width().is_full() || path.level() == 0;
            if published && folder.tile(&path).as_ref() != Some(&bytes) {
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
