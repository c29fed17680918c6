//! The command line as a whole: global options, the roles, and what the exit code says.

use std::num::IntErrorKind;
use std::process::ExitCode;

use clap::{CommandFactory as _, FromArgMatches as _, Parser, Subcommand};

use crate::context::Context;
use crate::global::Global;
use crate::outcome::Answer;
use crate::{
    auditor, authority, completion, demo, errors, files, help, http, inspect, manual, organisation,
    output, refusal, venue, visitor,
};

/// Presence tracing without a register of who was where.
///
/// A venue posts a QR code. A visitor's device keeps each visit as a record that even the device
/// cannot read. When a health authority and the venue together publish the keys of dangerous hours,
/// every device tries them on its own records: what opens is an exposure, and nobody else learns of
/// it.
#[derive(Parser)]
#[command(name = "noren", version, propagate_version = true, max_term_width = 100)]
#[command(after_help = "Example: noren demo")]
struct Cli {
    #[command(flatten)]
    global: Global,
    #[command(subcommand)]
    role: Role,
}

#[derive(Subcommand)]
enum Role {
    /// Set up a venue's codes, and hand the keys of a window to the authority
    #[command(subcommand)]
    Venue(venue::Command),
    /// Set up many venues with one passphrase, and answer for them
    #[command(subcommand)]
    Organisation(organisation::Command),
    /// Check in and out, and learn of exposures
    #[command(subcommand)]
    Visitor(visitor::Command),
    /// Take reports, open cases, review uploads, publish
    Authority(authority::AuthorityArguments),
    /// Check what an authority published
    #[command(subcommand)]
    Auditor(auditor::Command),
    /// Show what is in any code, message or file of Noren's
    Inspect(inspect::InspectArguments),
    /// Run the whole loop on this machine: authority, venues, visitors, server
    Demo(demo::DemoArguments),
    /// Print the completions for a shell, or the manual pages
    #[command(subcommand)]
    Manual(manual::Command),
}

/// The whole command line.
pub(crate) fn program() -> clap::Command {
    Cli::command()
}

/// Runs what the arguments ask for. 0: done; 1: done, and the answer is no; 2: an error; 3: an
/// authority's log is refused.
pub(crate) fn run() -> ExitCode {
    completion::answer(program);
    let matches = help::grouped(program()).try_get_matches();
    let Cli { global, role } = match matches.and_then(|found| Cli::from_arg_matches(&found)) {
        Ok(cli) => cli,
        Err(error) => match of_arguments(&error) {
            Some(words) => {
                output::error(&words);
                return ExitCode::from(2);
            }
            None => error.exit(),
        },
    };
    let trusted = global.ca.as_deref().map_or(Ok(()), http::trust_only);
    let context = trusted.and_then(|()| Context::new(&global));
    let outcome = context.and_then(|context| match role {
        Role::Venue(command) => venue::run(&context, command),
        Role::Organisation(command) => organisation::run(&context, command),
        Role::Visitor(command) => visitor::run(&context, command),
        Role::Authority(arguments) => authority::run(&context, arguments),
        Role::Auditor(command) => auditor::run(&context, command),
        Role::Inspect(arguments) => inspect::run(&context, &arguments),
        Role::Demo(arguments) => demo::run(&context, &arguments),
        Role::Manual(command) => manual::run(&context, command, program()),
    });
    files::remove_empty_folders();
    // [CLI-3]
    match outcome {
        Ok(Answer::Yes) => ExitCode::SUCCESS,
        Ok(Answer::No) => ExitCode::from(1),
        Ok(Answer::Failed) => ExitCode::from(2),
        Ok(Answer::Refused) => ExitCode::from(3),
        Err(error) if output::needs_no_word(&error) => ExitCode::from(2),
        Err(error) => {
            output::error(&errors::words(&error));
            ExitCode::from(if refusal::is_refusal(&error) { 3 } else { 2 })
        }
    }
}

/// The words of the parser of arguments, where it says those of the library's parsers of numbers;
/// `None` where its own are good.
fn of_arguments(error: &clap::Error) -> Option<String> {
    let text = error.to_string();
    let mut said = text.clone();
    for (theirs, kind) in [
        ("invalid digit found in string", IntErrorKind::InvalidDigit),
        ("cannot parse integer from empty string", IntErrorKind::Empty),
        ("number too large to fit in target type", IntErrorKind::PosOverflow),
        ("number too small to fit in target type", IntErrorKind::NegOverflow),
    ] {
        said = said.replace(theirs, errors::of_number(&kind));
    }
    (said != text).then(|| said.trim_start_matches("error: ").trim_end().to_owned())
}
