//! Corrections of a visit that has not ended.

use anyhow::{Context as _, bail};

use super::device::Device;
use super::keep::change_before_due;
use super::visits::{Open, open_visit};
use crate::cli::{Answer, Outcome};
use crate::context::Context;
use crate::secret::PassphraseSource;
use crate::times;

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// The visit's id or its beginning; not needed while only one is open
    visit: Option<String>,
    /// When you came
    #[arg(long, value_name = "TIME", required_unless_present = "to")]
    from: Option<String>,
    /// When you will leave
    #[arg(long, value_name = "TIME")]
    to: Option<String>,
    #[command(flatten)]
    passphrase: PassphraseSource,
}

/// Corrects the times of a visit that has not ended.
pub(super) fn run(context: &Context, arguments: &Arguments) -> Outcome {
    let now = context.now()?;
    let time = |text: &Option<String>| text.as_deref().map(|at| times::parse(at, now)).transpose();
    let (from, to) = (time(&arguments.from)?, time(&arguments.to)?);
    if from.is_some_and(|from| from > now) {
        bail!("the arrival lies in the future");
    }
    if to.is_some_and(|to| to <= now) {
        bail!("the departure is past; say `noren visitor check-out --at` with that time");
    }
    let correct = |device: &mut Device, _, _: &mut _| {
        let vault = &mut device.vault;
        let id = open_visit(vault, arguments.visit.as_deref())?;
        from.map(|from| vault.correct_arrival(id, from)).transpose()?;
        to.map(|to| vault.plan_check_out(id, to)).transpose()?;
        let open = vault.open_visits().iter().find(|visit| visit.id() == id).map(Open::new);
        open.transpose()?.context("the visit is gone")
    };
    let open =
        change_before_due(context, &arguments.passphrase, correct, |_, _, _, open| Ok(open))?;
    context.output.done(&open, |open| format!("visit {}: {}", open.visit, open.shown))?;
    Ok(Answer::Yes)
}
