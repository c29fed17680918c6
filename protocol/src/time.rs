//! Time as the protocol sees it: whole seconds, hours, UTC days, and half-open windows.

use std::fmt;

use serde::{Deserialize, Serialize};

const HOUR: u64 = 3_600;
const DAY: u64 = 86_400;
/// The longest visit, in seconds: after 12 hours a forgotten one ends by itself.
pub const MAX_VISIT_SECONDS: u64 = 12 * HOUR;

/// Why a time or a window was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TimeError {
    /// Before 1970 or after the year 9999.
    #[error("the time lies outside the years 1970 to 9999")]
    OutOfRange,
    /// A window's end is not after its start.
    #[error("the end is not after the start")]
    EndNotAfterStart,
    /// Not a multiple of 3,600 seconds.
    #[error("the time is not the start of an hour")]
    NotAnHour,
    /// Not a multiple of 86,400 seconds.
    #[error("the time is not the start of a UTC day")]
    NotADay,
}

/// Whole seconds since 1970-01-01T00:00:00Z without leap seconds, up to the end of the year 9999.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize,
)]
#[serde(try_from = "u64", into = "u64")]
pub struct UnixSeconds(u64);

impl UnixSeconds {
    /// The last representable second, 9999-12-31T23:59:59Z.
    pub const MAX: Self = Self(253_402_300_799);

    /// Makes a time of a count of seconds.
    ///
    /// # Errors
    /// [`TimeError::OutOfRange`] beyond the year 9999.
    pub const fn new(seconds: u64) -> Result<Self, TimeError> {
        // [TIME-1]
        if seconds > Self::MAX.0 { Err(TimeError::OutOfRange) } else { Ok(Self(seconds)) }
    }

    /// Makes a time of a signed count of seconds, as protobuf's `int64` fields carry it.
    ///
    /// # Errors
    /// [`TimeError::OutOfRange`] before 1970 or beyond the year 9999.
    pub fn from_i64(seconds: i64) -> Result<Self, TimeError> {
        u64::try_from(seconds).map_err(|_| TimeError::OutOfRange).and_then(Self::new)
    }

    /// Returns the count of seconds.
    #[must_use]
    pub const fn get(self) -> u64 {
        self.0
    }

    /// Returns the count of seconds, signed; never negative.
    #[must_use]
    pub const fn as_i64(self) -> i64 {
        self.0.cast_signed()
    }

    /// Returns the time `seconds` later, at most [`UnixSeconds::MAX`].
    #[must_use]
    pub fn plus(self, seconds: u64) -> Self {
        Self(self.0.saturating_add(seconds).min(Self::MAX.0))
    }

    /// Returns the time `seconds` earlier, at least zero.
    #[must_use]
    pub const fn minus(self, seconds: u64) -> Self {
        Self(self.0.saturating_sub(seconds))
    }
}

impl UnixSeconds {
    /// Returns the UTC day that the time belongs to.
    #[must_use]
    pub const fn day(self) -> Day {
        Day::containing(self)
    }
}

/// A length of time in seconds, shown in people's words: the largest unit of which there are two or
/// nearly so, without its parts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Lapse(pub u64);

impl fmt::Display for Lapse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const UNITS: [(u64, &str); 4] =
            [(365 * DAY, "years"), (DAY, "days"), (HOUR, "hours"), (60, "minutes")];
        // What is nearly two counts as two.
        let unit = UNITS.iter().find(|(length, _)| self.0 >= 2 * length - length / 12);
        let (length, name) = unit.copied().unwrap_or((1, "seconds"));
        let count =
            self.0 / length + u64::from(self.0 % length >= length.div_ceil(2) && length > 1);
        write!(f, "{count} {name}")
    }
}

impl TryFrom<u64> for UnixSeconds {
    type Error = TimeError;

    fn try_from(seconds: u64) -> Result<Self, TimeError> {
        Self::new(seconds)
    }
}

impl From<UnixSeconds> for u64 {
    fn from(time: UnixSeconds) -> Self {
        time.0
    }
}

impl fmt::Display for UnixSeconds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// One hour, the interval of an identity: `[start, start + 3600)`, `start` a multiple of 3,600.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "UnixSeconds", into = "UnixSeconds")]
pub struct Hour(UnixSeconds);

impl Hour {
    /// The length of an hour in seconds, hashed into every identity.
    pub const LENGTH: i32 = 3_600;

    /// Returns the hour that contains `time`.
    #[must_use]
    pub const fn containing(time: UnixSeconds) -> Self {
        // [TIME-2]
        Self(UnixSeconds(time.0 / HOUR * HOUR))
    }

    /// Returns the hour that starts at `start`.
    ///
    /// # Errors
    /// [`TimeError::NotAnHour`] unless `start` is a multiple of 3,600.
    pub const fn starting_at(start: UnixSeconds) -> Result<Self, TimeError> {
        // [TIME-2] [REV-6]
        if start.0.is_multiple_of(HOUR) { Ok(Self(start)) } else { Err(TimeError::NotAnHour) }
    }

