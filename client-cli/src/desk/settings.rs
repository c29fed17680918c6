//! What was settled for this desk, and the policies by which it decides and has decided.

use anyhow::Context as _;
use noren::authority::Policy;
use serde::{Deserialize, Serialize};

use super::Desk;
use super::record::Record;
use super::witnesses::Witnesses;

/// What was settled for this desk.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Settings {
    /// The operator named when the desk was made.
    pub(super) operator: String,
    /// The text of the policy in force.
    pub(super) policy: String,
    /// How many operators have to approve a publication; at 0 nobody is asked.
    pub(super) approvals: usize,
    /// Where else the log is looked at before it is signed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) mirrors: Vec<String>,
    /// Who is asked to cosign every head.
    #[serde(default, skip_serializing_if = "Witnesses::are_none")]
    pub(super) witnesses: Witnesses,
}

impl Record for Settings {
    const KIND: &'static str = "settings";

    fn id(&self) -> &'static str {
        "desk"
    }
}

/// A policy that was in force, by which cases were decided.
#[derive(Serialize, Deserialize)]
pub(super) struct EarlierPolicy {
    digest: String,
    toml: String,
}

impl EarlierPolicy {
    pub(super) fn new(policy: &Policy) -> Self {
        Self { digest: hex::encode(policy.digest()), toml: policy.toml().to_owned() }
    }
}

impl Record for EarlierPolicy {
    const KIND: &'static str = "policy";

    fn id(&self) -> &str {
        &self.digest
    }
}

impl Desk<'_> {
    /// The policy in force.
    pub(crate) fn policy(&self) -> anyhow::Result<Policy> {
        policy_of(&self.settings)
    }

    /// The policy of this digest, in force now or earlier.
    pub(super) fn policy_with(&mut self, digest: &[u8; 32]) -> anyhow::Result<Policy> {
        let now = self.policy()?;
        if now.digest() == *digest {
            return Ok(now);
        }
        let earlier = self.records::<EarlierPolicy>()?;
        let earlier = earlier.into_iter().find(|policy| policy.digest == hex::encode(digest));
        let earlier = earlier.context("the policy of that time is not kept")?;
        Policy::from_toml(&earlier.toml).context("a policy of earlier is damaged")
    }
}

/// The policy that these settings name.
pub(super) fn policy_of(settings: &Settings) -> anyhow::Result<Policy> {
    Policy::from_toml(&settings.policy).context("the desk's policy is damaged")
}
