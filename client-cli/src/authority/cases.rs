//! Cases: what the authority asked which venue for.

use std::collections::BTreeMap;

use anyhow::{Context as _, ensure};
use noren::messages::upload_code::UploadCode;
use noren::time::{UnixSeconds, Window};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::desk::{CaseFile, Change, Decision, Desk, Event, Status};
use super::{case_document, reports};
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
    /// Show one case with all that led to it, as a document that `replay` can check
    #[command(after_help = "Example: noren authority case show c-3f9a21 --out c-3f9a21.json")]
    Show(case_document::Show),
    /// Note that the venue was asked once more
    #[command(after_help = "Example: noren authority case remind c-3f9a21")]
    Remind {
        /// The case's id
        case: String,
    },
    /// Give out a new code for a case; the old one is good for nothing any more
    #[command(after_help = "Example: noren authority case reissue c-3f9a21")]
    Reissue {
        /// The case's id
        case: String,
        /// How long the code is good
        #[arg(long, default_value = "7d", value_name = "LENGTH")]
        expires: String,
    },
    /// Close a case: its code is good for nothing any more, and what was uploaded is deleted
    #[command(after_help = "Example: noren authority case close c-3f9a21")]
    Close {
        /// The case's id
        case: String,
    },
}

#[derive(clap::Args)]
pub(crate) struct Open {
    /// The venue's name; nothing about the patient
    #[arg(long, value_name = "NAME")]
    venue: String,
    /// For the reports on this day, like 2026-04-01; the policy tells the window
    #[arg(long, value_name = "DATE", conflicts_with_all = ["from", "to"], required_unless_present_all = ["from", "to"])]
    day: Option<String>,
    /// When it began to be dangerous
    #[arg(long, value_name = "TIME", requires = "to")]
    from: Option<String>,
    /// When it ceased to be dangerous
    #[arg(long, value_name = "TIME", requires = "from")]
    to: Option<String>,
    /// How long the code is good
    #[arg(long, default_value = "7d", value_name = "LENGTH")]
    expires: String,
}

/// A case with the code to read out.
#[derive(Serialize)]
pub(super) struct Opened {
    pub(super) case: String,
    code: String,
    expires: String,
    from: String,
    to: String,
    #[serde(skip)]
    window: String,
}

impl Opened {
    fn new(case: &CaseFile, code: &UploadCode) -> Self {
        Self {
            case: case.id.clone(),
            code: code.to_text().to_string(),
            expires: times::rfc3339(case.expires),
            from: times::rfc3339(case.window.start()),
            to: times::rfc3339(case.window.end()),
            window: times::show_window(case.window),
        }
    }

    pub(super) fn lines(&self) -> String {
        format!(
            "case {}\nwindow:      {}\nupload code: {}\nRead both out to the venue. The code is good for one upload, until {}, and is not kept here.",
            self.case, self.window, self.code, self.expires,
        )
    }
}

pub(super) fn run(context: &Context, command: Command) -> Outcome {
    match command {
        Command::Open(arguments) => run_open(context, &arguments),
        Command::List => list(context),
        Command::Show(arguments) => case_document::show(context, &arguments),
        Command::Remind { case } => remind(context, &case),
        Command::Reissue { case, expires } => reissue(context, &case, &expires),
        Command::Close { case } => close(context, &case),
    }
}

fn run_open(context: &Context, arguments: &Open) -> Outcome {
    let now = context.now()?;
    let venue = reports::venue_name(&arguments.venue)?;
    let expires = times::parse_length(&arguments.expires)?;
    let mut desk = Desk::open(context)?;
    let (window, decision) = match (&arguments.day, &arguments.from, &arguments.to) {
        (None, Some(from), Some(to)) => (times::parse_window(from, to, now)?, None),
        (day, ..) => {
            let day = day.as_deref().context("the day is missing")?;
            let decision = reports::decide(&desk, &venue, day)?.with_context(|| {
                format!("there is no report on {} on {}", clean(&venue), clean(day))
            })?;
            (reports::window_of(&desk, &venue, day)?, Some(decision))
        }
    };
    let opened = open(context, &mut desk, &venue, window, expires, decision)?;
    context.output.data(&opened, Opened::lines)?;
    Ok(Answer::Yes)
}

/// Opens a case and registers its code with the server.
pub(super) fn open(
    context: &Context,
    desk: &mut Desk<'_>,
    venue: &str,
    window: Window,
    life: u64,
    decision: Option<Decision>,
) -> anyhow::Result<Opened> {
    let (now, mut rng) = (context.now()?, context.rng());
    check_code_life(life)?;
    ensure!(window.start() < now, "the window lies in the future; nobody was there yet");
    let hours = window.hours().take(noren::messages::upload::MAX_HOURS + 1).count();
    ensure!(
        hours <= noren::messages::upload::MAX_HOURS,
        "a case holds at most 36 hours; open several"
    );
    clear_unopened(desk)?;
    let code = UploadCode::generate(&mut rng);
    let known: Vec<&str> = desk.cases().iter().map(|case| case.id.as_str()).collect();
    let mut case = CaseFile {
        id: Desk::new_id("c", &mut rng, &known),
        venue: venue.to_owned(),
        window,
        code_hash: code.hash(),
        opened: now,
        expires: now.plus(life),
        status: Status::Registering,
        decision,
        reminded: Vec::new(),
        answered: None,
        notified: None,
        published: None,
    };
    desk.apply(Change::default().put(&case))?;
    register(desk, &case)
        .context("the case is not open: open it again when the server can be reached")?;
    case.status = Status::Open;
    let why = case.decision.as_ref().map(|decision| decision.finding.to_string());
    let details = json!({ "venue": case.venue, "window": case.window, "why": why });
    desk.apply(Change::default().put(&case).note(Event::new("case-opened", &case.id, details)))?;
    Ok(Opened::new(&case, &code))
}

