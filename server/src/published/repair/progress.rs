//! How far the authority has come with giving entries back.

use noren::log::{CompactRange, leaf_hash};

/// Entries of one file.
pub(super) const BUNDLE: u64 = 256;

/// How far the authority has come with giving back.
#[derive(Debug)]
pub(crate) struct Repair {
    /// The index of the entry that comes next.
    pub(super) next: u64,
    /// The tree of all entries from the first on; `None` where it did not begin there.
    pub(super) range: Option<CompactRange>,
    /// The beginning of a bundle that is not whole yet.
    rest: Vec<Vec<u8>>,
}

impl Repair {
    pub(super) fn from(index: u64) -> Self {
        Self { next: index, range: (index == 0).then(CompactRange::new), rest: vec![] }
    }

    /// Takes one more entry of a log of `size`; the bundle that is whole with it.
    pub(super) fn push(&mut self, entry: Vec<u8>, size: u64) -> Option<(u64, Vec<Vec<u8>>)> {
        if let Some(range) = &mut self.range {
            range.push(leaf_hash(&entry));
        }
        self.rest.push(entry);
        let index = self.next / BUNDLE;
        self.next += 1;
        let whole = self.next.is_multiple_of(BUNDLE) || self.next == size;
        whole.then(|| (index, std::mem::take(&mut self.rest)))
    }
}