    /// Returns the hours from the one that contains `first` to the one that contains `last`, both
    /// included. Empty when `last` lies in an earlier hour.
    pub fn spanning(first: UnixSeconds, last: UnixSeconds) -> impl Iterator<Item = Self> {
        // [TIME-5]
        (first.0 / HOUR..=last.0 / HOUR).map(|hour| Self(UnixSeconds(hour * HOUR)))
    }

    /// Returns the first second.
    #[must_use]
    pub const fn start(self) -> UnixSeconds {
        self.0
    }

    /// Returns the first second after the hour.
    #[must_use]
    pub fn end(self) -> UnixSeconds {
        self.0.plus(HOUR)
    }

    /// Returns whether the hour has passed at `now`, so that no visit in it is still to come.
    #[must_use]
    pub fn is_over(self, now: UnixSeconds) -> bool {
        self.end() <= now
    }

    /// Returns the UTC day that the hour belongs to.
    #[must_use]
    pub const fn day(self) -> Day {
        Day::containing(self.0)
    }
}

impl TryFrom<UnixSeconds> for Hour {
    type Error = TimeError;

    fn try_from(start: UnixSeconds) -> Result<Self, TimeError> {
        Self::starting_at(start)
    }
}

impl From<Hour> for UnixSeconds {
    fn from(hour: Hour) -> Self {
        hour.0
    }
}

/// A UTC day, named by its first second.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "UnixSeconds", into = "UnixSeconds")]
pub struct Day(UnixSeconds);

impl Day {
    /// Returns the UTC day that contains `time`.
    #[must_use]
    pub const fn containing(time: UnixSeconds) -> Self {
        // [TIME-3]
        Self(UnixSeconds(time.0 / DAY * DAY))
    }

    /// Returns the UTC day that starts at `start`.
    ///
    /// # Errors
    /// [`TimeError::NotADay`] unless `start` is a multiple of 86,400.
    pub const fn starting_at(start: UnixSeconds) -> Result<Self, TimeError> {
        if start.0.is_multiple_of(DAY) { Ok(Self(start)) } else { Err(TimeError::NotADay) }
    }

    /// Returns the first second.
    #[must_use]
    pub const fn start(self) -> UnixSeconds {
        self.0
    }

    /// Returns the day `days` earlier, at least 1970-01-01.
    #[must_use]
    pub const fn minus(self, days: u32) -> Self {
        Self(self.0.minus(days as u64 * DAY))
    }

    /// Returns the day `days` later, at most the last of the year 9999.
    #[must_use]
    pub fn plus(self, days: u32) -> Self {
        Self::containing(self.0.plus(u64::from(days) * DAY))
    }
}

/// The date in the Gregorian calendar, `2026-04-01` (ISO 8601).
impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Counted from 0000-03-01, so that the leap day is the last of its year; 400 years have
        // 146,097 days.
        let days = self.0.0 / DAY + 719_468;
        let (era, day) = (days / 146_097, days % 146_097);
        let year = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
        let of_year = day - (365 * year + year / 4 - year / 100);
        let month = (5 * of_year + 2) / 153;
        let of_month = of_year - (153 * month + 2) / 5 + 1;
        let (month, later) = if month < 10 { (month + 3, 0) } else { (month - 9, 1) };
        write!(f, "{:04}-{month:02}-{of_month:02}", era * 400 + year + later)
    }
}

impl TryFrom<UnixSeconds> for Day {
    type Error = TimeError;

    fn try_from(start: UnixSeconds) -> Result<Self, TimeError> {
        Self::starting_at(start)
    }
}

impl From<Day> for UnixSeconds {
    fn from(day: Day) -> Self {
        day.0
    }
}

/// A half-open span of time: `start` belongs to it, `end` does not, `start < end`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "(UnixSeconds, UnixSeconds)", into = "(UnixSeconds, UnixSeconds)")]
pub struct Window {
    start: UnixSeconds,
    end: UnixSeconds,
}

/// The window in UTC, `2026-04-01 18:00:00 to 2026-04-01 19:00:00 UTC`; the last second is the first
/// that does not belong to it.
impl fmt::Display for Window {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let clock = |time: UnixSeconds| {
            let of_day = time.0 % DAY;
            format!(
                "{} {:02}:{:02}:{:02}",
                time.day(),
                of_day / HOUR,
                of_day / 60 % 60,
                of_day % 60
            )
        };
        write!(f, "{} to {} UTC", clock(self.start), clock(self.end))
    }
}

impl Window {
    /// Makes the window `[start, end)`.
    ///
    /// # Errors
    /// [`TimeError::EndNotAfterStart`] unless `start < end`.
    pub fn new(start: UnixSeconds, end: UnixSeconds) -> Result<Self, TimeError> {
        // [TIME-4]
        if start < end { Ok(Self { start, end }) } else { Err(TimeError::EndNotAfterStart) }
    }

    /// Returns the first second inside.
    #[must_use]
    pub const fn start(self) -> UnixSeconds {
        self.start
    }

    /// Returns the first second after.
    #[must_use]
    pub const fn end(self) -> UnixSeconds {
        self.end
    }

