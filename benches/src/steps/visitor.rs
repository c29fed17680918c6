//! What a visitor's device does at a venue.

use std::hint::black_box;

use super::{Entry, Run};
use crate::{Result, World};

pub(super) const STEPS: [Entry; 2] = [
    ("visitor/check_in_of_1_hour", || check_in(1)),
    ("visitor/check_in_of_3_hours", || check_in(3)),
];

fn check_in(hours: u64) -> Result<Run> {
    let mut world = World::new(2);
    let (entry_code, _) = world.venue()?;
    Ok(Box::new(move || {
        black_box(world.visit(black_box(&entry_code), 18, 18 + hours)?);
        Ok(())
    }))
}
