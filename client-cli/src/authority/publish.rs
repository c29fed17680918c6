//! Publication: notices go out, are corrected, raised, withdrawn; the log is kept fresh.

use anyhow::{Context as _, ensure};
use noren::authority::policy::{Policy, Verdict};
use noren::authority::publish::{Trace, covered_entries};
use noren::authority::review::{Review, ReviewError};
use noren::messages::notice::{Layout, Level, Notice, NoticeDetails};
use noren::time::{Day, Hour, Window};
use serde::Serialize;

use super::approvals::{Action, act};
use super::cases::delete_waiting;
use super::desk::{CaseFile, Desk, Publication, Status};
use super::review::{self, review_case};
use crate::cli::{Answer, Outcome};
use crate::context::Context;
use crate::times;

/// What a withdrawal says to programs that know no levels.
const WITHDRAWN: &str = "An earlier notice about this visit was a mistake.";

#[derive(clap::Args)]
pub(crate) struct Publish {
    /// The case's id
    case: String,
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
    case: Option<String>,
    /// Entries that carry a notice of this case.
    entries: usize,
    log_size: u64,
}

pub(super) fn publish(context: &Context, arguments: &Publish) -> Outcome {
    let mut desk = Desk::open(context)?;
    let resumed = desk.resume()?;
    let case = desk.case(&arguments.case)?;
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
    let publication = arguments.publication(context, &desk.policy()?, &case, &review)?;
    if case.status == Status::Published && case.published.as_ref() == Some(&publication) {
        return nothing_new(context, &desk, &case, resumed);
    }
    act(context, &mut desk, Action::Publish { case: case.id, notice: publication })
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
        let level = self.level(case)?;
        Ok(Publication {
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

/// Publishes what was decided: the notice for its hours, and the end of an earlier one for hours
/// that it no longer covers.
pub(super) fn execute(
    context: &Context,
    desk: &mut Desk<'_>,
    mut case: CaseFile,
    publication: Publication,
) -> Outcome {
    let review = match review_case(desk, &case)? {
        Ok(review) => review,
        Err(error) => return refused(context, &case, error),
    };
    let notice = publication.notice(publication.level, &publication.message);
    let in_window = |window: Window, hour| window.hours().any(|each| each == hour);
    let layout = publication.layout();
    let mut traces =
        traces(context, &review, &notice, layout, |hour| in_window(publication.window, hour))?;
    // [PUB-3] Hours that were dangerous by an earlier notice, and are not by this one.
    if let Some(earlier) = &case.published {
        let gone = |hour| earlier.hours.contains(&hour) && !in_window(publication.window, hour);
        traces.extend(withdrawals(context, &review, earlier, gone)?);
    }
    case.status = Status::Published;
    case.answered.get_or_insert(context.now()?);
    case.notified.get_or_insert(context.now()?);
    case.published = Some(publication);
    send(context, desk, &traces, case)
}

pub(super) fn withdraw(context: &Context, name: &str) -> Outcome {
    let mut desk = Desk::open(context)?;
    let resumed = desk.resume()?;
    let case = desk.case(name)?;
    if case.status == Status::Withdrawn {
        return nothing_new(context, &desk, &case, resumed);
    }
    case.published.as_ref().context("nothing is published for this case")?;
    act(context, &mut desk, Action::Withdraw { case: case.id })
}

pub(super) fn execute_withdrawal(
    context: &Context,
    desk: &mut Desk<'_>,
    mut case: CaseFile,
) -> Outcome {
    let earlier = case.published.take().context("nothing is published for this case")?;
    let review = review_case(desk, &case)?.context("the stored upload is damaged")?;
    let traces = withdrawals(context, &review, &earlier, |hour| earlier.hours.contains(&hour))?;
    case.status = Status::Withdrawn;
    send(context, desk, &traces, case)
}

pub(super) fn heartbeat(context: &Context) -> Outcome {
    // [LOG-6]
    let mut desk = Desk::open(context)?;
    let log_size = desk.append(Vec::new(), None)?;
    report(context, &Published { case: None, entries: 0, log_size })
}

fn send(context: &Context, desk: &mut Desk<'_>, traces: &[Trace], case: CaseFile) -> Outcome {
    // [PUB-4] [PUB-5]
    let (cover, today) = (desk.policy()?.cover(), Day::containing(context.now()?));
    let entries = covered_entries(traces, cover, today, &mut context.rng())?;
    let log_size = desk.append(entries, Some(case.clone()))?;
    delete_upload(context, desk, &case);
    report(context, &Published { case: Some(case.id), entries: traces.len(), log_size })
}

/// The upload is kept here for corrections; the server need not hold it any longer.
fn delete_upload(context: &Context, desk: &Desk<'_>, case: &CaseFile) {
    if let Err(error) = delete_waiting(desk, case) {
        context.output.say(format!("published, but the server still holds the upload: {error:#}"));
    }
}

/// What was asked for stands already. Once more in the log it would tell everybody once more. Where
/// this very command has finished it for one that was cut off, that is what it was run for.
fn nothing_new(
    context: &Context,
    desk: &Desk<'_>,
    case: &CaseFile,
    resumed: Option<(String, usize)>,
) -> Outcome {
    delete_upload(context, desk, case);
    let finished = resumed.filter(|(id, _)| *id == case.id);
    let (entries, answer) = match finished {
        Some((_, entries)) => (entries, Answer::Yes),
        None => (0, Answer::No),
    };
    report(
        context,
        &Published { case: Some(case.id.clone()), entries, log_size: desk.log_size() },
    )?;
    if answer == Answer::No {
        // [CLI-3]
        context.output.say(format!("case {}: just this stands already", case.id));
    }
    Ok(answer)
}

/// What fails review is not published.
fn refused(context: &Context, case: &CaseFile, error: ReviewError) -> Outcome {
    context.output.data(&review::Shown::new(case, &Err(error)), review::Shown::lines)?;
    context.output.say("nothing is published");
    Ok(Answer::No)
}

fn report(context: &Context, published: &Published) -> Outcome {
    context.output.data(published, |published| match &published.case {
        Some(case) => format!(
            "case {case}: {} entries published; the log has {}",
            published.entries, published.log_size
        ),
        None => format!("the log is signed anew; it has {} entries", published.log_size),
    })?;
    Ok(Answer::Yes)
}

impl Publication {
    fn notice(&self, level: Level, message: &str) -> Notice {
        let (names_venue, names_date) = (self.names_venue, self.names_date);
        let details = Some(NoticeDetails { level, names_venue, names_date });
        Notice { window: Some(self.window), message: message.to_owned(), details }
    }

    const fn layout(&self) -> Layout {
        if self.without_times { Layout::WithoutTimes } else { Layout::WithTimes }
    }
}

fn withdrawals(
    context: &Context,
    review: &Review,
    earlier: &Publication,
    wanted: impl Fn(Hour) -> bool,
) -> anyhow::Result<Vec<Trace>> {
    let notice = earlier.notice(Level::Withdrawn, WITHDRAWN);
    traces(context, review, &notice, earlier.layout(), wanted)
}

fn traces(
    context: &Context,
    review: &Review,
    notice: &Notice,
    layout: Layout,
    wanted: impl Fn(Hour) -> bool,
) -> anyhow::Result<Vec<Trace>> {
    let mut rng = context.rng();
    let hours = review.pre_traces.iter().filter(|each| wanted(each.hour()));
    Ok(hours.map(|each| each.trace(notice, layout, &mut rng)).collect::<Result<_, _>>()?)
}
