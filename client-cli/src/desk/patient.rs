//! Patient cases: a diagnosed visitor tells visits with a one-time code, and the authority makes the
//! keys of those hours alone. Off unless the authority enables it.

pub(super) mod enable;
mod open;
mod review;
mod stored;
pub(super) mod window;

use anyhow::{bail, ensure};
use serde_json::json;

use super::Desk;
use super::case_file::{CaseFile, PatientFile, Status};
use super::codes::{self, Rejected};
use super::event::Event;
use super::store::Change;

pub(crate) use open::OpenedPatient;
pub(super) use open::{open, reissue};
use review::without_case;
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
        self.every_visit_of(id).filter(|case| case.status != Status::Closed)
    }

    /// The visits of a reviewed upload of which no case was ever made; none where it cannot be read.
    pub(super) fn visits_left(&self, patient: &PatientFile) -> Vec<usize> {
        // Of an upload that cannot be read, nothing can be made any more.
        without_case(self, patient).unwrap_or_default()
    }

    /// The same, and those that were closed before the last one is.
    fn every_visit_of<'d>(&'d self, id: &'d str) -> impl Iterator<Item = &'d CaseFile> {
        let of_upload =
            move |case: &&CaseFile| case.patient.as_ref().is_some_and(|visit| visit.upload == id);
        self.cases.iter().filter(of_upload)
    }
}

/// Visits by their numbers: `visit 2`, `visits 2, 3`.
pub(crate) fn visits_named(visits: &[usize]) -> String {
    let one = if visits.len() == 1 { "visit" } else { "visits" };
    format!("{one} {}", numbers(visits, ", "))
}

/// Numbers with something between them; a comma alone is what a command takes.
pub(crate) fn numbers(numbers: &[usize], between: &str) -> String {
    numbers.iter().map(ToString::to_string).collect::<Vec<_>>().join(between)
}

/// What became of an upload by closing the case of one of its visits.
pub(crate) enum VisitEnded {
    /// Others of its visits have cases that are not closed.
    OthersAreOpen,
    /// It is kept, since visits of it have no case.
    VisitsAreLeft { patient: String, visits: Vec<usize> },
    /// It is deleted: the patient case is closed.
    WasTheLast { patient: String },
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
        // [CLI-9]
        change = change.note(Event::CaseClosed.about(&case.id, json!({})));
    }
    let change = unlink(desk, &patient.id, change);
    patient.latest = None;
    codes::reject(desk, &mut patient, reason, change)
}

/// A patient case that was closed.
pub(crate) struct ClosedPatient {
    pub(crate) id: String,
    /// Whether it was closed before.
    pub(crate) already: bool,
}

/// Closes a patient case whose visits are closed or were never told.
pub(super) fn close(desk: &mut Desk<'_>, name: &str) -> anyhow::Result<ClosedPatient> {
    desk.resume()?;
    let patient = desk.patient_case(name)?;
    // [CLI-9] What is done already is not done once more.
    if patient.status == Status::Closed {
        return Ok(ClosedPatient { id: patient.id, already: true });
    }
    let open: Vec<&str> = desk.visits_of(&patient.id).map(|case| case.id.as_str()).collect();
    ensure!(
        open.is_empty(),
        "cases {} need the upload of {}; close them with `noren authority case close`",
        open.join(", "),
        patient.id
    );
    let change = end(desk, patient.clone(), Change::default())?;
    desk.apply(change)?;
    codes::forget_ended(desk);
    Ok(ClosedPatient { id: patient.id, already: false })
}

/// What becomes of a patient case when one of its visits' cases is closed. The last one closes it,
/// unless a visit has had no case yet; what linked the visits to one another is forgotten.
pub(super) fn end_visit(
    desk: &Desk<'_>,
    case: &CaseFile,
    change: Change,
) -> anyhow::Result<(Change, Option<VisitEnded>)> {
    // [PAT-19]
    let Some(visit) = &case.patient else { return Ok((change, None)) };
    if desk.visits_of(&visit.upload).any(|other| other.id != case.id) {
        return Ok((change, Some(VisitEnded::OthersAreOpen)));
    }
    let patient = desk.patient_case(&visit.upload)?;
    let visits = desk.visits_left(&patient);
    let id = patient.id.clone();
    if !visits.is_empty() {
        return Ok((change, Some(VisitEnded::VisitsAreLeft { patient: id, visits })));
    }
    Ok((end(desk, patient, change)?, Some(VisitEnded::WasTheLast { patient: id })))
}

fn end(desk: &Desk<'_>, mut patient: PatientFile, change: Change) -> anyhow::Result<Change> {
    codes::unregister(desk, &patient)?;
    patient.status = Status::Closed;
    let event = Event::PatientClosed.about(&patient.id, json!({}));
    Ok(unlink(desk, &patient.id, change).put(&patient).note(event))
}

/// Closes every case of an upload, and forgets that they are of one.
fn unlink(desk: &Desk<'_>, upload: &str, change: Change) -> Change {
    // [PAT-19]
    desk.every_visit_of(upload).fold(change, |change, case| change.put(&case.unlinked()))
}
