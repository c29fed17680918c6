//! What a one-time upload code was given out for: a case, which is what the authority has to do with
//! one venue and window, or a diagnosed visitor. Nothing here says who that is.

use noren::authority::{Case, Finding, PatientCase, Premises};
use noren::messages::{CodeBinding, CodeHash, Level, UploadCode, VenueKind};
use noren::time::{Hour, UnixSeconds, Window};
use serde::{Deserialize, Serialize};

use super::record::Record;

/// A record with a one-time upload code.
pub(crate) trait Coded: Record + Clone {
    /// What people call it.
    const TITLE: &'static str;
    /// The command whose verbs handle it: `noren authority <this> reissue`.
    const VERBS: &'static str;

    fn code_hash(&self) -> &CodeHash;
    fn status(&self) -> Status;
    fn set_status(&mut self, status: Status);
    /// Another code takes the place of the one before.
    fn set_code(&mut self, code: &UploadCode, expires: UnixSeconds);

    fn code_hash_hex(&self) -> String {
        hex::encode(self.code_hash().as_bytes())
    }

    /// Like `case c-3f9a21`.
    fn title(&self) -> String {
        format!("{} {}", Self::TITLE, self.id())
    }
}

/// What the authority has to do with one venue and window.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct CaseFile {
    pub(crate) id: String,
    /// The authority's own name of the venue it means.
    pub(crate) venue: String,
    pub(crate) window: Window,
    pub(crate) code_hash: CodeHash,
    /// What an upload with the code carries; the server never has it.
    pub(crate) binding: CodeBinding,
    pub(crate) opened: UnixSeconds,
    pub(crate) expires: UnixSeconds,
    pub(crate) status: Status,
    /// Why it was opened; absent where somebody opened it without reports.
    pub(crate) decision: Option<Decision>,
    pub(crate) reminded: Vec<UnixSeconds>,
    /// When the venue's upload passed review.
    pub(crate) answered: Option<UnixSeconds>,
    /// When the first notice went out.
    pub(crate) notified: Option<UnixSeconds>,
    pub(crate) published: Option<Publication>,
    /// What staff have released for it; absent where nothing waits for a release time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) released: Option<Released>,
    /// The visit of a patient case that it is about; absent where a venue was asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) patient: Option<PatientVisit>,
}

/// What the policy said of the reports on a venue and day.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Decision {
    /// The name of the policy and the digest of its text.
    pub(crate) policy: String,
    #[serde(with = "hex::serde")]
    pub(crate) policy_digest: [u8; 32],
    pub(crate) premises: Premises,
    /// The local day.
    pub(crate) day: String,
    pub(crate) reports: Vec<String>,
    /// The stays that they tell, in the same order: a report that is withdrawn is gone.
    pub(crate) stays: Vec<Window>,
    pub(crate) finding: Finding,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Status {
    /// Its code was never printed; the next case that is opened clears it away.
    Registering,
    Open,
    Reviewed,
    /// What was uploaded was rejected; a new code may be given out.
    Rejected,
    Published,
    Withdrawn,
    Closed,
}

/// What staff have released for a case, and what goes out at the next release time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Released {
    /// The notice; none: the one that stands is withdrawn.
    pub(crate) notice: Option<Publication>,
    pub(crate) at: UnixSeconds,
}

/// The last notice that was published for a case.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Publication {
    /// SHA-256 of the entry code whose hours it warns of.
    #[serde(with = "hex::serde")]
    pub(crate) entry_code: [u8; 32],
    pub(crate) window: Window,
    pub(crate) level: Level,
    pub(crate) message: String,
    pub(crate) names_venue: bool,
    pub(crate) names_date: bool,
    /// Whether its notices are in the layout without times.
    pub(crate) without_times: bool,
    /// Every hour that devices were warned of and that was not withdrawn.
    pub(crate) hours: Vec<Hour>,
}

/// What stands in the place of a code that several cases had together, once nothing is left of it.
const NO_CODE: [u8; 32] = [0; 32];

impl CaseFile {
    /// Whether a diagnosed visitor told of it, and no venue was asked.
    pub(crate) fn is_visit(&self) -> bool {
        self.patient.is_some() || *self.code_hash.as_bytes() == NO_CODE
    }

    /// The case, closed, without anything that it has in common with the others of its upload.
    pub(super) fn unlinked(&self) -> Self {
        // [PAT-19]
        Self {
            status: Status::Closed,
            patient: None,
            code_hash: CodeHash::from_bytes(NO_CODE),
            binding: CodeBinding::from_bytes(NO_CODE),
            expires: self.opened,
            ..self.clone()
        }
    }

    /// The notice that stands once what waits has gone out.
    pub(crate) fn coming(&self) -> Option<&Publication> {
        match &self.released {
            Some(released) => released.notice.as_ref(),
            None => self.published.as_ref(),
        }
    }

    /// Refuses to end a case, or to reject its upload, while something of it waits for the next
    /// release: taking that out is a withdrawal, which is shown, asked and approved.
    pub(super) fn check_not_released(&self) -> anyhow::Result<()> {
        anyhow::ensure!(
            self.released.is_none(),
            "what was released for case {0} waits for the release: `noren authority withdraw {0}` \
             takes it out first",
            self.id
        );
        Ok(())
    }

    /// The kind of venue that was reported.
    pub(crate) fn asked_kind(&self) -> Option<VenueKind> {
        self.decision.as_ref().map(|decision| decision.premises.kind)
    }

    /// What the review holds an upload against.
    pub(crate) const fn case(&self) -> Case {
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
    pub(crate) const fn waits_for_upload(self) -> bool {
        matches!(self, Self::Open | Self::Rejected)
    }

    pub(crate) const fn name(self) -> &'static str {
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

/// What the authority gave a code out for; the visits are in the sealed upload alone.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct PatientFile {
    // [PAT-19]
    pub(crate) id: String,
    pub(crate) code_hash: CodeHash,
    /// What an upload with the code carries; the server never has it.
    pub(crate) binding: CodeBinding,
    /// No visit may begin earlier.
    pub(crate) earliest: UnixSeconds,
    pub(crate) opened: UnixSeconds,
    pub(crate) expires: UnixSeconds,
    pub(crate) status: Status,
    /// No visit may end later; known from the first look at the upload on.
    pub(crate) latest: Option<UnixSeconds>,
}

/// Which visit of which patient case an ordinary case is about.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct PatientVisit {
    /// The patient case.
    pub(crate) upload: String,
    /// The visit's number in the upload, from 1.
    pub(crate) number: usize,
}

impl PatientFile {
    /// What the review holds an upload against that was received by `latest`.
    pub(crate) const fn case(&self, latest: UnixSeconds) -> PatientCase {
        PatientCase { code: self.binding, earliest: self.earliest, latest }
    }
}

impl Coded for PatientFile {
    const TITLE: &'static str = "patient case";
    const VERBS: &'static str = "patient";

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

impl Record for PatientFile {
    const KIND: &'static str = "patient-case";

    fn id(&self) -> &str {
        &self.id
    }
}
