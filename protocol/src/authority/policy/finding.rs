//! What a policy says about a number of reports, with the reasons.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use super::premises::{Measure, Premises};
use super::threshold::SizeRange;
use crate::messages::Level;

/// What a number of reports calls for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Verdict {
    /// Too few reports.
    Below,
    /// Enough for a warning of this level: attention or cluster.
    Reached(Level),
    /// The policy leaves the decision to staff.
    Staff,
    /// The policy has no threshold for this kind and size, or the size is not known. Staff have to
    /// decide, and the file ought to.
    Unset,
}

impl Verdict {
    const ALL: [Self; 5] = [
        Self::Below,
        Self::Reached(Level::Attention),
        Self::Reached(Level::Cluster),
        Self::Staff,
        Self::Unset,
    ];

    /// Returns the name in JSON: `below`, `attention`, `cluster`, `staff` or `unset`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Below => "below",
            Self::Reached(level) => level.name(),
            Self::Staff => "staff",
            Self::Unset => "unset",
        }
    }
}

impl Serialize for Verdict {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

impl<'de> Deserialize<'de> for Verdict {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        const NAMES: &[&str] = &["below", "attention", "cluster", "staff", "unset"];
        let name = String::deserialize(deserializer)?;
        let mut verdicts = Self::ALL.into_iter();
        verdicts
            .find(|verdict| verdict.name() == name)
            .ok_or_else(|| de::Error::unknown_variant(&name, NAMES))
    }
}

/// A verdict with everything that led to it. `Display` is the explanation, one line of English; two
/// findings are equal when verdict and reasons are.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Finding {
    // [POL-5]
    /// What the reports call for.
    pub verdict: Verdict,
    /// The number of reports.
    pub reports: u32,
    /// The number against which the verdict was measured; `None` where nothing was measured.
    pub needed: Option<u32>,
    /// The place.
    pub premises: Premises,
    /// The policy's name for the group that the place belongs to.
    pub group: Option<String>,
    /// The sizes that are treated alike, and that this place's is among.
    pub range: Option<SizeRange>,
    /// What the policy counts at places of this kind.
    pub measures: Vec<Measure>,
}
