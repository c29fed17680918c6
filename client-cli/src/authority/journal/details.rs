//! What the journal says of an event beside its name, in words instead of JSON.

use jiff::tz::TimeZone;
use noren::messages::Level;
use noren::time::{UnixSeconds, Window};
use serde_json::Value;

use crate::times;

/// The details of an event, with times in a time zone: `venue: Bar Noren; window: 2026-04-01 18:00
/// to 21:00`.
pub(in crate::authority) fn words(details: &Value, zone: &TimeZone) -> String {
    // [CLI-32]
    match details {
        Value::Object(fields) => {
            let told = fields.iter().filter(|(_, value)| !is_nothing(value));
            let word = |(name, value): (&String, &Value)| {
                format!("{}: {}", name.replace('_', " "), of_field(name, value, zone))
            };
            told.map(word).collect::<Vec<_>>().join("; ")
        }
        other => of_field("", other, zone),
    }
}

fn is_nothing(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        _ => false,
    }
}

fn of_field(name: &str, value: &Value, zone: &TimeZone) -> String {
    match (name, value) {
        ("expires" | "since" | "hour" | "at" | "time", Value::Number(_)) => {
            time(value).map_or_else(|| value.to_string(), |time| times::show_at(time, zone))
        }
        ("level", Value::Number(number)) => level(number.as_u64()),
        (_, Value::Bool(yes)) => if *yes { "yes" } else { "no" }.to_owned(),
        (_, Value::String(text)) => text.clone(),
        ("hours", Value::Array(hours)) => {
            let hours = hours.iter().map(|hour| of_field("hour", hour, zone));
            hours.collect::<Vec<_>>().join(", ")
        }
        (_, Value::Array(items)) => match window(value) {
            Some(window) if name == "window" || name == "stay" => {
                times::show_span_in(window.start(), window.end(), zone)
            }
            _ => items.iter().map(|item| of_field("", item, zone)).collect::<Vec<_>>().join(", "),
        },
        (_, Value::Object(_)) => format!("({})", words(value, zone)),
        (_, other) => other.to_string(),
    }
}

fn time(value: &Value) -> Option<UnixSeconds> {
    serde_json::from_value(value.clone()).ok()
}

fn window(value: &Value) -> Option<Window> {
    serde_json::from_value(value.clone()).ok()
}

fn level(number: Option<u64>) -> String {
    let level = number.and_then(|number| Level::try_from(u8::try_from(number).ok()?).ok());
    level.map_or_else(|| "unknown".to_owned(), |level| level.name().to_owned())
}
