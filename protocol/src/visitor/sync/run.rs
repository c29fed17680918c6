//! A run of a log's entries: which of its files come next, and the tree as far as they have come.

use std::collections::VecDeque;

use super::{File, Source, SyncError, Wanted};
use crate::log::{CompactRange, NeededBundle, TilePath, bundles_needed, leaf_hash, wider};

/// How many files are asked for at once.
const AT_ONCE: usize = 8;

/// The entries from a tree on to a size.
pub(super) struct Run {
    from: CompactRange,
    to: u64,
    /// The tree over what was taken in order.
    range: CompactRange,
    /// The files after that, the next one first.
    files: VecDeque<Awaited>,
    /// Whether some of what was taken had been kept.
    used_kept: bool,
    /// Whether what was kept is not to be used.
    is_fresh: bool,
}

/// A file that was asked for.
struct Awaited {
    needed: NeededBundle,
    /// The path that is asked for: a wider one where the needed one is gone.
    path: TilePath,
    entries: Option<Vec<Vec<u8>>>,
}

/// What became of bytes that were given.
pub(super) enum Given {
    /// They were taken, or are not wanted.
    Taken,
    /// What was kept is damaged: the run has to begin again without it.
    Again,
    /// The server does not have the file as it should be.
    Failed(SyncError),
}

impl Run {
    pub(super) fn new(from: CompactRange, to: u64) -> Self {
        let range = from.clone();
        let files = VecDeque::new();
        let mut run = Self { from, to, range, files, used_kept: false, is_fresh: false };
        run.ask();
        run
    }

    /// Begins again, with what the server has now.
    pub(super) fn restart(&mut self) {
        self.range = self.from.clone();
        self.files.clear();
        (self.used_kept, self.is_fresh) = (false, true);
        self.ask();
    }

    /// Asks for as many files as may be awaited at once.
    fn ask(&mut self) {
        // [LOG-7] Lazily: the size is a stranger's number.
        let end = |file: &Awaited| {
            let path = file.needed.path;
            path.index() * 256 + u64::from(path.width().get())
        };
        let asked = self.files.back().map_or(self.range.size(), end);
        let more = bundles_needed(asked, self.to).take(AT_ONCE - self.files.len());
        let awaited = |needed: NeededBundle| Awaited { needed, path: needed.path, entries: None };
        self.files.extend(more.map(awaited));
    }

    pub(super) fn wants(&self) -> Vec<Wanted> {
        let missing = self.files.iter().filter(|file| file.entries.is_none());
        let wanted =
            |file: &Awaited| Wanted { file: File::Entries(file.path), may_be_kept: !self.is_fresh };
        missing.map(wanted).collect()
    }

    pub(super) fn give(&mut self, path: &TilePath, source: Source, bytes: Option<&[u8]>) -> Given {
        let is_at = |file: &&mut Awaited| {
            file.needed.path.index() == path.index()
                && file.needed.path.width() <= path.width()
                && file.entries.is_none()
        };
        let is_ignored = source == Source::Kept && self.is_fresh;
        let Some(file) = self.files.iter_mut().find(is_at).filter(|_| !is_ignored) else {
            return Given::Taken;
        };
        let Some(bytes) = bytes else {
            // [API-2] [LOG-13] A wider file, where the superseded one is gone.
            if *path != file.path {
                return Given::Taken;
            }
            let mut others = wider(&file.needed.path);
            if file.path != file.needed.path {
                others.by_ref().find(|wide| *wide == file.path);
            }
            return match others.next() {
                Some(wide) => {
                    file.path = wide;
                    Given::Taken
                }
                None => Given::Failed(SyncError::Missing(file.needed.path)),
            };
        };
        match file.needed.new_entries_of(path.width(), bytes) {
            Ok(entries) => {
                file.entries = Some(entries);
                self.used_kept |= source == Source::Kept;
                Given::Taken
            }
            Err(_) if source == Source::Kept => Given::Again,
            Err(_) => Given::Failed(SyncError::Damaged(*path)),
        }
    }

    /// Takes what has come in order: adds the entries to the tree and, with their indices, to `to`.
    pub(super) fn drain(&mut self, to: &mut VecDeque<(u64, Vec<u8>)>) {
        while self.files.front().is_some_and(|file| file.entries.is_some()) {
            let file = self.files.pop_front();
            for entry in file.and_then(|file| file.entries).into_iter().flatten() {
                let index = self.range.size();
                self.range.push(leaf_hash(&entry));
                to.push_back((index, entry));
            }
            self.ask();
        }
    }

    /// Returns whether every entry was taken.
    pub(super) fn is_read(&self) -> bool {
        self.files.is_empty()
    }

    pub(super) const fn range(&self) -> &CompactRange {
        &self.range
    }

    pub(super) fn size(&self) -> u64 {
        self.range.size()
    }

    pub(super) const fn used_kept(&self) -> bool {
        self.used_kept
    }
}
