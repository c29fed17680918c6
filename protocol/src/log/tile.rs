//! Tiles: which static files a log consists of, and what they are called (C2SP tlog-tiles).

use std::{fmt, str::FromStr};

use super::merkle::{TreeHash, node_hash};

/// Why a tile, a bundle or the path of one was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TileError {
    /// Not the one spelling of a tile's path.
    #[error("this is not the path of a file of a log")]
    Path,
    /// A width outside 1 to 256.
    #[error("a file of the log holds 1 to 256 entries or hashes")]
    Width,
    /// A hash tile whose length is not 32 bytes for each hash of its width.
    #[error("a file of the log has another length than its name says")]
    HashTile,
    /// An entry bundle that ends early, has bytes left over, or holds another number of entries.
    #[error("a file of the log does not hold the entries that its name says")]
    Bundle,
    /// An entry longer than [`super::MAX_ENTRY`] bytes.
    #[error("an entry is longer than 65535 bytes")]
    EntryTooLong,
    /// A hash or tile that is needed is not there.
    #[error("a file of the log that is needed is missing")]
    Missing,
    /// The stored tiles do not add up to the tree that they should hold.
    #[error("the stored files of the log do not belong to it")]
    Damaged,
}

/// The number of hashes or entries in a tile: 256 when it is full, 1 to 255 when it is partial.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TileWidth(u16);

impl TileWidth {
    /// The width of a full tile.
    pub const FULL: Self = Self(256);

    /// Returns a width.
    ///
    /// # Errors
    /// [`TileError::Width`] outside 1 to 256.
    pub const fn new(width: u16) -> Result<Self, TileError> {
        // [LOG-2] an empty tile does not exist
        if width == 0 || width > 256 { Err(TileError::Width) } else { Ok(Self(width)) }
    }

    /// Returns the number of hashes or entries, 1 to 256.
    #[must_use]
    pub const fn get(self) -> u16 {
        self.0
    }

    /// Returns whether the tile will never grow again.
    #[must_use]
    pub const fn is_full(self) -> bool {
        self.0 == Self::FULL.0
    }

    /// Returns the width of the tile at `index` when its level holds `count` hashes, or `None` when
    /// it is empty.
    pub(super) fn at(index: u64, count: u64) -> Option<Self> {
        let width = count.saturating_sub(index.saturating_mul(256)).min(256);
        u16::try_from(width).ok().and_then(|width| Self::new(width).ok())
    }
}

/// One static file of the log. `Display` and `FromStr` use its path below the log's URL prefix,
/// for instance `tile/0/x001/x234/067` or `tile/entries/000.p/12`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum TilePath {
    /// Hashes of the tree: the roots of consecutive subtrees of `256^level` entries each.
    Hash {
        /// 0 (hashes of entries) to 63; levels above 7 hold nothing in any possible log.
        level: u8,
        /// The tile's place on its level.
        index: u64,
        /// The number of hashes.
        width: TileWidth,
    },
    /// An entry bundle, the entries under the level 0 tile of the same index and width.
    Entries {
        /// The bundle's place.
        index: u64,
        /// The number of entries.
        width: TileWidth,
    },
}

impl TilePath {
    /// The greatest level that has a name.
    pub const MAX_LEVEL: u8 = 63;

    /// Returns the level whose hashes the file belongs to; 0 for entries.
    #[must_use]
    pub const fn level(&self) -> u8 {
        match self {
            Self::Hash { level, .. } => *level,
            Self::Entries { .. } => 0,
        }
    }

    /// Returns the place on its level.
    #[must_use]
    pub const fn index(&self) -> u64 {
        match self {
            Self::Hash { index, .. } | Self::Entries { index, .. } => *index,
        }
    }

    /// Returns the number of hashes or entries.
    #[must_use]
    pub const fn width(&self) -> TileWidth {
        match self {
            Self::Hash { width, .. } | Self::Entries { width, .. } => *width,
        }
    }

