//! The release times of a policy on the calendar of its time zone, and what waits for them.

use anyhow::Context as _;
use jiff::tz::TimeZone;
use jiff::{Span, Timestamp};
use noren::authority::{ClockTime, Policy};
use noren::time::UnixSeconds;

use super::Desk;
use super::case_file::CaseFile;
use super::resolution::Resolution;
use crate::times;

/// When releases are.
pub(super) struct Clock {
    zone: TimeZone,
    times: Vec<ClockTime>,
}

impl Clock {
    /// The release times of a policy that has any.
    pub(super) fn of(policy: &Policy) -> anyhow::Result<Option<Self>> {
        let Some(release) = policy.release() else { return Ok(None) };
        let zone = times::zone(Some(policy.time_zone())).context("time_zone")?;
        Ok(Some(Self { zone, times: release.times().to_vec() }))
    }

    /// The latest release time that is not after this one.
    pub(super) fn last(&self, now: UnixSeconds) -> anyhow::Result<UnixSeconds> {
        let last = self.around(now)?.into_iter().filter(|time| *time <= now).max();
        last.context("there is no release time")
    }

    /// The first release time after this one.
    pub(super) fn next(&self, now: UnixSeconds) -> anyhow::Result<UnixSeconds> {
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

/// Returns whether what a resolution publishes waits for the next release.
pub(super) fn waits(desk: &Desk<'_>, resolution: &Resolution) -> anyhow::Result<bool> {
    // [CLI-35]
    Ok(!resolution.is_at_once() && desk.policy()?.release().is_some())
}

/// The next release time, where the policy has any.
pub(super) fn next(desk: &Desk<'_>) -> anyhow::Result<Option<UnixSeconds>> {
    let now = desk.now()?;
    Clock::of(&desk.policy()?)?.map(|clock| clock.next(now)).transpose()
}

/// The cases of which something waits, the longest waiting first.
pub(super) fn waiting(desk: &Desk<'_>) -> Vec<CaseFile> {
    let waits = |case: &&CaseFile| case.released.is_some();
    let mut cases: Vec<CaseFile> = desk.cases().iter().filter(waits).cloned().collect();
    cases.sort_by_key(|case| case.released.as_ref().map(|released| released.at));
    cases
}

/// What waits for which release.
pub(crate) struct Queue {
    pub(crate) next: UnixSeconds,
    /// The last one whose batch is in the log.
    pub(crate) last: Option<UnixSeconds>,
    pub(crate) cases: Vec<String>,
}

impl Desk<'_> {
    /// The queue of a desk whose policy has release times, or of which something waits all the same.
    pub(crate) fn release_queue(&self) -> anyhow::Result<Option<Queue>> {
        // [CLI-35]
        let next = next(self)?;
        let cases: Vec<String> = waiting(self).into_iter().map(|case| case.id).collect();
        if next.is_none() && cases.is_empty() {
            return Ok(None);
        }
        // Without release times, the next command sends it.
        let next = next.map_or_else(|| self.now(), Ok)?;
        Ok(Some(Queue { next, last: self.released(), cases }))
    }
}

/// Why `release` has to be run by hand, where it has.
pub(super) fn overdue(desk: &Desk<'_>) -> anyhow::Result<Option<String>> {
    // [CLI-36]
    let Some(clock) = Clock::of(&desk.policy()?)? else {
        let waits = !waiting(desk).is_empty();
        return Ok(waits.then(|| "the policy has no release times, and something waits".to_owned()));
    };
    let due = clock.last(desk.now()?)?;
    let is_out = desk.released().is_some_and(|released| due <= released);
    Ok((!is_out).then(|| format!("the release of {} has not gone out", times::show(due))))
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
