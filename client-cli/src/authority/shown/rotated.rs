//! New keys for the authority.

use serde::Serialize;

use crate::context::Context;
use crate::desk::Rotated;
use crate::outcome::{Answer, Outcome};

#[derive(Serialize)]
struct ShownRotation {
    previous: Option<String>,
    fingerprint: String,
    log_size: u64,
}

/// Shows the keys that have taken over.
pub(in crate::authority) fn show(context: &Context, rotated: Rotated) -> Outcome {
    let Rotated { previous, fingerprint, log_size } = rotated;
    let shown = ShownRotation { previous, fingerprint, log_size };
    context.output.done(&shown, ShownRotation::lines)?;
    context.output.say(
        "Tell people the new fingerprint. Devices that follow take the new keys over when they sync. \
         Write the profile out again for venues (`noren authority profile --out FILE`), and back up \
         the folder of this desk anew: the keys of the old backup publish nothing any more.",
    );
    Ok(Answer::Yes)
}

/// Says what became of a handover that was to be cancelled.
pub(in crate::authority) fn cancelled(context: &Context, was_under_way: bool) -> Outcome {
    if !was_under_way {
        context.output.say("no handover of keys is under way");
        return Ok(Answer::No);
    }
    context.output.say(
        "the handover is cancelled, and the keys are those of before. The server has seen the signed \
         handover and may publish it after all: the next `noren authority rotate-keys` hands over to the \
         very same keys, whenever that is.",
    );
    Ok(Answer::Yes)
}

impl ShownRotation {
    fn lines(&self) -> String {
        let previous = self.previous.as_deref().unwrap_or("none");
        format!("new fingerprint: {}\nold fingerprint: {previous}", self.fingerprint)
    }
}
