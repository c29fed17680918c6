//! The grammar of times: what may stand where, before anybody asks which moment it is.

use anyhow::{Context as _, bail, ensure};
use jiff::civil::{Date, Time};
use jiff::tz::{Offset, TimeZone};
use noren::text::typed;

/// What every refusal of a text ends with.
const HOW: &str = "write it like \"2026-04-01 18:30\", 2026-04-01T18:30:00+09:00 or 18:30";

/// A time as it was written.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Written {
    /// `now`.
    Now,
    /// A day, and no time of it.
    Day(Day, Place),
    /// A time of a day that is not named.
    Clock(Clock, Place),
    /// A day and a time of it.
    Moment(Day, Clock, Place),
}

/// Which day was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Day {
    /// By its date.
    Date(Date),
    /// So many days after today.
    FromToday(i8),
}

/// Which time of the day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Clock {
    /// Down to the second: fractions are cut off, and a leap second is the second before it.
    At(Time),
    /// 24:00.
    EndOfDay,
}

/// Where that is the time; nowhere named, where the reader is.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Place {
    /// The distance from UTC; `Z` names no place, so that a zone beside it is not held against it.
    pub(super) offset: Option<Offset>,
    pub(super) is_utc: bool,
    /// The zone in brackets.
    pub(super) zone: Option<TimeZone>,
}

/// Reads a time, or says what about it is not clear.
pub(super) fn read(text: &str) -> anyhow::Result<Written> {
    // [TIME-6]
    // [TIME-11]
    read_folded(&typed(text)).with_context(|| format!("{text:?} is no time"))
}

/// The words of other languages for the units of a length, the longer before what they begin with.
const UNITS: [(&str, &str); 23] = [
    ("時間半", "h 30m "),
    ("時間", "h "),
    ("小時", "h "),
    ("小时", "h "),
    ("시간", "h "),
    ("時", "h "),
    ("时", "h "),
    ("分間", "m "),
    ("分钟", "m "),
    ("分鐘", "m "),
    ("分", "m "),
    ("분", "m "),
    ("秒間", "s "),
    ("秒", "s "),
    ("초", "s "),
    ("日間", "d "),
    ("日", "d "),
    ("天", "d "),
    ("일", "d "),
    ("週間", "w "),
    ("週", "w "),
    ("周", "w "),
    ("주", "w "),
];

/// A length with the units of its parser.
pub(super) fn length(text: &str) -> String {
    // [TIME-10]
    let text = typed(text).to_lowercase().replace(" and ", " ");
    UNITS.iter().fold(text, |text, (word, unit)| text.replace(word, unit)).trim().to_owned()
}

fn read_folded(text: &str) -> anyhow::Result<Written> {
    let (text, zone) = brackets(text)?;
    if text.eq_ignore_ascii_case("now") {
        ensure!(zone.is_none(), "now is the same moment everywhere: leave the zone out");
        return Ok(Written::Now);
    }
    ensure!(!text.is_empty(), HOW);
    let mut rest = Scanner(text);
    let day = rest.day()?;
    let clock = rest.clock(day.is_some())?;
    let place = Place { zone, ..rest.offset()? };
    rest.end()?;
    match (day, clock) {
        (Some(day), Some(clock)) => Ok(Written::Moment(day, clock, place)),
        (Some(day), None) => Ok(Written::Day(day, place)),
        (None, Some(clock)) => Ok(Written::Clock(clock, place)),
        (None, None) => bail!(HOW),
    }
}

/// Takes what RFC 9557 puts in brackets off the end: a time zone, and the name of a calendar.
fn brackets(mut text: &str) -> anyhow::Result<(&str, Option<TimeZone>)> {
    let mut zone = None;
    while let Some((before, inside)) = text.strip_suffix(']').and_then(|text| text.rsplit_once('['))
    {
        let inside = inside.trim_start_matches('!');
        if let Some((key, value)) = inside.split_once('=') {
            let ours = key == "u-ca" && ["iso8601", "gregory"].contains(&value);
            ensure!(ours, "dates are those of the Gregorian calendar: leave [{inside}] out");
        } else {
            ensure!(zone.is_none(), "it names two time zones");
            zone = Some(zone_in_brackets(inside)?);
        }
        text = before.trim_end();
    }
    Ok((text, zone))
}

fn zone_in_brackets(name: &str) -> anyhow::Result<TimeZone> {
    if name.starts_with(['+', '-']) {
        let mut rest = Scanner(name);
        let offset = rest.offset()?.offset;
        rest.end()?;
        return offset.map(TimeZone::fixed).context(HOW);
    }
    super::zone(Some(name))
}

