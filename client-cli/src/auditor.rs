use crate::cli::Outcome;
use crate::context::Context;

#[derive(clap::Subcommand)]
pub(crate) enum Command {}

pub(crate) fn run(_context: &Context, command: Command) -> Outcome {
    match command {}
}
