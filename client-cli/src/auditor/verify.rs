//! `noren auditor verify`: everything that a device would read of a log, and the hash tiles.

use std::ffi::OsString;

use anyhow::{Context as _, bail};
use noren::auditor::{Audit, AuditReport, Comparison, Finding, Freshness, Sighting, compare};
use noren::log::SignedCheckpoint;
use noren::profile::{ReplaceError, SignedProfile};
use serde::Serialize;

use super::found::{Findings, Found};
use super::seen::{Seen, verified};
use super::tiles::Reading;
use crate::context::Context;
use crate::errors::{whole_number, words};
use crate::followed::Followed;
use crate::log_files::LogFiles;
use crate::outcome::{Answer, Outcome};
use crate::text::{clean, counted};
use crate::{evidence, files, times};

#[derive(clap::Args)]
pub(crate) struct VerifyArguments {
    /// What to audit: an address, which is then read itself, be it the authority's server or a
    /// mirror; or an authority, by a profile file or a followed one's name or fingerprint
    log: Option<OsString>,
    /// Whose log it has to be: a profile file, or a followed authority's name or fingerprint
    #[arg(long, value_name = "AUTHORITY")]
    authority: Option<OsString>,
    /// Read no more entries than this
    #[arg(long, value_parser = whole_number::<u64>, value_name = "COUNT", default_value_t = 16_777_216)]
    most_entries: u64,
}

/// What is audited, and under which profile.
struct Subject {
    address: String,
    /// Whether the address is not the one that the profile names.
    mirror: bool,
    profile: SignedProfile,
}

#[derive(Serialize)]
struct AuditedLog {
    authority: String,
    fingerprint: String,
    address: String,
    mirror: bool,
    size: u64,
    root: String,
    signed: String,
    confirmed_earlier_heads: usize,
    malformed_entries: u64,
    #[serde(flatten)]
    findings: Findings,
}

pub(super) fn run(context: &Context, arguments: &VerifyArguments) -> Outcome {
    // [LOG-10] [LOG-13]
    let mut findings = Findings::default();
    let subject = subject(context, arguments, &mut findings)?;
    let log = LogFiles::new(&subject.address)?;
    let folder = context.folder("auditor");
    let _lock = files::lock(&folder)?;
    let mut seen = Seen::read(context, &folder, &subject.profile)?;
    let mut shown = AuditedLog::new(&subject);
    if let Some(head) = head(&log, &subject, &seen, &mut findings)? {
        contradictions(context, &subject, &seen, &head, &mut findings);
        let mut audit = Audit::new(&head, &seen.sightings());
        // Kept before anything is said, and whatever is found: this head is signed, and binds.
        seen.note(&head);
        seen.store()?;
        let read = Reading::new(&log, &mut audit);
        let cut = read.read(&head, arguments.most_entries, context.output)?;
        let max_age = subject.profile.profile().checkpoint_max_age;
        let report = audit.finish(&head, Freshness { now: context.now()?, max_age });
        shown.take(&head, &report);
        judge(&subject, &head, &report, cut, &mut findings);
        if cut {
            findings.push(Found::new(
                "not-read-to-the-end",
                format!(
                    "read: only {} of {}; --most-entries reads on",
                    arguments.most_entries,
                    counted(head.checkpoint().size, "entry")
                ),
            ));
        }
    }
    shown.findings = findings;
    context.output.data(&shown, AuditedLog::lines)?;
    Ok(if shown.findings.is_empty() { Answer::Yes } else { Answer::No })
}

