//! The Merkle proofs of RFC 6962: that a tree has an entry, and that a tree continues a smaller one.
//!
//! A proof is made from hash tiles and needs no entries. It is worth what the root is worth that it
//! leads to.

use super::{
    TileError, TilePath, TreeHash,
    consistency::{next_subtree, subtree},
    node_hash,
};

/// The most hashes that a proof can have: one for each level below the largest root.
pub(super) const MOST_HASHES: usize = 63;

/// Returns the hashes that lead from entry `index` to the root of the tree of `size` entries, the
/// leaf's sibling first (RFC 6962 section 2.1.1).
///
/// `tile` gives the bytes of a hash tile in the width that is asked for. Nothing that it gives is
/// checked but its length: hold [`root_of_inclusion`] against a signed root.
///
/// # Errors
/// [`TileError::Missing`] where the tree has no such entry; what `tile` fails with; [`TileError`] for
/// a tile of another length.
pub fn inclusion_proof<E: From<TileError>>(
    index: u64,
    size: u64,
    mut tile: impl FnMut(&TilePath) -> Result<Vec<u8>, E>,
) -> Result<Vec<TreeHash>, E> {
    // [LOG-20]
    if index >= size {
        return Err(TileError::Missing.into());
    }
    let (mut start, mut end, mut proof) = (0, size, Vec::new());
    while end - start > 1 {
        let middle = start + split(end - start);
        if index < middle {
            proof.push(root_between(middle, end, size, &mut tile)?);
            end = middle;
        } else {
            proof.push(root_between(start, middle, size, &mut tile)?);
            start = middle;
        }
    }
    proof.reverse();
    Ok(proof)
}

/// Returns the hash tiles that [`inclusion_proof`] asks for, each once; none where the tree has no such
/// entry.
#[must_use]
pub fn tiles_of_inclusion(index: u64, size: u64) -> Vec<TilePath> {
    // [PRO-13]
    let mut paths = Vec::new();
    let asked = inclusion_proof(index, size, |path| {
        if !paths.contains(path) {
            paths.push(*path);
        }
        Ok::<_, TileError>(vec![0; usize::from(path.width().get()) * TreeHash::LENGTH])
    });
    asked.map_or_else(|_| Vec::new(), |_| paths)
}

/// Returns the root of the tree of `size` entries that has `leaf` at `index`, as `proof` says it.
/// `None` where no tree of this size has such a proof.
#[must_use]
pub fn root_of_inclusion(
    index: u64,
    size: u64,
    leaf: TreeHash,
    proof: &[TreeHash],
) -> Option<TreeHash> {
    // [LOG-20]
    let (mut place, mut last) = (index, size.checked_sub(1)?);
    if place > last {
        return None;
    }
    let mut root = leaf;
    for hash in proof {
        if last == 0 {
            return None;
        }
        if place % 2 == 1 || place == last {
            root = node_hash(hash, &root);
            // A right edge has no sibling on levels where it stands alone.
            while place.is_multiple_of(2) && place != 0 {
                (place, last) = (place / 2, last / 2);
            }
        } else {
            root = node_hash(&root, hash);
        }
        (place, last) = (place / 2, last / 2);
    }
    (last == 0).then_some(root)
}

/// Returns the hashes that show that the tree of `larger` entries continues that of `smaller` (RFC
/// 6962 section 2.1.2); none where either is empty or both are one.
///
/// # Errors
/// As [`inclusion_proof`]; [`TileError::Missing`] where `smaller` is the larger one.
pub fn consistency_proof<E: From<TileError>>(
    smaller: u64,
    larger: u64,
    mut tile: impl FnMut(&TilePath) -> Result<Vec<u8>, E>,
) -> Result<Vec<TreeHash>, E> {
    // [LOG-20]
    if smaller > larger {
        return Err(TileError::Missing.into());
    }
    let (mut start, mut end, mut proof) = (0, larger, Vec::new());
    if smaller == 0 {
        return Ok(proof);
    }
    while end != smaller {
        let middle = start + split(end - start);
        if smaller <= middle {
            proof.push(root_between(middle, end, larger, &mut tile)?);
            end = middle;
        } else {
            proof.push(root_between(start, middle, larger, &mut tile)?);
            start = middle;
        }
    }
    // Where the smaller tree is itself a subtree of the larger one, its root is known.
    if start != 0 {
        proof.push(root_between(start, end, larger, &mut tile)?);
    }
    proof.reverse();
    Ok(proof)
}

/// Returns whether `proof` shows that the tree of `larger` entries and this root continues that of
/// `smaller`. Every tree continues the empty one, whose proof is empty.
#[must_use]
pub fn continues(smaller: (u64, TreeHash), larger: (u64, TreeHash), proof: &[TreeHash]) -> bool {
    // [LOG-20]
    let ((small, small_root), (large, large_root)) = (smaller, larger);
    if small > large {
        return false;
    }
    if small == large {
        return proof.is_empty() && small_root == large_root;
    }
    if small == 0 {
        return proof.is_empty() && small_root == TreeHash::of_empty_tree();
    }
    let (mut place, mut last) = (small - 1, large - 1);
    while place % 2 == 1 {
        (place, last) = (place / 2, last / 2);
    }
    let (first, rest) = match proof.split_first() {
        _ if small.is_power_of_two() => (small_root, proof),
        Some((first, rest)) => (*first, rest),
        None => return false,
    };
    let (mut before, mut after) = (first, first);
    for hash in rest {
        if last == 0 {
            return false;
        }
        if place % 2 == 1 || place == last {
            before = node_hash(hash, &before);
            after = node_hash(hash, &after);
            while place.is_multiple_of(2) && place != 0 {
                (place, last) = (place / 2, last / 2);
            }
        } else {
            after = node_hash(&after, hash);
        }
        (place, last) = (place / 2, last / 2);
    }
    last == 0 && before == small_root && after == large_root
}

