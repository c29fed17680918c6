//! Writing the log: from the tiles at the right edge of the tree to those after an append.

use super::{
    MAX_ENTRY,
    bundle::{decode_bundle, encode_bundle},
    merkle::{CompactRange, TreeHash, leaf_hash},
    tile::{
        TileError, TilePath, TileWidth, count_on_level, decode_hash_tile, encode_hash_tile,
        subtree_root,
    },
};

/// Returns the tree of `size` entries from its stored partial tiles
/// ([`super::tile::partial_tiles`]).
///
/// For a server or an authority that starts again with nothing but the files and a checkpoint:
/// compare the root before you trust the range.
///
/// # Errors
/// [`TileError::Missing`] when `stored` has not one of them, [`TileError::HashTile`] when its length
/// is wrong.
pub fn range_from_tiles(
    size: u64,
    mut stored: impl FnMut(&TilePath) -> Option<Vec<u8>>,
) -> Result<CompactRange, TileError> {
    let mut subtrees = vec![];
    for level in (0..8).rev() {
        let hashes = stored_hashes(level, count_on_level(level, size), &mut stored)?;
        let mut rest = &hashes[..];
        // A partial tile is the complete subtrees of the bits of its width, the largest first.
        while let Some(bit) = rest.len().checked_ilog2() {
            let (subtree, after) = rest.split_at(1 << bit);
            subtrees.push(subtree_root(subtree).ok_or(TileError::Damaged)?);
            rest = after;
        }
    }
    CompactRange::from_parts(size, subtrees).map_err(|_| TileError::Damaged)
}

/// Returns the files that appending `entries` to the tree `old` makes, with their bytes, in the
/// order of [`super::tiles_of_append`]. They are new: no file that was published before changes.
///
/// `stored` gives the partial tiles of `old` ([`super::tile::partial_tiles`]). They are first checked
/// against `old`, so that a damaged disk never spreads into what is published next.
///
/// # Errors
/// [`TileError::Missing`], [`TileError::HashTile`], [`TileError::Bundle`] or [`TileError::Damaged`]
/// for the stored tiles; [`TileError::EntryTooLong`] for a new entry.
pub fn append_tiles<E: AsRef<[u8]>>(
    old: &CompactRange,
    entries: &[E],
    mut stored: impl FnMut(&TilePath) -> Option<Vec<u8>>,
) -> Result<Vec<(TilePath, Vec<u8>)>, TileError> {
    // [LOG-11]
    if entries.iter().any(|entry| entry.as_ref().len() > MAX_ENTRY) {
        return Err(TileError::EntryTooLong);
    }
    // [LOG-9]
    if range_from_tiles(old.size(), &mut stored)? != *old {
        return Err(TileError::Damaged);
    }
    let mut files = new_bundles(old.size(), entries, &mut stored)?;
    let mut fresh: Vec<TreeHash> = entries.iter().map(|entry| leaf_hash(entry.as_ref())).collect();
    let mut level = 0;
    while !fresh.is_empty() {
        fresh = new_hash_tiles(level, old.size(), fresh, &mut stored, &mut files)?;
        level += 1;
    }
    Ok(files)
}

/// Returns the bundles after the append; the stored partial one must hash to the stored level 0
/// tile.
fn new_bundles<E: AsRef<[u8]>>(
    old_size: u64,
    entries: &[E],
    stored: &mut impl FnMut(&TilePath) -> Option<Vec<u8>>,
) -> Result<Vec<(TilePath, Vec<u8>)>, TileError> {
    let first = old_size / 256;
    let mut all = match TileWidth::at(first, old_size) {
        Some(width) if !entries.is_empty() => {
            let bytes =
                stored(&TilePath::Entries { index: first, width }).ok_or(TileError::Missing)?;
            decode_bundle(&bytes, width)?
        }
        _ => vec![],
    };
    let known = stored_hashes(0, if all.is_empty() { 0 } else { old_size }, stored)?;
    if !all.iter().map(|entry| leaf_hash(entry)).eq(known) {
        return Err(TileError::Damaged);
    }
    all.extend(entries.iter().map(|entry| entry.as_ref().to_vec()));
    // [LOG-3]
    (first..)
        .zip(all.chunks(256))
        .map(|(index, chunk)| {
            Ok((TilePath::Entries { index, width: width_of(chunk)? }, encode_bundle(chunk)?))
        })
        .collect()
}

