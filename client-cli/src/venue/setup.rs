//! `noren venue setup`.

use std::path::{Path, PathBuf};

use anyhow::bail;
use noren::messages::entry_code::Venue;
use noren::messages::trace_code::TraceCode;
use serde::Serialize;

use super::{Description, EntryDrawing, EntryFiles, authority_offline};
use crate::cli::{Answer, Outcome};
use crate::context::Context;
use crate::text::clean;
use crate::{files, times};

pub(super) const EXAMPLE: &str = "Example: noren venue setup --authority health.profile \
    --name \"Noren Izakaya\" --address \"1-2-3 Minato\" --kind restaurant --stay 90m --out codes";

/// The venue's secret, beside the public files.
const TRACE: &str = "trace.txt";

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// The authority that will be asked to warn visitors: one that is followed (its name or
    /// fingerprint), or a file with its profile [default: the only one that is followed]
    #[arg(long, value_name = "NAME|FILE")]
    authority: Option<String>,
    #[command(flatten)]
    description: Description,
    /// Where the link in the code leads [default: the authority's server]
    #[arg(long, value_name = "URL")]
    base: Option<String>,
    /// The folder for entry.png, entry.svg, entry.txt and the secret trace.txt
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// Do not draw the code on the terminal
    #[arg(long)]
    no_terminal: bool,
}

#[derive(Serialize)]
struct Setup<'a> {
    url: &'a str,
    entry: EntryFiles,
    trace: String,
    name: &'a str,
    address: &'a str,
    valid_from: String,
    valid_to: String,
    #[serde(skip)]
    valid: String,
    authority: &'a str,
    fingerprint: String,
}

pub(super) fn run(context: &Context, arguments: &Arguments) -> Outcome {
    let authority = authority_offline(context, arguments.authority.as_deref())?;
    let profile = authority.profile();
    let venue = arguments.description.venue(context.now()?)?;
    // [VEN-1]
    let (entry_code, trace_code) =
        noren::venue::set_up(venue, &profile.upload_key, &mut context.rng())?;
    let base = arguments.base.clone().unwrap_or_else(|| EntryDrawing::base_of(profile));
    let drawing = EntryDrawing::draw(&entry_code, &base)?;
    let (entry, trace) = write(&arguments.out, &drawing, &trace_code)?;
    if !arguments.no_terminal {
        drawing.show(context)?;
    }
    let venue: &Venue = entry_code.venue();
    let data = Setup {
        url: drawing.url(),
        entry,
        trace,
        name: venue.description(),
        address: venue.address(),
        valid_from: times::rfc3339(venue.valid().start()),
        valid_to: times::rfc3339(venue.valid().end()),
        valid: times::show_window(venue.valid()),
        authority: &profile.name,
        fingerprint: profile.fingerprint().to_string(),
    };
    context.output.data(&data, Setup::shown)?;
    context.output.say(format!(
        "Keep {} private and safe: with it you answer when the authority asks, and without it \
         nobody can be warned of this venue.",
        data.trace
    ));
    context.output.say(format!("The poster: noren venue poster --entry {}", data.entry.text()));
    Ok(Answer::Yes)
}

/// The secret first and on the disk: whatever happens, no entry code is ever out without it.
fn write(
    folder: &Path,
    drawing: &EntryDrawing,
    trace_code: &TraceCode,
) -> anyhow::Result<(EntryFiles, String)> {
    // [CLI-1] [CLI-2]
    files::make_folder(folder)?;
    EntryDrawing::check_none_in(folder)?;
    let trace = folder.join(TRACE);
    if trace.exists() {
        bail!(
            "{} is there without its entry code, as an interrupted set-up leaves it; name another \
             folder, or remove it if no code of this venue was ever posted",
            trace.display()
        );
    }
    files::create_secret(&trace, trace_code.to_text().as_bytes())?;
    Ok((drawing.write(folder)?, trace.display().to_string()))
}

impl Setup<'_> {
    fn shown(&self) -> String {
        format!(
            "{}, {}\nvalid:    {}\nfor:      {} ({})\n{}\nprivate:  {}",
            clean(self.name),
            clean(self.address),
            self.valid,
            clean(self.authority),
            self.fingerprint,
            self.entry.shown(),
            self.trace,
        )
    }
}
