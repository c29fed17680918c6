//! Where things stand: every venue and day that was reported, what looks like a cluster, and what waits.

use serde::Serialize;

use super::place::open_to_read;
use super::shown::release::ShownQueue;
use crate::colour::{Tone, paint};
use crate::context::Context;
use crate::desk::{VenueDay, Waiting, Watched};
use crate::outcome::{Answer, Outcome};
use crate::text::{clean, counted};

#[derive(Serialize)]
struct ShownStatus {
    venues: Vec<VenueDay>,
    /// Venues with so many reports in so few days that a cluster may be growing.
    watch: Vec<Watched>,
    /// What waits for which release, where the policy has release times.
    #[serde(skip_serializing_if = "Option::is_none")]
    release: Option<ShownQueue>,
    waiting: Vec<Waiting>,
}

pub(super) fn run(context: &Context) -> Outcome {
    // Also in the middle of a handover of keys: that is one of the things to be shown.
    let mut desk = open_to_read(context)?;
    let waiting = desk.waiting()?;
    let release = desk.release_queue()?.map(ShownQueue::new);
    let (venues, watch) = (desk.venue_days()?, desk.watched()?);
    let shown = ShownStatus { venues, watch, release, waiting };
    context.output.data(&shown, ShownStatus::lines)?;
    let queued = shown.release.as_ref().is_some_and(ShownQueue::holds_cases);
    let nothing = shown.venues.is_empty() && shown.waiting.is_empty() && !queued;
    Ok(if nothing { Answer::No } else { Answer::Yes })
}

/// How loudly a standing is said.
fn tone(standing: &str) -> Tone {
    match standing {
        "above" => Tone::Alarm,
        "at" => Tone::Attention,
        _ => Tone::Plain,
    }
}

impl ShownStatus {
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
        lines.extend(self.release.as_ref().map(ShownQueue::line));
        lines.extend(self.waiting.iter().map(waiting_lines));
        if lines.is_empty() { "no reports, and nothing waits".to_owned() } else { lines.join("\n") }
    }
}

fn waiting_lines(waiting: &Waiting) -> String {
    let Waiting { what, case, who, text, next } = waiting;
    let case = case.as_ref().map(|case| format!("{case}: ")).unwrap_or_default();
    format!("{what:<10} {case}{}\n           {who}: `{}`", clean(text), clean(next))
}
