//! A patient case: one diagnosed visitor was given a code, and may tell visits with it. Nothing here
//! says who it is.

use noren::authority::PatientCase;
use noren::messages::{CodeBinding, CodeHash, UploadCode};
use noren::time::UnixSeconds;
use serde::{Deserialize, Serialize};

use super::case_file::Status;
use super::coded::Coded;
use super::store::Record;

/// What the authority gave a code out for; the visits are in the sealed upload alone.
#[derive(Clone, Serialize, Deserialize)]
pub(in crate::authority) struct PatientFile {
    // [PAT-19]
    pub(in crate::authority) id: String,
    pub(in crate::authority) code_hash: CodeHash,
    /// What an upload with the code carries; the server never has it.
    pub(in crate::authority) binding: CodeBinding,
    /// No visit may begin earlier.
    pub(in crate::authority) earliest: UnixSeconds,
    pub(in crate::authority) opened: UnixSeconds,
    pub(in crate::authority) expires: UnixSeconds,
    pub(in crate::authority) status: Status,
    /// No visit may end later; known once the upload passed review.
    pub(in crate::authority) latest: Option<UnixSeconds>,
}

/// Which visit of which patient case an ordinary case is about.
#[derive(Clone, Serialize, Deserialize)]
pub(in crate::authority) struct PatientVisit {
    /// The patient case.
    pub(in crate::authority) upload: String,
    /// The visit's number in the upload, from 1.
    pub(in crate::authority) number: usize,
}

impl PatientFile {
    /// What the review holds an upload against that was received by `latest`.
    pub(in crate::authority) const fn case(&self, latest: UnixSeconds) -> PatientCase {
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
