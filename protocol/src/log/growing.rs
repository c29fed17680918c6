//! The hash tiles of a tree while it grows, in little memory: for who reads a whole log and holds
//! every tile against what the entries say.

use super::{
    TilePath, TileWidth, TreeHash,
    tile::{encode_hash_tile, subtree_root},
};

/// The right edge of every level of a growing tree: at most eight times 256 hashes.
#[derive(Debug, Clone, Default)]
pub struct HashTiles {
    levels: Vec<Level>,
}

#[derive(Debug, Clone, Default)]
struct Level {
    index: u64,
    hashes: Vec<TreeHash>,
}

impl HashTiles {
    /// Returns the tiles of the tree without entries: none.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Appends one entry by its leaf hash. Returns the full tiles that this completes, with their
    /// bytes, the lowest level first.
    pub fn push(&mut self, leaf: TreeHash) -> Vec<(TilePath, Vec<u8>)> {
        // [LOG-2]
        let (mut complete, mut hash) = (Vec::new(), leaf);
        for level in 0..=TilePath::MAX_LEVEL {
            if self.levels.len() <= level.into() {
                self.levels.push(Level::default());
            }
            let Some(edge) = self.levels.get_mut(usize::from(level)) else { break };
            edge.hashes.push(hash);
            if edge.hashes.len() < usize::from(TileWidth::FULL.get()) {
                break;
            }
            let Some(root) = subtree_root(&edge.hashes) else { break };
            let path = TilePath::Hash { level, index: edge.index, width: TileWidth::FULL };
            complete.extend(encode_hash_tile(&edge.hashes).map(|bytes| (path, bytes)));
            edge.hashes.clear();
            edge.index += 1;
            hash = root;
        }
        complete
    }

    /// Returns the partial tiles at the end, with their bytes, the lowest level first.
    #[must_use]
    pub fn partial(&self) -> Vec<(TilePath, Vec<u8>)> {
        // [LOG-2]
        let tiles = (0..).zip(&self.levels).filter_map(|(level, edge)| {
            let width = u16::try_from(edge.hashes.len()).ok()?;
            let width = TileWidth::new(width).ok()?;
            let path = TilePath::Hash { level, index: edge.index, width };
            Some((path, encode_hash_tile(&edge.hashes).ok()?))
        });
        tiles.collect()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::log::{CompactRange, append_tiles, leaf_hash};

    #[test]
    fn growing_tiles_are_those_of_an_append() {
        // [LOG-2] [LOG-13]
        for count in [0_u64, 1, 255, 256, 257, 700, 66_000] {
            let entries: Vec<_> = (0..count).map(|i| i.to_be_bytes()).collect();
            let mut expected: BTreeMap<_, _> =
                append_tiles(&CompactRange::new(), &entries, |_| None)
                    .expect("an append")
                    .into_iter()
                    .collect();
            expected.retain(|path, _| matches!(path, TilePath::Hash { .. }));
            let mut tiles = HashTiles::new();
            let mut grown: BTreeMap<_, _> =
                entries.iter().flat_map(|entry| tiles.push(leaf_hash(entry))).collect();
            grown.extend(tiles.partial());
            assert_eq!(grown, expected, "{count}");
        }
    }
}
