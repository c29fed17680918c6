//! Checkpoints: who signed them, and whether somebody who is followed did.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use noren::log::SignedCheckpoint;
use noren::profile::SignedProfile;

use super::found::{Found, Value};
use super::surroundings::Surroundings;

const WHAT: &str = "checkpoint";

/// Describes a signed note of three lines; `None` where the text is none.
pub(super) fn describe(text: &str, around: &Surroundings<'_>) -> Option<Found> {
    let (body, signatures) = text.split_once("\n\n")?;
    let mut lines = body.lines();
    let (origin, size, root) = (lines.next()?, lines.next()?.parse::<u64>().ok()?, lines.next()?);
    let signatures: Vec<String> = signatures.lines().map(signer).collect::<Option<_>>()?;
    if signatures.is_empty() {
        return None;
    }
    let known = around.followed.iter().find(|known| known.profile().origin.as_str() == origin);
    let found = known.map_or_else(unknown, |known| verified(text, known, around));
    Some(
        found
            .text("origin", origin)
            .number("size", size)
            .text("root", root)
            .with("signatures", Value::Lines(signatures)),
    )
}

fn unknown() -> Found {
    let note = "Its signatures are not checked: no authority of this origin is followed.";
    Found::public(WHAT, note).with("verified", Value::Is(false))
}

fn verified(text: &str, known: &SignedProfile, around: &Surroundings<'_>) -> Found {
    let profile = known.profile();
    // [LOG-4] [LOG-5] [LOG-6]
    match SignedCheckpoint::verify(text.as_bytes(), &profile.origin, &profile.log_keys()) {
        Err(error) => Found::damaged(WHAT, error),
        Ok(signed) => {
            let fresh = signed.check_fresh(around.now, profile.checkpoint_max_age);
            Found::public(WHAT, "Its signatures are right: the authority signed this.")
                .with("verified", Value::Is(true))
                .text("authority", &profile.name)
                .time("signed", signed.timestamp())
                .with("fresh", Value::Is(fresh.is_ok()))
        }
    }
}

/// A signature line: the name, and the key id as other tools show it.
fn signer(line: &str) -> Option<String> {
    let (name, signature) = line.strip_prefix("\u{2014} ")?.split_once(' ')?;
    let signature = STANDARD.decode(signature).ok()?;
    Some(format!("{name}+{}", hex::encode(signature.get(..4)?)))
}
