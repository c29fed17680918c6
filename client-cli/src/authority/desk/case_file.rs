//! A case: what the authority has to do with one venue and window.

use noren::authority::{Case, Finding, Premises};
use noren::messages::{CodeBinding, CodeHash, Level, UploadCode};
use noren::time::{Hour, UnixSeconds, Window};
use serde::{Deserialize, Serialize};

use super::coded::Coded;
use super::patient_file::PatientVisit;
use super::store::Record;

/// What the authority has to do with one venue and window.
#[derive(Clone, Serialize, Deserialize)]
pub(in crate::authority) struct CaseFile {
    pub(in crate::authority) id: String,
    /// The authority's own name of the venue it means.
    pub(in crate::authority) venue: String,
    pub(in crate::authority) window: Window,
    pub(in crate::authority) code_hash: CodeHash,
    /// What an upload with the code carries; the server never has it.
    pub(in crate::authority) binding: CodeBinding,
    pub(in crate::authority) opened: UnixSeconds,
    pub(in crate::authority) expires: UnixSeconds,
    pub(in crate::authority) status: Status,
    /// Why it was opened; absent where somebody opened it without reports.
    pub(in crate::authority) decision: Option<Decision>,
    pub(in crate::authority) reminded: Vec<UnixSeconds>,
    /// When the venue's upload passed review.
    pub(in crate::authority) answered: Option<UnixSeconds>,
    /// When the first notice went out.
    pub(in crate::authority) notified: Option<UnixSeconds>,
    pub(in crate::authority) published: Option<Publication>,
    /// What staff have released for it; absent where nothing waits for a release time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(in crate::authority) released: Option<Released>,
    /// The visit of a patient case that it is about; absent where a venue was asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(in crate::authority) patient: Option<PatientVisit>,
}

/// What the policy said of the reports on a venue and day.
#[derive(Clone, Serialize, Deserialize)]
pub(in crate::authority) struct Decision {
    /// The name of the policy and the digest of its text.
    pub(in crate::authority) policy: String,
    #[serde(with = "hex::serde")]
    pub(in crate::authority) policy_digest: [u8; 32],
    pub(in crate::authority) premises: Premises,
    /// The local day.
    pub(in crate::authority) day: String,
    pub(in crate::authority) reports: Vec<String>,
    pub(in crate::authority) finding: Finding,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(in crate::authority) enum Status {
    /// Its code was never printed; the next case that is opened clears it away.
    Registering,
    Open,
    Reviewed,
    /// What was uploaded was turned down; a new code may be given out.
    Rejected,
    Published,
    Withdrawn,
    Closed,
}

/// What staff have released for a case, and what goes out at the next release time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::authority) struct Released {
    /// The notice; none: the one that stands is withdrawn.
    pub(in crate::authority) notice: Option<Publication>,
    pub(in crate::authority) at: UnixSeconds,
}

/// The last notice that was published for a case.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::authority) struct Publication {
    /// SHA-256 of the entry code whose hours it warns of.
    #[serde(with = "hex::serde")]
    pub(in crate::authority) entry_code: [u8; 32],
    pub(in crate::authority) window: Window,
    pub(in crate::authority) level: Level,
    pub(in crate::authority) message: String,
    pub(in crate::authority) names_venue: bool,
    pub(in crate::authority) names_date: bool,
    /// Whether its notices are in the layout without times.
    pub(in crate::authority) without_times: bool,
    /// Every hour that devices were warned of and that was not withdrawn.
    pub(in crate::authority) hours: Vec<Hour>,
}

impl CaseFile {
    /// The notice that stands once what waits has gone out.
    pub(in crate::authority) fn coming(&self) -> Option<&Publication> {
        match &self.released {
            Some(released) => released.notice.as_ref(),
            None => self.published.as_ref(),
        }
    }

    /// What the review holds an upload against.
    pub(in crate::authority) const fn case(&self) -> Case {
        Case { code: self.binding, window: self.window }
    }
}

impl Coded for CaseFile {
    const TITLE: &'static str = "case";
    const VERBS: &'static str = "case";

    fn code_hash(&self) -> &CodeHash {
        &self.code_hash
    }

    fn status(&self) -> Status {
        self.status
    }

    fn set_status(&mut self, status: Status) {
        self.status = status;
    }

    fn set_code(&mut self, code: &UploadCode, expires: UnixSeconds) {
        (self.code_hash, self.binding, self.expires) = (code.hash(), code.binding(), expires);
    }
}

impl Status {
    /// Whether nothing was uploaded yet that could be published.
    pub(in crate::authority) const fn waits_for_upload(self) -> bool {
        matches!(self, Self::Open | Self::Rejected)
    }

    pub(in crate::authority) const fn name(self) -> &'static str {
        match self {
            Self::Registering => "registering",
            Self::Open => "open",
            Self::Reviewed => "reviewed",
            Self::Rejected => "rejected",
            Self::Published => "published",
            Self::Withdrawn => "withdrawn",
            Self::Closed => "closed",
        }
    }
}

impl Record for CaseFile {
    const KIND: &'static str = "case";

    fn id(&self) -> &str {
        &self.id
    }
}
