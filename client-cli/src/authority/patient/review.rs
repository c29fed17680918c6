//! Review of what a diagnosed visitor told, and the cases that come of it.

use anyhow::{Context as _, bail, ensure};
use noren::authority::{PatientReview, Review, ReviewedVisit, review_patient};
use noren::messages::Upload;
use noren::time::UnixSeconds;
use serde::Serialize;
use serde_json::json;

use super::{check_enabled, visits_of};
use crate::authority::desk::{
    CaseFile, Change, Desk, Event, PatientFile, PatientVisit, Status, kept,
};
use crate::authority::{codes, reports, retention};
use crate::context::Context;
use crate::errors::{Numbers, whole_numbers};
use crate::outcome::{Answer, Outcome};
use crate::text::clean;
use crate::times;

const DAY: u64 = 86_400;

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// The patient case's id
    patient: String,
    /// Make cases of these visits only, by their numbers [default: of all, the first time]
    #[arg(long, value_name = "NUMBERS", value_parser = whole_numbers)]
    visits: Vec<Numbers>,
}

#[derive(Serialize)]
struct Shown {
    patient: String,
    accepted: bool,
    refused_because: Option<String>,
    visits: Vec<Visit>,
}

/// A visit that was told; name, address and room are the venue's own words.
#[derive(Serialize)]
struct Visit {
    visit: usize,
    venue: String,
    address: String,
    room: Option<String>,
    kind: Option<&'static str>,
    from: String,
    to: String,
    /// Its case, where one was made.
    case: Option<String>,
    #[serde(skip)]
    shown: String,
}

pub(super) fn run(context: &Context, arguments: &Arguments) -> Outcome {
    let mut desk = Desk::open(context)?;
    check_enabled(&desk)?;
    desk.resume()?;
    let mut patient = desk.patient_case(&arguments.patient)?;
    ensure!(
        matches!(patient.status, Status::Open | Status::Reviewed),
        "patient case {} is {}; `noren authority patient reissue {}` gives out a new code",
        patient.id,
        patient.status.name(),
        patient.id
    );
    let review = match look(&desk, &mut patient, context.now()?)? {
        Ok(review) => review,
        Err(reason) => return refused(context, &mut desk, &patient, reason),
    };
    let chosen = arguments.visits.iter().flat_map(|numbers| &numbers.0).copied();
    let wanted = wanted(&patient, &review, &chosen.collect::<Vec<_>>())?;
    make_cases(context, &mut desk, patient.clone(), &review, &wanted)?;
    show(context, &desk, &patient, &review)
}

