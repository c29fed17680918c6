//! Where patient cases stand.

use serde::Serialize;

use crate::authority::place::open_to_read;
use crate::context::Context;
use crate::desk::PatientFile;
use crate::outcome::{Answer, Outcome};
use crate::times;

#[derive(Serialize)]
struct ShownPatientCases {
    enabled: bool,
    patient_cases: Vec<ListedPatient>,
}

#[derive(Serialize)]
struct ListedPatient {
    patient: String,
    status: &'static str,
    since: String,
    opened: String,
    expires: String,
    expired: bool,
    /// The cases of its visits that are not closed.
    cases: Vec<String>,
    #[serde(skip)]
    shown: String,
}

pub(super) fn run(context: &Context) -> Outcome {
    let (desk, now) = (open_to_read(context)?, context.now()?);
    let zone = desk.zone();
    let listed = |patient: &PatientFile| ListedPatient {
        patient: patient.id.clone(),
        status: patient.status.name(),
        since: times::rfc3339(patient.earliest),
        opened: times::rfc3339(patient.opened),
        expires: times::rfc3339(patient.expires),
        expired: patient.expires <= now,
        cases: desk.visits_of(&patient.id).map(|case| case.id.clone()).collect(),
        shown: times::show_at(patient.opened, &zone),
    };
    let patient_cases = desk.patient_cases().iter().map(listed).collect();
    let shown = ShownPatientCases { enabled: desk.takes_patient_cases(), patient_cases };
    context.output.data(&shown, ShownPatientCases::lines)?;
    Ok(if shown.enabled { Answer::Yes } else { Answer::No })
}

impl ShownPatientCases {
    fn lines(&self) -> String {
        let first = match self.enabled {
            true => "this authority takes patient cases",
            false => "this authority takes no patient cases",
        };
        let line = |each: &ListedPatient| {
            let expired = each.status == "open" && each.expired;
            let expired = if expired { "; its code has expired: reissue or close it" } else { "" };
            let cases = each.cases.join(", ");
            let line =
                format!("{}  {:<9} opened {}  {cases}", each.patient, each.status, each.shown);
            format!("{}{expired}", line.trim_end())
        };
        let lines = self.patient_cases.iter().map(line);
        std::iter::once(first.to_owned()).chain(lines).collect::<Vec<_>>().join("\n")
    }
}
