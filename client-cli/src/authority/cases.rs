//! Cases: what the authority asked which venue for.

use std::collections::BTreeMap;

use anyhow::{Context as _, ensure};
use jiff::tz::TimeZone;
use noren::messages::{UploadCode, WindowCode};
use noren::text::folded;
use noren::time::Window;
use serde::Serialize;
use serde_json::json;

use super::desk::{CaseFile, Change, Coded as _, Decision, Desk, Event, Status};
use super::{case_document, codes, patient, reports, retention};
use crate::context::Context;
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
    /// The window, for the venue's program; absent where it can't be said in whole minutes.
    window_code: Option<String>,
    expires: String,
    from: String,
    to: String,
    #[serde(skip)]
    window: String,
    #[serde(skip)]
    until: String,
}

impl Opened {
    fn new(case: &CaseFile, code: &UploadCode, zone: &TimeZone) -> Self {
        let until = times::show_at(case.expires, zone);
        Self {
            case: case.id.clone(),
            code: code.to_text().to_string(),
            // [VEN-6]
            window_code: WindowCode::within(case.window).map(|window| window.to_text(code)),
            expires: times::rfc3339(case.expires),
            from: times::rfc3339(case.window.start()),
            to: times::rfc3339(case.window.end()),
            // [CLI-32]
            window: times::show_window_in(case.window, zone),
            until: format!("{until} ({})", times::zone_name(case.expires, zone)),
        }
    }

