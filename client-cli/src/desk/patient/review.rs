//! Review of what a diagnosed visitor told, and the cases that come of it.

use anyhow::{Context as _, bail, ensure};
use noren::authority::{PatientReview, Review, review_patient};
use noren::messages::{Upload, Venue};
use noren::time::{UnixSeconds, Window};
use serde_json::json;

use super::stored::stored;
use super::window;
use crate::desk::case_file::{CaseFile, PatientFile, PatientVisit, Status};
use crate::desk::evaluation::window_of_stay;
use crate::desk::event::Event;
use crate::desk::store::Change;
use crate::desk::{Desk, codes, kept, retention};
use crate::times;

const DAY: u64 = 86_400;

/// What the review of a visitor's upload found.
pub(crate) struct PatientReviewed {
    /// The patient case.
    pub(crate) patient: String,
    /// The visits, or why the upload is refused.
    pub(crate) visits: Result<Vec<ToldVisit>, String>,
}

/// A visit that was told; the venue is in its own words.
pub(crate) struct ToldVisit {
    /// From 1.
    pub(crate) number: usize,
    pub(crate) venue: Venue,
    pub(crate) stay: Window,
    /// Its case, where one was made.
    pub(crate) case: Option<String>,
}

/// Fetches the visits, makes every check, and makes a case of each chosen visit; with the window
/// `within`, where the authority chooses one.
pub(in crate::desk) fn review(
    desk: &mut Desk<'_>,
    name: &str,
    chosen: &[usize],
    within: Option<Window>,
) -> anyhow::Result<PatientReviewed> {
    desk.check_takes_patient_cases()?;
    desk.resume()?;
    let mut patient = desk.patient_case(name)?;
    ensure!(
        patient.status != Status::Closed,
        "patient case {} is closed, and its upload is deleted; `noren authority patient open` asks anew",
        patient.id
    );
    ensure!(
        matches!(patient.status, Status::Open | Status::Reviewed),
        "patient case {} is {}; `noren authority patient reissue {}` gives out a new code",
        patient.id,
        patient.status.name(),
        patient.id
    );
    let review = match look(desk, &mut patient)? {
        Ok(review) => review,
        Err(reason) => {
            let event = Event::UploadRefused.about(&patient.id, json!({ "because": reason }));
            desk.apply(Change::default().put(&patient).note(event))?;
            return Ok(PatientReviewed { patient: patient.id, visits: Err(reason) });
        }
    };
    let wanted = wanted(&patient, &review, chosen)?;
    make_cases(desk, patient.clone(), &review, &wanted, within)?;
    let visits = (1..).zip(&review.visits).map(|(number, visit)| ToldVisit {
        number,
        venue: visit.entry_code().venue().clone(),
        stay: visit.stay(),
        case: case_of(desk, &patient.id, number).map(|case| case.id.clone()),
    });
    let visits = visits.collect();
    Ok(PatientReviewed { patient: patient.id, visits: Ok(visits) })
}

/// Fetches the upload unless it is here already, and makes every check. The inner error says why it
/// is refused.
fn look(
    desk: &Desk<'_>,
    patient: &mut PatientFile,
) -> anyhow::Result<Result<PatientReview, String>> {
    let (path, now) = (desk.upload_path(patient), desk.now()?);
    if let Some(sealed) = kept::read(&path)? {
        let latest = *patient.latest.get_or_insert(now);
        return Ok(check(desk, patient, latest, &sealed));
    }
    let (sealed, received_day) = codes::fetch(desk, patient)?;
    // [PAT-8] The server tells the day only. The first look bounds it as well, and every later look
    // gives the same answer.
    let latest = *patient.latest.get_or_insert(now.min(received_day.plus(DAY)));
    let result = check(desk, patient, latest, &sealed);
    // Only what passed is kept: a refused upload may be looked at again, or replaced.
    if result.is_ok() {
        // [CLI-2]
        kept::replace(&path, &sealed)?;
    }
    Ok(result)
}

fn check(
    desk: &Desk<'_>,
    patient: &PatientFile,
    latest: UnixSeconds,
    sealed: &[u8],
) -> Result<PatientReview, String> {
    review_patient(&desk.keys, &patient.case(latest), sealed).map_err(|error| {
        // [PAT-17]
        if Upload::open(desk.keys.upload_key(), sealed).is_ok() {
            return "a venue's upload of keys was handed in with the code of a patient case"
                .to_owned();
        }
        error.to_string()
    })
}

