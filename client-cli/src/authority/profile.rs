//! Keys and public profile.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use noren::authority::AuthorityKeys;
use noren::log::Origin;
use noren::profile::Profile;
use serde::Serialize;

use super::approvals::{Action, act};
use super::desk::{Change, Desk, Event, Settings, kept};
use super::policy;
use crate::context::Context;
use crate::errors::whole_number;
use crate::files;
use crate::http::Server;
use crate::outcome::{Answer, Outcome};
use crate::text::{clean, clean_path, counted};
use crate::times;

#[derive(clap::Args)]
pub(crate) struct Init {
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
pub(crate) struct Show {
    /// Write the signed profile to this file, for servers, venues and visitors ("-": the standard
    /// output)
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Take this name from now on, and hand the new profile to the server
    #[arg(long)]
    name: Option<String>,
    /// The server has this address from now on; hand it the new profile there
    #[arg(long)]
    url: Option<String>,
    /// Do not hand the new profile to the server
    #[arg(long)]
    no_push: bool,
}

#[derive(Serialize)]
struct Shown {
    name: String,
    fingerprint: String,
    origin: String,
    url: String,
    log_key: String,
    upload_key: String,
    issued: String,
    #[serde(skip)]
    issued_shown: String,
    time_zone: String,
    retention_days: u32,
    checkpoint_max_age: u64,
    minimum_overlap: u32,
    /// Whether diagnosed visitors may tell their visits themselves.
    patient_cases: bool,
}

impl Shown {
    fn new(profile: &Profile) -> Self {
        Self {
            name: profile.name.clone(),
            fingerprint: profile.fingerprint().to_string(),
            origin: profile.origin.as_str().to_owned(),
            url: profile.url.clone(),
            log_key: hex::encode(profile.log_key.as_bytes()),
            upload_key: hex::encode(profile.upload_key.as_bytes()),
            issued: times::rfc3339(profile.issued),
            issued_shown: times::show_at(
                profile.issued,
                &times::zone_or_local(Some(&profile.time_zone)),
            ),
            time_zone: profile.time_zone.clone(),
            retention_days: profile.retention_days,
            checkpoint_max_age: profile.checkpoint_max_age,
            minimum_overlap: profile.minimum_overlap,
            patient_cases: profile.patient_master_key.is_some(),
        }
    }

