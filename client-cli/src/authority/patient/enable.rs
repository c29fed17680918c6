//! Enabling patient cases.
//!
//! A command that was cut off is finished by running it again: the key is on the disk before the
//! profile tells of it, and the profile is kept here when the server has it.

use anyhow::bail;
use noren::keys::MasterSecretKey;
use serde::Serialize;
use serde_json::json;

use super::is_enabled;
use crate::authority::approvals::{Action, act};
use crate::authority::desk::{Change, Desk, Event, kept};
use crate::authority::profile::renew;
use crate::confirm;
use crate::context::Context;
use crate::outcome::{Answer, Outcome};

/// What it costs, for the person who decides.
const PRICE: &str = "Patient cases make this authority stronger, and its visitors' records weaker:
- this desk alone can then make the key of any hour of every venue that takes part, without asking and without anybody learning of it;
- with such keys it can open the records of those venues on every device that it gets hold of, and so can a thief of this desk's key file;
- one key serves all of these venues, and cannot be taken back from the codes at their doors;
- a diagnosed visitor has to have kept a readable diary, and this desk learns the visits that are told.
Venues of the basic scheme are not touched.";

/// The journal's word for it.
const ACTION: &str = "patient-enabled";

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Do not ask; you know what it costs
    #[arg(long)]
    yes: bool,
}

#[derive(Serialize)]
struct Enabled {
    patient_cases: bool,
    /// Whether they were not taken before.
    new: bool,
}

pub(super) fn run(context: &Context, arguments: &Arguments) -> Outcome {
    // [PAT-14] [CLI-1]
    let mut desk = Desk::open(context)?;
    if is_enabled(&desk) || desk.keys.patient_key().is_some() {
        return execute(context, &mut desk);
    }
    if !decided(context, arguments)? {
        context.output.say("nothing is changed");
        return Ok(Answer::No);
    }
    act(context, &mut desk, Action::EnablePatient)
}

/// Enables them, from wherever an earlier run came to.
pub(in crate::authority) fn execute(context: &Context, desk: &mut Desk<'_>) -> Outcome {
    let new = !is_enabled(desk);
    if desk.keys.patient_key().is_none() {
        make_key(context, desk)?;
    }
    if new {
        let key = desk.keys.patient_public_key();
        renew(context, desk, true, |profile| profile.patient_master_key = key)?;
    }
    if !desk.journal()?.iter().any(|entry| entry.action == ACTION) {
        desk.apply(Change::default().note(Event::new(ACTION, "desk", json!({}))))?;
    }
    context.output.done(&Enabled { patient_cases: true, new }, |enabled| {
        let already = if enabled.new { "" } else { " already" };
        format!("this authority takes patient cases{already}")
    })?;
    context.output.say(
        "Back up the folder of this desk anew. Venues that want to take part need the new profile \
         (`noren authority profile --out FILE`) and `noren venue setup --patient-cases`; visitors get \
         it when they sync.",
    );
    Ok(Answer::Yes)
}

fn decided(context: &Context, arguments: &Arguments) -> anyhow::Result<bool> {
    if arguments.yes {
        context.output.say(PRICE);
        return Ok(true);
    }
    // Part of the question, so that no --quiet hides it.
    if !confirm::can_ask() {
        bail!("{PRICE}\nSay with --yes that this is known and wanted.");
    }
    confirm::ask(&format!("{PRICE}\nEnable patient cases?"))
}

fn make_key(context: &Context, desk: &mut Desk<'_>) -> anyhow::Result<()> {
    // [PAT-1]
    let key = MasterSecretKey::generate(&mut context.rng());
    desk.keys = desk.keys.clone().with_patient_key(key);
    // [CLI-1] [CLI-2]
    kept::replace(&context.folder("authority").join("keys"), desk.keys.to_bytes().as_slice())
}
