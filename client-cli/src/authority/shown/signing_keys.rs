//! Where the keys of log and clock are.

use serde::Serialize;

use crate::context::Context;
use crate::desk::{Desk, KeyPlace};
use crate::outcome::{Answer, Outcome};
use crate::signing_command::SigningCommand;
use crate::text::clean;

#[derive(Serialize)]
struct ShownKey {
    key: &'static str,
    /// Whether it is in the desk's key file.
    in_key_file: bool,
    public_key: String,
    /// The program that signs with it, and its arguments.
    #[serde(skip_serializing_if = "Option::is_none")]
    command: Option<Vec<String>>,
    /// After how many seconds the command is stopped.
    #[serde(skip_serializing_if = "Option::is_none")]
    timeout: Option<u64>,
}

impl ShownKey {
    fn of(place: &KeyPlace) -> Self {
        let command = place.command.as_ref();
        Self {
            key: place.key.name(),
            in_key_file: place.is_here,
            public_key: hex::encode(place.public_half.as_bytes()),
            command: command.map(|command| command.words().to_vec()),
            timeout: command.map(SigningCommand::timeout),
        }
    }

    fn line(&self) -> String {
        let place = match &self.command {
            Some(words) => format!("signed by the command {}", clean(&words.join(" "))),
            None if self.in_key_file => "in this desk's key file".to_owned(),
            None => "kept elsewhere; no command is named that signs with it".to_owned(),
        };
        format!("{}: {place}\n  {}", self.key, self.public_key)
    }
}

/// Shows them.
pub(in crate::authority) fn show(context: &Context, desk: &Desk<'_>) -> Outcome {
    let keys: Vec<ShownKey> = desk.signing_keys()?.iter().map(ShownKey::of).collect();
    context
        .output
        .data(&keys, |keys| keys.iter().map(ShownKey::line).collect::<Vec<_>>().join("\n"))?;
    Ok(Answer::Yes)
}
