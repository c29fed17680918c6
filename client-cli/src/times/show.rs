//! Times as people read them.

use jiff::tz::{AmbiguousOffset, TimeZone};
use noren::time::{Day, UnixSeconds, Window};

use super::timestamp;

/// A time in the time zone of this machine.
pub(crate) fn show(time: UnixSeconds) -> String {
    let here = TimeZone::system();
    format!("{} {}", show_in(time, &here, "%Y-%m-%d"), show_clock(time, &here))
}

/// A window in the time zone of this machine, which is named; the date of the end only where it
/// differs.
pub(crate) fn show_window(window: Window) -> String {
    let zone = zone_name(window.start(), &TimeZone::system());
    format!("{} ({zone})", show_span(window.start(), window.end()))
}

/// Two times in the time zone of this machine.
pub(crate) fn show_span(from: UnixSeconds, to: UnixSeconds) -> String {
    let here = TimeZone::system();
    let day = |time| show_in(time, &here, "%Y-%m-%d");
    if day(from) == day(to) {
        format!("{} to {}", show(from), show_clock(to, &here))
    } else {
        format!("{} to {}", show(from), show(to))
    }
}

/// Hour and minute in a time zone; with the distance from UTC where the clocks show them twice.
pub(crate) fn show_clock(time: UnixSeconds, zone: &TimeZone) -> String {
    // [TIME-7]
    let twice = timestamp(time).is_ok_and(|time| {
        let local = zone.to_datetime(time);
        matches!(zone.to_ambiguous_timestamp(local).offset(), AmbiguousOffset::Fold { .. })
    });
    show_in(time, zone, if twice { "%H:%M%:z" } else { "%H:%M" })
}

/// What a time zone is called at a time: its name, or the distance from UTC where it has none.
pub(crate) fn zone_name(time: UnixSeconds, zone: &TimeZone) -> String {
    zone.iana_name().map_or_else(|| show_in(time, zone, "UTC%:z"), str::to_owned)
}

/// A time in a time zone, as a pattern of `strftime` has it.
pub(crate) fn show_in(time: UnixSeconds, zone: &TimeZone, format: &str) -> String {
    match timestamp(time) {
        Ok(time) => time.to_zoned(zone.clone()).strftime(format).to_string(),
        Err(_) => time.to_string(),
    }
}

/// A UTC day.
pub(crate) fn show_day(day: Day) -> String {
    match timestamp(day.start()) {
        Ok(start) => start.strftime("%Y-%m-%d").to_string(),
        Err(_) => day.start().to_string(),
    }
}

/// A time as RFC 3339 in UTC, for data.
pub(crate) fn rfc3339(time: UnixSeconds) -> String {
    timestamp(time).map_or_else(|_| time.to_string(), |time| time.to_string())
}
