//! Reports that reach the policy's threshold, and of whose times no case asks: nobody who was there
//! then is going to be warned.

use std::collections::BTreeMap;

use noren::authority::Verdict;
use noren::messages::MAX_HOURS;
use noren::text::folded;
use noren::time::{Day, Hour, UnixSeconds, Window};

use super::case_file::{CaseFile, Status};
use super::evaluation::{decide, of_day, window_of, window_of_stay};
use super::event::Event;
use super::{Desk, retention};
use crate::times;

/// So many seconds hold a whole minute, of which a venue can be asked. [VEN-6]
const LEAST: u64 = 120;

/// A venue and day whose reports reach the threshold, with a time that no case asks for.
pub(super) struct Uncovered {
    pub(super) text: String,
    /// The command that opens a case for it, or for as much of it as one case holds.
    pub(super) next: String,
}

/// Every such venue and day.
pub(super) fn all(desk: &mut Desk<'_>) -> anyhow::Result<Vec<Uncovered>> {
    let closed = when_closed(desk)?;
    let mut days: Vec<(String, String)> = Vec::new();
    for report in desk.reports() {
        let day = (folded(&report.venue), report.day.clone());
        if !days.contains(&day) {
            days.push(day);
        }
    }
    days.sort_by(|a, b| (&b.1, &a.0).cmp(&(&a.1, &b.0)));
    let mut found = Vec::new();
    for (venue, day) in days {
        found.extend(of(desk, &venue, &day, &closed)?);
    }
    Ok(found)
}

/// What is not covered of the reports on one venue and day.
pub(super) fn on_day(
    desk: &mut Desk<'_>,
    venue: &str,
    day: &str,
) -> anyhow::Result<Option<Uncovered>> {
    let closed = when_closed(desk)?;
    of(desk, venue, day, &closed)
}

/// When each closed case was closed.
fn when_closed(desk: &mut Desk<'_>) -> anyhow::Result<BTreeMap<String, i64>> {
    let journal = desk.journal()?.into_iter();
    let closed = journal.filter(|entry| entry.event() == Some(Event::CaseClosed));
    Ok(closed.map(|entry| (entry.subject, entry.at)).collect())
}

fn of(
    desk: &Desk<'_>,
    venue: &str,
    day: &str,
    closed: &BTreeMap<String, i64>,
) -> anyhow::Result<Option<Uncovered>> {
    // [CLI-19]
    let Some(decision) = decide(desk, venue, day)? else { return Ok(None) };
    let reports = of_day(desk, venue, day);
    let Some(first) = reports.first() else { return Ok(None) };
    let (policy, venue) = (desk.policy()?, first.venue.clone());
    if !matches!(decision.finding.verdict, Verdict::Reached(_)) {
        return Ok(None);
    }
    let mut left = Vec::new();
    for report in &reports {
        let asks = |case: &&CaseFile| {
            let still = match case.status {
                Status::Registering => false,
                // Whoever closed it knew of the reports of before.
                Status::Closed => closed.get(&case.id).is_some_and(|at| {
                    UnixSeconds::from_i64(*at).is_ok_and(|at| report.received <= at)
                }),
                _ => true,
            };
            still && !case.is_visit() && report.is_of(&case.venue)
        };
        let asked = desk.cases().iter().filter(asks).map(|case| case.window);
        left.extend(without(window_of_stay(&policy, report.stay)?, asked));
    }
    let forgotten = retention::first_day(desk)?;
    left.retain(|part| {
        Day::containing(part.end().minus(1)) >= forgotten && part.seconds() >= LEAST
    });
    let start = left.iter().map(|part| part.start()).min();
    let end = left.iter().map(|part| part.end()).max();
    let Some((start, end)) = start.zip(end) else { return Ok(None) };
    let time = Window::new(start, end)?;
    Ok(Some(Uncovered {
        text: format!(
            "{venue}, {day}: {}; no case asks for {}",
            decision.finding,
            times::show_window(time)
        ),
        next: command(&venue, day, window_of(desk, &venue, day)?, time),
    }))
}

/// What is left of a window without others.
fn without(window: Window, others: impl Iterator<Item = Window>) -> Vec<Window> {
    others.fold(vec![window], |left, other| {
        let cut = |part: Window| {
            let before = Window::new(part.start(), part.end().min(other.start()));
            let after = Window::new(part.start().max(other.end()), part.end());
            [before, after].into_iter().flatten()
        };
        left.into_iter().flat_map(cut).collect()
    })
}

/// The command that opens a case: for all of the day, so that one notice holds whatever another case
/// warns of already; where that is more than a case holds, for as many whole hours of the rest.
fn command(venue: &str, day: &str, whole: Window, rest: Window) -> String {
    let open = format!("noren authority case open --venue {venue:?}");
    if whole.hours().take(MAX_HOURS + 1).count() <= MAX_HOURS {
        return format!("{open} --day {day}");
    }
    let from = Hour::containing(rest.start()).start();
    let most = from.plus(MAX_HOURS as u64 * 3_600);
    let to = if most < rest.end() { most } else { rest.end() };
    format!("{open} --from {} --to {}", times::rfc3339(from), times::rfc3339(to))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_of_a_window_is_told() {
        let window = |start: u64, end: u64| {
            let time = |seconds| UnixSeconds::new(seconds).expect("a time");
            Window::new(time(start), time(end)).expect("a window")
        };
        let left = |others: &[Window]| without(window(100, 200), others.iter().copied());
        assert_eq!(left(&[]), [window(100, 200)]);
        assert_eq!(left(&[window(0, 100), window(200, 300)]), [window(100, 200)]);
        assert_eq!(left(&[window(120, 150)]), [window(100, 120), window(150, 200)]);
        assert_eq!(left(&[window(0, 130), window(170, 300)]), [window(130, 170)]);
        assert_eq!(left(&[window(90, 150), window(150, 210)]), []);
    }
}
