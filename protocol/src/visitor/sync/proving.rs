//! A profile whose place in the log is looked for, before anything is believed by it.

use super::Wanted;
use super::tiles::Tiles;
use crate::log::{SignedCheckpoint, TilePath, tiles_of_inclusion};
use crate::profile::SignedProfile;

/// The hash tiles that lead from a profile's entry to the root.
pub(super) struct Proving {
    tiles: Tiles,
}

impl Proving {
    pub(super) fn new(profile: &SignedProfile, head: &SignedCheckpoint) -> Self {
        let size = head.checkpoint().size;
        let index = profile.profile().log_index.unwrap_or(size);
        Self { tiles: Tiles::new(tiles_of_inclusion(index, size), size) }
    }

    pub(super) fn wants(&self) -> Vec<Wanted> {
        self.tiles.wants()
    }

    pub(super) fn give(&mut self, path: &TilePath, bytes: Option<&[u8]>) {
        self.tiles.give(path, bytes);
    }

    /// Returns whether the log has the profile, or `None` while something is wanted.
    pub(super) fn end(&self, profile: &SignedProfile, head: &SignedCheckpoint) -> Option<bool> {
        // [PRO-13] What cannot be had proves nothing.
        let is_in_log = || profile.is_in_log(head, |path| self.tiles.read(path));
        self.wants().is_empty().then(|| is_in_log().unwrap_or(false))
    }
}
