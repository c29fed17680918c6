//! New keys for the authority, handed over by the old ones.

use super::consent::agreed_to;
use super::done::act;
use super::place::place;
use crate::confirm::Consent;
use crate::context::Context;
use crate::desk::{Action, Desk, Resolution};
use crate::outcome::Outcome;

#[derive(clap::Args)]
pub(crate) struct RotateArguments {
    /// Cancel a handover that the server has refused, and go on with the keys of before
    #[arg(long, conflicts_with_all = ["yes", "dry_run"])]
    cancel: bool,
    #[command(flatten)]
    consent: Consent,
}

pub(super) fn run(context: &Context, arguments: &RotateArguments) -> Outcome {
    let mut desk = Desk::open_in_handover(place(context))?;
    // [CLI-11] What was begun was approved.
    if arguments.cancel {
        return act(context, &mut desk, Action::CancelHandover);
    }
    let resolution = Resolution::RotateKeys;
    if !desk.has_begun(&resolution) || arguments.consent.dry_run {
        let words = desk.about_to(&resolution)?.unwrap_or_default();
        if let Some(answer) = agreed_to(context, &words, arguments.consent)? {
            return Ok(answer);
        }
    }
    act(context, &mut desk, Action::Resolve(resolution))
}
