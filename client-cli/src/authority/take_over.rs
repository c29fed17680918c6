//! A desk that was copied, moved or restored becomes the one that signs.

use anyhow::bail;

use super::done::act;
use super::place::place;
use crate::confirm;
use crate::context::Context;
use crate::desk::{Action, Desk};
use crate::outcome::{Answer, Outcome};

const QUESTION: &str = "From now on only this desk signs the authority's log; every other copy of \
    it, on this machine and elsewhere, is refused. Make sure that none is needed any more.";

#[derive(clap::Args)]
pub(crate) struct TakeOverArguments {
    /// Do not ask
    #[arg(long)]
    yes: bool,
    /// Go on although this machine signed a larger log than any server or mirror shows
    #[arg(long)]
    unseen: bool,
}

pub(super) fn run(context: &Context, arguments: &TakeOverArguments) -> Outcome {
    let mut desk = Desk::open_to_take_over(place(context))?;
    if !decided(arguments)? {
        return Ok(Answer::No);
    }
    act(context, &mut desk, Action::TakeOver { unseen: arguments.unseen })
}

fn decided(arguments: &TakeOverArguments) -> anyhow::Result<bool> {
    if arguments.yes {
        return Ok(true);
    }
    if !confirm::can_ask() {
        bail!("{QUESTION}\nSay with --yes that this is known and wanted.");
    }
    confirm::ask(&format!("{QUESTION}\nTake the desk over?"))
}
