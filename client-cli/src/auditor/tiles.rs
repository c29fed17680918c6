//! Reads a whole log from its files, entry by entry and tile by tile, in little memory.

use noren::auditor::{Audit, Finding};
use noren::log::{
    HashTiles, SignedCheckpoint, TilePath, TreeHash, bundles_needed, decode_bundle,
    decode_hash_tile, leaf_hash,
};
use noren::messages::PublishedTrace;

use crate::log_files::LogFiles;
use crate::output::Output;

/// The log under one head, while it is read.
pub(super) struct Reading<'a> {
    files: &'a LogFiles,
    audit: &'a mut Audit,
    tiles: HashTiles,
}

impl<'a> Reading<'a> {
    pub(super) fn new(files: &'a LogFiles, audit: &'a mut Audit) -> Self {
        Self { files, audit, tiles: HashTiles::new() }
    }

    /// Reads every file that `head` vouches for, up to `most` entries. Stops at the first bundle for
    /// which not even the hashes are there. Whether there were more entries than `most`.
    pub(super) fn read(
        mut self,
        head: &SignedCheckpoint,
        most: u64,
        output: Output,
    ) -> anyhow::Result<bool> {
        // [LOG-13]
        let size = head.checkpoint().size;
        let bar = output.progress(size, "downloading");
        let mut read = 0;
        for bundle in bundles_needed(0, size) {
            if read >= most || !self.bundle(&bundle.path)? {
                bar.finish_and_clear();
                return Ok(read >= most);
            }
            read += u64::from(bundle.path.width().get());
            bar.set_position(read);
        }
        bar.finish_and_clear();
        let partial = self.tiles.partial();
        partial.iter().try_for_each(|(path, bytes)| self.compare(path, bytes))?;
        Ok(false)
    }

    /// Reads one bundle; whether the reading can go on behind it.
    fn bundle(&mut self, path: &TilePath) -> anyhow::Result<bool> {
        match self.entries(path)? {
            Some(entries) => {
                for entry in &entries {
                    self.audit.entry(entry, || PublishedTrace::from_bytes(entry).is_ok());
                    self.leaf(leaf_hash(entry))?;
                }
                Ok(true)
            }
            // Without the entries, their hashes still say whether everything else is right.
            None => match self.hashes(path)? {
                Some(hashes) => {
                    for hash in hashes {
                        self.audit.leaf(hash);
                        self.leaf(hash)?;
                    }
                    Ok(true)
                }
                None => Ok(false),
            },
        }
    }

    fn entries(&mut self, path: &TilePath) -> anyhow::Result<Option<Vec<Vec<u8>>>> {
        let Some((there, bytes)) = self.files.tile(path)? else {
            self.audit.note(Finding::FileMissing(*path));
            return Ok(None);
        };
        let Ok(mut entries) = decode_bundle(&bytes, there.width()) else {
            self.audit.note(Finding::FileWrong(there));
            return Ok(None);
        };
        entries.truncate(path.width().get().into());
        Ok(Some(entries))
    }

    /// The hashes under a bundle, from the hash tile at its place.
    fn hashes(&self, bundle: &TilePath) -> anyhow::Result<Option<Vec<TreeHash>>> {
        let (index, width) = (bundle.index(), bundle.width());
        let Some((there, bytes)) = self.files.tile(&TilePath::Hash { level: 0, index, width })?
        else {
            return Ok(None);
        };
        let Ok(mut hashes) = decode_hash_tile(&bytes, there.width()) else { return Ok(None) };
        hashes.truncate(width.get().into());
        Ok(Some(hashes))
    }

    fn leaf(&mut self, hash: TreeHash) -> anyhow::Result<()> {
        let complete = self.tiles.push(hash);
        complete.iter().try_for_each(|(path, bytes)| self.compare(path, bytes))
    }

    /// Holds a hash tile against what the entries say.
    fn compare(&mut self, path: &TilePath, expected: &[u8]) -> anyhow::Result<()> {
        // [LOG-2] [LOG-13]
        match self.files.tile(path)? {
            None => self.audit.note(Finding::FileMissing(*path)),
            Some((there, bytes)) => {
                let length = usize::from(there.width().get()) * TreeHash::LENGTH;
                if bytes.len() != length || !bytes.starts_with(expected) {
                    self.audit.note(Finding::FileWrong(there));
                }
            }
        }
        Ok(())
    }
}
