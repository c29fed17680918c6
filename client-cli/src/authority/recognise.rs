//! Cases that the log tells of already: published by another copy of this desk, or before it was
//! restored. What stands for their hours is read from the log, so that nothing is published twice.

use std::collections::BTreeMap;

use noren::authority::Review;
use noren::messages::{Level, Notice, PublishedTrace};
use noren::time::Hour;
use serde_json::json;
use sha2::{Digest as _, Sha256};

use super::desk::{CaseFile, Change, Desk, Event, Publication, Status};
use super::review::review_case;
use crate::context::Context;
use crate::times;

/// How many bytes at the beginning of an entry hold its identity.
const HEAD: usize = 64;

/// The case as the log tells it, with what the journal says of it; `None` where the log has none of
/// its hours, or the desk knows already.
pub(super) fn recognise<'e>(
    context: &Context,
    case: &CaseFile,
    review: &Review,
    entries: impl IntoIterator<Item = &'e Vec<u8>>,
) -> anyhow::Result<Option<(CaseFile, Event)>> {
    // [CLI-15]
    if !matches!(case.status, Status::Open | Status::Reviewed | Status::Published) {
        return Ok(None);
    }
    let mut standing = BTreeMap::<Hour, Notice>::new();
    for entry in entries {
        let head = entry.get(..HEAD).unwrap_or(entry);
        let own = review.pre_traces.iter().filter(|key| {
            head.windows(key.identity().as_bytes().len())
                .any(|part| part == key.identity().as_bytes())
        });
        for key in own {
            // For each hour the latest entry counts.
            if let Some(notice) =
                PublishedTrace::from_bytes(entry).ok().and_then(|trace| key.notice_of(&trace))
            {
                standing.insert(key.hour(), notice);
            }
        }
    }
    if standing.is_empty() {
        return Ok(None);
    }
    let mut case = case.clone();
    case.published = publication(review, &standing);
    case.status = if case.published.is_some() { Status::Published } else { Status::Withdrawn };
    // What waited for a release, and has gone out.
    case.released = case.released.take().filter(|released| released.notice != case.published);
    case.answered.get_or_insert(context.now()?);
    case.notified.get_or_insert(context.now()?);
    let event = Event::new("found-in-log", &case.id, json!({ "notice": case.published }));
    Ok(Some((case, event)))
}

/// The notice that stands for a case, where one does.
fn publication(review: &Review, standing: &BTreeMap<Hour, Notice>) -> Option<Publication> {
    let level = |notice: &Notice| notice.details.map_or(Level::Attention, |details| details.level);
    let stand = || standing.iter().filter(|(_, notice)| level(notice) != Level::Withdrawn);
    let (_, most) = stand().max_by_key(|(_, notice)| level(notice))?;
    Some(Publication {
        entry_code: Sha256::digest(review.entry_code.as_bytes()).into(),
        window: most.window.unwrap_or(review.window),
        level: level(most),
        message: most.message.clone(),
        names_venue: most.details.is_some_and(|details| details.names_venue),
        names_date: most.details.is_some_and(|details| details.names_date),
        without_times: most.window.is_none(),
        hours: stand().map(|(hour, _)| *hour).collect(),
    })
}

/// A case that is about to be published, as the log tells it.
pub(super) fn before_publishing(
    context: &Context,
    desk: &mut Desk<'_>,
    case: CaseFile,
    review: &Review,
) -> anyhow::Result<CaseFile> {
    if case.published.is_some() {
        return Ok(case);
    }
    let entries = desk.foreign_entries();
    let Some((found, event)) = recognise(context, &case, review, &entries)? else {
        return Ok(case);
    };
    desk.apply(Change::default().put(&found).note(event))?;
    context.output.say(told(&found));
    Ok(found)
}

/// Every case whose upload is here and whose hours are among these entries.
pub(super) fn all(
    context: &Context,
    desk: &Desk<'_>,
    entries: &[Vec<u8>],
) -> anyhow::Result<Vec<(CaseFile, Event)>> {
    let mut found = Vec::new();
    for case in desk.cases() {
        if case.patient.is_none() && !desk.upload_path(case).exists() {
            continue;
        }
        if let Ok(review) = review_case(desk, case)? {
            found.extend(recognise(context, case, &review, entries)?);
        }
    }
    Ok(found)
}

/// What people have to know about a case that was found in the log.
pub(super) fn told(case: &CaseFile) -> String {
    match &case.published {
        Some(notice) => format!(
            "case {}: the log has its hours already: {} for {}. It is not published again",
            case.id,
            notice.level.name(),
            times::show_window(notice.window)
        ),
        None => {
            format!("case {}: the log has its hours already, and the notice is withdrawn", case.id)
        }
    }
}
