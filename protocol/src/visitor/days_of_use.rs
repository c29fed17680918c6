//! Whether time has passed. A device's clock can be wrong by years for an hour, and what was deleted
//! as too old by it does not come back when it is right again.

use serde_tuple::{Deserialize_tuple, Serialize_tuple};

use crate::time::Day;

/// The number of days that may pass between two uses without any doubt.
const STRIDE: u32 = 2;
/// The number of days within which a use has to show that a day in doubt has passed.
const SOON: u32 = 14;

/// The UTC days on which a vault was used, as far as they tell whether a clock is right. They depend
/// on the times of use alone, and so say nothing of any visit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize_tuple, Deserialize_tuple)]
pub(super) struct DaysOfUse {
    /// The latest day that has come for certain.
    confirmed: Day,
    /// The first day of use that lies too far after it.
    doubted: Option<Day>,
}

impl DaysOfUse {
    /// Begins with a first use.
    pub(super) fn first(today: Day) -> Self {
        Self { confirmed: today, doubted: None }
    }

    /// Returns the latest day that has come for certain.
    pub(super) fn confirmed(self) -> Day {
        self.confirmed
    }

    /// Returns the days after a use today, by the device's clock, by somebody who saw an
    /// authority's signature of the day `signed`.
    pub(super) fn then(self, today: Day, signed: Day) -> Self {
        // [VLT-10]
        let lasted =
            self.doubted.filter(|day| (day.plus(STRIDE)..=day.plus(SOON)).contains(&today));
        let confirmed = lasted.unwrap_or(self.confirmed).max(signed.min(today));
        if today <= confirmed.plus(STRIDE) {
            return Self::first(today);
        }
        let goes_on = self.doubted.filter(|day| (*day..day.plus(STRIDE)).contains(&today));
        Self { confirmed, doubted: Some(goes_on.unwrap_or(today)) }
    }
}

#[cfg(test)]
mod tests {
    use super::DaysOfUse;
    use crate::time::{Day, UnixSeconds};

    fn day(number: u32) -> Day {
        Day::containing(UnixSeconds::new(0).expect("a time")).plus(number)
    }

    /// What is confirmed after uses on these days, the first of them the first ever.
    fn confirmed(days: &[u32], signed: u32) -> u32 {
        let mut days = days.iter().map(|number| day(*number));
        let first = DaysOfUse::first(days.next().expect("a first day"));
        let last = days.fold(first, |uses, today| uses.then(today, day(signed)));
        u32::try_from(last.confirmed().start().get() / 86_400).expect("a day's number")
    }

    #[test]
    fn a_day_has_come_when_the_clock_stays_with_it_or_a_signature_says_so() {
        // [VLT-10]
        let cases: [(&[u32], u32, u32); 18] = [
            (&[100], 0, 100),
            (&[100, 101, 102, 104], 0, 104),
            // A jump, for a while, and back.
            (&[100, 900], 0, 100),
            (&[100, 900, 900, 901], 0, 100),
            (&[100, 900, 100], 0, 100),
            (&[100, 900, 101, 900], 0, 101),
            // Back by a part of it: another doubt.
            (&[100, 900, 500, 501], 0, 100),
            (&[100, 500, 900, 901], 0, 100),
            // It stays.
            (&[100, 900, 902], 0, 902),
            (&[100, 900, 901, 902], 0, 902),
            // Another jump is no passing of time.
            (&[100, 900, 930], 0, 100),
            (&[100, 500, 900], 0, 100),
            (&[100, 900, 930, 931, 932], 0, 932),
            // Somebody who looks once a week.
            (&[100, 107, 114, 121], 0, 114),
            // A signature of that day, of an earlier one, of a later one.
            (&[100, 107], 107, 107),
            (&[100, 900], 104, 104),
            (&[100, 107], 900, 107),
            // Back behind what was confirmed.
            (&[900, 100, 900], 0, 100),
        ];
        for (days, signed, expected) in cases {
            assert_eq!(confirmed(days, signed), expected, "{days:?} {signed}");
        }
    }
}
