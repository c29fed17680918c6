//! Sync: fetch what followed authorities published, and try it on the records.

use anyhow::Context as _;
use noren::profile::SignedProfile;
use noren::visitor::{Exposure, SyncError, Vault};
use serde::Serialize;

use super::keep::{change, read, unlock};
use super::notices::{self, Language, ShownNotice, Words};
use crate::context::Context;
use crate::followed::{Followed, fetch_newer};
use crate::log_reader::{self, Downloaded};
use crate::outcome::{Answer, Outcome};
use crate::output;
use crate::refusal::Unread;
use crate::secret::PassphraseSource;
use crate::text::{clean, counted};

/// How often a sync starts over when another one was faster.
const ATTEMPTS: usize = 5;

#[derive(clap::Args)]
pub(crate) struct SyncArguments {
    #[command(flatten)]
    language: Language,
    #[command(flatten)]
    passphrase: PassphraseSource,
}

pub(super) fn run(context: &Context, arguments: &SyncArguments) -> Outcome {
    let passphrase = &arguments.passphrase;
    anyhow::ensure!(
        Followed::new(context).any(),
        "no authority is followed; `noren visitor follow` comes first"
    );
    let unread = sync_all(context, passphrase)?;
    let profiles = Followed::new(context).all();
    let new = read(context, passphrase, |device, _| Ok(unannounced(&device.vault, &profiles)))?;
    let tags = arguments.language.tags();
    print(context, notices::shown(&new, &profiles, &tags), &unread, &tags)?;
    announce(context, passphrase, &new)?;
    Ok(match worst(&unread) {
        Some(answer) => answer,
        None if new.is_empty() => Answer::No,
        None => Answer::Yes,
    })
}

/// What a command has to say at its end of authorities that were not read.
pub(super) fn worst(unread: &[Unread]) -> Option<Answer> {
    // [CLI-3] [CLI-22]
    let refused = unread.iter().any(Unread::is_refused);
    unread.first().map(|_| if refused { Answer::Refused } else { Answer::Failed })
}

/// A notice, or why there may be some that are not known.
#[derive(Serialize)]
#[serde(untagged)]
enum Item<'a> {
    Notice(&'a ShownNotice),
    Unread(&'a Unread),
}

/// Prints the new notices. That there are none is said only where every authority was read.
fn print(
    context: &Context,
    new: Vec<ShownNotice>,
    unread: &[Unread],
    tags: &[String],
) -> anyhow::Result<()> {
    // [CLI-22]
    let words = Words::new(tags)?;
    let items: Vec<_> =
        new.iter().map(Item::Notice).chain(unread.iter().map(Item::Unread)).collect();
    let human = |_: &Vec<Item<'_>>| {
        let blocks: Vec<String> = new.iter().map(|notice| notice.coloured(&words)).collect();
        let none = if unread.is_empty() { words.nothing_new.as_str() } else { "" };
        if blocks.is_empty() { none.to_owned() } else { blocks.join("\n\n") }
    };
    if new.is_empty() {
        return context.output.data(&items, human);
    }
    let told = context.output.told(&items, human);
    told.context("these notices count as not told, and the next sync tells them again")
}

/// Notes that these were told, once they were.
fn announce(
    context: &Context,
    passphrase: &PassphraseSource,
    told: &[Exposure],
) -> anyhow::Result<()> {
    // [CLI-21]
    if told.is_empty() {
        return Ok(());
    }
    let noted = change(context, passphrase, |vault, _, _| {
        told.iter().for_each(|exposure| vault.announce(exposure));
        Ok(())
    });
    noted.context("the next sync tells the same notices again, because it cannot be noted that they were told")
}

/// Reads every followed authority; one that fails does not stop the others, and is told. Those that
/// were not read.
pub(super) fn sync_all(
    context: &Context,
    passphrase: &PassphraseSource,
) -> anyhow::Result<Vec<Unread>> {
    let followed = Followed::new(context);
    let all = followed.all();
    unlock(context, passphrase)?;
    // [CLI-26] What is damaged is not read.
    let mut unread: Vec<Unread> = followed.damaged().iter().map(Unread::damaged).collect();
    let mut failed = |profile: &SignedProfile, error: &anyhow::Error| {
        // [CLI-22] Also where nobody wants talk.
        let failed = Unread::new(profile, error);
        output::error(&failed.lines());
        unread.push(failed);
    };
    // [MAT-11] Nobody who answers a request sees how long the trying takes.
    let mut downloaded = Vec::new();
    for profile in &all {
        match download(context, &followed, profile, passphrase) {
            Ok(log) => downloaded.push((profile, log)),
            Err(error) => failed(profile, &error),
        }
    }
    // [CLI-25] A log that has grown much keeps nobody from the news of the others.
    downloaded.sort_by_key(|(_, log)| log.new_entries);
    for (profile, log) in downloaded {
        if let Err(error) = try_log(context, &followed, profile, log, passphrase) {
            failed(profile, &error);
        }
    }
    Ok(unread)
}

