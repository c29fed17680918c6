//! A log that went back to its server.

use serde::Serialize;

use crate::context::Context;
use crate::desk::RestoredLog;
use crate::outcome::{Answer, Outcome};
use crate::text::counted;

#[derive(Serialize)]
struct ShownRestoration {
    /// Entries that the server had not.
    entries: u64,
    log_size: u64,
    /// Cases whose upload codes are good again.
    codes: usize,
}

/// Shows what went back.
pub(in crate::authority) fn show(context: &Context, restored: &RestoredLog) -> Outcome {
    let RestoredLog { entries, log_size, codes, was_lost } = *restored;
    let shown = ShownRestoration { entries, log_size, codes };
    context.output.data(&shown, ShownRestoration::line)?;
    Ok(if was_lost { Answer::Yes } else { Answer::No })
}

impl ShownRestoration {
    fn line(&self) -> String {
        format!(
            "given back: {}; the log has {}; good again: {}",
            counted(self.entries, "entry"),
            self.log_size,
            counted(self.codes, "upload code")
        )
    }
}
