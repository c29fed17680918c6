//! Forgetting: one visit, everything, an authority. What goes is said, and somebody agrees to it.

use anyhow::anyhow;
use noren::profile::{Fingerprint, SignedProfile};
use noren::time::{Day, UnixSeconds};
use noren::visitor::Vault;

use super::device::Device;
use super::keep;
use super::visits::visit_named;
use crate::confirm::Yes;
use crate::context::Context;
use crate::errors::words;
use crate::followed::Followed;
use crate::outcome::{Answer, Outcome};
use crate::output;
use crate::secret::PassphraseSource;
use crate::text::{clean, counted};

pub(super) const NOTHING: &str = "nothing is changed";

#[derive(clap::Args)]
pub(crate) struct Forget {
    /// The visit's id or its beginning
    #[arg(required_unless_present = "all", conflicts_with = "all")]
    visit: Option<String>,
    /// Forget every visit and every notice; a vault that does not open is deleted
    #[arg(long)]
    all: bool,
    #[command(flatten)]
    yes: Yes,
    #[command(flatten)]
    passphrase: PassphraseSource,
}

#[derive(clap::Args)]
pub(crate) struct Unfollow {
    /// Its name, or the beginning of its fingerprint
    authority: String,
    #[command(flatten)]
    yes: Yes,
    #[command(flatten)]
    passphrase: PassphraseSource,
}

pub(super) fn run(context: &Context, arguments: &Forget) -> Outcome {
    // [VLT-6] [CLI-31]
    match &arguments.visit {
        Some(name) => forget_one(context, arguments, name),
        None => forget_all(context, arguments),
    }
}

fn forget_all(context: &Context, arguments: &Forget) -> Outcome {
    let done = keep::forget_all(context, &arguments.passphrase, |found| match found {
        Ok(device) => match all_of(device) {
            Some(what) => {
                let shown = format!("This forgets for good what this device keeps: {what}.");
                arguments.yes.to(context, &shown, "Forget all of it?")
            }
            None => Ok(true),
        },
        Err(error) => {
            let shown = format!(
                "{}. This deletes it, with every visit and every notice in it, its key and the \
                 diary, for good.",
                words(error)
            );
            arguments.yes.to(context, &shown, "Delete all of it?")
        }
    })?;
    context.output.say(if done { "everything is forgotten" } else { NOTHING });
    Ok(if done { Answer::Yes } else { Answer::No })
}

/// How much a device keeps; `None` where that is nothing.
fn all_of(device: &Device) -> Option<String> {
    let entries = device.diary.as_ref().map_or(0, |diary| diary.entries().len());
    let vault = &device.vault;
    let counts = [
        (vault.open_visits().len() + vault.closed_visits().len(), "visit"),
        (vault.exposures().len(), "notice"),
        (entries, "entry"),
    ];
    let counts = counts.into_iter().filter(|(count, _)| *count > 0);
    let mut parts: Vec<_> = counts
        .map(|(count, one)| match one {
            "entry" => format!("{} of the diary", counted(count, one)),
            _ => counted(count, one),
        })
        .collect();
    if device.damaged_diary.is_some() {
        parts.push("a diary that does not open".to_owned());
    }
    (!parts.is_empty()).then(|| parts.join(", "))
}

