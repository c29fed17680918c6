//! The policy in force: which one, and what changes by another.

use anyhow::ensure;
use noren::authority::Policy;
use noren::profile::Profile;
use serde_json::json;

use super::Desk;
use super::event::Event;
use super::profile::renew;
use super::settings::EarlierPolicy;
use super::store::Change;
use crate::text::{clean, counted};

/// What a policy changes, and from when on.
pub(super) fn about_to(desk: &Desk<'_>, toml: &str) -> anyhow::Result<String> {
    // [CLI-34]
    let policy = &Policy::from_toml(toml)?;
    let before = desk.profile.profile();
    let mut after = before.clone();
    policy.write_into(&mut after);
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
    Ok(lines.iter().map(clean_line).collect::<Vec<_>>().join("\n"))
}

fn days(profile: &Profile) -> String {
    counted(profile.retention_days, "day")
}

fn seconds(seconds: u64) -> String {
    format!("{seconds} s")
}

impl Desk<'_> {
    /// Refuses to put a policy in force here alone where operators have to approve it.
    pub(crate) fn check_needs_no_approval(&self) -> anyhow::Result<()> {
        ensure!(
            self.settings.approvals == 0,
            "operators have to approve a policy, and then it is handed to the server: leave --no-push out"
        );
        Ok(())
    }
}

/// Puts a policy in force; with `push`, the server gets the new profile.
pub(super) fn put_in_force(desk: &mut Desk<'_>, toml: &str, push: bool) -> anyhow::Result<()> {
    let policy = Policy::from_toml(toml)?;
    renew(desk, push, |profile| policy.write_into(profile))?;
    let earlier = EarlierPolicy::new(&desk.policy()?);
    policy.toml().clone_into(&mut desk.settings.policy);
    let change = Change::default().put(&earlier).put(&desk.settings.clone());
    let details = json!({ "name": policy.name(), "digest": hex::encode(policy.digest()) });
    desk.apply(change.note(Event::PolicySet.about("desk", details)))
}
