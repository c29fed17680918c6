//! Reads a whole log from its files, entry by entry and tile by tile, in little memory.

use noren::auditor::{Audit, Finding};
use noren::log::{
    HashTiles, NeededBundle, SignedCheckpoint, TilePath, TileWidth, TreeHash, bundles_needed,
    decode_bundle, decode_hash_tile, leaf_hash,
};
use noren::messages::PublishedTrace;

use super::malformed::MalformedEntries;
use super::profiles::LoggedProfiles;
use crate::log_files::LogFiles;
use crate::output::Output;

/// The log under one head, while it is read.
pub(super) struct Reading<'a> {
    files: &'a LogFiles,
    audit: &'a mut Audit,
    malformed: &'a mut MalformedEntries,
    profiles: &'a mut LoggedProfiles,
    /// How many entries an earlier audit has read.
    begun: u64,
    /// The hash tiles as the entries make them; none where not all entries are read.
    tiles: Option<HashTiles>,
}

impl<'a> Reading<'a> {
    /// A reading of what stands behind the first `begun` entries, which `audit` has already; from the
    /// beginning, hash tiles are read as well.
    pub(super) fn new(
        files: &'a LogFiles,
        audit: &'a mut Audit,
        malformed: &'a mut MalformedEntries,
        profiles: &'a mut LoggedProfiles,
        begun: u64,
    ) -> Self {
        let tiles = (begun == 0).then(HashTiles::new);
        Self { files, audit, malformed, profiles, begun, tiles }
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
        let bar = output.progress(size.saturating_sub(self.begun), "downloading");
        let mut read = 0;
        for bundle in bundles_needed(self.begun, size) {
            if read >= most || !self.bundle(&bundle)? {
                bar.finish_and_clear();
                return Ok(read >= most);
            }
            read += u64::from(bundle.path.width().get() - bundle.known);
            bar.set_position(read);
        }
        bar.finish_and_clear();
        let partial = self.tiles.as_ref().map(HashTiles::partial).unwrap_or_default();
        partial.iter().try_for_each(|(path, bytes)| self.compare(path, bytes))?;
        Ok(false)
    }

    /// Reads one bundle; whether the reading can go on behind it.
    fn bundle(&mut self, bundle: &NeededBundle) -> anyhow::Result<bool> {
        let NeededBundle { path, known } = bundle;
        let known = usize::from(*known);
        match self.entries(path)? {
            Some(entries) => {
                let first = path.index() * u64::from(TileWidth::FULL.get());
                for (index, entry) in (first..).zip(&entries).skip(known) {
                    let read = PublishedTrace::from_bytes(entry);
                    let is_profile = self.profiles.take(index, entry);
                    self.audit.entry(entry, || is_profile || read.is_ok());
                    if let (Err(why), false) = (read, is_profile) {
                        self.malformed.push(index, entry, &why);
                    }
                    self.leaf(leaf_hash(entry))?;
                }
                Ok(true)
            }
            // Without the entries, their hashes still say whether everything else is right.
            None => match self.hashes(path)? {
                Some(hashes) => {
                    for hash in hashes.into_iter().skip(known) {
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
        let complete = self.tiles.as_mut().map(|tiles| tiles.push(hash)).unwrap_or_default();
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
