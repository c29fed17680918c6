//! Fixed times of the day at which what staff have released goes out.

use super::error::PolicyError;
use super::file;
use super::limits::{MAX_COVER_MULTIPLE, at_most_of, number};

/// The most release times of a day: one each hour.
const MAX_TIMES: usize = 24;

/// A time of the day in the authority's time zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct ClockTime {
    /// 0 to 23.
    pub hour: u8,
    /// 0 to 59.
    pub minute: u8,
}

/// The times at which the entries that staff released are published, and the number to which each
/// batch is filled. Batches have one size, whether there is a case or not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Release {
    times: Vec<ClockTime>,
    multiple: u32,
}

impl Release {
    /// Returns the times of the day, the earliest first; at least one.
    #[must_use]
    pub fn times(&self) -> &[ClockTime] {
        &self.times
    }

    /// Returns the number of which each day's number of entries is a multiple, for every day of
    /// which devices keep records.
    #[must_use]
    pub const fn multiple(&self) -> u32 {
        self.multiple
    }

    /// Returns the longest time between two releases in minutes, on a day of 24 hours.
    #[must_use]
    pub fn longest_pause(&self) -> u32 {
        let minutes: Vec<u32> = self.times.iter().map(|time| time.minutes()).collect();
        let next = minutes.iter().cycle().skip(1);
        let pauses = minutes.iter().zip(next).map(|(one, next)| (next + DAY - one - 1) % DAY + 1);
        pauses.max().unwrap_or(DAY)
    }
}

/// The minutes of a day.
const DAY: u32 = 1_440;

impl ClockTime {
    fn minutes(self) -> u32 {
        u32::from(self.hour) * 60 + u32::from(self.minute)
    }

    /// Reads `18:00`: two digits each.
    fn read(text: &str) -> Option<Self> {
        let digits = text.bytes().all(|byte| byte.is_ascii_digit() || byte == b':');
        let (hour, minute) = text.split_once(':').filter(|_| digits && text.len() == 5)?;
        let (hour, minute) = (hour.parse().ok()?, minute.parse().ok()?);
        (hour < 24 && minute < 60).then_some(Self { hour, minute })
    }
}

impl std::fmt::Display for ClockTime {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:02}:{:02}", self.hour, self.minute)
    }
}

/// Checks the table.
pub(super) fn release(
    release: Option<file::Release>,
    has_cover: bool,
) -> Result<Option<Release>, PolicyError> {
    // [POL-12]
    let Some(release) = release else { return Ok(None) };
    if has_cover {
        return Err(PolicyError::Conflict {
            setting: "cover".to_owned(),
            rule: "does not go with release, whose multiple fills every batch; leave it out",
        });
    }
    at_most_of("release.times", release.times.len(), MAX_TIMES)?;
    let mut times = Vec::new();
    for (i, text) in (1..).zip(release.times) {
        let setting = format!("release.times[{i}]");
        let Some(time) = ClockTime::read(&text) else {
            let allowed = "a time of the day with two digits each, as \"18:00\"";
            return Err(PolicyError::Form { setting, found: text, allowed });
        };
        if times.contains(&time) {
            return Err(PolicyError::Conflict { setting, rule: "is there already" });
        }
        times.push(time);
    }
    if times.is_empty() {
        return Err(PolicyError::Empty { setting: "release.times".to_owned() });
    }
    times.sort_unstable();
    let multiple = number("release.multiple", release.multiple, 1, MAX_COVER_MULTIPLE)?;
    Ok(Some(Release { times, multiple }))
}