fn check_code_life(life: u64) -> anyhow::Result<()> {
    // [API-6]
    ensure!(life <= MAX_CODE_LIFE, "a code is good for 31 days at most");
    Ok(())
}

/// Cases whose opening was cut off: nobody has their codes.
fn clear_unopened(desk: &mut Desk<'_>) -> anyhow::Result<()> {
    let unopened = desk.cases().iter().filter(|case| case.status == Status::Registering);
    for case in unopened.cloned().collect::<Vec<_>>() {
        unregister(desk, &case)?;
        desk.apply(Change::default().remove(&case))?;
    }
    Ok(())
}

fn register(desk: &Desk<'_>, case: &CaseFile) -> anyhow::Result<()> {
    let body = serde_json::to_vec(&json!({ "expires": case.expires.get() }))?;
    desk.ask("PUT", &format!("v1/cases/{}", case.code_hash_hex()), &body, 201).map(drop)
}

fn unregister(desk: &Desk<'_>, case: &CaseFile) -> anyhow::Result<()> {
    desk.ask("DELETE", &format!("v1/cases/{}", case.code_hash_hex()), &[], 204).map(drop)
}

/// The case of a venue and day that is not closed.
pub(super) fn of_day<'d>(desk: &'d Desk<'_>, venue: &str, day: &str) -> Option<&'d CaseFile> {
    let key = super::desk::venue_key(venue);
    desk.cases().iter().find(|case| {
        !matches!(case.status, Status::Closed | Status::Registering)
            && super::desk::venue_key(&case.venue) == key
            && case.decision.as_ref().is_some_and(|decision| decision.day == day)
    })
}

#[derive(Serialize)]
struct Listed {
    case: String,
    venue: String,
    from: String,
    to: String,
    status: &'static str,
    reminded: usize,
    #[serde(skip)]
    shown: String,
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
            status: case.status.name(),
            reminded: case.reminded.len(),
            shown: times::show_window(case.window),
        })
        .collect();
    context.output.data(&listed, |listed| {
        let line = |case: &Listed| {
            format!("{}  {:<11}  {}  {}", case.case, case.status, case.shown, clean(&case.venue))
        };
        if listed.is_empty() {
            "no cases".to_owned()
        } else {
            listed.iter().map(line).collect::<Vec<_>>().join("\n")
        }
    })?;
    Ok(if listed.is_empty() { Answer::No } else { Answer::Yes })
}

fn remind(context: &Context, name: &str) -> Outcome {
    let mut desk = Desk::open(context)?;
    let mut case = desk.case(name)?;
    ensure!(case.status.waits_for_venue(), "case {} waits for no upload", case.id);
    case.reminded.push(context.now()?);
    let event = Event::new("reminded", &case.id, json!({ "times": case.reminded.len() }));
    desk.apply(Change::default().put(&case).note(event))?;
    context.output.say(format!(
        "noted. Tell {}: the window is {}, and its code is good until {}. If the code is lost, `noren authority case reissue {}` gives a new one.",
        case.venue,
        times::show_window(case.window),
        times::show(case.expires),
        case.id
    ));
    Ok(Answer::Yes)
}

fn reissue(context: &Context, name: &str, expires: &str) -> Outcome {
    let life = times::parse_length(expires)?;
    check_code_life(life)?;
    let mut desk = Desk::open(context)?;
    desk.resume()?;
    let mut case = desk.case(name)?;
    ensure!(
        case.status.waits_for_venue(),
        "case {} has an accepted upload; it needs no new code",
        case.id
    );
    // The old code ends first: cut off here, the case has no code, and this is run again.
    unregister(&desk, &case)?;
    let code = UploadCode::generate(&mut context.rng());
    case.code_hash = code.hash();
    (case.expires, case.status) = (context.now()?.plus(life), Status::Open);
    let event = Event::new("code-reissued", &case.id, json!({ "expires": case.expires.get() }));
    desk.apply(Change::default().put(&case).note(event))?;
    register(&desk, &case).context("the old code is void; run this again for a new one")?;
    context.output.data(&Opened::new(&case, &code), Opened::lines)?;
    Ok(Answer::Yes)
}

fn close(context: &Context, name: &str) -> Outcome {
    let mut desk = Desk::open(context)?;
    // What is under way for this case has to be noted before the case is changed.
    desk.resume()?;
    let mut case = desk.case(name)?;
    unregister(&desk, &case)?;
    let stands = case.published.is_some();
    if stands {
        context.output.say(format!(
            "the notice of case {} stands; without its upload it can no longer be changed or withdrawn",
            case.id
        ));
    }
    case.status = Status::Closed;
    let event = Event::new("case-closed", &case.id, json!({ "notice_stands": stands }));
    desk.apply(Change::default().put(&case).note(event))?;
    desk.forget_upload(&case)?;
    let id = case.id;
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

/// Deletes what the server holds for a case.
pub(super) fn delete_waiting(desk: &Desk<'_>, case: &CaseFile) -> anyhow::Result<()> {
    let code_hash = case.code_hash_hex();
    let waiting = waiting(desk)?;
    waiting.iter().filter(|upload| upload.case == code_hash).try_for_each(|upload| {
        desk.ask("DELETE", &format!("v1/uploads/{}", upload.id), &[], 204).map(drop)
    })
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
