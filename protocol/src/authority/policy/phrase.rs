//! A finding in words.

use std::fmt::{self, Formatter};

use super::finding::{Finding, Verdict};
use super::premises::{Measure, Premises, Size};
use super::threshold::SizeRange;
use crate::messages::VenueKind;

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        finding(self, f)
    }
}

/// Writes "2 of 2 reports, live house with 100 seats or more, group A → attention".
fn finding(finding: &Finding, f: &mut Formatter<'_>) -> fmt::Result {
    let reports = match finding.needed {
        Some(needed) => format!("{} of {needed} reports", finding.reports),
        None if finding.reports == 1 => "1 report".to_owned(),
        None => format!("{} reports", finding.reports),
    };
    let place = place(finding);
    let group = finding.group.as_ref().map(|name| format!(", group {name}")).unwrap_or_default();
    match finding.verdict {
        Verdict::Below => write!(f, "{reports}, {place}{group} → below the threshold"),
        Verdict::Reached(level) => write!(f, "{reports}, {place}{group} → {}", level.name()),
        Verdict::Staff => write!(f, "{reports}, {place}{group} → staff decide"),
        Verdict::Unset => write!(f, "{reports}{}", unset(finding, &place, &group)),
    }
}

/// Returns why there is no threshold.
fn unset(finding: &Finding, place: &str, group: &str) -> String {
    let measures: Vec<&str> = finding.measures.iter().map(|measure| measure.name()).collect();
    let by = measures.join(" or ");
    match (finding.range, finding.premises.size) {
        (None, None) if !measures.is_empty() => {
            format!(", {place}{group}: its size ({by}) is not known")
        }
        (None, Some(_)) if !measures.is_empty() => {
            format!(", {place}{group}: thresholds go by {by} only")
        }
        _ => format!(": no threshold is set for {} {place}{group}", article(place)),
    }
}

/// Returns the place with the sizes that are treated alike, else with its own.
fn place(finding: &Finding) -> String {
    let Premises { kind, size } = finding.premises;
    let (measure, amount) = match (finding.range, size) {
        (Some(range), _) => (range.measure, range_amount(range)),
        (None, Some(size)) => (size.measure(), size_amount(size)),
        (None, None) => return name(kind),
    };
    let name = name(kind);
    match measure {
        Measure::Seats => format!("{name} with {amount}"),
        Measure::Area => format!("{name} of {amount}"),
        Measure::Attendance if kind == VenueKind::Event => format!("event of {amount}"),
        Measure::Attendance => format!("event of {amount} at {} {name}", article(&name)),
    }
}

fn name(kind: VenueKind) -> String {
    match kind {
        VenueKind::Other => "venue of another kind".to_owned(),
        named => named.name().replace('-', " "),
    }
}

fn article(noun: &str) -> &'static str {
    if noun.starts_with(['a', 'e', 'i', 'o', 'u']) { "an" } else { "a" }
}

fn size_amount(size: Size) -> String {
    let number = grouped(size.number());
    match size {
        Size::Seats(1) => "1 seat".to_owned(),
        Size::Seats(_) => format!("{number} seats"),
        Size::SquareMetres(_) => format!("{number} m²"),
        Size::Attendance(1) => "1 person".to_owned(),
        Size::Attendance(_) => format!("{number} people"),
    }
}

fn range_amount(range: SizeRange) -> String {
    let from = grouped(range.from);
    let below = range.below.map(|below| (grouped(below), grouped(below.saturating_sub(1))));
    match (range.measure, range.from, below) {
        (Measure::Seats, _, None) => format!("{from} seats or more"),
        (Measure::Seats, 0, Some((below, _))) => format!("fewer than {below} seats"),
        (Measure::Seats, _, Some((_, last))) => format!("{from} to {last} seats"),
        (Measure::Area, _, None) => format!("{from} m² or more"),
        (Measure::Area, 0, Some((below, _))) => format!("less than {below} m²"),
        (Measure::Area, _, Some((below, _))) => format!("{from} to less than {below} m²"),
        (Measure::Attendance, 0, None) => "any number of people".to_owned(),
        (Measure::Attendance, from, None) => format!("more than {} people", grouped(from - 1)),
        (Measure::Attendance, 0, Some((_, last))) => format!("up to {last} people"),
        (Measure::Attendance, _, Some((_, last))) => format!("{from} to {last} people"),
    }
}

/// Returns a number with commas between thousands.
fn grouped(number: u32) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_grouped_by_thousands() {
        for (number, text) in [
            (0, "0"),
            (999, "999"),
            (1_000, "1,000"),
            (10_000, "10,000"),
            (u32::MAX, "4,294,967,295"),
        ] {
            assert_eq!(grouped(number), text);
        }
    }

    #[test]
    fn every_range_has_its_phrase() {
        let amount = |measure, from, below| range_amount(SizeRange { measure, from, below });
        assert_eq!(amount(Measure::Seats, 0, Some(100)), "fewer than 100 seats");
        assert_eq!(amount(Measure::Seats, 100, Some(200)), "100 to 199 seats");
        assert_eq!(amount(Measure::Seats, 100, None), "100 seats or more");
        assert_eq!(amount(Measure::Area, 0, Some(1_000)), "less than 1,000 m²");
        assert_eq!(amount(Measure::Area, 1_000, Some(9_000)), "1,000 to less than 9,000 m²");
        assert_eq!(amount(Measure::Area, 9_000, None), "9,000 m² or more");
        assert_eq!(amount(Measure::Attendance, 0, Some(201)), "up to 200 people");
        assert_eq!(amount(Measure::Attendance, 201, Some(501)), "201 to 500 people");
        assert_eq!(amount(Measure::Attendance, 201, None), "more than 200 people");
        assert_eq!(amount(Measure::Attendance, 0, None), "any number of people");
    }
}
