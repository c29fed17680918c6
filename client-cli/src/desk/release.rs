//! Releases: what staff have released goes out together at fixed times, filled up, and cover alone
//! where there is nothing, so that the growth of the log says nothing of cases.

use anyhow::ensure;
use noren::authority::{Trace, covered_count, covered_entries};
use noren::log::Append;
use noren::time::{Day, UnixSeconds};
use serde_json::json;

use super::batch::{Batch, Wanted, ids};
use super::case_file::{CaseFile, Released, Status};
use super::event::Event;
use super::release_times::{Clock, waiting};
use super::store::Change;
use super::{Desk, codes, retention, review};
use crate::errors::words;
use crate::text::counted;

/// The most entries that a release sends in one append; they fit, as every entry has one length.
pub(crate) const MAX_BATCH: usize = 11_000;

/// What became of a release.
pub(crate) struct SentRelease {
    /// The release time; absent where the policy has none any more.
    pub(crate) release: Option<UnixSeconds>,
    /// Whether it went out now.
    pub(crate) sent: bool,
    pub(crate) cases: Vec<String>,
    /// Entries that carry a notice of these cases.
    pub(crate) entries: usize,
    pub(crate) log_size: u64,
    /// The next release time.
    pub(crate) next: Option<UnixSeconds>,
    /// What still waits, and why.
    pub(crate) left: Vec<LeftOut>,
}

/// A case that a release has left out.
pub(crate) struct LeftOut {
    pub(crate) case: String,
    pub(crate) because: String,
}

/// The entries that wait, with those of a batch that is going to wait as well.
pub(super) fn entries(desk: &Desk<'_>, batch: &Batch) -> anyhow::Result<Vec<Trace>> {
    let new = |case: &CaseFile| batch.cases.iter().any(|each| each.id == case.id);
    let wanted = |case: CaseFile| {
        let notice = case.released?.notice;
        Some(Wanted { case: case.id, notice })
    };
    let waiting = waiting(desk).into_iter().filter(|case| !new(case));
    let wanted: Vec<Wanted> = waiting.filter_map(wanted).collect();
    let mut traces = batch.traces(desk)?;
    // What cannot be published will be left out.
    if let Ok(waiting) = made(desk, &wanted) {
        traces.extend(waiting.traces(desk)?);
    }
    Ok(traces)
}

/// Notes for each case what goes out with the next release, in one change.
pub(super) fn put_in(desk: &mut Desk<'_>, batch: &Batch) -> anyhow::Result<()> {
    // [CLI-35]
    let now = desk.now()?;
    let mut change = take_out(Change::default(), &batch.taken_out);
    for after in &batch.cases {
        let mut case = desk.case(&after.id)?;
        if case.status == Status::Open {
            case.status = Status::Reviewed;
            case.answered.get_or_insert(now);
        }
        let notice = after.published.clone();
        let event = Event::Released.about(&case.id, json!({ "notice": notice }));
        case.released = Some(Released { notice, at: now });
        change = change.put(&case).note(event);
    }
    desk.apply(change)
}

/// Takes out what waited for these cases.
pub(super) fn take_out(mut change: Change, cases: &[CaseFile]) -> Change {
    // [CLI-35]
    for case in cases {
        change = change.put(case).note(Event::TakenOut.about(&case.id, json!({})));
    }
    change
}

/// Sends the batch of the last release time, once.
/// `most`: the entries of one append at most, but whole cases.
pub(super) fn run(desk: &mut Desk<'_>, most: usize) -> anyhow::Result<SentRelease> {
    // [CLI-36]
    let (now, clock) = (desk.now()?, Clock::of(&desk.policy()?)?);
    let due = clock.as_ref().map(|clock| clock.last(now)).transpose()?;
    let before = desk.released();
    let mut cases = desk.resume()?;
    let resumed = desk.released() != before;
    let is_done = |desk: &Desk<'_>| match due {
        Some(due) => desk.released().is_some_and(|released| due <= released),
        // What waits under a policy that has no release times any more goes out now.
        None => waiting(desk).is_empty(),
    };
    let (mut entries, mut left, mut sent) = (0, Vec::new(), resumed);
    if !is_done(desk) {
        let done = send(desk, due.unwrap_or(now), most)?;
        cases.extend(done.cases);
        (entries, left, sent) = (done.entries, done.left, true);
    }
    let next = clock.map(|clock| clock.next(now)).transpose()?;
    let log_size = desk.log_size();
    Ok(SentRelease { release: due, sent, cases, entries, log_size, next, left })
}

/// What a release did.
struct Done {
    cases: Vec<String>,
    entries: usize,
    left: Vec<LeftOut>,
}

