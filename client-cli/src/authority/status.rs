//! Where things stand: every venue and day that was reported, and what looks like a cluster.

mod waiting;

use std::collections::BTreeMap;

use jiff::tz::TimeZone;
use noren::authority::Verdict;
use noren::text::folded;
use noren::time::UnixSeconds;
use serde::Serialize;

use self::waiting::{Waiting, waiting};
use super::cases;
use super::desk::{Desk, Report};
use super::release::Queue;
use super::reports::decide;
use crate::colour::{Tone, paint};
use crate::context::Context;
use crate::outcome::{Answer, Outcome};
use crate::text::{clean, counted};
use crate::times;

#[derive(Serialize)]
struct Shown {
    venues: Vec<VenueDay>,
    /// Venues with so many reports in so few days that a cluster may be growing.
    watch: Vec<Watched>,
    /// What waits for which release, where the policy has release times.
    #[serde(skip_serializing_if = "Option::is_none")]
    release: Option<Queue>,
    waiting: Vec<Waiting>,
}

#[derive(Serialize)]
struct VenueDay {
    venue: String,
    day: String,
    /// `below`, `at` or `above` the threshold; `staff` and `unset` where there is none.
    standing: &'static str,
    explanation: String,
    reports: Vec<String>,
    case: Option<String>,
    status: Option<&'static str>,
}

#[derive(Serialize)]
struct Watched {
    venue: String,
    reports: usize,
    first_day: String,
    last_day: String,
}

pub(super) fn run(context: &Context) -> Outcome {
    // Also in the middle of a handover of keys: that is one of the things to be shown.
    let mut desk = Desk::open_to_rotate(context)?;
    let waiting = waiting(context, &mut desk)?;
    let release = Queue::of(&desk)?;
    let shown = Shown { venues: venue_days(&desk)?, watch: watch(&desk)?, release, waiting };
    context.output.data(&shown, Shown::lines)?;
    let queued = shown.release.as_ref().is_some_and(Queue::holds_cases);
    let nothing = shown.venues.is_empty() && shown.waiting.is_empty() && !queued;
    Ok(if nothing { Answer::No } else { Answer::Yes })
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

/// How loudly a standing is said.
fn tone(standing: &str) -> Tone {
    match standing {
        "above" => Tone::Alarm,
        "at" => Tone::Attention,
        _ => Tone::Plain,
    }
}

impl Shown {
    fn lines(&self) -> String {
        let mut lines = Vec::new();
        for venue in &self.venues {
            let case = match (&venue.case, venue.status) {
                (Some(case), Some(status)) => format!("  {case} {status}"),
                _ => String::new(),
            };
            let standing = format!("{:<6}", venue.standing);
            lines.push(format!(
                "{} {}  {}{case}\n       {}",
                paint(tone(venue.standing), &standing),
                venue.day,
                clean(&venue.venue),
                clean(&venue.explanation)
            ));
        }
        for watched in &self.watch {
            lines.push(format!(
                "{}  {}: {} from {} to {}; this may become a cluster",
                paint(Tone::Alarm, "WATCH"),
                clean(&watched.venue),
                counted(watched.reports, "report"),
                watched.first_day,
                watched.last_day
            ));
        }
        lines.extend(self.release.as_ref().map(Queue::line));
        lines.extend(self.waiting.iter().map(Waiting::lines));
        if lines.is_empty() { "no reports, and nothing waits".to_owned() } else { lines.join("\n") }
    }
}

/// A time of the journal, for people.
pub(super) fn local_time(at: i64, zone: &TimeZone) -> String {
    UnixSeconds::from_i64(at).map_or_else(|_| at.to_string(), |at| times::show_at(at, zone))
}

/// A time of the journal, for data.
pub(super) fn time(at: i64) -> String {
    UnixSeconds::from_i64(at).map_or_else(|_| at.to_string(), times::rfc3339)
}
