//! A patient case that was opened, with the code to read out.

use anyhow::Context as _;
use serde::Serialize;

use super::opened::{lost, note_told};
use crate::context::Context;
use crate::desk::{Desk, OpenedPatient};
use crate::outcome::{Answer, Outcome};
use crate::times;

/// A patient case with the code to read out.
#[derive(Serialize)]
struct ShownPatient {
    patient: String,
    code: String,
    expires: String,
    since: String,
    #[serde(skip)]
    shown: String,
    #[serde(skip)]
    until: String,
}

impl ShownPatient {
    fn new(desk: &Desk<'_>, opened: &OpenedPatient) -> anyhow::Result<Self> {
        let OpenedPatient { patient, code } = opened;
        let policy = desk.policy()?;
        let zone = times::zone(Some(policy.time_zone()))?;
        let day = times::show_in(patient.earliest, &zone, "%Y-%m-%d");
        let shown = format!("{day} {}", times::show_clock(patient.earliest, &zone));
        Ok(Self {
            patient: patient.id.clone(),
            code: code.to_text().to_string(),
            expires: times::rfc3339(patient.expires),
            since: times::rfc3339(patient.earliest),
            shown: format!("{shown} ({})", policy.time_zone()),
            // [CLI-32]
            until: format!("{} ({})", times::show_at(patient.expires, &zone), policy.time_zone()),
        })
    }

    fn lines(&self) -> String {
        format!(
            "patient case {}\nvisits since: {}\nupload code:  {}\nRead both out to the visitor, who decides which visits to tell. The code is good for one upload, until {}, and is not kept here; nor is anything about the visitor.",
            self.patient, self.shown, self.code, self.until,
        )
    }
}

/// Shows a patient case and its code, which is told once.
pub(in crate::authority) fn show(
    context: &Context,
    desk: &mut Desk<'_>,
    opened: &OpenedPatient,
) -> Outcome {
    let told = context.output.told(&ShownPatient::new(desk, opened)?, ShownPatient::lines);
    told.with_context(|| lost("patient", &opened.patient.id))?;
    note_told(desk, &opened.patient.id)?;
    Ok(Answer::Yes)
}
