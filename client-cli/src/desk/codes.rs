//! One-time upload codes at the server, and what was uploaded with them: the same for venues' cases
//! and for patient cases.

use anyhow::{Context as _, ensure};
use noren::messages::{SEALED_UPLOAD_LENGTH, UploadCode};
use noren::time::UnixSeconds;
use serde::Deserialize;
use serde_json::json;

use super::Desk;
use super::case_file::{CaseFile, Coded, Status};
use super::event::{Event, Noted};
use super::personal::free_text;
use super::store::Change;
use super::untold::Untold;
use crate::errors::words;
use crate::files;

/// The longest life of an upload code, in seconds.
const MAX_LIFE: u64 = 31 * 86_400;

/// Refuses a code that would be good for too long.
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
    event: Noted,
) -> anyhow::Result<T> {
    desk.apply(Change::default().put(&record))?;
    register(desk, &record, expires).with_context(|| {
        format!("the {} is not open: open it again when the server can be reached", T::TITLE)
    })?;
    record.set_status(Status::Open);
    // [CLI-21]
    desk.apply(Change::default().put(&record).put(&Untold::new(&record)).note(event))?;
    Ok(record)
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

/// Ends a code, and deletes what the server holds of it.
pub(super) fn unregister<T: Coded>(desk: &Desk<'_>, record: &T) -> anyhow::Result<()> {
    desk.ask("DELETE", &format!("v1/cases/{}", record.code_hash_hex()), &[], 204).map(drop)
}

/// Gives out another code; `is_lost` where an upload passed review and is not here any more.
pub(super) fn reissue<T: Coded>(
    desk: &mut Desk<'_>,
    record: &mut T,
    life: u64,
    is_lost: bool,
) -> anyhow::Result<UploadCode> {
    check_life(life)?;
    // [CLI-16] What was handed in and is lost can be handed in once more.
    ensure!(
        record.status() != Status::Closed,
        "{} is closed, and gets no new code; `noren authority {} open` asks anew",
        record.title(),
        T::VERBS
    );
    ensure!(
        is_lost || record.status().waits_for_upload(),
        "{} has an accepted upload; it needs no new code",
        record.title()
    );
    // The old code ends first: cut off here, the record has no code, and this is run again.
    unregister(desk, record)?;
    let (code, expires) = (UploadCode::generate(&mut desk.rng()), desk.now()?.plus(life));
    record.set_code(&code, expires);
    if !is_lost {
        record.set_status(Status::Open);
    }
    let event = Event::CodeReissued.about(record.id(), json!({ "expires": expires.get() }));
    // [CLI-21]
    desk.apply(Change::default().put(record).put(&Untold::new(record)).note(event))?;
    register(desk, record, expires)
        .context("the old code is void; run this again for a new one")?;
    Ok(code)
}

/// An upload that was rejected, and what it was handed in for.
pub(crate) struct Rejected {
    /// Like `case c-3f9a21`.
    pub(crate) title: String,
    /// The command whose verbs handle it.
    pub(crate) verbs: &'static str,
    pub(crate) id: String,
}

/// Rejects an upload, whatever the checks say of it: it is deleted here and on the server.
/// `change` is what else changes by it.
pub(super) fn reject<T: Coded>(
    desk: &mut Desk<'_>,
    record: &mut T,
    reason: &str,
    change: Change,
) -> anyhow::Result<Rejected> {
    ensure!(
        matches!(record.status(), Status::Open | Status::Reviewed),
        "{} has no upload to reject; `withdraw` withdraws a notice",
        record.title()
    );
    let reason = free_text(reason)?;
    delete_waiting(desk, record)?;
    record.set_status(Status::Rejected);
    let event = Event::Rejected.about(record.id(), json!({ "reason": reason }));
    desk.apply(change.put(record).note(event))?;
    desk.forget_upload(record)?;
    Ok(Rejected { title: record.title(), verbs: T::VERBS, id: record.id().to_owned() })
}

/// Deletes the uploads of what is closed or was rejected, where a command was cut off before it could.
pub(super) fn forget_ended(desk: &Desk<'_>) {
    // [PAT-19] [CLI-23]
    let ended = |status| matches!(status, Status::Closed | Status::Rejected);
    let cases = desk.cases().iter().filter(|case| ended(case.status));
    let patients = desk.patient_cases().iter().filter(|patient| ended(patient.status));
    let paths = cases.map(|case| desk.upload_path(case));
    for path in paths.chain(patients.map(|patient| desk.upload_path(patient))) {
        if files::is_there(&path)
            && let Err(error) = files::remove(&path)
        {
            desk.say(format!(
                "warning: an upload that has to be deleted is still here: {}",
                words(&error)
            ));
        }
    }
}

/// An upload as the server lists it.
#[derive(Deserialize)]
pub(crate) struct WaitingUpload {
    pub(crate) id: String,
    /// The hash of its code.
    pub(crate) case: String,
    pub(crate) received_day: UnixSeconds,
}

/// The uploads that wait on the server.
pub(super) fn waiting(desk: &Desk<'_>) -> anyhow::Result<Vec<WaitingUpload>> {
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

/// Uploads are kept here for corrections; the server need not hold them any longer.
pub(super) fn delete_published(desk: &Desk<'_>, cases: &[CaseFile]) {
    if let Err(error) = cases.iter().try_for_each(|case| delete_waiting(desk, case)) {
        desk.say(format!("published, but the server still holds the upload: {}", words(&error)));
    }
}
