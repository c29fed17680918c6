//! Patient cases: a diagnosed visitor tells visits with a one-time code, and the authority makes the
//! keys of those hours alone. Off unless the authority enables it.

pub(super) mod enable;
mod open;
mod review;

use anyhow::{bail, ensure};
use serde_json::json;

use super::Desk;
use super::case_file::{CaseFile, PatientFile, Status};
use super::codes::{self, Rejected};
use super::event::Event;
use super::store::Change;
use crate::files;

pub(crate) use open::OpenedPatient;
pub(super) use open::{open, reissue};
pub(crate) use review::{PatientReviewed, ToldVisit};
pub(super) use review::{review, review_visit};

impl Desk<'_> {
    /// Whether this desk has the key, and its profile says so.
    pub(crate) fn takes_patient_cases(&self) -> bool {
        let key = self.keys.patient_public_key();
        key.is_some() && self.profile.profile().patient_master_key == key
    }

    /// Refuses where no patient cases are taken.
    pub(crate) fn check_takes_patient_cases(&self) -> anyhow::Result<()> {
        // [PAT-14]
        ensure!(
            self.takes_patient_cases(),
            "this authority takes no patient cases; `noren authority patient enable` says what that costs, \
             and turns it on"
        );
        Ok(())
    }

    /// The cases of a patient case that are not closed.
    pub(crate) fn visits_of<'d>(&'d self, id: &'d str) -> impl Iterator<Item = &'d CaseFile> {
        let of_upload = move |case: &&CaseFile| {
            case.status != Status::Closed
                && case.patient.as_ref().is_some_and(|visit| visit.upload == id)
        };
        self.cases.iter().filter(of_upload)
    }
}

/// Turns an upload of visits down, and closes the cases that were made of it.
pub(super) fn reject(desk: &mut Desk<'_>, name: &str, reason: &str) -> anyhow::Result<Rejected> {
    desk.resume()?;
    let mut patient = desk.patient_case(name)?;
    let mut change = Change::default();
    for case in desk.visits_of(&patient.id) {
        // [CLI-35]
        case.check_not_released()?;
        if !matches!(case.status, Status::Reviewed) {
            bail!(
                "case {} of this upload is {}: withdraw its notice and close it first",
                case.id,
                case.status.name()
            );
        }
        change = change.put(&CaseFile { status: Status::Closed, patient: None, ..case.clone() });
    }
    patient.latest = None;
    codes::reject(desk, &mut patient, reason, change)
}

/// Closes a patient case whose visits are closed or were never told.
pub(super) fn close(desk: &mut Desk<'_>, name: &str) -> anyhow::Result<String> {
    desk.resume()?;
    let patient = desk.patient_case(name)?;
    let open: Vec<&str> = desk.visits_of(&patient.id).map(|case| case.id.as_str()).collect();
    ensure!(
        open.is_empty(),
        "cases {} need the upload of {}; close them with `noren authority case close`",
        open.join(", "),
        patient.id
    );
    let change = end(desk, patient.clone())?;
    desk.apply(change)?;
    forget_closed(desk)?;
    Ok(patient.id)
}

/// What becomes of a patient case when one of its visits' cases is closed. The last one closes it;
/// what linked the visits to one another is forgotten.
pub(super) fn end_visit(desk: &Desk<'_>, case: &mut CaseFile) -> anyhow::Result<Change> {
    // [PAT-19]
    let Some(visit) = case.patient.take() else { return Ok(Change::default()) };
    if desk.visits_of(&visit.upload).any(|other| other.id != case.id) {
        return Ok(Change::default());
    }
    end(desk, desk.patient_case(&visit.upload)?)
}

fn end(desk: &Desk<'_>, mut patient: PatientFile) -> anyhow::Result<Change> {
    codes::unregister(desk, &patient)?;
    patient.status = Status::Closed;
    let event = Event::PatientClosed.about(&patient.id, json!({}));
    Ok(Change::default().put(&patient).note(event))
}

/// Deletes the uploads of closed patient cases, also where a command was cut off before.
pub(super) fn forget_closed(desk: &Desk<'_>) -> anyhow::Result<()> {
    let closed = desk.patient_cases().iter().filter(|patient| patient.status == Status::Closed);
    let mut paths = closed.map(|patient| desk.upload_path(patient)).filter(|path| path.exists());
    paths.try_for_each(|path| files::remove(&path))
}
