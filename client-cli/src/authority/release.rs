//! Releases: what waits goes out at the policy's times.

use super::done::act;
use super::place::open;
use crate::context::Context;
use crate::desk::{Action, MAX_BATCH};
use crate::errors::whole_number;
use crate::outcome::Outcome;

#[derive(clap::Args)]
pub(crate) struct ReleaseArguments {
    /// Send at most so many entries in one append, but whole cases
    #[arg(long, value_parser = whole_number::<usize>, hide = true, default_value_t = MAX_BATCH, value_name = "NUMBER")]
    most_entries: usize,
}

/// Sends the batch of the last release time, once.
pub(super) fn run(context: &Context, arguments: &ReleaseArguments) -> Outcome {
    let most_entries = arguments.most_entries;
    act(context, &mut open(context)?, Action::Release { most_entries })
}
