//! Publication: notices go out, are corrected, raised, withdrawn; the log is kept fresh.

use anyhow::{Context as _, ensure};
use noren::authority::policy::{Policy, Verdict};
use noren::authority::publish::{Trace, covered_entries};
use noren::authority::review::Review;
use noren::messages::notice::Level;
use noren::time::Day;
use serde::Serialize;
use sha2::{Digest as _, Sha256};

use super::approvals::{Action, CaseNotice, act};
use super::codes::delete_waiting;
use super::desk::{CaseFile, Desk, Publication, Status};
use super::review::{self, review_case};
use super::{kept, standing};
use crate::cli::{Answer, Outcome};
use crate::context::Context;
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
}

pub(super) fn publish(context: &Context, arguments: &Publish) -> Outcome {
    let mut desk = Desk::open(context)?;
    let resumed = desk.resume()?;
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
        let notice = arguments.publication(context, &desk.policy()?, &case, &review)?;
        // A notice that was given can be corrected for as long as somebody may hold it.
        if case.published.is_none() {
            kept::check(&desk, notice.window)?;
        }
        let differences = review::differences(&case, &review);
        if !differences.is_empty() {
            context.output.say(format!(
                "case {}: what the venue claims differs from what was asked: {}",
                case.id,
                differences.join(", ")
            ));
        }
        if case.status == Status::Published && case.published.as_ref() == Some(&notice) {
            standing.push(case);
        } else if !notices.iter().any(|each: &CaseNotice| each.case == case.id) {
            notices.push(CaseNotice { case: case.id, notice });
        }
    }
    if notices.is_empty() {
        return nothing_new(context, &desk, &standing, &resumed);
    }
    standing::check(&desk, &notices)?;
    act(context, &mut desk, Action::Publish { notices })
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
            _ => anyhow::bail!("the policy leaves the level to you: give it with --level"),
        }
    }
}

/// Publishes what was decided, in one batch: each notice for its hours, and for hours that an
/// earlier one of the case warned of.
pub(super) fn execute(context: &Context, desk: &mut Desk<'_>, notices: &[CaseNotice]) -> Outcome {
    standing::check(desk, notices)?;
    let (mut traces, mut cases) = (Vec::new(), Vec::new());
    let after = |case: &CaseFile| standing::after(case, notices).cloned();
    for CaseNotice { case, notice } in notices {
        let mut case = desk.case(case)?;
        let review = match review_case(desk, &case)? {
            Ok(review) => review,
            Err(error) => return refused(context, &case, error),
        };
        let hours = notice.hours.iter().chain(case.published.iter().flat_map(|each| &each.hours));
        let hours = hours.copied().collect();
        traces.extend(standing::traces(context, desk, (&case, &review, notice), hours, after)?);
        case.status = Status::Published;
        case.answered.get_or_insert(context.now()?);
        case.notified.get_or_insert(context.now()?);
        case.published = Some(notice.clone());
        cases.push(case);
    }
    send(context, desk, &traces, cases)
}

pub(super) fn withdraw(context: &Context, name: &str) -> Outcome {
    let mut desk = Desk::open(context)?;
    let resumed = desk.resume()?;
    let case = desk.case(name)?;
    if case.status == Status::Withdrawn {
        return nothing_new(context, &desk, &[case], &resumed);
    }
    ensure!(case.status == Status::Published, "no notice stands for case {}", case.id);
    act(context, &mut desk, Action::Withdraw { case: case.id })
}

pub(super) fn execute_withdrawal(
    context: &Context,
    desk: &mut Desk<'_>,
    mut case: CaseFile,
) -> Outcome {
    let earlier = case.published.take().context("nothing is published for this case")?;
    let review = review_case(desk, &case)?.map_err(anyhow::Error::msg);
    let review = review.context("the stored upload is damaged")?;
    let hours = earlier.hours.iter().copied().collect();
    let after = |other: &CaseFile| other.published.clone().filter(|_| other.id != case.id);
    let traces = standing::traces(context, desk, (&case, &review, &earlier), hours, after)?;
    case.status = Status::Withdrawn;
    send(context, desk, &traces, vec![case])
}

pub(super) fn heartbeat(context: &Context) -> Outcome {
    // [LOG-6]
    let mut desk = Desk::open(context)?;
    let log_size = desk.append(Vec::new(), Vec::new())?;
    report(context, &Published { cases: Vec::new(), entries: 0, log_size })
}

fn send(context: &Context, desk: &mut Desk<'_>, traces: &[Trace], cases: Vec<CaseFile>) -> Outcome {
    // [PUB-4] [PUB-5] [IDX-18]
    let (cover, today) = (desk.policy()?.cover(), Day::containing(context.now()?));
    let entries = covered_entries(traces, cover, today, &mut context.rng())?;
    let log_size = desk.append(entries, cases.clone())?;
    delete_uploads(context, desk, &cases);
    report(context, &Published { cases: ids(&cases), entries: traces.len(), log_size })
}

fn ids(cases: &[CaseFile]) -> Vec<String> {
    cases.iter().map(|case| case.id.clone()).collect()
}

/// Uploads are kept here for corrections; the server need not hold them any longer.
fn delete_uploads(context: &Context, desk: &Desk<'_>, cases: &[CaseFile]) {
    if let Err(error) = cases.iter().try_for_each(|case| delete_waiting(desk, case)) {
        context.output.say(format!("published, but the server still holds the upload: {error:#}"));
    }
}

/// What was asked for stands already. Once more in the log it would tell everybody once more. Where
/// this very command has finished it for one that was cut off, that is what it was run for.
fn nothing_new(
    context: &Context,
    desk: &Desk<'_>,
    cases: &[CaseFile],
    resumed: &[String],
) -> Outcome {
    delete_uploads(context, desk, cases);
    report(context, &Published { cases: ids(cases), entries: 0, log_size: desk.log_size() })?;
    if cases.iter().any(|case| resumed.contains(&case.id)) {
        return Ok(Answer::Yes);
    }
    // [CLI-3]
    context.output.say("just this stands already");
    Ok(Answer::No)
}

/// What fails review is not published.
fn refused(context: &Context, case: &CaseFile, reason: String) -> Outcome {
    context.output.data(&review::Shown::new(case, &Err(reason)), review::Shown::lines)?;
    context.output.say("nothing is published");
    Ok(Answer::No)
}

fn report(context: &Context, published: &Published) -> Outcome {
    context.output.data(published, |published| {
        let Published { cases, entries, log_size } = published;
        if cases.is_empty() {
            return format!("the log is signed anew; it has {log_size} entries");
        }
        format!("{}: {entries} entries published; the log has {log_size}", cases.join(", "))
    })?;
    Ok(Answer::Yes)
}
