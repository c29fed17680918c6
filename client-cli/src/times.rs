//! Times as people write and read them: one grammar for every argument and file.

use anyhow::{Context as _, bail};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Span, SpanRelativeTo, Timestamp};
use noren::time::{UnixSeconds, Window};

mod meaning;
mod show;
#[cfg(test)]
mod table;
mod written;

use meaning::{Asked, Edge};
pub(crate) use show::{
    rfc3339, show, show_all_in, show_at, show_clock, show_day, show_in, show_named, show_span,
    show_span_in, show_window, show_window_in, zone_name,
};

/// The grammar in short, for help texts.
const HELP: &str = "Times: \"2026-04-01 18:30\", 2026-04-01T18:30:00+09:00, \
    \"2026-04-01 18:30[Asia/Tokyo]\", 2026/04/01 18:30, 18:30, yesterday 18:30, now. Without an \
    offset or a zone they are those of this machine's time zone; a time that came twice or never there \
    needs an offset. A day alone is its beginning as --from, its end as --to. Lengths: 90m, 2h, 7d; \
    a day has 24 hours.";

/// The end of the help of a command that takes times.
pub(crate) fn help(example: &str) -> String {
    format!("{HELP}\n\n{example}")
}

/// Reads when something began: a day alone is its beginning, a time alone today's.
pub(crate) fn parse_from(text: &str, now: UnixSeconds) -> anyhow::Result<UnixSeconds> {
    read(text, Asked::From, now)
}

/// Reads when something ended: a day alone is its end, a time alone today's.
pub(crate) fn parse_to(text: &str, now: UnixSeconds) -> anyhow::Result<UnixSeconds> {
    read(text, Asked::To, now)
}

/// Reads two times as a window.
pub(crate) fn parse_window(from: &str, to: &str, now: UnixSeconds) -> anyhow::Result<Window> {
    Window::new(parse_from(from, now)?, parse_to(to, now)?)
        .context("the window's end has to come after its start")
}

/// Reads the beginning of something in a file: a time has its date there.
pub(crate) fn parse_from_in_file(text: &str, now: UnixSeconds) -> anyhow::Result<UnixSeconds> {
    read(text, Asked::InFile(Edge::Start), now)
}

/// Reads the end of something in a file.
pub(crate) fn parse_to_in_file(text: &str, now: UnixSeconds) -> anyhow::Result<UnixSeconds> {
    read(text, Asked::InFile(Edge::End), now)
}

/// Reads when somebody came who is there now: a time alone is the last such time, if that is no
/// longer ago than a visit lasts.
pub(crate) fn parse_arrival(text: &str, now: UnixSeconds) -> anyhow::Result<UnixSeconds> {
    read(text, Asked::Arrival(Edge::None), now)
}

/// Reads when somebody left, or will, who came at `arrival`: a time alone is the one within the
/// longest visit after that.
pub(crate) fn parse_departure(
    text: &str,
    now: UnixSeconds,
    arrival: UnixSeconds,
) -> anyhow::Result<UnixSeconds> {
    read(text, Asked::Departure(arrival, Edge::None), now)
}

/// Reads a day of a time zone, like 2026-04-01, yesterday or 2026年4月1日.
pub(crate) fn parse_date(text: &str, now: UnixSeconds, zone: &TimeZone) -> anyhow::Result<Date> {
    let written = written::read(text).with_context(|| format!("{text:?} is no date"))?;
    meaning::date(&written, now, zone).with_context(|| format!("{text:?} is no date"))
}

/// Reads a day as the moment at which it begins in a zone of the IANA database.
pub(crate) fn parse_start_of_date(
    text: &str,
    now: UnixSeconds,
    zone: &str,
) -> anyhow::Result<UnixSeconds> {
    let zone = self::zone(Some(zone))?;
    let date = parse_date(text, now, &zone)?;
    seconds(date.at(12, 0, 0, 0).to_zoned(zone)?.start_of_day()?.timestamp())
}