    fn lines(&self) -> String {
        format!(
            "{}\nfingerprint: {}\nlog:         {}\nserver:      {}\nissued:      {}\ntime zone:   {}\npatients:    {}\nrecords are kept {}, a checkpoint is fresh for {} s, visits count from an overlap of {} s",
            clean(&self.name),
            self.fingerprint,
            self.origin,
            clean(&self.url),
            self.issued_shown,
            self.time_zone,
            if self.patient_cases { "taken" } else { "not taken" },
            counted(self.retention_days, "day"),
            self.checkpoint_max_age,
            self.minimum_overlap,
        )
    }
}

pub(super) fn init(context: &Context, arguments: &Init) -> Outcome {
    let folder = context.folder("authority");
    let _lock = files::lock(&folder)?;
    let policy = policy::load(&arguments.policy)?;
    if files::read(&folder.join("profile"))?.is_some() {
        bail!("{} is an authority's desk already; it stays as it is", folder.display());
    }
    // A desk that was cut off between keys and profile is finished with the keys that are there.
    let stored = kept::read(&folder.join("keys"))?;
    let keys = match &stored {
        Some(bytes) => {
            AuthorityKeys::from_bytes(bytes).context("the authority's key file is damaged")?
        }
        None => AuthorityKeys::generate(&mut context.rng()),
    };
    let profile = arguments.profile(context, &policy, &keys)?;
    let signed = profile.sign(&keys)?;
    // Every later command would refuse it.
    Server::new(&profile.url).context("--url")?;
    if stored.is_none() {
        // [CLI-2]
        kept::create_secret(&folder.join("keys"), keys.to_bytes().as_slice())?;
    }
    let operator = context.operator().unwrap_or_else(login_name);
    let settings =
        Settings { operator, policy: policy.toml().to_owned(), approvals: 0, mirrors: Vec::new() };
    Desk::create(context, &settings, &signed)?;
    files::replace(&folder.join("profile"), signed.as_bytes())?;
    context.output.done(&Shown::new(&profile), Shown::lines)?;
    if !policy.left_open().is_empty() {
        context.output.say(format!(
            "The policy leaves some settings to you; `noren authority policy check {}` names them.",
            clean_path(arguments.policy.as_ref())
        ));
    }
    times::warn_of_other_zone(context, policy.time_zone());
    context.output.say(
        "Back up the folder of this desk: without its keys no notice can be published or taken back.\n\
         Next: `noren authority profile --out FILE`, start noren-server with that file, then `noren authority heartbeat`.",
    );
    Ok(Answer::Yes)
}

impl Init {
    fn profile(
        &self,
        context: &Context,
        policy: &noren::authority::Policy,
        keys: &AuthorityKeys,
    ) -> anyhow::Result<Profile> {
        let mut profile = keys.profile(
            &self.name,
            Origin::new(&self.origin).context("--origin")?,
            self.url.trim_end_matches('/'),
            context.now()?,
        );
        policy::into_profile(policy, &mut profile);
        if let Some(days) = self.retention_days {
            profile.retention_days = days;
        }
        if let Some(age) = &self.checkpoint_max_age {
            profile.checkpoint_max_age = times::parse_length(age)?;
        }
        Ok(profile)
    }
}

/// Who is at this machine, as far as it knows.
fn login_name() -> String {
    let names = ["USER", "LOGNAME"].into_iter().filter_map(|name| std::env::var(name).ok());
    names.into_iter().find(|name| !name.is_empty()).unwrap_or_else(|| "operator".to_owned())
}

pub(super) fn show(context: &Context, arguments: &Show) -> Outcome {
    let mut desk = Desk::open(context)?;
    let (name, url) = (&arguments.name, &arguments.url);
    if name.is_some() || url.is_some() {
        if desk.settings.approvals > 0 {
            let action = Action::Profile { name: name.clone(), url: url.clone() };
            return act(context, &mut desk, action);
        }
        change(context, &mut desk, !arguments.no_push, name.as_deref(), url.as_deref())?;
    }
    match &arguments.out {
        Some(out) if out == Path::new("-") => {
            context.output.raw(desk.profile.as_bytes())?;
            return Ok(Answer::Yes);
        }
        Some(out) => files::create_public(out, desk.profile.as_bytes())?,
        None => {}
    }
    context.output.data(&Shown::new(desk.profile.profile()), Shown::lines)?;
    Ok(Answer::Yes)
}

/// Changes the profile as was approved.
pub(super) fn execute(
    context: &Context,
    desk: &mut Desk<'_>,
    name: Option<&str>,
    url: Option<&str>,
) -> Outcome {
    change(context, desk, true, name, url)?;
    context.output.data(&Shown::new(desk.profile.profile()), Shown::lines)?;
    Ok(Answer::Yes)
}

pub(super) fn change(
    context: &Context,
    desk: &mut Desk<'_>,
    push: bool,
    name: Option<&str>,
    url: Option<&str>,
) -> anyhow::Result<()> {
    renew(context, desk, push, |profile| {
        if let Some(name) = name {
            name.clone_into(&mut profile.name);
        }
        if let Some(url) = url {
            url.trim_end_matches('/').clone_into(&mut profile.url);
        }
    })?;
    let profile = desk.profile.profile();
    let details = serde_json::json!({ "name": profile.name, "url": profile.url });
    desk.apply(Change::default().note(Event::new("profile-changed", "desk", details)))
}

/// Signs the changed profile and hands it to the server. Kept here last: a command that was cut off
/// is run again.
pub(super) fn renew(
    context: &Context,
    desk: &mut Desk<'_>,
    push: bool,
    change: impl FnOnce(&mut Profile),
) -> anyhow::Result<()> {
    let mut profile = desk.profile.profile().clone();
    change(&mut profile);
    // [PRO-3]
    profile.issued = context.now()?.max(profile.issued.plus(1));
    desk.profile = profile.sign(&desk.keys)?;
    if push {
        let answer =
            desk.send("PUT", "v1/authority", "application/cbor", desk.profile.as_bytes())?;
        desk.expect(answer, 204)?;
    }
    files::replace(&context.folder("authority").join("profile"), desk.profile.as_bytes())
}
