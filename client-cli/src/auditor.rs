//! `noren auditor`: recompute what an authority published, and hold it against what was seen before.

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use noren::auditor::{AuditReport, Freshness, Sighting, audit};
use noren::authority::profile::{Fingerprint, Profile, SignedProfile};
use noren::log::{SignedCheckpoint, TreeHash};
use noren::messages::trace::PublishedTrace;
use noren::time::UnixSeconds;
use serde::{Deserialize, Serialize};

use crate::cli::{Answer, Outcome};
use crate::context::Context;
use crate::files;
use crate::followed::Followed;
use crate::log_reader::LogReader;
use crate::text::clean;
use crate::times;

#[derive(clap::Subcommand)]
pub(crate) enum Command {
    /// Download the whole log and check it. Exit code 1: it is not as an honest log is
    #[command(after_help = "Example: noren auditor verify https://noren.pref.example")]
    Verify {
        /// The authority: an address, a profile file, or a followed one's name or fingerprint
        authority: Option<String>,
    },
}

/// A tree head that was seen, as it is kept between audits, with the signed note: where two of them
/// contradict each other, both together are the proof.
#[derive(Clone, Serialize, Deserialize)]
struct Seen {
    size: u64,
    root: TreeHash,
    timestamp: UnixSeconds,
    note: String,
}

#[derive(Serialize)]
struct Shown {
    authority: String,
    fingerprint: String,
    size: u64,
    root: String,
    signed: String,
    confirmed_earlier_heads: usize,
    malformed_entries: u64,
    findings: Vec<String>,
}

pub(crate) fn run(context: &Context, command: Command) -> Outcome {
    let Command::Verify { authority } = command;
    verify(context, authority.as_deref())
}

fn verify(context: &Context, name: Option<&str>) -> Outcome {
    // [LOG-10]
    let signed_profile = Followed::new(context).find(name)?;
    let profile = signed_profile.profile();
    let folder = context.folder("auditor");
    let _lock = files::lock(&folder)?;
    let file = seen_file(&folder, &profile.fingerprint());
    let mut seen = read_seen(&folder, &signed_profile)?;
    let reader = LogReader::new(context, &signed_profile)?;
    let Some(checkpoint) = reader.signed_checkpoint()? else {
        return gone(context, profile, &seen);
    };
    let entries = reader.read_unverified(&checkpoint)?;
    let earlier: Vec<Sighting> = seen.iter().map(Seen::sighting).collect();
    let freshness = Freshness { now: context.now()?, max_age: profile.checkpoint_max_age };
    let report = audit(&entries, &checkpoint, &earlier, freshness, |entry| {
        PublishedTrace::from_bytes(entry).is_ok()
    });
    let shown = Shown::new(profile, &report, &checkpoint, replayed(&seen, &checkpoint));
    // Kept before anything is said, and whatever was found: this head is signed, and binds.
    Seen::note(&mut seen, &checkpoint);
    files::replace(&file, &serde_json::to_vec_pretty(&seen)?)?;
    context.output.data(&shown, Shown::lines)?;
    Ok(if shown.findings.is_empty() { Answer::Yes } else { Answer::No })
}

fn seen_file(folder: &Path, authority: &Fingerprint) -> PathBuf {
    folder.join(format!("{}.json", hex::encode(authority.as_bytes())))
}

/// What earlier audits saw, under these keys or the last ones before them that were audited.
fn read_seen(folder: &Path, profile: &SignedProfile) -> anyhow::Result<Vec<Seen>> {
    // [PRO-6]
    let mut names = profile.predecessors();
    names.push(profile.profile().fingerprint());
    for name in names.iter().rev() {
        if let Some(bytes) = files::read(&seen_file(folder, name))? {
            return serde_json::from_slice(&bytes).context("what earlier audits saw is damaged");
        }
    }
    Ok(Vec::new())
}

/// A server that had a log and shows none any more.
fn gone(context: &Context, profile: &Profile, seen: &[Seen]) -> Outcome {
    let largest = seen.iter().map(|seen| seen.size).max();
    let largest = largest.context("the authority has published no checkpoint yet")?;
    let shown = Shown {
        authority: profile.name.clone(),
        fingerprint: profile.fingerprint().to_string(),
        size: 0,
        root: String::new(),
        signed: String::new(),
        confirmed_earlier_heads: 0,
        malformed_entries: 0,
        findings: vec![format!("rollback: the log is gone; {largest} entries were seen before")],
    };
    context.output.data(&shown, |shown| {
        let findings = shown.findings.join("\n");
        format!("{} ({})\nFINDING: {findings}", clean(&shown.authority), shown.fingerprint)
    })?;
    Ok(Answer::No)
}

/// An older signature over a tree of which a newer one was seen: news are held back.
fn replayed(seen: &[Seen], checkpoint: &SignedCheckpoint) -> Option<String> {
    // [LOG-8]
    let (size, time) = (checkpoint.checkpoint().size, checkpoint.timestamp());
    let newer = seen.iter().find(|seen| seen.size == size && seen.timestamp > time)?;
    Some(format!(
        "rollback: this checkpoint of {size} entries was signed {}, and one signed {} was seen before",
        times::rfc3339(time),
        times::rfc3339(newer.timestamp)
    ))
}

impl Seen {
    const fn sighting(&self) -> Sighting {
        Sighting { size: self.size, root: self.root, timestamp: self.timestamp }
    }

    /// Adds a head, or takes the latest signature over a tree that was seen before.
    fn note(seen: &mut Vec<Self>, checkpoint: &SignedCheckpoint) {
        let Sighting { size, root, timestamp } = checkpoint.into();
        let same = |known: &&mut Self| (known.size, known.root) == (size, root);
        let new = Self { size, root, timestamp, note: checkpoint.text().to_owned() };
        match seen.iter_mut().find(same) {
            Some(known) if known.timestamp < timestamp => *known = new,
            Some(_) => {}
            None => seen.push(new),
        }
    }
}

impl Shown {
    fn new(
        profile: &Profile,
        report: &AuditReport,
        checkpoint: &SignedCheckpoint,
        replayed: Option<String>,
    ) -> Self {
        let head = checkpoint.checkpoint();
        Self {
            authority: profile.name.clone(),
            fingerprint: profile.fingerprint().to_string(),
            size: head.size,
            root: hex::encode(head.root.0),
            signed: times::rfc3339(checkpoint.timestamp()),
            confirmed_earlier_heads: report.confirmed,
            malformed_entries: report.malformed,
            findings: report.findings.iter().map(ToString::to_string).chain(replayed).collect(),
        }
    }

    fn lines(&self) -> String {
        let mut lines = vec![
            format!("{} ({})", clean(&self.authority), self.fingerprint),
            format!("{} entries, signed {}, root {}", self.size, self.signed, self.root),
            format!("{} earlier tree heads are contained in it", self.confirmed_earlier_heads),
        ];
        if self.malformed_entries > 0 {
            lines.push(format!(
                "{} entries are malformed; devices pass them over",
                self.malformed_entries
            ));
        }
        lines.extend(self.findings.iter().map(|finding| format!("FINDING: {}", clean(finding))));
        if self.findings.is_empty() {
            lines.push("complete, signed, fresh, and append-only as far as was seen".to_owned());
        }
        lines.join("\n")
    }
}
