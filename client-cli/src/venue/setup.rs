//! `noren venue setup`.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use anyhow::bail;
use noren::messages::{EntryCode, TraceCode, Venue};
use noren::profile::Profile;
use serde::Serialize;

use super::{Description, EntryDrawing, EntryFiles, authority_offline, warn_of_base};
use crate::context::Context;
use crate::files::{self, New};
use crate::followed::Followed;
use crate::outcome::{Answer, Outcome};
use crate::text::clean;
use crate::times;

pub(super) const EXAMPLE: &str = "Example: noren venue setup --authority health.profile \
    --name \"Noren Izakaya\" --address \"1-2-3 Minato\" --kind restaurant --stay 90m --out codes";

/// The venue's secret, beside the public files.
const TRACE: &str = "trace.txt";

#[derive(clap::Args)]
pub(crate) struct SetupArguments {
    /// The authority that will be asked to warn visitors: one that is followed (its name or
    /// fingerprint), or a file with its profile [default: the only one that is followed]
    #[arg(long, value_name = "NAME|FILE")]
    authority: Option<OsString>,
    #[command(flatten)]
    description: Description,
    /// Where the link in the code leads [default: the authority's server]
    #[arg(long, value_name = "URL")]
    base: Option<String>,
    /// Take part in the authority's patient cases: it can then warn of this venue, and open its
    /// visitors' records on a device at hand, without asking. There is no trace code
    #[arg(long)]
    patient_cases: bool,
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
    /// The secret; `null` for a venue that takes part in patient cases.
    trace: Option<String>,
    patient_cases: bool,
    name: &'a str,
    address: &'a str,
    valid_from: String,
    valid_to: String,
    #[serde(skip)]
    valid: String,
    authority: &'a str,
    fingerprint: String,
}

pub(super) fn run(context: &Context, arguments: &SetupArguments) -> Outcome {
    let authority = authority_offline(context, arguments.authority.as_deref())?;
    let profile = authority.profile();
    let venue = arguments.description.venue(context.now()?)?;
    let (entry_code, trace_code) = if arguments.patient_cases {
        (set_up_for_patient_cases(context, profile, venue)?, None)
    } else {
        // [VEN-1]
        let codes = noren::venue::set_up(venue, &profile.upload_key, &mut context.rng())?;
        (codes.0, Some(codes.1))
    };
    let base = arguments.base.clone().unwrap_or_else(|| EntryDrawing::base_of(profile));
    let drawing = EntryDrawing::draw(&entry_code, &base)?;
    // [CLI-4] [CLI-23] Nothing is kept for a set-up that is refused.
    check_free(&arguments.out)?;
    // [PST-12]
    warn_of_base(context, &base);
    Followed::new(context).keep(&authority)?;
    let (entry, trace) = write(&arguments.out, &drawing, trace_code.as_ref())?;
    if !arguments.no_terminal {
        drawing.show(context)?;
    }
    let venue: &Venue = entry_code.venue();
    let data = Setup {
        url: drawing.url(),
        entry,
        trace,
        patient_cases: arguments.patient_cases,
        name: venue.description(),
        address: venue.address(),
        valid_from: times::rfc3339(venue.valid().start()),
        valid_to: times::rfc3339(venue.valid().end()),
        valid: times::show_window(venue.valid()),
        authority: &profile.name,
        fingerprint: profile.fingerprint().to_string(),
    };
    context.output.done(&data, Setup::shown)?;
    context.output.say(data.advice());
    context.output.say(format!("The poster: noren venue poster --entry {}", data.entry.text()));
    Ok(Answer::Yes)
}

/// An entry code under the authority's own key; for owners who asked for that.
fn set_up_for_patient_cases(
    context: &Context,
    authority: &Profile,
    venue: Venue,
) -> anyhow::Result<EntryCode> {
    // [PAT-2] [PAT-14]
    let Some(key) = &authority.patient_master_key else {
        bail!(
            "{} takes no patient cases, by the profile that is known here; ask for its newest \
             profile if it says otherwise, or set the venue up without --patient-cases",
            clean(&authority.name)
        );
    };
    Ok(noren::venue::set_up_for_patient_cases(venue, key, &mut context.rng())?)
}

/// The secret first and on the disk: whatever happens, no entry code is ever out without it.
fn write(
    folder: &Path,
    drawing: &EntryDrawing,
    trace_code: Option<&TraceCode>,
) -> anyhow::Result<(EntryFiles, Option<String>)> {
    // [CLI-1] [CLI-2]
    let trace = folder.join(TRACE);
    let shown = trace_code.map(|_| trace.display().to_string());
    if !files::is_there(folder) {
        // [CLI-23] All of it or nothing.
        files::create_folder(folder, |aside| write_into(aside, drawing, trace_code))?;
        return Ok((EntryFiles::of(folder), shown));
    }
    files::make_folder(folder)?;
    write_into(folder, drawing, trace_code)?;
    Ok((EntryFiles::of(folder), shown))
}

/// Refuses a folder that holds codes of a venue.
fn check_free(folder: &Path) -> anyhow::Result<()> {
    let trace = folder.join(TRACE);
    // [CLI-23]
    files::take_back(std::slice::from_ref(&trace))?;
    EntryDrawing::check_none_in(folder)?;
    if trace.exists() {
        bail!(
            "{} is there without its entry code, as an interrupted set-up leaves it; name another \
             folder, or remove it if no code of this venue was ever posted",
            trace.display()
        );
    }
    Ok(())
}

fn write_into(
    folder: &Path,
    drawing: &EntryDrawing,
    trace_code: Option<&TraceCode>,
) -> anyhow::Result<()> {
    let trace = trace_code.map(TraceCode::to_text);
    let trace = trace.as_ref().map(|text| New::secret(folder.join(TRACE), text.as_bytes()));
    // [CLI-23] The secret first.
    files::create_together(&trace.into_iter().chain(drawing.files(folder)).collect::<Vec<_>>())
}

impl Setup<'_> {
    fn advice(&self) -> String {
        match &self.trace {
            Some(trace) => format!(
                "Keep {trace} private and safe: with it you answer when the authority asks, and \
                 without it nobody can be warned of this venue."
            ),
            None => format!(
                "There is no trace code: you gave your half of the key away, and will not be asked. \
                 {} alone can make the key of any hour of this venue, warn its visitors, and open \
                 their records of it on a device at hand. To have a say again, set the venue up \
                 anew without --patient-cases, and post the new code.",
                clean(self.authority)
            ),
        }
    }

    fn shown(&self) -> String {
        format!(
            "{}, {}\nvalid:    {}\nfor:      {} ({})\n{}\nprivate:  {}",
            clean(self.name),
            clean(self.address),
            self.valid,
            clean(self.authority),
            self.fingerprint,
            self.entry.shown(),
            self.trace.as_deref().unwrap_or("none: the authority holds the key of this venue"),
        )
    }
}
