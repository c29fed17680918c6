//! Sync: fetch what followed authorities published, and try it on the records.

use std::ops::ControlFlow;

use anyhow::Context as _;
use noren::authority::profile::SignedProfile;
use noren::log::LogPosition;
use noren::visitor::exposure::Exposure;
use noren::visitor::vault::Vault;

use super::keep::change;
use super::notices::{self, Language};
use crate::cli::{Answer, Outcome};
use crate::context::Context;
use crate::followed::{Followed, fetch};
use crate::log_reader::LogReader;
use crate::secret::PassphraseSource;
use crate::text::clean;

/// How often a sync starts over when another one was faster.
const ATTEMPTS: usize = 5;

#[derive(clap::Args)]
pub(crate) struct Arguments {
    #[command(flatten)]
    language: Language,
    #[command(flatten)]
    passphrase: PassphraseSource,
}

pub(super) fn run(context: &Context, arguments: &Arguments) -> Outcome {
    let failed = sync_all(context, &arguments.passphrase)?;
    let profiles = Followed::new(context).all()?;
    let new = change(context, &arguments.passphrase, |vault, _, _| {
        let new = unannounced(vault, &profiles);
        new.iter().for_each(|exposure| vault.announce(exposure));
        Ok(new)
    })?;
    let (none, tags) = (new.is_empty(), arguments.language.tags());
    notices::print_new(context, &notices::shown(new, &profiles, &tags), &tags)?;
    if failed > 0 {
        anyhow::bail!("{failed} of the followed authorities could not be read; sync again later");
    }
    Ok(if none { Answer::No } else { Answer::Yes })
}

/// Reads every followed authority; one that fails does not stop the others. How many failed.
pub(super) fn sync_all(context: &Context, passphrase: &PassphraseSource) -> anyhow::Result<usize> {
    let followed = Followed::new(context);
    let all = followed.all()?;
    anyhow::ensure!(
        !all.is_empty() || !followed.damaged()?.is_empty(),
        "no authority is followed; `noren visitor follow` comes first"
    );
    // [CLI-27] What is damaged was said; it is not read, and so counts as unread.
    let mut failed = followed.damaged()?.len();
    for profile in &all {
        let name = clean(&profile.profile().name);
        if let Err(error) = sync_one(context, &followed, profile, passphrase) {
            failed += 1;
            context.output.say(format!("{name}: {error:#}"));
        }
    }
    Ok(failed)
}

/// What the visitor has not been told yet.
pub(super) fn unannounced(vault: &Vault, profiles: &[SignedProfile]) -> Vec<Exposure> {
    // [MAT-7]
    let mut new = notices::told(vault.exposures(), profiles);
    new.retain(|exposure| !exposure.announced);
    new
}

fn sync_one(
    context: &Context,
    followed: &Followed,
    pinned: &SignedProfile,
    passphrase: &PassphraseSource,
) -> anyhow::Result<()> {
    // [CLI-4]
    let fetched = fetch(&pinned.profile().url)?;
    let remark = followed.pin(&fetched)?.remark(fetched.profile());
    remark.into_iter().for_each(|remark| context.output.say(remark));
    let profile = followed.find(Some(&fetched.profile().fingerprint().to_string()))?;
    for _ in 0..ATTEMPTS {
        if download_and_match(context, &profile, passphrase)? {
            return Ok(());
        }
    }
    anyhow::bail!("other commands kept changing the vault; sync again later")
}

/// Downloads without holding the vault, then matches; `false` when another sync came in between.
/// Matching waits for the download: until the last entry is there, no root says that any of them is
/// in the log, and the records may still change. Whoever interrupts it finds the vault as it was.
/// The requests are the same whatever the vault holds.
fn download_and_match(
    context: &Context,
    profile: &SignedProfile,
    passphrase: &PassphraseSource,
) -> anyhow::Result<bool> {
    let authority = profile.profile().fingerprint();
    let mut reader = LogReader::new(context, profile)?;
    let start = change(context, passphrase, |vault, _, _| Ok(vault.position(&authority)))?;
    let next = reader.fetch_after(&start, context.now()?)?;
    let before = reader.fetch_before(&start);
    change(context, passphrase, |vault, now, _| {
        if vault.position(&authority) != start {
            return Ok(false);
        }
        let first = if vault.has_untried_records(&authority) {
            before.context("cannot read the entries that new records have to be tried on")?;
            LogPosition::start()
        } else {
            start.clone()
        };
        let total = next.range.size() - first.range.size();
        let bar = context.output.progress(total, "matching");
        let parts = reader.parts(&first, &next);
        let outcome = vault.apply_in_parts(&authority, parts, next.clone(), now, |done| {
            bar.set_position(done);
            ControlFlow::Continue(())
        })?;
        bar.finish_and_clear();
        if outcome.malformed > 0 {
            context.output.say(format!(
                "{} entries of the log are malformed and were passed over",
                outcome.malformed
            ));
        }
        Ok(true)
    })
}
