//! The warning policy: shipped ones, the operator's own file, and which one is in force.

use std::ffi::{OsStr, OsString};
use std::path::Path;

use anyhow::{Context as _, anyhow};
use noren::authority::Policy;

use super::consent::agreed_to;
use super::done::act;
use super::place::open;
use super::shown::policy::ShownPolicy;
use crate::confirm::Consent;
use crate::context::Context;
use crate::desk::{Action, Resolution};
use crate::files;
use crate::outcome::{Answer, Outcome};
use crate::text::{clean, clean_path};
use crate::times;

/// The policy of a desk that names none.
pub(super) const DEFAULT: &str = "plain";

#[derive(clap::Subcommand)]
pub(crate) enum Command {
    /// List the policies that come with Noren
    #[command(after_help = "Example: noren authority policy list")]
    List,
    /// Print a policy as a file to work on: the one in force, or a named one
    #[command(after_help = "Example: noren authority policy show osaka > our-policy.toml")]
    Show {
        /// The name of a policy, or a file [default: the one in force]
        policy: Option<OsString>,
    },
    /// Check a policy, and say what it leaves to you. Exit code 1: something is left open
    #[command(after_help = "Example: noren authority policy check our-policy.toml")]
    Check {
        /// The name of a policy, or a file
        policy: OsString,
    },
    /// Work by this policy from now on, and hand the new public profile to the server
    #[command(after_help = "Example: noren authority policy set our-policy.toml")]
    Set {
        /// The name of a policy, or a file
        policy: OsString,
        /// Do not hand the new profile to the server
        #[arg(long)]
        no_push: bool,
        #[command(flatten)]
        consent: Consent,
    },
}

pub(super) fn run(context: &Context, command: Command) -> Outcome {
    match command {
        Command::List => list(context),
        Command::Show { policy } => {
            let policy = match policy {
                Some(name) => load(&name)?,
                None => open(context)?.policy()?,
            };
            context.output.raw(policy.toml().as_bytes())?;
            Ok(Answer::Yes)
        }
        Command::Check { policy } => {
            let policy = load(&policy)?;
            let shown = ShownPolicy::new(&policy);
            context.output.data(&shown, ShownPolicy::lines)?;
            Ok(if shown.left_open.is_empty() { Answer::Yes } else { Answer::No })
        }
        Command::Set { policy, no_push, consent } => {
            set(context, &load(&policy)?, no_push, consent)
        }
    }
}

fn list(context: &Context) -> Outcome {
    let policies = Policy::shipped().iter().map(|shipped| Policy::from_toml(shipped.toml));
    let policies: Vec<Policy> = policies.collect::<Result<_, _>>()?;
    let shown: Vec<ShownPolicy<'_>> = policies.iter().map(ShownPolicy::new).collect();
    context.output.data(&shown, |shown| {
        let line =
            |policy: &ShownPolicy<'_>| clean(&format!("{:<18}{}", policy.name, policy.title));
        shown.iter().map(line).collect::<Vec<_>>().join("\n")
    })?;
    Ok(Answer::Yes)
}

/// A policy by its name, or from a file; its time zone is one that there is.
pub(super) fn load(name: &OsStr) -> anyhow::Result<Policy> {
    let shipped = Policy::shipped().iter().find(|shipped| name == shipped.name);
    let policy = match shipped {
        Some(shipped) => Policy::from_toml(shipped.toml)?,
        None => load_file(name)?,
    };
    times::zone(Some(policy.time_zone())).context("time_zone")?;
    Ok(policy)
}

fn load_file(name: &OsStr) -> anyhow::Result<Policy> {
    let path = Path::new(name);
    let bytes = files::read_named(path).context(
        "no policy of this name comes with Noren; `noren authority policy list` shows them",
    )?;
    files::refuse_blank(&bytes, path, "POLICY")?;
    let text = std::str::from_utf8(&bytes)
        .with_context(|| format!("{} is not in UTF-8", clean_path(name.as_ref())))?;
    Policy::from_toml(text).map_err(|error| {
        // The file's own words, on one line that they cannot leave.
        let words = error.to_string().lines().map(str::trim).collect::<Vec<_>>().join(" / ");
        anyhow!("{} is not a valid policy: {}", clean_path(name.as_ref()), clean(&words))
    })
}

fn set(context: &Context, policy: &Policy, no_push: bool, consent: Consent) -> Outcome {
    let mut desk = open(context)?;
    let toml = policy.toml().to_owned();
    let resolution = Resolution::Policy { toml: toml.clone() };
    let words = desk.about_to(&resolution)?.unwrap_or_default();
    if no_push {
        desk.check_needs_no_approval()?;
    }
    if let Some(answer) = agreed_to(context, &words, consent)? {
        return Ok(answer);
    }
    let action = if no_push { Action::SetPolicyHere(toml) } else { Action::Resolve(resolution) };
    act(context, &mut desk, action)
}
