//! Which moment a written time is, and whether it is only one.

use anyhow::{Context as _, bail, ensure};
use jiff::civil::{Date, DateTime};
use jiff::tz::{AmbiguousOffset, Offset, TimeZone};
use jiff::{Timestamp, Zoned};
use noren::time::{MAX_VISIT_SECONDS, UnixSeconds};

use super::written::{Clock, Day, Place, Written};
use super::{seconds, timestamp};

/// What is asked for: it decides what a day alone and a time alone mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Asked {
    /// The beginning of something. A day alone is its beginning.
    From,
    /// The end of something. A day alone is its end.
    To,
    /// The same two in a file, which is read on another day than it was written.
    InFile(Edge),
    /// When somebody came, who is there now. A time alone is the last such time.
    Arrival(Edge),
    /// When somebody left, or will, who came then. A time alone is the next one after that.
    Departure(UnixSeconds, Edge),
}

/// What a day alone is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Edge {
    Start,
    End,
    /// Not clear.
    None,
}

impl Asked {
    const fn edge(self) -> Edge {
        match self {
            Self::From => Edge::Start,
            Self::To => Edge::End,
            Self::InFile(edge) | Self::Arrival(edge) | Self::Departure(_, edge) => edge,
        }
    }
}

const RANGE: &str = "times are known from the year 1970 to 9999";

/// A local time that is not one moment: the two that it could be. One moment twice where a zone
/// contradicts the offset beside it.
struct Unclear {
    text: String,
    readings: [Timestamp; 2],
}

impl Unclear {
    fn is_twofold(&self) -> bool {
        let [first, second] = self.readings;
        first != second
    }
}

/// The moment of a written time, read at `now` by somebody in `here`.
pub(super) fn moment(
    written: &Written,
    asked: Asked,
    now: UnixSeconds,
    here: &TimeZone,
) -> anyhow::Result<UnixSeconds> {
    // [CLI-28]
    if let Asked::InFile(_) = asked {
        let dated = |day: &Day| matches!(day, Day::Date(_));
        let dated = match written {
            Written::Moment(day, ..) | Written::Day(day, _) => dated(day),
            Written::Now | Written::Clock(..) => false,
        };
        ensure!(dated, "in a file a time has its date, like \"2026-04-01 18:30\"");
    }
    let (Written::Day(_, place) | Written::Clock(_, place) | Written::Moment(_, _, place)) =
        written
    else {
        return Ok(now);
    };
    let reader = Reader { now, place, zone: place.zone(here) };
    let found = match written {
        Written::Now => timestamp(now)?,
        Written::Day(day, _) => reader.edge(*day, asked.edge())?,
        Written::Moment(day, clock, _) => reader.at(reader.date(*day)?, *clock)??,
        Written::Clock(clock, _) => reader.clock(*clock, asked)?,
    };
    seconds(found)
}

/// The date of a written day.
pub(super) fn date(written: &Written, now: UnixSeconds, zone: &TimeZone) -> anyhow::Result<Date> {
    match written {
        Written::Day(day, place) if *place == Place::default() => {
            let reader = Reader { now, place, zone: zone.clone() };
            let date = reader.date(*day)?;
            reader.start_of(date)?;
            Ok(date)
        }
        _ => bail!("a day is asked for: write it like 2026-04-01, without a time and a zone"),
    }
}

impl Place {
    fn zone(&self, here: &TimeZone) -> TimeZone {
        let fixed = self.offset.map(TimeZone::fixed);
        self.zone.clone().or(fixed).unwrap_or_else(|| here.clone())
    }
}

struct Reader<'a> {
    now: UnixSeconds,
    place: &'a Place,
    zone: TimeZone,
}

