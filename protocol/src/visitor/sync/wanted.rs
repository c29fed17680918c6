//! The files that a sync asks for.

use crate::log::{MAX_NOTE, TilePath, TreeHash, archived_path, max_bundle_length};
use crate::profile;
use crate::time::Day;

/// A file of an authority's server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum File {
    /// The authority's signed profile.
    Profile,
    /// The signed head of its log.
    Checkpoint,
    /// The head of its log that was archived on a day.
    Archived(Day),
    /// Hashes of its log's tree.
    Hashes(TilePath),
    /// Entries of its log.
    Entries(TilePath),
}

/// A file that a [`LogSync`](super::LogSync) wants.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Wanted {
    /// The file.
    pub file: File,
    /// Whether a copy from an earlier sync is good enough. Where this is false, there is none, or
    /// it was damaged.
    pub may_be_kept: bool,
}

impl Wanted {
    /// Returns the path below the address in the authority's profile.
    #[must_use]
    pub fn path(&self) -> String {
        // [API-1]
        match &self.file {
            File::Profile => "v1/authority".to_owned(),
            File::Checkpoint => "checkpoint".to_owned(),
            File::Archived(day) => archived_path(*day),
            File::Hashes(path) | File::Entries(path) => path.to_string(),
        }
    }

    /// Returns the most bytes that the file can have, a limit for whoever downloads it.
    #[must_use]
    pub const fn max_length(&self) -> usize {
        match &self.file {
            File::Profile => profile::MAX_LENGTH,
            File::Checkpoint | File::Archived(_) => MAX_NOTE,
            File::Hashes(path) => path.width().get() as usize * TreeHash::LENGTH,
            File::Entries(path) => max_bundle_length(path.width()),
        }
    }
}

/// Where the bytes of a file come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// The server or a mirror, now.
    Server,
    /// A copy that was kept.
    Kept,
}