/// Fetches the upload unless it is here already, and makes every check. The inner error says why it
/// is refused.
fn look(
    desk: &Desk<'_>,
    patient: &mut PatientFile,
    now: UnixSeconds,
) -> anyhow::Result<Result<PatientReview, String>> {
    let path = desk.upload_path(patient);
    if let Some(sealed) = kept::read(&path)? {
        let latest = *patient.latest.get_or_insert(now);
        return Ok(check(desk, patient, latest, &sealed));
    }
    let (sealed, received_day) = codes::fetch(desk, patient)?;
    // [PAT-8] The server tells the day only.
    let latest = now.min(received_day.plus(DAY));
    let result = check(desk, patient, latest, &sealed);
    // Only what passed is kept: a refused upload may be looked at again, or replaced.
    if result.is_ok() {
        // [CLI-2]
        kept::replace(&path, &sealed)?;
        patient.latest = Some(latest);
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

fn refused(
    context: &Context,
    desk: &mut Desk<'_>,
    patient: &PatientFile,
    reason: String,
) -> Outcome {
    let event = Event::new("upload-refused", &patient.id, json!({ "because": reason }));
    desk.apply(Change::default().note(event))?;
    let shown = Shown {
        patient: patient.id.clone(),
        accepted: false,
        refused_because: Some(reason),
        visits: Vec::new(),
    };
    context.output.data(&shown, Shown::lines)?;
    context.output.say(format!(
        "nothing is published; `noren authority patient reject {} --reason …`, then `reissue` gives the visitor a new code",
        patient.id
    ));
    Ok(Answer::No)
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
    context: &Context,
    desk: &mut Desk<'_>,
    mut patient: PatientFile,
    review: &PatientReview,
    wanted: &[usize],
) -> anyhow::Result<()> {
    // [PAT-12] [PAT-19]
    let (now, policy) = (context.now()?, desk.policy()?);
    let mut cases: Vec<CaseFile> = Vec::new();
    for (number, visit) in (1..).zip(&review.visits).filter(|(number, _)| wanted.contains(number)) {
        if case_of(desk, &patient.id, number).is_some() {
            continue;
        }
        let known: Vec<&str> =
            desk.cases().iter().chain(&cases).map(|case| case.id.as_str()).collect();
        let id = Desk::new_id("c", &mut context.rng(), &known);
        let window = reports::window_of_stay(&policy, visit.stay())?;
        retention::remark(desk, window)?;
        retention::remark_unfinished(desk, window)?;
        cases.push(CaseFile {
            id,
            venue: visit.entry_code().venue().description().to_owned(),
            window,
            code_hash: patient.code_hash,
            binding: patient.binding,
            opened: patient.opened,
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
        change = change.put(&patient).note(Event::new("reviewed", &patient.id, details));
    }
    for case in &cases {
        let details = json!({ "venue": case.venue, "window": case.window, "why": "patient case" });
        change = change.put(case).note(Event::new("case-opened", &case.id, details));
    }
    desk.apply(change)
}

fn case_of<'d>(desk: &'d Desk<'_>, patient: &'d str, number: usize) -> Option<&'d CaseFile> {
    visits_of(desk, patient)
        .find(|case| case.patient.as_ref().is_some_and(|visit| visit.number == number))
}

fn show(
    context: &Context,
    desk: &Desk<'_>,
    patient: &PatientFile,
    review: &PatientReview,
) -> Outcome {
    let visits = (1..).zip(&review.visits).map(|(number, visit)| {
        let case = case_of(desk, &patient.id, number).map(|case| case.id.clone());
        Visit::new(number, visit, case)
    });
    let visits = visits.collect();
    let shown =
        Shown { patient: patient.id.clone(), accepted: true, refused_because: None, visits };
    context.output.data(&shown, Shown::lines)?;
    // [PAT-18]
    context.output.say(
        "The names are the venues' own words, and whether the visits happened is for you to ask. \
         Publish all that you believe in one batch, which is shuffled and filled up: one after the \
         other they would show a route.",
    );
    Ok(Answer::Yes)
}

/// The keys of a case that is about a visit, from the stored upload.
pub(in crate::authority) fn review_visit(
    desk: &Desk<'_>,
    case: &CaseFile,
    visit: &PatientVisit,
) -> anyhow::Result<Review> {
    let patient = desk.patient_case(&visit.upload)?;
    let gone = || format!("the stored upload of {} is gone or damaged", patient.id);
    let sealed = kept::read(&desk.upload_path(&patient))?.with_context(gone)?;
    let latest = patient.latest.with_context(gone)?;
    let review = review_patient(&desk.keys, &patient.case(latest), &sealed).with_context(gone)?;
    let place = visit.number.checked_sub(1);
    let reviewed = place.and_then(|place| review.visits.get(place)).with_context(gone)?;
    // [PAT-12] [PAT-13] [REV-13]
    let pre_traces = reviewed.pre_traces(&desk.keys, case.window, desk.context.now()?);
    let pre_traces = pre_traces.with_context(|| {
        format!("case {} can be published from {} on", case.id, times::show(case.window.over_at()))
    })?;
    Ok(Review { entry_code: reviewed.entry_code().clone(), window: case.window, pre_traces })
}

impl Visit {
    fn new(number: usize, visit: &ReviewedVisit, case: Option<String>) -> Self {
        let (venue, stay) = (visit.entry_code().venue(), visit.stay());
        Self {
            visit: number,
            venue: venue.description().to_owned(),
            address: venue.address().to_owned(),
            room: venue.details().room().map(str::to_owned),
            kind: venue.details().kind().map(|kind| kind.name()),
            from: times::rfc3339(stay.start()),
            to: times::rfc3339(stay.end()),
            case,
            shown: times::show_window(stay),
        }
    }

    fn line(&self) -> String {
        let parts = [Some(&self.venue), self.room.as_ref(), Some(&self.address)];
        let place = parts.into_iter().flatten().map(String::as_str).collect::<Vec<_>>().join(", ");
        let kind = self.kind.map(|kind| format!(" ({kind})")).unwrap_or_default();
        let case = self.case.as_deref().unwrap_or("no case");
        format!("{:>2}  {:<8}  {}  {}{kind}", self.visit, case, self.shown, clean(&place))
    }
}

impl Shown {
    fn lines(&self) -> String {
        if let Some(reason) = &self.refused_because {
            return format!("patient case {}: REFUSED: {reason}", self.patient);
        }
        let first = format!("patient case {}: every check passed", self.patient);
        std::iter::once(first)
            .chain(self.visits.iter().map(Visit::line))
            .collect::<Vec<_>>()
            .join("\n")
    }
}
