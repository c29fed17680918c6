//! The visits that a diagnosed visitor told.

use serde::Serialize;

use crate::context::Context;
use crate::desk::{PatientReviewed, ToldVisit};
use crate::outcome::{Answer, Outcome};
use crate::text::clean;
use crate::times;

#[derive(Serialize)]
struct ShownVisits {
    patient: String,
    accepted: bool,
    refused_because: Option<String>,
    visits: Vec<ShownVisit>,
}

/// A visit that was told; name, address and room are the venue's own words.
#[derive(Serialize)]
struct ShownVisit {
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

/// Shows what the review of a visitor's upload found.
pub(in crate::authority) fn show(context: &Context, reviewed: PatientReviewed) -> Outcome {
    let PatientReviewed { patient, visits } = reviewed;
    let refused_because = visits.as_ref().err().cloned();
    let visits = visits.unwrap_or_default().into_iter().map(ShownVisit::new).collect();
    let accepted = refused_because.is_none();
    let shown = ShownVisits { patient, accepted, refused_because, visits };
    context.output.data(&shown, ShownVisits::lines)?;
    if !accepted {
        context.output.say(format!(
            "nothing is published; `noren authority patient reject {} --reason …`, then `reissue` gives the visitor a new code",
            shown.patient
        ));
        return Ok(Answer::No);
    }
    // [PAT-18]
    context.output.say(
        "The names are the venues' own words, and whether the visits happened is for you to ask. \
         Publish all that you believe in one batch, which is shuffled and filled up: one after the \
         other they would show a route.",
    );
    Ok(Answer::Yes)
}

impl ShownVisit {
    fn new(visit: ToldVisit) -> Self {
        let ToldVisit { number, venue, stay, case } = visit;
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

impl ShownVisits {
    fn lines(&self) -> String {
        if let Some(reason) = &self.refused_because {
            return format!("patient case {}: REFUSED: {reason}", self.patient);
        }
        let first = format!("patient case {}: every check passed", self.patient);
        std::iter::once(first)
            .chain(self.visits.iter().map(ShownVisit::line))
            .collect::<Vec<_>>()
            .join("\n")
    }
}
