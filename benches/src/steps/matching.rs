//! Matching, from the bytes of log entries to matches, on all threads that the machine has.

use std::hint::black_box;

use noren::hazmat::match_entries;
use noren::visitor::to_the_end;

use super::{Entry, Run};
use crate::Result;
use crate::workload::Workload;

/// The paper's day.
pub const PAPER: &str = "match/5_records_x_450_traces";

pub(super) const STEPS: [Entry; 2] = [
    ("match/1_record_x_9_traces", || matching(&Workload::new(1, 3)?)),
    (PAPER, || matching(&Workload::paper()?)),
];

fn matching(workload: &Workload) -> Result<Run> {
    let (records, entries) = (workload.records.clone(), workload.entries());
    let planted = workload.openings();
    Ok(Box::new(move || {
        let entries = (0..).zip(entries.iter().map(Vec::as_slice));
        let found = match_entries(black_box(&records), entries, to_the_end)?.matches.len();
        if found == planted {
            return Ok(());
        }
        Err(format!("{found} matches where {planted} were planted").into())
    }))
}
