//! Who is told: the reference's answer for every visit and trace, and Noren's.

use std::collections::{BTreeMap, BTreeSet};

use noren::hazmat::match_entries;
use noren::visitor::to_the_end;

use super::super::case::{Case, Checked};
use super::super::stricter::Stricter;
use super::tracings::{Item, Tracing};
use super::visits::{Plaintext, Visit};
use crate::Context;

/// Visit, tracing and item of a match.
type Place = (i64, usize, usize);

/// What Noren's own records and matching find: each match, with its message.
pub(crate) fn found(
    case: &Case<'_>,
    visits: &[Visit],
    tracings: &[Tracing],
) -> Checked<BTreeMap<Place, String>> {
    // [MAT-1]
    let places: Vec<(usize, usize, &Item)> = (tracings.iter().enumerate())
        .flat_map(|(i, tracing)| {
            tracing.items.iter().enumerate().map(move |(j, item)| (i, j, item))
        })
        .collect();
    let entries = || (0..).zip(places.iter().map(|(_, _, item)| item.event.as_slice()));
    let mut found = BTreeMap::new();
    for visit in visits {
        let Some((stay, records)) = &visit.records else { continue };
        let outcome = case.must("match", match_entries(records, entries(), to_the_end))?;
        case.same("malformed", outcome.malformed, 0)?;
        for matched in outcome.matches {
            let place = usize::try_from(matched.index).ok().and_then(|index| places.get(index));
            let (i, j, _) = case.must("index", place.ok_or("no such entry"))?;
            case.same("stay", matched.record.stay, *stay)?;
            found.insert((visit.id, *i, *j), matched.notice.message);
        }
    }
    Ok(found)
}

/// [MAT-1] [MAT-3]
pub(crate) fn check(
    case: &Case<'_>,
    visits: &[Visit],
    tracings: &[Tracing],
    found: &BTreeMap<Place, String>,
    context: &Context,
) -> Checked {
    let id = case.number("visit")?;
    let visit = visits.iter().find(|visit| visit.id == id);
    let visit = case.must("visit", visit.ok_or("no such visit"))?;
    let [i, j] = [case.unsigned("tracing")? as usize, case.unsigned("item")? as usize];
    let tracing = case.must("tracing", tracings.get(i).ok_or("no such tracing"))?;
    let item = case.must("item", tracing.items.get(j).ok_or("no such item"))?;
    reference_match(case, visit, tracing, item)?;
    let told = found.get(&(id, i, j));
    match (case.find("ts_match"), &visit.records) {
        (Some(value), Some(_)) if !value.is_null() => {
            case.same("message", told, Some(&tracing.message))?;
        }
        _ => case.same("Noren's match", told, None)?,
    }
    overlap(case, visit, tracing, context)
}

/// The reference's records, opened with the key of the trace.
fn reference_match(case: &Case<'_>, visit: &Visit, tracing: &Tracing, item: &Item) -> Checked {
    let opened: BTreeSet<Vec<u8>> = (visit.entries.iter())
        .filter_map(|parts| item.key.decrypt(&item.identity, &parts.parse().ok()?))
        .map(|plaintext| plaintext.to_vec())
        .collect();
    if case.find("ts_match").is_some_and(serde_json::Value::is_null) {
        return case.same("records opened", opened.len(), 0);
    }
    let recorded = case.inner("ts_match")?;
    let plaintext = opened.first().and_then(|plaintext| Plaintext::read(plaintext));
    let plaintext = case.must("record", plaintext.ok_or("none opens"))?;
    recorded.same("id", visit.id, recorded.number("id")?)?;
    recorded.same("arrival", plaintext.arrival, recorded.unsigned("startTimestamp")?)?;
    recorded.same("departure", plaintext.departure, recorded.unsigned("endTimestamp")?)?;
    recorded.same("message", tracing.message.as_str(), recorded.text("message")?)?;
    recorded.same_bytes("countryData", &tracing.country_data)?;
    recorded.finish()
}

/// The reference counts intervals that touch, Noren does not.
fn overlap(case: &Case<'_>, visit: &Visit, tracing: &Tracing, context: &Context) -> Checked {
    let start = visit.arrival.max(tracing.window.start());
    let end = visit.departure.min(tracing.window.end());
    let recorded = case.flag("overlap")?;
    case.same("overlap", start <= end, recorded)?;
    let Some((stay, _)) = &visit.records else { return Ok(()) };
    let exposed = stay.overlap(tracing.window).is_some();
    if recorded && !exposed {
        case.same("the instant they share", start, end)?;
        context.met.note(Stricter::TouchingOverlap);
    }
    case.check(recorded || !exposed, || "Noren sees an exposure".to_owned())
}
