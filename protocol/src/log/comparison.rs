//! What two heads of a log say about each other.

use super::SignedCheckpoint;

/// What two verified checkpoints say about each other, without any entries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Comparison {
    /// The same tree.
    Same,
    /// Different sizes: only the entries between them can tell.
    NeedsEntries,
    /// The same size with different roots. Both are signed: proof of two histories.
    Fork,
    /// The larger tree was signed before the smaller one: proof of a log that went back.
    WentBack,
    /// Checkpoints of different logs.
    OtherLog,
}

/// Compares two checkpoints that were verified under the same key; the order does not matter.
#[must_use]
pub fn compare(a: &SignedCheckpoint, b: &SignedCheckpoint) -> Comparison {
    let (first, second) = (a.checkpoint(), b.checkpoint());
    // [LOG-10]
    if first.origin != second.origin {
        return Comparison::OtherLog;
    }
    if first.size == second.size {
        return if first.root == second.root { Comparison::Same } else { Comparison::Fork };
    }
    let (smaller, larger) = if first.size < second.size { (a, b) } else { (b, a) };
    if smaller.timestamp() > larger.timestamp() {
        Comparison::WentBack
    } else {
        Comparison::NeedsEntries
    }
}
