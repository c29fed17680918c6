//! One audit of a log, from its beginning or from where an earlier one ended, and what it found.

use noren::auditor::{Audit, AuditReport, Comparison, Finding, Freshness, Sighting, compare};
use noren::log::{LogPosition, SignedCheckpoint, TilePath, WitnessPolicy};
use serde::Serialize;

use super::found::{Findings, Found};
use super::history;
use super::malformed::MalformedEntries;
use super::past::{is_past, past};
use super::profiles::LoggedProfiles;
use super::seen::Seen;
use super::subject::{Subject, head};
use super::tiles::Reading;
use crate::context::Context;
use crate::errors::words;
use crate::followed::Followed;
use crate::log_files::LogFiles;
use crate::text::{clean, counted};
use crate::{evidence, files, times};

/// How much of a log is read.
pub(super) struct Extent {
    /// Where an earlier audit ended.
    pub(super) from: LogPosition,
    /// How many entries are read at most.
    pub(super) most: u64,
}

/// What an audit says of a log.
#[derive(Serialize)]
pub(super) struct AuditedLog {
    authority: String,
    fingerprint: String,
    address: String,
    mirror: bool,
    size: u64,
    root: String,
    signed: String,
    confirmed_earlier_heads: usize,
    new_entries: u64,
    malformed_entries: u64,
    malformed: MalformedEntries,
    /// The profiles that the entries tell of.
    #[serde(skip_serializing_if = "LoggedProfiles::is_empty")]
    profiles: LoggedProfiles,
    /// Files of entries that are gone by the rule of retention.
    #[serde(skip_serializing_if = "Option::is_none")]
    removed_files: Option<usize>,
    /// The folders with the signed heads that contradict each other.
    evidence: Vec<String>,
    #[serde(flatten)]
    findings: Findings,
}

/// Audits a log under the head that it shows now. The position that the audit reached, where the log
/// led there.
pub(super) fn audit(
    context: &Context,
    subject: &Subject,
    extent: impl FnOnce(&SignedCheckpoint) -> Extent,
    mut findings: Findings,
) -> anyhow::Result<(AuditedLog, Option<LogPosition>)> {
    // [LOG-10] [LOG-13]
    let log = LogFiles::new(&subject.address)?;
    let folder = context.folder("auditor");
    let _lock = files::lock(&folder)?;
    let mut seen = Seen::read(context, &folder, &subject.profile)?;
    let (mut shown, mut reached) = (AuditedLog::new(subject), None);
    if let Some(head) = head(&log, subject, &seen, &mut findings)? {
        shown.evidence = contradictions(context, subject, &seen, &head, &mut findings);
        findings.extend(unseen(context, subject, &head)?);
        let Extent { from, most } = extent(&head);
        let begun = from.range.size();
        if begun == head.checkpoint().size && from.range.root() != head.checkpoint().root {
            findings.push(Found::from(&Finding::Fork { seen: Sighting::from(&from) }));
        }
        let mut audit = if begun == 0 {
            Audit::new(&head, &seen.sightings())
        } else {
            Audit::resume(&from, &head, &seen.sightings())
        };
        let before = seen.head_of(&from);
        // Kept before anything is said, and whatever is found: this head is signed, and binds.
        seen.note(&head);
        seen.store()?;
        history::keep(&folder, &subject.profile, &head)?;
        let (malformed, profiles) = (&mut shown.malformed, &mut shown.profiles);
        let reading = Reading::new(&log, &mut audit, malformed, profiles, begun);
        let cut = reading.read(&head, most, context.output)?;
        let max_age = subject.profile.profile().checkpoint_max_age;
        let now = context.now()?;
        let report = audit.finish(&head, Freshness { now, max_age });
        shown.take(&head, &report, begun);
        let (report, removed) = without_past(report, &log, subject, &head)?;
        shown.removed_files = (removed > 0).then_some(removed);
        judge(subject, &head, &report, cut, &mut findings);
        let by = (subject.mirror, now);
        findings.extend(shown.profiles.judge(&subject.profile, &head, &log, by));
        if cut {
            findings.push(Found::new(
                "not-read-to-the-end",
                format!(
                    "read: only {most} of {}; --most-entries reads on",
                    counted(head.checkpoint().size, "entry")
                ),
            ));
        } else if report.position.range.root() == head.checkpoint().root {
            reached = Some(report.position);
        } else if shown.evidence.is_empty()
            && let Some(before) = before.filter(|_| begun > 0)
        {
            // [LOG-14] What was verified before does not go on to this head: the tiles decide why.
            shown.evidence.extend(keep(context, subject, &before, &head));
        }
    }
    shown.findings = findings;
    Ok((shown, reached))
}

