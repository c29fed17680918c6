//! Corrections of a visit that has not ended.

use anyhow::{Context as _, bail};

use super::device::Device;
use super::keep::{change_visits, retention_start};
use super::visits::{Named, Open, Places, explained, named_visit};
use crate::context::Context;
use crate::outcome::{Answer, Outcome};
use crate::secret::PassphraseSource;
use crate::times;

#[derive(clap::Args)]
pub(crate) struct EditArguments {
    /// The visit's id or its beginning; not needed while only one is open
    visit: Option<String>,
    /// When you came
    #[arg(long, value_name = "TIME", required_unless_present = "to")]
    from: Option<String>,
    /// When you will leave
    #[arg(long, value_name = "TIME")]
    to: Option<String>,
    #[command(flatten)]
    places: Places,
    #[command(flatten)]
    passphrase: PassphraseSource,
}

/// Corrects the times of a visit that has not ended.
pub(super) fn run(context: &Context, arguments: &EditArguments) -> Outcome {
    let now = context.now()?;
    let from = arguments.from.as_deref().map(|at| times::parse_arrival(at, now)).transpose()?;
    if from.is_some_and(|from| from > now) {
        bail!("the arrival lies in the future");
    }
    // [CLI-30]
    retention_start(context)?.refuse_before(from)?;
    let correct = |device: &mut Device, _, _: &mut _| {
        let (id, known) = match named_visit(device, arguments.visit.as_deref())? {
            Named::Open(id, arrival) => (id, arrival),
            Named::Ended(ended) => return Ok(Err(ended)),
        };
        let to = arguments.to.as_deref();
        let to = to.map(|at| times::parse_departure(at, now, from.unwrap_or(known))).transpose()?;
        if to.is_some_and(|to| to <= now) {
            bail!("the departure is past; say `noren visitor check-out --at` with that time");
        }
        let vault = &mut device.vault;
        if let Some(from) = from {
            let code = vault.open_visits().iter().find(|visit| visit.id() == id);
            let code = code.context("the visit is gone")?.entry_code()?;
            let corrected = vault.correct_arrival(id, from, now);
            corrected.map_err(|error| explained(error, &code, from))?;
        }
        to.map(|to| vault.plan_check_out(id, to, now)).transpose()?;
        let open = vault.open_visits().iter().find(|visit| visit.id() == id);
        let open = open.map(|visit| Open::told(visit, arguments.places));
        open.transpose()?.context("the visit is gone").map(Ok)
    };
    let open = match change_visits(context, &arguments.passphrase, correct)? {
        Ok(open) => open,
        // [VIS-8]
        Err(ended) => bail!("{}", ended.explanation()),
    };
    context.output.done(&open, |open| format!("visit {}: {}", open.visit, open.shown))?;
    Ok(Answer::Yes)
}
