//! Joining a log late: at a head that was archived before the first day whose records are kept. Its
//! tree comes from a few hash tiles, and no earlier entry is read.

use std::collections::VecDeque;

use super::tiles::Tiles;
use super::{File, Wanted};
use crate::log::{
    CompactRange, LogPosition, SignedCheckpoint, TilePath, days_to_join_at, tiles_between,
    trees_from_tiles,
};
use crate::time::Day;

/// The fewest entries that are not read one by one: it takes about as many requests to join.
const FEWEST: u64 = 4_096;

/// What has come of an archived head and its tree.
pub(super) struct Joining {
    from: CompactRange,
    /// The number of entries that the head covers.
    size: u64,
    /// The days that are still to be asked for, the next one first.
    days: VecDeque<Day>,
    archived: Option<SignedCheckpoint>,
    tiles: Tiles,
}

/// Where the entries begin that have to be read.
pub(super) enum Joined {
    /// Behind an archived head.
    At(LogPosition),
    /// Where the reader stands: no archived head could be had.
    Nowhere,
    /// The archived head does not continue what the reader has seen.
    Rewritten(SignedCheckpoint),
}

impl Joining {
    /// Begins for a reader at `start` of a log with this head, or returns `None` where the entries
    /// between them are to be read: they are few, or may concern a record.
    pub(super) fn new(
        start: &LogPosition,
        head: &SignedCheckpoint,
        retention_days: u32,
    ) -> Option<Self> {
        // [LOG-18]
        if head.checkpoint().size - start.range.size() < FEWEST {
            return None;
        }
        let seen = Day::containing(start.timestamp);
        let days = days_to_join_at(head.timestamp(), retention_days);
        let days: VecDeque<_> = days.filter(|day| *day > seen).collect();
        let (from, size) = (start.range.clone(), head.checkpoint().size);
        let (archived, tiles) = (None, Tiles::new([], size));
        (!days.is_empty()).then_some(Self { from, size, days, archived, tiles })
    }

    pub(super) fn wants(&self) -> Vec<Wanted> {
        if self.archived.is_some() {
            return self.tiles.wants();
        }
        let fresh = |day: &Day| Wanted { file: File::Archived(*day), may_be_kept: false };
        self.days.front().map(fresh).into_iter().collect()
    }

    /// Takes the verified head that stands at the path of a day. One of another day is none.
    pub(super) fn give_archived(&mut self, day: Day, archived: Option<SignedCheckpoint>) {
        if self.archived.is_some() || self.days.front() != Some(&day) {
            return;
        }
        self.days.pop_front();
        // [LOG-18] A later one would hide what was published meanwhile.
        let Some(archived) = archived.filter(|archived| archived.is_of(day)) else { return };
        let size = archived.checkpoint().size;
        if size <= self.from.size() {
            // Earlier ones are no larger.
            self.days.clear();
            return;
        }
        self.tiles = Tiles::new(tiles_between(self.from.size(), size), self.size);
        self.archived = Some(archived);
    }

    /// Takes the bytes of a tile, or that there is none of this width.
    pub(super) fn give_tile(&mut self, path: &TilePath, bytes: Option<&[u8]>) {
        self.tiles.give(path, bytes);
    }

    /// Returns where the log is joined, or `None` while something is wanted.
    pub(super) fn end(&self) -> Option<Joined> {
        if !self.wants().is_empty() {
            return None;
        }
        let Some(archived) = &self.archived else { return Some(Joined::Nowhere) };
        let head = archived.checkpoint();
        let stored = |path: &TilePath| self.tiles.read(path);
        let trees = trees_from_tiles(self.from.size(), head.size, stored).ok();
        Some(match trees.filter(|(_, tree)| tree.root() == head.root) {
            // [LOG-18] Nothing but the signed root says that the tiles are right.
            None => Joined::Nowhere,
            Some((before, _)) if before != self.from => Joined::Rewritten(archived.clone()),
            Some((_, range)) => Joined::At(LogPosition { range, timestamp: archived.timestamp() }),
        })
    }

    /// Returns the archived head, once it has come.
    pub(super) const fn archived(&self) -> Option<&SignedCheckpoint> {
        self.archived.as_ref()
    }
}
