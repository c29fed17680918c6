//! The entries that devices pass over, by name: where they stand, their hash, and what is wrong.

use noren::log::leaf_hash;
use noren::messages::MessageError;
use serde::Serialize;

use crate::text::clean;

/// The most that are named; the others are counted.
const MOST: usize = 200;

/// An entry that no device can read.
#[derive(Debug, Serialize)]
struct MalformedEntry {
    index: u64,
    leaf_hash: String,
    reason: String,
}

/// Every malformed entry, in their order, up to a bound.
#[derive(Debug, Default, Serialize)]
#[serde(transparent)]
pub(super) struct MalformedEntries {
    named: Vec<MalformedEntry>,
    #[serde(skip)]
    more: usize,
}

impl MalformedEntries {
    pub(super) fn push(&mut self, index: u64, entry: &[u8], why: &MessageError) {
        // [CLI-54]
        if self.named.len() < MOST {
            let (leaf_hash, reason) = (leaf_hash(entry).to_string(), why.to_string());
            self.named.push(MalformedEntry { index, leaf_hash, reason });
        } else {
            self.more += 1;
        }
    }

    pub(super) fn lines(&self) -> Vec<String> {
        let line = |entry: &MalformedEntry| {
            let MalformedEntry { index, leaf_hash, reason } = entry;
            format!("  entry {index}, {leaf_hash}: {}", clean(reason))
        };
        let more = (self.more > 0).then(|| format!("  and {} more", self.more));
        self.named.iter().map(line).chain(more).collect()
    }
}
