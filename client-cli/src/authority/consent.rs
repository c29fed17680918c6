//! Consent to what changes the desk itself.

use serde_json::json;

use crate::confirm::Consent;
use crate::context::Context;
use crate::outcome::Answer;

/// The answer, where somebody only looks at what would be done or does not want it.
pub(super) fn agreed_to(
    context: &Context,
    words: &str,
    consent: Consent,
) -> anyhow::Result<Option<Answer>> {
    // [CLI-34]
    if consent.dry_run {
        context.output.data(&json!({ "would": words }), |_| words.to_owned())?;
        return Ok(Some(Answer::Yes));
    }
    if !consent.to(context, words, "Do exactly this?")? {
        context.output.say("nothing is changed");
        return Ok(Some(Answer::No));
    }
    Ok(None)
}