/// Refuses a date whose year does not come first: of 12/01/2026 nobody can tell which day it is. Both
/// readings are shown, as they are to be written.
fn refuse_short_year(text: &str) -> anyhow::Result<()> {
    // [TIME-11]
    let date = text.split_whitespace().next().unwrap_or_default();
    for sign in ['/', '.', '-'] {
        let parts: Vec<&str> = date.split(sign).collect();
        let [first, second, year] = parts[..] else { continue };
        let (Ok(first), Ok(second), Ok(year), 4) =
            (first.parse(), second.parse(), year.parse(), year.len())
        else {
            continue;
        };
        let mut readings: Vec<String> = [(first, second), (second, first)]
            .into_iter()
            .filter_map(|(month, day)| Some(Date::new(year, month, day).ok()?.to_string()))
            .collect();
        readings.dedup();
        ensure!(
            readings.is_empty(),
            "a date begins with its year in four digits: write {}",
            readings.join(" or ")
        );
    }
    Ok(())
}

/// The rest of a text.
struct Scanner<'a>(&'a str);

impl<'a> Scanner<'a> {
    fn peek(&self) -> Option<char> {
        self.0.chars().next()
    }

    fn eat(&mut self, wanted: impl Fn(char) -> bool) -> Option<char> {
        let found = self.peek().filter(|c| wanted(*c))?;
        self.0 = self.0.get(found.len_utf8()..).unwrap_or_default();
        Some(found)
    }