/// What is to be audited. What is wrong with the profile that is served is found here.
fn subject(
    context: &Context,
    arguments: &VerifyArguments,
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
        Err(ReplaceError::OtherBody) => {
            // [PRO-10]
            let text = ReplaceError::OtherBody.to_string();
            findings.push(Found::new("profile-two", text));
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
fn head(
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

/// Keeps this head and each one before that it contradicts by itself, and finds replays.
fn contradictions(
    context: &Context,
    subject: &Subject,
    seen: &Seen,
    head: &SignedCheckpoint,
    findings: &mut Findings,
) {
    let (size, time) = (head.checkpoint().size, head.timestamp());
    for before in seen.heads() {
        // [LOG-8] [LOG-14]
        let proof = matches!(compare(before, head), Comparison::Fork | Comparison::WentBack)
            || before.checkpoint().size > size;
        if proof {
            keep(context, subject, before, head);
        }
    }
    let same = |before: &&SignedCheckpoint| before.checkpoint() == head.checkpoint();
    let newer = seen.heads().iter().filter(same).find(|before| before.timestamp() > time);
    if let Some(newer) = newer {
        let kind = if subject.mirror { "behind" } else { "replay" };
        findings.push(Found::new(
            kind,
            format!(
                "{}: this checkpoint of {} was signed {}, and one signed {} was seen before",
                if subject.mirror { "behind" } else { "rollback" },
                counted(size, "entry"),
                times::rfc3339(time),
                times::rfc3339(newer.timestamp())
            ),
        ));
    }
}

fn keep(context: &Context, subject: &Subject, before: &SignedCheckpoint, head: &SignedCheckpoint) {
    let folder = context.folder("evidence");
    match evidence::keep(&folder, &subject.profile, Some(before), head) {
        Ok(Some(folder)) => context.output.say(evidence::words(&folder, &subject.profile)),
        Ok(None) => {}
        Err(error) => {
            context.output.say(format!("the evidence could not be kept: {}", words(&error)))
        }
    }
}

/// Turns the report into findings. A mirror that shows an earlier head of the same log is behind:
/// that is no word of the authority's.
fn judge(
    subject: &Subject,
    head: &SignedCheckpoint,
    report: &AuditReport,
    cut: bool,
    findings: &mut Findings,
) {
    let is_earlier = |seen: &Sighting| seen.timestamp >= head.timestamp();
    for finding in &report.findings {
        // What was not read says nothing about its end.
        if cut && matches!(finding, Finding::EntryCount { .. } | Finding::RootMismatch { .. }) {
            continue;
        }
        findings.push(match finding {
            Finding::Rollback { seen } if subject.mirror && is_earlier(seen) => Found::new(
                "behind",
                format!("behind: {} seen before, and here are fewer", counted(seen.size, "entry")),
            ),
            finding => Found::from(finding),
        });
    }
}

impl AuditedLog {
    fn new(subject: &Subject) -> Self {
        let profile = subject.profile.profile();
        Self {
            authority: profile.name.clone(),
            fingerprint: profile.fingerprint().to_string(),
            address: subject.address.clone(),
            mirror: subject.mirror,
            size: 0,
            root: String::new(),
            signed: String::new(),
            confirmed_earlier_heads: 0,
            malformed_entries: 0,
            findings: Findings::default(),
        }
    }

    fn take(&mut self, head: &SignedCheckpoint, report: &AuditReport) {
        self.size = head.checkpoint().size;
        self.root = head.checkpoint().root.to_string();
        self.signed = times::rfc3339(head.timestamp());
        self.confirmed_earlier_heads = report.confirmed;
        self.malformed_entries = report.malformed;
    }

    fn lines(&self) -> String {
        let mut lines = vec![format!("{} ({})", clean(&self.authority), self.fingerprint)];
        if self.mirror {
            lines.push(format!("as {} shows it, which is a mirror", clean(&self.address)));
        }
        if !self.root.is_empty() {
            let entries = counted(self.size, "entry");
            lines.push(format!("{entries}, signed {}, root {}", self.signed, self.root));
            let heads = counted(self.confirmed_earlier_heads, "earlier tree head");
            lines.push(format!("contained in it: {heads}"));
        }
        if self.malformed_entries > 0 {
            let entries = counted(self.malformed_entries, "malformed entry");
            lines.push(format!("{entries}, which devices pass over"));
        }
        lines.extend(self.findings.lines());
        if self.findings.is_empty() {
            lines.push("complete, signed, fresh, and append-only as far as was seen".to_owned());
        }
        lines.join("\n")
    }
}
