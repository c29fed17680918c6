//! `noren venue upload`: from the trace code and the authority's one-time code to a sealed parcel.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use noren::authority::profile::{Profile, SignedProfile};
use noren::messages::entry_code::EntryCode;
use noren::messages::trace_code::TraceCode;
use noren::messages::upload::Upload;
use noren::messages::upload_code::UploadCode;
use noren::time::Window;
use serde::Serialize;

use super::text_of;
use crate::cli::{Answer, Outcome};
use crate::context::Context;
use crate::followed::Followed;
use crate::parcel::Parcel;
use crate::secret::UploadCodeSource;
use crate::text::clean;
use crate::{files, times};

pub(super) const EXAMPLE: &str = "Example: noren venue upload --trace codes/trace.txt \
    --from \"2026-04-01 18:00\" --to \"2026-04-01 21:00\"";

/// What an upload needs, whoever makes it.
#[derive(clap::Args)]
pub(crate) struct Asked {
    /// The beginning of the window that the authority asked for
    #[arg(long, value_name = "TIME")]
    from: Option<String>,
    /// Its end
    #[arg(long, value_name = "TIME")]
    to: Option<String>,
    /// The authority: its name, the beginning of its fingerprint, its address, or a file with its
    /// profile [default: the only one that is followed]
    #[arg(long)]
    authority: Option<String>,
    #[command(flatten)]
    code: UploadCodeSource,
}

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// The venue's trace code: its text, or a PNG or JPEG picture of it ("-": the standard input)
    #[arg(
        long,
        value_name = "FILE",
        required_unless_present = "dummy",
        requires = "from",
        requires = "to"
    )]
    trace: Option<PathBuf>,
    #[command(flatten)]
    asked: Asked,
    /// Send something that looks like an upload and is none, so that real ones do not stand out
    #[arg(long, conflicts_with_all = ["trace", "from", "to", "code_file"])]
    dummy: bool,
}

impl Asked {
    pub(crate) fn authority(&self, context: &Context) -> anyhow::Result<SignedProfile> {
        Followed::new(context).find(self.authority.as_deref())
    }

    /// The window, which has to touch the time for which the entry code was valid.
    pub(crate) fn window(&self, context: &Context, code: &EntryCode) -> anyhow::Result<Window> {
        let (from, to) = self.from.as_deref().zip(self.to.as_deref()).context(
            "the window is missing: give it with --from and --to, as the authority asked for it",
        )?;
        let window = times::parse_window(from, to, context.now()?)?;
        // [REV-13] Before the code is asked for, which is good for one upload.
        if context.now()? < window.over_at() {
            bail!(
                "the window is not over: its keys must not be known before {}. Upload them then, \
                 with the same code",
                times::show(window.over_at())
            );
        }
        // [REV-4] the authority would refuse it
        let valid = code.venue().valid();
        if valid.overlap(window).is_none() {
            bail!(
                "the code of {} was never valid in this window, only {}: take the trace code of \
                 the code that was posted then",
                clean(code.venue().description()),
                times::show_window(valid)
            );
        }
        Ok(window)
    }

    pub(crate) fn code(&self) -> anyhow::Result<UploadCode> {
        self.code.ask()
    }

    /// Whether the code comes from the standard input.
    pub(crate) fn code_on_stdin(&self) -> bool {
        self.code.is_on_stdin()
    }
}

/// Refuses to read two things from the standard input, of which the second would find nothing.
pub(crate) fn refuse_two_on_stdin(first: &Path, second: bool) -> anyhow::Result<()> {
    if first == Path::new("-") && second {
        bail!("only one thing can come from the standard input; give the other in a file");
    }
    Ok(())
}

pub(super) fn run(context: &Context, arguments: &Arguments) -> Outcome {
    let authority = arguments.asked.authority(context)?;
    let profile = authority.profile();
    let Some(path) = &arguments.trace else {
        return send_dummy(context, profile);
    };
    refuse_two_on_stdin(path, arguments.asked.code_on_stdin())?;
    let text = text_of(&files::read_input(path)?, path)?;
    let trace_code = TraceCode::from_text(&text)
        .with_context(|| format!("{} holds no trace code", path.display()))?;
    let window = arguments.asked.window(context, trace_code.entry_code())?;
    let code = arguments.asked.code()?;
    // [VEN-2] [VEN-3]
    let upload = noren::venue::upload(&trace_code, window, code.hash(), context.now()?)?;
    let venue = trace_code.entry_code().venue().description();
    hand_in(context, profile, &upload, code, venue)
}

/// Seals a venue's upload, delivers it, and says what was sent.
pub(crate) fn hand_in(
    context: &Context,
    authority: &Profile,
    upload: &Upload,
    code: UploadCode,
    venue: &str,
) -> Outcome {
    // [VEN-3]
    let body = upload.seal(&authority.upload_key, &mut context.rng())?;
    let parcel = Parcel::new(code, body);
    parcel.deliver(authority)?;
    let sent = Sent {
        venue: Some(venue.to_owned()),
        hours: upload.pre_traces.len(),
        from: Some(times::rfc3339(upload.window.start())),
        to: Some(times::rfc3339(upload.window.end())),
        window: Some(upload.window),
        ..Sent::nothing(authority, parcel.bytes())
    };
    context.output.done(&sent, Sent::shown)?;
    Ok(Answer::Yes)
}

/// Sends a parcel with nothing inside.
fn send_dummy(context: &Context, authority: &Profile) -> Outcome {
    let parcel = Parcel::dummy(context, authority)?;
    parcel.deliver(authority)?;
    let sent = Sent { dummy: true, ..Sent::nothing(authority, parcel.bytes()) };
    context.output.done(&sent, Sent::shown)?;
    Ok(Answer::Yes)
}

#[derive(Serialize)]
struct Sent {
    status: &'static str,
    dummy: bool,
    authority: String,
    venue: Option<String>,
    hours: usize,
    from: Option<String>,
    to: Option<String>,
    bytes: usize,
    #[serde(skip)]
    window: Option<Window>,
}

impl Sent {
    fn nothing(authority: &Profile, bytes: usize) -> Self {
        Self {
            status: "received",
            dummy: false,
            authority: authority.name.clone(),
            venue: None,
            hours: 0,
            from: None,
            to: None,
            bytes,
            window: None,
        }
    }

    fn shown(&self) -> String {
        let authority = clean(&self.authority);
        match (&self.venue, self.window) {
            (Some(venue), Some(window)) => format!(
                "{authority} has received the keys of {} for {} ({} h, {} bytes sealed).\nOnly \
                 together with the authority's half do they tell anything.",
                clean(venue),
                times::show_window(window),
                self.hours,
                self.bytes
            ),
            _ => format!("{authority} has received {} bytes that mean nothing.", self.bytes),
        }
    }
}
