//! A report: an interview named a venue. Nothing of it says who was interviewed.

use noren::authority::Premises;
use noren::text::folded;
use noren::time::{UnixSeconds, Window};
use serde::{Deserialize, Serialize};

use super::record::Record;

/// One infected person's visit to a venue, as told in an interview.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Report {
    pub(crate) id: String,
    pub(crate) venue: String,
    pub(super) premises: Premises,
    /// The local day on which the stay began, like 2026-04-01.
    pub(crate) day: String,
    pub(super) stay: Window,
    pub(super) received: UnixSeconds,
}

impl Report {
    /// Returns whether a text names a report, by its id or the beginning of it, and no case.
    pub(crate) fn is_id(text: &str) -> bool {
        text.starts_with("r-")
    }

    /// Whether both name the same venue, however it was typed.
    pub(super) fn is_of(&self, venue: &str) -> bool {
        folded(&self.venue) == folded(venue)
    }
}

impl Record for Report {
    const KIND: &'static str = "report";

    fn id(&self) -> &str {
        &self.id
    }
}
