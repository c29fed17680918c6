//! The witnesses of the log.

use crate::context::Context;
use crate::desk::Witnesses;
use crate::outcome::{Answer, Outcome};
use crate::text::clean;

/// Shows who is asked to cosign, and how many have to.
pub(in crate::authority) fn show(context: &Context, witnesses: &Witnesses) -> Outcome {
    context.output.data(witnesses, |witnesses| {
        if witnesses.known.is_empty() {
            return "no witnesses".to_owned();
        }
        let line = |known: &crate::desk::KnownWitness| {
            format!("{}\n  asked at {}", clean(&known.key), clean(&known.url))
        };
        let needed = match witnesses.quorum {
            0 => "a head is published with what they give".to_owned(),
            quorum => format!("a head is published only with {quorum} of their cosignatures"),
        };
        witnesses.known.iter().map(line).chain([needed]).collect::<Vec<_>>().join("\n")
    })?;
    Ok(Answer::Yes)
}
