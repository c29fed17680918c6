//! Cases that the log tells of already: published by another copy of this desk, or before it was
//! restored. What stands for their hours is read from the log, so that nothing is published twice, and
//! nothing is taken for published that was not.
//!
//! Cases about one entry code share their hours, and an entry does not say whose it is. Its notice says
//! the window: a case has published it whose upload holds that window, and of which the log has every
//! hour of it.

use std::collections::{BTreeMap, HashMap};

use noren::authority::Review;
use noren::messages::{Level, Notice, PublishedTrace};
use noren::time::{Hour, Window};
use serde_json::json;
use sha2::{Digest as _, Sha256};

use super::Desk;
use super::case_file::{CaseFile, Publication, Status};
use super::event::{Event, Noted};
use super::review::review_case;
use super::store::Change;
use crate::times;

/// How many bytes at the beginning of an entry hold its identity.
const HEAD: usize = 64;
const IDENTITY: usize = 32;

/// A case, what was handed in for it, and what the log has for its hours.
struct Known {
    case: CaseFile,
    review: Review,
    entry_code: [u8; 32],
    /// For each hour the latest notice in the log.
    standing: BTreeMap<Hour, Notice>,
    /// Whether any of it is new to this desk.
    is_touched: bool,
}

/// A notice of which the log has every hour.
struct Own<'k> {
    window: Window,
    notice: &'k Notice,
    hours: Vec<Hour>,
}

impl Known {
    /// Tells of a notice for hours of this case that may be another case's.
    fn remark(&self, desk: &Desk<'_>) {
        let Some(notice) = self.standing.values().max_by_key(|notice| level(notice)) else {
            return;
        };
        desk.say(format!(
            "case {}: the log has a notice for some of its hours: {}{}. It may be another case's, or be \
             for a part of this one's window: look before you publish",
            self.case.id,
            level(notice).name(),
            notice.window.map_or_else(String::new, |window| format!(
                " for {}",
                times::show_window(window)
            ))
        ));
    }

    /// A case whose upload is here; `None` where it is not, or is damaged.
    fn of(desk: &Desk<'_>, case: &CaseFile) -> anyhow::Result<Option<Self>> {
        let can_be_told =
            !matches!(case.status, Status::Registering | Status::Rejected | Status::Closed);
        if !can_be_told || (case.patient.is_none() && !desk.upload_path(case).exists()) {
            return Ok(None);
        }
        Ok(review_case(desk, case)?.ok().map(|review| Self::new(case.clone(), review)))
    }

    fn new(case: CaseFile, review: Review) -> Self {
        let entry_code = Sha256::digest(review.entry_code.as_bytes()).into();
        Self { case, review, entry_code, standing: BTreeMap::new(), is_touched: false }
    }

    /// The notices that this case can have published, the one that says most first.
    fn own(&self) -> Vec<Own<'_>> {
        let mut own: Vec<Own<'_>> = Vec::new();
        let mut notices: Vec<&Notice> = self.standing.values().collect();
        notices.sort_by_key(|notice| std::cmp::Reverse(level(notice)));
        for notice in notices {
            let window = notice.window.unwrap_or(self.review.window);
            let hours: Vec<Hour> = window.hours().collect();
            let is_whole = hours.iter().all(|hour| self.standing.contains_key(hour));
            if self.review.window.contains(window)
                && is_whole
                && !own.iter().any(|known| known.window == window)
            {
                own.push(Own { window, notice, hours });
            }
        }
        own
    }

    /// The notice that is this case's: for just the window that it was uploaded for, or that it had
    /// before; a later one of a case that had one.
    fn own_notice(&self, wanted: Option<&Publication>) -> Option<Own<'_>> {
        let case = &self.case;
        let released = case.released.as_ref().and_then(|released| released.notice.as_ref());
        let had = [case.published.as_ref(), released, wanted].into_iter().flatten();
        let windows: Vec<Window> = had.map(|notice| notice.window).collect();
        let is_for =
            |own: &Own<'_>| own.window == self.review.window || windows.contains(&own.window);
        let had_one = matches!(case.status, Status::Published | Status::Withdrawn);
        let mut own = self.own();
        let at =
            own.iter().position(is_for).or_else(|| (had_one && !own.is_empty()).then_some(0))?;
        Some(own.swap_remove(at))
    }
}

fn level(notice: &Notice) -> Level {
    notice.details.map_or(Level::Attention, |details| details.level)
}

