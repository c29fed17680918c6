//! Hash tiles that a sync waits for, in the widths that it needs.

use super::{File, Wanted};
use crate::log::{TileError, TilePath, TreeHash, at_size};

/// How many tiles are asked for at once.
const AT_ONCE: usize = 8;

/// Hash tiles of one tree, which come in any order.
pub(super) struct Tiles {
    /// The number of entries of the present tree.
    size: u64,
    awaited: Vec<Awaited>,
}

struct Awaited {
    needed: TilePath,
    /// The path that is asked for: where the needed one is gone, the one of the present tree.
    path: TilePath,
    bytes: Option<Vec<u8>>,
}

impl Tiles {
    /// Waits for these, each once, of the tree that has `size` entries now.
    pub(super) fn new(needed: impl IntoIterator<Item = TilePath>, size: u64) -> Self {
        let awaited = |path| Awaited { needed: path, path, bytes: None };
        Self { size, awaited: needed.into_iter().map(awaited).collect() }
    }

    pub(super) fn wants(&self) -> Vec<Wanted> {
        let missing = self.awaited.iter().filter(|tile| tile.bytes.is_none()).take(AT_ONCE);
        let fresh = |path| Wanted { file: File::Hashes(path), may_be_kept: false };
        missing.map(|tile| fresh(tile.path)).collect()
    }

    /// Takes the bytes of a tile, or that there is none of this width.
    pub(super) fn give(&mut self, path: &TilePath, bytes: Option<&[u8]>) {
        let is_it = |tile: &&mut Awaited| tile.path == *path && tile.bytes.is_none();
        let Some(tile) = self.awaited.iter_mut().find(is_it) else { return };
        let length = usize::from(tile.needed.width().get()) * TreeHash::LENGTH;
        match bytes {
            // [LOG-13] A narrower tile is the beginning of a wider one.
            Some(bytes) => tile.bytes = Some(bytes.get(..length).unwrap_or_default().to_vec()),
            None => match at_size(path, self.size).filter(|wide| wide != path) {
                Some(wide) => tile.path = wide,
                // It does not lead to the root then.
                None => tile.bytes = Some(Vec::new()),
            },
        }
    }

    /// Returns the bytes of a tile that has come.
    pub(super) fn read(&self, path: &TilePath) -> Result<Vec<u8>, TileError> {
        let tile = self.awaited.iter().find(|tile| tile.needed == *path);
        tile.and_then(|tile| tile.bytes.clone()).ok_or(TileError::Missing)
    }
}
