//! Cases: what the authority asked which venue for.

use std::collections::BTreeMap;

use anyhow::Context as _;
use noren::messages::upload_code::UploadCode;
use noren::time::UnixSeconds;
use rand_core::CryptoRng;
use serde::{Deserialize, Serialize};

use super::desk::{CaseFile, Desk, Status};
use crate::cli::{Answer, Outcome};
use crate::context::Context;
use crate::text::clean;
use crate::times;

/// The longest life of an upload code, in seconds.
const MAX_CODE_LIFE: u64 = 31 * 86_400;

#[derive(clap::Subcommand)]
pub(crate) enum Command {
    /// Ask a venue for a window: prints the one-time upload code to read out to it
    #[command(
        after_help = "Example: noren authority case open --venue \"Bar Noren, Umeda\" --from \"2026-04-01 18:00\" --to \"2026-04-01 21:00\""
    )]
    Open(Open),
    /// Show every case. Exit code 1: there is none
    #[command(after_help = "Example: noren authority case list")]
    List,
    /// Close a case: its code is good for nothing any more
    #[command(after_help = "Example: noren authority case close c-3f9a21")]
    Close {
        /// The case's id
        case: String,
    },
}

#[derive(clap::Args)]
pub(crate) struct Open {
    /// A note on which venue is meant, for this desk only. Write nothing about the patient
    #[arg(long, value_name = "NOTE")]
    venue: String,
    /// When it began to be dangerous
    #[arg(long, value_name = "TIME")]
    from: String,
    /// When it ceased to be dangerous
    #[arg(long, value_name = "TIME")]
    to: String,
    /// How long the code is good
    #[arg(long, default_value = "7d", value_name = "LENGTH")]
    expires: String,
}

#[derive(Serialize)]
struct Opened {
    case: String,
    code: String,
    expires: String,
}

#[derive(Serialize)]
struct Listed {
    case: String,
    venue: String,
    from: String,
    to: String,
    status: Status,
    shown: String,
}

pub(super) fn run(context: &Context, command: Command) -> Outcome {
    match command {
        Command::Open(arguments) => open(context, &arguments),
        Command::List => list(context),
        Command::Close { case } => close(context, &case),
    }
}

fn open(context: &Context, arguments: &Open) -> Outcome {
    let (now, mut rng) = (context.now()?, context.rng());
    let window = times::parse_window(&arguments.from, &arguments.to, now)?;
    let life = times::parse_length(&arguments.expires)?;
    // [API-6]
    anyhow::ensure!(life <= MAX_CODE_LIFE, "a code is good for 31 days at most");
    anyhow::ensure!(window.start() < now, "the window lies in the future; nobody was there yet");
    let expires = now.plus(life);
    let hours = window.hours().take(noren::messages::upload::MAX_HOURS + 1).count();
    anyhow::ensure!(
        hours <= noren::messages::upload::MAX_HOURS,
        "a case holds at most 36 hours; open several"
    );
    let mut desk = Desk::open(context)?;
    clear_unopened(&mut desk)?;
    let code = UploadCode::generate(&mut rng);
    let mut case = CaseFile {
        id: new_id(&desk, &mut rng),
        venue: arguments.venue.clone(),
        window,
        code_hash: code.hash(),
        opened: now,
        expires,
        status: Status::Registering,
        published: None,
    };
    desk.keep(case.clone())?;
    register(&desk, &case, expires)
        .context("the case is not open: open it again when the server can be reached")?;
    case.status = Status::Open;
    desk.keep(case.clone())?;
    let opened = Opened {
        case: case.id,
        code: code.to_text().to_string(),
        expires: times::rfc3339(expires),
    };
    context.output.data(&opened, |opened| {
        format!(
            "case {}\nupload code: {}\nRead the code out to the venue. It is good for one upload, until {}, and is not kept here.",
            opened.case, opened.code, times::show(expires),
        )
    })?;
    Ok(Answer::Yes)
}

/// Cases whose opening was cut off: nobody has their codes.
fn clear_unopened(desk: &mut Desk<'_>) -> anyhow::Result<()> {
    let unopened = desk.cases().iter().filter(|case| case.status == Status::Registering);
    for case in unopened.cloned().collect::<Vec<_>>() {
        desk.ask("DELETE", &format!("v1/cases/{}", case.code_hash_hex()), &[], 204)?;
        desk.remove(&case.id)?;
    }
    Ok(())
}

