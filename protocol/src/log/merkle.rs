//! The Merkle tree of RFC 6962 section 2.1, and the few hashes that stand for a whole prefix of it.

use std::fmt;

use base64::{Engine, engine::general_purpose::STANDARD};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::{LogError, MAX_SIZE};

/// A hash in the tree: 32 bytes of SHA-256. Shown as standard base64, as in a checkpoint.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct TreeHash(#[serde(with = "serde_bytes")] pub [u8; 32]);

impl TreeHash {
    /// The length in bytes.
    pub const LENGTH: usize = 32;

    /// Returns the root of the tree without entries, SHA-256 of nothing.
    #[must_use]
    pub fn of_empty_tree() -> Self {
        Self(Sha256::digest([]).into())
    }

    /// Returns the 32 bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Display for TreeHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&STANDARD.encode(self.0))
    }
}

impl fmt::Debug for TreeHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TreeHash({})", hex::encode(self.0))
    }
}

/// Returns the hash of one entry: SHA-256(0x00 ‖ entry).
#[must_use]
pub fn leaf_hash(entry: &[u8]) -> TreeHash {
    // [LOG-1]
    TreeHash(Sha256::new().chain_update([0]).chain_update(entry).finalize().into())
}

/// Returns the hash over two subtrees: SHA-256(0x01 ‖ left ‖ right).
#[must_use]
pub fn node_hash(left: &TreeHash, right: &TreeHash) -> TreeHash {
    // [LOG-1] the prefix keeps a node from being shown as a leaf
    TreeHash(
        Sha256::new()
            .chain_update([1])
            .chain_update(left.0)
            .chain_update(right.0)
            .finalize()
            .into(),
    )
}

/// The tree over the entries `[0, size)`, reduced to the roots of its complete subtrees.
///
/// One hash for each bit set in `size`, the largest and leftmost subtree first: at most 63 hashes,
/// enough to append further entries and to compute every later root. Serialized as the array
/// `[size, [hash…]]`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(try_from = "(u64, Vec<TreeHash>)", into = "(u64, Vec<TreeHash>)")]
pub struct CompactRange {
    size: u64,
    hashes: Vec<TreeHash>,
}

impl CompactRange {
    /// Returns the tree without entries.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Returns a tree that was taken apart with [`CompactRange::size`] and
    /// [`CompactRange::hashes`].
    ///
    /// The hashes themselves cannot be checked here: keep them where nobody else can write.
    ///
    /// # Errors
    /// [`LogError::CompactRange`] unless there is one hash for each bit set in `size`;
    /// [`LogError::TooLarge`] above [`MAX_SIZE`].
    pub fn from_parts(size: u64, hashes: Vec<TreeHash>) -> Result<Self, LogError> {
        if size > MAX_SIZE {
            return Err(LogError::TooLarge);
        }
        // [LOG-7]
        if hashes.len() as u64 != u64::from(size.count_ones()) {
            return Err(LogError::CompactRange);
        }
        Ok(Self { size, hashes })
    }

    /// Appends one entry by its [`leaf_hash`].
    pub fn push(&mut self, leaf: TreeHash) {
        let mut hash = leaf;
        // Each bit that is carried away by `size + 1` is a pair of equal subtrees that become one.
        for _ in 0..self.size.trailing_ones() {
            if let Some(left) = self.hashes.pop() {
                hash = node_hash(&left, &hash);
            }
        }
        self.hashes.push(hash);
        // [`MAX_SIZE`] lies 2^63 pushes below the overflow.
        self.size += 1;
    }

    /// Returns the number of entries.
    #[must_use]
    pub const fn size(&self) -> u64 {
        self.size
    }

    /// Returns the root hash over all entries.
    #[must_use]
    pub fn root(&self) -> TreeHash {
        // [LOG-1]
        let smaller_first = self.hashes.iter().rev().copied();
        smaller_first
            .reduce(|right, left| node_hash(&left, &right))
            .unwrap_or_else(TreeHash::of_empty_tree)
    }

    /// Returns the roots of the complete subtrees, the largest first.
    #[must_use]
    pub fn hashes(&self) -> &[TreeHash] {
        &self.hashes
    }
}

impl TryFrom<(u64, Vec<TreeHash>)> for CompactRange {
    type Error = LogError;

    fn try_from((size, hashes): (u64, Vec<TreeHash>)) -> Result<Self, LogError> {
        Self::from_parts(size, hashes)
    }
}

impl From<CompactRange> for (u64, Vec<TreeHash>) {
    fn from(range: CompactRange) -> Self {
        (range.size, range.hashes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_needs_one_hash_for_each_bit_of_its_size() {
        // [LOG-7]
        let hash = leaf_hash(b"entry");
        assert_eq!(CompactRange::from_parts(0, vec![]), Ok(CompactRange::new()));
        assert!(CompactRange::from_parts(5, vec![hash; 2]).is_ok());
        for (size, count) in [(0, 1), (1, 0), (5, 1), (5, 3), (MAX_SIZE, 64)] {
            assert_eq!(
                CompactRange::from_parts(size, vec![hash; count]),
                Err(LogError::CompactRange)
            );
        }
        assert_eq!(CompactRange::from_parts(MAX_SIZE + 1, vec![hash]), Err(LogError::TooLarge));
    }

    #[test]
    fn a_range_survives_cbor_and_a_damaged_one_does_not() {
        // [LOG-7]
        let mut range = CompactRange::new();
        (0..7).for_each(|i| range.push(leaf_hash(&[i])));
        let bytes = crate::cbor::to_vec(&range).expect("encodes");
        assert_eq!(bytes[..4], [0x82, 7, 0x83, 0x58], "an array of size and byte strings");
        assert_eq!(crate::cbor::from_slice::<CompactRange>(&bytes), Ok(range));
        let mut damaged = bytes;
        damaged[1] = 8;
        assert!(crate::cbor::from_slice::<CompactRange>(&damaged).is_err());
    }
}
