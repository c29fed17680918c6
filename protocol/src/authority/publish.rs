//! Publishing: from a verified pre-trace to an entry of the log.

use rand_core::CryptoRng;

use super::review::VerifiedPreTrace;
use crate::messages::MessageError;
use crate::messages::notice::{Layout, Notice};
use crate::messages::trace::PublishedTrace;

/// A trace that the authority is about to publish. Only [`VerifiedPreTrace::trace`] makes one.
#[derive(Debug, Clone)]
pub struct Trace(PublishedTrace);

impl Trace {
    /// The trace as a device will read it.
    #[must_use]
    pub const fn published(&self) -> &PublishedTrace {
        &self.0
    }

    /// The bytes of the log entry.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        self.0.to_bytes()
    }
}

impl VerifiedPreTrace {
    /// The trace of this hour with a notice. A later trace of the same hour supersedes it: this is
    /// how a notice is corrected, raised to a cluster, or withdrawn, and it reaches exactly those
    /// whom the first one reached.
    ///
    /// # Errors
    /// [`MessageError::OutOfRange`] for a window that reaches beyond what the venue's upload proved,
    /// or what keeps the notice from being encoded.
    pub fn trace<R: CryptoRng>(
        &self,
        notice: &Notice,
        layout: Layout,
        rng: &mut R,
    ) -> Result<Trace, MessageError> {
        // [PUB-1]
        if notice.window.is_some_and(|window| !self.window().contains(window)) {
            return Err(MessageError::OutOfRange("notice's window"));
        }
        // [PUB-2] [REV-12]
        let sealed = notice.seal(self.notification_key(), layout, rng)?;
        let (identity, key, day) = (*self.identity(), self.key().clone(), self.hour().day());
        Ok(Trace(PublishedTrace::new(identity, key, day, sealed)))
    }
}

/// The log entries of a batch, in random order: where an entry stands tells nothing of which others
/// belong to the same venue or the same patient.
pub fn shuffled_entries<R: CryptoRng>(traces: &[Trace], rng: &mut R) -> Vec<Vec<u8>> {
    // [PUB-4]
    let mut keyed: Vec<([u8; 16], Vec<u8>)> = traces
        .iter()
        .map(|trace| {
            let mut key = [0; 16];
            rng.fill_bytes(&mut key);
            (key, trace.to_bytes())
        })
        .collect();
    keyed.sort_unstable();
    keyed.into_iter().map(|(_, entry)| entry).collect()
}
