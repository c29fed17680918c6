//! Notices against the truth: visit by visit, second by second.

use crate::device::Life;
use crate::truth::Truth;
use crate::world::World;

/// How many visits of the sample were treated how.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    /// Told, and rightly.
    pub right: u64,
    /// Told, and wrongly: false alarms.
    pub wrong: u64,
    /// Not told, though they should have been.
    pub missed: u64,
    /// Not told, and rightly.
    pub quiet: u64,
    /// Rightly told, of other seconds than the true ones.
    pub other_seconds: u64,
}

impl Tally {
    /// Holds every visit of every device against the truth.
    #[must_use]
    pub fn new(world: &World, truth: &Truth<'_>, lives: &[Life]) -> Self {
        let mut tally = Self::default();
        for life in lives {
            let mut told = life.told.clone();
            for visit in world.visits(life.person) {
                let said = told.remove(&(visit.arrival, visit.departure)).unwrap_or_default();
                tally.count(&said, &truth.of(&visit));
            }
            // A notice about a visit that there never was.
            tally.wrong += told.len() as u64;
        }
        tally
    }

    fn count(&mut self, said: &[(u64, u64)], truth: &[(u64, u64)]) {
        match (said.is_empty(), truth.is_empty()) {
            (false, false) => {
                self.right += 1;
                self.other_seconds += u64::from(said != truth);
            }
            (false, true) => self.wrong += 1,
            (true, false) => self.missed += 1,
            (true, true) => self.quiet += 1,
        }
    }

    /// The share of notices that are right; 1 where there are none.
    #[must_use]
    pub fn precision(&self) -> f64 {
        share(self.right, self.right + self.wrong)
    }

    /// The share of those to be told who are told; 1 where there are none.
    #[must_use]
    pub fn recall(&self) -> f64 {
        share(self.right, self.right + self.missed)
    }

    /// Whether everybody was told the truth and nobody anything else, with somebody to be told.
    #[must_use]
    pub const fn is_perfect(&self) -> bool {
        self.right > 0 && self.wrong == 0 && self.missed == 0 && self.other_seconds == 0
    }
}

/// A part of a whole; 1 of nothing.
#[must_use]
pub fn share(part: u64, whole: u64) -> f64 {
    if whole == 0 { 1.0 } else { part as f64 / whole as f64 }
}
