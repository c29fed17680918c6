//! Review: what a venue handed in, held against what it was asked for and what was reported.

use anyhow::{bail, ensure};
use noren::authority::{Review, review};
use noren::messages::{PatientUpload, Upload, Venue, VenueKind};
use noren::text::folded;
use noren::time::{UnixSeconds, Window};
use serde::Serialize;
use serde_json::json;

use super::desk::{CaseFile, Change, Desk, Event, Status, kept};
use super::{codes, patient, retention};
use crate::context::Context;
use crate::outcome::{Answer, Outcome};
use crate::text::{clean, counted};
use crate::times;

#[derive(Serialize)]
pub(super) struct Shown {
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

pub(super) fn run(context: &Context, name: &str) -> Outcome {
    let mut desk = Desk::open(context)?;
    let mut case = desk.case(name)?;
    let result = review_case(&desk, &case)?;
    let shown = Shown::new(&case, &result);
    context.output.data(&shown, Shown::lines)?;
    if let Err(error) = &result {
        let details = json!({ "because": error });
        desk.apply(Change::default().note(Event::new("upload-refused", &case.id, details)))?;
        return Ok(Answer::No);
    }
    retention::remark(&desk, case.window)?;
    if case.status == Status::Open {
        case.status = Status::Reviewed;
        case.answered = Some(context.now()?);
        let event = Event::new("reviewed", &case.id, json!({ "differences": shown.differences }));
        desk.apply(Change::default().put(&case).note(event))?;
    }
    Ok(Answer::Yes)
}

/// Turns an upload down, whatever the checks say of it: it is deleted here and on the server.
pub(super) fn reject(context: &Context, name: &str, reason: &str) -> Outcome {
    let mut desk = Desk::open(context)?;
    desk.resume()?;
    let mut case = desk.case(name)?;
    if let Some(visit) = &case.patient {
        bail!(
            "case {} is one visit of patient case {}: close it, or reject them all with `noren \
             authority patient reject {}`",
            case.id,
            visit.upload,
            visit.upload
        );
    }
    // [CLI-35]
    refuse_released(&case)?;
    case.answered = None;
    codes::reject(context, &mut desk, &mut case, reason, Change::default())?;
    Ok(Answer::Yes)
}

/// Refuses to turn an upload down of which something waits for the next release.
pub(super) fn refuse_released(case: &CaseFile) -> anyhow::Result<()> {
    ensure!(
        case.released.is_none(),
        "what was released for case {0} waits for the release: `noren authority withdraw {0}` takes \
         it out first",
        case.id
    );
    Ok(())
}

/// Fetches the upload of a case, unless it is here already, and makes every check. The inner error
/// says why it is refused.
pub(super) fn review_case(
    desk: &Desk<'_>,
    case: &CaseFile,
) -> anyhow::Result<Result<Review, String>> {
    if let Some(visit) = &case.patient {
        return patient::review_visit(desk, case, visit).map(Ok);
    }
    let now = desk.context.now()?;
    let path = desk.upload_path(case);
    if let Some(sealed) = kept::read(&path)? {
        return Ok(check(desk, case, &sealed, now));
    }
    let (sealed, _) = codes::fetch(desk, case)?;
    let result = check(desk, case, &sealed, now);
    // Only what passed is kept: a refused upload may be looked at again, or replaced.
    if result.is_ok() {
        kept::replace(&path, &sealed)?;
    }
    Ok(result)
}

fn check(
    desk: &Desk<'_>,
    case: &CaseFile,
    sealed: &[u8],
    now: UnixSeconds,
) -> Result<Review, String> {
    let key = desk.keys.upload_key();
    // [REV-13]
    review(key, &case.case(), sealed, now).map_err(|error| {
        // [PAT-17]
        if PatientUpload::open(key, sealed).is_ok() {
            return "a visitor's upload of visits was handed in with the code of a venue's case"
                .to_owned();
        }
        match Upload::open(key, sealed) {
            // [REV-3] Both are needed to see what is wrong.
            Ok(upload) if !case.window.contains(upload.window) => format!(
                "{error}: asked for {}, uploaded for {}",
                times::show_window(case.window),
                times::show_window(upload.window)
            ),
            _ => error.to_string(),
        }
    })
}

impl Shown {
    pub(super) fn new(case: &CaseFile, result: &Result<Review, String>) -> Self {
        let review = result.as_ref().ok();
        Self {
            case: case.id.clone(),
            accepted: review.is_some(),
            refused_because: result.as_ref().err().cloned(),
            asked: Asked {
                venue: case.venue.clone(),
                kind: asked_kind(case).map(VenueKind::name),
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
                "case {0}: REFUSED: {reason}\n`noren authority reject {0} --reason …` turns it down, \
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

/// The kind of venue that was reported.
fn asked_kind(case: &CaseFile) -> Option<VenueKind> {
    case.decision.as_ref().map(|decision| decision.premises.kind)
}

/// Which rows people have to look at: another kind, another room, another beginning or end. Of two
/// names nothing can be told: people call a venue what they like, and both are shown.
pub(super) fn differences(case: &CaseFile, review: &Review) -> Vec<&'static str> {
    // [CLI-18]
    let venue = review.entry_code.venue();
    let kinds = (asked_kind(case), venue.details().kind());
    let rows = [
        ("kind", kinds.0.is_some() && kinds.0 != kinds.1),
        ("room", names_another_room(&case.venue, venue)),
        ("from", differs(review.window.start(), case.window.start())),
        ("to", differs(review.window.end(), case.window.end())),
    ];
    rows.into_iter().filter(|(_, differs)| *differs).map(|(row, _)| row).collect()
}

/// By a minute or more: a window code has whole minutes.
const fn differs(one: UnixSeconds, other: UnixSeconds) -> bool {
    one.get().abs_diff(other.get()) >= 60
}

/// Whether what was asked for has the venue's name and something more, which is neither its room nor
/// part of its address.
fn names_another_room(asked: &str, venue: &Venue) -> bool {
    let Some(room) = venue.details().room().map(folded) else { return false };
    let asked = folded(asked);
    let Some((before, after)) = asked.split_once(&folded(venue.description())) else {
        return false;
    };
    let letters = |text: &str| text.chars().filter(|c| c.is_alphanumeric()).collect::<String>();
    let (more, room) = (letters(&format!("{before}{after}")), letters(&room));
    let address = letters(&folded(venue.address()));
    !more.is_empty() && !more.contains(&room) && !room.contains(&more) && !address.contains(&more)
}

#[cfg(test)]
mod tests {
    use noren::messages::VenueDetails;

    use super::*;

    #[test]
    fn rooms_are_compared_where_one_was_named() {
        // [CLI-18]
        let valid = Window::new(UnixSeconds::default(), UnixSeconds::MAX).expect("a window");
        let venue = |room: Option<&str>| {
            let details = VenueDetails::new(None, room.map(str::to_owned), None).expect("details");
            Venue::new("Campus Hall", "1-2-3 Minato", valid, details).expect("a venue")
        };
        let hall = venue(Some("Room 12"));
        for same in [
            "campus hall",
            "Ｃａｍｐｕｓ　Hall, Room 12",
            "Campus Hall (12)",
            "ROOM 12, Campus Hall",
            "Campus Hall, Minato",
            "the big hall",
            "Bar Noren, Room 14",
        ] {
            assert!(!names_another_room(same, &hall), "{same}");
        }
        for other in ["Campus Hall, Room 14", "Ｒｏｏｍ１３ Campus Hall", "Campus Hall cellar"]
        {
            assert!(names_another_room(other, &hall), "{other}");
            assert!(!names_another_room(other, &venue(None)), "{other}");
        }
    }
}
