//! The codes of the venues that matter: those that are warned of, and those that a device of the
//! sample goes to.

use std::collections::{BTreeMap, BTreeSet};

use noren::keys::SealPublicKey;
use noren::messages::{Venue, VenueDetails};
use noren::time::{UnixSeconds, Window};
use noren::{EntryCode, TraceCode};

use super::random::{Purpose, generator};
use super::world::{DAY, World};
use crate::Result;

/// The beginning of the text in a venue's QR code.
const BASE: &str = "https://noren.example";

/// A venue's three things.
#[derive(Debug)]
pub struct Code {
    /// What the poster's QR code says.
    pub poster: String,
    /// The public code, as the authority knows it.
    pub entry_code: EntryCode,
    /// The private one.
    pub trace_code: TraceCode,
}

/// Codes by venue; each from a generator of its own.
#[derive(Debug)]
pub struct Codes {
    seed: u64,
    codes: BTreeMap<u32, Code>,
}

impl Codes {
    /// No codes yet.
    #[must_use]
    pub const fn new(seed: u64) -> Self {
        Self { seed, codes: BTreeMap::new() }
    }

    /// Sets venues up.
    ///
    /// # Errors
    /// None that these texts can cause.
    pub fn set_up(
        &mut self,
        world: &World,
        venues: &BTreeSet<u32>,
        authority: &SealPublicKey,
    ) -> Result<()> {
        for number in venues {
            let mut rng = generator(self.seed, Purpose::Keys, (*number).into());
            let (entry_code, trace_code) =
                noren::venue::set_up(venue(world, *number)?, authority, &mut rng)?;
            let poster = entry_code.to_url(BASE)?;
            self.codes.insert(*number, Code { poster, entry_code, trace_code });
        }
        Ok(())
    }

    /// A venue's codes.
    ///
    /// # Errors
    /// When the venue was not set up.
    pub fn of(&self, venue: u32) -> Result<&Code> {
        Ok(self.codes.get(&venue).ok_or("a venue without codes")?)
    }

    /// How many venues were set up.
    #[must_use]
    pub fn count(&self) -> usize {
        self.codes.len()
    }
}

fn venue(world: &World, number: u32) -> Result<Venue> {
    let customs = world.customs(number);
    let valid = Window::new(
        UnixSeconds::new(world.midnight(0) - DAY)?,
        UnixSeconds::new(world.midnight(world.days()) + 30 * DAY)?,
    )?;
    let details = VenueDetails::new(Some(customs.kind), None, Some(customs.typical))?;
    let (name, address) = (format!("Venue {number}"), format!("{number} Noren Street"));
    Ok(Venue::new(name, address, valid, details)?)
}
