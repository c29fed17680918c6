//! Index cases: a diagnosed visitor tells visits with a one-time code, and the authority makes the
//! keys of those hours alone. Off unless the authority enables it.

pub(super) mod enable;
mod open;
mod review;
mod status;

use anyhow::{bail, ensure};

use super::codes;
use crate::context::Context;
use crate::desk::{CaseFile, Change, Desk, IndexFile, Status};
use crate::files;
use crate::outcome::{Answer, Outcome};

pub(super) use review::review_visit;

#[derive(clap::Subcommand)]
pub(crate) enum Command {
    /// Take index cases from now on: makes the key with which this authority alone can warn of every
    /// venue that takes part, and hands the new profile to the server
    #[command(after_help = "Example: noren authority index enable")]
    Enable(enable::Arguments),
    /// Show whether index cases are taken, and every one. Exit code 1: they are not
    #[command(after_help = "Example: noren authority index status")]
    Status,
    /// Ask a diagnosed visitor for visits: prints the one-time upload code to read out
    #[command(after_help = "Example: noren authority index open --since 2026-03-25")]
    Open(open::Arguments),
    /// Fetch the visits, make every check, and make a case of each visit for `publish`. Exit code 1:
    /// the upload is refused
    #[command(
        after_help = "Example: noren authority index review i-3f9a21 --visits 1,3\n\nThen publish all in one batch: noren authority publish c-11d0ab c-5be200 --level attention"
    )]
    Review(review::Arguments),
    /// Turn an upload of visits down and delete it
    #[command(
        after_help = "Example: noren authority index reject i-3f9a21 --reason \"another week\""
    )]
    Reject {
        /// The index case's id
        index: String,
        /// Why, for the journal; nothing about the visitor
        #[arg(long)]
        reason: String,
    },
    /// Give out a new code; the old one is good for nothing any more
    #[command(after_help = "Example: noren authority index reissue i-3f9a21")]
    Reissue {
        /// The index case's id
        index: String,
        /// How long the code is good
        #[arg(long, default_value = "7d", value_name = "LENGTH")]
        expires: String,
    },
    /// Close an index case whose visits are closed or were never told
    #[command(after_help = "Example: noren authority index close i-3f9a21")]
    Close {
        /// The index case's id
        index: String,
    },
}

pub(super) fn run(context: &Context, command: Command) -> Outcome {
    match command {
        Command::Enable(arguments) => enable::run(context, &arguments),
        Command::Status => status::run(context),
        Command::Open(arguments) => open::run(context, &arguments),
        Command::Review(arguments) => review::run(context, &arguments),
        Command::Reject { index, reason } => reject(context, &index, &reason),
        Command::Reissue { index, expires } => open::reissue(context, &index, &expires),
        Command::Close { index } => close(context, &index),
    }
}

/// Whether this desk has the key, and its profile says so.
fn is_enabled(desk: &Desk<'_>) -> bool {
    let key = desk.keys.index_public_key();
    key.is_some() && desk.profile.profile().index_master_key == key
}

fn check_enabled(desk: &Desk<'_>) -> anyhow::Result<()> {
    // [IDX-14]
    ensure!(
        is_enabled(desk),
        "this authority takes no index cases; `noren authority index enable` says what that costs, \
         and turns it on"
    );
    Ok(())
}

/// The cases of an index case that are not closed.
fn visits_of<'d>(desk: &'d Desk<'_>, id: &'d str) -> impl Iterator<Item = &'d CaseFile> {
    let of_upload = move |case: &&CaseFile| {
        case.status != Status::Closed && case.index.as_ref().is_some_and(|visit| visit.upload == id)
    };
    desk.cases().iter().filter(of_upload)
}

fn reject(context: &Context, name: &str, reason: &str) -> Outcome {
    let mut desk = Desk::open(super::place::place(context))?;
    desk.resume()?;
    let mut index = desk.index_case(name)?;
    let mut change = Change::default();
    for case in visits_of(&desk, &index.id) {
        // [CLI-35]
        super::review::refuse_released(case)?;
        if !matches!(case.status, Status::Reviewed) {
            bail!(
                "case {} of this upload is {}: withdraw its notice and close it first",
                case.id,
                case.status.name()
            );
        }
        change = change.put(&CaseFile { status: Status::Closed, index: None, ..case.clone() });
    }
    index.latest = None;
    codes::reject(context, &mut desk, &mut index, reason, change)?;
    Ok(Answer::Yes)
}

fn close(context: &Context, name: &str) -> Outcome {
    let mut desk = Desk::open(super::place::place(context))?;
    desk.resume()?;
    let index = desk.index_case(name)?;
    let open: Vec<&str> = visits_of(&desk, &index.id).map(|case| case.id.as_str()).collect();
    ensure!(
        open.is_empty(),
        "cases {} need the upload of {}; close them with `noren authority case close`",
        open.join(", "),
        index.id
    );
    let change = end(&desk, index.clone())?;
    desk.apply(change)?;
    forget_closed(&desk)?;
    context.output.say(format!("index case {} is closed; its upload is deleted", index.id));
    Ok(Answer::Yes)
}

/// What becomes of an index case when one of its visits' cases is closed. The last one closes it;
/// what linked the visits to one another is forgotten.
pub(super) fn end_visit(desk: &Desk<'_>, case: &mut CaseFile) -> anyhow::Result<Change> {
    // [IDX-19]
    let Some(visit) = case.index.take() else { return Ok(Change::default()) };
    if visits_of(desk, &visit.upload).any(|other| other.id != case.id) {
        return Ok(Change::default());
    }
    end(desk, desk.index_case(&visit.upload)?)
}

fn end(desk: &Desk<'_>, mut index: IndexFile) -> anyhow::Result<Change> {
    codes::unregister(desk, &index)?;
    index.status = Status::Closed;
    let event = crate::desk::Event::IndexClosed.about(&index.id, serde_json::json!({}));
    Ok(Change::default().put(&index).note(event))
}

/// Deletes the uploads of closed index cases, also where a command was cut off before.
pub(super) fn forget_closed(desk: &Desk<'_>) -> anyhow::Result<()> {
    let closed = desk.index_cases().iter().filter(|index| index.status == Status::Closed);
    let mut paths = closed.map(|index| desk.upload_path(index)).filter(|path| path.exists());
    paths.try_for_each(|path| files::remove(&path))
}
