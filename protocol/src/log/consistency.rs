//! Whether one tree continues another, from a few hash tiles and no entries.
//!
//! The complete subtrees of the smaller tree and those that lie between the two sizes are at most
//! some sixty hashes each. Folded, the first give the smaller root; both together, the larger one.
//! Where both roots are the signed ones, no hash function that holds lets the trees differ in what
//! they share, whoever the tiles came from.

use super::{
    CompactRange, LogError, TileError, TilePath, TreeHash,
    tile::{TileWidth, count_on_level, decode_hash_tile, subtree_root},
};

/// Returns the trees of `smaller` and of `larger` entries, as the hash tiles show them. Compare
/// both roots with the signed ones before you believe either.
///
/// `tile` gives the bytes of a hash tile in the width that is asked for; each is asked for once for
/// each hash that it holds.
///
/// # Errors
/// What `tile` fails with; [`TileError`] for a tile of another length.
pub fn trees_from_tiles<E: From<TileError>>(
    smaller: u64,
    larger: u64,
    mut tile: impl FnMut(&TilePath) -> Result<Vec<u8>, E>,
) -> Result<(CompactRange, CompactRange), E> {
    // [LOG-14]
    let mut range = CompactRange::new();
    let mut grow = |range: &mut CompactRange, to: u64| {
        while range.size() < to {
            let (height, index) = next_subtree(range.size(), to);
            let hash = subtree(height, index, larger, &mut tile)?;
            range.push_subtree(height, hash).map_err(|_| TileError::Damaged)?;
        }
        Ok::<_, E>(())
    };
    grow(&mut range, smaller)?;
    let before = range.clone();
    grow(&mut range, larger)?;
    Ok((before, range))
}

/// Returns the hash tiles that [`trees_from_tiles`] asks for, each once.
#[must_use]
pub fn tiles_between(smaller: u64, larger: u64) -> Vec<TilePath> {
    // [LOG-18]
    let (mut paths, mut at) = (Vec::new(), 0);
    for to in [smaller, larger] {
        while at < to {
            let (height, index) = next_subtree(at, to);
            paths.extend(tile_of(height, index, larger).map(|(path, _)| path));
            at += 1 << height;
        }
    }
    paths.sort_unstable();
    paths.dedup();
    paths
}

/// Returns height and index of the largest complete subtree that begins at entry `from` and ends by
/// `to`.
pub(super) const fn next_subtree(from: u64, to: u64) -> (u32, u64) {
    let room = (to - from).ilog2();
    let height =
        if from == 0 || from.trailing_zeros() > room { room } else { from.trailing_zeros() };
    (height, from >> height)
}

/// Returns the root of the subtree at `index` among those of `2^height` entries, in a tree of
/// `size`.
pub(super) fn subtree<E: From<TileError>>(
    height: u32,
    index: u64,
    size: u64,
    tile: &mut impl FnMut(&TilePath) -> Result<Vec<u8>, E>,
) -> Result<TreeHash, E> {
    let (path, start) = tile_of(height, index, size).ok_or(TileError::Missing)?;
    let hashes = decode_hash_tile(&tile(&path)?, path.width())?;
    let covered = hashes.get(start..start.saturating_add(1 << (height % 8)));
    Ok(covered.and_then(subtree_root).ok_or(TileError::Damaged)?)
}

/// Returns the tile under which such a subtree lies, and the place of its first hash there.
fn tile_of(height: u32, index: u64, size: u64) -> Option<(TilePath, usize)> {
    let (level, within) = (u8::try_from(height / 8).ok()?, height % 8);
    let first = index << within;
    let width = TileWidth::at(first / 256, count_on_level(level, size))?;
    let path = TilePath::Hash { level, index: first / 256, width };
    Some((path, usize::try_from(first % 256).ok()?))
}

impl CompactRange {
    /// Appends a complete subtree of `2^height` entries by its root.
    ///
    /// # Errors
    /// [`LogError::CompactRange`] where no such subtree can begin at this size;
    /// [`LogError::TooLarge`] above [`super::MAX_SIZE`].
    pub(super) fn push_subtree(&mut self, height: u32, root: TreeHash) -> Result<(), LogError> {
        let (size, mut hashes) = (self.size(), self.hashes().to_vec());
        if height >= 63 || size.trailing_zeros() < height {
            return Err(LogError::CompactRange);
        }
        let mut hash = root;
        // Each bit that is carried away is a pair of equal subtrees that become one.
        for _ in 0..(size >> height).trailing_ones() {
            if let Some(left) = hashes.pop() {
                hash = super::node_hash(&left, &hash);
            }
        }
        hashes.push(hash);
        *self = Self::from_parts(size + (1 << height), hashes)?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::log::{append_tiles, leaf_hash};

    fn tree(count: u64) -> (CompactRange, Vec<Vec<u8>>) {
        let entries: Vec<Vec<u8>> = (0..count).map(|i| i.to_be_bytes().to_vec()).collect();
        let mut range = CompactRange::new();
        entries.iter().for_each(|entry| range.push(leaf_hash(entry)));
        (range, entries)
    }

    #[test]
    fn the_tiles_of_the_larger_tree_show_both_roots() {
        // [LOG-14]
        for larger in [1_u64, 2, 255, 256, 257, 700, 66_000] {
            let (whole, entries) = tree(larger);
            let files: BTreeMap<_, _> = append_tiles(&CompactRange::new(), &entries, |_| None)
                .expect("an append")
                .into_iter()
                .collect();
            for smaller in [0, 1, 2, 3, 100, 255, 256, 257, 511, 65_536, larger - 1, larger] {
                if smaller > larger {
                    continue;
                }
                let mut asked = Vec::new();
                let read = |path: &TilePath| {
                    asked.push(*path);
                    files.get(path).cloned().ok_or(TileError::Missing)
                };
                let (before, after) =
                    trees_from_tiles(smaller, larger, read).expect("all tiles are there");
                assert_eq!(before, tree(smaller).0, "{smaller} of {larger}");
                assert_eq!(after, whole, "{smaller} of {larger}");
                asked.sort_unstable();
                asked.dedup();
                assert_eq!(tiles_between(smaller, larger), asked, "{smaller} of {larger}");
            }
        }
    }

    #[test]
    fn a_tile_that_is_missing_or_of_another_length_is_told() {
        // [LOG-14]
        let read = |_: &TilePath| Err(TileError::Missing);
        assert_eq!(trees_from_tiles(1, 300, read), Err(TileError::Missing));
        let read = |_: &TilePath| Ok::<_, TileError>(vec![0; 31]);
        assert_eq!(trees_from_tiles(1, 300, read), Err(TileError::HashTile));
    }
}
