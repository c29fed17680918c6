//! The journal: who decided what when. Entries are never changed, and each carries a digest over
//! itself and the one before, so that a missing or altered entry shows.

use anyhow::Context as _;
use noren::time::UnixSeconds;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::domain;
use super::event::{Event, Noted};
use super::record::Record;
use crate::times;

/// An event in its place.
pub(crate) struct Entry {
    pub(crate) number: i64,
    pub(crate) at: i64,
    pub(crate) operator: String,
    pub(crate) action: String,
    pub(crate) subject: String,
    /// A JSON document.
    pub(crate) details: String,
    pub(crate) digest: Vec<u8>,
}

impl Entry {
    /// Which event it is; `None` for one that this version does not know.
    pub(super) fn event(&self) -> Option<Event> {
        Event::named(&self.action)
    }

    pub(super) fn after(
        last: Option<(i64, Vec<u8>)>,
        at: i64,
        operator: &str,
        noted: Noted,
    ) -> anyhow::Result<Self> {
        let (last, digest) = last.unwrap_or((0, vec![0; 32]));
        let mut entry = Self {
            number: last + 1,
            at,
            operator: operator.to_owned(),
            action: noted.event.as_str().to_owned(),
            subject: noted.subject,
            details: serde_json::to_string(&noted.details)?,
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
        let mut hash = Sha256::new_with_prefix(domain::JOURNAL);
        for field in [before, &number, &at].into_iter().chain(texts.map(|text| text.as_bytes())) {
            hash.update((field.len() as u64).to_be_bytes());
            hash.update(field);
        }
        hash.finalize().to_vec()
    }
}

/// Where the journal ends, as the database knows it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct End {
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

/// A time of the journal, for data.
pub(crate) fn rfc3339(at: i64) -> String {
    UnixSeconds::from_i64(at).map_or_else(|_| at.to_string(), times::rfc3339)
}

/// Checks that no entry is missing or altered.
pub(super) fn check(journal: &[Entry], end: Option<&End>) -> anyhow::Result<()> {
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
