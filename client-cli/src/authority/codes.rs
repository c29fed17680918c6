//! One-time upload codes at the server, and what was uploaded with them: the same for venues' cases
//! and for patient cases.

use anyhow::{Context as _, ensure};
use noren::messages::{SEALED_UPLOAD_LENGTH, UploadCode};
use noren::time::UnixSeconds;
use serde::Deserialize;
use serde_json::json;

use super::desk::{Change, Coded, Desk, Event, Status};
use super::reports;
use crate::context::Context;
use crate::times;

/// The longest life of an upload code, in seconds.
const MAX_LIFE: u64 = 31 * 86_400;

/// How long a code is to be good.
pub(super) fn parse_life(text: &str) -> anyhow::Result<u64> {
    let life = times::parse_length(text)?;
    check_life(life)?;
    Ok(life)
}

pub(super) fn check_life(life: u64) -> anyhow::Result<()> {
    // [API-6]
    ensure!(life <= MAX_LIFE, "a code is good for 31 days at most; give a shorter --expires");
    Ok(())
}

/// Keeps the record first, then registers its code, then notes that it is open: whatever was cut off
/// in between is cleared away by [`clear_unopened`].
pub(super) fn open<T: Coded>(
    desk: &mut Desk<'_>,
    mut record: T,
    expires: UnixSeconds,
    event: Event,
) -> anyhow::Result<T> {
    desk.apply(Change::default().put(&record))?;
    register(desk, &record, expires).with_context(|| {
        format!("the {} is not open: open it again when the server can be reached", T::TITLE)
    })?;
    record.set_status(Status::Open);
    desk.apply(Change::default().put(&record).note(event))?;
    Ok(record)
}

/// What it means that a code could not be printed, and how to get another.
pub(super) fn lost(verb: &str, id: &str) -> String {
    // [CLI-21]
    format!(
        "{id} is open, but its upload code could not be printed and is not kept: \
         `noren authority {verb} reissue {id}` gives out another"
    )
}

/// Records whose opening was cut off: nobody has their codes.
pub(super) fn clear_unopened<T: Coded>(desk: &mut Desk<'_>) -> anyhow::Result<()> {
    let unopened = desk.records::<T>()?;
    for record in unopened.iter().filter(|record| record.status() == Status::Registering) {
        unregister(desk, record)?;
        desk.apply(Change::default().remove(record))?;
    }
    Ok(())
}

pub(super) fn register<T: Coded>(
    desk: &Desk<'_>,
    record: &T,
    expires: UnixSeconds,
) -> anyhow::Result<()> {
    let body = serde_json::to_vec(&json!({ "expires": expires.get() }))?;
    desk.ask("PUT", &format!("v1/cases/{}", record.code_hash_hex()), &body, 201).map(drop)
}

/// Makes a code good for nothing, and deletes what the server holds of it.
pub(super) fn unregister<T: Coded>(desk: &Desk<'_>, record: &T) -> anyhow::Result<()> {
    desk.ask("DELETE", &format!("v1/cases/{}", record.code_hash_hex()), &[], 204).map(drop)
}

/// Gives out another code.
pub(super) fn reissue<T: Coded>(
    context: &Context,
    desk: &mut Desk<'_>,
    record: &mut T,
    life: u64,
) -> anyhow::Result<UploadCode> {
    ensure!(
        record.status().waits_for_upload(),
        "{} has an accepted upload, or is closed; it needs no new code",
        record.title()
    );
    // The old code ends first: cut off here, the record has no code, and this is run again.
    unregister(desk, record)?;
    let (code, expires) = (UploadCode::generate(&mut context.rng()), context.now()?.plus(life));
    record.set_code(&code, expires);
    record.set_status(Status::Open);
    let event = Event::new("code-reissued", record.id(), json!({ "expires": expires.get() }));
    desk.apply(Change::default().put(record).note(event))?;
    register(desk, record, expires)
        .context("the old code is void; run this again for a new one")?;
    Ok(code)
}

/// Turns an upload down, whatever the checks say of it: it is deleted here and on the server.
/// `change` is what else changes by it.
pub(super) fn reject<T: Coded>(
    context: &Context,
    desk: &mut Desk<'_>,
    record: &mut T,
    reason: &str,
    change: Change,
) -> anyhow::Result<()> {
    ensure!(
        matches!(record.status(), Status::Open | Status::Reviewed),
        "{} has no upload to reject; `withdraw` takes a notice back",
        record.title()
    );
    let reason = reports::free_text(reason)?;
    delete_waiting(desk, record)?;
    record.set_status(Status::Rejected);
    let event = Event::new("rejected", record.id(), json!({ "reason": reason }));
    desk.apply(change.put(record).note(event))?;
    desk.forget_upload(record)?;
    context.output.say(format!(
        "the upload of {} is deleted; `noren authority {} reissue {}` gives out a new code",
        record.title(),
        T::VERBS,
        record.id()
    ));
    Ok(())
}

/// An upload as the server lists it.
#[derive(Deserialize)]
pub(super) struct Waiting {
    pub(super) id: String,
    pub(super) case: String,
    pub(super) received_day: UnixSeconds,
}

/// The uploads that wait on the server.
pub(super) fn waiting(desk: &Desk<'_>) -> anyhow::Result<Vec<Waiting>> {
    let body = desk.ask("GET", "v1/uploads", &[], 200)?;
    // [CLI-45]
    serde_json::from_slice(&body).or_else(|_| Err(desk.server()?.not_it()))
}

/// An upload, sealed, and the UTC day on which the server received it.
pub(super) fn fetch<T: Coded>(
    desk: &Desk<'_>,
    record: &T,
) -> anyhow::Result<(Vec<u8>, UnixSeconds)> {
    let waiting = waiting(desk)?.into_iter().find(|upload| upload.case == record.code_hash_hex());
    let waiting = waiting.with_context(|| {
        format!(
            "nothing was uploaded for {} yet; `noren authority uploads` shows what waits",
            record.title()
        )
    })?;
    let sealed = desk.ask("GET", &format!("v1/uploads/{}", waiting.id), &[], 200)?;
    // [CLI-45] [API-4] Every upload has this length, and is refused only for what is in it.
    if sealed.len() != SEALED_UPLOAD_LENGTH {
        return Err(desk.server()?.not_it());
    }
    Ok((sealed, waiting.received_day))
}

/// Deletes what the server holds of a code.
pub(super) fn delete_waiting<T: Coded>(desk: &Desk<'_>, record: &T) -> anyhow::Result<()> {
    let code_hash = record.code_hash_hex();
    let waiting = waiting(desk)?;
    waiting.iter().filter(|upload| upload.case == code_hash).try_for_each(|upload| {
        desk.ask("DELETE", &format!("v1/uploads/{}", upload.id), &[], 204).map(drop)
    })
}