/// What the visitor has not been told yet.
pub(super) fn unannounced(vault: &Vault, profiles: &[SignedProfile]) -> Vec<Exposure> {
    vault.news(profiles).into_iter().map(|(_, exposure)| exposure).collect()
}

/// Downloads the profile and the log of an authority.
fn download(
    context: &Context,
    followed: &Followed,
    pinned: &SignedProfile,
    passphrase: &PassphraseSource,
) -> anyhow::Result<Downloaded> {
    // [CLI-4]
    let fetched = fetch_newer(pinned)?;
    // [PRO-13] What has a place in the log is pinned when the log has told of it.
    let has_place = fetched.profile().log_index.is_some();
    if has_place {
        followed.check(&fetched)?;
    } else {
        followed.pin_as_read(&fetched)?;
    }
    let profile = followed.pinned_as(&fetched).unwrap_or_else(|| pinned.clone());
    let vault = read(context, passphrase, |device, _| Ok(device.vault.clone()))?;
    let log = log_reader::download(context, &vault, &profile, &fetched)?;
    if has_place {
        followed.pin_as_read(&log.profile)?;
    }
    if log.lacks_newer_profile {
        context.output.say(format!(
            "warning: {} has signed a newer profile, and its log does not tell of it; the one that is \
             known stays. The authority has yet to publish it, or tells others another one",
            clean(&pinned.profile().name)
        ));
    }
    Ok(log)
}

/// Tries what was downloaded on the records; downloads again where another sync was faster.
fn try_log(
    context: &Context,
    followed: &Followed,
    pinned: &SignedProfile,
    mut log: Downloaded,
    passphrase: &PassphraseSource,
) -> anyhow::Result<()> {
    let mut is_damaged = false;
    for _ in 0..ATTEMPTS {
        match try_once(context, &mut log, passphrase)? {
            Tried::Done => return Ok(()),
            Tried::Overtaken => {}
            // [LOG-16] What was kept is read where a record has to be tried on it, and damage shows
            // only then.
            Tried::Untried(_) if log.was_passed_over() && !is_damaged => {
                log.discard();
                is_damaged = true;
            }
            Tried::Untried(error) => {
                let name = clean(&pinned.profile().name);
                return Err(anyhow::Error::new(error).context(format!(
                    "cannot read the entries of {name} that new records have to be tried on"
                )));
            }
        }
        log = download(context, followed, pinned, passphrase)?;
    }
    anyhow::bail!("other commands kept changing the vault; sync again later")
}

/// What became of a trial.
enum Tried {
    Done,
    /// Another sync came in between.
    Overtaken,
    /// Entries from before could not be tried on newer records.
    Untried(SyncError),
}

/// Tries what was downloaded without holding the vault, then puts what was found into it. Whoever
/// interrupts it finds the vault as it was.
fn try_once(
    context: &Context,
    log: &mut Downloaded,
    passphrase: &PassphraseSource,
) -> anyhow::Result<Tried> {
    let vault = read(context, passphrase, |device, _| Ok(device.vault.clone()))?;
    let Some(sync) = log.try_on(context, &vault)? else { return Ok(Tried::Overtaken) };
    let taken = change(context, passphrase, |vault, _, _| Ok(sync.finish(vault)?));
    let summary = match taken {
        Err(error) if matches!(error.downcast_ref(), Some(SyncError::Overtaken)) => {
            return Ok(Tried::Overtaken);
        }
        taken => taken?,
    };
    if summary.malformed > 0 {
        let entries = counted(summary.malformed, "malformed entry");
        context.output.say(format!("passed over in the log: {entries}"));
    }
    Ok(summary.untried.map_or(Tried::Done, Tried::Untried))
}
