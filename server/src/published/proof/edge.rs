//! The right edge of a stored tree: found in its partial tiles or, where they are damaged, in what
//! lies below them. [API-11] [API-29]

use noren::log::{
    CompactRange, TilePath, TreeHash, decode_hash_tile, encode_hash_tile, partial_tiles,
    range_from_tiles,
};

use super::super::bucket::Bucket;
use super::super::sound::{From, made};

/// Returns the tree of `size` entries, in the first way of reading its edge that leads to the root,
/// or `None` where none does. The last bundle need not be whole for it.
pub(super) fn find(bucket: &dyn Bucket, size: u64, root: TreeHash) -> Option<CompactRange> {
    let leads = |range: &CompactRange| range.root() == root;
    let stored = range_from_tiles(size, |path| bucket.tile(path)).ok();
    if let Some(range) = stored.filter(leads) {
        return Some(range);
    }
    let tiles = partial_tiles(size).filter(|path| matches!(path, TilePath::Hash { .. }));
    let edge: Vec<Candidates> = tiles.map(|path| Candidates::of(bucket, path)).collect();
    let ways: usize = edge.iter().map(|tile| tile.hashes.len()).product();
    (0..ways).find_map(|way| {
        let range = range_from_tiles(size, |path| chosen(&edge, way, path)).ok()?;
        leads(&range).then_some(range)
    })
}

/// What a tile of the edge may hold: as it is stored, and as the files below say.
struct Candidates {
    path: TilePath,
    hashes: Vec<Vec<u8>>,
}

impl Candidates {
    fn of(bucket: &dyn Bucket, path: TilePath) -> Self {
        let stored = bucket.tile(&path);
        let stored = stored.filter(|bytes| decode_hash_tile(bytes, path.width()).is_ok());
        let made = [From::Tiles, From::Entries].into_iter().filter_map(|from| {
            let hashes = made(bucket, path, from).ok()?;
            encode_hash_tile(&hashes).ok()
        });
        let mut hashes: Vec<_> = stored.into_iter().chain(made).collect();
        hashes.dedup();
        Self { path, hashes }
    }
}

/// Returns the tile at `path` in one of all ways to choose: the digits of a number, one for each
/// tile.
fn chosen(edge: &[Candidates], way: usize, path: &TilePath) -> Option<Vec<u8>> {
    let mut rest = way;
    for tile in edge {
        if tile.path == *path {
            return tile.hashes.get(rest % tile.hashes.len().max(1)).cloned();
        }
        rest /= tile.hashes.len().max(1);
    }
    None
}
