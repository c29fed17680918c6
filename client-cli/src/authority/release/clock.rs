//! The release times of a policy on the calendar of its time zone.

use anyhow::Context as _;
use jiff::tz::TimeZone;
use jiff::{Span, Timestamp};
use noren::authority::{ClockTime, Policy};
use noren::time::UnixSeconds;

use crate::times;

/// When releases are.
pub(in crate::authority) struct Clock {
    zone: TimeZone,
    times: Vec<ClockTime>,
}

impl Clock {
    /// The release times of a policy that has any.
    pub(in crate::authority) fn of(policy: &Policy) -> anyhow::Result<Option<Self>> {
        let Some(release) = policy.release() else { return Ok(None) };
        let zone = times::zone(Some(policy.time_zone())).context("time_zone")?;
        Ok(Some(Self { zone, times: release.times().to_vec() }))
    }

    /// The latest release time that is not after this one.
    pub(in crate::authority) fn last(&self, now: UnixSeconds) -> anyhow::Result<UnixSeconds> {
        let last = self.around(now)?.into_iter().filter(|time| *time <= now).max();
        last.context("there is no release time")
    }

    /// The first release time after this one.
    pub(in crate::authority) fn next(&self, now: UnixSeconds) -> anyhow::Result<UnixSeconds> {
        let next = self.around(now)?.into_iter().filter(|time| now < *time).min();
        next.context("there is no release time")
    }

    /// The release times of the days around this time. A time that a day does not have, because the
    /// clocks are put forward, is as much later; of one that comes twice the first counts.
    fn around(&self, now: UnixSeconds) -> anyhow::Result<Vec<UnixSeconds>> {
        // [CLI-36]
        let today = Timestamp::from_second(now.as_i64())?.to_zoned(self.zone.clone()).date();
        let mut times = Vec::new();
        for days in -2..=2 {
            let date = today.checked_add(Span::new().days(days))?;
            for &ClockTime { hour, minute } in &self.times {
                let local = date.at(i8::try_from(hour)?, i8::try_from(minute)?, 0, 0);
                let time = local.to_zoned(self.zone.clone())?.timestamp();
                times.push(UnixSeconds::from_i64(time.as_second())?);
            }
        }
        Ok(times)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn clock(zone: &str, times: &[(u8, u8)]) -> Clock {
        let times = times.iter().map(|&(hour, minute)| ClockTime { hour, minute }).collect();
        Clock { zone: TimeZone::get(zone).expect("a zone"), times }
    }

    fn at(text: &str) -> UnixSeconds {
        let time: Timestamp = text.parse().expect("a time");
        UnixSeconds::from_i64(time.as_second()).expect("a time")
    }

    #[test]
    fn release_times_are_those_of_the_policys_zone() {
        // [CLI-36]
        let tokyo = clock("Asia/Tokyo", &[(0, 0), (18, 0)]);
        for (now, last, next) in [
            ("2026-04-01T08:59:59Z", "2026-03-31T15:00:00Z", "2026-04-01T09:00:00Z"),
            ("2026-04-01T09:00:00Z", "2026-04-01T09:00:00Z", "2026-04-01T15:00:00Z"),
            ("2026-04-01T15:00:00Z", "2026-04-01T15:00:00Z", "2026-04-02T09:00:00Z"),
        ] {
            assert_eq!(tokyo.last(at(now)).expect("a time"), at(last), "{now}");
            assert_eq!(tokyo.next(at(now)).expect("a time"), at(next), "{now}");
        }
    }

    #[test]
    fn a_time_that_comes_twice_or_never_is_one_release() {
        // [CLI-36] In Berlin 02:30 was missing on 2026-03-29, and came twice on 2026-10-25.
        let berlin = clock("Europe/Berlin", &[(2, 30)]);
        let next = |now| berlin.next(at(now)).expect("a time");
        assert_eq!(next("2026-03-28T12:00:00Z"), at("2026-03-29T01:30:00Z"));
        assert_eq!(next("2026-03-29T01:30:00Z"), at("2026-03-30T00:30:00Z"));
        assert_eq!(next("2026-10-24T12:00:00Z"), at("2026-10-25T00:30:00Z"));
        assert_eq!(next("2026-10-25T00:30:00Z"), at("2026-10-26T01:30:00Z"));
        // Samoa had no 30 December 2011.
        let apia = clock("Pacific/Apia", &[(18, 0)]);
        let now = at("2011-12-30T09:00:00Z");
        assert_eq!(apia.last(now).expect("a time"), at("2011-12-30T04:00:00Z"));
        assert!(apia.next(now).expect("a time") <= at("2011-12-31T04:00:00Z"));
    }
}
