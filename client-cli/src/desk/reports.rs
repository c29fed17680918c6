//! Reports: interviews name venues; those on one venue and day add up to what the policy says.

use anyhow::{Context as _, bail, ensure};
use noren::authority::{Premises, Verdict};
use noren::time::Window;
use serde_json::json;

use super::case_file::{CaseFile, Decision, Status};
use super::cases::{self, NewCase, OpenedCase};
use super::evaluation::{decide, evaluate, of_day, window_of};
use super::event::Event;
use super::personal::venue_name;
use super::report::Report;
use super::store::Change;
use super::{Desk, retention, uncovered};
use crate::text::clean;
use crate::times;

/// What somebody tells of a stay.
pub(crate) struct NewReport {
    pub(crate) venue: String,
    pub(crate) premises: Premises,
    pub(crate) stay: Window,
    /// How long the code of a case is good that it opens; absent where it is to open none.
    pub(crate) case_life: Option<u64>,
}

/// A report that is kept, and what came of it.
pub(crate) struct TakenReport {
    pub(crate) report: Report,
    pub(crate) decision: Decision,
    /// The case of this venue and day, new or not.
    pub(crate) case: Option<String>,
    pub(crate) opened: Option<OpenedCase>,
    /// The command that opens a case for a time that the reports are about and no case asks for.
    pub(crate) uncovered: Option<String>,
}

/// Keeps a report. A threshold that it reaches leads to a case.
pub(super) fn take(desk: &mut Desk<'_>, new: &NewReport) -> anyhow::Result<TakenReport> {
    ensure!(new.stay.end() <= desk.now()?, "the stay ends in the future; report what has happened");
    desk.resume()?;
    retention::check(desk, new.stay)?;
    let report = new.report(desk)?;
    remark_same(desk, &report);
    let details = json!({ "venue": report.venue, "day": report.day });
    let event = Event::Report.about(&report.id, details);
    desk.apply(Change::default().put(&report).note(event))?;
    let decision = decide(desk, &report.venue, &report.day)?.context("the report is gone")?;
    let opened = open_when_due(desk, &decision, &report, new.case_life)?;
    let case = cases::of_day(desk, &report.venue, &report.day).map(|case| case.id.clone());
    let uncovered = uncovered::on_day(desk, &report.venue, &report.day)?;
    let uncovered = uncovered.map(|uncovered| uncovered.next);
    Ok(TakenReport { report, decision, case, opened, uncovered })
}

impl NewReport {
    fn report(&self, desk: &Desk<'_>) -> anyhow::Result<Report> {
        let venue = venue_name(&self.venue)?;
        // A venue keeps the name under which it was first reported, however it is typed later.
        let known = desk.reports().iter().find(|report| report.is_of(&venue));
        let venue = known.map_or(venue, |report| report.venue.clone());
        same_premises(desk, &venue, &self.premises)?;
        let known: Vec<&str> = desk.reports().iter().map(|report| report.id.as_str()).collect();
        Ok(Report {
            id: Desk::new_id("r", &mut desk.rng(), &known),
            venue,
            premises: self.premises,
            day: times::local_date(self.stay.start(), desk.policy()?.time_zone())?,
            stay: self.stay,
            received: desk.now()?,
        })
    }
}

fn remark_same(desk: &Desk<'_>, report: &Report) {
    let equal = |other: &&Report| other.venue == report.venue && other.stay == report.stay;
    if let Some(other) = desk.reports().iter().find(equal) {
        desk.say(format!(
            "report {} tells the same stay: if it is the same interview, withdraw one with `noren authority withdraw {}`",
            other.id, report.id
        ));
    }
}

/// A threshold that is reached leads to a case, once.
fn open_when_due(
    desk: &mut Desk<'_>,
    decision: &Decision,
    report: &Report,
    life: Option<u64>,
) -> anyhow::Result<Option<OpenedCase>> {
    let reached = matches!(decision.finding.verdict, Verdict::Reached(_));
    let Some(life) = life.filter(|_| reached) else { return Ok(None) };
    if cases::of_day(desk, &report.venue, &report.day).is_some() {
        return Ok(None);
    }
    let window = window_of(desk, &report.venue, &report.day)?;
    let (venue, decision) = (report.venue.clone(), Some(decision.clone()));
    let new = NewCase { venue, window, life, decision };
    cases::open(desk, new).map(Some).or_else(|error| {
        // [CLI-3]
        let next = uncovered::on_day(desk, &report.venue, &report.day)?
            .map_or_else(|| "noren authority status".to_owned(), |uncovered| uncovered.next);
        Err(error.context(format!("the report is kept, the case is not open: `{next}` opens one")))
    })
}

/// Size and kind decide on the threshold, so that one venue has one of each.
fn same_premises(desk: &Desk<'_>, venue: &str, premises: &Premises) -> anyhow::Result<()> {
    let earlier = desk.reports().iter().filter(|report| report.is_of(venue));
    let Some(other) = earlier.max_by_key(|report| report.received) else { return Ok(()) };
    ensure!(
        other.premises == *premises,
        "report {} tells another kind or size of this venue; give the same, or withdraw that report with `noren authority withdraw {}`",
        other.id,
        other.id
    );
    Ok(())
}

/// The report that an id, or its beginning, means.
fn named(desk: &Desk<'_>, name: &str) -> anyhow::Result<Report> {
    let found: Vec<_> =
        desk.reports().iter().filter(|report| report.id.starts_with(name)).collect();
    match found.as_slice() {
        [report] => Ok((*report).clone()),
        _ => bail!("no one report is called {}; `noren authority status` shows them", clean(name)),
    }
}

impl Desk<'_> {
    /// What is lost with a report, and what the policy says of the others.
    pub(crate) fn about_withdrawing(&self, name: &str) -> anyhow::Result<String> {
        // [CLI-17]
        let report = named(self, name)?;
        let policy = self.policy()?;
        let left = of_day(self, &report.venue, &report.day).len().saturating_sub(1);
        let mut lines = vec![
            format!(
                "report {} is taken off the desk: {}, {}",
                report.id,
                clean(&report.venue),
                times::show_window(report.stay)
            ),
            format!(
                "  reports then: {}",
                clean(&evaluate(&policy, &report.premises, left)?.to_string())
            ),
        ];
        lines.extend(opened_by(self, &report).map(|case| {
            format!("  case {} was opened by it, and is {}", case.id, case.status.name())
        }));
        Ok(lines.join("\n"))
    }
}

/// The case that is not closed and was opened by a report.
fn opened_by<'d>(desk: &'d Desk<'_>, report: &Report) -> Option<&'d CaseFile> {
    desk.cases().iter().find(|case| {
        case.status != Status::Closed
            && case.decision.as_ref().is_some_and(|decision| decision.reports.contains(&report.id))
    })
}

/// Withdraws a report that was a mistake.
pub(super) fn withdraw(desk: &mut Desk<'_>, name: &str) -> anyhow::Result<String> {
    let report = named(desk, name)?;
    if let Some(case) = opened_by(desk, &report) {
        desk.say(format!(
            "case {} was opened by this report: close it, or withdraw its notice, if it no longer stands",
            case.id
        ));
    }
    let event = Event::ReportWithdrawn.about(&report.id, json!({ "venue": report.venue }));
    desk.apply(Change::default().remove(&report).note(event))?;
    Ok(report.id)
}