    pub(super) fn lines(&self) -> String {
        let window_code = self.window_code.as_ref();
        let window_code = window_code.map(|code| format!("\nwindow code: {code}"));
        format!(
            "case {}\nwindow:      {}\nupload code: {}{}\nRead them out to the venue. The code is good for one upload, until {}, and is not kept here.",
            self.case,
            self.window,
            self.code,
            window_code.unwrap_or_default(),
            self.until,
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
    context.output.check_seen()?;
    let now = context.now()?;
    let venue = reports::venue_name(&arguments.venue)?;
    let expires = times::parse_length(&arguments.expires)?;
    let mut desk = Desk::open(context)?;
    let (window, decision) = match (&arguments.day, &arguments.from, &arguments.to) {
        (None, Some(from), Some(to)) => (times::parse_window(from, to, now)?, None),
        (day, ..) => {
            let day = day.as_deref().context(
                "name the day of the reports with --day, or the window with --from and --to",
            )?;
            let zone = times::zone(Some(desk.policy()?.time_zone()))?;
            let day = &times::parse_date(day, now, &zone).context("--day")?.to_string();
            let decision = reports::decide(&desk, &venue, day)?.with_context(|| {
                format!("there is no report on {} on {}", clean(&venue), clean(day))
            })?;
            (reports::window_of(&desk, &venue, day)?, Some(decision))
        }
    };
    let opened = open(context, &mut desk, &venue, window, expires, decision)?;
    let told = context.output.told(&opened, Opened::lines);
    told.with_context(|| codes::lost("case", &opened.case))?;
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
    codes::check_life(life)?;
    ensure!(window.start() < now, "the window lies in the future; nobody was there yet");
    let hours = window.hours().take(noren::messages::MAX_HOURS + 1).count();
    ensure!(hours <= noren::messages::MAX_HOURS, "a case holds at most 36 hours; open several");
    // [VEN-6] Nobody could answer it.
    ensure!(
        WindowCode::within(window).is_some(),
        "there is no whole minute in {}; make the window longer",
        times::show_window(window)
    );
    retention::check(desk, window)?;
    retention::remark_unfinished(desk, window)?;
    remark_same(desk, venue, window);
    codes::clear_unopened::<CaseFile>(desk)?;
    let code = UploadCode::generate(&mut rng);
    let known: Vec<&str> = desk.cases().iter().map(|case| case.id.as_str()).collect();
    let case = CaseFile {
        id: Desk::new_id("c", &mut rng, &known),
        venue: venue.to_owned(),
        window,
        code_hash: code.hash(),
        binding: code.binding(),
        opened: now,
        expires: now.plus(life),
        status: Status::Registering,
        decision,
        reminded: Vec::new(),
        answered: None,
        notified: None,
        published: None,
        released: None,
        patient: None,
    };
    let why = case.decision.as_ref().map(|decision| decision.finding.to_string());
    let details = json!({ "venue": case.venue, "window": case.window, "why": why });
    let event = Event::new("case-opened", &case.id, details);
    let expires = case.expires;
    let case = codes::open(desk, case, expires, event)?;
    Ok(Opened::new(&case, &code, &desk.zone()))
}

/// Tells of a case that asks the same of the same venue.
fn remark_same(desk: &Desk<'_>, venue: &str, window: Window) {
    // [CLI-46]
    let key = folded(venue);
    let stands = |case: &&CaseFile| {
        !matches!(case.status, Status::Closed | Status::Registering | Status::Rejected)
            && case.window == window
            && folded(&case.venue) == key
    };
    for case in desk.cases().iter().filter(stands) {
        desk.context.output.say(format!(
            "warning: case {0} is about {1} and this window already, and {2}: if this is the same, \
             close one of the two (`noren authority case close {0}`)",
            case.id,
            clean(&case.venue),
            case.status.name()
        ));
    }
}

/// The case of a venue and day that is not closed.
pub(super) fn of_day<'d>(desk: &'d Desk<'_>, venue: &str, day: &str) -> Option<&'d CaseFile> {
    let key = folded(venue);
    desk.cases().iter().find(|case| {
        !matches!(case.status, Status::Closed | Status::Registering)
            && folded(&case.venue) == key
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
    /// Whether something of it waits for the next release.
    released: bool,
    #[serde(skip)]
    shown: String,
}

fn list(context: &Context) -> Outcome {
    let desk = Desk::open(context)?;
    let zone = desk.zone();
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
            released: case.released.is_some(),
            shown: times::show_window_in(case.window, &zone),
        })
        .collect();
    context.output.data(&listed, |listed| {
        let line = |case: &Listed| {
            let waits = if case.released { "; waits for the release" } else { "" };
            let Listed { case, status, shown, venue, .. } = case;
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

fn remind(context: &Context, name: &str) -> Outcome {
    let mut desk = Desk::open(context)?;
    let mut case = desk.case(name)?;
    ensure!(case.status.waits_for_upload(), "case {} waits for no upload", case.id);
    case.reminded.push(context.now()?);
    let event = Event::new("reminded", &case.id, json!({ "times": case.reminded.len() }));
    desk.apply(Change::default().put(&case).note(event))?;
    context.output.say(format!(
        "noted. Tell {}: the window is {}, and its code is good until {}. If the code is lost, `noren authority case reissue {}` gives a new one.",
        case.venue,
        times::show_window_in(case.window, &desk.zone()),
        times::show_at(case.expires, &desk.zone()),
        case.id
    ));
    Ok(Answer::Yes)
}

fn reissue(context: &Context, name: &str, expires: &str) -> Outcome {
    context.output.check_seen()?;
    let life = codes::parse_life(expires)?;
    let mut desk = Desk::open(context)?;
    desk.resume()?;
    let mut case = desk.case(name)?;
    let code = codes::reissue(context, &mut desk, &mut case, life)?;
    let told = context.output.told(&Opened::new(&case, &code, &desk.zone()), Opened::lines);
    told.with_context(|| codes::lost("case", &case.id))?;
    Ok(Answer::Yes)
}

fn close(context: &Context, name: &str) -> Outcome {
    let mut desk = Desk::open(context)?;
    // What is under way for this case has to be noted before the case is changed.
    desk.resume()?;
    let mut case = desk.case(name)?;
    // [CLI-11] Only the upload can take a notice back.
    let forgotten = case.window.end().plus(u64::from(desk.policy()?.retention_days()) * 86_400);
    ensure!(
        case.published.is_none() || forgotten < context.now()?,
        "the notice of case {} stands, and only with its upload can it be changed or withdrawn: withdraw it first, or close the case when devices have forgotten it, after {}",
        case.id,
        times::show(forgotten)
    );
    // The code of a patient case belongs to all of its visits.
    if case.patient.is_none() {
        codes::unregister(&desk, &case)?;
    }
    case.status = Status::Closed;
    // [CLI-35]
    let taken_out = case.released.take().is_some();
    let event = Event::new("case-closed", &case.id, json!({ "taken_out": taken_out }));
    let change = patient::end_visit(&desk, &mut case)?.put(&case).note(event);
    desk.apply(change)?;
    desk.forget_upload(&case)?;
    patient::forget_closed(&desk)?;
    let id = case.id;
    context.output.say(format!("case {id} is closed; its code is good for nothing any more"));
    Ok(Answer::Yes)
}

pub(super) fn uploads(context: &Context) -> Outcome {
    #[derive(Serialize)]
    struct Upload {
        upload: String,
        case: Option<String>,
        received_day: String,
        #[serde(skip)]
        received: String,
    }
    let desk = Desk::open(context)?;
    let asked = desk.cases().iter().map(|case| (case.code_hash_hex(), case.id.clone()));
    let patient = desk.patient_cases().iter().map(|case| (case.code_hash_hex(), case.id.clone()));
    let cases: BTreeMap<String, String> = asked.chain(patient).collect();
    let mut uploads = Vec::new();
    for upload in codes::waiting(&desk)? {
        let case = cases.get(&upload.case).cloned();
        let day = noren::time::Day::containing(upload.received_day);
        // [API-14] The server tells no more than the UTC day.
        let received = times::show_span(day.start(), day.start().plus(86_400));
        let received_day = times::show_day(day);
        uploads.push(Upload { upload: upload.id, case, received_day, received });
    }
    context.output.data(&uploads, |uploads| {
        let line = |upload: &Upload| {
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
