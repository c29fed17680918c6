//! What somebody says that a key has opened, opened once more: whoever works need not be trusted.

use super::work::Batch;
use crate::messages::PublishedTrace;
use crate::visitor::VisitId;
use crate::visitor::matching::Match;
use crate::visitor::record::{CheckInRecord, RecordContents};

/// Returns the matches that somebody claims to have found in a batch, as far as they open once more.
pub(super) fn opened(
    records: &[(CheckInRecord, bool)],
    batch: &Batch,
    openings: &[(u64, VisitId)],
) -> Vec<Match> {
    let mut matches = Vec::new();
    for (index, visit) in openings {
        let Some(trace) = batch.trace(*index) else { continue };
        let records = records.iter().map(|(record, _)| record);
        let own = records.filter(|record| record.visit() == *visit && record.day() == trace.day());
        matches.extend(own.filter_map(|record| open(*index, &trace, record)));
    }
    matches
}

/// Returns a match of a trace with a record that it opens, or `None` where it opens none, or says
/// nothing.
fn open(index: u64, trace: &PublishedTrace, record: &CheckInRecord) -> Option<Match> {
    let ciphertext = record.ciphertext().ok()?;
    let contents = RecordContents::open(&ciphertext, trace.identity(), trace.key())?;
    let notice = trace.notice().open(&contents.notification_key).ok()?;
    Some(Match { index, trace: trace.clone(), visit: record.visit(), record: contents, notice })
}