/// What is found where too few of the witnesses that are asked for have seen a head.
fn unseen(
    context: &Context,
    subject: &Subject,
    head: &SignedCheckpoint,
) -> anyhow::Result<Option<Found>> {
    // [LOG-21]
    let pin = Followed::new(context).pin_of(&subject.profile)?;
    if pin.is_witnessed(head, context.now()?) {
        return Ok(None);
    }
    let note = head.text().as_bytes();
    let asked = pin.witnesses().into_iter().flat_map(WitnessPolicy::witnesses);
    let missing = asked.filter(|witness| witness.cosigned(note).is_none());
    let names: Vec<&str> = missing.map(|witness| witness.name().as_str()).collect();
    let names = if names.is_empty() { "they did long ago".to_owned() } else { names.join(", ") };
    let text = format!("too few of the witnesses that you ask for have seen this head: {names}");
    Ok(Some(Found::new("too-few-witnesses", text)))
}

/// Keeps this head and each one before that it contradicts by itself, and finds replays.
fn contradictions(
    context: &Context,
    subject: &Subject,
    seen: &Seen,
    head: &SignedCheckpoint,
    findings: &mut Findings,
) -> Vec<String> {
    let mut evidence = Vec::new();
    let (size, time) = (head.checkpoint().size, head.timestamp());
    for before in seen.heads() {
        // [LOG-8] [LOG-14]
        let proof = matches!(compare(before, head), Comparison::Fork | Comparison::WentBack)
            || before.checkpoint().size > size;
        if proof {
            evidence.extend(keep(context, subject, before, head));
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
    evidence
}

/// Keeps two heads; the folder that they are in.
fn keep(
    context: &Context,
    subject: &Subject,
    before: &SignedCheckpoint,
    head: &SignedCheckpoint,
) -> Option<String> {
    let folder = context.folder("evidence");
    match evidence::keep(&folder, &subject.profile, Some(before), head) {
        Ok(Some(folder)) => {
            context.output.say(evidence::words(&folder, &subject.profile));
            Some(folder.display().to_string())
        }
        Ok(None) => None,
        Err(error) => {
            context.output.say(format!("the evidence could not be kept: {}", words(&error)));
            None
        }
    }
}

/// The report without the bundles that may be gone, and how many those are.
fn without_past(
    report: AuditReport,
    log: &LogFiles,
    subject: &Subject,
    head: &SignedCheckpoint,
) -> anyhow::Result<(AuditReport, usize)> {
    // [API-39] [LOG-13]
    let is_bundle =
        |finding: &Finding| matches!(finding, Finding::FileMissing(TilePath::Entries { .. }));
    if !report.findings.iter().any(is_bundle) {
        return Ok((report, 0));
    }
    let past = past(log, &subject.profile, head)?;
    let (gone, findings): (Vec<_>, Vec<_>) = report
        .findings
        .into_iter()
        .partition(|finding| matches!(finding, Finding::FileMissing(path) if is_past(path, past)));
    Ok((AuditReport { findings, ..report }, gone.len()))
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
            new_entries: 0,
            malformed_entries: 0,
            malformed: MalformedEntries::default(),
            profiles: LoggedProfiles::default(),
            removed_files: None,
            evidence: Vec::new(),
            findings: Findings::default(),
        }
    }

    /// What is wrong, as far as it is worth telling again when it changes.
    pub(super) fn alarms(&self) -> Vec<(&'static str, Option<String>)> {
        self.findings.kinds()
    }

    /// The size of the tree, and when it was signed; zero and nothing where no head was read.
    pub(super) fn head(&self) -> (u64, String) {
        (self.size, self.signed.clone())
    }

    /// Whether nothing was found.
    pub(super) const fn is_clean(&self) -> bool {
        self.findings.is_empty()
    }

    fn take(&mut self, head: &SignedCheckpoint, report: &AuditReport, begun: u64) {
        self.size = head.checkpoint().size;
        self.root = head.checkpoint().root.to_string();
        self.signed = times::rfc3339(head.timestamp());
        self.confirmed_earlier_heads = report.confirmed;
        self.malformed_entries = report.malformed;
        self.new_entries = report.position.range.size().saturating_sub(begun);
    }

    pub(super) fn lines(&self) -> String {
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
            lines.extend(self.malformed.lines());
        }
        if !self.profiles.is_empty() {
            lines.extend(self.profiles.lines());
        }
        if let Some(removed) = self.removed_files {
            let files = counted(removed as u64, "file");
            lines.push(format!(
                "removed: {files} of entries that are older than devices keep; their hashes are there"
            ));
        }
        lines.extend(self.findings.lines());
        if self.findings.is_empty() {
            lines.push("complete, signed, fresh, and append-only as far as was seen".to_owned());
        }
        lines.join("\n")
    }
}
