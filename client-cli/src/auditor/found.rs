//! What an audit found, for people and for programs.

use noren::auditor::Finding;
use serde::Serialize;

use crate::text::clean;

/// The most findings that are shown; the others are counted.
const MOST: usize = 200;

/// One thing that an honest log never shows.
#[derive(Debug, Serialize)]
pub(super) struct Found {
    /// A name that never changes.
    pub(super) kind: &'static str,
    /// The file that it is about, where it is about one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) path: Option<String>,
    /// What it is, in words.
    pub(super) text: String,
}

impl Found {
    pub(super) fn new(kind: &'static str, text: impl Into<String>) -> Self {
        Self { kind, path: None, text: text.into() }
    }
}

impl From<&Finding> for Found {
    fn from(finding: &Finding) -> Self {
        let path = match finding {
            Finding::FileMissing(path) | Finding::FileWrong(path) => Some(path.to_string()),
            _ => None,
        };
        Self { kind: finding.kind(), path, text: finding.to_string() }
    }
}

/// Everything that an audit found.
#[derive(Debug, Default, Serialize)]
pub(super) struct Findings {
    findings: Vec<Found>,
    /// How many there are beside those that are listed.
    more_findings: usize,
}

impl Findings {
    pub(super) fn push(&mut self, found: Found) {
        if self.findings.len() < MOST {
            self.findings.push(found);
        } else {
            self.more_findings += 1;
        }
    }

    pub(super) fn extend(&mut self, found: Option<Found>) {
        found.into_iter().for_each(|found| self.push(found));
    }

    pub(super) const fn is_empty(&self) -> bool {
        self.findings.is_empty()
    }

    /// Each finding's kind and file: what stays the same while it lasts.
    pub(super) fn kinds(&self) -> Vec<(&'static str, Option<String>)> {
        self.findings.iter().map(|found| (found.kind, found.path.clone())).collect()
    }

    pub(super) fn lines(&self) -> Vec<String> {
        let line = |found: &Found| format!("FINDING: {}", clean(&found.text));
        let more = (self.more_findings > 0)
            .then(|| format!("FINDING: {} more of the same kinds", self.more_findings));
        self.findings.iter().map(line).chain(more).collect()
    }
}
