//! Why an ask could not be answered: a code for the page's sentences, and the library's own words.

use noren::log::CheckpointError;
use noren::messages::MessageError;
use noren::passphrase::PassphraseError;
use noren::profile::{PinError, ProfileError, ReplaceError};
use noren::time::TimeError;
use noren::venue::VenueError;
use noren::visitor::{DiaryError, SyncError, VaultError, VisitError};
use serde::Serialize;
use wasm_bindgen::JsValue;

/// A code of `FailureCode` in `web/src/ask.ts`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
#[expect(
    clippy::enum_variant_names,
    reason = "named as the page names them: codes of paper among them"
)]
pub(crate) enum Code {
    NotACode,
    PrivateCode,
    NotAPrivateCode,
    NotYetValid,
    NoLongerValid,
    WrongTime,
    TooOld,
    NoSuchVisit,
    Offline,
    RefusedLog,
    TooFewWitnesses,
    OtherAuthority,
    WrongFingerprint,
    WrongPassphrase,
    ShortPassphrase,
    WrongCodes,
    BadForm,
    Clock,
    Damaged,
    Defect,
}

/// A failure as the page gets it. No error of the library repeats a secret, and so none of these does.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Failure {
    pub(crate) code: Code,
    pub(crate) detail: String,
}

impl Failure {
    pub(crate) fn new(code: Code, detail: impl ToString) -> Self {
        Self { code, detail: detail.to_string() }
    }

    /// A function that gives an error this code.
    pub(crate) fn of<E: ToString>(code: Code) -> impl FnOnce(E) -> Self {
        move |error| Self::new(code, error)
    }
}

impl From<Failure> for JsValue {
    fn from(failure: Failure) -> Self {
        // An object would need a second way across the border.
        Self::from_str(&serde_json::to_string(&failure).unwrap_or_default())
    }
}

impl From<serde_json::Error> for Failure {
    fn from(error: serde_json::Error) -> Self {
        Self::new(Code::Defect, error)
    }
}

impl From<TimeError> for Failure {
    fn from(error: TimeError) -> Self {
        Self::new(Code::WrongTime, error)
    }
}

impl From<MessageError> for Failure {
    fn from(error: MessageError) -> Self {
        Self::new(Code::Defect, error)
    }
}

impl From<VisitError> for Failure {
    fn from(error: VisitError) -> Self {
        let code = match error {
            VisitError::DepartureBeforeArrival | VisitError::TooLong => Code::WrongTime,
            VisitError::NotYetValid => Code::NotYetValid,
            VisitError::NoLongerValid => Code::NoLongerValid,
            VisitError::NotOpen | VisitError::AlreadyEnded => Code::NoSuchVisit,
            _ => Code::Defect,
        };
        Self::new(code, error)
    }
}

impl From<DiaryError> for Failure {
    fn from(error: DiaryError) -> Self {
        let code = match error {
            DiaryError::NoSuchEntry => Code::NoSuchVisit,
            _ => Code::BadForm,
        };
        Self::new(code, error)
    }
}

impl From<PassphraseError> for Failure {
    fn from(error: PassphraseError) -> Self {
        let code = match error {
            PassphraseError::Empty | PassphraseError::TooShort(_) => Code::ShortPassphrase,
            _ => Code::Defect,
        };
        Self::new(code, error)
    }
}

impl From<VaultError> for Failure {
    fn from(error: VaultError) -> Self {
        match error {
            VaultError::Passphrase(error) => error.into(),
            error => Self::new(Code::Damaged, error),
        }
    }
}

impl From<ProfileError> for Failure {
    fn from(error: ProfileError) -> Self {
        Self::new(Code::RefusedLog, error)
    }
}

impl From<PinError> for Failure {
    fn from(error: PinError) -> Self {
        let code = match error {
            PinError::OtherLog(_) | PinError::NoWitness(_) => Code::BadForm,
            _ => Code::RefusedLog,
        };
        Self::new(code, error)
    }
}

impl From<ReplaceError> for Failure {
    fn from(error: ReplaceError) -> Self {
        Self::new(Code::RefusedLog, error)
    }
}

impl From<VenueError> for Failure {
    fn from(error: VenueError) -> Self {
        let code = match error {
            VenueError::HourNotOver => Code::WrongTime,
            VenueError::Message(_) => Code::BadForm,
            _ => Code::Defect,
        };
        Self::new(code, error)
    }
}

impl From<SyncError> for Failure {
    fn from(error: SyncError) -> Self {
        let code = match error {
            // These are delays, and prove nothing against anybody.
            SyncError::Unreachable { .. }
            | SyncError::NoProfile
            | SyncError::NoCheckpoint
            | SyncError::NotSignedAnew
            | SyncError::ProfileNotInLog => Code::Offline,
            SyncError::Checkpoint(CheckpointError::TooFewWitnesses) => Code::TooFewWitnesses,
            SyncError::Unfinished | SyncError::Overtaken => Code::Defect,
            _ => Code::RefusedLog,
        };
        Self::new(code, error)
    }
}

/// Whether the error may come from a clock, this device's or the authority's.
pub(crate) const fn is_about_time(error: &SyncError) -> bool {
    matches!(
        error,
        SyncError::Checkpoint(
            CheckpointError::Frozen { .. } | CheckpointError::FromTheFuture { .. }
        )
    )
}
