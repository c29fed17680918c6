//! Publication: notices go out, are corrected, raised, withdrawn.

use anyhow::ensure;
use noren::messages::Level;

use super::consent;
use super::done::{act, act_as_shown};
use super::place::open;
use super::shown::preview::ShownPreview;
use super::shown::{published, review};
use crate::confirm::Consent;
use crate::context::Context;
use crate::desk::{Action, Desk, Plan, Report, Wish};
use crate::outcome::{Answer, Outcome};
use crate::times;

#[derive(clap::Args)]
pub(crate) struct PublishArguments {
    /// The case's id; several are published in one batch
    #[arg(required = true, value_name = "CASE")]
    cases: Vec<String>,
    /// How serious it is [default: the level that the policy gives for the reports]
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
pub(crate) struct WithdrawArguments {
    /// The id of a case, whose notice is withdrawn, or of a report
    #[arg(value_name = "CASE|REPORT")]
    case_or_report: String,
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

impl PublishArguments {
    fn wish(&self, context: &Context) -> anyhow::Result<Wish> {
        let window = match (&self.from, &self.to) {
            (Some(from), Some(to)) => Some(times::parse_window(from, to, context.now()?)?),
            _ => None,
        };
        Ok(Wish {
            cases: self.cases.clone(),
            level: self.level.map(|level| match level {
                LevelArgument::Attention => Level::Attention,
                LevelArgument::Cluster => Level::Cluster,
            }),
            message: self.message.clone(),
            window,
            without_times: matches!(self.layout, LayoutArgument::WithoutTimes),
            at_once: self.at_once,
        })
    }
}

pub(super) fn publish(context: &Context, arguments: &PublishArguments) -> Outcome {
    let (wish, consent) = (arguments.wish(context)?, arguments.consent);
    let mut desk = open(context)?;
    let plan = desk.plan_publication(&wish, consent.dry_run)?;
    propose(context, &mut desk, plan, consent)
}

pub(super) fn withdraw(context: &Context, arguments: &WithdrawArguments) -> Outcome {
    let WithdrawArguments { case_or_report: id, at_once, consent } = arguments;
    let mut desk = open(context)?;
    if Report::is_id(id) {
        ensure!(
            !at_once,
            "--at-once is for a notice: a report was never published, and goes at once"
        );
        // [CLI-17]
        let words = desk.about_withdrawing(id)?;
        if let Some(answer) = consent::agreed_to(context, &words, *consent)? {
            return Ok(answer);
        }
        return act(context, &mut desk, Action::WithdrawReport(id.clone()));
    }
    let plan = desk.plan_withdrawal(id, *at_once, consent.dry_run)?;
    propose(context, &mut desk, plan, *consent)
}

/// Shows what would be told to whom; once somebody wants just that, does it or proposes it.
fn propose(context: &Context, desk: &mut Desk<'_>, plan: Plan, consent: Consent) -> Outcome {
    let (resolution, preview) = match plan {
        Plan::Ready(ready) => *ready,
        Plan::Refused(refusal) => {
            return review::refused(context, &refusal.case, refusal.reason.clone());
        }
        Plan::Nothing(nothing) => return published::nothing_new(context, nothing),
    };
    let preview = ShownPreview::new(&preview, desk.profile(), context.now()?)?;
    if consent.dry_run {
        context.output.data(&preview, ShownPreview::lines)?;
        return Ok(Answer::Yes);
    }
    if !consent.to(context, &preview.lines(), "Publish exactly this?")? {
        context.output.say("nothing is published");
        return Ok(Answer::No);
    }
    act_as_shown(context, desk, Action::Resolve(resolution), Some(preview))
}
