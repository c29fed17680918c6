//! What the policy says of the reports on one venue and day.

use anyhow::Context as _;
use noren::authority::{Finding, Policy, Premises};
use noren::time::Window;

use super::Desk;
use super::case_file::{CaseFile, Decision};
use super::report::Report;
use crate::times;

/// What the policy says of all reports on a venue and day; `None` where there is none.
pub(super) fn decide(desk: &Desk<'_>, venue: &str, day: &str) -> anyhow::Result<Option<Decision>> {
    let policy = desk.policy()?;
    let reports = of_day(desk, venue, day);
    let Some(last) = reports.iter().max_by_key(|report| report.received) else { return Ok(None) };
    Ok(Some(Decision {
        policy: policy.name().to_owned(),
        policy_digest: policy.digest(),
        premises: last.premises,
        day: day.to_owned(),
        finding: evaluate(&policy, &last.premises, reports.len())?,
        reports: reports.iter().map(|report| report.id.clone()).collect(),
        stays: reports.iter().map(|report| report.stay).collect(),
    }))
}

/// What the policy in force says of the reports that stand now on the venue and day of a case;
/// `None` where no reports opened it.
pub(super) fn decide_again(desk: &Desk<'_>, case: &CaseFile) -> anyhow::Result<Option<Finding>> {
    let Some(decision) = &case.decision else { return Ok(None) };
    let reports = of_day(desk, &case.venue, &decision.day);
    let last = reports.iter().max_by_key(|report| report.received);
    let premises = last.map_or(&decision.premises, |report| &report.premises);
    evaluate(&desk.policy()?, premises, reports.len()).map(Some)
}

pub(super) fn evaluate(
    policy: &Policy,
    premises: &Premises,
    reports: usize,
) -> anyhow::Result<Finding> {
    Ok(policy.evaluate(premises, u32::try_from(reports)?))
}

/// The reports on a venue and local day.
pub(super) fn of_day<'d>(desk: &'d Desk<'_>, venue: &str, day: &str) -> Vec<&'d Report> {
    let same = |report: &&Report| report.is_of(venue) && report.day == day;
    desk.reports().iter().filter(same).collect()
}

/// From the beginning of the first window that a report asks for to the end of the last.
pub(super) fn window_of(desk: &Desk<'_>, venue: &str, day: &str) -> anyhow::Result<Window> {
    let policy = desk.policy()?;
    let windows = of_day(desk, venue, day)
        .into_iter()
        .map(|report| window_of_stay(&policy, report.stay))
        .collect::<anyhow::Result<Vec<_>>>()?;
    let start = windows.iter().map(|window| window.start()).min();
    let end = windows.iter().map(|window| window.end()).max();
    let (start, end) = start.zip(end).context("there is no report on this venue and day")?;
    Ok(Window::new(start, end)?)
}

/// What counts as dangerous, by the policy, when an infected person was there for `stay`.
pub(super) fn window_of_stay(policy: &Policy, stay: Window) -> anyhow::Result<Window> {
    Ok(policy.window(stay, times::local_day(stay.start(), policy.time_zone())?))
}