/// Returns the largest power of two below `count`, which is above 1.
const fn split(count: u64) -> u64 {
    1 << (count - 1).ilog2()
}

/// Returns the root over the entries from `start` to `end` of a tree of `size`: what a split leaves,
/// at whose beginning a subtree can stand that is as large as all of it.
fn root_between<E: From<TileError>>(
    start: u64,
    end: u64,
    size: u64,
    tile: &mut impl FnMut(&TilePath) -> Result<Vec<u8>, E>,
) -> Result<TreeHash, E> {
    let (mut from, mut roots) = (start, Vec::new());
    while from < end {
        let (height, index) = next_subtree(from, end);
        roots.push(subtree(height, index, size, tile)?);
        from += 1 << height;
    }
    let root = roots.into_iter().rev().reduce(|right, left| node_hash(&left, &right));
    Ok(root.ok_or(TileError::Missing)?)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;
    use crate::log::{CompactRange, append_tiles, leaf_hash};

    fn entries(count: u64) -> Vec<Vec<u8>> {
        (0..count).map(|i| i.to_be_bytes().to_vec()).collect()
    }

    /// The root by the definition: split, hash both, and put them together.
    fn root(entries: &[Vec<u8>]) -> TreeHash {
        match entries {
            [] => TreeHash::of_empty_tree(),
            [one] => leaf_hash(one),
            more => {
                let middle = usize::try_from(split(more.len() as u64)).expect("a length");
                node_hash(&root(&more[..middle]), &root(&more[middle..]))
            }
        }
    }

    fn files(entries: &[Vec<u8>]) -> BTreeMap<TilePath, Vec<u8>> {
        append_tiles(&CompactRange::new(), entries, |_| None)
            .expect("an append")
            .into_iter()
            .collect()
    }

    fn first(entries: &[Vec<u8>], count: u64) -> &[Vec<u8>] {
        &entries[..usize::try_from(count).expect("a length")]
    }

    #[test]
    fn every_entry_of_small_trees_is_proven_and_no_other() {
        // [LOG-20]
        for size in (1..=40).chain([255, 256, 257, 600]) {
            let (all, whole) = (entries(size), root(&entries(size)));
            let files = files(&all);
            let read = |path: &TilePath| files.get(path).cloned().ok_or(TileError::Missing);
            for index in (0..size).step_by(if size > 40 { 37 } else { 1 }) {
                let needed = tiles_of_inclusion(index, size);
                let only = |path: &TilePath| {
                    assert!(needed.contains(path), "{path}");
                    read(path)
                };
                let proof = inclusion_proof(index, size, only).expect("the tiles are there");
                let leaf = leaf_hash(&index.to_be_bytes());
                assert_eq!(root_of_inclusion(index, size, leaf, &proof), Some(whole), "{index}");
                let other = leaf_hash(b"another");
                assert_ne!(root_of_inclusion(index, size, other, &proof), Some(whole));
                // One hash too many or too few has no root at all.
                let longer = [&proof[..], &[other]].concat();
                assert_eq!(root_of_inclusion(index, size, leaf, &longer), None);
                if let Some((_, shorter)) = proof.split_last() {
                    assert_eq!(root_of_inclusion(index, size, leaf, shorter), None);
                }
                assert_eq!(root_of_inclusion(size, size, leaf, &proof), None);
            }
            assert_eq!(inclusion_proof(size, size, read), Err(TileError::Missing));
            assert_eq!(tiles_of_inclusion(size, size), []);
        }
        assert_eq!(root_of_inclusion(0, 0, leaf_hash(b""), &[]), None);
    }

    #[test]
    fn every_pair_of_small_trees_is_proven_and_a_rewritten_one_is_not() {
        // [LOG-20]
        for large in (0..=40).chain([256, 300, 601]) {
            let all = entries(large);
            let (files, whole) = (files(&all), root(&all));
            let read = |path: &TilePath| files.get(path).cloned().ok_or(TileError::Missing);
            for small in (0..=large).step_by(if large > 40 { 29 } else { 1 }) {
                let proof = consistency_proof(small, large, read).expect("the tiles are there");
                let before = root(first(&all, small));
                assert!(continues((small, before), (large, whole), &proof), "{small} of {large}");
                let other = leaf_hash(b"another");
                assert!(!continues((small, other), (large, whole), &proof));
                assert!(small == 0 || !continues((small, before), (large, other), &proof));
                let longer = [&proof[..], &[other]].concat();
                assert!(!continues((small, before), (large, whole), &longer));
                if let Some((_, shorter)) = proof.split_last() {
                    assert!(!continues((small, before), (large, whole), shorter));
                }
                assert!(small == large || !continues((large, whole), (small, before), &proof));
            }
        }
        let read = |_: &TilePath| Err(TileError::Missing);
        assert_eq!(consistency_proof(2, 1, read), Err(TileError::Missing));
    }

    proptest! {
        #[test]
        fn no_proof_from_outside_stops_a_reader(
            (small, large, index) in any::<(u64, u64, u64)>(),
            hashes in proptest::collection::vec(any::<[u8; 32]>(), 0..70),
        ) {
            // [LOG-20]
            let proof: Vec<TreeHash> = hashes.into_iter().map(TreeHash).collect();
            let leaf = leaf_hash(b"");
            let _ = root_of_inclusion(index, large, leaf, &proof);
            prop_assert!(!continues((small, leaf), (large, TreeHash([1; 32])), &proof));
        }
    }
}
