//! The warning policy: shipped ones, the operator's own file, and which one is in force.

use std::ffi::{OsStr, OsString};
use std::path::Path;

use anyhow::{Context as _, anyhow, ensure};
use noren::authority::policy::Policy;
use noren::authority::profile::Profile;
use serde::Serialize;
use serde_json::json;

use super::approvals::{Action, act};
use super::desk::{Change, Desk, EarlierPolicy, Event};
use super::profile;
use crate::cli::{Answer, Outcome};
use crate::context::Context;
use crate::files;
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
    },
}

#[derive(Serialize)]
struct Shown<'a> {
    name: &'a str,
    title: &'a str,
    digest: String,
    left_open: Vec<Open<'a>>,
}

#[derive(Serialize)]
struct Open<'a> {
    setting: &'a str,
    why: &'a str,
}

impl<'a> Shown<'a> {
    fn new(policy: &'a Policy) -> Self {
        let open = |open: &'a noren::authority::policy::LeftOpen| Open {
            setting: &open.setting,
            why: &open.why,
        };
        Self {
            name: policy.name(),
            title: policy.title(),
            digest: hex::encode(policy.digest()),
            left_open: policy.left_open().iter().map(open).collect(),
        }
    }

    fn lines(&self) -> String {
        let mut lines = vec![clean(&format!("{}: {}", self.name, self.title))];
        lines.extend(
            self.left_open
                .iter()
                .map(|open| clean(&format!("  left to you: {} ({})", open.setting, open.why))),
        );
        lines.join("\n")
    }
}

pub(super) fn run(context: &Context, command: Command) -> Outcome {
    match command {
        Command::List => list(context),
        Command::Show { policy } => {
            let policy = match policy {
                Some(name) => load(&name)?,
                None => Desk::open(context)?.policy()?,
            };
            context.output.raw(policy.toml().as_bytes())?;
            Ok(Answer::Yes)
        }
        Command::Check { policy } => {
            let policy = load(&policy)?;
            let shown = Shown::new(&policy);
            context.output.data(&shown, Shown::lines)?;
            Ok(if shown.left_open.is_empty() { Answer::Yes } else { Answer::No })
        }
        Command::Set { policy, no_push } => set(context, &load(&policy)?, no_push),
    }
}

fn list(context: &Context) -> Outcome {
    let policies = Policy::shipped().iter().map(|shipped| Policy::from_toml(shipped.toml));
    let policies: Vec<Policy> = policies.collect::<Result<_, _>>()?;
    let shown: Vec<Shown<'_>> = policies.iter().map(Shown::new).collect();
    context.output.data(&shown, |shown| {
        let line = |policy: &Shown<'_>| clean(&format!("{:<18}{}", policy.name, policy.title));
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
    let bytes = files::read_input(Path::new(name)).context(
        "no policy of this name comes with Noren; `noren authority policy list` shows them",
    )?;
    let text = std::str::from_utf8(&bytes)
        .with_context(|| format!("{} is not in UTF-8", clean_path(name.as_ref())))?;
    Policy::from_toml(text).map_err(|error| {
        // The file's own words, on one line that they cannot leave.
        let words = error.to_string().lines().map(str::trim).collect::<Vec<_>>().join(" / ");
        anyhow!("{} is not a valid policy: {}", clean_path(name.as_ref()), clean(&words))
    })
}

/// Writes what a policy says to everybody into the public profile.
pub(super) fn into_profile(policy: &Policy, profile: &mut Profile) {
    profile.retention_days = policy.retention_days();
    profile.checkpoint_max_age = policy.checkpoint_max_age();
    profile.minimum_overlap = policy.minimum_overlap();
    policy.time_zone().clone_into(&mut profile.time_zone);
    profile.texts = policy.texts().to_vec();
    profile.contacts = policy.contacts().to_vec();
}

fn set(context: &Context, policy: &Policy, no_push: bool) -> Outcome {
    let mut desk = Desk::open(context)?;
    if no_push {
        ensure!(
            desk.settings.approvals == 0,
            "operators have to approve a policy, and then it is handed to the server: leave --no-push out"
        );
        return put_in_force(context, &mut desk, policy, false);
    }
    act(context, &mut desk, Action::Policy { toml: policy.toml().to_owned() })
}

/// Puts a policy in force that was approved.
pub(super) fn execute(context: &Context, desk: &mut Desk<'_>, toml: &str) -> Outcome {
    put_in_force(context, desk, &Policy::from_toml(toml)?, true)
}

fn put_in_force(context: &Context, desk: &mut Desk<'_>, policy: &Policy, push: bool) -> Outcome {
    profile::renew(context, desk, push, |profile| into_profile(policy, profile))?;
    let earlier = EarlierPolicy::new(&desk.policy()?);
    policy.toml().clone_into(&mut desk.settings.policy);
    let change = Change::default().put(&earlier).put(&desk.settings.clone());
    let details = json!({ "name": policy.name(), "digest": hex::encode(policy.digest()) });
    desk.apply(change.note(Event::new("policy-set", "desk", details)))?;
    context.output.data(&Shown::new(policy), Shown::lines)?;
    times::warn_of_other_zone(context, policy.time_zone());
    Ok(Answer::Yes)
}
