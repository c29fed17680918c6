//! Publication: notices go out, are corrected, raised, withdrawn; the log is kept fresh.

use anyhow::{bail, ensure};
use noren::authority::{Policy, Review, Verdict, covered_entries};
use noren::messages::Level;
use noren::time::{Day, UnixSeconds};
use serde::Serialize;
use sha2::{Digest as _, Sha256};

mod batch;
mod preview;

pub(super) use self::batch::{Batch, Wanted};
pub(super) use self::preview::Preview;
use super::approvals::{Action, CaseNotice, act_as_shown};
use super::codes::delete_waiting;
use super::desk::{CaseFile, Change, Desk, Publication, Status};
use super::review::{self, review_case};
use super::{recognise, release, retention};
use crate::confirm::Consent;
use crate::context::Context;
use crate::errors::words;
use crate::outcome::{Answer, Outcome};
use crate::text::counted;
use crate::times;

#[derive(clap::Args)]
pub(crate) struct Publish {
    /// The case's id; several are published in one batch
    #[arg(required = true, value_name = "CASE")]
    cases: Vec<String>,
    /// How serious it is [default: what the policy says of the reports]
    #[arg(long)]
    level: Option<LevelArgument>,
    /// A short message, at most 200 bytes, for programs that know no levels
    #[arg(long, default_value = "", value_name = "TEXT")]
    message: String,
    /// Warn only from this time on
    #[arg(long, value_name = "TIME", requires = "to")]
    from: Option<String>,
    /// Warn only up to this time
    #[arg(long, value_name = "TIME", requires = "from")]
    to: Option<String>,
    /// The form of the notice that other CrowdNotifier programs expect
    #[arg(long, default_value = "with-times")]
    layout: LayoutArgument,
    /// Do not wait for the policy's next release time. The log then grows at a time of its own,
    /// which shows everybody that there is a case
    #[arg(long)]
    at_once: bool,
    #[command(flatten)]
    consent: Consent,
}

#[derive(clap::Args)]
pub(crate) struct Withdraw {
    /// The case's id
    case: String,
    /// Do not wait for the policy's next release time. The log then grows at a time of its own,
    /// which shows everybody that there is a case
    #[arg(long)]
    at_once: bool,
    #[command(flatten)]
    consent: Consent,
}

#[derive(Clone, Copy, clap::ValueEnum)]
enum LevelArgument {
    Attention,
    Cluster,
}

#[derive(Clone, Copy, clap::ValueEnum)]
enum LayoutArgument {
    WithTimes,
    WithoutTimes,
}

#[derive(Serialize)]
struct Published {
    cases: Vec<String>,
    /// Entries that carry a notice of these cases.
    entries: usize,
    log_size: u64,
    /// The release time for which they wait; absent where they are in the log.
    #[serde(skip_serializing_if = "Option::is_none")]
    waits_for: Option<String>,
    #[serde(skip)]
    waits_until: Option<String>,
    /// Cases of which something waited, and that tell nobody anything new after all.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    taken_out: Vec<String>,
}

impl Published {
    const fn now(cases: Vec<String>, entries: usize, log_size: u64) -> Self {
        let (waits_for, waits_until) = (None, None);
        Self { cases, entries, log_size, waits_for, waits_until, taken_out: Vec::new() }
    }
}

pub(super) fn publish(context: &Context, arguments: &Publish) -> Outcome {
    let mut desk = Desk::open(context)?;
    let resumed = resume(&mut desk, arguments.consent)?;
    let release = if arguments.at_once { None } else { release::next(&desk)? };
    let mut notices = Vec::new();
    let mut standing = Vec::new();
    for name in &arguments.cases {
        let case = desk.case(name)?;
        ensure!(
            !matches!(case.status, Status::Closed | Status::Rejected),
            "case {} is {}; nothing can be published for it",
            case.id,
            case.status.name()
        );
        let review = match review_case(&desk, &case)? {
            Ok(review) => review,
            Err(error) => return refused(context, &case, error),
        };
        // [CLI-15]
        let case = recognise::before_publishing(context, &mut desk, case, &review)?;
        let notice = arguments.publication(context, &desk.policy()?, &case, &review)?;
        // A notice that was given can be corrected for as long as somebody may hold it.
        if case.published.is_none() {
            retention::check(&desk, notice.window)?;
            if let Some(release) = release {
                retention::check_release(&desk, notice.window, release)?;
            }
        }
        if is_there(&case, &notice, release) {
            standing.push(case);
        } else if !notices.iter().any(|each: &CaseNotice| each.case == case.id) {
            notices.push(CaseNotice { case: case.id, notice });
        }
    }
    if notices.is_empty() {
        return nothing_new(context, &desk, &standing, &resumed, arguments.consent);
    }
    let action = Action::Publish { notices, at_once: arguments.at_once };
    propose(context, &mut desk, action, arguments.consent)
}