/// A short random id that no case has.
fn new_id<R: CryptoRng>(desk: &Desk<'_>, rng: &mut R) -> String {
    loop {
        let mut number = [0; 3];
        rng.fill_bytes(&mut number);
        let id = format!("c-{}", hex::encode(number));
        if desk.cases().iter().all(|case| case.id != id) {
            return id;
        }
    }
}

fn register(desk: &Desk<'_>, case: &CaseFile, expires: UnixSeconds) -> anyhow::Result<()> {
    let body = serde_json::to_vec(&serde_json::json!({ "expires": expires.get() }))?;
    desk.ask("PUT", &format!("v1/cases/{}", case.code_hash_hex()), &body, 201).map(drop)
}

fn list(context: &Context) -> Outcome {
    let desk = Desk::open(context)?;
    let listed: Vec<Listed> = desk
        .cases()
        .iter()
        .map(|case| Listed {
            case: case.id.clone(),
            venue: case.venue.clone(),
            from: times::rfc3339(case.window.start()),
            to: times::rfc3339(case.window.end()),
            status: case.status,
            shown: times::show_window(case.window),
        })
        .collect();
    context.output.data(&listed, |listed| {
        let line = |case: &Listed| {
            let status = serde_json::to_value(case.status).ok();
            let status = status.as_ref().and_then(|status| status.as_str()).unwrap_or("");
            format!("{}  {:<11}  {}  {}", case.case, status, case.shown, clean(&case.venue))
        };
        if listed.is_empty() {
            "no cases".to_owned()
        } else {
            listed.iter().map(line).collect::<Vec<_>>().join("\n")
        }
    })?;
    Ok(if listed.is_empty() { Answer::No } else { Answer::Yes })
}

fn close(context: &Context, name: &str) -> Outcome {
    let mut desk = Desk::open(context)?;
    // What is under way for this case has to be noted before the case is changed.
    desk.resume()?;
    let mut case = desk.case(name)?;
    desk.ask("DELETE", &format!("v1/cases/{}", case.code_hash_hex()), &[], 204)?;
    case.status = Status::Closed;
    let id = case.id.clone();
    desk.keep(case)?;
    context.output.say(format!("case {id} is closed; its code is good for nothing any more"));
    Ok(Answer::Yes)
}

/// An upload as the server lists it.
#[derive(Deserialize)]
pub(super) struct Waiting {
    pub(super) id: String,
    pub(super) case: String,
    received_day: u64,
}

/// The uploads that wait on the server.
pub(super) fn waiting(desk: &Desk<'_>) -> anyhow::Result<Vec<Waiting>> {
    let body = desk.ask("GET", "v1/uploads", &[], 200)?;
    serde_json::from_slice(&body).context("the server's list of uploads cannot be read")
}

pub(super) fn uploads(context: &Context) -> Outcome {
    #[derive(Serialize)]
    struct Upload {
        upload: String,
        case: Option<String>,
        received_day: String,
    }
    let desk = Desk::open(context)?;
    let cases: BTreeMap<String, &CaseFile> =
        desk.cases().iter().map(|case| (case.code_hash_hex(), case)).collect();
    let mut uploads = Vec::new();
    for upload in waiting(&desk)? {
        let case = cases.get(&upload.case).map(|case| case.id.clone());
        let day = noren::time::Day::containing(UnixSeconds::new(upload.received_day)?);
        uploads.push(Upload { upload: upload.id, case, received_day: times::show_day(day) });
    }
    context.output.data(&uploads, |uploads| {
        let line = |upload: &Upload| {
            let case = upload.case.as_deref().unwrap_or("no case of this desk");
            format!("{case}  received {}", upload.received_day)
        };
        if uploads.is_empty() {
            "no uploads wait".to_owned()
        } else {
            uploads.iter().map(line).collect::<Vec<_>>().join("\n")
        }
    })?;
    Ok(if uploads.is_empty() { Answer::No } else { Answer::Yes })
}
