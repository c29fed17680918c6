//! What the review of a venue's upload found.

use noren::authority::Review;
use noren::messages::VenueKind;
use noren::time::Window;
use serde::Serialize;

use crate::context::Context;
use crate::desk::{CaseFile, Reviewed, differences};
use crate::outcome::{Answer, Outcome};
use crate::text::{clean, counted};
use crate::times;

#[derive(Serialize)]
pub(super) struct ShownReview {
    case: String,
    accepted: bool,
    refused_because: Option<String>,
    asked: Asked,
    claimed: Option<Claimed>,
    /// What the two sides tell differently.
    differences: Vec<&'static str>,
    #[serde(skip)]
    windows: (Window, Option<Window>),
}

#[derive(Serialize)]
struct Asked {
    venue: String,
    kind: Option<&'static str>,
    from: String,
    to: String,
}

/// What the venue says of itself; its own words.
#[derive(Serialize)]
struct Claimed {
    name: String,
    address: String,
    room: Option<String>,
    kind: Option<&'static str>,
    from: String,
    to: String,
    hours: usize,
}

/// Shows what the review found.
pub(in crate::authority) fn show(context: &Context, reviewed: &Reviewed) -> Outcome {
    let Reviewed { case, result } = reviewed;
    context.output.data(&ShownReview::new(case, result), ShownReview::lines)?;
    Ok(if result.is_ok() { Answer::Yes } else { Answer::No })
}

/// Shows that nothing is published, since an upload fails review.
pub(in crate::authority) fn refused(context: &Context, case: &CaseFile, reason: String) -> Outcome {
    context.output.data(&ShownReview::new(case, &Err(reason)), ShownReview::lines)?;
    context.output.say("nothing is published");
    Ok(Answer::No)
}

impl ShownReview {
    pub(super) fn new(case: &CaseFile, result: &Result<Review, String>) -> Self {
        let review = result.as_ref().ok();
        Self {
            case: case.id.clone(),
            accepted: review.is_some(),
            refused_because: result.as_ref().err().cloned(),
            asked: Asked {
                venue: case.venue.clone(),
                kind: case.asked_kind().map(VenueKind::name),
                from: times::rfc3339(case.window.start()),
                to: times::rfc3339(case.window.end()),
            },
            claimed: review.map(Claimed::new),
            differences: review.map_or_else(Vec::new, |review| differences(case, review)),
            windows: (case.window, review.map(|review| review.window)),
        }
    }

    pub(super) fn lines(&self) -> String {
        let Some(claimed) = &self.claimed else {
            let reason = self.refused_because.as_deref().unwrap_or("");
            // [CLI-3]
            return format!(
                "case {0}: REFUSED: {reason}\n`noren authority reject {0} --reason …` rejects it, \
                 `noren authority case reissue {0}` gives the venue another code",
                self.case
            );
        };
        let room = claimed.room.as_deref().map(|room| format!(", {room}")).unwrap_or_default();
        let place = format!("{}{room}, {}", claimed.name, claimed.address);
        let row = |name: &'static str, asked: &str, claimed: &str| {
            let mark = if self.differences.contains(&name) { "≠" } else { " " };
            format!("{mark} {name:<7} {:<30} {}", clean(asked), clean(claimed))
        };
        let doubts = match self.differences.as_slice() {
            [] => String::new(),
            rows => format!("; LOOK AT: {}", rows.join(", ")),
        };
        let mut lines = vec![
            format!("case {}: every check passed{doubts}", self.case),
            format!("  {:<7} {:<30} {}", "", "asked or reported", "claimed"),
            row("venue", &self.asked.venue, &place),
        ];
        if self.asked.kind.is_some() || claimed.kind.is_some() {
            let kind = |kind: Option<&'static str>| kind.unwrap_or("-");
            lines.push(row("kind", kind(self.asked.kind), kind(claimed.kind)));
        }
        let (asked, answer) = (self.windows.0, self.windows.1.unwrap_or(self.windows.0));
        if self.differences.contains(&"room") {
            lines.push(row("room", &self.asked.venue, claimed.room.as_deref().unwrap_or("-")));
        }
        lines.push(row("from", &times::show(asked.start()), &times::show(answer.start())));
        lines.push(row("to", &times::show(asked.end()), &times::show(answer.end())));
        lines.push(format!(
            "{}. The name is the venue's own word: make sure that it is the one you asked.",
            counted(claimed.hours, "hour")
        ));
        lines.join("\n")
    }
}

impl Claimed {
    fn new(review: &Review) -> Self {
        let venue = review.entry_code.venue();
        Self {
            name: venue.description().to_owned(),
            address: venue.address().to_owned(),
            room: venue.details().room().map(str::to_owned),
            kind: venue.details().kind().map(VenueKind::name),
            from: times::rfc3339(review.window.start()),
            to: times::rfc3339(review.window.end()),
            hours: review.pre_traces.len(),
        }
    }
}
