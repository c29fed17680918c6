//! The mirrors of the log.

use crate::context::Context;
use crate::outcome::{Answer, Outcome};
use crate::text::clean;

/// Shows where else the log is looked at.
pub(in crate::authority) fn show(context: &Context, mirrors: &[String]) -> Outcome {
    context.output.data(&mirrors, |mirrors| match mirrors {
        [] => "no mirrors".to_owned(),
        some => some.iter().map(|url| clean(url)).collect::<Vec<_>>().join("\n"),
    })?;
    Ok(Answer::Yes)
}
