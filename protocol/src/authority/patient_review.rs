//! Review of a patient case: from the visits that a diagnosed visitor uploaded to pre-traces that the
//! authority may act on, without the venue.
//!
//! The visitor may be mistaken, or mean to have a town warned. The review checks that the places
//! take part and that one person can have been at all of them; people have to ask whether the
//! visits happened.

use std::fmt;

use super::keys::AuthorityKeys;
use super::review::VerifiedPreTrace;
use crate::ibe::MasterPublicKey;
use crate::messages::{
    ClaimedVisit, CodeBinding, EntryCode, MessageError, PatientUpload, RangeError,
};
use crate::time::{MAX_VISIT_SECONDS, UnixSeconds, Window};

/// The shortest visit that counts, in seconds: five minutes.
const MIN_VISIT_SECONDS: u64 = 300;
/// The most visits that may begin within any 24 hours.
const MAX_VISITS_A_DAY: usize = 20;
/// How far a window may reach beyond the stay on either side, in seconds: 25 hours, the longest day
/// that a time zone knows.
const MAX_MARGIN_SECONDS: u64 = 90_000;
const DAY: u64 = 86_400;

/// Why an upload of visits was refused: the first check that failed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PatientReviewError {
    /// The upload does not open, or is no upload of visits.
    #[error(transparent)]
    Upload(#[from] MessageError),
    /// The authority has no patient master key.
    #[error("this authority has no patient master key: it does not take visitors' uploads")]
    NotEnabled,
    /// The upload was made for another code than the case's.
    #[error("the upload was made for another case")]
    ForeignCase,
    /// An hour of the window is not over.
    #[error("an hour of the window is not over yet, and its key must not be known before")]
    HourNotOver,
    /// The patient master key is not the one that the venue carries.
    #[error("the patient master key is not the one that the visits were reviewed with")]
    OtherKeys,
    /// One of the visits is refused, and the upload with it.
    #[error("visit {number} is refused: {reason}")]
    Visit {
        /// Which visit, counted from 1.
        number: usize,
        /// The failed check.
        #[source]
        reason: VisitRefusal,
    },
}

/// Why a visit was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum VisitRefusal {
    /// The payload is no entry code.
    #[error(transparent)]
    EntryCode(#[from] MessageError),
    /// The venue does not carry this authority's patient master key.
    #[error("the venue does not take part in this authority's patient cases")]
    ForeignVenue,
    /// The departure is not after the arrival.
    #[error("the departure is not after the arrival")]
    Backwards,
    /// Shorter than five minutes.
    #[error("the visit is shorter than five minutes")]
    TooShort,
    /// Longer than 12 hours.
    #[error("the visit is longer than 12 hours")]
    TooLong,
    /// Before the time that the case is about.
    #[error("the visit begins before the time that the case is about")]
    TooEarly,
    /// It had not ended when the upload was received.
    #[error("the visit ends in the future")]
    InTheFuture,
    /// The entry code was not valid during the whole visit.
    #[error("the entry code was not valid during the whole visit")]
    NotValidThen,
    /// It begins before the visit that it follows in the list.
    #[error("the visits are not in the order of their arrivals")]
    OutOfOrder,
    /// It begins before the visit before it has ended.
    #[error("the visit overlaps the one before it: nobody is at two places at once")]
    Overlap,
    /// More than 20 visits begin within 24 hours.
    #[error("more than 20 visits begin within 24 hours")]
    TooMany,
}

/// A case that the authority opened for a diagnosed visitor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PatientCase {
    /// The binding that an upload with the one-time upload code carries.
    pub code: CodeBinding,
    /// The beginning of the infectious time, or of the retention. No visit may begin earlier.
    pub earliest: UnixSeconds,
    /// The time at which the upload was received. No visit may end later.
    pub latest: UnixSeconds,
}

/// An upload of visits that passed every check.
#[derive(Debug, Clone)]
pub struct PatientReview {
    /// The visits, the earliest first. The authority publishes all or some of them.
    pub visits: Vec<ReviewedVisit>,
}

/// A visit that passed the review; only [`review_patient`] makes one. `Debug` does not name the
/// venue.
#[derive(Clone)]
pub struct ReviewedVisit {
    entry_code: EntryCode,
    stay: Window,
}

impl ReviewedVisit {
    /// Returns the venue's entry code. Its texts are the venue's own claim.
    #[must_use]
    pub const fn entry_code(&self) -> &EntryCode {
        &self.entry_code
    }

    /// Returns the time from arrival to departure.
    #[must_use]
    pub const fn stay(&self) -> Window {
        self.stay
    }

