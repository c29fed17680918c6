//! `noren venue`: the codes of one venue, and the upload for which an authority asks.

mod description;
mod entry_files;
mod poster;
mod printing;
mod setup;
mod sheet;
mod upload;

use std::ffi::OsStr;
use std::path::Path;

use anyhow::Context as _;
use clap::Subcommand;
use noren::messages::{EntryCode, TraceCode};
use noren::profile::SignedProfile;
use noren::text::trimmed;
use zeroize::Zeroizing;

use crate::context::Context;
use crate::followed::Followed;
use crate::outcome::Outcome;
use crate::text::clean_path;
use crate::{files, http, identify, inspect, qr};

pub(crate) use description::{Description, kind_parser, stay_minutes, validity};
pub(crate) use entry_files::{EntryDrawing, EntryFiles, warn_of_base};
pub(crate) use poster::{draw as draw_poster, paths as poster_paths};
pub(crate) use printing::{Press, Printing, form_parser, in_words};
pub(crate) use upload::{Asked, refuse_two_on_stdin};

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Make the venue's codes: one for the door, one for the drawer. Works offline
    #[command(after_help = crate::times::help(setup::EXAMPLE))]
    Setup(setup::SetupArguments),
    /// Draw the entry code as a poster, a table tent, a picture for a display or slips to tear off.
    /// Works offline
    #[command(after_help = poster::EXAMPLE)]
    Poster(poster::PosterArguments),
    /// Draw the trace code on a sheet that is kept under lock. Works offline
    #[command(after_help = sheet::EXAMPLE)]
    Sheet(sheet::SheetArguments),
    /// Hand the keys of a window to the authority that asks for them
    #[command(after_help = upload::EXAMPLE)]
    Upload(upload::UploadArguments),
    /// Show what is in a code or file of the venue's
    #[command(after_help = "Example: noren venue inspect ./codes/entry.png")]
    Inspect(inspect::InspectArguments),
}

pub(crate) fn run(context: &Context, command: Command) -> Outcome {
    match command {
        Command::Setup(arguments) => setup::run(context, &arguments),
        Command::Poster(arguments) => poster::run(context, &arguments),
        Command::Sheet(arguments) => sheet::run(context, &arguments),
        Command::Upload(arguments) => upload::run(context, &arguments),
        Command::Inspect(arguments) => inspect::run(context, &arguments),
    }
}

/// A followed authority, or one from a profile file: what a venue is set up for is settled offline,
/// with keys that somebody compared before.
pub(crate) fn authority_offline(
    context: &Context,
    name: Option<&OsStr>,
) -> anyhow::Result<SignedProfile> {
    // [CLI-7]
    if name.and_then(OsStr::to_str).is_some_and(http::is_address) {
        anyhow::bail!(
            "setting up works offline: follow the authority first with `noren visitor follow`, \
             compare its fingerprint, and name it here, or name a file with its profile"
        );
    }
    Followed::new(context).find(name)
}

/// The text of a code, from a picture of it or from a text file.
pub(crate) fn text_of(bytes: &[u8], path: &Path) -> anyhow::Result<Zeroizing<String>> {
    if qr::is_picture(bytes) {
        let text = qr::read_image(bytes, identify::fit);
        return Ok(Zeroizing::new(text.with_context(|| format!("in {}", clean_path(path)))?));
    }
    if let Some(instead) = qr::unreadable(bytes) {
        anyhow::bail!("{}: {instead}", clean_path(path));
    }
    let otherwise = "this is neither text nor picture";
    let text = std::str::from_utf8(bytes).map_err(|error| {
        identify::misplaced("a venue's code", otherwise, Some(path), bytes, error)
    })?;
    Ok(Zeroizing::new(trimmed(text).to_owned()))
}

/// A trace code from a file with its text or a picture of it.
pub(crate) fn read_trace(path: &Path) -> anyhow::Result<TraceCode> {
    let bytes = files::read_input(path, "--trace")?;
    let text = text_of(&bytes, path)?;
    let otherwise = "this holds no trace code";
    TraceCode::from_text(&text).map_err(|error| {
        identify::misplaced("a trace code", otherwise, Some(path), text.as_bytes(), error)
    })
}

/// An entry code from its link, or from a file with the link or a picture of it; with the link.
pub(crate) fn read_entry(source: &OsStr) -> anyhow::Result<(EntryCode, String)> {
    let link = link_from(source, "--entry")?;
    anyhow::ensure!(
        TraceCode::from_text(trimmed(&link)).is_err(),
        "{}: this is the private trace code, which stays in the drawer; --entry takes the entry code, \
         which `noren venue setup` wrote beside it as entry.txt",
        clean_path(source.as_ref())
    );
    let code = entry_code_of(&link).with_context(|| clean_path(source.as_ref()))?;
    Ok((code, link.to_string()))
}

/// A code's text: itself, where it is a link, or from the file with the text or a picture of it, which
/// was named with `argument`.
pub(crate) fn link_from(source: &OsStr, argument: &str) -> anyhow::Result<Zeroizing<String>> {
    // [CLI-40]
    if let Some(link) = source.to_str().filter(|text| http::is_address(text)) {
        return Ok(Zeroizing::new(link.to_owned()));
    }
    let path = Path::new(source);
    text_of(&files::read_input(path, argument)?, path)
}

/// The entry code in a link. Whoever holds the private code instead is told so.
pub(crate) fn entry_code_of(link: &str) -> anyhow::Result<EntryCode> {
    // [PST-6]
    let link = trimmed(link);
    if TraceCode::from_text(link).is_ok() {
        anyhow::bail!(
            "this is a venue's private trace code, not its entry code; nobody should be able to \
             scan it: tell the venue to take it down, and look for the poster"
        );
    }
    EntryCode::from_url(link).map_err(|error| {
        identify::misplaced(
            "an entry code",
            "this is no venue's code",
            None,
            link.as_bytes(),
            error,
        )
    })
}
