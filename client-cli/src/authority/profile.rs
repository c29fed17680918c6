//! Keys and public profile.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use super::done::act;
use super::place::{open, place};
use super::policy;
use super::shown::profile::{self, ShownProfile};
use super::shown::zone::warn_of_other_zone;
use crate::context::Context;
use crate::desk::{Action, Desk, NewDesk};
use crate::errors::whole_number;
use crate::files;
use crate::outcome::{Answer, Outcome};
use crate::text::clean_path;
use crate::times;

#[derive(clap::Args)]
pub(crate) struct InitArguments {
    /// The authority's name, as visitors will read it
    #[arg(long)]
    name: String,
    /// The name of its log, like noren.pref.example/log; it can never change
    #[arg(long)]
    origin: String,
    /// The address of its server
    #[arg(long)]
    url: String,
    /// The warning policy: one that `noren authority policy list` shows, or a file
    #[arg(long, default_value = policy::DEFAULT, value_name = "NAME|FILE")]
    policy: OsString,
    /// For how many days devices keep records [default: what the policy says]
    #[arg(long, value_parser = whole_number::<u32>, value_name = "DAYS")]
    retention_days: Option<u32>,
    /// After how long devices take the log for frozen; send heartbeats more often than that
    /// [default: what the policy says]
    #[arg(long, value_name = "LENGTH")]
    checkpoint_max_age: Option<String>,
}

#[derive(clap::Args)]
pub(crate) struct ProfileArguments {
    /// Write the signed profile to this file, for servers, venues and visitors ("-": the standard
    /// output)
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Set the authority's name, and hand the new profile to the server
    #[arg(long)]
    name: Option<String>,
    /// Set the server's address, and hand the new profile to the server there
    #[arg(long)]
    url: Option<String>,
    /// Do not hand the new profile to the server
    #[arg(long)]
    no_push: bool,
}

pub(super) fn init(context: &Context, arguments: &InitArguments) -> Outcome {
    let new = arguments.new_desk(context)?;
    let signed = Desk::init(&place(context), &new)?;
    context.output.done(&ShownProfile::new(signed.profile()), ShownProfile::lines)?;
    if !new.policy.left_open().is_empty() {
        context.output.say(format!(
            "The policy leaves some settings to you; `noren authority policy check {}` names them.",
            clean_path(arguments.policy.as_ref())
        ));
    }
    warn_of_other_zone(context, new.policy.time_zone());
    context.output.say(
        "Back up the folder of this desk: without its keys no notice can be published or withdrawn.\n\
         Next: `noren authority profile --out FILE`, start noren-server with that file, then `noren authority heartbeat`.",
    );
    Ok(Answer::Yes)
}

impl InitArguments {
    fn new_desk(&self, context: &Context) -> anyhow::Result<NewDesk> {
        let age = self.checkpoint_max_age.as_deref();
        Ok(NewDesk {
            name: self.name.clone(),
            origin: self.origin.clone(),
            url: self.url.clone(),
            policy: policy::load(&self.policy)?,
            retention_days: self.retention_days,
            checkpoint_max_age: age.map(times::parse_length).transpose()?,
            operator: context.operator().unwrap_or_else(login_name),
        })
    }
}

/// Who is at this machine, as far as it knows.
fn login_name() -> String {
    let names = ["USER", "LOGNAME"].into_iter().filter_map(|name| std::env::var(name).ok());
    names.into_iter().find(|name| !name.is_empty()).unwrap_or_else(|| "operator".to_owned())
}

pub(super) fn show(context: &Context, arguments: &ProfileArguments) -> Outcome {
    let mut desk = open(context)?;
    let (name, url) = (arguments.name.clone(), arguments.url.clone());
    if name.is_some() || url.is_some() {
        let push = !arguments.no_push;
        let action = Action::ChangeProfile { name, url, push };
        if desk.approvals_needed() > 0 {
            return act(context, &mut desk, action);
        }
        desk.perform(action)?;
    }
    match &arguments.out {
        Some(out) if out == Path::new("-") => {
            context.output.raw(desk.profile().as_bytes())?;
            return Ok(Answer::Yes);
        }
        Some(out) => files::create_public(out, desk.profile().as_bytes())?,
        None => {}
    }
    profile::show(context, desk.profile().profile())
}
