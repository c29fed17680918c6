//! Reading what is handed out: each tile and bundle is proved against the signed head before the
//! first reader gets it, and made again from other files when it is damaged. [API-20]

use std::collections::HashMap;
use std::sync::{PoisonError, RwLock};

use noren::log::{
    CompactRange, TileError, TilePath, TileWidth, TreeHash, decode_bundle, decode_hash_tile,
    encode_bundle, encode_hash_tile, leaf_hash,
};
use sha2::{Digest as _, Sha256};

use super::bucket::Bucket;

/// SHA-256 of a file.
pub(super) type FileHash = [u8; 32];

/// A file that was proved.
#[derive(Debug, Clone)]
pub struct Sound {
    /// What it holds.
    pub bytes: Vec<u8>,
    /// SHA-256 of the bytes.
    pub hash: [u8; 32],
}

impl Sound {
    fn new(bytes: Vec<u8>) -> Self {
        Self { hash: Sha256::digest(&bytes).into(), bytes }
    }
}

/// The hashes of the files that were proved. What a covered path holds never changes, so one proof is
/// enough; every reading is held against it, because a disk forgets without changing a file's time.
#[derive(Debug, Default)]
pub(super) struct Proved(RwLock<HashMap<TilePath, FileHash>>);

impl Proved {
    fn holds(&self, path: &TilePath, hash: &FileHash) -> bool {
        self.0.read().unwrap_or_else(PoisonError::into_inner).get(path) == Some(hash)
    }

    pub(super) fn keep(&self, path: TilePath, hash: FileHash) {
        self.0.write().unwrap_or_else(PoisonError::into_inner).insert(path, hash);
    }
}

/// The files of one bucket, proved against one tree.
pub(super) struct Prover<'a> {
    pub(super) bucket: &'a dyn Bucket,
    pub(super) proved: &'a Proved,
    /// The tree under the signed root.
    pub(super) tree: &'a CompactRange,
}

/// How a tile is made again.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum From {
    /// The tiles below, as they are on the disk.
    Tiles,
    /// The entries, whatever the tiles say.
    Entries,
}

