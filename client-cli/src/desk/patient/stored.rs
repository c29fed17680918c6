//! The upload of a patient case, as the desk keeps it until the last of its cases is closed.

use anyhow::Context as _;
use noren::authority::{PatientReview, review_patient};

use crate::desk::case_file::PatientFile;
use crate::desk::{Desk, kept};

/// What the stored upload of a patient case holds.
pub(super) fn stored(desk: &Desk<'_>, patient: &PatientFile) -> anyhow::Result<PatientReview> {
    // [CLI-16]
    let gone = || {
        format!(
            "the upload of patient case {} is gone from {}, or is damaged, and without it nothing of \
             its visits can be published or withdrawn: put that file back from a backup",
            patient.id,
            desk.upload_path(patient).display()
        )
    };
    let sealed = kept::read(&desk.upload_path(patient))?.with_context(gone)?;
    let latest = patient.latest.with_context(gone)?;
    review_patient(&desk.keys, &patient.case(latest), &sealed).with_context(gone)
}