    fn digits(&mut self) -> &'a str {
        let length = self.0.bytes().take_while(u8::is_ascii_digit).count();
        let (digits, rest) = self.0.split_at_checked(length).unwrap_or((self.0, ""));
        self.0 = rest;
        digits
    }

    /// A number of at least and at most so many digits.
    fn number(&mut self, digits: std::ops::RangeInclusive<usize>) -> anyhow::Result<i8> {
        let found = self.digits();
        ensure!(digits.contains(&found.len()), HOW);
        found.parse().context(HOW)
    }

    /// A day, if the text begins with one.
    fn day(&mut self) -> anyhow::Result<Option<Day>> {
        for (word, days) in [("today", 0), ("yesterday", -1), ("tomorrow", 1)] {
            let found = self.0.get(..word.len()).filter(|found| found.eq_ignore_ascii_case(word));
            if found.is_some() {
                self.0 = self.0.get(word.len()..).unwrap_or_default();
                return Ok(Some(Day::FromToday(days)));
            }
        }
        self.refuse_what_is_no_date()?;
        let before = self.0;
        let year = self.digits();
        let is_year = year.len() == 4;
        let Some(sign) = self.eat(|c| "-/年".contains(c) || (is_year && c == '.')) else {
            self.0 = before;
            return Ok(None);
        };
        refuse_short_year(before)?;
        ensure!(
            is_year,
            "a date begins with its year in four digits, like 2026-04-01 or 2026/04/01"
        );
        let between = if sign == '年' { '月' } else { sign };
        let gap = |rest: &mut Self| sign == '.' && rest.eat(|c| c == ' ').is_some();
        gap(self);
        let month = self.number(1..=2)?;
        self.eat(|c| c == between).context(HOW)?;
        gap(self);
        let day = self.number(1..=2)?;
        if sign == '.' {
            // As it is written in Korea and Hungary: 2026. 12. 1.
            self.eat(|c| c == '.');
        }
        self.refuse_weekday()?;
        ensure!(sign != '年' || self.eat(|c| c == '日').is_some(), HOW);
        let year: i16 = year.parse().context(HOW)?;
        ensure!(year >= 1970, "times are known from the year 1970 to 9999");
        let date = Date::new(year, month, day).ok().context("there is no such day")?;
        Ok(Some(Day::Date(date)))
    }

    /// Says of what people write, too, how it is written here.
    fn refuse_what_is_no_date(&self) -> anyhow::Result<()> {
        let mut rest = Scanner(self.0);
        let is_signed = rest.eat(|c| "+-".contains(c)).is_some();
        let digits = rest.digits();
        let next = rest.peek();
        ensure!(
            !(is_signed || next.is_some_and(|c| "hmsdwy".contains(c.to_ascii_lowercase()))),
            "a length of time is no time; {HOW}"
        );
        ensure!(
            digits.is_empty() || next.is_some_and(|c| !c.is_ascii_alphabetic() && c != ' '),
            "a number alone could mean several; {HOW}"
        );
        refuse_short_year(self.0)?;
        let is_year = digits.len() == 4;
        ensure!(
            (next != Some('.') || is_year) && next != Some('月'),
            "a date begins with its year in four digits, like 2026-04-01, and hours and minutes \
             have a colon between them, like 18:30"
        );
        let era = ["令和", "平成", "昭和", "R", "H"].iter().any(|era| self.0.starts_with(era));
        ensure!(!era, "years are those of the Gregorian calendar, like 2026");
        Ok(())
    }

    /// Refuses a day of the week after a date: nobody holds the two against each other.
    fn refuse_weekday(&self) -> anyhow::Result<()> {
        // [TIME-11]
        let rest = self.0.trim_start_matches('日').trim_start();
        ensure!(
            !rest.starts_with(['(', '月', '火', '水', '木', '金', '土']),
            "leave the day of the week out; {HOW}"
        );
        Ok(())
    }

    /// A time of day, if one follows.
    fn clock(&mut self, after_day: bool) -> anyhow::Result<Option<Clock>> {
        let separated = after_day && self.eat(|c| "Tt ".contains(c)).is_some_and(|c| c != ' ');
        if !self.peek().is_some_and(|c| c.is_ascii_digit()) {
            ensure!(
                !self.0.starts_with(['午', '正']),
                "hours are counted from 0 to 24, like 18:30"
            );
            ensure!(!separated, HOW);
            return Ok(None);
        }
        let hour = self.number(1..=2)?;
        let (minute, second) = if self.eat(|c| c == '時').is_some() {
            self.minutes_in_words()?
        } else {
            self.minutes()?
        };
        ensure!(
            !["am", "pm", "a.m", "p.m"].iter().any(|half| {
                let rest = self.0.trim_start().to_ascii_lowercase();
                rest.starts_with(half)
            }),
            "hours are counted from 0 to 24, without am and pm: 6:30 pm is 18:30"
        );
        match (hour, minute, second) {
            (24, 0, 0) => Ok(Some(Clock::EndOfDay)),
            (24.., ..) => bail!("a day ends at 24:00; what is later has the date of the next day"),
            // RFC 3339 writes leap seconds; [TIME-1] does not count them.
            (hour, minute, second) => Time::new(hour, minute, second.min(59), 0)
                .ok()
                .filter(|_| second <= 60)
                .map(|time| Some(Clock::At(time)))
                .context("a clock goes to 23:59:59"),
        }
    }

    fn minutes(&mut self) -> anyhow::Result<(i8, i8)> {
        self.eat(|c| c == ':').context(HOW)?;
        let minute = self.number(2..=2)?;
        if self.eat(|c| c == ':').is_none() {
            return Ok((minute, 0));
        }
        let second = self.number(2..=2)?;
        if self.eat(|c| ".,".contains(c)).is_some() {
            ensure!((1..=9).contains(&self.digits().len()), HOW);
        }
        Ok((minute, second))
    }

    fn minutes_in_words(&mut self) -> anyhow::Result<(i8, i8)> {
        let (mut minute, mut second) = (0, 0);
        if self.eat(|c| c == '半').is_some() {
            minute = 30;
        } else if self.peek().is_some_and(|c| c.is_ascii_digit()) {
            minute = self.number(1..=2)?;
            self.eat(|c| c == '分').context(HOW)?;
        }
        if self.peek().is_some_and(|c| c.is_ascii_digit()) {
            second = self.number(1..=2)?;
            self.eat(|c| c == '秒').context(HOW)?;
        }
        Ok((minute, second))
    }

    /// A distance from UTC, if one follows.
    fn offset(&mut self) -> anyhow::Result<Place> {
        self.0 = self.0.trim_start();
        if self.eat(|c| "Zz".contains(c)).is_some() {
            return Ok(Place { offset: Some(Offset::UTC), is_utc: true, zone: None });
        }
        let Some(sign) = self.eat(|c| "+-".contains(c)) else {
            ensure!(
                !self.peek().is_some_and(char::is_alphabetic),
                "{} could be several time zones: write +09:00, Z or [Asia/Tokyo]",
                self.0
            );
            return Ok(Place::default());
        };
        const OFFSET: &str = "a distance from UTC is written like +09:00";
        let (hours, minutes) = match self.digits() {
            hours if hours.len() == 2 && self.eat(|c| c == ':').is_some() => (hours, self.digits()),
            hours if hours.len() == 2 => (hours, "00"),
            both => both.split_at_checked(2).context(OFFSET)?,
        };
        ensure!(minutes.len() == 2, OFFSET);
        let (hours, minutes): (i32, i32) = (hours.parse()?, minutes.parse()?);
        ensure!(
            minutes < 60 && hours * 60 + minutes <= 14 * 60,
            "no place is further than 14 hours from UTC; {OFFSET}"
        );
        let seconds = (hours * 60 + minutes) * if sign == '-' { -60 } else { 60 };
        let offset = Offset::from_seconds(seconds).context(OFFSET)?;
        Ok(Place { offset: Some(offset), is_utc: false, zone: None })
    }

    fn end(&self) -> anyhow::Result<()> {
        ensure!(self.0.is_empty(), "{:?} is left over; {HOW}", self.0);
        Ok(())
    }
}
