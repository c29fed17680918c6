//! Which moment a written time is, and whether it is only one.

use anyhow::{Context as _, bail, ensure};
use jiff::civil::{Date, DateTime};
use jiff::tz::{AmbiguousOffset, Offset, TimeZone};
use jiff::{Timestamp, Zoned};
use noren::time::UnixSeconds;
use noren::visitor::MAX_VISIT_SECONDS;

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

/// A local time that is not one moment: the two that it could be.
struct Unclear {
    text: String,
    readings: [Timestamp; 2],
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
        Ok(timestamp(self.now)?.to_zoned(self.zone.clone()).date())
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
            Edge::Start => self.start_of(date),
            Edge::End => self.end_of(date),
            Edge::None => bail!("this is a whole day; add the time, like \"{date} 18:30\""),
        }
    }

    /// An offset says which moment it is; a zone beside it has to agree.
    fn own_zone(&self) -> TimeZone {
        self.place.offset.map_or_else(|| self.zone.clone(), TimeZone::fixed)
    }

    /// The outer error: no such time. The inner one: two of them.
    fn at(&self, date: Date, clock: Clock) -> anyhow::Result<Result<Timestamp, Unclear>> {
        let Clock::At(time) = clock else { return self.end_of(date).map(Ok) };
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
                let found = offset.to_timestamp(local).context(RANGE)?;
                self.check_offset(found)?;
                return Ok(Ok(found));
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

    fn check_offset(&self, found: Timestamp) -> anyhow::Result<()> {
        let (Some(zone), Some(offset), false) =
            (&self.place.zone, self.place.offset, self.place.is_utc)
        else {
            return Ok(());
        };
        let right = zone.to_offset(found);
        ensure!(
            right == offset,
            "{} was at {} then",
            self.place_name(),
            found.to_zoned(TimeZone::fixed(right)).strftime("%:z")
        );
        Ok(())
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
        let this = self.at(today, clock)??;
        if this <= now {
            return Ok(this);
        }
        let last = self.at(today.yesterday()?, clock)??;
        let longest = seconds(last)?.plus(MAX_VISIT_SECONDS);
        if matches!(asked, Asked::Arrival(_)) && self.now <= longest {
            return Ok(last);
        }
        let (last, this) = (self.with_offset(last), self.with_offset(this));
        bail!("today it lies in the future, and yesterday it was: write {last} or {this}")
    }

    /// The one such time in the 12 hours after an arrival.
    fn after(&self, arrival: UnixSeconds, clock: Clock) -> anyhow::Result<Timestamp> {
        let (first, last) = (timestamp(arrival)?, timestamp(arrival.plus(MAX_VISIT_SECONDS))?);
        let arrived = first.to_zoned(self.zone.clone());
        let within = |time: &Timestamp| first <= *time && *time <= last;
        // What is typed has no seconds, and whoever came in this minute left in it.
        let minute = UnixSeconds::from_i64(first.as_second() / 60 * 60)?;
        for date in [arrived.date().yesterday()?, arrived.date(), arrived.date().tomorrow()?] {
            match self.at(date, clock)? {
                Ok(found) if within(&found) => return Ok(found),
                Ok(found) if seconds(found)? == minute => return Ok(first),
                Err(unclear) if unclear.readings.iter().any(within) => return Err(unclear.into()),
                _ => {}
            }
        }
        bail!(
            "it is before the arrival at {}, or more than 12 hours after: write it with its date",
            self.with_offset(first)
        )
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
