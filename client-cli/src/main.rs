//! `noren`: venue, visitor, authority and auditor on the command line.

mod auditor;
mod authority;
mod cli;
mod clock;
mod colour;
mod completion;
mod confirm;
mod context;
mod demo;
mod desk;
mod domain;
mod errors;
mod evidence;
mod files;
mod followed;
mod given;
mod global;
mod hand_over;
mod help;
mod http;
mod identify;
mod inspect;
mod log_files;
mod log_reader;
mod manual;
mod organisation;
mod outcome;
mod output;
mod page;
mod parcel;
mod plot;
mod qr;
mod refusal;
mod secret;
mod signing_command;
mod text;
mod times;
mod venue;
mod visitor;

use std::process::ExitCode;

fn main() -> ExitCode {
    cli::run()
}
