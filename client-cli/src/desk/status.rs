//! Where things stand: every venue and day that was reported, and what looks like a cluster.

use std::collections::BTreeMap;

use noren::authority::Verdict;
use noren::text::folded;
use serde::Serialize;

use super::evaluation::decide;
use super::report::Report;
use super::{Desk, cases};

/// A venue and day that was reported.
#[derive(Serialize)]
pub(crate) struct VenueDay {
    pub(crate) venue: String,
    pub(crate) day: String,
    /// `below`, `at` or `above` the threshold; `staff` and `unset` where there is none.
    pub(crate) standing: &'static str,
    pub(crate) explanation: String,
    pub(crate) reports: Vec<String>,
    pub(crate) case: Option<String>,
    pub(crate) status: Option<&'static str>,
}

/// A venue of which reports come in quickly.
#[derive(Serialize)]
pub(crate) struct Watched {
    pub(crate) venue: String,
    pub(crate) reports: usize,
    pub(crate) first_day: String,
    pub(crate) last_day: String,
}

impl Desk<'_> {
    /// Every venue and day that was reported, the latest day first.
    pub(crate) fn venue_days(&self) -> anyhow::Result<Vec<VenueDay>> {
        venue_days(self)
    }

    /// The venues of which the policy's number of reports fall into its number of days.
    pub(crate) fn watched(&self) -> anyhow::Result<Vec<Watched>> {
        watch(self)
    }
}

fn by_venue<'d>(desk: &'d Desk<'_>) -> BTreeMap<String, Vec<&'d Report>> {
    let mut venues = BTreeMap::<_, Vec<_>>::new();
    for report in desk.reports() {
        venues.entry(folded(&report.venue)).or_default().push(report);
    }
    venues.values_mut().for_each(|reports| reports.sort_by(|a, b| a.day.cmp(&b.day)));
    venues
}

fn venue_days(desk: &Desk<'_>) -> anyhow::Result<Vec<VenueDay>> {
    let mut shown = Vec::new();
    for reports in by_venue(desk).values() {
        for of_day in reports.chunk_by(|a, b| a.day == b.day) {
            let Some(first) = of_day.first() else { continue };
            let Some(decision) = decide(desk, &first.venue, &first.day)? else { continue };
            let needed = decision.finding.needed;
            let standing = match decision.finding.verdict {
                Verdict::Below => "below",
                Verdict::Reached(_) if Some(decision.finding.reports) == needed => "at",
                Verdict::Reached(_) => "above",
                Verdict::Staff => "staff",
                _ => "unset",
            };
            let case = cases::of_day(desk, &first.venue, &first.day);
            shown.push(VenueDay {
                venue: first.venue.clone(),
                day: first.day.clone(),
                standing,
                explanation: decision.finding.to_string(),
                reports: decision.reports,
                case: case.map(|case| case.id.clone()),
                status: case.map(|case| case.status.name()),
            });
        }
    }
    shown.sort_by(|a, b| (&b.day, &a.venue).cmp(&(&a.day, &b.venue)));
    Ok(shown)
}

/// The venues of which the policy's number of reports fall into its number of days.
fn watch(desk: &Desk<'_>) -> anyhow::Result<Vec<Watched>> {
    let rule = desk.policy()?.watch();
    let seconds = u64::from(rule.days) * 86_400;
    let mut watched = Vec::new();
    for mut reports in by_venue(desk).into_values() {
        reports.sort_by_key(|report| report.stay.start());
        // From each report on, those in the days of the rule; the most that there are.
        let in_time = (0..reports.len()).filter_map(|at| {
            let (first, rest) = reports.get(at..)?.split_first()?;
            let end = first.stay.start().plus(seconds);
            let count = 1 + rest.iter().take_while(|each| each.stay.start() < end).count();
            reports.get(at..at + count)
        });
        let densest = in_time.max_by_key(|reports| reports.len());
        if let Some(all @ [first, .., last]) = densest
            && all.len() >= rule.reports as usize
        {
            watched.push(Watched {
                venue: first.venue.clone(),
                reports: all.len(),
                first_day: first.day.clone(),
                last_day: last.day.clone(),
            });
        }
    }
    Ok(watched)
}