/// Forgets a visit in the vault and in the diary. Where the diary does not open, the vault's part is
/// done, and the rest is told.
fn forget_one(context: &Context, arguments: &Forget, name: &str) -> Outcome {
    let damaged = keep::change_visits(context, &arguments.passphrase, |device, _, _| {
        let found = visit_named(device.visits().into_iter(), name);
        let id = match (found, &device.damaged_diary) {
            (Err(error), Some(diary)) => return Err(anyhow!("{error:#}, or {diary:#}")),
            (found, _) => found?,
        };
        let in_diary = device.diary.as_ref().is_some_and(|diary| diary.entry(id).is_some());
        let diary = if in_diary { ", its entry in the diary" } else { "" };
        let shown = format!(
            "This forgets visit {id} for good: its records{diary}, and the notices about it."
        );
        if !arguments.yes.to(context, &shown, "Forget it?")? {
            return Ok(None);
        }
        device.forget(id);
        Ok(Some(device.damaged_diary.as_ref().map(words)))
    })?;
    match damaged {
        None => {
            context.output.say(NOTHING);
            Ok(Answer::No)
        }
        Some(None) => {
            context.output.say("the visit is forgotten");
            Ok(Answer::Yes)
        }
        Some(Some(error)) => {
            output::error(&format!(
                "the visit is forgotten in the vault; an entry of it in the diary would be left: \
                 {error}"
            ));
            Ok(Answer::Failed)
        }
    }
}

pub(super) fn unfollow(context: &Context, arguments: &Unfollow) -> Outcome {
    let (followed, name) = (Followed::new(context), arguments.authority.as_str());
    // [CLI-26]
    if let Some((pin, known)) = followed.damaged_named(name) {
        let shown = pin.fingerprint();
        let keys: Vec<_> = known.into_iter().collect();
        if !forget_authority(context, arguments, &shown, &keys)? {
            return Ok(Answer::No);
        }
        followed.unpin_damaged(&pin)?;
        context.output.say(format!("no longer follows {shown}"));
        return Ok(Answer::Yes);
    }
    let profile = followed.find(Some(name.as_ref()))?;
    let shown = clean(&profile.profile().name);
    if !forget_authority(context, arguments, &shown, &all_keys(&profile))? {
        return Ok(Answer::No);
    }
    followed.unpin(&profile)?;
    context.output.say(format!("no longer follows {shown}"));
    Ok(Answer::Yes)
}

/// What is too old to be kept for the authorities that are still followed, and goes as well.
fn too_old(vault: &Vault, followed: &[SignedProfile], now: UnixSeconds) -> String {
    // [CLI-31] [VLT-5]
    let days = Vault::retention_days(followed);
    let oldest = Day::containing(now).minus(days);
    let mut visits = vault.closed_visits();
    visits.retain(|visit| visit.first_day < oldest);
    if visits.is_empty() {
        return String::new();
    }
    let ids: Vec<String> = visits.iter().map(|visit| visit.id.to_string()).collect();
    format!(
        " Without it visits are kept for {} only: {} that began before goes at the next command: {}.",
        counted(days, "day"),
        counted(visits.len(), "visit"),
        ids.join(", ")
    )
}

fn all_keys(profile: &SignedProfile) -> Vec<Fingerprint> {
    [profile.profile().fingerprint()].into_iter().chain(profile.predecessors()).collect()
}

/// Forgets what the vault knows of an authority, where somebody agrees. The pin goes last: cut off in
/// between, this can be run again.
fn forget_authority(
    context: &Context,
    arguments: &Unfollow,
    name: &str,
    keys: &[Fingerprint],
) -> anyhow::Result<bool> {
    // [CLI-23] [CLI-31]
    let mut others = Followed::new(context).all();
    others.retain(|other| !keys.contains(&other.profile().fingerprint()));
    let done = keep::change(context, &arguments.passphrase, |vault, now, _| {
        let exposures = vault.exposures();
        let notices = exposures.iter().filter(|exposure| keys.contains(&exposure.authority));
        let shown = format!(
            "This stops following {name}: its keys and {} of it go from this device for good, and \
             none of its warnings arrives any more.{}",
            counted(notices.count(), "notice"),
            too_old(vault, &others, now)
        );
        let agreed = arguments.yes.to(context, &shown, "Stop following it?")?;
        if agreed {
            keys.iter().for_each(|keys| vault.unfollow(keys));
        }
        Ok(agreed)
    })?;
    if !done {
        context.output.say(NOTHING);
    }
    Ok(done)
}
