//! Releases: what staff have released goes out together at fixed times, filled up, and cover alone
//! where there is nothing, so that the growth of the log says nothing of cases.

mod clock;

use anyhow::ensure;
use noren::authority::{Trace, covered_count, covered_entries};
use noren::log::Append;
use noren::time::{Day, UnixSeconds};
use serde::Serialize;
use serde_json::json;

pub(super) use self::clock::Clock;
use super::approvals::Action;
use super::desk::{CaseFile, Change, Desk, Event, Released, Status};
use super::publish::{Batch, Wanted, delete_uploads, ids};
use super::{recognise, retention, review};
use crate::context::Context;
use crate::errors::{whole_number, words};
use crate::outcome::{Answer, Outcome};
use crate::text::counted;
use crate::times;

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Send at most so many entries in one append, but whole cases
    #[arg(long, value_parser = whole_number::<usize>, hide = true, default_value_t = MAX_BATCH, value_name = "NUMBER")]
    most_entries: usize,
}

/// Whether what an action publishes waits for the next release.
pub(super) fn waits(desk: &Desk<'_>, action: &Action) -> anyhow::Result<bool> {
    // [CLI-35]
    let at_once = match action {
        Action::Publish { at_once, .. } | Action::Withdraw { at_once, .. } => *at_once,
        _ => true,
    };
    Ok(!at_once && desk.policy()?.release().is_some())
}

/// The next release time, where the policy has any.
pub(super) fn next(desk: &Desk<'_>) -> anyhow::Result<Option<UnixSeconds>> {
    let now = desk.context.now()?;
    Clock::of(&desk.policy()?)?.map(|clock| clock.next(now)).transpose()
}

/// The cases of which something waits, the longest waiting first.
pub(super) fn waiting(desk: &Desk<'_>) -> Vec<CaseFile> {
    let waits = |case: &&CaseFile| case.released.is_some();
    let mut cases: Vec<CaseFile> = desk.cases().iter().filter(waits).cloned().collect();
    cases.sort_by_key(|case| case.released.as_ref().map(|released| released.at));
    cases
}

/// The entries that wait, with those of a batch that is going to wait as well.
pub(super) fn entries(
    context: &Context,
    desk: &Desk<'_>,
    batch: &Batch,
) -> anyhow::Result<Vec<Trace>> {
    let new = |case: &CaseFile| batch.cases.iter().any(|each| each.id == case.id);
    let wanted = |case: CaseFile| {
        let notice = case.released?.notice;
        Some(Wanted { case: case.id, notice })
    };
    let waiting = waiting(desk).into_iter().filter(|case| !new(case));
    let wanted: Vec<Wanted> = waiting.filter_map(wanted).collect();
    let mut traces = batch.traces(context)?;
    // What cannot be published will be left out.
    if let Ok(waiting) = made(desk, &wanted) {
        traces.extend(waiting.traces(context)?);
    }
    Ok(traces)
}

/// Notes for each case what goes out with the next release, in one change.
pub(super) fn put_in(desk: &mut Desk<'_>, batch: &Batch) -> anyhow::Result<()> {
    // [CLI-35]
    let now = desk.context.now()?;
    let mut change = take_out(Change::default(), &batch.taken_out);
    for after in &batch.cases {
        let mut case = desk.case(&after.id)?;
        if case.status == Status::Open {
            case.status = Status::Reviewed;
            case.answered.get_or_insert(now);
        }
        let notice = after.published.clone();
        let event = Event::new("released", &case.id, json!({ "notice": notice }));
        case.released = Some(Released { notice, at: now });
        change = change.put(&case).note(event);
    }
    desk.apply(change)
}

/// Takes out what waited for these cases.
pub(super) fn take_out(mut change: Change, cases: &[CaseFile]) -> Change {
    // [CLI-35]
    for case in cases {
        change = change.put(case).note(Event::new("taken-out", &case.id, json!({})));
    }
    change
}

/// What waits for which release.
#[derive(Serialize)]
pub(super) struct Queue {
    next: String,
    /// The last one whose batch is in the log.
    last: Option<String>,
    cases: Vec<String>,
    #[serde(skip)]
    shown: String,
}

