//! Archived heads: of each day the first one that was signed, under a path of its own, for readers
//! that join late.

use super::SignedCheckpoint;
use crate::time::{Day, UnixSeconds};

const FOLDER: &str = "archive/";
const DAY_SECONDS: u64 = 86_400;
/// On how many days a head may have been archived that a reader still joins at.
const DAYS: u32 = 8;

/// Of how many days a feed for other clients gives out entries.
const FEED_DAYS: u32 = 14;

/// Returns the path of the head that was archived on a day, `archive/2026-11-27`.
#[must_use]
pub fn archived_path(day: Day) -> String {
    // [LOG-17]
    format!("{FOLDER}{day}")
}

/// Returns the day of such a path, or `None` for any other spelling.
#[must_use]
pub fn archived_day(path: &str) -> Option<Day> {
    // [LOG-17]
    let mut numbers = path.strip_prefix(FOLDER)?.split('-').map(str::parse::<u64>);
    let mut number = || numbers.next()?.ok();
    let (year, month, day) = (number()?, number()?, number()?);
    if !(1970..=9999).contains(&year) || !(1..=12).contains(&month) || !(1..=31).contains(&day) {
        return None;
    }
    // Counted from March on, so that the leap day is the last of its year.
    let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let days = 365 * year + year / 4 - year / 100 + year / 400 + (153 * month + 2) / 5 + day - 1;
    let start = UnixSeconds::new(days.checked_sub(719_468)? * DAY_SECONDS).ok()?;
    let day = Day::containing(start);
    (archived_path(day) == path).then_some(day)
}

/// Returns the days at whose archived heads a reader may join a log whose head was signed at `signed`,
/// the latest first: all that they cover was published before the first day whose records a device
/// still keeps.
pub fn days_to_join_at(signed: UnixSeconds, retention_days: u32) -> impl Iterator<Item = Day> {
    // [LOG-18]
    let oldest = Day::containing(signed).minus(retention_days);
    (1..=DAYS).map(move |before| oldest.minus(before))
}

/// Returns the last day whose archived head covers nothing but entries that are *past*, in a log whose
/// head was signed at `signed`: no device asks for their bundles any more, and a server may remove
/// them.
#[must_use]
pub fn last_past_day(signed: UnixSeconds, retention_days: u32) -> Day {
    // [API-39] A day behind the last one at which a reader joins: the head may be yesterday's.
    Day::containing(signed).minus(retention_days.max(FEED_DAYS) + DAYS + 1)
}

impl SignedCheckpoint {
    /// Returns whether this head was signed on `day`, and so may be archived for it. A later one in
    /// its place would hide what was published meanwhile.
    #[must_use]
    pub fn is_of(&self, day: Day) -> bool {
        // [LOG-17] [LOG-18]
        Day::containing(self.timestamp()) == day
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_day_has_one_path_and_no_other_spelling_is_one() {
        // [LOG-17]
        for day in (0..80_000_u64).step_by(37).chain([59, 11_016, 19_782, 2_932_896]) {
            let day = Day::containing(UnixSeconds::new(day * DAY_SECONDS).expect("a time"));
            assert_eq!(archived_day(&archived_path(day)), Some(day));
        }
        assert!(archived_day("archive/2024-02-29").is_some());
        for path in [
            "",
            "archive/",
            "archive/2026-11",
            "archive/2026-11-27-1",
            "archive/2026-11-27/",
            "archive/2026-02-29",
            "archive/2026-13-01",
            "archive/2026-00-10",
            "archive/2026-1-2",
            "archive/+2026-11-27",
            "archive/02026-11-27",
            "archive/1969-12-31",
            "2026-11-27",
            "archive/18446744073709551615-01-01",
            "archive/2026-11-32",
            "archive/2026-04-31",
        ] {
            assert_eq!(archived_day(path), None, "{path}");
        }
    }

    #[test]
    fn a_reader_joins_before_the_first_day_whose_records_are_kept() {
        // [LOG-18] [VLT-5]
        let signed = UnixSeconds::new(1_700_000_000).expect("2023-11-14");
        let days: Vec<_> = days_to_join_at(signed, 14).map(|day| day.to_string()).collect();
        assert_eq!(days.first().map(String::as_str), Some("2023-10-30"));
        assert_eq!(days.last().map(String::as_str), Some("2023-10-23"));
        // [API-39] What goes is older than all of these.
        assert_eq!(last_past_day(signed, 14).to_string(), "2023-10-22");
        assert_eq!(last_past_day(signed, 3), last_past_day(signed, 14));
    }
}