    /// Returns the file at the same place in another width.
    #[must_use]
    pub const fn with_width(self, width: TileWidth) -> Self {
        match self {
            Self::Hash { level, index, .. } => Self::Hash { level, index, width },
            Self::Entries { index, .. } => Self::Entries { index, width },
        }
    }
}

impl fmt::Display for TilePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // [LOG-2] [LOG-3]
        match self {
            Self::Hash { level, .. } => write!(f, "tile/{level}/")?,
            Self::Entries { .. } => f.write_str("tile/entries/")?,
        }
        let mut groups = vec![];
        let mut rest = self.index();
        while rest >= 1000 {
            groups.push(rest % 1000);
            rest /= 1000;
        }
        groups.push(rest);
        for group in groups.iter().skip(1).rev() {
            write!(f, "x{group:03}/")?;
        }
        write!(f, "{:03}", self.index() % 1000)?;
        if self.width().is_full() { Ok(()) } else { write!(f, ".p/{}", self.width().get()) }
    }
}

impl FromStr for TilePath {
    type Err = TileError;

    /// Reads the one spelling that `Display` writes, at most 64 characters.
    fn from_str(path: &str) -> Result<Self, TileError> {
        // 7 groups for 2^64, level and width: nothing longer is a path.
        if path.len() > 64 {
            return Err(TileError::Path);
        }
        let (level, rest) = path
            .strip_prefix("tile/")
            .and_then(|rest| rest.split_once('/'))
            .ok_or(TileError::Path)?;
        let (index, width) = match rest.split_once(".p/") {
            Some((index, width)) => (index, width.parse().map_err(|_| TileError::Path)?),
            None => (rest, TileWidth::FULL.0),
        };
        let (index, width) =
            (parse_index(index)?, TileWidth::new(width).map_err(|_| TileError::Path)?);
        let tile = if level == "entries" {
            Self::Entries { index, width }
        } else {
            let level = level.parse().ok().filter(|level| *level <= Self::MAX_LEVEL);
            Self::Hash { level: level.ok_or(TileError::Path)?, index, width }
        };
        // [LOG-2] one file, one path: leading zeros, signs and a full width of 256 end here
        if tile.to_string() == path { Ok(tile) } else { Err(TileError::Path) }
    }
}

/// Returns the number in `x001/x234/067`; spellings that are not canonical may pass here.
fn parse_index(text: &str) -> Result<u64, TileError> {
    text.split('/').try_fold(0_u64, |index, group| {
        let digits = group.strip_prefix('x').unwrap_or(group);
        let group: u64 = digits.parse().map_err(|_| TileError::Path)?;
        index.checked_mul(1000).and_then(|index| index.checked_add(group)).ok_or(TileError::Path)
    })
}

/// Returns the number of hashes on a level of the tree: `floor(size / 256^level)`.
pub(super) const fn count_on_level(level: u8, size: u64) -> u64 {
    if level < 8 { size >> (8 * level) } else { 0 }
}

/// Returns whether a checkpoint of `size` entries vouches for the whole content of `path`.
///
/// True for a full tile and for every partial width up to what the checkpoint covers: what a
/// partial tile of a given width holds never changes, so an old one stays right. Whether it was
/// ever published (the tree had that size at some checkpoint) is a matter of looking for the file.
#[must_use]
pub fn covering(path: &TilePath, size: u64) -> bool {
    // [LOG-2] [API-2]
    let end = path
        .index()
        .checked_mul(256)
        .and_then(|start| start.checked_add(path.width().get().into()));
    end.is_some_and(|end| end <= count_on_level(path.level(), size))
}

/// Returns the same file in every greater width, the full one first. Where a partial tile is gone,
/// a wider one holds the same and more. Returns none for a file that is full.
pub fn wider(path: &TilePath) -> impl Iterator<Item = TilePath> {
    // [API-2] [LOG-13]
    let (path, width) = (*path, path.width());
    let full = (!width.is_full()).then_some(TileWidth::FULL);
    let between = (width.get() + 1..TileWidth::FULL.0).map(TileWidth);
    full.into_iter().chain(between).map(move |width| path.with_width(width))
}

