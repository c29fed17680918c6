//! Publication: notices go out, are corrected, raised, withdrawn; the log is kept fresh.

use anyhow::{Context as _, ensure};
use noren::authority::publish::{Trace, shuffled_entries};
use noren::authority::review::Review;
use noren::messages::notice::{Layout, Level, Notice, NoticeDetails};
use noren::time::Window;
use serde::Serialize;

use super::cases::waiting;
use super::desk::{CaseFile, Desk, Publication, Status};
use super::review::review_case;
use crate::cli::{Answer, Outcome};
use crate::context::Context;
use crate::times;

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
    desk.finish_pending()?;
    let mut case = desk.case(&arguments.case)?;
    let review = review_case(&desk, &case)?.context("nothing is published")?;
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
    let details = Some(NoticeDetails { level, names_venue: arguments.name_venue });
    let notice = Notice { window: Some(window), message: arguments.message.clone(), details };
    let mut traces =
        traces(context, &review, &notice, layout, |hour| window.hours().any(|each| each == hour))?;
    // [PUB-3] Hours that were dangerous by an earlier notice, and are not by this one.
    if let Some(earlier) = &case.published {
        let gone = |hour| earlier.hours.contains(&hour) && !window.hours().any(|each| each == hour);
        traces.extend(withdrawals(context, &review, earlier, gone)?);
    }
    case.status = Status::Published;
    case.published = Some(Publication {
        window,
        names_venue: arguments.name_venue,
        hours: window.hours().collect(),
    });
    send(context, &mut desk, &traces, case)
}

pub(super) fn withdraw(context: &Context, name: &str) -> Outcome {
    let mut desk = Desk::open(context)?;
    desk.finish_pending()?;
    let mut case = desk.case(name)?;
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
    let (id, code_hash, count) = (case.id.clone(), case.code_hash_hex(), entries.len());
    let log_size = desk.append(entries, Some(case))?;
    // The upload is kept here for corrections; the server need not hold it any longer.
    let deleted = waiting(desk).and_then(|waiting| {
        let uploads = waiting.iter().filter(|upload| upload.case == code_hash);
        uploads.into_iter().try_for_each(|upload| {
            desk.ask("DELETE", &format!("v1/uploads/{}", upload.id), &[], 204).map(drop)
        })
    });
    if let Err(error) = deleted {
        context.output.say(format!("published, but the server still holds the upload: {error:#}"));
    }
    report(context, &Published { case: Some(id), entries: count, log_size })
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
    wanted: impl Fn(noren::time::Hour) -> bool,
) -> anyhow::Result<Vec<Trace>> {
    let window: Window = earlier.window;
    let details = Some(NoticeDetails { level: Level::Withdrawn, names_venue: earlier.names_venue });
    let notice = Notice { window: Some(window), message: String::new(), details };
    traces(context, review, &notice, Layout::WithTimes, wanted)
}

fn traces(
    context: &Context,
    review: &Review,
    notice: &Notice,
    layout: Layout,
    wanted: impl Fn(noren::time::Hour) -> bool,
) -> anyhow::Result<Vec<Trace>> {
    let mut rng = context.rng();
    let hours = review.pre_traces.iter().filter(|each| wanted(each.hour()));
    Ok(hours.map(|each| each.trace(notice, layout, &mut rng)).collect::<Result<_, _>>()?)
}
