//! `noren visitor`: check in and out, follow authorities, learn of exposures.

mod device;
mod diary;
mod edit;
mod export;
mod forget;
mod keep;
mod notices;
mod reach;
mod remind;
mod sync;
mod upload;
mod visits;
mod watch;

use std::ffi::{OsStr, OsString};
use std::path::PathBuf;

use anyhow::bail;
use clap::Subcommand;

use crate::context::Context;
use crate::followed::{
    AskedWitnesses, Followed, Pinned, check_fingerprint, fetch, instead_of_address, read_profile,
};
use crate::outcome::{Answer, Outcome};
use crate::secret::PassphraseSource;
use crate::text::clean;
use crate::{files, times};
use noren::log::WitnessPolicy;
use noren::profile::{Pin, SignedProfile};

pub(crate) use notices::as_shown;

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Follow an authority: pin its keys, and try what it publishes
    #[command(after_help = "Example: noren visitor follow https://noren.pref.example")]
    Follow {
        /// The address of its server, or a file with its profile
        authority: OsString,
        /// Refuse any other authority than the one with this fingerprint
        #[arg(long, value_name = "HEX")]
        fingerprint: Option<String>,
        #[command(flatten)]
        witnesses: AskedWitnesses,
    },
    /// Stop following an authority, and forget its keys and notices
    #[command(after_help = "Example: noren visitor unfollow \"Health office\"")]
    Unfollow(forget::Unfollow),
    /// Check in with a venue's code. Works offline
    #[command(after_help = crate::times::help("Example: noren visitor check-in poster.jpg --for 90m"))]
    CheckIn(visits::CheckIn),
    /// Check out: seal the visit, and forget its code unless a diary keeps it. Works offline
    #[command(after_help = crate::times::help("Example: noren visitor check-out --at 20:15"))]
    CheckOut(visits::CheckOut),
    /// Fetch what was published and try it on the records. Exit code 1: nothing new; 3: an
    /// authority's log is refused
    #[command(after_help = "Example: noren visitor sync")]
    Sync(sync::SyncArguments),
    /// Show every notice, or write them as a page to print. Exit code 1: there is none
    #[command(after_help = "Example: noren visitor notices --language ja --html notices.html")]
    Notices(notices::NoticesArguments),
    /// Show the visits that are kept. The device knows only the day and the number of hours of a visit
    /// that has ended; it shows the place of an open one if you ask
    #[command(after_help = "Example: noren visitor visits")]
    Visits(visits::List),
    /// Correct the times of a visit that has not ended. Works offline
    #[command(after_help = crate::times::help("Example: noren visitor edit --from 18:30"))]
    Edit(edit::EditArguments),
    /// Remind you of visits that go on for longer than usual, once for each. Works offline. Exit code 1:
    /// nothing to remind of
    #[command(after_help = "Example: noren visitor remind --language ja")]
    Remind(remind::RemindArguments),
    /// Keep a diary: visits that stay readable, in a sealed file of their own. Off by default
    #[command(subcommand, after_help = "Example: noren visitor diary on")]
    Diary(diary::Command),
    /// Upload visits of your diary to an authority that gave you a code for it. Exit code 1: there is
    /// nothing to upload
    #[command(after_help = upload::EXAMPLE)]
    Upload(upload::UploadArguments),
    /// Forget one visit or everything, in the diary as well
    #[command(after_help = "Example: noren visitor forget 1f3a")]
    Forget(forget::Forget),
    /// Write everything that is kept, except the diary, to a readable file
    #[command(after_help = "Example: noren visitor export --out my-data.json")]
    Export {
        /// The file; "-" is the standard output
        #[arg(long, default_value = "-", value_name = "FILE")]
        out: PathBuf,
        #[command(flatten)]
        passphrase: PassphraseSource,
    },
    /// Protect what is kept with a passphrase instead of the key file beside it
    #[command(after_help = "Example: noren visitor protect")]
    Protect {
        #[command(flatten)]
        passphrase: PassphraseSource,
    },
    /// Sync on a schedule, and run a command for each new notice or reminder
    #[command(
        after_help = "Example: noren visitor watch --every 2h --run 'notify-send Noren \"$(cat)\"'"
    )]
    Watch(watch::WatchArguments),
}