/// The numbers of the visits that are to have a case: all of them the first time, unless somebody
/// chose.
fn wanted(
    patient: &PatientFile,
    review: &PatientReview,
    chosen: &[usize],
) -> anyhow::Result<Vec<usize>> {
    let count = review.visits.len();
    if let Some(other) = chosen.iter().find(|number| !(1..=count).contains(*number)) {
        bail!("there is no visit {other}: the upload has {count}, counted from 1");
    }
    Ok(match (chosen, patient.status) {
        ([], Status::Open) => (1..=count).collect(),
        _ => chosen.to_vec(),
    })
}

/// Makes a case of each wanted visit that has none.
fn make_cases(
    desk: &mut Desk<'_>,
    mut patient: PatientFile,
    review: &PatientReview,
    wanted: &[usize],
    within: Option<Window>,
) -> anyhow::Result<()> {
    // [PAT-12] [PAT-19]
    let (now, policy) = (desk.now()?, desk.policy()?);
    let (mut cases, mut chosen): (Vec<CaseFile>, Vec<_>) = (Vec::new(), Vec::new());
    for (number, visit) in (1..).zip(&review.visits).filter(|(number, _)| wanted.contains(number)) {
        if let Some(within) = within {
            window::check(number, visit, within)?;
        }
        if let Some(case) = case_of(desk, &patient.id, number) {
            if let Some(within) = within.filter(|within| *within != case.window) {
                chosen.push(window::choose(desk, case, within)?);
            }
            continue;
        }
        let known: Vec<&str> =
            desk.cases().iter().chain(&cases).map(|case| case.id.as_str()).collect();
        let id = Desk::new_id("c", &mut desk.rng(), &known);
        let window = match within {
            Some(within) => within,
            None => window_of_stay(&policy, visit.stay())?,
        };
        retention::remark(desk, window)?;
        retention::remark_unfinished(desk, window)?;
        cases.push(CaseFile {
            id,
            venue: visit.entry_code().venue().description().to_owned(),
            window,
            code_hash: patient.code_hash,
            binding: patient.binding,
            opened: now,
            expires: patient.expires,
            status: Status::Reviewed,
            decision: None,
            reminded: Vec::new(),
            answered: Some(now),
            notified: None,
            published: None,
            released: None,
            patient: Some(PatientVisit { upload: patient.id.clone(), number }),
        });
    }
    let mut change = Change::default();
    if patient.status == Status::Open {
        patient.status = Status::Reviewed;
        let details = json!({ "visits": review.visits.len() });
        change = change.put(&patient).note(Event::Reviewed.about(&patient.id, details));
    }
    for case in &cases {
        let details = json!({ "venue": case.venue, "window": case.window, "why": "patient case" });
        change = change.put(case).note(Event::CaseOpened.about(&case.id, details));
    }
    for (case, event) in chosen {
        change = change.put(&case).note(event);
    }
    desk.apply(change)
}

fn case_of<'d>(desk: &'d Desk<'_>, patient: &'d str, number: usize) -> Option<&'d CaseFile> {
    desk.visits_of(patient)
        .find(|case| case.patient.as_ref().is_some_and(|visit| visit.number == number))
}

/// The numbers of the visits of a reviewed upload of which no case was ever made.
pub(in crate::desk) fn without_case(
    desk: &Desk<'_>,
    patient: &PatientFile,
) -> anyhow::Result<Vec<usize>> {
    let numbers = 1..=stored(desk, patient)?.visits.len();
    let has_case = |number: usize| {
        desk.every_visit_of(&patient.id)
            .any(|case| case.patient.as_ref().is_some_and(|visit| visit.number == number))
    };
    Ok(numbers.filter(|number| !has_case(*number)).collect())
}

/// The keys of a case that is about a visit, from the stored upload.
pub(in crate::desk) fn review_visit(
    desk: &Desk<'_>,
    case: &CaseFile,
    visit: &PatientVisit,
) -> anyhow::Result<Review> {
    let patient = desk.patient_case(&visit.upload)?;
    let review = stored(desk, &patient)?;
    let place = visit.number.checked_sub(1);
    let reviewed = place.and_then(|place| review.visits.get(place));
    let reviewed = reviewed.with_context(|| format!("{} has no such visit", patient.id))?;
    // [PAT-12] [PAT-13] [REV-13]
    let pre_traces = reviewed.pre_traces(&desk.keys, case.window, desk.now()?);
    let pre_traces = pre_traces.with_context(|| {
        format!("case {} can be published from {} on", case.id, times::show(case.window.over_at()))
    })?;
    Ok(Review { entry_code: reviewed.entry_code().clone(), window: case.window, pre_traces })
}
