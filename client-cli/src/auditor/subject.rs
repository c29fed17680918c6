//! What is audited: which log, where it is read, and whose it has to be.

use std::ffi::OsString;

use anyhow::{Context as _, bail};
use noren::log::SignedCheckpoint;
use noren::profile::{ReplaceError, SignedProfile};

use super::found::{Findings, Found};
use super::seen::{Seen, verified};
use crate::context::Context;
use crate::followed::Followed;
use crate::log_files::LogFiles;
use crate::text::{clean, counted};

/// Which log is meant.
#[derive(clap::Args)]
pub(super) struct Which {
    /// What to audit: an address, which is then read itself, be it the authority's server or a
    /// mirror; or an authority, by a profile file or a followed one's name or fingerprint
    pub(super) log: Option<OsString>,
    /// Whose log it has to be: a profile file, or a followed authority's name or fingerprint
    #[arg(long, value_name = "AUTHORITY")]
    pub(super) authority: Option<OsString>,
}

/// What is audited, and under which profile.
pub(super) struct Subject {
    pub(super) address: String,
    /// Whether the address is not the one that the profile names.
    pub(super) mirror: bool,
    pub(super) profile: SignedProfile,
}

/// What is to be audited. What is wrong with the profile that is served is found here.
pub(super) fn subject(
    context: &Context,
    arguments: &Which,
    findings: &mut Findings,
) -> anyhow::Result<Subject> {
    let followed = Followed::new(context);
    let address = arguments.log.as_ref().and_then(|log| log.to_str());
    let address = address.filter(|text| crate::http::is_address(text));
    let (address, name) = match arguments.log.as_deref() {
        Some(_) if address.is_some() => (address, arguments.authority.as_deref()),
        Some(_) if arguments.authority.is_some() => {
            bail!("with --authority, name the address that is to be audited")
        }
        name => (None, name.or(arguments.authority.as_deref())),
    };
    let known = match (address, name) {
        (Some(_), None) => None,
        _ => Some(followed.find(name)?),
    };
    let url = known.as_ref().map(|known| known.profile().url.clone());
    let address = address.map(str::to_owned).or(url).context("there is nothing to audit")?;
    let served = LogFiles::new(&address)?.profile()?;
    let served = served.map(|bytes| SignedProfile::from_bytes(&bytes));
    let known = match (known, &served) {
        (Some(known), _) => known,
        (None, Some(Ok(served))) => {
            followed.contradicted(served)?.unwrap_or_else(|| served.clone())
        }
        (None, _) => bail!(
            "{} serves no valid profile; say with --authority whose log it has to be",
            clean(&address)
        ),
    };
    let same = |url: &str| url.trim_end_matches('/') == address.trim_end_matches('/');
    let mirror = !same(&known.profile().url);
    let profile = match &served {
        None if mirror => known,
        None => {
            findings.push(Found::new("profile-missing", "the server has no profile"));
            known
        }
        Some(Err(error)) => {
            findings.push(Found::new("profile-refused", format!("its profile: {error}")));
            known
        }
        Some(Ok(served)) => judge_profile(known, served, findings),
    };
    Ok(Subject { address, mirror, profile })
}

/// A log that is read, and the signed head that it shows.
pub(super) struct Shown {
    pub(super) subject: Subject,
    pub(super) files: LogFiles,
    pub(super) head: SignedCheckpoint,
}

/// A log with a head that its owner signed. What else is wrong is said; `verify` looks into it.
pub(super) fn shown(context: &Context, which: &Which) -> anyhow::Result<Shown> {
    let mut findings = Findings::default();
    let subject = subject(context, which, &mut findings)?;
    let files = LogFiles::new(&subject.address)?;
    let seen = Seen::read(context, &context.folder("auditor"), &subject.profile)?;
    let head = head(&files, &subject, &seen, &mut findings)?;
    let found = findings.lines().join("\n");
    if !found.is_empty() {
        context.output.say(&found);
    }
    let head = head.context("the log shows no head that its owner signed")?;
    Ok(Shown { subject, files, head })
}

/// The profile to go on with: the later of the two, where one leads to the other.
fn judge_profile(
    known: SignedProfile,
    served: &SignedProfile,
    findings: &mut Findings,
) -> SignedProfile {
    // [PRO-2] [PRO-3] [PRO-5]
    match known.check_replacement(served) {
        Ok(()) => served.clone(),
        Err(ReplaceError::Older) => {
            findings.push(Found::new(
                "profile-behind",
                "the profile that is served is older than one that is known",
            ));
            known
        }
        Err(error @ ReplaceError::OtherBody) => {
            // [PRO-10]
            findings.push(Found::new("profile-two", error.to_string()));
            known
        }
        Err(error @ ReplaceError::NotInLog) => {
            // [PRO-13]
            findings.push(Found::new("profile-without-place", error.to_string()));
            known
        }
        Err(_) => {
            let (known_as, offered) =
                (known.profile().fingerprint(), served.profile().fingerprint());
            findings.push(Found::new(
                "profile-other",
                format!("the profile that is served has other keys: {offered} and not {known_as}"),
            ));
            known
        }
    }
}

/// The head that is shown, where there is one with the right signatures.
pub(super) fn head(
    log: &LogFiles,
    subject: &Subject,
    seen: &Seen,
    findings: &mut Findings,
) -> anyhow::Result<Option<SignedCheckpoint>> {
    let profile = subject.profile.profile();
    let Some(note) = log.checkpoint()? else {
        match seen.heads().iter().map(|head| head.checkpoint().size).max() {
            Some(largest) => findings.push(Found::new(
                "log-gone",
                format!("rollback: the log is gone; {} seen before", counted(largest, "entry")),
            )),
            None if subject.mirror => {
                findings.push(Found::new("log-gone", "there is no checkpoint"));
            }
            None => bail!("the authority has published no checkpoint yet; try again when it has"),
        }
        return Ok(None);
    };
    match SignedCheckpoint::verify(&note, &profile.origin, &profile.log_keys()) {
        Ok(head) => Ok(Some(head)),
        Err(error) => {
            // [PRO-7]
            anyhow::ensure!(
                verified(&note, &subject.profile).is_none(),
                "{} has handed its keys over and has not signed its log with the new ones yet; try \
                 again in a few minutes",
                clean(&profile.name)
            );
            let text = format!("the checkpoint is refused: {error}");
            findings.push(Found::new("checkpoint-refused", text));
            Ok(None)
        }
    }
}
