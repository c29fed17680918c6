//! An organisation's record and the key behind it.

use noren::messages::MessageError;
use noren::messages::entry_code::EntryCode;
use noren::passphrase::Passphrase;
use noren::venue::VenueError;
use noren::venue::organisation::Organisation;

use super::case::{Case, Checked};
use super::flows::window_of;
use crate::Context;

/// [VEN-5]
pub(crate) fn organisation(case: &Case<'_>, _: &Context) -> Checked {
    let bytes = case.bytes("record")?;
    let organisation = match Organisation::from_bytes(&bytes) {
        Err(VenueError::Message(error)) => {
            return case.judge::<(), MessageError>(Err(error)).map(|_| ());
        }
        other => match case.judge(other)? {
            Some(organisation) => organisation,
            None => return Ok(()),
        },
    };
    case.same_bytes("record", case.must("record", organisation.to_bytes())?)?;
    let code = case.must("payload", EntryCode::from_bytes(&case.bytes("payload")?))?;
    let (passphrase, window) = (case.text("passphrase")?, window_of(case, "window")?);
    let made =
        organisation.pre_traces(&Passphrase::new(passphrase), &code, window, window.over_at());
    let made = case.must("pre-traces", made)?;
    case.same("number of pre-traces", made.len(), 1)?;
    for pre_trace in made {
        case.same_bytes("pre_trace", pre_trace.to_bytes())?;
    }
    let wrong = Passphrase::new(&format!("{passphrase}x"));
    let refused = organisation.pre_traces(&wrong, &code, window, window.over_at()).err();
    case.same("another passphrase", refused, Some(VenueError::WrongPassphrase))
}
