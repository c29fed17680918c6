//! A desk that signs from now on.

use serde::Serialize;

use crate::context::Context;
use crate::desk::TakenOver;
use crate::outcome::{Answer, Outcome};
use crate::text::counted;

#[derive(Serialize)]
struct ShownTakeOver {
    seat: u64,
    retired: u64,
    log_size: u64,
    /// Cases whose hours were found in the log.
    found: Vec<String>,
}

/// Shows what a take-over came to.
pub(in crate::authority) fn show(context: &Context, taken: TakenOver) -> Outcome {
    let TakenOver { seat, retired, log_size, found } = taken;
    let shown = ShownTakeOver { seat, retired, log_size, found };
    context.output.data(&shown, ShownTakeOver::lines)?;
    Ok(Answer::Yes)
}

impl ShownTakeOver {
    fn lines(&self) -> String {
        let found = match self.found.as_slice() {
            [] => String::new(),
            some => format!("\nfound in the log: {}", some.join(", ")),
        };
        format!(
            "this desk has seat {} now; seat {} signs nothing any more. The log has {}{found}",
            self.seat,
            self.retired,
            counted(self.log_size, "entry")
        )
    }
}
