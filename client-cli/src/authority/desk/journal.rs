//! The journal: who decided what when. Entries are never changed, and each carries a digest over
//! itself and the one before, so that a missing or altered entry shows.

use anyhow::Context as _;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::store::Record;

/// Separates the journal's digests from every other.
const DOMAIN: &[u8] = b"NOREN-DESK-JOURNAL-v1\n";

/// Something that was decided or happened, about a case, a report or the desk.
pub(in crate::authority) struct Event {
    action: &'static str,
    subject: String,
    details: serde_json::Value,
}

/// An event in its place.
pub(in crate::authority) struct Entry {
    pub(in crate::authority) number: i64,
    pub(in crate::authority) at: i64,
    pub(in crate::authority) operator: String,
    pub(in crate::authority) action: String,
    pub(in crate::authority) subject: String,
    /// A JSON document.
    pub(in crate::authority) details: String,
    pub(in crate::authority) digest: Vec<u8>,
}

impl Event {
    pub(in crate::authority) fn new(
        action: &'static str,
        subject: &str,
        details: serde_json::Value,
    ) -> Self {
        Self { action, subject: subject.to_owned(), details }
    }
}

impl Entry {
    pub(super) fn after(
        last: Option<(i64, Vec<u8>)>,
        at: i64,
        operator: &str,
        event: Event,
    ) -> anyhow::Result<Self> {
        let (last, digest) = last.unwrap_or((0, vec![0; 32]));
        let mut entry = Self {
            number: last + 1,
            at,
            operator: operator.to_owned(),
            action: event.action.to_owned(),
            subject: event.subject,
            details: serde_json::to_string(&event.details)?,
            digest: Vec::new(),
        };
        entry.digest = entry.digest_after(&digest);
        Ok(entry)
    }

    /// SHA-256 over the digest before and every field with its length.
    fn digest_after(&self, before: &[u8]) -> Vec<u8> {
        // [CLI-9]
        let (number, at) = (self.number.to_be_bytes(), self.at.to_be_bytes());
        let texts = [&self.operator, &self.action, &self.subject, &self.details];
        let mut hash = Sha256::new_with_prefix(DOMAIN);
        for field in [before, &number, &at].into_iter().chain(texts.map(|text| text.as_bytes())) {
            hash.update((field.len() as u64).to_be_bytes());
            hash.update(field);
        }
        hash.finalize().to_vec()
    }
}

/// Where the journal ends, as the database knows it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::authority) struct End {
    number: i64,
    #[serde(with = "hex::serde")]
    digest: Vec<u8>,
}

impl End {
    pub(super) const ID: &'static str = "end";

    pub(super) const fn number(&self) -> i64 {
        self.number
    }

    /// Whether a journal that has this digest at the same place holds all that this one ended with.
    pub(super) fn is_at(&self, digest: Option<&[u8]>) -> bool {
        digest.is_some_and(|digest| digest == self.digest)
    }
}

impl Record for End {
    const KIND: &'static str = "journal";

    fn id(&self) -> &'static str {
        Self::ID
    }
}

/// Checks that no entry is missing or altered.
pub(in crate::authority) fn check(journal: &[Entry], end: Option<&End>) -> anyhow::Result<()> {
    // [CLI-9]
    let mut before = vec![0; 32];
    for (number, entry) in (1..).zip(journal) {
        let intact = entry.number == number && entry.digest == entry.digest_after(&before);
        intact.then_some(()).with_context(|| {
            format!("the journal was tampered with: entry {number} is missing or altered")
        })?;
        before.clone_from(&entry.digest);
    }
    let found = journal.last().map(|entry| (entry.number, &entry.digest));
    let whole = found == end.map(|end| (end.number, &end.digest));
    whole.then_some(()).context("the journal was tampered with: its last entries are missing")
}