impl Queue {
    /// The queue of a desk whose policy has release times, or of which something waits all the same.
    pub(super) fn of(desk: &Desk<'_>) -> anyhow::Result<Option<Self>> {
        // [CLI-35]
        let (next, cases) = (next(desk)?, ids(&waiting(desk)));
        if next.is_none() && cases.is_empty() {
            return Ok(None);
        }
        // Without release times, the next command sends it.
        let next = next.map_or_else(|| desk.context.now(), Ok)?;
        let last = desk.released().map(times::rfc3339);
        Ok(Some(Self { next: times::rfc3339(next), last, cases, shown: times::show(next) }))
    }

    pub(super) const fn holds_cases(&self) -> bool {
        !self.cases.is_empty()
    }

    pub(super) fn line(&self) -> String {
        let cases = match self.cases.as_slice() {
            [] => "no case of this desk is in it".to_owned(),
            cases => format!("{} wait for it", cases.join(", ")),
        };
        format!("next release at {}: {cases}", self.shown)
    }
}

/// Why `release` has to be run by hand, where it has.
pub(super) fn overdue(desk: &Desk<'_>) -> anyhow::Result<Option<String>> {
    // [CLI-36]
    let Some(clock) = Clock::of(&desk.policy()?)? else {
        let waits = !waiting(desk).is_empty();
        return Ok(waits.then(|| "the policy has no release times, and something waits".to_owned()));
    };
    let due = clock.last(desk.context.now()?)?;
    let is_out = desk.released().is_some_and(|released| due <= released);
    Ok((!is_out).then(|| format!("the release of {} has not gone out", times::show(due))))
}

#[derive(Serialize)]
struct Sent {
    /// The release time; absent where the policy has none any more.
    release: Option<String>,
    /// Whether this command sent it.
    sent: bool,
    cases: Vec<String>,
    /// Entries that carry a notice of these cases.
    entries: usize,
    log_size: u64,
    /// The next release time.
    next: Option<String>,
    /// What still waits, and why.
    left: Vec<Left>,
    #[serde(skip)]
    shown: [Option<String>; 2],
}

#[derive(Serialize)]
struct Left {
    case: String,
    because: String,
}

/// Sends the batch of the last release time, once.
pub(super) fn run(context: &Context, arguments: &Arguments) -> Outcome {
    // [CLI-36]
    let mut desk = Desk::open(context)?;
    let (now, clock) = (context.now()?, Clock::of(&desk.policy()?)?);
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
    if !is_done(&desk) {
        let done = send(context, &mut desk, due.unwrap_or(now), arguments.most_entries)?;
        cases.extend(done.cases);
        (entries, left, sent) = (done.entries, done.left, true);
    }
    let next = clock.map(|clock| clock.next(now)).transpose()?;
    let sent = Sent {
        release: due.map(times::rfc3339),
        sent,
        cases,
        entries,
        log_size: desk.log_size(),
        next: next.map(times::rfc3339),
        left,
        shown: [due, next].map(|time| time.map(times::show)),
    };
    context.output.done(&sent, Sent::lines)?;
    Ok(if sent.sent && sent.left.is_empty() { Answer::Yes } else { Answer::No })
}

impl Sent {
    fn lines(&self) -> String {
        let [due, next] = &self.shown;
        let next = next.as_ref().map(|next| format!("; the next one is at {next}"));
        let next = next.unwrap_or_default();
        let due = due.as_ref().map(|due| format!(" of {due}")).unwrap_or_default();
        if !self.sent {
            return match self.release {
                Some(_) => format!("the release{due} went out already{next}"),
                None => "the policy has no release times, and nothing waits: `noren authority \
                         publish` publishes at once"
                    .to_owned(),
            };
        }
        let cases = match self.cases.as_slice() {
            [] => "cover alone".to_owned(),
            cases => format!("{} and cover", cases.join(", ")),
        };
        let mut lines =
            vec![format!("the release{due} is out: {cases}; the log has {}{next}", self.log_size)];
        lines.extend(self.left.iter().map(|Left { case, because }| {
            format!("case {case} was left out and waits: {because}")
        }));
        lines.join("\n")
    }
}

/// What a release did.
struct Done {
    cases: Vec<String>,
    entries: usize,
    left: Vec<Left>,
}

