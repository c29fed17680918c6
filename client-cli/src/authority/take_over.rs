//! A desk that was copied, moved or restored becomes the one that signs.

use super::done::act;
use super::place::place;
use crate::confirm::Yes;
use crate::context::Context;
use crate::desk::{Action, Desk};
use crate::outcome::{Answer, Outcome};

const QUESTION: &str = "From now on only this desk signs the authority's log; every other copy of \
    it, on this machine and elsewhere, is refused. Make sure that none is needed any more.";

#[derive(clap::Args)]
pub(crate) struct TakeOverArguments {
    #[command(flatten)]
    yes: Yes,
    /// Go on although this machine signed a larger log than any server or mirror shows
    #[arg(long)]
    unseen: bool,
}

pub(super) fn run(context: &Context, arguments: &TakeOverArguments) -> Outcome {
    let mut desk = Desk::open_to_take_over(place(context))?;
    if !arguments.yes.to(context, QUESTION, "Take the desk over?")? {
        return Ok(Answer::No);
    }
    act(context, &mut desk, Action::TakeOver { unseen: arguments.unseen })
}
