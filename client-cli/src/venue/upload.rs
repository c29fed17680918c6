//! `noren venue upload`: from the trace code and the authority's one-time code to a sealed parcel.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use anyhow::bail;
use noren::messages::{EntryCode, Upload, UploadCode, Venue};
use noren::profile::{Profile, SignedProfile};
use noren::time::Window;
use serde::Serialize;
use zeroize::Zeroizing;

use super::read_trace;
use crate::confirm::Yes;
use crate::context::Context;
use crate::errors::words;
use crate::followed::Followed;
use crate::outcome::{Answer, Outcome};
use crate::parcel::Parcel;
use crate::secret::UploadCodeSource;
use crate::text::clean;
use crate::times;

pub(super) const EXAMPLE: &str = "Example: noren venue upload --trace codes/trace.txt\n\nThe codes \
    are asked for: first the upload code, then the window code, as the authority reads them out.";

/// What an upload needs, whoever makes it.
#[derive(clap::Args)]
pub(crate) struct Asked {
    /// The authority: its name, the beginning of its fingerprint, its address, or a file with its
    /// profile [default: the only one that is followed]
    #[arg(long)]
    authority: Option<OsString>,
    #[command(flatten)]
    code: UploadCodeSource,
    #[command(flatten)]
    yes: Yes,
}

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// The venue's trace code: its text, or a PNG, JPEG or WebP picture of it ("-": the standard input)
    #[arg(long, value_name = "FILE", required_unless_present = "dummy")]
    trace: Option<PathBuf>,
    #[command(flatten)]
    asked: Asked,
    /// Send something that looks like an upload and is none, so that real ones do not stand out
    #[arg(long, conflicts_with_all = ["trace", "code_file", "yes"])]
    dummy: bool,
}

impl Asked {
    pub(crate) fn authority(&self, context: &Context) -> anyhow::Result<SignedProfile> {
        Followed::new(context).find_and_keep(self.authority.as_deref())
    }

    /// The upload code, and the window of the window code that was read out with it.
    pub(crate) fn code_and_window(
        &self,
        context: &Context,
        entry_code: &EntryCode,
    ) -> anyhow::Result<(UploadCode, Window)> {
        // [VEN-6]
        let (code, window) = self.code.ask_with_window()?;
        let window = window.window()?;
        check_window(context, entry_code, window)?;
        Ok((code, window))
    }

    /// Shows what is about to be handed over, asks, seals it, delivers it, and says what was sent.
    pub(crate) fn hand_in(
        &self,
        context: &Context,
        authority: &Profile,
        upload: &Upload,
        code: UploadCode,
        venue: &Venue,
    ) -> Outcome {
        if !self.yes.to(context, &about_to(authority, upload, venue), "Hand these keys over?")? {
            context.output.say("nothing is sent, and the code is not spent");
            return Ok(Answer::No);
        }
        // [VEN-3] [VEN-7]
        let seal = || Ok(upload.seal(&authority.upload_key, &mut context.rng())?);
        let parcel = Parcel::sealed(context, authority, code, &content(upload), seal)?;
        parcel.deliver(authority)?;
        let sent = Sent {
            venue: Some(venue.description().to_owned()),
            hours: upload.pre_traces.len(),
            from: Some(times::rfc3339(upload.window.start())),
            to: Some(times::rfc3339(upload.window.end())),
            window: Some(upload.window),
            ..Sent::nothing(authority, parcel.bytes())
        };
        context.output.done(&sent, Sent::shown)?;
        // [VEN-7] It was received, and that was told: run again, its code would be taken for spent.
        if let Err(error) = parcel.forget() {
            context.output.say(format!(
                "warning: what was sent is kept until its code has expired: {}",
                words(&error)
            ));
        }
        Ok(Answer::Yes)
    }

    /// Whether the code comes from the standard input.
    pub(crate) fn code_on_stdin(&self) -> bool {
        self.code.is_on_stdin()
    }
}

/// Refuses a window that the authority would refuse, before the code is spent.
fn check_window(context: &Context, code: &EntryCode, window: Window) -> anyhow::Result<()> {
    // [REV-13]
    if context.now()? < window.over_at() {
        bail!(
            "the window is not over: its keys must not be known before {}. Upload them then, with \
             the same code",
            times::show(window.over_at())
        );
    }
    // [REV-4] the authority would refuse it
    let valid = code.venue().valid();
    if valid.overlap(window).is_none() {
        bail!(
            "the code of {} was never valid in this window, only {}: take the trace code of the code \
             that was posted then",
            clean(code.venue().description()),
            times::show_window(valid)
        );
    }
    Ok(())
}

/// What is about to be handed over, in words.
fn about_to(authority: &Profile, upload: &Upload, venue: &Venue) -> String {
    // [VEN-6]
    let room = venue.details().room().map(|room| format!(", {room}")).unwrap_or_default();
    let place = format!("{}{room}, {}", venue.description(), venue.address());
    format!(
        "venue:     {}\nwindow:    {}\nkeys:      {}, one for each hour that the window touches\n\
         authority: {} ({})\nWhether the trace code was made for this authority, only the authority can \
         tell, once it opens it.",
        clean(&place),
        times::show_window(upload.window),
        upload.pre_traces.len(),
        clean(&authority.name),
        authority.fingerprint()
    )
}

/// What makes an upload the same as another.
fn content(upload: &Upload) -> Zeroizing<Vec<u8>> {
    let window = [upload.window.start(), upload.window.end()];
    let mut content: Vec<u8> = window.iter().flat_map(|time| time.get().to_be_bytes()).collect();
    upload.pre_traces.iter().for_each(|each| content.extend_from_slice(&each.to_bytes()));
    Zeroizing::new(content)
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
    let trace_code = read_trace(path)?;
    let entry_code = trace_code.entry_code();
    let (code, window) = arguments.asked.code_and_window(context, entry_code)?;
    // [VEN-2] [VEN-3]
    let upload = noren::venue::upload(&trace_code, window, code.binding(), context.now()?)?;
    arguments.asked.hand_in(context, profile, &upload, code, entry_code.venue())
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
