//! Publication: notices go out, are corrected, raised, withdrawn; the log is kept fresh.

use anyhow::{Context as _, ensure};
use noren::authority::publish::{Trace, shuffled_entries};
use noren::authority::review::{Review, ReviewError};
use noren::messages::notice::{Layout, Level, Notice, NoticeDetails};
use noren::time::Hour;
use serde::Serialize;

use super::cases::waiting;
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
    /// How serious it is
    #[arg(long)]
    level: LevelArgument,
    /// A short message, at most 200 bytes, for programs that know no levels
    #[arg(long, default_value = "", value_name = "TEXT")]
    message: String,
    /// Let visitors see the venue's name
    #[arg(long)]
    name_venue: bool,
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
    entries: usize,
    log_size: u64,
}

pub(super) fn publish(context: &Context, arguments: &Publish) -> Outcome {
    let mut desk = Desk::open(context)?;
    let resumed = desk.resume()?;
    let mut case = desk.case(&arguments.case)?;
    let review = match review_case(&desk, &case)? {
        Ok(review) => review,
        Err(error) => return refused(context, &case, error),
    };
    let window = match (&arguments.from, &arguments.to) {
        (Some(from), Some(to)) => times::parse_window(from, to, context.now()?)?,
        _ => review.window,
    };
    ensure!(
        review.window.contains(window),
        "the venue's upload is for {} only",
        times::show_window(review.window)
    );
    let level = match arguments.level {
        LevelArgument::Attention => Level::Attention,
        LevelArgument::Cluster => Level::Cluster,
    };
    let layout = match arguments.layout {
        LayoutArgument::WithTimes => Layout::WithTimes,
        LayoutArgument::WithoutTimes => Layout::WithoutTimes,
    };
    let publication = Publication {
        window,
        level,
        message: arguments.message.clone(),
        names_venue: arguments.name_venue,
        without_times: layout == Layout::WithoutTimes,
        hours: window.hours().collect(),
    };
    if case.status == Status::Published && case.published.as_ref() == Some(&publication) {
        return nothing_new(context, &desk, &case, resumed);
    }
    let details =
        Some(NoticeDetails { level, names_venue: arguments.name_venue, names_date: true });
    let notice = Notice { window: Some(window), message: arguments.message.clone(), details };
    let mut traces =
        traces(context, &review, &notice, layout, |hour| window.hours().any(|each| each == hour))?;
    // [PUB-3] Hours that were dangerous by an earlier notice, and are not by this one.
    if let Some(earlier) = &case.published {
        let gone = |hour| earlier.hours.contains(&hour) && !window.hours().any(|each| each == hour);
        traces.extend(withdrawals(context, &review, earlier, gone)?);
    }
    case.status = Status::Published;
    case.published = Some(publication);
    send(context, &mut desk, &traces, case)
}

pub(super) fn withdraw(context: &Context, name: &str) -> Outcome {
    let mut desk = Desk::open(context)?;
    let resumed = desk.resume()?;
    let mut case = desk.case(name)?;
    if case.status == Status::Withdrawn {
        return nothing_new(context, &desk, &case, resumed);
    }
    let earlier = case.published.take().context("nothing is published for this case")?;
    let review = review_case(&desk, &case)?.context("the stored upload is damaged")?;
    let traces = withdrawals(context, &review, &earlier, |hour| earlier.hours.contains(&hour))?;
    case.status = Status::Withdrawn;
    send(context, &mut desk, &traces, case)
}

pub(super) fn heartbeat(context: &Context) -> Outcome {
    // [LOG-6]
    let mut desk = Desk::open(context)?;
    let log_size = desk.append(Vec::new(), None)?;
    report(context, &Published { case: None, entries: 0, log_size })
}

fn send(context: &Context, desk: &mut Desk<'_>, traces: &[Trace], case: CaseFile) -> Outcome {
    // [PUB-4]
    let entries = shuffled_entries(traces, &mut context.rng());
    let count = entries.len();
    let log_size = desk.append(entries, Some(case.clone()))?;
    delete_upload(context, desk, &case);
    report(context, &Published { case: Some(case.id), entries: count, log_size })
}

/// The upload is kept here for corrections; the server need not hold it any longer.
fn delete_upload(context: &Context, desk: &Desk<'_>, case: &CaseFile) {
    let code_hash = case.code_hash_hex();
    let deleted = waiting(desk).and_then(|waiting| {
        let mut uploads = waiting.iter().filter(|upload| upload.case == code_hash);
        uploads.try_for_each(|upload| {
            desk.ask("DELETE", &format!("v1/uploads/{}", upload.id), &[], 204).map(drop)
        })
    });
    if let Err(error) = deleted {
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
    if let Some((_, entries)) = resumed.filter(|(id, _)| *id == case.id) {
        let (case, log_size) = (Some(case.id.clone()), desk.log_size());
        return report(context, &Published { case, entries, log_size });
    }
    // [CLI-3]
    context.output.say(format!("case {}: just this stands already; nothing is published", case.id));
    Ok(Answer::No)
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

fn withdrawals(
    context: &Context,
    review: &Review,
    earlier: &Publication,
    wanted: impl Fn(Hour) -> bool,
) -> anyhow::Result<Vec<Trace>> {
    let details = Some(NoticeDetails {
        level: Level::Withdrawn,
        names_venue: earlier.names_venue,
        names_date: true,
    });
    let notice = Notice { window: Some(earlier.window), message: WITHDRAWN.to_owned(), details };
    let layout = if earlier.without_times { Layout::WithoutTimes } else { Layout::WithTimes };
    traces(context, review, &notice, layout, wanted)
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