impl Reader<'_> {
    fn today(&self) -> anyhow::Result<Date> {
        Ok(timestamp(self.now)?.to_zoned(self.own_zone()).date())
    }

    fn date(&self, day: Day) -> anyhow::Result<Date> {
        Ok(match day {
            Day::Date(date) => date,
            Day::FromToday(0) => self.today()?,
            Day::FromToday(1..) => self.today()?.tomorrow()?,
            Day::FromToday(_) => self.today()?.yesterday()?,
        })
    }

    /// The first moment of a day, which is not always midnight.
    fn start_of(&self, date: Date) -> anyhow::Result<Timestamp> {
        // [TIME-9]
        let start = self.start_at_or_after(date)?;
        ensure!(start.date() == date, "that day never was in {}", self.place_name());
        Ok(start.timestamp())
    }

    fn start_at_or_after(&self, date: Date) -> anyhow::Result<Zoned> {
        Ok(date.at(12, 0, 0, 0).to_zoned(self.own_zone()).context(RANGE)?.start_of_day()?)
    }

    fn end_of(&self, date: Date) -> anyhow::Result<Timestamp> {
        self.start_of(date)?;
        let next = date.tomorrow().context(RANGE)?;
        Ok(self.start_at_or_after(next)?.timestamp())
    }

    fn edge(&self, day: Day, edge: Edge) -> anyhow::Result<Timestamp> {
        // [TIME-9]
        let date = self.date(day)?;
        match edge {
            Edge::Start => Ok(self.agreeing(self.start_of(date)?)?),
            Edge::End => Ok(self.agreeing(self.end_of(date)?)?),
            Edge::None => bail!("this is a whole day; add the time, like \"{date} 18:30\""),
        }
    }

    /// An offset says which moment it is; a zone beside it has to agree.
    fn own_zone(&self) -> TimeZone {
        self.place.offset.map_or_else(|| self.zone.clone(), TimeZone::fixed)
    }

    /// The outer error: no such time. The inner one: two of them, or one that its zone contradicts.
    fn at(&self, date: Date, clock: Clock) -> anyhow::Result<Result<Timestamp, Unclear>> {
        let Clock::At(time) = clock else { return Ok(self.agreeing(self.end_of(date)?)) };
        let local = date.to_datetime(time);
        let zone = self.own_zone();
        let readings = |first: Offset, second: Offset| -> anyhow::Result<[Timestamp; 2]> {
            Ok([
                first.to_timestamp(local).context(RANGE)?,
                second.to_timestamp(local).context(RANGE)?,
            ])
        };
        // [TIME-7]
        let unclear = match zone.to_ambiguous_timestamp(local).offset() {
            AmbiguousOffset::Unambiguous { offset } => {
                return Ok(self.agreeing(offset.to_timestamp(local).context(RANGE)?));
            }
            AmbiguousOffset::Fold { before, after } => {
                self.unclear(local, "came twice", readings(before, after)?)
            }
            // The later offset is ahead, so that it gives the earlier moment.
            AmbiguousOffset::Gap { before, after } => {
                self.unclear(local, "never was", readings(after, before)?)
            }
        };
        Ok(Err(unclear))
    }

    /// A moment whose offset the zone beside it does not contradict.
    fn agreeing(&self, found: Timestamp) -> Result<Timestamp, Unclear> {
        let (Some(zone), Some(offset), false) =
            (&self.place.zone, self.place.offset, self.place.is_utc)
        else {
            return Ok(found);
        };
        let right = zone.to_offset(found);
        if right == offset {
            return Ok(found);
        }
        let there = found.to_zoned(TimeZone::fixed(right));
        let text =
            format!("{} was at {} then", self.place_name(), there.strftime("%:z on %Y-%m-%d"));
        Err(Unclear { text, readings: [found; 2] })
    }

    fn unclear(&self, local: DateTime, what: &str, readings: [Timestamp; 2]) -> Unclear {
        let [first, second] = readings.map(|reading| self.with_offset(reading));
        let (local, place) = (local.strftime("%Y-%m-%d %H:%M"), self.place_name());
        let text = format!(
            "{local} {what} in {place}, where the clocks were changed: write {first} or {second}"
        );
        Unclear { text, readings }
    }

    /// A time of a day that is not named.
    fn clock(&self, clock: Clock, asked: Asked) -> anyhow::Result<Timestamp> {
        // [TIME-8]
        if let Asked::Departure(arrival, _) = asked {
            return self.after(arrival, clock);
        }
        let (today, now) = (self.today()?, timestamp(self.now)?);
        let this = self.at(today, clock)?;
        let is_past = match &this {
            Ok(this) => *this <= now,
            Err(unclear) => unclear.readings.iter().all(|reading| *reading <= now),
        };
        if is_past {
            return Ok(this?);
        }
        if let Asked::Arrival(_) = asked
            && let Some(last) = self.only_one(&[today.yesterday()?], clock, |last| {
                last <= now
                    && self.now.as_i64() - last.as_second() <= MAX_VISIT_SECONDS.cast_signed()
            })?
        {
            return Ok(last);
        }
        let this = self.with_offset(this?);
        match self.at(today.yesterday()?, clock) {
            Ok(Ok(last)) => bail!(
                "today it lies in the future, and yesterday it was: write {} or {this}",
                self.with_offset(last)
            ),
            Ok(Err(unclear)) if unclear.is_twofold() => Err(unclear.into()),
            _ => bail!("today it lies in the future, and yesterday there was none: write {this}"),
        }
    }

    /// The first moment at such a time of these days that can be meant; `None` where there is none.
    /// What a day makes unclear is no matter where it cannot be meant.
    fn only_one(
        &self,
        dates: &[Date],
        clock: Clock,
        can_be_meant: impl Fn(Timestamp) -> bool,
    ) -> anyhow::Result<Option<Timestamp>> {
        // [TIME-8]
        for date in dates {
            match self.at(*date, clock) {
                Ok(Ok(found)) if can_be_meant(found) => return Ok(Some(found)),
                Ok(Err(unclear)) if unclear.readings.iter().any(|it| can_be_meant(*it)) => {
                    return Err(unclear.into());
                }
                _ => {}
            }
        }
        Ok(None)
    }

    /// The one such time in the 12 hours after an arrival.
    fn after(&self, arrival: UnixSeconds, clock: Clock) -> anyhow::Result<Timestamp> {
        let (first, last) = (timestamp(arrival)?, timestamp(arrival.plus(MAX_VISIT_SECONDS))?);
        let arrived = first.to_zoned(self.own_zone()).date();
        // What is typed has no seconds, and whoever came in this minute left in it.
        let minute = first.as_second() / 60 * 60;
        let can_be_meant = |it: Timestamp| {
            (first <= it && it <= last) || (it.as_second() == minute && it.subsec_nanosecond() == 0)
        };
        let dates = [arrived.yesterday()?, arrived, arrived.tomorrow()?];
        let found = self.only_one(&dates, clock, can_be_meant)?;
        let found = found.with_context(|| {
            format!(
                "it is before the arrival at {}, or more than 12 hours after: write it with its date",
                self.with_offset(first)
            )
        })?;
        Ok(found.max(first))
    }

    fn with_offset(&self, time: Timestamp) -> String {
        let time = time.to_zoned(self.zone.clone());
        let pattern = if time.second() == 0 { "%Y-%m-%d %H:%M%:z" } else { "%Y-%m-%d %H:%M:%S%:z" };
        time.strftime(pattern).to_string()
    }

    fn place_name(&self) -> String {
        super::zone_name(self.now, &self.zone)
    }
}

impl From<Unclear> for anyhow::Error {
    fn from(unclear: Unclear) -> Self {
        Self::msg(unclear.text)
    }
}
