//! Review: what a venue handed in, held against what it was asked for.

use anyhow::Context as _;
use noren::authority::review::{Review, ReviewError, review};
use serde::Serialize;

use super::cases::waiting;
use super::desk::{CaseFile, Desk, Status};
use crate::cli::{Answer, Outcome};
use crate::context::Context;
use crate::files;
use crate::text::clean;
use crate::times;

#[derive(Serialize)]
pub(super) struct Shown {
    case: String,
    accepted: bool,
    refused_because: Option<String>,
    asked: Asked,
    claimed: Option<Claimed>,
}

#[derive(Serialize)]
struct Asked {
    venue: String,
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
    if result.is_err() {
        return Ok(Answer::No);
    }
    if case.status == Status::Open {
        case.status = Status::Reviewed;
        desk.keep(case)?;
    }
    Ok(Answer::Yes)
}

/// Fetches the upload of a case, unless it is here already, and makes every check.
pub(super) fn review_case(
    desk: &Desk<'_>,
    case: &CaseFile,
) -> anyhow::Result<Result<Review, ReviewError>> {
    let path = desk.upload_path(case);
    let sealed = match files::read(&path)? {
        Some(sealed) => sealed,
        None => {
            let waiting = waiting(desk)?;
            let upload = waiting.iter().find(|upload| upload.case == case.code_hash_hex());
            let upload = upload.context(
                "the venue has not uploaded yet; `noren authority uploads` shows what waits",
            )?;
            let sealed = desk.ask("GET", &format!("v1/uploads/{}", upload.id), &[], 200)?;
            let result = review(desk.keys.upload_key(), &case.case(), &sealed);
            // Only what passed is kept: a refused upload may be looked at again, or replaced.
            if result.is_ok() {
                files::replace(&path, &sealed)?;
            }
            return Ok(result);
        }
    };
    Ok(review(desk.keys.upload_key(), &case.case(), &sealed))
}

impl Shown {
    pub(super) fn new(case: &CaseFile, result: &Result<Review, ReviewError>) -> Self {
        Self {
            case: case.id.clone(),
            accepted: result.is_ok(),
            refused_because: result.as_ref().err().map(ToString::to_string),
            asked: Asked {
                venue: case.venue.clone(),
                from: times::rfc3339(case.window.start()),
                to: times::rfc3339(case.window.end()),
            },
            claimed: result.as_ref().ok().map(|review| {
                let venue = review.entry_code.venue();
                Claimed {
                    name: venue.description().to_owned(),
                    address: venue.address().to_owned(),
                    room: venue.details().room().map(str::to_owned),
                    kind: venue.details().kind().map(|kind| kind.name()),
                    from: times::rfc3339(review.window.start()),
                    to: times::rfc3339(review.window.end()),
                    hours: review.pre_traces.len(),
                }
            }),
        }
    }

    pub(super) fn lines(&self) -> String {
        let Some(claimed) = &self.claimed else {
            let reason = self.refused_because.as_deref().unwrap_or("");
            return format!("case {}: REFUSED: {reason}", self.case);
        };
        let room = claimed.room.as_deref().map(|room| format!(", {room}")).unwrap_or_default();
        let place = clean(&format!("{}{room}, {}", claimed.name, claimed.address));
        format!(
            "case {}: every check passed\n          asked                        claimed\nvenue     {:<28} {}\nfrom      {:<28} {}\nto        {:<28} {}\n{} hours. The name is the venue's own word: make sure that it is the one you asked.",
            self.case,
            clean(&self.asked.venue),
            place,
            self.asked.from,
            claimed.from,
            self.asked.to,
            claimed.to,
            claimed.hours,
        )
    }
}
