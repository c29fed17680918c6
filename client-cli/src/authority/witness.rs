//! The witnesses of the log, whom the desk asks about every head.

use super::done::act;
use super::place::open;
use super::shown::witnesses;
use crate::context::Context;
use crate::desk::Action;
use crate::errors::whole_number;
use crate::outcome::{Answer, Outcome};

#[derive(clap::Subcommand)]
pub(crate) enum Command {
    /// Ask a witness to cosign every head from now on
    #[command(
        after_help = "Example: noren authority witness add witness.example/w1+7c3e0d5a+BA… https://witness.example"
    )]
    Add {
        /// Its verifier key, as it prints it: name+id+key
        #[arg(value_name = "KEY")]
        key: String,
        /// Where it takes `add-checkpoint` (C2SP tlog-witness)
        url: String,
    },
    /// Ask a witness no longer
    #[command(after_help = "Example: noren authority witness remove witness.example/w1")]
    Remove {
        /// Its name, its verifier key or its address
        witness: String,
    },
    /// Publish a head only with so many cosignatures; 0: with what there is
    #[command(after_help = "Example: noren authority witness quorum 2")]
    Quorum {
        /// How many
        #[arg(value_parser = whole_number::<usize>)]
        count: usize,
    },
    /// Show the witnesses. Exit code 1: there is none
    #[command(after_help = "Example: noren authority witness list")]
    List,
}

pub(super) fn run(context: &Context, command: Command) -> Outcome {
    // [CLI-61]
    let mut desk = open(context)?;
    match command {
        Command::Add { key, url } => act(context, &mut desk, Action::AddWitness { key, url }),
        Command::Remove { witness } => act(context, &mut desk, Action::RemoveWitness(witness)),
        Command::Quorum { count } => act(context, &mut desk, Action::SetWitnessQuorum(count)),
        Command::List => {
            witnesses::show(context, desk.witnesses())?;
            Ok(if desk.witnesses().known.is_empty() { Answer::No } else { Answer::Yes })
        }
    }
}
