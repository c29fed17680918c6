//! An organisation's record, the key behind it, and the keys of its rooms.

use noren::keys::{MasterSecretKey, SealPublicKey, SealSecretKey};
use noren::messages::{EntryCode, IdentityKey, MessageError, PreTrace};
use noren::passphrase::Passphrase;
use noren::venue::{Organisation, VenueError};

use super::case::{Case, Checked};
use super::ciphertexts::Replay;
use super::flows::window_of;
use crate::vectors::Context;

/// [VEN-5] [VEN-8] [VEN-9] [VEN-10]
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
    let older = case.find("as_version_2").is_some();
    case.same("older", Organisation::is_without_chain_key(&bytes), older)?;
    let written = if older { "as_version_2" } else { "record" };
    case.same_bytes(written, case.must("record", organisation.to_bytes())?)?;
    for (name, right) in [("made_for", true), ("not_made_for", false)] {
        let made_for = |key| organisation.is_made_for(&[SealPublicKey::from_bytes(key)]);
        let right = case.find("made_for").map(|_| right);
        let key = if right.is_some() { case.array(name)? } else { [7; 32] };
        let right = if case.find("foreign_payload").is_some() { Some(false) } else { right };
        case.same(name, made_for(key), right)?;
    }
    if case.find("foreign_payload").is_some() {
        let code = EntryCode::from_bytes(&case.bytes("foreign_payload")?);
        let code = case.must("foreign_payload", code)?;
        return case.same("owned", organisation.owns(&code), false);
    }
    let code = case.must("payload", EntryCode::from_bytes(&case.bytes("payload")?))?;
    case.same("owned", organisation.owns(&code), true)?;
    if case.find("seed").is_some() {
        let mut randomness = Replay::new(&[&case.bytes("seed")?]);
        let made = organisation.add_venue(code.venue().clone(), &mut randomness);
        case.same_bytes("payload", case.must("seed", made)?.as_bytes())?;
    }
    pre_traces(case, &organisation, &code)
}

fn pre_traces(case: &Case<'_>, organisation: &Organisation, code: &EntryCode) -> Checked {
    let (passphrase, window) = (case.text("passphrase")?, window_of(case, "window")?);
    let words = case.must("passphrase", Passphrase::new(passphrase))?;
    let made = organisation.pre_traces(&words, code, window, window.over_at());
    let made = case.must("pre-traces", made)?;
    case.same("number of pre-traces", made.len(), 1)?;
    for pre_trace in &made {
        case.same_bytes("pre_trace", pre_trace.to_bytes())?;
        case.same_bytes("key", whole_key(case, pre_trace)?.to_bytes())?;
    }
    let wrong = case.must("passphrase", Passphrase::new(&format!("{passphrase}x")))?;
    let refused = organisation.pre_traces(&wrong, code, window, window.over_at()).err();
    case.same("another passphrase", refused, Some(VenueError::WrongPassphrase))
}

/// The key that the authority makes of both halves.
fn whole_key(case: &Case<'_>, pre_trace: &PreTrace) -> Checked<IdentityKey> {
    let authority = SealSecretKey::from_bytes(&case.array("authority")?);
    let half = authority.open(&pre_trace.sealed_half).ok_or("it does not open");
    let half = MasterSecretKey::from_bytes(&case.must("sealed half", half)?);
    let half = case.must("sealed half", half)?;
    let half = half.partial_identity_key(pre_trace.identity.as_bytes());
    case.must("halves", IdentityKey::sum(&pre_trace.partial_identity_key, &half))
}
