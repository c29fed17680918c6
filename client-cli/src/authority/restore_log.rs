//! The log goes back onto a server that has lost it, from the desk's own copy.

use super::done::act;
use super::place::open;
use crate::context::Context;
use crate::desk::Action;
use crate::outcome::Outcome;

#[derive(clap::Args)]
pub(crate) struct RestoreArguments {
    /// Set the server's address to this one from now on
    #[arg(long, value_name = "URL")]
    to: Option<String>,
}

pub(super) fn run(context: &Context, arguments: RestoreArguments) -> Outcome {
    act(context, &mut open(context)?, Action::RestoreLog { to: arguments.to })
}
