//! Asking a diagnosed visitor for visits.

use anyhow::ensure;
use noren::messages::UploadCode;
use noren::time::{Day, UnixSeconds};
use serde_json::json;

use crate::desk::case_file::{PatientFile, Status};
use crate::desk::event::Event;
use crate::desk::{Desk, codes};
use crate::text::counted;

/// A patient case with its code, which is kept nowhere.
pub(crate) struct OpenedPatient {
    pub(crate) patient: PatientFile,
    pub(crate) code: UploadCode,
}

/// Opens a patient case, and registers its code with the server. No visit may begin before `since`;
/// where that is not said, before devices keep anything.
pub(in crate::desk) fn open(
    desk: &mut Desk<'_>,
    since: Option<UnixSeconds>,
    life: u64,
) -> anyhow::Result<OpenedPatient> {
    let (now, mut rng) = (desk.now()?, desk.rng());
    codes::check_life(life)?;
    desk.check_takes_patient_cases()?;
    let earliest = earliest(desk, since, now)?;
    codes::clear_unopened::<PatientFile>(desk)?;
    let code = UploadCode::generate(&mut rng);
    let known: Vec<&str> = desk.patient_cases().iter().map(|patient| patient.id.as_str()).collect();
    // [PAT-19]
    let patient = PatientFile {
        id: Desk::new_id("d", &mut rng, &known),
        code_hash: code.hash(),
        binding: code.binding(),
        earliest,
        opened: now,
        expires: now.plus(life),
        status: Status::Registering,
        latest: None,
    };
    let details = json!({ "since": earliest.get(), "expires": patient.expires.get() });
    let (event, expires) = (Event::PatientOpened.about(&patient.id, details), patient.expires);
    let patient = codes::open(desk, patient, expires, event)?;
    Ok(OpenedPatient { patient, code })
}

/// Gives out another code; the old one stops working.
pub(in crate::desk) fn reissue(
    desk: &mut Desk<'_>,
    name: &str,
    life: u64,
) -> anyhow::Result<OpenedPatient> {
    desk.check_takes_patient_cases()?;
    desk.resume()?;
    let mut patient = desk.patient_case(name)?;
    // [PAT-8] The time of the upload that the old code was for.
    patient.latest = None;
    let code = codes::reissue(desk, &mut patient, life, false)?;
    Ok(OpenedPatient { patient, code })
}

/// The beginning of the day that was asked for, or of the first of which devices still keep something.
fn earliest(
    desk: &Desk<'_>,
    since: Option<UnixSeconds>,
    now: UnixSeconds,
) -> anyhow::Result<UnixSeconds> {
    let days = desk.profile.profile().retention_days;
    let kept = Day::containing(now).minus(days).start();
    let Some(asked) = since else { return Ok(kept) };
    ensure!(asked < now, "--since: that day is still to come");
    // A local day may begin before the UTC day of the same date.
    ensure!(
        kept <= asked.plus(86_400),
        "--since: devices keep records for {}, and that day is longer ago: no one could be warned",
        counted(days, "day")
    );
    Ok(asked)
}
