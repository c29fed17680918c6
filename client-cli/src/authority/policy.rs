//! The warning policy: shipped ones, the operator's own file, and which one is in force.

use std::ffi::{OsStr, OsString};
use std::path::Path;

use anyhow::{Context as _, anyhow, ensure};
use noren::authority::Policy;
use noren::profile::Profile;
use noren::time::UnixSeconds;
use serde::Serialize;
use serde_json::json;

use super::approvals::{Action, agreed_to, consent_to};
use super::desk::{Change, Desk, EarlierPolicy, Event};
use super::profile;
use crate::confirm::Consent;
use crate::context::Context;
use crate::files;
use crate::outcome::{Answer, Outcome};
use crate::text::{clean, clean_path, counted};
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

#[derive(Serialize)]
struct Shown<'a> {
    name: &'a str,
    title: &'a str,
    digest: String,
    /// When publications go out; absent where they do at once.
    #[serde(skip_serializing_if = "Option::is_none")]
    release: Option<Releases>,
    left_open: Vec<Open<'a>>,
}

#[derive(Serialize)]
struct Releases {
    /// Times of the day in the policy's time zone.
    times: Vec<String>,
    /// The entries of a release, without and with patient cases, as long as cases fit into them.
    entries: u32,
    entries_with_patient_cases: u32,
    /// What is to be known, for people.
    remarks: Vec<String>,
}

impl Releases {
    fn of(policy: &Policy) -> Option<Self> {
        // [POL-14]
        let (release, cover) = (policy.release()?, policy.cover()?);
        let times: Vec<String> = release.times().iter().map(ToString::to_string).collect();
        let (entries, multiple) = (cover.multiple * cover.days, cover.multiple);
        let mut remarks = vec![
            format!("publications wait for {} ({})", times.join(", "), policy.time_zone()),
            format!(
                "a release has {}, {} with patient cases, and more where a day has \
                 more than {multiple} of one kind: that shows",
                counted(entries, "entry"),
                entries * 2
            ),
        ];
        let (pause, age) = (release.longest_pause(), policy.checkpoint_max_age() / 60);
        if u64::from(pause) * 2 > age {
            remarks.push(format!(
                "up to {} lie between two releases, and devices take the log for {}: \
                 run `noren authority heartbeat` in between",
                counted(pause.div_ceil(60), "hour"),
                counted(age / 60, "hour")
            ));
        }
        Some(Self { times, entries, entries_with_patient_cases: entries * 2, remarks })
    }
}

#[derive(Serialize)]
struct Open<'a> {
    setting: &'a str,
    why: &'a str,
}

impl<'a> Shown<'a> {
    fn new(policy: &'a Policy) -> Self {
        let open =
            |open: &'a noren::authority::LeftOpen| Open { setting: &open.setting, why: &open.why };
        Self {
            name: policy.name(),
            title: policy.title(),
            digest: hex::encode(policy.digest()),
            release: Releases::of(policy),
            left_open: policy.left_open().iter().map(open).collect(),
        }
    }

    fn lines(&self) -> String {
        let mut lines = vec![clean(&format!("{}: {}", self.name, self.title))];
        let remarks = self.release.as_ref().map(|release| release.remarks.clone());
        match remarks {
            Some(remarks) => lines.extend(remarks.iter().map(|each| clean(&format!("  {each}")))),
            None => lines.push(
                "  publications go out at once: whenever the log grows, there is a case".to_owned(),
            ),
        }
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
        Command::Set { policy, no_push, consent } => {
            set(context, &load(&policy)?, no_push, consent)
        }
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

/// Writes what a policy says to everybody into the public profile.
pub(super) fn into_profile(policy: &Policy, profile: &mut Profile) {
    profile.retention_days = policy.retention_days();
    profile.checkpoint_max_age = policy.checkpoint_max_age();
    profile.minimum_overlap = policy.minimum_overlap();
    policy.time_zone().clone_into(&mut profile.time_zone);
    profile.texts = policy.texts().to_vec();
    profile.contacts = policy.contacts().to_vec();
}

fn set(context: &Context, policy: &Policy, no_push: bool, consent: Consent) -> Outcome {
    let mut desk = Desk::open(context)?;
    let words = about_to(&desk, policy);
    if no_push {
        ensure!(
            desk.settings.approvals == 0,
            "operators have to approve a policy, and then it is handed to the server: leave --no-push out"
        );
        return match consent_to(context, &words, consent)? {
            Some(answer) => Ok(answer),
            None => put_in_force(context, &mut desk, policy, false),
        };
    }
    let action = Action::Policy { toml: policy.toml().to_owned() };
    agreed_to(context, &mut desk, &words, consent, action)
}

/// What a policy changes, and from when on.
pub(super) fn about_to(desk: &Desk<'_>, policy: &Policy) -> String {
    // [CLI-34]
    let before = desk.profile.profile();
    let mut after = before.clone();
    into_profile(policy, &mut after);
    let mut lines = vec![
        format!("in force at once: {}, {}", policy.name(), policy.title()),
        format!("  SHA-256: {}", hex::encode(policy.digest())),
    ];
    let mut row = |name: &str, before: String, after: String| {
        let change = if before == after { after } else { format!("{after} instead of {before}") };
        lines.push(format!("  {name}: {change}"));
    };
    let policy_before = desk.policy().map(|policy| policy.name().to_owned());
    row(
        "policy",
        policy_before.unwrap_or_else(|_| "none that can be read".to_owned()),
        policy.name().to_owned(),
    );
    row("records are kept", days(before), days(&after));
    row(
        "a checkpoint is fresh for",
        seconds(before.checkpoint_max_age),
        seconds(after.checkpoint_max_age),
    );
    row(
        "visits count from an overlap of",
        seconds(before.minimum_overlap.into()),
        seconds(after.minimum_overlap.into()),
    );
    row("time zone", before.time_zone.clone(), after.time_zone.clone());
    for (name, changed) in
        [("texts", before.texts != after.texts), ("contacts", before.contacts != after.contacts)]
    {
        lines.push(format!("  {name}: {}", if changed { "others" } else { "the same" }));
    }
    lines.push(
        "  cases that were decided by the policy of before stay as they are, and so do notices"
            .to_owned(),
    );
    let clean_line = |line: &String| clean(line);
    lines.iter().map(clean_line).collect::<Vec<_>>().join("\n")
}

fn days(profile: &Profile) -> String {
    counted(profile.retention_days, "day")
}

fn seconds(seconds: u64) -> String {
    format!("{seconds} s")
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
    // [CLI-34]
    let in_force =
        InForce { policy: Shown::new(policy), in_force_since: desk.profile.profile().issued };
    context.output.done(&in_force, InForce::lines)?;
    times::warn_of_other_zone(context, policy.time_zone());
    Ok(Answer::Yes)
}

/// A policy that this desk works by from now on.
#[derive(Serialize)]
struct InForce<'a> {
    #[serde(flatten)]
    policy: Shown<'a>,
    in_force_since: UnixSeconds,
}

impl InForce<'_> {
    fn lines(&self) -> String {
        let since = times::show(self.in_force_since);
        format!(
            "in force since {since}, and in the public profile: {}\nSHA-256 {}",
            self.policy.lines(),
            self.policy.digest
        )
    }
}
