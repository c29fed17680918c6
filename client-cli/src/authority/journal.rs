//! The journal, for people.

use serde::Serialize;

use super::desk::{Desk, JournalEnd, check_journal};
use super::status;
use crate::cli::{Answer, Outcome};
use crate::context::Context;
use crate::text::clean;

#[derive(Serialize)]
struct Shown {
    number: i64,
    at: String,
    operator: String,
    action: String,
    subject: String,
    details: serde_json::Value,
    digest: String,
}

pub(super) fn run(context: &Context) -> Outcome {
    let mut desk = Desk::open(context)?;
    let journal = desk.journal()?;
    // [CLI-9]
    check_journal(&journal, desk.records::<JournalEnd>()?.first())?;
    let shown = journal.into_iter().map(|entry| {
        Ok(Shown {
            number: entry.number,
            at: status::time(entry.at),
            operator: entry.operator,
            action: entry.action,
            subject: entry.subject,
            details: serde_json::from_str(&entry.details)?,
            digest: hex::encode(entry.digest),
        })
    });
    let shown: Vec<Shown> = shown.collect::<anyhow::Result<_>>()?;
    context.output.data(&shown, |shown| {
        let line = |entry: &Shown| {
            let Shown { number, at, operator, action, subject, details, .. } = entry;
            clean(&format!("{number:>4}  {at}  {operator}  {action}  {subject}  {details}"))
        };
        shown.iter().map(line).collect::<Vec<_>>().join("\n")
    })?;
    if let Some(last) = shown.last() {
        context.output.say(format!("the journal ends with the digest {}", last.digest));
    }
    Ok(Answer::Yes)
}
