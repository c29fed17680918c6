//! What a health authority does with an upload.

use std::hint::black_box;

use noren::authority::review;

use super::{Entry, Run};
use crate::{Result, World, traces, window};

pub(super) const STEPS: [Entry; 3] = [
    ("authority/review_of_1_hour", || review_of(1)),
    ("authority/review_of_3_hours", || review_of(3)),
    ("authority/traces_of_3_hours", traces_of_3_hours),
];

fn review_of(hours: u64) -> Result<Run> {
    let mut world = World::new(3);
    let (_, trace_code) = world.venue()?;
    let (case, sealed) = world.upload(&trace_code, window(18, 18 + hours)?)?;
    Ok(Box::new(move || {
        black_box(review(
            world.keys.upload_key(),
            &case,
            black_box(&sealed),
            case.window.over_at(),
        )?);
        Ok(())
    }))
}

fn traces_of_3_hours() -> Result<Run> {
    let mut world = World::new(3);
    let (_, trace_code) = world.venue()?;
    let window = window(18, 21)?;
    let (case, sealed) = world.upload(&trace_code, window)?;
    let review = review(world.keys.upload_key(), &case, &sealed, case.window.over_at())?;
    Ok(Box::new(move || {
        black_box(traces(black_box(&review.pre_traces), window, &mut world.rng)?);
        Ok(())
    }))
}