/// Whether just this stands already, or waits.
fn is_there(case: &CaseFile, notice: &Publication, release: Option<UnixSeconds>) -> bool {
    match &case.released {
        Some(released) => release.is_some() && released.notice.as_ref() == Some(notice),
        None => case.status == Status::Published && case.published.as_ref() == Some(notice),
    }
}

/// Shows what would be told to whom; once somebody wants just that, does it or proposes it.
fn propose(context: &Context, desk: &mut Desk<'_>, action: Action, consent: Consent) -> Outcome {
    let batch = match Batch::of(desk, &action)? {
        Ok(batch) => batch,
        Err(refusal) => return refused(context, &refusal.case, refusal.reason),
    };
    let preview = Preview::new(context, desk, &batch, &action)?;
    if consent.dry_run {
        context.output.data(&preview, Preview::lines)?;
        return Ok(Answer::Yes);
    }
    if !consent.to(context, &preview.lines(), "Publish exactly this?")? {
        context.output.say("nothing is published");
        return Ok(Answer::No);
    }
    act_as_shown(context, desk, action, Some(preview))
}

/// What an action would tell whom; nothing where it publishes nothing.
pub(super) fn preview(
    context: &Context,
    desk: &Desk<'_>,
    action: &Action,
) -> anyhow::Result<Option<Preview>> {
    if !matches!(action, Action::Publish { .. } | Action::Withdraw { .. }) {
        return Ok(None);
    }
    match Batch::of(desk, action)? {
        Ok(batch) => Preview::new(context, desk, &batch, action).map(Some),
        Err(refusal) => bail!("case {}: {}", refusal.case.id, refusal.reason),
    }
}

/// What an earlier command was cut off from comes first, but not where nothing is to be done.
fn resume(desk: &mut Desk<'_>, consent: Consent) -> anyhow::Result<Vec<String>> {
    if consent.dry_run { Ok(Vec::new()) } else { desk.resume() }
}

impl Publish {
    fn publication(
        &self,
        context: &Context,
        policy: &Policy,
        case: &CaseFile,
        review: &Review,
    ) -> anyhow::Result<Publication> {
        let window = match (&self.from, &self.to) {
            (Some(from), Some(to)) => times::parse_window(from, to, context.now()?)?,
            _ => review.window,
        };
        ensure!(
            review.window.contains(window),
            "the venue's upload is for {} only",
            times::show_window(review.window)
        );
        super::reports::refuse_personal(&self.message)?;
        super::reports::refuse_hidden("the message", &self.message)?;
        let level = self.level(case)?;
        Ok(Publication {
            entry_code: Sha256::digest(review.entry_code.as_bytes()).into(),
            window,
            level,
            message: self.message.clone(),
            names_venue: policy.names_venue(level),
            names_date: policy.names_date(level),
            without_times: matches!(self.layout, LayoutArgument::WithoutTimes),
            hours: window.hours().collect(),
        })
    }

    fn level(&self, case: &CaseFile) -> anyhow::Result<Level> {
        match self.level {
            Some(LevelArgument::Attention) => return Ok(Level::Attention),
            Some(LevelArgument::Cluster) => return Ok(Level::Cluster),
            None => {}
        }
        match case.decision.as_ref().map(|decision| decision.finding.verdict) {
            Some(Verdict::Reached(level)) => Ok(level),
            _ => bail!("the policy leaves the level to you: give it with --level"),
        }
    }
}

/// Publishes what was decided, in one batch; or lets it wait for the next release.
pub(super) fn execute(context: &Context, desk: &mut Desk<'_>, action: &Action) -> Outcome {
    match Batch::of(desk, action)? {
        // [CLI-35]
        Ok(batch) if release::waits(desk, action)? => put_in(context, desk, &batch),
        Ok(batch) => send(context, desk, batch),
        Err(refusal) => refused(context, &refusal.case, refusal.reason),
    }
}

pub(super) fn withdraw(context: &Context, arguments: &Withdraw) -> Outcome {
    let mut desk = Desk::open(context)?;
    let resumed = resume(&mut desk, arguments.consent)?;
    let case = desk.case(&arguments.case)?;
    let waits = case.released.as_ref().is_some_and(|released| released.notice.is_none());
    let is_there = match &case.released {
        Some(_) => waits && !arguments.at_once,
        None => case.status == Status::Withdrawn,
    };
    if is_there {
        return nothing_new(context, &desk, &[case], &resumed, arguments.consent);
    }
    ensure!(
        case.status == Status::Published || case.released.is_some(),
        "no notice stands for case {}",
        case.id
    );
    let action = Action::Withdraw { case: case.id, at_once: arguments.at_once };
    propose(context, &mut desk, action, arguments.consent)
}

