use crate::cli::{Answer, Outcome};
use crate::context::Context;

#[derive(clap::Args)]
pub(crate) struct Arguments {}

pub(crate) fn run(_context: &Context, _arguments: &Arguments) -> Outcome {
    Ok(Answer::No)
}
