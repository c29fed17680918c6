//! `noren authority`: keys and profile, cases, review, publication.

mod cases;
mod desk;
mod profile;
mod publish;
mod review;
mod rotate;

use clap::Subcommand;

use crate::cli::Outcome;
use crate::context::Context;

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Make the authority's keys and its public profile
    #[command(
        after_help = "Example: noren authority init --name \"Health office\" --origin noren.pref.example/log --url https://noren.pref.example"
    )]
    Init(profile::Init),
    /// Show the public profile, write it to a file, or change it
    #[command(after_help = "Example: noren authority profile --out health-office.profile")]
    Profile(profile::Show),
    /// Open, list and close cases
    #[command(subcommand)]
    Case(cases::Command),
    /// List the uploads that wait on the server. Exit code 1: there is none
    #[command(after_help = "Example: noren authority uploads")]
    Uploads,
    /// Fetch a case's upload and make every check. Exit code 1: it is refused
    #[command(after_help = "Example: noren authority review c-3f9a21")]
    Review {
        /// The case's id
        case: String,
    },
    /// Publish a reviewed case's keys with a notice; again to correct or to raise the level. Exit
    /// code 1: the upload is refused, or just this stands already
    #[command(
        after_help = "Example: noren authority publish c-3f9a21 --level cluster --name-venue"
    )]
    Publish(publish::Publish),
    /// Take a notice back; reaches those who were warned. Exit code 1: it is taken back already
    #[command(after_help = "Example: noren authority withdraw c-3f9a21")]
    Withdraw {
        /// The case's id
        case: String,
    },
    /// Sign the log anew, so that devices know that nothing is held back from them
    #[command(after_help = "Example: noren authority heartbeat")]
    Heartbeat,
    /// Make new keys and hand over to them: those who follow take them over by themselves
    #[command(
        name = "rotate-keys",
        after_help = "Example: noren authority rotate-keys\n\nRun it again if it was cut off. It does not help against a stolen key: the thief can hand over as well."
    )]
    RotateKeys,
}

pub(crate) fn run(context: &Context, command: Command) -> Outcome {
    match command {
        Command::Init(arguments) => profile::init(context, &arguments),
        Command::Profile(arguments) => profile::show(context, &arguments),
        Command::Case(command) => cases::run(context, command),
        Command::Uploads => cases::uploads(context),
        Command::Review { case } => review::run(context, &case),
        Command::Publish(arguments) => publish::publish(context, &arguments),
        Command::Withdraw { case } => publish::withdraw(context, &case),
        Command::Heartbeat => publish::heartbeat(context),
        Command::RotateKeys => rotate::run(context),
    }
}
