//! Cases: what the authority asked which venue for.

use std::collections::BTreeMap;

use anyhow::Context as _;
use serde::Serialize;

use super::case_document;
use super::done::act;
use super::place::{open, open_to_read};
use crate::context::Context;
use crate::desk::{Action, Asked, Coded as _, Desk};
use crate::outcome::{Answer, Outcome};
use crate::text::clean;
use crate::times;

#[derive(clap::Subcommand)]
pub(crate) enum Command {
    /// Ask a venue for a window: prints the one-time upload code and the window code to
    /// read out to it
    #[command(
        after_help = times::help("Example: noren authority case open --venue \"Bar Noren, Umeda\" --from \"2026-04-01 18:00\" --to \"2026-04-01 21:00\"")
    )]
    Open(CaseArguments),
    /// Show every case. Exit code 1: there is none
    #[command(after_help = "Example: noren authority case list")]
    List,
    /// Show one case with all that led to it, as a document that `replay` can check
    #[command(after_help = "Example: noren authority case show c-3f9a21 --out c-3f9a21.json")]
    Show(case_document::DocumentArguments),
    /// Note that the venue was asked once more
    #[command(after_help = "Example: noren authority case remind c-3f9a21")]
    Remind {
        /// The case's id
        case: String,
    },
    /// Give out a new code for a case; the old one stops working
    #[command(after_help = "Example: noren authority case reissue c-3f9a21")]
    Reissue {
        /// The case's id
        case: String,
        /// How long the code is good
        #[arg(long, default_value = "7d", value_name = "LENGTH")]
        expires: String,
    },
    /// Close a case: its code stops working, and what was uploaded is deleted
    #[command(after_help = "Example: noren authority case close c-3f9a21")]
    Close {
        /// The case's id
        case: String,
    },
}

#[derive(clap::Args)]
pub(crate) struct CaseArguments {
    /// The venue's name; nothing about the patient
    #[arg(long, value_name = "NAME")]
    venue: String,
    /// Ask about the reports of this day, like 2026-04-01; the policy gives the window
    #[arg(long, value_name = "DATE", conflicts_with_all = ["from", "to"], required_unless_present_all = ["from", "to"])]
    day: Option<String>,
    /// When the dangerous time began
    #[arg(long, value_name = "TIME", requires = "to")]
    from: Option<String>,
    /// When the dangerous time ended
    #[arg(long, value_name = "TIME", requires = "from")]
    to: Option<String>,
    /// How long the code is good
    #[arg(long, default_value = "7d", value_name = "LENGTH")]
    expires: String,
}

pub(super) fn run(context: &Context, command: Command) -> Outcome {
    match command {
        Command::Open(arguments) => open_case(context, &arguments),
        Command::List => list(context),
        Command::Show(arguments) => case_document::show(context, &arguments),
        Command::Remind { case } => act(context, &mut open(context)?, Action::Remind(case)),
        Command::Reissue { case, expires } => {
            context.output.check_seen()?;
            let life = times::parse_length(&expires)?;
            act(context, &mut open(context)?, Action::ReissueCase { case, life })
        }
        Command::Close { case } => act(context, &mut open(context)?, Action::CloseCase(case)),
    }
}

fn open_case(context: &Context, arguments: &CaseArguments) -> Outcome {
    context.output.check_seen()?;
    let now = context.now()?;
    let life = times::parse_length(&arguments.expires)?;
    let mut desk = open(context)?;
    let asked = match (&arguments.day, &arguments.from, &arguments.to) {
        (None, Some(from), Some(to)) => Asked::Window(times::parse_window(from, to, now)?),
        (day, ..) => {
            let day = day.as_deref().context(
                "name the day of the reports with --day, or the window with --from and --to",
            )?;
            let zone = times::zone(Some(desk.policy()?.time_zone()))?;
            Asked::Day(times::parse_date(day, now, &zone).context("--day")?.to_string())
        }
    };
    let venue = arguments.venue.clone();
    act(context, &mut desk, Action::OpenCase { venue, asked, life })
}