/// Adds the hash tiles of one level to `files` and returns the hashes that are new one level up.
fn new_hash_tiles(
    level: u8,
    old_size: u64,
    fresh: Vec<TreeHash>,
    stored: &mut impl FnMut(&TilePath) -> Option<Vec<u8>>,
    files: &mut Vec<(TilePath, Vec<u8>)>,
) -> Result<Vec<TreeHash>, TileError> {
    let count = count_on_level(level, old_size);
    let mut all = stored_hashes(level, count, stored)?;
    all.extend(fresh);
    // [LOG-2]
    for (index, chunk) in (count / 256..).zip(all.chunks(256)) {
        files.push((
            TilePath::Hash { level, index, width: width_of(chunk)? },
            encode_hash_tile(chunk)?,
        ));
    }
    // [LOG-2] only full tiles are hashed into the level above
    Ok(all.chunks_exact(256).filter_map(subtree_root).collect())
}

/// Returns the hashes of the partial tile at the end of a level of `count` hashes; none if there is
/// none.
fn stored_hashes(
    level: u8,
    count: u64,
    stored: &mut impl FnMut(&TilePath) -> Option<Vec<u8>>,
) -> Result<Vec<TreeHash>, TileError> {
    let index = count / 256;
    let Some(width) = TileWidth::at(index, count) else { return Ok(vec![]) };
    let bytes = stored(&TilePath::Hash { level, index, width }).ok_or(TileError::Missing)?;
    decode_hash_tile(&bytes, width)
}

/// Returns the width of a chunk of at most 256.
fn width_of<T>(chunk: &[T]) -> Result<TileWidth, TileError> {
    u16::try_from(chunk.len()).map_err(|_| TileError::Width).and_then(TileWidth::new)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    fn appended(
        store: &mut BTreeMap<TilePath, Vec<u8>>,
        old: &CompactRange,
        entries: &[Vec<u8>],
    ) -> CompactRange {
        let files =
            append_tiles(old, entries, |path| store.get(path).cloned()).expect("an intact store");
        for (path, bytes) in files {
            assert_eq!(store.insert(path, bytes), None, "{path} is written once");
        }
        let mut new = old.clone();
        entries.iter().for_each(|entry| new.push(leaf_hash(entry)));
        new
    }

    #[test]
    fn a_damaged_store_is_noticed_before_it_spreads() {
        // [LOG-9]
        let mut store = BTreeMap::new();
        let entries: Vec<Vec<u8>> = (0..300_u16).map(|i| i.to_be_bytes().to_vec()).collect();
        let old = appended(&mut store, &CompactRange::new(), &entries);
        for path in super::super::tile::partial_tiles(300) {
            let mut damaged = store.clone();
            if let Some(byte) = damaged.get_mut(&path).and_then(|bytes| bytes.last_mut()) {
                *byte ^= 1;
            }
            let read = |path: &TilePath| damaged.get(path).cloned();
            assert_eq!(append_tiles(&old, &[b"new"], read), Err(TileError::Damaged), "{path}");
            damaged.remove(&path);
            let read = |path: &TilePath| damaged.get(path).cloned();
            assert_eq!(append_tiles(&old, &[b"new"], read), Err(TileError::Missing), "{path}");
        }
        assert_eq!(append_tiles::<&[u8]>(&old, &[], |path| store.get(path).cloned()), Ok(vec![]));
    }

    #[test]
    fn a_range_comes_back_from_the_tiles_alone() {
        // [LOG-2] [LOG-9]
        let mut store = BTreeMap::new();
        let mut range = CompactRange::new();
        for count in [1_usize, 254, 1, 1, 255, 600] {
            let entries: Vec<Vec<u8>> = (0..count).map(|i| i.to_be_bytes().to_vec()).collect();
            range = appended(&mut store, &range, &entries);
            let read = |path: &TilePath| store.get(path).cloned();
            assert_eq!(range_from_tiles(range.size(), read), Ok(range.clone()));
        }
    }
}
