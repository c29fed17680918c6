//! The clock key on another machine than the desk's.

use std::path::{Path, PathBuf};

use serde::Serialize;

use super::done::act;
use super::key::CommandArguments;
use super::place::open;
use crate::context::Context;
use crate::desk::{Action, Clock, Renewed};
use crate::files;
use crate::identify::misplaced;
use crate::outcome::{Answer, Outcome};

#[derive(clap::Subcommand)]
pub(crate) enum Command {
    /// Write the clock key to a file. A machine that has it renews the log's date (`noren authority
    /// heartbeat --clock FILE`) and can publish nothing
    #[command(
        after_help = "Example: noren authority clock export --out /media/timer/noren.clock\n         noren authority clock export --out noren.clock -- /usr/local/bin/sign-with-token\n\nWith a command, the file names it in the place of the key: the token is on the other machine then."
    )]
    Export {
        /// The file, secret, with the key
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
        #[command(flatten)]
        command: CommandArguments,
    },
}

pub(super) fn run(context: &Context, command: Command) -> Outcome {
    let Command::Export { out, command } = command;
    let command = command.command()?;
    act(context, &mut open(context)?, Action::ExportClock { out, command })
}

#[derive(Serialize)]
struct ShownRenewal {
    log_size: u64,
    signed: u64,
}

/// Renews the date of the log without a desk.
pub(super) fn heartbeat(context: &Context, file: &Path) -> Outcome {
    // [CLI-52]
    let bytes = files::read_input(file, "--clock")?;
    let clock = Clock::from_bytes(&bytes).ok_or_else(|| {
        let reason = anyhow::anyhow!("export it again with `noren authority clock export`");
        let otherwise = "this is no clock's file, or it is damaged";
        misplaced("a clock's file", otherwise, Some(file), &bytes, reason)
    })?;
    let Renewed { log_size, signed } = clock.renew(context)?;
    let shown = ShownRenewal { log_size, signed: signed.get() };
    context.output.done(&shown, |shown| {
        format!(
            "the log is signed anew, with {} as before",
            crate::text::counted(shown.log_size, "entry")
        )
    })?;
    Ok(Answer::Yes)
}
