//! A passphrase for the desk's keys.

use std::path::PathBuf;

use super::done::act;
use super::place::open;
use crate::context::Context;
use crate::desk::Action;
use crate::outcome::Outcome;
use crate::secret::PassphraseSource;

#[derive(clap::Args)]
pub(crate) struct ProtectArguments {
    /// Read the new passphrase from this file instead of asking ("-": the standard input)
    #[arg(long, value_name = "FILE")]
    new_passphrase_file: Option<PathBuf>,
}

pub(super) fn run(context: &Context, arguments: ProtectArguments) -> Outcome {
    // [CLI-62]
    let mut desk = open(context)?;
    let new = PassphraseSource::of(arguments.new_passphrase_file).choose("the authority's keys")?;
    act(context, &mut desk, Action::Protect(new))
}