/// Publishes all that waits; in as few appends as hold it, of which only the last ends the release,
/// so that one that was cut off goes on with the rest.
fn send(
    context: &Context,
    desk: &mut Desk<'_>,
    due: UnixSeconds,
    most: usize,
) -> anyhow::Result<Done> {
    // [CLI-36] [POL-13] [POL-14]
    desk.prepare_to_sign()?;
    let mut done = Done { cases: Vec::new(), entries: 0, left: Vec::new() };
    let batch = all_that_waits(context, desk, &mut done.left)?;
    let mut batch = leave_forgotten(context, desk, batch)?;
    desk.apply(take_out(Change::default(), &batch.taken_out))?;
    let (cover, now) = (desk.policy()?.cover(), context.now()?);
    loop {
        let (traces, rest) = first_that_fit(context, desk, &mut batch, most)?;
        let (today, patient_key) = (Day::containing(now), desk.keys.patient_key());
        let entries = covered_entries(&traces, cover, today, patient_key, &mut context.rng())?;
        for case in batch.cases.iter_mut().filter(|case| case.status == Status::Published) {
            case.answered.get_or_insert(now);
            case.notified.get_or_insert(now);
        }
        let ends = rest.cases.is_empty().then_some(due);
        desk.append_release(entries, batch.cases.clone(), ends)?;
        delete_uploads(context, desk, &batch.cases);
        done.cases.extend(ids(&batch.cases));
        done.entries += traces.len();
        if ends.is_some() {
            return Ok(done);
        }
        batch = rest;
    }
}

/// All that waits. Where something of it cannot be published, the rest goes out without it.
fn all_that_waits(
    context: &Context,
    desk: &mut Desk<'_>,
    left: &mut Vec<Left>,
) -> anyhow::Result<Batch> {
    let mut wanted = Vec::new();
    for case in waiting(desk) {
        let id = case.id.clone();
        match look(context, desk, case) {
            Ok(found) => wanted.extend(found),
            Err(error) => left.push(Left { case: id, because: words(&error) }),
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
            left.push(Left { case, because: words(&error) });
        }
    }
    made(desk, &agreed)
}

/// What a case is to have, unless the log has it already.
fn look(context: &Context, desk: &mut Desk<'_>, case: CaseFile) -> anyhow::Result<Option<Wanted>> {
    let review = review::review_case(desk, &case)?.map_err(anyhow::Error::msg)?;
    // [CLI-15]
    let case = recognise::before_publishing(context, desk, case, &review)?;
    let wanted = |released: Released| Wanted { case: case.id.clone(), notice: released.notice };
    Ok(case.released.clone().map(wanted))
}

fn made(desk: &Desk<'_>, wanted: &[Wanted]) -> anyhow::Result<Batch> {
    Batch::of_release(desk, wanted)?.map_err(|refusal| anyhow::anyhow!(refusal.reason))
}

/// Leaves out the hours of first notices of which no device has a record any more: nobody could be
/// warned, and entries of such days would stand out.
fn leave_forgotten(context: &Context, desk: &Desk<'_>, batch: Batch) -> anyhow::Result<Batch> {
    // [POL-13]
    let first = retention::first_day(desk)?;
    let mut kept = Batch { cases: Vec::new(), said: Vec::new(), taken_out: batch.taken_out };
    for (case, mut said) in batch.cases.into_iter().zip(batch.said) {
        let before = desk.case(&case.id)?;
        if before.published.is_none() {
            said.retain(|said| first <= said.hour.day());
        }
        if said.is_empty() {
            context.output.say(format!(
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
    context: &Context,
    desk: &Desk<'_>,
    batch: &mut Batch,
    most: usize,
) -> anyhow::Result<(Vec<Trace>, Batch)> {
    // [POL-14]
    let (cover, today) = (desk.policy()?.cover(), Day::containing(context.now()?));
    let (mut traces, mut fit) = (Vec::new(), 0);
    for said in &batch.said {
        let before = traces.len();
        for said in said {
            traces.extend(said.traces(context)?);
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

/// The most entries that a release sends in one append; they fit, as every entry has one length.
const MAX_BATCH: usize = 11_000;

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
