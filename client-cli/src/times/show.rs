//! Times as people read them.

use std::sync::OnceLock;

use jiff::tz::{AmbiguousOffset, TimeZone};
use noren::time::{Day, UnixSeconds, Window};

use super::timestamp;

/// The time zone in which this run of the program shows times; that of the machine unless a desk has
/// said otherwise.
static SHOWN_IN: OnceLock<TimeZone> = OnceLock::new();

/// Shows every time from now on in this zone, so that no output mixes two of them.
pub(crate) fn show_all_in(zone: TimeZone) {
    // [CLI-32]
    let _ = SHOWN_IN.set(zone);
}

fn shown_in() -> TimeZone {
    SHOWN_IN.get().cloned().unwrap_or_else(TimeZone::system)
}

/// A time in the time zone of the desk, or else of this machine.
pub(crate) fn show(time: UnixSeconds) -> String {
    show_at(time, &shown_in())
}

/// The same, with the zone's name.
pub(crate) fn show_named(time: UnixSeconds) -> String {
    let zone = shown_in();
    format!("{} ({})", show_at(time, &zone), zone_name(time, &zone))
}

/// A time in a time zone, by its minute.
pub(crate) fn show_at(time: UnixSeconds, zone: &TimeZone) -> String {
    format!("{} {}", show_in(time, zone, "%Y-%m-%d"), show_clock(time, zone))
}

/// A window in the time zone of the desk, or else of this machine, which is named; the date of the end only where it
/// differs.
pub(crate) fn show_window(window: Window) -> String {
    show_window_in(window, &shown_in())
}

/// A window in a time zone, which is named.
pub(crate) fn show_window_in(window: Window, zone: &TimeZone) -> String {
    let name = zone_name(window.start(), zone);
    format!("{} ({name})", show_span_in(window.start(), window.end(), zone))
}

/// Two times in the time zone of the desk, or else of this machine.
pub(crate) fn show_span(from: UnixSeconds, to: UnixSeconds) -> String {
    show_span_in(from, to, &shown_in())
}

/// Two times in a time zone; the date of the second only where it differs.
pub(crate) fn show_span_in(from: UnixSeconds, to: UnixSeconds, zone: &TimeZone) -> String {
    let day = |time| show_in(time, zone, "%Y-%m-%d");
    let end = if day(from) == day(to) { show_clock(to, zone) } else { show_at(to, zone) };
    format!("{} to {end}", show_at(from, zone))
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
