//! What everybody does with the log.

use std::hint::black_box;

use noren::log::{Append, CompactRange, LogPosition, Origin, SignedCheckpoint, leaf_hash};
use noren::time::UnixSeconds;

use super::{Entry, Run};
use crate::{MIDNIGHT, Result, World};

pub(super) const STEPS: [Entry; 2] =
    [("log/hash_1000_entries", hash), ("log/follow_1000_entries", follow)];

/// About what a trace with its notice has.
const ENTRY_LENGTH: usize = 700;

fn entries() -> Vec<Vec<u8>> {
    vec![vec![7; ENTRY_LENGTH]; 1_000]
}

fn hash() -> Result<Run> {
    let entries = entries();
    Ok(Box::new(move || {
        let mut range = CompactRange::new();
        entries.iter().for_each(|entry| range.push(leaf_hash(black_box(entry))));
        black_box(range.root());
        Ok(())
    }))
}

/// From a signed checkpoint and the entries that it adds to a new position.
fn follow() -> Result<Run> {
    let keys = World::new(6).keys;
    let origin = Origin::new("log.example/noren")?;
    let (start, now) = (LogPosition::start(), UnixSeconds::new(MIDNIGHT)?);
    let append = Append::sign(&start, entries(), &origin, &keys.log_keys(), now)?;
    let public_key = keys.log_public_keys();
    Ok(Box::new(move || {
        let text = append.checkpoint.as_bytes();
        let head = SignedCheckpoint::verify(black_box(text), &origin, &public_key)?;
        black_box(start.advance(&head, black_box(&append.entries))?);
        Ok(())
    }))
}
