//! A report: an interview named a venue. Nothing of it says who was interviewed.

use noren::authority::Premises;
use noren::text::folded;
use noren::time::{UnixSeconds, Window};
use serde::{Deserialize, Serialize};

use super::store::Record;

/// One infected person's visit to a venue, as told in an interview.
#[derive(Clone, Serialize, Deserialize)]
pub(in crate::authority) struct Report {
    pub(in crate::authority) id: String,
    pub(in crate::authority) venue: String,
    pub(in crate::authority) premises: Premises,
    /// The local day on which the stay began, like 2026-04-01.
    pub(in crate::authority) day: String,
    pub(in crate::authority) stay: Window,
    pub(in crate::authority) received: UnixSeconds,
}

impl Report {
    /// Whether both name the same venue, however it was typed.
    pub(in crate::authority) fn is_of(&self, venue: &str) -> bool {
        folded(&self.venue) == folded(venue)
    }
}

impl Record for Report {
    const KIND: &'static str = "report";

    fn id(&self) -> &str {
        &self.id
    }
}
