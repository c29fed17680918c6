//! `noren auditor`: recompute what an authority published, and hold it against what was seen before.

use anyhow::Context as _;
use noren::auditor::{AuditReport, Freshness, Sighting, audit};
use noren::log::TreeHash;
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

/// A tree head that was seen, as it is kept between audits.
#[derive(Clone, Serialize, Deserialize)]
struct Seen {
    size: u64,
    root: TreeHash,
    timestamp: UnixSeconds,
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
    let file = folder.join(format!("{}.json", hex::encode(profile.fingerprint().as_bytes())));
    let stored = files::read(&file)?;
    let mut seen: Vec<Seen> =
        stored.map(|bytes| serde_json::from_slice(&bytes)).transpose()?.unwrap_or_default();
    let earlier: Vec<Sighting> = seen.iter().map(Seen::sighting).collect();
    let reader = LogReader::new(context, &signed_profile)?;
    let checkpoint = reader.signed_checkpoint()?;
    let checkpoint = checkpoint.context("the authority has published no checkpoint yet")?;
    let entries = reader.read_unverified(&checkpoint)?;
    let freshness = Freshness { now: context.now()?, max_age: profile.checkpoint_max_age };
    let report = audit(&entries, &checkpoint, &earlier, freshness, |entry| {
        PublishedTrace::from_bytes(entry).is_ok()
    });
    let shown = Shown::new(&profile.name, profile.fingerprint().to_string(), &report, &checkpoint);
    context.output.data(&shown, Shown::lines)?;
    if !report.is_clean() {
        return Ok(Answer::No);
    }
    let head = Sighting::from(&checkpoint);
    seen.retain(|seen| seen.size != head.size);
    seen.push(Seen { size: head.size, root: head.root, timestamp: head.timestamp });
    files::replace(&file, &serde_json::to_vec_pretty(&seen)?)?;
    Ok(Answer::Yes)
}

impl Seen {
    const fn sighting(&self) -> Sighting {
        Sighting { size: self.size, root: self.root, timestamp: self.timestamp }
    }
}

impl Shown {
    fn new(
        name: &str,
        fingerprint: String,
        report: &AuditReport,
        checkpoint: &noren::log::SignedCheckpoint,
    ) -> Self {
        let head = checkpoint.checkpoint();
        Self {
            authority: name.to_owned(),
            fingerprint,
            size: head.size,
            root: hex::encode(head.root.0),
            signed: times::rfc3339(checkpoint.timestamp()),
            confirmed_earlier_heads: report.confirmed,
            malformed_entries: report.malformed,
            findings: report.findings.iter().map(ToString::to_string).collect(),
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
