//! Review: what a venue handed in, held against what it was asked for and what was reported.

use anyhow::bail;
use noren::authority::{Review, review};
use noren::messages::{PatientUpload, Upload, Venue};
use noren::text::folded;
use noren::time::UnixSeconds;
use serde_json::json;
use sha2::{Digest as _, Sha256};

use super::case_file::{CaseFile, Status};
use super::codes::{self, Rejected};
use super::event::Event;
use super::store::Change;
use super::{Desk, kept, patient, retention};
use crate::times;

/// What the review of a venue's upload found.
pub(crate) struct Reviewed {
    /// The case as it was when the upload was looked at.
    pub(crate) case: CaseFile,
    /// The upload, or why it is refused.
    pub(crate) result: Result<Review, String>,
}

/// Fetches the upload of a case and makes every check.
pub(super) fn look(desk: &mut Desk<'_>, name: &str) -> anyhow::Result<Reviewed> {
    let case = desk.case(name)?;
    let result = review_case(desk, &case)?;
    let review = match &result {
        Ok(review) => review,
        Err(error) => {
            let event = Event::UploadRefused.about(&case.id, json!({ "because": error }));
            desk.apply(Change::default().note(event))?;
            return Ok(Reviewed { case, result });
        }
    };
    retention::remark(desk, case.window)?;
    if case.status == Status::Open {
        let details = json!({ "differences": differences(&case, review) });
        let answered = Some(desk.now()?);
        let after = CaseFile { status: Status::Reviewed, answered, ..case.clone() };
        let event = Event::Reviewed.about(&case.id, details);
        desk.apply(Change::default().put(&after).note(event))?;
    }
    Ok(Reviewed { case, result })
}

/// Turns an upload down, whatever the checks say of it: it is deleted here and on the server.
pub(super) fn reject(desk: &mut Desk<'_>, name: &str, reason: &str) -> anyhow::Result<Rejected> {
    desk.resume()?;
    let mut case = desk.case(name)?;
    if let Some(visit) = &case.patient {
        bail!(
            "case {} is one visit of patient case {}: close it, or reject them all with `noren \
             authority patient reject {}`",
            case.id,
            visit.upload,
            visit.upload
        );
    }
    // [CLI-35]
    case.check_not_released()?;
    case.answered = None;
    codes::reject(desk, &mut case, reason, Change::default())
}

/// Fetches the upload of a case, unless it is here already, and makes every check. The inner error
/// says why it is refused.
pub(super) fn review_case(
    desk: &Desk<'_>,
    case: &CaseFile,
) -> anyhow::Result<Result<Review, String>> {
    if let Some(visit) = &case.patient {
        return patient::review_visit(desk, case, visit).map(Ok);
    }
    let now = desk.now()?;
    let path = desk.upload_path(case);
    if let Some(sealed) = kept::read(&path)? {
        return Ok(check(desk, case, &sealed, now));
    }
    let (sealed, _) = codes::fetch(desk, case).map_err(|error| gone(desk, case, error))?;
    let result = check(desk, case, &sealed, now).and_then(|review| same_code(case, review));
    // Only what passed is kept: a refused upload may be looked at again, or replaced.
    if result.is_ok() {
        kept::replace(&path, &sealed)?;
    }
    Ok(result)
}

/// What it means that there is no upload for a case that had one.
fn gone(desk: &Desk<'_>, case: &CaseFile, error: anyhow::Error) -> anyhow::Error {
    // [CLI-16]
    if !lacks_upload(desk, case) {
        return error;
    }
    error.context(format!(
        "the upload of case {0} is gone from {1}, and without it nothing of the case can be published or \
         withdrawn. Put that file back from a backup; where there is none, `noren authority case reissue \
         {0}` asks the venue for it once more",
        case.id,
        desk.upload_path(case).display()
    ))
}

/// Whether the upload of a case passed review and is not here any more.
pub(super) fn lacks_upload(desk: &Desk<'_>, case: &CaseFile) -> bool {
    let had_one = matches!(case.status, Status::Reviewed | Status::Published | Status::Withdrawn);
    had_one && case.patient.is_none() && !desk.upload_path(case).exists()
}

