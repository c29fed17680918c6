//! The journal, for people.

pub(super) mod details;

use serde::Serialize;

use super::place::open_to_read;
use crate::context::Context;
use crate::desk::{Entry, rfc3339};
use crate::outcome::{Answer, Outcome};
use crate::text::clean;

#[derive(Serialize)]
struct ShownEntry {
    number: i64,
    at: String,
    operator: String,
    action: String,
    subject: String,
    details: serde_json::Value,
    digest: String,
    #[serde(skip)]
    shown: String,
}

pub(super) fn run(context: &Context) -> Outcome {
    let mut desk = open_to_read(context)?;
    // [CLI-9]
    let journal = desk.checked_journal()?;
    let zone = desk.zone();
    let shown = journal.into_iter().map(|entry| {
        let details = serde_json::from_str(&entry.details)?;
        // [CLI-32]
        let (at, words) = (details::local_time(entry.at, &zone), details::words(&details, &zone));
        let Entry { number, operator, action, subject, .. } = &entry;
        let line = format!("{number:>4}  {at}  {operator}  {action}  {subject}  {words}");
        Ok(ShownEntry {
            number: entry.number,
            at: rfc3339(entry.at),
            operator: entry.operator,
            action: entry.action,
            subject: entry.subject,
            details,
            digest: hex::encode(entry.digest),
            shown: clean(line.trim_end()),
        })
    });
    let shown: Vec<ShownEntry> = shown.collect::<anyhow::Result<_>>()?;
    context.output.data(&shown, |shown| {
        shown.iter().map(|entry| entry.shown.as_str()).collect::<Vec<_>>().join("\n")
    })?;
    if let Some(last) = shown.last() {
        context.output.say(format!(
            "times are those of {}; the journal ends with the digest {}",
            desk.profile().profile().time_zone,
            last.digest
        ));
    }
    Ok(Answer::Yes)
}