#[derive(Serialize)]
struct ListedCase {
    case: String,
    venue: String,
    from: String,
    to: String,
    status: &'static str,
    reminded: usize,
    /// Whether something of it waits for the next release.
    released: bool,
    #[serde(skip)]
    shown: String,
}

/// Returns the id of each case, and of each report if they are wanted, with its venue; nothing where
/// there is no desk.
pub(crate) fn ids(context: &Context, with_reports: bool) -> anyhow::Result<Vec<(String, String)>> {
    // A desk that is not there is not made.
    if !context.folder("authority").join("profile").exists() {
        return Ok(vec![]);
    }
    // [CLI-62] Nobody is asked for a passphrase while a word is being completed.
    if Desk::asks_passphrase(&context.folder("authority"))? {
        return Ok(vec![]);
    }
    let desk = open(context)?;
    let cases = desk.cases().iter().map(|case| (case.id.clone(), case.venue.clone()));
    let reports = desk.reports().iter().filter(|_| with_reports);
    Ok(cases.chain(reports.map(|report| (report.id.clone(), report.venue.clone()))).collect())
}

fn list(context: &Context) -> Outcome {
    let desk = open_to_read(context)?;
    let zone = desk.zone();
    let listed: Vec<ListedCase> = desk
        .cases()
        .iter()
        .map(|case| ListedCase {
            case: case.id.clone(),
            venue: case.venue.clone(),
            from: times::rfc3339(case.window.start()),
            to: times::rfc3339(case.window.end()),
            status: case.status.name(),
            reminded: case.reminded.len(),
            released: case.released.is_some(),
            shown: times::show_window_in(case.window, &zone),
        })
        .collect();
    context.output.data(&listed, |listed| {
        let line = |case: &ListedCase| {
            let waits = if case.released { "; waits for the release" } else { "" };
            let ListedCase { case, status, shown, venue, .. } = case;
            format!("{case}  {status:<11}  {shown}  {}{waits}", clean(venue))
        };
        if listed.is_empty() {
            "no cases".to_owned()
        } else {
            listed.iter().map(line).collect::<Vec<_>>().join("\n")
        }
    })?;
    Ok(if listed.is_empty() { Answer::No } else { Answer::Yes })
}

/// An upload that waits on the server.
#[derive(Serialize)]
struct WaitingUpload {
    upload: String,
    case: Option<String>,
    received_day: String,
    #[serde(skip)]
    received: String,
}

pub(super) fn uploads(context: &Context) -> Outcome {
    let desk = open(context)?;
    let asked = desk.cases().iter().map(|case| (case.code_hash_hex(), case.id.clone()));
    let patient = desk.patient_cases().iter().map(|case| (case.code_hash_hex(), case.id.clone()));
    let cases: BTreeMap<String, String> = asked.chain(patient).collect();
    let mut uploads = Vec::new();
    for upload in desk.uploads()? {
        let case = cases.get(&upload.case).cloned();
        let day = noren::time::Day::containing(upload.received_day);
        // [API-14] The server tells no more than the UTC day.
        let received = times::show_span(day.start(), day.start().plus(86_400));
        let received_day = times::show_day(day);
        uploads.push(WaitingUpload { upload: upload.id, case, received_day, received });
    }
    context.output.data(&uploads, |uploads| {
        let line = |upload: &WaitingUpload| {
            let case = upload.case.as_deref().unwrap_or("no case of this desk");
            format!("{case}  received some time from {}", upload.received)
        };
        if uploads.is_empty() {
            "no uploads wait".to_owned()
        } else {
            uploads.iter().map(line).collect::<Vec<_>>().join("\n")
        }
    })?;
    Ok(if uploads.is_empty() { Answer::No } else { Answer::Yes })
}
