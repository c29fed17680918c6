//! Proofs about what is on the disk: the short one of every start, and the long one.

use std::collections::HashMap;

use noren::authority::profile::SignedProfile;
use noren::log::tile::encode_hash_tile;
use noren::log::{
    CompactRange, LogPosition, SignedCheckpoint, TileError, TilePath, TreeHash, append_tiles,
    bundles_needed, decode_bundle, leaf_hash, range_from_tiles,
};

use super::folder::Folder;
use super::{CHECKPOINT, PublishedError};

/// The stored log, proved: the checkpoint is signed by the pinned key or one that led to it, the tiles lead to its root,
/// and the last bundle holds the entries that the last tile names. `None`: no log yet.
pub(super) fn load(
    folder: &Folder,
    profile: &SignedProfile,
) -> Result<Option<(LogPosition, SignedCheckpoint)>, PublishedError> {
    let Some(text) = folder.read(CHECKPOINT)? else { return Ok(None) };
    // [API-11] [PRO-7] Between a handover and the next append the old key's checkpoint is the log's.
    let signed = match profile.verify_before_handover(&text) {
        Some(signed) => signed,
        None => {
            let profile = profile.profile();
            SignedCheckpoint::verify(&text, &profile.origin, &profile.log_key)?
        }
    };
    let (size, root) = (signed.checkpoint().size, signed.checkpoint().root);
    let range = match from_tiles(folder, size, root) {
        Ok(range) => range,
        // [API-20] Tiles follow from the entries, and are made again when they are read.
        Err(error) => {
            from_entries(folder, size).filter(|range| range.root() == root).ok_or(error)?
        }
    };
    Ok(Some((LogPosition { range, timestamp: signed.timestamp() }, signed)))
}

/// The tree as the tiles have it, which lead to the root.
fn from_tiles(folder: &Folder, size: u64, root: TreeHash) -> Result<CompactRange, PublishedError> {
    let range = range_from_tiles(size, |path| folder.tile(path))?;
    if range.root() != root {
        return Err(PublishedError::RootMismatch);
    }
    prove_last_bundle(folder, size)?;
    Ok(range)
}

/// The tree of all entries; `None` where some of them cannot be read.
fn from_entries(folder: &Folder, size: u64) -> Option<CompactRange> {
    let mut range = CompactRange::new();
    for bundle in bundles_needed(0, size) {
        let entries = bundle.new_entries(&folder.tile(&bundle.path)?).ok()?;
        entries.iter().for_each(|entry| range.push(leaf_hash(entry)));
    }
    Some(range)
}

/// The last bundle's entries hash to the tile of the same place and width.
fn prove_last_bundle(folder: &Folder, size: u64) -> Result<(), PublishedError> {
    let last = size.checked_sub(1).and_then(|start| bundles_needed(start, size).next());
    let Some(path) = last.map(|bundle| bundle.path) else { return Ok(()) };
    let bytes = folder.tile(&path).ok_or(TileError::Missing)?;
    let entries = decode_bundle(&bytes, path.width())?;
    let hashes: Vec<_> = entries.iter().map(|entry| leaf_hash(entry)).collect();
    let tile = TilePath::Hash { level: 0, index: path.index(), width: path.width() };
    if folder.tile(&tile) == Some(encode_hash_tile(&hashes)?) {
        Ok(())
    } else {
        Err(TileError::Damaged.into())
    }
}

/// The size of the stored log, after every entry was read and hashed again and every full tile and
/// the root were compared.
pub(super) fn check(folder: &Folder, profile: &SignedProfile) -> Result<u64, PublishedError> {
    let Some((position, _)) = load(folder, profile)? else { return Ok(0) };
    let mut range = CompactRange::new();
    // The last tile of each level, and of the bundles: what the next entries are added to.
    let mut edge: HashMap<(bool, u8), (TilePath, Vec<u8>)> = HashMap::new();
    for bundle in bundles_needed(0, position.range.size()) {
        let bytes = folder.tile(&bundle.path).ok_or(TileError::Missing)?;
        let entries = bundle.new_entries(&bytes)?;
        let stored = |path: &TilePath| {
            let (known, bytes) = edge.get(&level_of(path))?;
            (known == path).then(|| bytes.clone())
        };
        for (path, bytes) in append_tiles(&range, &entries, stored)? {
            // Above level 0 a partial tile of this step may never have been published.
            let published = path.width().is_full() || path.level() == 0;
            if published && folder.tile(&path).as_ref() != Some(&bytes) {
                return Err(TileError::Damaged.into());
            }
            edge.insert(level_of(&path), (path, bytes));
        }
        entries.iter().for_each(|entry| range.push(leaf_hash(entry)));
    }
    if range == position.range { Ok(range.size()) } else { Err(PublishedError::RootMismatch) }
}

const fn level_of(path: &TilePath) -> (bool, u8) {
    (matches!(path, TilePath::Entries { .. }), path.level())
}