/// Reads a length like `90m`, `1h 30m` or `7d`, in seconds; a day has 24 hours.
pub(crate) fn parse_length(text: &str) -> anyhow::Result<u64> {
    // [TIME-10]
    let written = written::length(text);
    if has_thousands(&written) {
        bail!("{text:?} can be a length in thousands or a part of one: write it without , and .");
    }
    let length = written
        .parse()
        .and_then(|span: Span| span.to_duration(SpanRelativeTo::days_are_24_hours()))
        .map_err(|_| {
            anyhow::anyhow!("{text:?} is no length of time; write it like 90m or 2h, in digits")
        })?;
    match u64::try_from(length.as_secs()) {
        Ok(seconds) if seconds > 0 => Ok(seconds),
        _ => bail!("{text:?} is not a length of at least a second"),
    }
}

fn read(text: &str, asked: Asked, now: UnixSeconds) -> anyhow::Result<UnixSeconds> {
    read_in(text, asked, now, &here(text)?)
}

/// Whether three digits follow a comma or a point, which stands between thousands for some people and
/// before a fraction for others.
fn has_thousands(text: &str) -> bool {
    text.split([',', '.']).skip(1).any(|rest| {
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        digits >= 3
    })
}

/// The time zone of this machine. One that is set and unknown is no reason to take another.
fn here(text: &str) -> anyhow::Result<TimeZone> {
    // [TIME-7]
    let set = std::env::var("TZ").unwrap_or_default();
    match TimeZone::try_system() {
        Ok(zone) => Ok(zone),
        Err(_) if set.is_empty() || text.parse::<Timestamp>().is_ok() => Ok(TimeZone::system()),
        Err(error) => Err(error).with_context(|| {
            format!(
                "this machine's time zone TZ={set:?} is not known: set it to a name like \
                 Asia/Tokyo, or give times with their offset, like 2026-04-01T18:30+09:00"
            )
        }),
    }
}

fn read_in(
    text: &str,
    asked: Asked,
    now: UnixSeconds,
    here: &TimeZone,
) -> anyhow::Result<UnixSeconds> {
    let written = written::read(text)?;
    meaning::moment(&written, asked, now, here).with_context(|| format!("{text:?} is not clear"))
}

/// The time zone of a name like `Asia/Tokyo`, or that of this machine.
pub(crate) fn zone(name: Option<&str>) -> anyhow::Result<TimeZone> {
    let Some(name) = name else { return Ok(TimeZone::system()) };
    TimeZone::get(name)
        .map_err(|_| anyhow::anyhow!("{name:?} is no time zone; name it like Asia/Tokyo"))
}

/// The time zone of a name in the IANA database; of this machine where the name is unknown.
pub(crate) fn zone_or_local(name: Option<&str>) -> TimeZone {
    name.and_then(|name| TimeZone::get(name).ok()).unwrap_or_else(TimeZone::system)
}

/// The date of a time in a zone of the IANA database, like 2026-04-01.
pub(crate) fn local_date(time: UnixSeconds, zone: &str) -> anyhow::Result<String> {
    Ok(timestamp(time)?.to_zoned(self::zone(Some(zone))?).date().to_string())
}

/// The whole local day of a time; 23 or 25 hours long where the clocks are changed.
pub(crate) fn local_day(time: UnixSeconds, zone: &str) -> anyhow::Result<Window> {
    let start = timestamp(time)?.to_zoned(self::zone(Some(zone))?).start_of_day()?;
    let end = start.date().tomorrow()?.at(12, 0, 0, 0).to_zoned(start.time_zone().clone())?;
    let end = end.start_of_day()?.timestamp();
    Ok(Window::new(seconds(start.timestamp())?, seconds(end)?)?)
}

fn timestamp(time: UnixSeconds) -> anyhow::Result<Timestamp> {
    Ok(Timestamp::from_second(time.as_i64())?)
}

fn seconds(time: Timestamp) -> anyhow::Result<UnixSeconds> {
    UnixSeconds::from_i64(time.as_second()).context("times are known from the year 1970 to 9999")
}
