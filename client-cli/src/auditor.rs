//! `noren auditor`: recompute what an authority published, and hold it against what was seen before;
//! hold the web page that servers hand out against the published one.

mod compare;
mod found;
mod page;
mod past;
mod seen;
mod tiles;
mod verify;

use crate::context::Context;
use crate::outcome::Outcome;

#[derive(clap::Subcommand)]
pub(crate) enum Command {
    /// Download the whole log and check it. Exit code 1: it has faults
    #[command(after_help = "Example: noren auditor verify https://noren.pref.example\n\
        Example: noren auditor verify https://mirror.example --authority noren.pref.example.profile")]
    Verify(verify::VerifyArguments),
    /// Compare two signed heads of a log. Exit code 1: they contradict each other
    #[command(after_help = "Example: noren auditor compare mine.checkpoint yours.checkpoint \
        --authority noren.pref.example.profile")]
    Compare(compare::CompareArguments),
    /// Compare the web page that servers hand out with the published one. Exit code 1: it differs
    #[command(after_help = "Example: noren auditor page https://noren.pref.example\n\
        Example: noren auditor page https://noren.pref.example https://page.example --digests SHA256SUMS\n\n\
        A server can answer one person otherwise than another: run this from several networks.")]
    Page(page::PageArguments),
}

pub(crate) fn run(context: &Context, command: Command) -> Outcome {
    match command {
        Command::Verify(arguments) => verify::run(context, &arguments),
        Command::Compare(arguments) => compare::run(context, &arguments),
        Command::Page(arguments) => page::run(context, &arguments),
    }
}
