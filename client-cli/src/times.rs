//! Times as people write and read them.

use anyhow::{Context as _, bail};
use jiff::civil::{Date, DateTime, Time};
use jiff::tz::TimeZone;
use jiff::{Span, SpanRelativeTo, Timestamp};
use noren::time::{Day, UnixSeconds, Window};

use crate::context::Context;

/// Reads `2026-04-01T18:30:00+09:00`, `2026-04-01 18:30` or `18:30` (today); the last two in the
/// time zone of this machine.
pub(crate) fn parse(text: &str, now: UnixSeconds) -> anyhow::Result<UnixSeconds> {
    let zone = TimeZone::system();
    // A date before a time: jiff reads a time out of a date and time as well.
    let timestamp = if let Ok(timestamp) = text.parse::<Timestamp>() {
        timestamp
    } else if let Ok(datetime) = text.parse::<DateTime>() {
        datetime.to_zoned(zone)?.timestamp()
    } else if let Ok(time) = text.parse::<Time>() {
        // Only now: a date with a time parses as a time, too, and loses its date.
        timestamp(now)?.to_zoned(zone.clone()).date().to_datetime(time).to_zoned(zone)?.timestamp()
    } else {
        bail!(
            "{text:?} is no time; write it like 2026-04-01T18:30:00+09:00, \"2026-04-01 18:30\" or 18:30"
        );
    };
    UnixSeconds::from_i64(timestamp.as_second())
        .with_context(|| format!("{text:?} is out of range"))
}

/// Reads two times as a window.
pub(crate) fn parse_window(from: &str, to: &str, now: UnixSeconds) -> anyhow::Result<Window> {
    Window::new(parse(from, now)?, parse(to, now)?)
        .context("the window's end has to come after its start")
}

/// Reads a length like `90m`, `1h 30m` or `7d`, in seconds; a day has 24 hours.
pub(crate) fn parse_length(text: &str) -> anyhow::Result<u64> {
    let length = text
        .parse()
        .and_then(|span: Span| span.to_duration(SpanRelativeTo::days_are_24_hours()))
        .map_err(|_| anyhow::anyhow!("{text:?} is no length of time; write it like 90m or 2h"))?;
    match u64::try_from(length.as_secs()) {
        Ok(seconds) if seconds > 0 => Ok(seconds),
        _ => bail!("{text:?} is not a length of at least a second"),
    }
}

/// A time in the time zone of this machine.
pub(crate) fn show(time: UnixSeconds) -> String {
    shown_as(time, "%Y-%m-%d %H:%M")
}

/// A window in the time zone of this machine, which is named; the date of the end only where it
/// differs.
pub(crate) fn show_window(window: Window) -> String {
    let zone = zone_name(window.start(), &TimeZone::system());
    format!("{} ({zone})", show_span(window.start(), window.end()))
}

/// Two times in the time zone of this machine.
pub(crate) fn show_span(from: UnixSeconds, to: UnixSeconds) -> String {
    let day = |time| shown_as(time, "%Y-%m-%d");
    if day(from) == day(to) {
        format!("{} to {}", show(from), shown_as(to, "%H:%M"))
    } else {
        format!("{} to {}", show(from), show(to))
    }
}

/// The time zone of a name like `Asia/Tokyo`, or that of this machine.
pub(crate) fn zone(name: Option<&str>) -> anyhow::Result<TimeZone> {
    let Some(name) = name else { return Ok(TimeZone::system()) };
    TimeZone::get(name)
        .map_err(|_| anyhow::anyhow!("{name:?} is no time zone; name it like Asia/Tokyo"))
}

/// Tells an operator whose machine stands in another zone than the authority's days.
pub(crate) fn warn_of_other_zone(context: &Context, zone: &str) {
    let (own, now) = (TimeZone::system(), context.now());
    let Ok(now) = now else { return };
    let own = zone_name(now, &own);
    if own != zone {
        context.output.say(format!(
            "A day is one of {zone}; the times that you type and read at this machine are {own}."
        ));
    }
}

/// The date of a time in a zone of the IANA database, like 2026-04-01.
pub(crate) fn local_date(time: UnixSeconds, zone: &str) -> anyhow::Result<String> {
    Ok(timestamp(time)?.to_zoned(self::zone(Some(zone))?).date().to_string())
}