/// Publishes all that waits; in as few appends as hold it, of which only the last ends the release,
/// so that one that was cut off goes on with the rest.
fn send(desk: &mut Desk<'_>, due: UnixSeconds, most: usize) -> anyhow::Result<Done> {
    // [CLI-36] [POL-13] [POL-14]
    desk.prepare_to_sign()?;
    let mut done = Done { cases: Vec::new(), entries: 0, left: Vec::new() };
    let batch = all_that_waits(desk, &mut done.left)?;
    let mut batch = leave_forgotten(desk, batch)?;
    desk.apply(take_out(Change::default(), &batch.taken_out))?;
    let (cover, now) = (desk.policy()?.cover(), desk.now()?);
    loop {
        let (traces, rest) = first_that_fit(desk, &mut batch, most)?;
        let (today, patient_key) = (Day::containing(now), desk.keys.patient_key());
        let entries = covered_entries(&traces, cover, today, patient_key, &mut desk.rng())?;
        for case in batch.cases.iter_mut().filter(|case| case.status == Status::Published) {
            case.answered.get_or_insert(now);
            case.notified.get_or_insert(now);
        }
        let ends = rest.cases.is_empty().then_some(due);
        desk.append_release(entries, batch.cases.clone(), ends)?;
        codes::delete_published(desk, &batch.cases);
        done.cases.extend(ids(&batch.cases));
        done.entries += traces.len();
        if ends.is_some() {
            return Ok(done);
        }
        batch = rest;
    }
}

/// All that waits. Where something of it cannot be published, the rest goes out without it.
fn all_that_waits(desk: &Desk<'_>, left: &mut Vec<LeftOut>) -> anyhow::Result<Batch> {
    let mut wanted = Vec::new();
    for case in waiting(desk) {
        let id = case.id.clone();
        match look(desk, case) {
            Ok(found) => wanted.extend(found),
            Err(error) => left.push(LeftOut { case: id, because: words(&error) }),
        }
    }
    if let Ok(batch) = made(desk, &wanted) {
        return Ok(batch);
    }
    let mut agreed: Vec<Wanted> = Vec::new();
    for each in wanted {
        let case = each.case.clone();
        agreed.push(each);
        if let Err(error) = made(desk, &agreed) {
            agreed.pop();
            left.push(LeftOut { case, because: words(&error) });
        }
    }
    made(desk, &agreed)
}

/// What a case is to have. What the log had of it was found by the take-over.
fn look(desk: &Desk<'_>, case: CaseFile) -> anyhow::Result<Option<Wanted>> {
    review::review_case(desk, &case)?.map_err(anyhow::Error::msg)?;
    let wanted = |released: Released| Wanted { case: case.id.clone(), notice: released.notice };
    Ok(case.released.clone().map(wanted))
}

fn made(desk: &Desk<'_>, wanted: &[Wanted]) -> anyhow::Result<Batch> {
    Batch::of_release(desk, wanted)?.map_err(|refusal| anyhow::anyhow!(refusal.reason))
}

/// Leaves out the hours of first notices of which no device has a record any more: nobody could be
/// warned, and entries of such days would stand out.
fn leave_forgotten(desk: &Desk<'_>, batch: Batch) -> anyhow::Result<Batch> {
    // [POL-13]
    let first = retention::first_day(desk)?;
    let mut kept = Batch { cases: Vec::new(), said: Vec::new(), taken_out: batch.taken_out };
    for (case, mut said) in batch.cases.into_iter().zip(batch.said) {
        let before = desk.case(&case.id)?;
        if before.published.is_none() {
            said.retain(|said| first <= said.hour.day());
        }
        if said.is_empty() {
            desk.say(format!(
                "case {}: devices have forgotten its hours; nobody could be warned, and it is \
                 taken out",
                case.id
            ));
            kept.taken_out.push(CaseFile { released: None, ..before });
        } else {
            kept.cases.push(case);
            kept.said.push(said);
        }
    }
    Ok(kept)
}

/// The entries of the first cases of a batch that fit into one append with their cover; the rest of
/// the batch is given back.
fn first_that_fit(
    desk: &Desk<'_>,
    batch: &mut Batch,
    most: usize,
) -> anyhow::Result<(Vec<Trace>, Batch)> {
    // [POL-14]
    let (cover, today) = (desk.policy()?.cover(), Day::containing(desk.now()?));
    let (mut traces, mut fit) = (Vec::new(), 0);
    for said in &batch.said {
        let before = traces.len();
        for said in said {
            traces.extend(said.traces(desk)?);
        }
        // One case always fits, beside all the cover that a policy can ask for.
        let count = covered_count(&traces, cover, today, desk.keys.patient_key());
        if fit > 0 && count > most {
            traces.truncate(before);
            break;
        }
        fit += 1;
    }
    let rest = Batch {
        cases: batch.cases.split_off(fit),
        said: batch.said.split_off(fit),
        taken_out: Vec::new(),
    };
    Ok((traces, rest))
}

/// Refuses entries that do not fit into one append.
pub(super) fn check_fits(entries: &[Vec<u8>]) -> anyhow::Result<()> {
    // [POL-14]
    ensure!(
        Append::holds(entries),
        "one append does not hold {}: publish fewer cases together",
        counted(entries.len(), "entry")
    );
    Ok(())
}
