//! A day, as each language writes it.

use std::str::FromStr;

use crate::PosterError;

/// A day of the calendar.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Date {
    year: u16,
    month: u8,
    day: u8,
}

impl FromStr for Date {
    type Err = PosterError;

    /// Reads a date like `2026-11-26`.
    fn from_str(text: &str) -> Result<Self, PosterError> {
        let mut parts = text.split('-');
        let mut part = |digits: usize| {
            let part = parts.next().filter(|part| part.len() == digits);
            let part = part.filter(|part| part.bytes().all(|byte| byte.is_ascii_digit()));
            part.and_then(|part| part.parse::<u16>().ok()).ok_or(PosterError::Date)
        };
        let (year, month, day) = (part(4)?, part(2)?, part(2)?);
        let is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
        let days = match month {
            2 if is_leap => 29,
            2 => 28,
            4 | 6 | 9 | 11 => 30,
            1..=12 => 31,
            _ => return Err(PosterError::Date),
        };
        if parts.next().is_some() || !(1..=days).contains(&day) {
            return Err(PosterError::Date);
        }
        let small = |part: u16| u8::try_from(part).map_err(|_| PosterError::Date);
        Ok(Self { year, month: small(month)?, day: small(day)? })
    }
}

impl Date {
    /// The date in a pattern like `{d} {month} {y}`, with the names of the months, if it has any.
    pub(crate) fn written(self, pattern: &str, months: &[String]) -> String {
        let month = usize::from(self.month).checked_sub(1).and_then(|month| months.get(month));
        pattern
            .replace("{y}", &self.year.to_string())
            .replace("{month}", month.map_or("", String::as_str))
            .replace("{m}", &self.month.to_string())
            .replace("{d}", &self.day.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_read_and_written() {
        let date: Date = "2026-11-05".parse().expect("a date");
        assert_eq!(date.written("{y}年{m}月{d}日", &[]), "2026年11月5日");
        let months: Vec<_> = (1..=12).map(|month| format!("M{month}")).collect();
        assert_eq!(date.written("{d} {month} {y}", &months), "5 M11 2026");
        assert!("2028-02-29".parse::<Date>().is_ok());
        for wrong in [
            "2026-02-29",
            "2026-13-01",
            "2026-1-01",
            "2026-01-00",
            "2026-01-01-01",
            "",
            "2026-+1-01",
        ] {
            assert_eq!(wrong.parse::<Date>(), Err(PosterError::Date), "{wrong}");
        }
    }
}
