//! The desk's own copy of its log: the entries as they were published, 256 to a file. From it a
//! server that has lost its data gets the log back, and the desk knows the root of every size.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, ensure};
use noren::log::{CompactRange, encode_bundle, leaf_hash};

use super::kept;
use crate::files;

/// Entries in a file.
const BUNDLE: u64 = 256;

pub(super) struct LogCopy {
    folder: PathBuf,
}

impl LogCopy {
    /// The copy in a desk's folder.
    pub(super) fn of(desk: &Path) -> Self {
        Self { folder: desk.join("log") }
    }

    /// Adds the entries that follow the first `size`, durably. What lies beyond them, from a command
    /// that was cut off, is replaced.
    pub(super) fn extend(&self, size: u64, entries: &[Vec<u8>]) -> anyhow::Result<()> {
        if entries.is_empty() {
            return Ok(());
        }
        files::make_private_folder(&self.folder)?;
        let first = size / BUNDLE;
        let mut all =
            if size.is_multiple_of(BUNDLE) { Vec::new() } else { self.bundle(first, size)? };
        all.extend_from_slice(entries);
        for (index, bundle) in (first..).zip(all.chunks(BUNDLE as usize)) {
            kept::replace(&self.path(index), &encode_bundle(bundle)?)?;
        }
        Ok(())
    }

    /// Every entry of a log of `size`, bundle by bundle.
    pub(super) fn bundles(&self, size: u64) -> impl Iterator<Item = anyhow::Result<Vec<Vec<u8>>>> {
        (0..size.div_ceil(BUNDLE)).map(move |index| self.bundle(index, size))
    }

    /// The tree over the first `size` entries, as the copy has them.
    pub(super) fn range(&self, size: u64) -> anyhow::Result<CompactRange> {
        let mut range = CompactRange::new();
        for bundle in self.bundles(size) {
            bundle?.iter().for_each(|entry| range.push(leaf_hash(entry)));
        }
        Ok(range)
    }

    /// The entries of one file that belong to a log of `size`.
    fn bundle(&self, index: u64, size: u64) -> anyhow::Result<Vec<Vec<u8>>> {
        let path = self.path(index);
        let missing = || format!("the desk's copy of the log is not whole: {}", path.display());
        let bytes = kept::read(&path)?.with_context(missing)?;
        let mut entries = split(&bytes).with_context(missing)?;
        let count = usize::try_from(size.saturating_sub(index * BUNDLE).min(BUNDLE))?;
        ensure!(entries.len() >= count, missing());
        entries.truncate(count);
        Ok(entries)
    }

    fn path(&self, index: u64) -> PathBuf {
        self.folder.join(format!("{index:012}"))
    }
}

/// The entries of a bundle, however many: each as its length (u16) and itself.
fn split(mut bytes: &[u8]) -> Option<Vec<Vec<u8>>> {
    let mut entries = Vec::new();
    while !bytes.is_empty() {
        let (length, after) = bytes.split_first_chunk::<2>()?;
        let (entry, after) = after.split_at_checked(u16::from_be_bytes(*length).into())?;
        entries.push(entry.to_vec());
        bytes = after;
    }
    Some(entries)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_copy_has_the_root_of_every_size_and_forgets_what_was_cut_off() {
        // [CLI-16]
        let folder = tempfile::tempdir().expect("a folder");
        let copy = LogCopy::of(folder.path());
        let entry = |number: u64| number.to_be_bytes().to_vec();
        let (mut size, mut whole) = (0, CompactRange::new());
        for count in [1_u64, 254, 1, 1, 300, 0, 700] {
            copy.extend(size, &[entry(99), entry(98)]).expect("cut off after this");
            let entries: Vec<_> = (size..size + count).map(entry).collect();
            copy.extend(size, &entries).expect("written");
            entries.iter().for_each(|entry| whole.push(leaf_hash(entry)));
            size += count;
            assert_eq!(copy.range(size).expect("whole"), whole);
        }
        assert_eq!(copy.range(1).expect("whole").size(), 1);
        assert!(copy.range(size + 300).is_err(), "more than there is");
    }
}