/// Returns the same file in the width that it has in a tree of `size` entries, or `None` where that
/// tree has no such file.
#[must_use]
pub fn at_size(path: &TilePath, size: u64) -> Option<TilePath> {
    // [LOG-2]
    let width = TileWidth::at(path.index(), count_on_level(path.level(), size))?;
    Some(path.with_width(width))
}

/// Returns the files that an append from `old_size` to `new_size` entries makes: entry bundles,
/// then the hash tiles of every level, each in its full or its new partial width. Nothing when the
/// size stays.
pub fn tiles_of_append(old_size: u64, new_size: u64) -> impl Iterator<Item = TilePath> {
    // [LOG-2] [LOG-3]
    let bundles =
        grown(old_size, new_size).map(|(index, width)| TilePath::Entries { index, width });
    let hashes = (0..8).flat_map(move |level| {
        grown(count_on_level(level, old_size), count_on_level(level, new_size))
            .map(move |(index, width)| TilePath::Hash { level, index, width })
    });
    bundles.chain(hashes)
}

/// Returns index and new width of the tiles that grow when their level goes from `old` to `new`
/// hashes.
pub(super) fn grown(old: u64, new: u64) -> impl Iterator<Item = (u64, TileWidth)> {
    let touched = if new > old { old / 256..new.div_ceil(256) } else { 0..0 };
    touched.filter_map(move |index| TileWidth::at(index, new).map(|width| (index, width)))
}

/// Returns the partial tiles of a tree of `size` entries: the right edge, which the next append
/// reads.
pub fn partial_tiles(size: u64) -> impl Iterator<Item = TilePath> {
    // [LOG-2]
    let edge = |count: u64| TileWidth::at(count / 256, count).map(|width| (count / 256, width));
    let bundle = edge(size).map(|(index, width)| TilePath::Entries { index, width });
    let hashes = (0..8).filter_map(move |level| {
        edge(count_on_level(level, size)).map(|(index, width)| TilePath::Hash {
            level,
            index,
            width,
        })
    });
    bundle.into_iter().chain(hashes)
}

/// Returns the bytes of a hash tile: 1 to 256 hashes of 32 bytes.
///
/// # Errors
/// [`TileError::Width`] for any other number of hashes.
pub fn encode_hash_tile(hashes: &[TreeHash]) -> Result<Vec<u8>, TileError> {
    // [LOG-2]
    u16::try_from(hashes.len()).map_err(|_| TileError::Width).and_then(TileWidth::new)?;
    Ok(hashes.iter().flat_map(|hash| hash.0).collect())
}

/// Returns the hashes of a hash tile of `width`.
///
/// # Errors
/// [`TileError::HashTile`] unless `bytes` is exactly 32 bytes for each hash.
pub fn decode_hash_tile(bytes: &[u8], width: TileWidth) -> Result<Vec<TreeHash>, TileError> {
    let (hashes, rest) = bytes.as_chunks::<{ TreeHash::LENGTH }>();
    // [LOG-2]
    if !rest.is_empty() || hashes.len() != usize::from(width.get()) {
        return Err(TileError::HashTile);
    }
    Ok(hashes.iter().copied().map(TreeHash).collect())
}

/// Returns the bytes of the hash tile at `index` with `width`, from its level's hashes by their
/// number.
///
/// # Errors
/// [`TileError::Missing`] when `hash` does not know one of them.
pub fn hash_tile(
    index: u64,
    width: TileWidth,
    hash: impl FnMut(u64) -> Option<TreeHash>,
) -> Result<Vec<u8>, TileError> {
    let start = index.checked_mul(256).ok_or(TileError::Missing)?;
    let end = start.checked_add(width.get().into()).ok_or(TileError::Missing)?;
    let hashes: Option<Vec<TreeHash>> = (start..end).map(hash).collect();
    encode_hash_tile(&hashes.ok_or(TileError::Missing)?)
}

