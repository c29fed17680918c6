//! The options that every command has, and where their values come from.

use std::path::PathBuf;

use noren::time::UnixSeconds;

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

fn parse_now(text: &str) -> Result<UnixSeconds, String> {
    let seconds = text.parse().map_err(|_| "not a number of seconds".to_owned())?;
    UnixSeconds::new(seconds).map_err(|error| error.to_string())
}
