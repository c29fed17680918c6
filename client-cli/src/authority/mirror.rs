//! The mirrors of the log, which the desk looks at before it signs.

use super::done::act;
use super::place::open;
use super::shown::mirrors;
use crate::context::Context;
use crate::desk::Action;
use crate::outcome::{Answer, Outcome};

#[derive(clap::Subcommand)]
pub(crate) enum Command {
    /// Read the log there as well before the desk signs anything
    #[command(after_help = "Example: noren authority mirror add https://mirror.example/noren")]
    Add {
        /// The mirror's address
        url: String,
    },
    /// Stop reading the log there
    #[command(after_help = "Example: noren authority mirror remove https://mirror.example/noren")]
    Remove {
        /// The mirror's address
        url: String,
    },
    /// Show the mirrors. Exit code 1: there is none
    #[command(after_help = "Example: noren authority mirror list")]
    List,
}

pub(super) fn run(context: &Context, command: Command) -> Outcome {
    let mut desk = open(context)?;
    match command {
        Command::Add { url } => act(context, &mut desk, Action::AddMirror(url)),
        Command::Remove { url } => act(context, &mut desk, Action::RemoveMirror(url)),
        Command::List => {
            mirrors::show(context, desk.mirrors())?;
            Ok(if desk.mirrors().is_empty() { Answer::No } else { Answer::Yes })
        }
    }
}
