//! The visitor's device: a visit becomes records that even the device cannot read, and published
//! traces are tried on them.
//!
//! | step | function | specification |
//! |---|---|---|
//! | check-in | [`Vault::check_in`](vault::Vault::check_in) | VIS-5, VIS-6 |
//! | check-out | [`Vault::check_out`](vault::Vault::check_out) → records | VIS-1 … VIS-4 |
//! | at rest | [`Vault`]: everything ↔ one sealed byte string | VLT-1 … VLT-9 |
//! | diary | [`Diary`]: what a visitor chose to keep readable | DIA-1 … DIA-6 |
//! | sync | [`sync_all`], or [`LogSync`] by hand: an authority's log, read, verified and tried | LOG-4 … LOG-8, MAT-1 … MAT-10 |
//! | feed | [`FeedSync`]: the list of a CrowdNotifier server, which has no log | MAT-12 |
//! | matching | in [`LogSync`]: records × traces → exposures | MAT-1 … MAT-10 |

use serde::{Deserialize, Serialize};

use crate::messages::MessageError;
use crate::time::{Hour, MAX_VISIT_SECONDS, UnixSeconds, Window};

mod days_of_use;
mod diary;
mod exposure;
pub(crate) mod matching;
mod past;
pub(crate) mod record;
mod round;
mod seal;
mod sync;
mod vault;
mod visits;

pub use diary::{Diary, DiaryEntry, DiaryError, NOTE_CHARACTERS};
pub use exposure::{Exposure, ExposureId, News, PlainExposure};
pub use matching::{Cancelled, to_the_end};
pub use record::{VenueText, VisitId};
pub use round::sync_all;
pub use seal::{DeviceKey, VaultError, VaultKey};
pub use sync::{
    Contradiction, FeedSummary, FeedSync, File, Found, LogSync, Progress, Source, Summary,
    SyncError, Wanted, Work,
};
pub use vault::{CheckIn, ClosedVisit, DEFAULT_RETENTION_DAYS, Vault};
pub use visits::{EndedVisit, OpenVisit};

/// Why a step of the visitor's was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum VisitError {
    /// The departure is before the arrival.
    #[error("the departure is before the arrival")]
    DepartureBeforeArrival,
    /// The visit is longer than 12 hours.
    #[error("the visit is longer than 12 hours")]
    TooLong,
    /// The code's validity has not begun.
    #[error("the code was not valid yet at that time")]
    NotYetValid,
    /// The code's validity, or the event, is over.
    #[error("the code was no longer valid at that time")]
    NoLongerValid,
    /// No open visit has this id.
    #[error("there is no such open visit")]
    NotOpen,
    /// The visit's planned end, its typical stay, the event or the longest visit is over.
    #[error("the visit has ended by itself, and can no longer be changed")]
    AlreadyEnded,
    /// A record could not be made.
    #[error(transparent)]
    Message(#[from] MessageError),
}

/// The time from somebody's arrival to their departure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "(UnixSeconds, UnixSeconds)", into = "(UnixSeconds, UnixSeconds)")]
pub struct Stay {
    arrival: UnixSeconds,
    departure: UnixSeconds,
}

impl Stay {
    /// Makes a stay of at most 12 hours.
    ///
    /// # Errors
    /// [`VisitError::DepartureBeforeArrival`], [`VisitError::TooLong`].
    pub fn new(arrival: UnixSeconds, departure: UnixSeconds) -> Result<Self, VisitError> {
        // [VIS-4]
        if departure < arrival {
            Err(VisitError::DepartureBeforeArrival)
        } else if departure > arrival.plus(MAX_VISIT_SECONDS) {
            Err(VisitError::TooLong)
        } else {
            Ok(Self { arrival, departure })
        }
    }

    /// Returns the time of arrival.
    #[must_use]
    pub const fn arrival(self) -> UnixSeconds {
        self.arrival
    }

    /// Returns the time of departure.
    #[must_use]
    pub const fn departure(self) -> UnixSeconds {
        self.departure
    }

    /// Returns the seconds that stay and window share, or `None` when they only touch. A stay that
    /// ended in the second in which it began counts for that second.
    #[must_use]
    pub fn overlap(self, window: Window) -> Option<Window> {
        // [MAT-3]
        Window::new(self.arrival, self.departure.max(self.arrival.plus(1))).ok()?.overlap(window)
    }

    /// Returns every hour of the stay; a departure on the hour includes the hour that begins then.
    pub fn hours(self) -> impl Iterator<Item = Hour> {
        // [VIS-1]
        Hour::spanning(self.arrival, self.departure)
    }
}

impl TryFrom<(UnixSeconds, UnixSeconds)> for Stay {
    type Error = VisitError;

    fn try_from((arrival, departure): (UnixSeconds, UnixSeconds)) -> Result<Self, VisitError> {
        Self::new(arrival, departure)
    }
}

impl From<Stay> for (UnixSeconds, UnixSeconds) {
    fn from(stay: Stay) -> Self {
        (stay.arrival, stay.departure)
    }
}