/// Refuses an upload of another entry code than that of which a notice went out: that notice could not
/// be withdrawn with it.
fn same_code(case: &CaseFile, review: Review) -> Result<Review, String> {
    // [CLI-16]
    let code: [u8; 32] = Sha256::digest(review.entry_code.as_bytes()).into();
    match &case.published {
        Some(notice) if notice.entry_code != code => {
            Err("it is of another entry code than the notice that stands for this case".to_owned())
        }
        _ => Ok(review),
    }
}

fn check(
    desk: &Desk<'_>,
    case: &CaseFile,
    sealed: &[u8],
    now: UnixSeconds,
) -> Result<Review, String> {
    let key = desk.keys.upload_key();
    // [REV-13]
    review(key, &case.case(), sealed, now).map_err(|error| {
        // [PAT-17]
        if PatientUpload::open(key, sealed).is_ok() {
            return "a visitor's upload of visits was handed in with the code of a venue's case"
                .to_owned();
        }
        match Upload::open(key, sealed) {
            // [REV-3] Both are needed to see what is wrong.
            Ok(upload) if !case.window.contains(upload.window) => format!(
                "{error}: asked for {}, uploaded for {}",
                times::show_window(case.window),
                times::show_window(upload.window)
            ),
            _ => error.to_string(),
        }
    })
}

/// Which rows people have to look at: another kind, another room, another beginning or end. Of two
/// names nothing can be told: people call a venue what they like, and both are shown.
pub(crate) fn differences(case: &CaseFile, review: &Review) -> Vec<&'static str> {
    // [CLI-18]
    let venue = review.entry_code.venue();
    let kinds = (case.asked_kind(), venue.details().kind());
    let rows = [
        ("kind", kinds.0.is_some() && kinds.0 != kinds.1),
        ("room", names_another_room(&case.venue, venue)),
        ("from", differs(review.window.start(), case.window.start())),
        ("to", differs(review.window.end(), case.window.end())),
    ];
    rows.into_iter().filter(|(_, differs)| *differs).map(|(row, _)| row).collect()
}

/// By a minute or more: a window code has whole minutes.
const fn differs(one: UnixSeconds, other: UnixSeconds) -> bool {
    one.get().abs_diff(other.get()) >= 60
}

/// Whether what was asked for has the venue's name and something more, which is neither its room nor
/// part of its address.
fn names_another_room(asked: &str, venue: &Venue) -> bool {
    let Some(room) = venue.details().room().map(folded) else { return false };
    let asked = folded(asked);
    let Some((before, after)) = asked.split_once(&folded(venue.description())) else {
        return false;
    };
    let letters = |text: &str| text.chars().filter(|c| c.is_alphanumeric()).collect::<String>();
    let (more, room) = (letters(&format!("{before}{after}")), letters(&room));
    let address = letters(&folded(venue.address()));
    !more.is_empty() && !more.contains(&room) && !room.contains(&more) && !address.contains(&more)
}

#[cfg(test)]
mod tests {
    use noren::messages::VenueDetails;
    use noren::time::Window;

    use super::*;

    #[test]
    fn rooms_are_compared_where_one_was_named() {
        // [CLI-18]
        let valid = Window::new(UnixSeconds::default(), UnixSeconds::MAX).expect("a window");
        let venue = |room: Option<&str>| {
            let details = VenueDetails::new(None, room.map(str::to_owned), None).expect("details");
            Venue::new("Campus Hall", "1-2-3 Minato", valid, details).expect("a venue")
        };
        let hall = venue(Some("Room 12"));
        for same in [
            "campus hall",
            "Ｃａｍｐｕｓ　Hall, Room 12",
            "Campus Hall (12)",
            "ROOM 12, Campus Hall",
            "Campus Hall, Minato",
            "the big hall",
            "Bar Noren, Room 14",
        ] {
            assert!(!names_another_room(same, &hall), "{same}");
        }
        for other in ["Campus Hall, Room 14", "Ｒｏｏｍ１３ Campus Hall", "Campus Hall cellar"]
        {
            assert!(names_another_room(other, &hall), "{other}");
            assert!(!names_another_room(other, &venue(None)), "{other}");
        }
    }
}
