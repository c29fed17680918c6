//! A case as a document: shown, written to a file, and evaluated again.

use std::path::{Path, PathBuf};

use jiff::tz::TimeZone;
use serde::Serialize;

use super::journal::details;
use super::place::open_to_read;
use crate::context::Context;
use crate::desk::{Document, Happened, Replay, ReplayOfPolicy};
use crate::outcome::{Answer, Outcome};
use crate::text::clean;
use crate::{files, inspect, times};

#[derive(clap::Args)]
pub(crate) struct DocumentArguments {
    /// The case's id
    case: String,
    /// Write the document to this file
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

pub(super) fn show(context: &Context, arguments: &DocumentArguments) -> Outcome {
    let mut desk = open_to_read(context)?;
    let document = desk.case_document(&arguments.case)?;
    if let Some(out) = &arguments.out {
        let mut bytes = serde_json::to_vec_pretty(&document)?;
        bytes.push(b'\n');
        files::create_secret(out, &bytes)?;
        return Ok(Answer::Yes);
    }
    let zone = desk.zone();
    context.output.data(&document, |document| lines(document, &zone))?;
    Ok(Answer::Yes)
}

fn lines(document: &Document, zone: &TimeZone) -> String {
    let mut lines = vec![format!(
        "case {} ({}): {}, {}",
        document.case,
        document.status,
        clean(&document.venue),
        times::show_window_in(document.window, zone)
    )];
    if let Some(decided) = &document.decision {
        lines.push(clean(&decided.finding.to_string()));
    }
    lines.extend(document.journal.iter().map(|event| line(event, zone)));
    lines.join("\n")
}

fn line(event: &Happened, zone: &TimeZone) -> String {
    // [CLI-32]
    let (at, words) =
        (details::local_time(event.moment, zone), details::words(&event.details, zone));
    let line = format!("{at}  {}  {}  {words}", event.operator, event.action);
    clean(line.trim_end())
}

#[derive(Serialize)]
struct Replayed {
    case: String,
    same: bool,
    /// The policy's name, and the SHA-256 of its text: compare it with that of the policy you know.
    policy: String,
    policy_digest: String,
    recorded: String,
    replayed: String,
}

#[derive(Serialize)]
struct ReplayedOfStaff {
    case: String,
    opened_by: &'static str,
    same: bool,
    verdict: &'static str,
}

/// Evaluates a case's document again. It needs nothing but the document.
pub(super) fn replay(context: &Context, file: &Path) -> Outcome {
    let bytes = files::read_input(file, "FILE")?;
    let otherwise = "this is no document of a case; give the file that `noren authority case show --out` \
        wrote";
    let document: Document = serde_json::from_slice(&bytes).map_err(|error| {
        inspect::misplaced("a case document", otherwise, Some(file), &bytes, error)
    })?;
    match document.replay()? {
        Replay::OfPolicy(replay) => show_replay(context, *replay),
        Replay::OfStaff { case, keeps } => show_replay_of_staff(context, case, keeps),
    }
}

fn show_replay(context: &Context, replay: ReplayOfPolicy) -> Outcome {
    let ReplayOfPolicy { case, same, policy, recorded, replayed } = replay;
    let replayed = Replayed {
        case,
        same,
        policy: policy.name().to_owned(),
        policy_digest: hex::encode(policy.digest()),
        recorded: recorded.to_string(),
        replayed: replayed.to_string(),
    };
    context.output.data(&replayed, |replayed| {
        let verdict = if replayed.same { "the same answer" } else { "ANOTHER ANSWER" };
        format!(
            "case {}: {verdict}\nrecorded: {}\nreplayed: {}\npolicy:   {}, SHA-256 {}",
            clean(&replayed.case),
            clean(&replayed.recorded),
            clean(&replayed.replayed),
            clean(&replayed.policy),
            replayed.policy_digest
        )
    })?;
    Ok(if same { Answer::Yes } else { Answer::No })
}

/// A case that staff opened: no policy decided it, so that only its notice can be held against it.
fn show_replay_of_staff(context: &Context, case: String, keeps: Option<bool>) -> Outcome {
    // [CLI-12]
    let verdict = match keeps {
        None => "no notice stands for it",
        Some(true) => "its notice keeps to its window",
        Some(false) => "its notice goes beyond its window",
    };
    let same = keeps.unwrap_or(true);
    let shown = ReplayedOfStaff { case, opened_by: "staff", same, verdict };
    context.output.data(&shown, |shown| {
        format!(
            "case {}: opened by staff and not by reports, so that there is no decision by a policy \
             to evaluate again; {}",
            clean(&shown.case),
            shown.verdict
        )
    })?;
    Ok(if same { Answer::Yes } else { Answer::No })
}