    /// Returns the length in seconds, at least 1.
    #[must_use]
    pub const fn seconds(self) -> u64 {
        self.end.get() - self.start.get()
    }

    /// Returns whether every second of `other` lies inside.
    #[must_use]
    pub fn contains(self, other: Self) -> bool {
        self.start <= other.start && other.end <= self.end
    }

    /// Returns the seconds in both windows, or `None` when they only touch or lie apart.
    #[must_use]
    pub fn overlap(self, other: Self) -> Option<Self> {
        // [MAT-3]
        Self::new(self.start.max(other.start), self.end.min(other.end)).ok()
    }

    /// Returns every hour that the window touches.
    pub fn hours(self) -> impl Iterator<Item = Hour> {
        Hour::spanning(self.start, self.end.minus(1))
    }

    /// Returns the end of the last hour that the window touches: from then on its keys may be
    /// known.
    #[must_use]
    pub fn over_at(self) -> UnixSeconds {
        Hour::containing(self.end.minus(1)).end()
    }
}

impl TryFrom<(UnixSeconds, UnixSeconds)> for Window {
    type Error = TimeError;

    fn try_from((start, end): (UnixSeconds, UnixSeconds)) -> Result<Self, TimeError> {
        Self::new(start, end)
    }
}

impl From<Window> for (UnixSeconds, UnixSeconds) {
    fn from(window: Window) -> Self {
        (window.start, window.end)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: u64) -> UnixSeconds {
        UnixSeconds::new(seconds).expect("in range")
    }

    #[test]
    fn refuses_times_that_no_calendar_has() {
        // [TIME-1]
        assert_eq!(UnixSeconds::new(253_402_300_800), Err(TimeError::OutOfRange));
        assert_eq!(UnixSeconds::from_i64(-1), Err(TimeError::OutOfRange));
        assert_eq!(UnixSeconds::MAX.plus(1), UnixSeconds::MAX);
        assert_eq!(at(5).minus(6), at(0));
    }

    #[test]
    fn an_hour_is_half_open_and_belongs_to_a_utc_day() {
        // [TIME-2] [TIME-3]
        assert_eq!(Hour::containing(at(3_599)).start(), at(0));
        assert_eq!(Hour::containing(at(3_600)).start(), at(3_600));
        assert_eq!(Hour::starting_at(at(3_601)), Err(TimeError::NotAnHour));
        assert_eq!(Hour::containing(at(86_399)).day().start(), at(0));
        assert_eq!(Hour::containing(at(86_400)).day().start(), at(86_400));
        assert_eq!(Day::starting_at(at(86_401)), Err(TimeError::NotADay));
    }

    #[test]
    fn touching_windows_do_not_overlap() {
        // [TIME-4] [MAT-3]
        let window = |start, end| Window::new(at(start), at(end)).expect("ordered");
        assert_eq!(window(0, 10).overlap(window(10, 20)), None);
        assert_eq!(window(0, 11).overlap(window(10, 20)), Some(window(10, 11)));
        assert_eq!(Window::new(at(5), at(5)), Err(TimeError::EndNotAfterStart));
        assert!(window(0, 10).contains(window(0, 10)));
        assert!(!window(0, 10).contains(window(1, 11)));
    }

    #[test]
    fn a_lapse_is_told_in_the_largest_unit_of_which_there_are_two() {
        for (seconds, words) in [
            (0, "0 seconds"),
            (114, "114 seconds"),
            (115, "2 minutes"),
            (6_899, "115 minutes"),
            (7_199, "2 hours"),
            (46 * HOUR - 1, "46 hours"),
            (2 * DAY - 60, "2 days"),
            (2 * DAY, "2 days"),
            (2 * DAY + HOUR, "2 days"),
            (365 * DAY, "365 days"),
            (730 * DAY, "2 years"),
            (u64::MAX, "584942417355 years"),
        ] {
            assert_eq!(Lapse(seconds).to_string(), words);
        }
    }

    #[test]
    fn days_and_windows_are_shown_by_the_calendar() {
        for (seconds, date) in [
            (0, "1970-01-01"),
            (951_782_400, "2000-02-29"),
            (951_868_800, "2000-03-01"),
            (1_775_066_400, "2026-04-01"),
            (1_798_761_599, "2026-12-31"),
            (4_107_542_399, "2100-02-28"),
            (4_107_542_400, "2100-03-01"),
            (253_402_300_799, "9999-12-31"),
        ] {
            assert_eq!(at(seconds).day().to_string(), date);
        }
        let window = Window::new(at(1_775_066_400), at(1_775_088_001)).expect("ordered");
        assert_eq!(window.to_string(), "2026-04-01 18:00:00 to 2026-04-02 00:00:01 UTC");
    }

    #[test]
    fn a_window_that_ends_on_the_hour_does_not_touch_it() {
        // [TIME-5]
        let window = Window::new(at(3_600), at(7_200)).expect("ordered");
        assert_eq!(window.hours().count(), 1);
        assert_eq!(Hour::spanning(at(3_599), at(3_600)).count(), 2);
        assert_eq!(Hour::spanning(at(3_600), at(0)).count(), 0);
    }
}