/// Reads the log once for all of these cases; the entries in `new` are those that the desk did not
/// know.
fn read(cases: &mut [Known], log: &[Vec<u8>], is_new: impl Fn(usize) -> bool) {
    let mut wanted = HashMap::<[u8; IDENTITY], Vec<(usize, usize)>>::new();
    for (at, known) in cases.iter().enumerate() {
        for (number, key) in known.review.pre_traces.iter().enumerate() {
            wanted.entry(*key.identity().as_bytes()).or_default().push((at, number));
        }
    }
    for (index, entry) in log.iter().enumerate() {
        let head = entry.get(..HEAD).unwrap_or(entry);
        let Some(places) = head.windows(IDENTITY).find_map(|part| wanted.get(part)) else {
            continue;
        };
        let Ok(trace) = PublishedTrace::from_bytes(entry) else { continue };
        for (at, number) in places {
            let Some(known) = cases.get_mut(*at) else { continue };
            let Some(key) = known.review.pre_traces.get(*number) else { continue };
            // For each hour the latest entry counts.
            if let Some(notice) = key.notice_of(&trace) {
                known.standing.insert(key.hour(), notice);
                known.is_touched |= is_new(index);
            }
        }
    }
}

/// The case as the log tells it, with what the journal says of it; `None` where the log tells nothing
/// new of it. `wanted` is the notice that it is to have.
fn recognise(
    desk: &Desk<'_>,
    known: &Known,
    wanted: Option<&Publication>,
) -> anyhow::Result<Option<(CaseFile, Noted)>> {
    // [CLI-15]
    if !known.is_touched {
        return Ok(None);
    }
    let Some(own) = known.own_notice(wanted) else {
        known.remark(desk);
        return Ok(None);
    };
    let mut case = known.case.clone();
    case.published = publication(known, &own);
    case.status = if case.published.is_some() { Status::Published } else { Status::Withdrawn };
    // [CLI-35] Whatever waits was decided before.
    case.released = None;
    case.answered.get_or_insert(desk.now()?);
    case.notified.get_or_insert(desk.now()?);
    let before = &known.case;
    let is_known = case.status == before.status
        && case.published == before.published
        && before.released.is_none();
    let event = Event::FoundInLog.about(&case.id, json!({ "notice": case.published }));
    Ok((!is_known).then_some((case, event)))
}

/// The notice that stands for a case, where one does.
fn publication(known: &Known, own: &Own<'_>) -> Option<Publication> {
    let notice = own.notice;
    (level(notice) != Level::Withdrawn).then(|| Publication {
        entry_code: known.entry_code,
        window: own.window,
        level: level(notice),
        message: notice.message.clone(),
        names_venue: notice.details.is_some_and(|details| details.names_venue),
        names_date: notice.details.is_some_and(|details| details.names_date),
        without_times: notice.window.is_none(),
        hours: own.hours.clone(),
    })
}

/// A case that is about to have this notice, as the log tells it.
pub(super) fn before_publishing(
    desk: &mut Desk<'_>,
    case: CaseFile,
    review: &Review,
    wanted: &Publication,
) -> anyhow::Result<CaseFile> {
    // What was published or withdrawn here, or was found at a take-over, is known.
    if !matches!(case.status, Status::Open | Status::Reviewed) || !desk.has_foreign_entries() {
        return Ok(case);
    }
    let mut known = [Known::new(case.clone(), review.clone())];
    read(&mut known, &desk.own_copy(), |index| desk.is_foreign(index as u64));
    let found = known.first().map(|known| recognise(desk, known, Some(wanted))).transpose()?;
    let Some((found, event)) = found.flatten() else { return Ok(case) };
    desk.apply(Change::default().put(&found).note(event))?;
    desk.say(told(&found));
    Ok(found)
}

/// Every case of these, with the upload here, of which the entries from `known` on tell something new.
pub(super) fn all(
    desk: &Desk<'_>,
    cases: &[CaseFile],
    log: &[Vec<u8>],
    known: usize,
) -> anyhow::Result<Vec<(CaseFile, Noted)>> {
    let mut here = Vec::new();
    for case in cases {
        here.extend(Known::of(desk, case)?);
    }
    read(&mut here, log, |index| index >= known);
    let found = here.iter().map(|known| recognise(desk, known, None));
    Ok(found.collect::<anyhow::Result<Vec<_>>>()?.into_iter().flatten().collect())
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