pub(super) fn heartbeat(context: &Context, clock_is_right: bool) -> Outcome {
    // [LOG-6]
    let mut desk = Desk::open(context)?;
    desk.clock_is_right = clock_is_right;
    let log_size = desk.append(Vec::new(), Vec::new())?;
    report(context, &Published::now(Vec::new(), 0, log_size))
}

fn put_in(context: &Context, desk: &mut Desk<'_>, batch: &Batch) -> Outcome {
    release::put_in(desk, batch)?;
    let entries = batch.traces(context)?.len();
    let next = release::next(desk)?.filter(|_| !batch.cases.is_empty());
    let published = Published {
        waits_for: next.map(times::rfc3339),
        waits_until: next.map(times::show_named),
        taken_out: ids(&batch.taken_out),
        ..Published::now(ids(&batch.cases), entries, desk.log_size())
    };
    report(context, &published)
}

fn send(context: &Context, desk: &mut Desk<'_>, batch: Batch) -> Outcome {
    // [PUB-4] [PUB-5] [PUB-7] [PAT-18] [PAT-20]
    let (cover, now) = (desk.policy()?.cover(), context.now()?);
    let taken_out = ids(&batch.taken_out);
    desk.apply(release::take_out(Change::default(), &batch.taken_out))?;
    let traces = batch.traces(context)?;
    if traces.is_empty() {
        let published = Published::now(Vec::new(), 0, desk.log_size());
        return report(context, &Published { taken_out, ..published });
    }
    let (today, patient_key) = (Day::containing(now), desk.keys.patient_key());
    let entries = covered_entries(&traces, cover, today, patient_key, &mut context.rng())?;
    release::check_fits(&entries)?;
    let mut cases = batch.cases;
    for case in cases.iter_mut().filter(|case| case.status == Status::Published) {
        case.answered.get_or_insert(now);
        case.notified.get_or_insert(now);
    }
    let log_size = desk.append(entries, cases.clone())?;
    delete_uploads(context, desk, &cases);
    let published = Published::now(ids(&cases), traces.len(), log_size);
    report(context, &Published { taken_out, ..published })
}

pub(super) fn ids(cases: &[CaseFile]) -> Vec<String> {
    cases.iter().map(|case| case.id.clone()).collect()
}

/// Uploads are kept here for corrections; the server need not hold them any longer.
pub(super) fn delete_uploads(context: &Context, desk: &Desk<'_>, cases: &[CaseFile]) {
    if let Err(error) = cases.iter().try_for_each(|case| delete_waiting(desk, case)) {
        context
            .output
            .say(format!("published, but the server still holds the upload: {}", words(&error)));
    }
}

/// What was asked for stands already. Once more in the log it would tell everybody once more. Where
/// this very command has finished it for one that was cut off, that is what it was run for.
fn nothing_new(
    context: &Context,
    desk: &Desk<'_>,
    cases: &[CaseFile],
    resumed: &[String],
    consent: Consent,
) -> Outcome {
    if !consent.dry_run {
        delete_uploads(context, desk, cases);
    }
    report(context, &Published::now(ids(cases), 0, desk.log_size()))?;
    if cases.iter().any(|case| resumed.contains(&case.id)) {
        return Ok(Answer::Yes);
    }
    // [CLI-3]
    let waits = cases.iter().any(|case| case.released.is_some());
    context.output.say(if waits {
        "just this waits for the release already"
    } else {
        "just this stands already"
    });
    Ok(Answer::No)
}

/// What fails review is not published.
fn refused(context: &Context, case: &CaseFile, reason: String) -> Outcome {
    context.output.data(&review::Shown::new(case, &Err(reason)), review::Shown::lines)?;
    context.output.say("nothing is published");
    Ok(Answer::No)
}

fn report(context: &Context, published: &Published) -> Outcome {
    context.output.done(published, |published| {
        let Published { cases, entries, log_size, waits_until, taken_out, .. } = published;
        let mut lines = Vec::new();
        if !taken_out.is_empty() {
            lines
                .push(format!("{}: taken out; nothing of it waits any more", taken_out.join(", ")));
        }
        let cases = cases.join(", ");
        match (cases.as_str(), waits_until) {
            ("", _) if !taken_out.is_empty() => {}
            ("", _) => lines
                .push(format!("the log is signed anew; it has {}", counted(*log_size, "entry"))),
            (_, Some(time)) => {
                let entries = counted(*entries, "entry");
                lines.push(format!("{cases}: released; {entries} waiting for {time}"));
            }
            (_, None) => {
                let entries = counted(*entries, "entry");
                lines.push(format!("{cases}: {entries} published; the log has {log_size}"));
            }
        }
        lines.join("\n")
    })?;
    Ok(Answer::Yes)
}