/// Returns the root of the subtree over `hashes`, whose number must be a power of two.
pub(super) fn subtree_root(hashes: &[TreeHash]) -> Option<TreeHash> {
    let mut row = hashes.to_vec();
    while row.len() > 1 {
        let (pairs, []) = row.as_chunks::<2>() else { return None };
        row = pairs.iter().map(|[left, right]| node_hash(left, right)).collect();
    }
    row.pop()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn paths(tiles: impl Iterator<Item = TilePath>) -> Vec<String> {
        tiles.map(|tile| tile.to_string()).collect()
    }

    #[test]
    fn the_example_of_the_specification_has_these_tiles() {
        // [LOG-2] C2SP tlog-tiles, "Partial Tiles": a tree of size 70,000
        let all = paths(tiles_of_append(0, 70_000));
        let on = |prefix: &str| all.iter().filter(|path| path.starts_with(prefix)).count();
        assert_eq!(
            (on("tile/entries/"), on("tile/0/"), on("tile/1/"), on("tile/2/"), on("tile/3/")),
            (274, 274, 2, 1, 0)
        );
        assert_eq!(
            paths(partial_tiles(70_000)),
            ["tile/entries/273.p/112", "tile/0/273.p/112", "tile/1/001.p/17", "tile/2/000.p/1"]
        );
        assert_eq!(paths(partial_tiles(256)), ["tile/1/000.p/1"]);
        assert_eq!(paths(tiles_of_append(256, 256)), [""; 0]);
    }

    #[test]
    fn a_checkpoint_covers_what_its_size_spans_and_nothing_more() {
        // [LOG-2] [API-2]
        let covered = |path: &str, size| covering(&path.parse().expect("a path"), size);
        assert!(covered("tile/0/000.p/12", 12) && covered("tile/0/000.p/12", 300));
        assert!(!covered("tile/0/000.p/12", 11) && !covered("tile/0/000", 255));
        assert!(covered("tile/1/000.p/1", 256) && !covered("tile/1/000.p/1", 255));
        assert!(covered("tile/entries/001", 512) && !covered("tile/entries/001", 511));
        assert!(!covered("tile/63/000.p/1", u64::MAX) && !covered("tile/8/000.p/1", u64::MAX));
    }

    #[test]
    fn the_wider_tiles_are_each_there_once() {
        // [API-2] [LOG-13]
        let wider = |path: &str| paths(super::wider(&path.parse().expect("a path")));
        assert_eq!(
            wider("tile/entries/001.p/253"),
            ["tile/entries/001", "tile/entries/001.p/254", "tile/entries/001.p/255"]
        );
        assert_eq!(wider("tile/2/000.p/255"), ["tile/2/000"]);
        assert_eq!(wider("tile/0/000.p/1").len(), 255);
        assert_eq!(wider("tile/0/000"), [""; 0]);
    }

    #[test]
    fn hash_tiles_have_exactly_their_width() {
        // [LOG-2]
        let hashes = [TreeHash([7; 32]); 3];
        let bytes = encode_hash_tile(&hashes).expect("three hashes");
        let width = |width| TileWidth::new(width).expect("a width");
        assert_eq!(decode_hash_tile(&bytes, width(3)).expect("three hashes"), hashes);
        assert_eq!(decode_hash_tile(&bytes, width(4)), Err(TileError::HashTile));
        assert_eq!(decode_hash_tile(&bytes[..95], width(3)), Err(TileError::HashTile));
        assert_eq!(encode_hash_tile(&[]), Err(TileError::Width));
        assert_eq!(TileWidth::new(0), Err(TileError::Width));
        assert_eq!(TileWidth::new(257), Err(TileError::Width));
        assert_eq!(hash_tile(0, width(3), |_| Some(hashes[0])), Ok(bytes));
        assert_eq!(hash_tile(u64::MAX, width(3), |_| Some(hashes[0])), Err(TileError::Missing));
    }
}
