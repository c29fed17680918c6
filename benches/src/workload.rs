//! The paper's workload: one visitor's records of a day against the traces of that day.
//!
//! CrowdNotifier (PoPETs), section 7: 150 venues are traced a day, three hours each, and a visitor
//! has five records a day. Everything is made by the real library, so that every contestant tries
//! real keys on real records, and some of them open.

use std::ops::Range;

use noren::hazmat::CheckInRecord;
use noren::messages::PublishedTrace;

use crate::{Result, World, window};

/// How many records a visitor has of a day.
pub const RECORDS: usize = 5;
/// How many venues are traced a day.
pub const VENUES: usize = 150;
/// How many hours of a venue are traced.
pub const HOURS: usize = 3;

/// The first traced hour of the day.
const FIRST_HOUR: u64 = 18;

/// Records and traces of one day.
pub struct Workload {
    /// The records, each of another venue.
    pub records: Vec<CheckInRecord>,
    /// The traces, those of one venue side by side.
    pub traces: Vec<PublishedTrace>,
    /// Which trace opens which record: (record, trace).
    planted: Vec<(usize, usize)>,
}

/// A part of the workload that is tried at a stretch: one record and some of the traces.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Share {
    /// The record's place.
    pub record: usize,
    /// The traces' places.
    pub traces: Range<usize>,
}

impl Workload {
    /// The paper's: 5 records, 450 traces.
    ///
    /// # Errors
    /// None that an honest day can cause.
    pub fn paper() -> Result<Self> {
        Self::new(RECORDS, VENUES)
    }

    /// A day with this many records and traced venues. Every other record, the first among them,
    /// is of a traced venue and hour.
    ///
    /// # Errors
    /// None that an honest day can cause.
    pub fn new(records: usize, venues: usize) -> Result<Self> {
        let mut world = World::new(450);
        let traced = (0..venues).map(|_| world.venue()).collect::<Result<Vec<_>>>()?;
        let mut day = Self { records: vec![], traces: vec![], planted: vec![] };
        for (_, trace_code) in &traced {
            let hours = window(FIRST_HOUR, FIRST_HOUR + HOURS as u64)?;
            let traces = world.traces(trace_code, hours)?;
            day.traces.extend(traces.iter().map(|trace| trace.published().clone()));
        }
        for record in 0..records {
            let (venue, hour) = (record * venues / records, record % HOURS);
            let code = match traced.get(venue).filter(|_| record % 2 == 0) {
                Some((entry_code, _)) => {
                    day.planted.push((record, venue * HOURS + hour));
                    entry_code
                }
                None => &world.venue()?.0,
            };
            let from = FIRST_HOUR + hour as u64;
            day.records.extend(world.visit(code, from, from + 1)?);
        }
        Ok(day)
    }

    /// The traces as entries of the log.
    #[must_use]
    pub fn entries(&self) -> Vec<Vec<u8>> {
        self.traces.iter().map(PublishedTrace::to_bytes).collect()
    }

    /// The whole workload, each record against `traces` traces at a time.
    #[must_use]
    pub fn shares(&self, traces: usize) -> Vec<Share> {
        let starts = || (0..self.traces.len()).step_by(traces.max(1));
        let share = |record, start: usize| Share {
            record,
            traces: start..self.traces.len().min(start + traces),
        };
        (0..self.records.len())
            .flat_map(|record| starts().map(move |start| share(record, start)))
            .collect()
    }

    /// How many traces open a record, in the whole workload.
    #[must_use]
    pub const fn openings(&self) -> usize {
        self.planted.len()
    }

    /// The places of the traces that open a share's record.
    #[must_use]
    pub fn planted(&self, share: &Share) -> Vec<usize> {
        let inside = |(record, trace): &&(usize, usize)| {
            *record == share.record && share.traces.contains(trace)
        };
        self.planted.iter().filter(inside).map(|(_, trace)| *trace).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shares_are_the_whole_workload() -> Result<()> {
        let day = Workload::new(3, 2)?;
        let shares = day.shares(4);
        assert_eq!(shares.len(), 6);
        assert_eq!(shares[1], Share { record: 0, traces: 4..6 });
        let planted: Vec<_> = shares.iter().map(|share| day.planted(share)).collect();
        assert_eq!(planted, [vec![0], vec![], vec![], vec![], vec![], vec![5]]);
        Ok(())
    }
}