    /// Derives the keys of the hours of `window` from the authority's patient master key alone. The
    /// authority chooses the window: the stay, the stay and a margin, or the local day. All of its
    /// hours have to be over at `now`.
    ///
    /// # Errors
    /// [`MessageError::OutOfRange`] for a window that does not contain the stay, or reaches more than
    /// 25 hours beyond it; [`PatientReviewError::HourNotOver`]; [`PatientReviewError::NotEnabled`]
    /// and [`PatientReviewError::OtherKeys`] for other keys than those of the review.
    pub fn pre_traces(
        &self,
        keys: &AuthorityKeys,
        window: Window,
        now: UnixSeconds,
    ) -> Result<Vec<VerifiedPreTrace>, PatientReviewError> {
        // [PAT-12]
        let first = self.stay.start().minus(MAX_MARGIN_SECONDS);
        let last = self.stay.end().plus(MAX_MARGIN_SECONDS);
        if !window.contains(self.stay) || window.start() < first || last < window.end() {
            return Err(MessageError::OutOfRange(RangeError::VisitWindow).into());
        }
        // [REV-13]
        if now < window.over_at() {
            return Err(PatientReviewError::HourNotOver);
        }
        let key = keys.patient_key().ok_or(PatientReviewError::NotEnabled)?;
        VerifiedPreTrace::derive(key, &self.entry_code, window).ok_or(PatientReviewError::OtherKeys)
    }
}

impl fmt::Debug for ReviewedVisit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // [IBE-10]
        f.write_str("ReviewedVisit(redacted)")
    }
}

/// Opens a sealed upload of visits (65,536 bytes) and makes every check.
///
/// # Errors
/// The first check that fails. Nothing of a refused upload can be used.
///
/// Source: CrowdNotifier technical specification v3, the server-based variant; the checks that it
/// leaves out are PAT-7 to PAT-11.
pub fn review_patient(
    keys: &AuthorityKeys,
    case: &PatientCase,
    sealed: &[u8],
) -> Result<PatientReview, PatientReviewError> {
    // [PAT-1]
    let key = keys.patient_public_key().ok_or(PatientReviewError::NotEnabled)?;
    let upload = PatientUpload::open(keys.upload_key(), sealed)?;
    // [PAT-5]
    if upload.code != case.code {
        return Err(PatientReviewError::ForeignCase);
    }
    let visits = reviewed(&key, (case.earliest, case.latest), &upload.visits)?;
    Ok(PatientReview { visits })
}

/// Makes the checks of each visit and of their sequence before anything is sent, with what a
/// visitor's device knows: the authority refuses all visits for one, and a code is good for one
/// upload. `times` are the earliest arrival and the latest departure.
///
/// # Errors
/// [`PatientReviewError::Visit`] with the first visit that the authority would refuse.
pub fn check_visits(
    key: &MasterPublicKey,
    times: (UnixSeconds, UnixSeconds),
    claimed: &[ClaimedVisit],
) -> Result<(), PatientReviewError> {
    // [PAT-15]
    reviewed(key, times, claimed).map(drop)
}

fn reviewed(
    key: &MasterPublicKey,
    times: (UnixSeconds, UnixSeconds),
    claimed: &[ClaimedVisit],
) -> Result<Vec<ReviewedVisit>, PatientReviewError> {
    let mut visits = Vec::with_capacity(claimed.len());
    for (claimed, number) in claimed.iter().zip(1..) {
        let visit = check_visit(key, times, claimed)
            .and_then(|visit| check_sequence(&visits, &visit).map(|()| visit))
            .map_err(|reason| PatientReviewError::Visit { number, reason })?;
        visits.push(visit);
    }
    Ok(visits)
}

/// Checks what a visit alone can show.
fn check_visit(
    key: &MasterPublicKey,
    (earliest, latest): (UnixSeconds, UnixSeconds),
    claimed: &ClaimedVisit,
) -> Result<ReviewedVisit, VisitRefusal> {
    // [PAT-6]
    let entry_code = EntryCode::from_bytes(&claimed.payload)?;
    if entry_code.master_public_key() != key {
        return Err(VisitRefusal::ForeignVenue);
    }
    // [PAT-7]
    let stay = Window::new(claimed.arrival, claimed.departure);
    let stay = stay.map_err(|_| VisitRefusal::Backwards)?;
    if stay.seconds() < MIN_VISIT_SECONDS {
        return Err(VisitRefusal::TooShort);
    }
    if stay.seconds() > MAX_VISIT_SECONDS {
        return Err(VisitRefusal::TooLong);
    }
    // [PAT-8]
    if stay.start() < earliest {
        return Err(VisitRefusal::TooEarly);
    }
    if stay.end() > latest {
        return Err(VisitRefusal::InTheFuture);
    }
    // [PAT-9]
    if !entry_code.venue().valid().contains(stay) {
        return Err(VisitRefusal::NotValidThen);
    }
    Ok(ReviewedVisit { entry_code, stay })
}

/// Checks a visit against those before it.
fn check_sequence(before: &[ReviewedVisit], visit: &ReviewedVisit) -> Result<(), VisitRefusal> {
    let arrival = visit.stay.start();
    // [PAT-10]
    if let Some(previous) = before.last() {
        if arrival < previous.stay.start() {
            return Err(VisitRefusal::OutOfOrder);
        }
        if arrival < previous.stay.end() {
            return Err(VisitRefusal::Overlap);
        }
    }
    // [PAT-11]
    let earlier = before.len().checked_sub(MAX_VISITS_A_DAY).and_then(|place| before.get(place));
    if earlier.is_some_and(|visit| arrival < visit.stay.start().plus(DAY)) {
        return Err(VisitRefusal::TooMany);
    }
    Ok(())
}