pub(crate) fn run(context: &Context, command: Command) -> Outcome {
    match command {
        Command::Follow { authority, fingerprint, witnesses } => {
            follow(context, &authority, fingerprint.as_deref(), &witnesses)
        }
        Command::Unfollow(arguments) => forget::unfollow(context, &arguments),
        Command::CheckIn(arguments) => visits::check_in(context, &arguments),
        Command::CheckOut(arguments) => visits::check_out(context, &arguments),
        Command::Sync(arguments) => sync::run(context, &arguments),
        Command::Notices(arguments) => notices::run(context, &arguments),
        Command::Visits(arguments) => visits::list(context, &arguments),
        Command::Edit(arguments) => edit::run(context, &arguments),
        Command::Remind(arguments) => remind::run(context, &arguments),
        Command::Diary(command) => diary::run(context, &command),
        Command::Upload(arguments) => upload::run(context, &arguments),
        Command::Forget(arguments) => forget::run(context, &arguments),
        Command::Export { out, passphrase } => export::run(context, &out, &passphrase),
        Command::Protect { passphrase } => keep::protect(context, &passphrase),
        Command::Watch(arguments) => watch::run(context, &arguments),
    }
}

fn follow(
    context: &Context,
    source: &OsStr,
    fingerprint: Option<&str>,
    witnesses: &AskedWitnesses,
) -> Outcome {
    let policy = witnesses.policy()?;
    let signed = load(source)?;
    let profile = signed.profile();
    let found = profile.fingerprint().to_string();
    let followed = Followed::new(context);
    if let Some(wanted) = fingerprint {
        check_fingerprint(&followed.all(), &signed, wanted)?;
    }
    if let Some(policy) = &policy {
        // [CLI-60] A policy that is refused leaves everything as it was.
        Pin::new(signed.clone()).asking_for(policy.clone())?;
    }
    let pinned = followed.pin_asking(&signed, policy.as_ref())?;
    let pin = followed.pin_of(&signed)?;
    let new = matches!(pinned, Pinned::New);
    let newer_since = match pinned {
        Pinned::Older { kept } => Some(times::rfc3339(kept)),
        Pinned::New | Pinned::Known => None,
    };
    #[derive(serde::Serialize)]
    struct Follow<'a> {
        name: &'a str,
        origin: &'a str,
        url: &'a str,
        fingerprint: &'a str,
        new: bool,
        /// The names of the witnesses that its log is asked for.
        #[serde(skip_serializing_if = "Vec::is_empty")]
        witnesses: Vec<String>,
        /// Since when a newer profile is known, which stays.
        #[serde(skip_serializing_if = "Option::is_none")]
        newer_since: Option<String>,
    }
    let (name, origin, url) =
        (profile.name.as_str(), profile.origin.as_str(), profile.url.as_str());
    let names = pin.witnesses().into_iter().flat_map(WitnessPolicy::witnesses);
    let witnesses = names.map(|witness| witness.name().to_string()).collect();
    let data = Follow { name, origin, url, fingerprint: &found, new, witnesses, newer_since };
    context.output.done(&data, |data| {
        let verb = if data.new { "now follows" } else { "follows already" };
        let newer = data.newer_since.as_ref().map(|since| {
            format!("\nThis copy of its profile is an old one; a newer one ({since}) is known, and stays.")
        });
        let asked = (!data.witnesses.is_empty()).then(|| {
            format!("\nIts log is taken only as these have seen it: {}", data.witnesses.join(", "))
        });
        format!(
            "This device {verb} {} at {}\nfingerprint: {}\nCompare the fingerprint with what the authority prints.{}{}",
            clean(data.name), clean(data.url), data.fingerprint, newer.unwrap_or_default(), asked.unwrap_or_default()
        )
    })?;
    Ok(Answer::Yes)
}

fn load(source: &OsStr) -> anyhow::Result<SignedProfile> {
    match source.to_str().filter(|text| crate::http::is_address(text)) {
        Some(address) => fetch(address),
        None => match source.to_str().and_then(instead_of_address) {
            Some(instead) if !files::is_there(source.as_ref()) => bail!(instead),
            _ => read_profile(source.as_ref()),
        },
    }
}
