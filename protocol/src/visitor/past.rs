//! The places at which a log was read on earlier days: they tell which of its entries can still
//! concern a record.

use serde::{Deserialize, Serialize};

use crate::log::{CompactRange, LogPosition};
use crate::time::Day;

/// One place for each day on which the log's head was signed, the first of them before all entries
/// that can concern a record which is kept. It depends on the times of reading alone, and so says
/// nothing of any visit.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub(super) struct Past(Vec<LogPosition>);

impl Past {
    /// Returns the tree before the first entry that can concern a record which is kept.
    pub(super) fn base(&self) -> CompactRange {
        self.0.first().map(|place| place.range.clone()).unwrap_or_default()
    }

    /// Returns the largest tree that is known and whose entries were all published before `day`, or
    /// the base: an entry concerns no hour after it was published.
    pub(super) fn before(&self, day: Day) -> CompactRange {
        // [LOG-18]
        let earlier = |place: &&LogPosition| Day::containing(place.timestamp) < day;
        let place = self.0.iter().rev().find(earlier);
        place.map_or_else(|| self.base(), |place| place.range.clone())
    }

    /// Goes on to a new place, and forgets those that no record needs any more. `joined` is the
    /// archived head at which the log was joined.
    pub(super) fn reach(
        &mut self,
        place: &LogPosition,
        joined: Option<LogPosition>,
        retention_days: u32,
    ) {
        // [LOG-18] [LOG-19]
        let today = Day::containing(place.timestamp);
        let base = joined.or_else(|| self.0.first().cloned()).unwrap_or_default();
        let rest = std::mem::take(&mut self.0).into_iter().skip(1);
        // Of each day the last one. A clock that was wrong and ran ahead leaves nothing.
        let rest = rest.filter(|known| {
            Day::containing(known.timestamp) < today && known.range.size() > base.range.size()
        });
        self.0 = std::iter::once(base.clone()).chain(rest).chain([place.clone()]).collect();
        let oldest = today.minus(retention_days);
        let is_old = |place: &LogPosition| Day::containing(place.timestamp) < oldest;
        let old = self.0.iter().skip(1).take_while(|place| is_old(place)).count();
        self.0.drain(..old);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::log::leaf_hash;
    use crate::time::UnixSeconds;

    const DAY: u64 = 86_400;

    fn place(size: u64, day: u64, second: u64) -> LogPosition {
        let mut range = CompactRange::new();
        (0..size).for_each(|i| range.push(leaf_hash(&i.to_be_bytes())));
        LogPosition { range, timestamp: UnixSeconds::new(day * DAY + second).expect("a time") }
    }

    fn day(number: u64) -> Day {
        Day::containing(UnixSeconds::new(number * DAY).expect("a time"))
    }

    #[test]
    fn the_base_goes_on_when_the_days_before_it_are_over() {
        // [LOG-18] [LOG-19]
        let mut past = Past::default();
        for number in 100..140 {
            past.reach(&place(number, number, 5), None, 14);
            past.reach(&place(number, number, 9), None, 14);
            // All that was published before the first kept day, and nothing of that day.
            let expected = if number < 115 { 0 } else { number - 15 };
            assert_eq!(past.base().size(), expected, "{number}");
            assert!(past.0.len() <= 16, "{number}");
        }
        assert_eq!(past.before(day(139)).size(), 138);
        assert_eq!(past.before(day(138)).size(), 137);
        assert_eq!(past.before(day(1)).size(), 124, "what is older is the base's");
        // After a month away the whole of it is old.
        past.reach(&place(200, 180, 0), None, 14);
        assert_eq!((past.base().size(), past.0.len()), (139, 2));
        // Who joins anew knows nothing before.
        past.reach(&place(300, 200, 0), Some(place(250, 184, 0)), 14);
        assert_eq!((past.base().size(), past.0.len()), (250, 2));
    }

    #[test]
    fn a_clock_that_ran_ahead_holds_nothing_up() {
        // [LOG-15] [LOG-18]
        let mut past = Past::default();
        past.reach(&place(5, 100, 0), None, 14);
        past.reach(&place(6, 900, 0), None, 14);
        past.reach(&place(7, 101, 0), None, 14);
        assert_eq!(past.before(day(101)).size(), 5);
        past.reach(&place(8, 120, 0), None, 14);
        assert_eq!(past.base().size(), 7);
    }
}
