//! What a venue does.

use std::hint::black_box;

use noren::messages::UploadCode;

use super::{Entry, Run};
use crate::{Result, World, window};

pub(super) const STEPS: [Entry; 3] = [
    ("venue/set_up", set_up),
    ("venue/pre_traces_of_3_hours", pre_traces),
    ("venue/upload_of_3_hours", upload),
];

fn set_up() -> Result<Run> {
    let mut world = World::new(1);
    Ok(Box::new(move || {
        black_box(world.venue()?);
        Ok(())
    }))
}

fn pre_traces() -> Result<Run> {
    let (_, trace_code) = World::new(1).venue()?;
    let hours = window(18, 21)?;
    Ok(Box::new(move || {
        black_box(noren::venue::pre_traces(black_box(&trace_code), hours, hours.over_at())?);
        Ok(())
    }))
}

fn upload() -> Result<Run> {
    let mut world = World::new(1);
    let (_, trace_code) = world.venue()?;
    let hours = window(18, 21)?;
    let binding = UploadCode::generate(&mut world.rng).binding();
    Ok(Box::new(move || {
        let upload = noren::venue::upload(black_box(&trace_code), hours, binding, hours.over_at())?;
        black_box(upload.seal(&world.keys.upload_public_key(), &mut world.rng)?);
        Ok(())
    }))
}
