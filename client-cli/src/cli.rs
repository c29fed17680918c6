//! The command line as a whole: global options, the roles, and what the exit code says.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use noren::time::UnixSeconds;

use crate::context::Context;
use crate::{
    auditor, authority, demo, errors, files, inspect, manual, organisation, output, refusal, venue,
    visitor,
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
pub(crate) struct Cli {
    #[command(flatten)]
    global: Global,
    #[command(subcommand)]
    role: Role,
}

/// Options that every command has.
#[derive(clap::Args)]
#[command(next_help_heading = "Global options")]
pub(crate) struct Global {
    /// Keep everything in this folder [default: noren in the user's data folder]
    #[arg(long, global = true, env = "NOREN_HOME", hide_env_values = true, value_name = "DIR")]
    pub(crate) home: Option<PathBuf>,
    /// Keep what this machine remembers of an authority's desk in this folder
    #[arg(
        long,
        global = true,
        env = "NOREN_STATE",
        hide_env_values = true,
        value_name = "DIR",
        hide = true
    )]
    pub(crate) state: Option<PathBuf>,
    /// Print data as JSON
    #[arg(long, global = true)]
    pub(crate) json: bool,
    /// Print results and errors, and nothing else
    #[arg(long, short, global = true)]
    pub(crate) quiet: bool,
    /// Trust the certificates in this file (PEM) for https, and no others [default: the machine's]
    #[arg(long, global = true, env = "NOREN_CA", hide_env_values = true, value_name = "FILE")]
    pub(crate) ca: Option<PathBuf>,
    /// Take this for the present time (UNIX seconds)
    #[arg(long, global = true, hide = true, value_parser = parse_now)]
    pub(crate) now: Option<UnixSeconds>,
}

#[derive(Subcommand)]
enum Role {
    /// Set up a venue's codes; hand the keys of a window to the authority
    #[command(subcommand)]
    Venue(venue::Command),
    /// Many venues under one passphrase
    #[command(subcommand)]
    Organisation(organisation::Command),
    /// Check in and out; learn of exposures
    #[command(subcommand)]
    Visitor(visitor::Command),
    /// Take reports, open cases, review uploads, publish
    Authority(authority::Arguments),
    /// Check what an authority published
    #[command(subcommand)]
    Auditor(auditor::Command),
    /// Show what is in any code, message or file of Noren's
    Inspect(inspect::Arguments),
    /// Run the whole loop on this machine: authority, venues, visitors, server
    Demo(demo::Arguments),
    /// Print the completions for a shell, or the manual pages
    #[command(subcommand)]
    Manual(manual::Command),
}

/// What a command found, where it was asked a question.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Answer {
    /// Done, or yes.
    Yes,
    /// Done, and the answer is no.
    No,
    /// Something failed, and was told.
    Failed,
    /// An authority's log is refused, which was told.
    Refused,
}

pub(crate) type Outcome = anyhow::Result<Answer>;

/// Runs what the arguments ask for. 0: done; 1: done, and the answer is no; 2: an error; 3: an
/// authority's log is refused.
pub(crate) fn run() -> ExitCode {
    let Cli { global, role } = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => match errors::of_arguments(&error) {
            Some(words) => {
                output::error(&words);
                return ExitCode::from(2);
            }
            None => error.exit(),
        },
    };
    let outcome = Context::new(&global).and_then(|context| match role {
        Role::Venue(command) => venue::run(&context, command),
        Role::Organisation(command) => organisation::run(&context, command),
        Role::Visitor(command) => visitor::run(&context, command),
        Role::Authority(arguments) => authority::run(&context, arguments),
        Role::Auditor(command) => auditor::run(&context, command),
        Role::Inspect(arguments) => inspect::run(&context, &arguments),
        Role::Demo(arguments) => demo::run(&context, &arguments),
        Role::Manual(command) => manual::run(&context, command),
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

/// What gave a value that an option or a variable of the environment gives.
pub(crate) fn given_by(option: &'static str, variable: &'static str) -> &'static str {
    // [CLI-48]
    let is_option = |word: &str| word.split('=').next() == Some(option);
    let mut words = std::env::args_os().skip(1);
    let named = words.any(|word| word.to_str().is_some_and(is_option));
    if named { option } else { variable }
}

fn parse_now(text: &str) -> Result<UnixSeconds, String> {
    let seconds = text.parse().map_err(|_| "not a number of seconds".to_owned())?;
    UnixSeconds::new(seconds).map_err(|error| error.to_string())
}
