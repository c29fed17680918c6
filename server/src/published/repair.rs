//! Entries that the server has lost and the authority gives back. [API-29]
//!
//! Nothing is believed that the signed checkpoint does not say: a bundle is held against the tree, or,
//! where no tree is left, all of them together against the root. Until then nobody reads them.

use std::sync::Arc;

use noren::log::{
    Append, AppendError, CompactRange, LogError, TilePath, bundles_needed, encode_bundle,
    tiles_of_append,
};

use progress::{BUNDLE, Repair};

use super::writer::Writer;
use super::{Head, Published, PublishedError, blocking};

pub(super) mod progress;

impl Published {
    /// Returns what has to be given back: runs of entries whose bundles are damaged and cannot be
    /// made again, each from its first to before its last. Makes again what can be.
    pub(crate) async fn missing(self: &Arc<Self>) -> (u64, Vec<(u64, u64)>) {
        // [API-29]
        let Some(head) = self.head() else { return (0, vec![]) };
        if head.tree.is_none() {
            return (head.size, vec![(0, head.size)]);
        }
        let mut missing: Vec<(u64, u64)> = vec![];
        for path in tiles_of_append(0, head.size) {
            let sound = matches!(self.tile(path).await, Ok(_) | Err(PublishedError::Past(_)));
            if let (false, TilePath::Entries { index, width }) = (sound, path) {
                let (from, to) = (index * BUNDLE, index * BUNDLE + u64::from(width.get()));
                match missing.last_mut() {
                    Some((_, last)) if *last == from => *last = to,
                    _ => missing.push((from, to)),
                }
            }
        }
        (head.size, missing)
    }

    /// Takes entries back that the checkpoint covers; the index of the entry that comes next.
    pub(super) async fn take_back(
        self: &Arc<Self>,
        writer: &mut Writer,
        append: Append,
    ) -> Result<u64, PublishedError> {
        let Some(head) = self.head() else { return Err(AppendError::Stale { size: 0 }.into()) };
        let begun = writer.repair.take().filter(|repair| repair.next == append.old_size);
        let fresh = append.old_size.is_multiple_of(BUNDLE);
        let repair = begun.or_else(|| fresh.then(|| Repair::from(append.old_size)));
        let end = append.old_size.saturating_add(append.entries.len() as u64);
        let repair = repair.filter(|_| end <= head.size);
        let repair = repair.ok_or(AppendError::Stale { size: head.size })?;
        let this = Arc::clone(self);
        let (known, entries) = (head.clone(), append.entries);
        let given = blocking(move || this.give_back(repair, &known, entries)).await;
        let repair = self.wrote(given)?;
        let next = repair.next;
        match repair.range.as_ref().filter(|_| head.tree.is_none() && next == head.size) {
            Some(range) => self.prove_again(writer, head, range.clone()).await?,
            None => writer.repair = Some(repair),
        }
        Ok(next)
    }

    /// Writes the bundles that are whole.
    fn give_back(
        &self,
        mut repair: Repair,
        head: &Head,
        entries: Vec<Vec<u8>>,
    ) -> Result<Repair, PublishedError> {
        for entry in entries {
            if let Some((index, entries)) = repair.push(entry, head.size) {
                self.put_back(head, index, &entries)?;
            }
        }
        Ok(repair)
    }

    fn put_back(&self, head: &Head, index: u64, entries: &[Vec<u8>]) -> Result<(), PublishedError> {
        // [API-29] Where the tree says nothing of them, nobody gets them until it does.
        if let Some(tree) = &head.tree
            && matches!(self.prover(tree).admits(index, entries), Ok(false))
        {
            return Err(AppendError::from(LogError::RootMismatch).into());
        }
        let end = index * BUNDLE + entries.len() as u64;
        let Some(bundle) = bundles_needed(index * BUNDLE, end).next() else { return Ok(()) };
        let bytes = encode_bundle(entries)?;
        if self.bucket.tile(&bundle.path).as_ref() != Some(&bytes) {
            let name = bundle.path.to_string();
            self.bucket.replace(&name, &bytes)?;
            tracing::warn!(path = name, "the authority has given a file back");
            self.disk.metrics().healed();
        }
        if let Some(tree) = &head.tree {
            let (index, width) = (bundle.path.index(), bundle.path.width());
            // The results are noted on the way.
            for path in [bundle.path, TilePath::Hash { level: 0, index, width }] {
                let _ = self.sound(path, tree);
            }
        }
        Ok(())
    }

    /// Goes on as before where what was given back leads to the checkpoint.
    async fn prove_again(
        self: &Arc<Self>,
        writer: &mut Writer,
        head: Head,
        range: CompactRange,
    ) -> Result<(), PublishedError> {
        if range.root() != head.root {
            return Err(AppendError::from(LogError::RootMismatch).into());
        }
        tracing::warn!(entries = head.size, "the published files lead to the checkpoint again");
        self.head.send_replace(Some(Head { tree: Some(Arc::new(range)), ..head }));
        writer.is_ready = false;
        self.reconcile().await?;
        writer.is_ready = true;
        for path in tiles_of_append(0, self.size()) {
            let _ = self.tile(path).await;
        }
        Ok(())
    }
}
