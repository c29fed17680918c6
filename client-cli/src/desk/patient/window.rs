//! The window of a told visit: the policy's, or one that the authority chooses, so that one notice holds
//! what another one about the same venue warns of in the same hour.

use anyhow::ensure;
use noren::authority::ReviewedVisit;
use noren::time::{Hour, Window};
use serde_json::json;

use super::stored::stored;
use crate::desk::Desk;
use crate::desk::case_file::{CaseFile, Status};
use crate::desk::event::{Event, Noted};
use crate::times;

/// How far a window may reach beyond the stay, in seconds: the longest local day.
const MOST_BEYOND: u64 = 90_000;

/// Refuses a window that a visit cannot have.
pub(super) fn check(number: usize, visit: &ReviewedVisit, window: Window) -> anyhow::Result<()> {
    // [PAT-12]
    let stay = visit.stay();
    ensure!(
        window.contains(stay)
            && stay.start().minus(MOST_BEYOND) <= window.start()
            && window.end() <= stay.end().plus(MOST_BEYOND),
        "the window of visit {number} has to hold the stay, {}, and to reach at most 25 hours beyond it",
        times::show_window(stay)
    );
    Ok(())
}

/// A case with another window, which has to hold what is published of it or waits.
pub(super) fn choose(
    desk: &Desk<'_>,
    case: &CaseFile,
    window: Window,
) -> anyhow::Result<(CaseFile, Noted)> {
    // [PAT-12] [CLI-9]
    for notice in case.published.iter().chain(case.coming()) {
        ensure!(
            window.contains(notice.window),
            "the notice of case {} is for {}: choose a window that holds it",
            case.id,
            times::show_window(notice.window)
        );
    }
    let event = Event::WindowChosen.about(&case.id, json!({ "window": window }));
    desk.say(format!("case {}: its window is {}", case.id, times::show_window(window)));
    Ok((CaseFile { window, ..case.clone() }, event))
}

/// The command that gives a visit's case a window that holds another one as well; `None` where a venue
/// was asked.
pub(in crate::desk) fn command(case: &CaseFile, own: Window, other: Window) -> Option<String> {
    let visit = case.patient.as_ref()?;
    let (from, to) = (own.start().min(other.start()), own.end().max(other.end()));
    Some(format!(
        "noren authority patient review {} --visits {} --from {} --to {}",
        visit.upload,
        visit.number,
        times::rfc3339(from),
        times::rfc3339(to)
    ))
}

/// The visits' cases that are reviewed and cannot be published beside another one's, with the command
/// that mends it.
pub(in crate::desk) fn clashes(desk: &Desk<'_>) -> Vec<(String, String)> {
    // [PUB-6] [CLI-19]
    let places = places(desk);
    let of = |(case, code): &(&CaseFile, Vec<u8>)| {
        let own = window_of(case);
        let clash = |(other, other_code): &&(&CaseFile, Vec<u8>)| {
            other.id != case.id && other_code == code && are_apart(own, window_of(other))
        };
        let (other, _) = places.iter().find(clash)?;
        Some((case.id.clone(), command(case, own, window_of(other))?))
    };
    let waits = |(case, _): &&(&CaseFile, Vec<u8>)| {
        case.status == Status::Reviewed && case.released.is_none()
    };
    places.iter().filter(waits).filter_map(of).collect()
}

/// Every case of a visit that is not closed, with the entry code of its venue.
fn places<'d>(desk: &'d Desk<'_>) -> Vec<(&'d CaseFile, Vec<u8>)> {
    let mut places = Vec::new();
    let reviewed = desk.patient_cases().iter().filter(|each| each.status == Status::Reviewed);
    for patient in reviewed {
        // Of an upload that cannot be read, nothing can be published.
        let Ok(review) = stored(desk, patient) else { continue };
        for case in desk.visits_of(&patient.id) {
            let number = case.patient.as_ref().map_or(0, |visit| visit.number);
            let told = number.checked_sub(1).and_then(|place| review.visits.get(place));
            places.extend(told.map(|told| (case, told.entry_code().as_bytes().to_vec())));
        }
    }
    places
}

fn window_of(case: &CaseFile) -> Window {
    case.coming().map_or(case.window, |notice| notice.window)
}

/// Whether in some hour neither of two windows holds what the other has of it.
fn are_apart(one: Window, other: Window) -> bool {
    let within =
        |hour: Hour, window: Window| Window::new(hour.start(), hour.end()).ok()?.overlap(window);
    one.hours().any(|hour| match (within(hour, one), within(hour, other)) {
        (Some(own), Some(others)) => !one.contains(others) && !other.contains(own),
        _ => false,
    })
}

#[cfg(test)]
mod tests {
    use noren::time::UnixSeconds;

    use super::*;

    #[test]
    fn windows_that_share_an_hour_and_hold_not_each_other_are_apart() {
        // [PUB-6]
        let minutes = |from: u64, to: u64| {
            let time = |minute| UnixSeconds::new(minute * 60).expect("a time");
            Window::new(time(from), time(to)).expect("a window")
        };
        for (one, other, apart) in [
            ((5, 15), (30, 50), true),
            ((5, 15), (5, 50), false),
            ((5, 15), (60, 90), false),
            ((5, 70), (65, 90), true),
            ((5, 60), (60, 90), false),
            ((0, 600), (30, 40), false),
        ] {
            let (one, other) = (minutes(one.0, one.1), minutes(other.0, other.1));
            assert_eq!((are_apart(one, other), are_apart(other, one)), (apart, apart));
        }
    }
}
