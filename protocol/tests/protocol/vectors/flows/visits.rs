//! A visit: its hours, identities, and the reference's record of it.

use noren::hazmat::{CheckInRecord, seal_visit};
use noren::messages::IdentityKey;
use noren::time::{Hour, MAX_VISIT_SECONDS, UnixSeconds};
use noren::visitor::{Stay, VisitError, VisitId};
use serde_json::Value;

use super::super::case::{Case, Checked};
use super::super::ciphertexts::{Parts, Replay, encrypts_to};
use super::super::stricter::Stricter;
use super::locations::Location;
use super::{each, member, time};
use crate::vectors::Context;

/// The reference's plaintext of a record.
#[derive(Debug, PartialEq)]
pub(crate) struct Plaintext {
    pub(crate) arrival: u64,
    pub(crate) departure: u64,
    notification_key: Vec<u8>,
}

impl Plaintext {
    pub(crate) fn read(text: &[u8]) -> Option<Self> {
        let value: Value = serde_json::from_slice(text).ok()?;
        let key = value.get("notificationKey")?;
        (key.get("type")?.as_str()? == "Buffer").then_some(())?;
        let byte = |value: &Value| value.as_u64().and_then(|byte| u8::try_from(byte).ok());
        Some(Self {
            arrival: value.get("arrivalTime")?.as_u64()?,
            departure: value.get("departureTime")?.as_u64()?,
            notification_key: key
                .get("data")?
                .as_array()?
                .iter()
                .map(byte)
                .collect::<Option<_>>()?,
        })
    }
}

/// A visit whose records were checked.
pub(crate) struct Visit {
    pub(crate) id: i64,
    pub(crate) arrival: UnixSeconds,
    pub(crate) departure: UnixSeconds,
    /// The reference's records.
    pub(crate) entries: Vec<Parts>,
    /// Noren's records of the same visit; `None` where it refuses the visit.
    pub(crate) records: Option<(Stay, Vec<CheckInRecord>)>,
}

impl Visit {
    /// [TIME-5] [ID-4] [IBE-7] [VIS-1]
    pub(crate) fn check(
        case: &Case<'_>,
        locations: &[Location],
        context: &Context,
    ) -> Checked<Self> {
        let location = member(case, "location", locations)?;
        let (arrival, departure) = (time(case, "arrival")?, time(case, "departure")?);
        let identities = each(case, "identities", |identity| {
            let start =
                identity.must("hour", Hour::starting_at(time(identity, "startOfInterval")?))?;
            identity.same_bytes("identity", location.secrets.identity(start).as_bytes())?;
            Ok((start, identity.bytes("identity")?))
        })?;
        let hours: Vec<Hour> = identities.iter().map(|(hour, _)| *hour).collect();
        case.same("hours", Hour::spanning(arrival, departure).collect(), hours)?;
        let entries = entries(case, location, &identities)?;
        let id = case.number("id")?;
        let records = records(case, location, (arrival, departure), context)?;
        Ok(Self { id, arrival, departure, entries, records })
    }
}

fn entries(
    case: &Case<'_>,
    location: &Location,
    identities: &[(Hour, Vec<u8>)],
) -> Checked<Vec<Parts>> {
    let plaintext = case.text("plaintext_utf8")?.as_bytes();
    let expected = Plaintext {
        arrival: case.unsigned("arrival")?,
        departure: case.unsigned("departure")?,
        notification_key: location.secrets.notification_key().as_bytes().to_vec(),
    };
    case.same("plaintext", Plaintext::read(plaintext), Some(expected))?;
    let record = case.inner("record")?;
    record.same("date", record.unsigned("date")?, case.unsigned("departure")?)?;
    let entries = each(&record, "entries", Parts::read)?;
    record.finish()?;
    case.same("number of records", entries.len(), identities.len())?;
    for (parts, (_, id)) in entries.iter().zip(identities) {
        let key = location.identity_key(case, id)?;
        opens_and_is_reproduced(case, location, (&key, id), parts, plaintext)?;
    }
    Ok(entries)
}

fn opens_and_is_reproduced(
    case: &Case<'_>,
    location: &Location,
    (key, id): (&IdentityKey, &[u8]),
    parts: &Parts,
    plaintext: &[u8],
) -> Checked {
    let ciphertext = case.must("ciphertext", parts.parse())?;
    let opened = key.decrypt(id, &ciphertext);
    case.check(opened.is_some_and(|opened| *opened == plaintext), || "does not open".to_owned())?;
    let x = case.must("x", parts.secret(&key.to_bytes()).ok_or("no pairing"))?;
    let mpk = location.entry_code.master_public_key();
    encrypts_to(case, (mpk, id, plaintext), &x, parts)
}

fn records(
    case: &Case<'_>,
    location: &Location,
    (arrival, departure): (UnixSeconds, UnixSeconds),
    context: &Context,
) -> Checked<Option<(Stay, Vec<CheckInRecord>)>> {
    let stay = match Stay::new(arrival, departure) {
        Ok(stay) => stay,
        Err(VisitError::DepartureBeforeArrival) if departure < arrival => {
            context.met.note(Stricter::DepartureBeforeArrival);
            return Ok(None);
        }
        Err(VisitError::TooLong) if departure > arrival.plus(MAX_VISIT_SECONDS) => {
            context.met.note(Stricter::VisitTooLong);
            return Ok(None);
        }
        Err(error) => return Err(case.failure(error)),
    };
    let mut randomness = Replay::new(&[]);
    let visit = VisitId::generate(&mut randomness);
    let records = seal_visit(&location.entry_code, stay, visit, &mut randomness);
    let records = case.must("records", records)?;
    let days: Vec<_> = records.iter().map(CheckInRecord::day).collect();
    case.same("days", days, stay.hours().map(Hour::day).collect())?;
    Ok(Some((stay, records)))
}
