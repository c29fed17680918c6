//! Review of what a diagnosed visitor told, and the cases that come of it.

use anyhow::{Context as _, bail, ensure};
use noren::authority::index_review::{IndexReview, review_index};
use noren::authority::review::Review;
use noren::messages::entry_code::Venue;
use noren::messages::upload::Upload;
use noren::time::{UnixSeconds, Window};
use serde_json::json;

use crate::desk::case_file::{CaseFile, IndexFile, IndexVisit, Status};
use crate::desk::evaluation::window_of_stay;
use crate::desk::event::Event;
use crate::desk::store::Change;
use crate::desk::{Desk, codes, kept, retention};
use crate::times;

const DAY: u64 = 86_400;

/// What the review of a visitor's upload found.
pub(crate) struct IndexReviewed {
    /// The patient case.
    pub(crate) index: String,
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

/// Fetches the visits, makes every check, and makes a case of each chosen visit.
pub(in crate::desk) fn review(
    desk: &mut Desk<'_>,
    name: &str,
    chosen: &[usize],
) -> anyhow::Result<IndexReviewed> {
    desk.check_takes_index_cases()?;
    desk.resume()?;
    let mut index = desk.index_case(name)?;
    ensure!(
        matches!(index.status, Status::Open | Status::Reviewed),
        "index case {} is {}; `noren authority index reissue {}` gives out a new code",
        index.id,
        index.status.name(),
        index.id
    );
    let review = match look(desk, &mut index)? {
        Ok(review) => review,
        Err(reason) => {
            let event = Event::UploadRefused.about(&index.id, json!({ "because": reason }));
            desk.apply(Change::default().note(event))?;
            return Ok(IndexReviewed { index: index.id, visits: Err(reason) });
        }
    };
    let wanted = wanted(&index, &review, chosen)?;
    make_cases(desk, index.clone(), &review, &wanted)?;
    let visits = (1..).zip(&review.visits).map(|(number, visit)| ToldVisit {
        number,
        venue: visit.entry_code().venue().clone(),
        stay: visit.stay(),
        case: case_of(desk, &index.id, number).map(|case| case.id.clone()),
    });
    let visits = visits.collect();
    Ok(IndexReviewed { index: index.id, visits: Ok(visits) })
}

/// Fetches the upload unless it is here already, and makes every check. The inner error says why it
/// is refused.
fn look(desk: &Desk<'_>, index: &mut IndexFile) -> anyhow::Result<Result<IndexReview, String>> {
    let (path, now) = (desk.upload_path(index), desk.now()?);
    if let Some(sealed) = kept::read(&path)? {
        let latest = *index.latest.get_or_insert(now);
        return Ok(check(desk, index, latest, &sealed));
    }
    let (sealed, received_day) = codes::fetch(desk, index)?;
    // [IDX-8] The server tells the day only.
    let latest = now.min(received_day.plus(DAY));
    let result = check(desk, index, latest, &sealed);
    // Only what passed is kept: a refused upload may be looked at again, or replaced.
    if result.is_ok() {
        // [CLI-2]
        kept::replace(&path, &sealed)?;
        index.latest = Some(latest);
    }
    Ok(result)
}

fn check(
    desk: &Desk<'_>,
    index: &IndexFile,
    latest: UnixSeconds,
    sealed: &[u8],
) -> Result<IndexReview, String> {
    review_index(&desk.keys, &index.case(latest), sealed).map_err(|error| {
        // [IDX-17]
        if Upload::open(desk.keys.upload_key(), sealed).is_ok() {
            return "a venue's upload of keys was handed in with the code of an index case"
                .to_owned();
        }
        error.to_string()
    })
}

/// The numbers of the visits that are to have a case: all of them the first time, unless somebody
/// chose.
fn wanted(index: &IndexFile, review: &IndexReview, chosen: &[usize]) -> anyhow::Result<Vec<usize>> {
    let count = review.visits.len();
    if let Some(other) = chosen.iter().find(|number| !(1..=count).contains(*number)) {
        bail!("there is no visit {other}: the upload has {count}, counted from 1");
    }
    Ok(match (chosen, index.status) {
        ([], Status::Open) => (1..=count).collect(),
        _ => chosen.to_vec(),
    })
}

/// Makes a case of each wanted visit that has none.
fn make_cases(
    desk: &mut Desk<'_>,
    mut index: IndexFile,
    review: &IndexReview,
    wanted: &[usize],
) -> anyhow::Result<()> {
    // [IDX-12] [IDX-19]
    let (now, policy) = (desk.now()?, desk.policy()?);
    let mut cases: Vec<CaseFile> = Vec::new();
    for (number, visit) in (1..).zip(&review.visits).filter(|(number, _)| wanted.contains(number)) {
        if case_of(desk, &index.id, number).is_some() {
            continue;
        }
        let known: Vec<&str> =
            desk.cases().iter().chain(&cases).map(|case| case.id.as_str()).collect();
        let id = Desk::new_id("c", &mut desk.rng(), &known);
        let window = window_of_stay(&policy, visit.stay())?;
        retention::remark(desk, window)?;
        retention::remark_unfinished(desk, window)?;
        cases.push(CaseFile {
            id,
            venue: visit.entry_code().venue().description().to_owned(),
            window,
            code_hash: index.code_hash,
            binding: index.binding,
            opened: index.opened,
            expires: index.expires,
            status: Status::Reviewed,
            decision: None,
            reminded: Vec::new(),
            answered: Some(now),
            notified: None,
            published: None,
            released: None,
            index: Some(IndexVisit { upload: index.id.clone(), number }),
        });
    }
    let mut change = Change::default();
    if index.status == Status::Open {
        index.status = Status::Reviewed;
        let details = json!({ "visits": review.visits.len() });
        change = change.put(&index).note(Event::Reviewed.about(&index.id, details));
    }
    for case in &cases {
        let details = json!({ "venue": case.venue, "window": case.window, "why": "index case" });
        change = change.put(case).note(Event::CaseOpened.about(&case.id, details));
    }
    desk.apply(change)
}

fn case_of<'d>(desk: &'d Desk<'_>, index: &'d str, number: usize) -> Option<&'d CaseFile> {
    desk.visits_of(index)
        .find(|case| case.index.as_ref().is_some_and(|visit| visit.number == number))
}

/// The keys of a case that is about a visit, from the stored upload.
pub(in crate::desk) fn review_visit(
    desk: &Desk<'_>,
    case: &CaseFile,
    visit: &IndexVisit,
) -> anyhow::Result<Review> {
    let index = desk.index_case(&visit.upload)?;
    let gone = || format!("the stored upload of {} is gone or damaged", index.id);
    let sealed = kept::read(&desk.upload_path(&index))?.with_context(gone)?;
    let latest = index.latest.with_context(gone)?;
    let review = review_index(&desk.keys, &index.case(latest), &sealed).with_context(gone)?;
    let place = visit.number.checked_sub(1);
    let reviewed = place.and_then(|place| review.visits.get(place)).with_context(gone)?;
    // [IDX-12] [IDX-13] [REV-13]
    let pre_traces = reviewed.pre_traces(&desk.keys, case.window, desk.now()?);
    let pre_traces = pre_traces.with_context(|| {
        format!("case {} can be published from {} on", case.id, times::show(case.window.over_at()))
    })?;
    Ok(Review { entry_code: reviewed.entry_code().clone(), window: case.window, pre_traces })
}
