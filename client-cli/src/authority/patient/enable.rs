//! Enabling patient cases: says what that costs, and asks.

use crate::authority::done::act;
use crate::authority::place::open;
use crate::confirm::Yes;
use crate::context::Context;
use crate::desk::{Action, Resolution};
use crate::outcome::{Answer, Outcome};

/// What it costs, for the person who decides.
const PRICE: &str = "Patient cases make this authority stronger, and its visitors' records weaker:
- this desk alone can then make the key of any hour of every venue that takes part, without asking and without anybody learning of it;
- with such keys it can open the records of those venues on every device that it gets hold of, and so can a thief of this desk's key file;
- one key serves all of these venues, and cannot be taken back from the codes at their doors;
- a diagnosed visitor has to have kept a readable diary, and this desk learns the visits that are told.
Venues of the basic scheme are not touched.";

#[derive(clap::Args)]
pub(crate) struct EnableArguments {
    #[command(flatten)]
    yes: Yes,
}

pub(super) fn run(context: &Context, arguments: &EnableArguments) -> Outcome {
    // [PAT-14] [CLI-1]
    let mut desk = open(context)?;
    if !desk.has_begun(&Resolution::EnablePatient)
        && !arguments.yes.to(context, PRICE, "Enable patient cases?")?
    {
        context.output.say("nothing is changed");
        return Ok(Answer::No);
    }
    act(context, &mut desk, Action::Resolve(Resolution::EnablePatient))
}
