//! What operators may have to agree on before it is done.

use noren::time::UnixSeconds;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::case_file::Publication;
use super::record::Record;
use crate::times;

/// What is to happen once enough operators approve.
#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Resolution {
    Publish {
        notices: Vec<CaseNotice>,
        /// Not at the next release time of the policy.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        at_once: bool,
    },
    Withdraw {
        case: String,
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        at_once: bool,
    },
    Operators {
        approvals: usize,
        operators: Vec<Operator>,
    },
    Policy {
        toml: String,
    },
    Profile {
        name: Option<String>,
        url: Option<String>,
    },
    RotateKeys,
    EnablePatient,
}

/// The notice that a case is to have.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct CaseNotice {
    pub(super) case: String,
    pub(super) notice: Publication,
}

/// Somebody whose approval counts.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Operator {
    pub(crate) name: String,
    #[serde(with = "hex::serde")]
    pub(super) key: [u8; 32],
}

impl Record for Operator {
    const KIND: &'static str = "operator";

    fn id(&self) -> &str {
        &self.name
    }
}

impl Operator {
    /// The beginning of the key's digest, by which people tell keys apart.
    fn fingerprint(&self) -> String {
        hex::encode(Sha256::digest(self.key)).chars().take(16).collect()
    }

    /// The name, and which key it is.
    pub(super) fn shown(&self) -> String {
        format!("{} ({})", self.name, self.fingerprint())
    }
}

impl Resolution {
    /// The resolution in words.
    pub(crate) fn shown(&self) -> String {
        match self {
            Self::Publish { notices, at_once } => {
                let shown = |each: &CaseNotice| each.shown(*at_once);
                notices.iter().map(shown).collect::<Vec<_>>().join("; ")
            }
            Self::Withdraw { case, at_once } => {
                format!("withdraw the notice of case {case}{}", when(*at_once))
            }
            Self::Operators { approvals, operators } => {
                let operators: Vec<_> = operators.iter().map(Operator::shown).collect();
                format!("operators {}; approvals needed: {approvals}", operators.join(", "))
            }
            Self::Policy { toml } => {
                format!("work by the policy with SHA-256 {}", hex::encode(Sha256::digest(toml)))
            }
            Self::Profile { name, url } => {
                let changed: Vec<_> = [name, url].into_iter().flatten().cloned().collect();
                format!("change the profile: {}", changed.join(", "))
            }
            Self::RotateKeys => "hand over to new keys".to_owned(),
            Self::EnablePatient => "take patient cases".to_owned(),
        }
    }

    /// Whether it publishes without waiting for a release; so does what publishes nothing.
    pub(super) const fn is_at_once(&self) -> bool {
        match self {
            Self::Publish { at_once, .. } | Self::Withdraw { at_once, .. } => *at_once,
            _ => true,
        }
    }
}

impl CaseNotice {
    fn shown(&self, at_once: bool) -> String {
        let Self { case, notice } = self;
        let named = if notice.names_venue { "" } else { "not " };
        let (level, window) = (notice.level.name(), times::show_window(notice.window));
        format!("publish case {case}{}: {level}, {window}, venue {named}named", when(at_once))
    }
}

fn when(at_once: bool) -> &'static str {
    if at_once { " at once" } else { "" }
}

/// A proposal, and the operators who have approved it.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Proposal {
    pub(crate) id: String,
    pub(super) made: UnixSeconds,
    #[serde(rename = "action")]
    pub(crate) resolution: Resolution,
    /// The digest of what the resolution starts from: a proposal does not outlive a change of it.
    #[serde(with = "hex::serde")]
    pub(super) basis: [u8; 32],
    pub(super) approvals: Vec<Approval>,
}

/// The signature of an operator who approves a proposal.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Approval {
    pub(super) operator: String,
    #[serde(with = "hex::serde")]
    pub(super) signature: [u8; 64],
}

impl Record for Proposal {
    const KIND: &'static str = "proposal";

    fn id(&self) -> &str {
        &self.id
    }
}
