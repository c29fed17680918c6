//! Patient cases: a diagnosed visitor tells visits with a one-time code. Off unless the authority
//! enables it.

mod enable;
mod status;

use anyhow::Context as _;

use self::enable::EnableArguments;
use super::done::act;
use super::place::open;
use crate::context::Context;
use crate::desk::Action;
use crate::errors::{Numbers, whole_numbers};
use crate::outcome::Outcome;
use crate::times;

#[derive(clap::Subcommand)]
pub(crate) enum Command {
    /// Take patient cases from now on: makes the key with which this authority alone can warn of every
    /// venue that takes part, and hands the new profile to the server
    #[command(after_help = "Example: noren authority patient enable")]
    Enable(EnableArguments),
    /// Show whether patient cases are taken, and every one. Exit code 1: they are not
    #[command(after_help = "Example: noren authority patient status")]
    Status,
    /// Ask a diagnosed visitor for visits: prints the one-time upload code to read out
    #[command(after_help = "Example: noren authority patient open --since 2026-03-25")]
    Open(PatientArguments),
    /// Fetch the visits, make every check, and make a case of each visit for `publish`. Exit code 1:
    /// the upload is refused
    #[command(
        after_help = times::help("Example: noren authority patient review d-3f9a21 --visits 1,3\n\nThen publish all in one batch: noren authority publish c-11d0ab c-5be200 --level attention")
    )]
    Review(VisitArguments),
    /// Reject an upload of visits and delete it
    #[command(
        after_help = "Example: noren authority patient reject d-3f9a21 --reason \"another week\""
    )]
    Reject {
        /// The patient case's id
        patient: String,
        /// Why, for the journal; nothing about the visitor
        #[arg(long)]
        reason: String,
    },
    /// Give out a new code; the old one stops working
    #[command(after_help = "Example: noren authority patient reissue d-3f9a21")]
    Reissue {
        /// The patient case's id
        patient: String,
        /// How long the code is good
        #[arg(long, default_value = "7d", value_name = "LENGTH")]
        expires: String,
    },
    /// Close a patient case once all of its visits are closed, or if none was uploaded
    #[command(after_help = "Example: noren authority patient close d-3f9a21")]
    Close {
        /// The patient case's id
        patient: String,
    },
}

#[derive(clap::Args)]
pub(crate) struct PatientArguments {
    /// Take no visits before this local day, like 2026-03-25: the beginning of the infectious time
    /// [default: as long ago as devices keep records]
    #[arg(long, value_name = "DATE")]
    since: Option<String>,
    /// How long the code is good
    #[arg(long, default_value = "7d", value_name = "LENGTH")]
    expires: String,
}

#[derive(clap::Args)]
pub(crate) struct VisitArguments {
    /// The patient case's id
    patient: String,
    /// Make cases of these visits only, by their numbers [default: all of them, at the first
    /// review]
    #[arg(long, value_name = "NUMBERS", value_parser = whole_numbers)]
    visits: Vec<Numbers>,
    /// Warn of the time from here on, and not of what the policy gives for the stay: it has to hold
    /// the stay, and reaches at most 25 hours beyond it
    #[arg(long, value_name = "TIME", requires_all = ["to", "visits"])]
    from: Option<String>,
    /// Warn up to this time
    #[arg(long, value_name = "TIME", requires_all = ["from", "visits"])]
    to: Option<String>,
}

pub(super) fn run(context: &Context, command: Command) -> Outcome {
    let act = |action| act(context, &mut open(context)?, action);
    match command {
        Command::Enable(arguments) => enable::run(context, &arguments),
        Command::Status => status::run(context),
        Command::Open(arguments) => open_case(context, &arguments),
        Command::Review(VisitArguments { patient, visits, from, to }) => {
            let visits = visits.into_iter().flat_map(|numbers| numbers.0).collect();
            let window = match (&from, &to) {
                (Some(from), Some(to)) => Some(times::parse_window(from, to, context.now()?)?),
                _ => None,
            };
            act(Action::ReviewPatient { patient, visits, window })
        }
        Command::Reject { patient, reason } => act(Action::RejectPatient { patient, reason }),
        Command::Reissue { patient, expires } => {
            context.output.check_seen()?;
            let life = times::parse_length(&expires)?;
            act(Action::ReissuePatient { patient, life })
        }
        Command::Close { patient } => act(Action::ClosePatient(patient)),
    }
}

fn open_case(context: &Context, arguments: &PatientArguments) -> Outcome {
    context.output.check_seen()?;
    let life = times::parse_length(&arguments.expires)?;
    let mut desk = open(context)?;
    desk.check_takes_patient_cases()?;
    let (now, policy) = (context.now()?, desk.policy()?);
    let since = arguments.since.as_deref();
    let since = since.map(|day| times::parse_start_of_date(day, now, policy.time_zone()));
    let since = since.transpose().context("--since")?;
    act(context, &mut desk, Action::OpenPatient { since, life })
}
