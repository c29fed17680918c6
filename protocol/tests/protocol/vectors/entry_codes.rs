//! Entry codes: payloads at a recorded time, the details in them, and the links around them.

use std::cmp::Ordering;

use noren::messages::{
    EntryCode, MessageError, Part, Venue, VenueDetails, VenueKind, decode_link, encode_link,
};
use noren::time::UnixSeconds;

use super::case::{Case, Checked};
use super::flows::window_of;
use super::stricter::Stricter;
use crate::vectors::Context;

/// The reference's two answers that depend on the clock.
const TOO_EARLY: &str = "Start timestamp isn't valid yet";
const TOO_LATE: &str = "End timestamp isn't valid anymore";

/// [MSG-1] [MSG-2] [MSG-3] [MSG-4] [MSG-5] [VIS-6]
pub(crate) fn qr_parse(case: &Case<'_>, context: &Context) -> Checked {
    let clock = context.clock.ok_or_else(|| case.failure("the file has no meta.clock"))?;
    let clock = case.must("meta.clock", UnixSeconds::new(clock))?;
    let payload = case.bytes("payload")?;
    let parsed = EntryCode::from_bytes(&payload);
    through_a_link(case, &payload, &parsed)?;
    match (case.text("result")?, parsed) {
        ("ok", Ok(code)) => {
            case.same("raw bytes", code.as_bytes(), &payload[..])?;
            case.check(code.is_valid_at(clock), || "not valid at the clock".to_owned())
        }
        ("ok", Err(error)) => {
            let difference = stricter(&error)
                .ok_or_else(|| case.failure(format!("the reference accepts it: {error:?}")))?;
            context.met.note(difference);
            Ok(())
        }
        (TOO_EARLY, Ok(code)) => {
            case.same("start", code.venue().valid().start().cmp(&clock), Ordering::Greater)?;
            case.check(!code.is_valid_at(clock), || "valid at the clock".to_owned())
        }
        (TOO_LATE, Ok(code)) => {
            case.same("end", code.venue().valid().end().cmp(&clock), Ordering::Less)?;
            case.check(!code.is_valid_at(clock), || "valid at the clock".to_owned())
        }
        (other, Ok(_)) => Err(case.failure(format!("Noren accepts what fails with {other:?}"))),
        (_, Err(_)) => Ok(()),
    }
}

/// The difference that an error stands for, where the reference finds no fault.
fn stricter(error: &MessageError) -> Option<Stricter> {
    match error {
        MessageError::UnknownVersion { .. } => Some(Stricter::VersionNot3),
        MessageError::Length { field: Part::MasterPublicKey, found: 0, .. } => {
            Some(Stricter::MissingKey)
        }
        MessageError::Length { field: Part::Seed, found: 0, .. } => Some(Stricter::MissingSeed),
        _ => None,
    }
}

/// The same payload in a link gives the same answer. [MSG-7]
fn through_a_link(
    case: &Case<'_>,
    payload: &[u8],
    parsed: &Result<EntryCode, MessageError>,
) -> Checked {
    if payload.is_empty() {
        return Ok(());
    }
    let link = case.must("link", encode_link("https://venue.example/in", payload))?;
    case.same("through a link", &EntryCode::from_url(&link), parsed)
}

/// [MSG-8] [ID-5]
pub(crate) fn venue_details(case: &Case<'_>, _: &Context) -> Checked {
    let payload = case.bytes("payload")?;
    let Some(code) = case.judge(EntryCode::from_bytes(&payload))? else { return Ok(()) };
    case.same_bytes("payload", code.as_bytes())?;
    case.same_bytes("master_public_key", code.master_public_key().to_bytes())?;
    let venue = expected_venue(case)?;
    case.same("venue", code.venue(), &venue)?;
    let written = EntryCode::new(venue, *code.master_public_key(), &case.array("seed")?);
    let written = case.must("code", written)?;
    case.same("written", written.as_bytes() == payload, case.flag("written")?)
}

fn expected_venue(case: &Case<'_>) -> Checked<Venue> {
    let optional = |name| case.find(name).filter(|value| !value.is_null());
    let kind = optional("kind").map(|_| case.must("kind", case.text("kind")?.parse::<VenueKind>()));
    let room = optional("room").map(|_| case.text("room").map(str::to_owned));
    let stay = optional("stay_minutes")
        .map(|_| case.must("stay", u16::try_from(case.unsigned("stay_minutes")?)));
    let details = VenueDetails::new(kind.transpose()?, room.transpose()?, stay.transpose()?);
    let details = case.must("details", details)?;
    let (description, address) = (case.text("description")?, case.text("address")?);
    case.must("venue", Venue::new(description, address, window_of(case, "valid")?, details))
}

/// [MSG-7]
pub(crate) fn link(case: &Case<'_>, _: &Context) -> Checked {
    let text = case.text("text")?;
    let Some(payload) = case.judge(decode_link(text))? else { return Ok(()) };
    case.same_bytes("payload", &payload)?;
    match case.find("base") {
        Some(_) => {
            let link = case.must("link", encode_link(case.text("base")?, &payload))?;
            case.same("written", link.as_str(), text)
        }
        None => Ok(()),
    }
}
