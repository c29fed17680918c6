//! Patient cases: a diagnosed visitor tells visits with a one-time code, and the authority makes the
//! keys of those hours alone. Off unless the authority enables it.

pub(super) mod enable;
mod open;
mod review;
mod status;

use anyhow::{bail, ensure};

use super::codes;
use super::desk::{CaseFile, Change, Desk, PatientFile, Status};
use crate::context::Context;
use crate::files;
use crate::outcome::{Answer, Outcome};

pub(super) use review::review_visit;

#[derive(clap::Subcommand)]
pub(crate) enum Command {
    /// Take patient cases from now on: makes the key with which this authority alone can warn of every
    /// venue that takes part, and hands the new profile to the server
    #[command(after_help = "Example: noren authority patient enable")]
    Enable(enable::Arguments),
    /// Show whether patient cases are taken, and every one. Exit code 1: they are not
    #[command(after_help = "Example: noren authority patient status")]
    Status,
    /// Ask a diagnosed visitor for visits: prints the one-time upload code to read out
    #[command(after_help = "Example: noren authority patient open --since 2026-03-25")]
    Open(open::Arguments),
    /// Fetch the visits, make every check, and make a case of each visit for `publish`. Exit code 1:
    /// the upload is refused
    #[command(
        after_help = "Example: noren authority patient review p-3f9a21 --visits 1,3\n\nThen publish all in one batch: noren authority publish c-11d0ab c-5be200 --level attention"
    )]
    Review(review::Arguments),
    /// Turn an upload of visits down and delete it
    #[command(
        after_help = "Example: noren authority patient reject p-3f9a21 --reason \"another week\""
    )]
    Reject {
        /// The patient case's id
        patient: String,
        /// Why, for the journal; nothing about the visitor
        #[arg(long)]
        reason: String,
    },
    /// Give out a new code; the old one is good for nothing any more
    #[command(after_help = "Example: noren authority patient reissue p-3f9a21")]
    Reissue {
        /// The patient case's id
        patient: String,
        /// How long the code is good
        #[arg(long, default_value = "7d", value_name = "LENGTH")]
        expires: String,
    },
    /// Close a patient case whose visits are closed or were never told
    #[command(after_help = "Example: noren authority patient close p-3f9a21")]
    Close {
        /// The patient case's id
        patient: String,
    },
}

pub(super) fn run(context: &Context, command: Command) -> Outcome {
    match command {
        Command::Enable(arguments) => enable::run(context, &arguments),
        Command::Status => status::run(context),
        Command::Open(arguments) => open::run(context, &arguments),
        Command::Review(arguments) => review::run(context, &arguments),
        Command::Reject { patient, reason } => reject(context, &patient, &reason),
        Command::Reissue { patient, expires } => open::reissue(context, &patient, &expires),
        Command::Close { patient } => close(context, &patient),
    }
}

/// Whether this desk has the key, and its profile says so.
fn is_enabled(desk: &Desk<'_>) -> bool {
    let key = desk.keys.patient_public_key();
    key.is_some() && desk.profile.profile().patient_master_key == key
}

fn check_enabled(desk: &Desk<'_>) -> anyhow::Result<()> {
    // [PAT-14]
    ensure!(
        is_enabled(desk),
        "this authority takes no patient cases; `noren authority patient enable` says what that costs, \
         and turns it on"
    );
    Ok(())
}

/// The cases of a patient case that are not closed.
fn visits_of<'d>(desk: &'d Desk<'_>, id: &'d str) -> impl Iterator<Item = &'d CaseFile> {
    let of_upload = move |case: &&CaseFile| {
        case.status != Status::Closed
            && case.patient.as_ref().is_some_and(|visit| visit.upload == id)
    };
    desk.cases().iter().filter(of_upload)
}

fn reject(context: &Context, name: &str, reason: &str) -> Outcome {
    let mut desk = Desk::open(context)?;
    desk.resume()?;
    let mut patient = desk.patient_case(name)?;
    let mut change = Change::default();
    for case in visits_of(&desk, &patient.id) {
        // [CLI-35]
        super::review::refuse_released(case)?;
        if !matches!(case.status, Status::Reviewed) {
            bail!(
                "case {} of this upload is {}: withdraw its notice and close it first",
                case.id,
                case.status.name()
            );
        }
        change = change.put(&CaseFile { status: Status::Closed, patient: None, ..case.clone() });
    }
    patient.latest = None;
    codes::reject(context, &mut desk, &mut patient, reason, change)?;
    Ok(Answer::Yes)
}

fn close(context: &Context, name: &str) -> Outcome {
    let mut desk = Desk::open(context)?;
    desk.resume()?;
    let patient = desk.patient_case(name)?;
    let open: Vec<&str> = visits_of(&desk, &patient.id).map(|case| case.id.as_str()).collect();
    ensure!(
        open.is_empty(),
        "cases {} need the upload of {}; close them with `noren authority case close`",
        open.join(", "),
        patient.id
    );
    let change = end(&desk, patient.clone())?;
    desk.apply(change)?;
    forget_closed(&desk)?;
    context.output.say(format!("patient case {} is closed; its upload is deleted", patient.id));
    Ok(Answer::Yes)
}

/// What becomes of a patient case when one of its visits' cases is closed. The last one closes it;
/// what linked the visits to one another is forgotten.
pub(super) fn end_visit(desk: &Desk<'_>, case: &mut CaseFile) -> anyhow::Result<Change> {
    // [PAT-19]
    let Some(visit) = case.patient.take() else { return Ok(Change::default()) };
    if visits_of(desk, &visit.upload).any(|other| other.id != case.id) {
        return Ok(Change::default());
    }
    end(desk, desk.patient_case(&visit.upload)?)
}

fn end(desk: &Desk<'_>, mut patient: PatientFile) -> anyhow::Result<Change> {
    codes::unregister(desk, &patient)?;
    patient.status = Status::Closed;
    let event = super::desk::Event::new("patient-closed", &patient.id, serde_json::json!({}));
    Ok(Change::default().put(&patient).note(event))
}

/// Deletes the uploads of closed patient cases, also where a command was cut off before.
pub(super) fn forget_closed(desk: &Desk<'_>) -> anyhow::Result<()> {
    let closed = desk.patient_cases().iter().filter(|patient| patient.status == Status::Closed);
    let mut paths = closed.map(|patient| desk.upload_path(patient)).filter(|path| path.exists());
    paths.try_for_each(|path| files::remove(&path))
}