/// When a local day like 2026-04-01 begins.
pub(crate) fn start_of_date(text: &str, zone: &str) -> anyhow::Result<UnixSeconds> {
    // A date with a time reads as a date, too, and would lose its time.
    let date = text.parse::<Date>().ok().filter(|date| date.to_string() == text);
    let date = date.with_context(|| format!("{text:?} is no date; write it like 2026-04-01"))?;
    let start = date.to_zoned(self::zone(Some(zone))?)?.timestamp();
    Ok(UnixSeconds::from_i64(start.as_second())?)
}

/// The whole local day of a time; 23 or 25 hours long where the clocks are changed.
pub(crate) fn local_day(time: UnixSeconds, zone: &str) -> anyhow::Result<Window> {
    let start = timestamp(time)?.to_zoned(self::zone(Some(zone))?).start_of_day()?;
    let end = start.tomorrow()?.start_of_day()?;
    let seconds = |time: &jiff::Zoned| UnixSeconds::from_i64(time.timestamp().as_second());
    Ok(Window::new(seconds(&start)?, seconds(&end)?)?)
}

/// The time zone of a name in the IANA database; of this machine where the name is unknown.
pub(crate) fn zone_or_local(name: Option<&str>) -> TimeZone {
    name.and_then(|name| TimeZone::get(name).ok()).unwrap_or_else(TimeZone::system)
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

fn shown_as(time: UnixSeconds, format: &str) -> String {
    show_in(time, &TimeZone::system(), format)
}

fn timestamp(time: UnixSeconds) -> anyhow::Result<Timestamp> {
    Ok(Timestamp::from_second(time.as_i64())?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_local_day_is_as_long_as_the_clocks_make_it() {
        let length = |time: i64, zone| {
            local_day(UnixSeconds::from_i64(time).expect("a time"), zone).expect(zone).seconds()
        };
        let noon =
            |day: &str| format!("{day}T12:00:00Z").parse::<Timestamp>().expect(day).as_second();
        assert_eq!(length(noon("2026-03-29"), "Asia/Tokyo"), 86_400);
        assert_eq!(length(noon("2026-03-29"), "Europe/Zurich"), 82_800);
        assert_eq!(length(noon("2026-10-25"), "Europe/Zurich"), 90_000);
        let late = UnixSeconds::from_i64(noon("2026-04-01") + 4 * 3_600).expect("a time");
        assert_eq!(local_date(late, "Asia/Tokyo").expect("a zone"), "2026-04-02");
        assert!(local_date(late, "Asia/Osaka").is_err());
    }

    #[test]
    fn a_date_that_is_given_is_not_lost() {
        let now = UnixSeconds::new(1_775_000_000).expect("a time");
        let [day, next] = ["2026-04-02 18:30", "2026-04-03 18:30"]
            .map(|text| parse(text, now).expect(text).as_i64());
        assert_eq!(next - day, 86_400);
        assert!((parse("18:30", now).expect("today").as_i64() - now.as_i64()).abs() < 86_400);
        assert!(parse("yesterday", now).is_err());
    }

    #[test]
    fn an_authoritys_day_is_that_of_its_time_zone() {
        let evening = UnixSeconds::new(1_775_053_800).expect("a time");
        let day = |name| show_in(evening, &zone_or_local(Some(name)), "%Y-%m-%d %H:%M");
        assert_eq!(day("Asia/Tokyo"), "2026-04-01 23:30");
        assert_eq!(day("Pacific/Auckland"), "2026-04-02 03:30");
        assert_eq!(zone_or_local(Some("Mars/Olympus")), TimeZone::system());
        assert_eq!(zone_name(evening, &zone_or_local(Some("Asia/Tokyo"))), "Asia/Tokyo");
        let nameless = TimeZone::fixed(jiff::tz::offset(9));
        assert_eq!(zone_name(evening, &nameless), "UTC+09:00");
    }

    #[test]
    fn a_length_may_be_in_days() {
        for (text, seconds) in [("90m", 5_400), ("1h 30m", 5_400), ("7d", 604_800), ("1s", 1)] {
            assert_eq!(parse_length(text).expect(text), seconds);
        }
        for text in ["", "0s", "-1h", "1", "1 month", "soon"] {
            assert!(parse_length(text).is_err(), "{text}");
        }
    }
}