impl Prover<'_> {
    /// Returns the file as it is on the disk, if it was proved before and has not changed.
    pub(super) fn known(&self, path: TilePath) -> Option<Sound> {
        let sound = Sound::new(self.bucket.tile(&path)?);
        self.proved.holds(&path, &sound.hash).then_some(sound)
    }

    /// Returns whether `path` has the width that this tree gives it, so that the file must be
    /// there.
    pub(super) fn is_current(&self, path: &TilePath) -> bool {
        self.width(path.level(), path.index()).is_ok_and(|width| width == path.width())
    }

    /// Returns what a covered path holds, whether or not its file is whole.
    ///
    /// # Errors
    /// [`TileError::Damaged`] or [`TileError::Missing`] when it cannot be made from what is left.
    pub(super) fn prove(&self, path: TilePath) -> Result<Sound, TileError> {
        let width = usize::from(path.width().get());
        let bytes = match path {
            TilePath::Entries { index, .. } => self.bundle(path, index)?,
            TilePath::Hash { level, index, .. } => {
                let hashes = self.hashes(level, index)?;
                encode_hash_tile(hashes.get(..width).ok_or(TileError::Missing)?)?
            }
        };
        let sound = Sound::new(bytes);
        self.proved.keep(path, sound.hash);
        Ok(sound)
    }

    fn bundle(&self, path: TilePath, index: u64) -> Result<Vec<u8>, TileError> {
        let (hashes, width) = (self.hashes(0, index)?, usize::from(path.width().get()));
        let hashes = hashes.get(..width).ok_or(TileError::Missing)?;
        if let Some(bytes) = self.bucket.tile(&path)
            && decode_bundle(&bytes, path.width()).is_ok_and(|entries| hash_to(&entries, hashes))
        {
            return Ok(bytes);
        }
        // A narrower bundle is the beginning of the wider one.
        let wider = TilePath::Entries { index, width: self.width(0, index)? };
        let bytes = self.bucket.tile(&wider).ok_or(TileError::Missing)?;
        let mut entries = decode_bundle(&bytes, wider.width())?;
        entries.truncate(width);
        if hash_to(&entries, hashes) { encode_bundle(&entries) } else { Err(TileError::Damaged) }
    }

    /// Returns the width that the tile at a place has in this tree.
    fn width(&self, level: u8, index: u64) -> Result<TileWidth, TileError> {
        let count = if level < 8 { self.tree.size() >> (8 * level) } else { 0 };
        let width = count.saturating_sub(index.saturating_mul(256)).min(256);
        u16::try_from(width).map_err(|_| TileError::Width).and_then(TileWidth::new)
    }

    /// Returns the proved hashes of a tile in its full width.
    fn hashes(&self, level: u8, index: u64) -> Result<Vec<TreeHash>, TileError> {
        let path = TilePath::Hash { level, index, width: self.width(level, index)? };
        if let Some(sound) = self.known(path) {
            return decode_hash_tile(&sound.bytes, path.width());
        }
        let expected = self.expected(level, index, path.width())?;
        let stored = self.bucket.tile(&path);
        let stored = stored.and_then(|bytes| decode_hash_tile(&bytes, path.width()).ok());
        let ways = [From::Tiles, From::Entries];
        let made = ways.into_iter().map(|from| made(self.bucket, path, from).ok());
        let hashes = std::iter::once(stored)
            .chain(made)
            .flatten()
            .find(|hashes| roots(hashes) == expected)
            .ok_or(TileError::Damaged)?;
        self.proved.keep(path, Sha256::digest(encode_hash_tile(&hashes)?).into());
        Ok(hashes)
    }

    /// Returns whether these are the entries of a bundle in its current width.
    ///
    /// # Errors
    /// [`TileError::Damaged`] or [`TileError::Missing`] when what is left does not say it.
    pub(super) fn admits(&self, index: u64, entries: &[Vec<u8>]) -> Result<bool, TileError> {
        let hashes: Vec<_> = entries.iter().map(|entry| leaf_hash(entry)).collect();
        let expected = self.expected(0, index, self.width(0, index)?)?;
        Ok(roots(&hashes) == expected)
    }

    /// Returns the roots that a tile's hashes have to lead to: one in the tile above, or those of
    /// the tree.
    fn expected(
        &self,
        level: u8,
        index: u64,
        width: TileWidth,
    ) -> Result<Vec<TreeHash>, TileError> {
        if width.is_full() {
            let above = self.hashes(level + 1, index / 256)?;
            let place = usize::try_from(index % 256).map_err(|_| TileError::Missing)?;
            return Ok(vec![*above.get(place).ok_or(TileError::Missing)?]);
        }
        // The tree has one root for each bit of its size; these bits are the tile's.
        let larger = self.tree.size().checked_shr(8 * (u32::from(level) + 1)).unwrap_or(0);
        let skipped = larger.count_ones() as usize;
        let count = width.get().count_ones() as usize;
        let roots = self.tree.hashes().get(skipped..skipped + count);
        Ok(roots.ok_or(TileError::Missing)?.to_vec())
    }
}

/// Returns a tile's hashes from what lies below it.
pub(super) fn made(
    bucket: &dyn Bucket,
    path: TilePath,
    from: From,
) -> Result<Vec<TreeHash>, TileError> {
    let (level, index) = (path.level(), path.index());
    if level == 0 {
        let bundle = TilePath::Entries { index, width: path.width() };
        let bytes = bucket.tile(&bundle).ok_or(TileError::Missing)?;
        let entries = decode_bundle(&bytes, path.width())?;
        return Ok(entries.iter().map(|entry| leaf_hash(entry)).collect());
    }
    let start = index.checked_mul(256).ok_or(TileError::Missing)?;
    (start..start + u64::from(path.width().get()))
        .map(|index| {
            let below = TilePath::Hash { level: level - 1, index, width: TileWidth::FULL };
            let stored = bucket.tile(&below).filter(|_| from == From::Tiles);
            let hashes = match stored {
                Some(bytes) => decode_hash_tile(&bytes, TileWidth::FULL)?,
                None => made(bucket, below, from)?,
            };
            roots(&hashes).first().copied().ok_or(TileError::Damaged)
        })
        .collect()
}
fn hash_to(entries: &[Vec<u8>], hashes: &[TreeHash]) -> bool {
    entries.iter().map(|entry| leaf_hash(entry)).eq(hashes.iter().copied())
}

/// Returns the roots of the complete subtrees over some hashes, the largest first.
pub(super) fn roots(hashes: &[TreeHash]) -> Vec<TreeHash> {
    let mut range = CompactRange::new();
    hashes.iter().for_each(|hash| range.push(*hash));
    range.hashes().to_vec()
}
