//! The health authority: opens what venues upload, checks it, and only then can publish.
//!
//! | step | function | specification |
//! |---|---|---|
//! | keys and profile | [`AuthorityKeys`], [`Profile::sign`] | PRO-1 |
//! | next keys | [`keys::AuthorityKeys::successor`], [`Profile::hand_over`] | PRO-4 … PRO-7 |
//! | policy | [`policy::Policy`]: reports → finding, windows, disclosure | POL-1 … POL-11 |
//! | review | [`review::review`]: sealed upload → [`VerifiedPreTrace`] | REV-1 … REV-12 |
//! | review of a patient case's upload | [`patient_review::review_patient`] → [`VerifiedPreTrace`] | PAT-4 … PAT-13 |
//! | publish | [`VerifiedPreTrace::trace`] → [`Trace`] → log entries | PUB-1 … PUB-4 |
//! | signed requests to the server | [`request`](crate::request) | API-7 |
//!
//! [`Profile::sign`]: crate::profile::Profile::sign
//! [`Profile::hand_over`]: crate::profile::Profile::hand_over
//! [`VerifiedPreTrace`]: review::VerifiedPreTrace
//! [`VerifiedPreTrace::trace`]: review::VerifiedPreTrace::trace
//! [`Trace`]: publish::Trace

mod issue;
mod keys;
mod patient_review;
mod policy;
mod publish;
mod review;
mod sealed_keys;

pub use keys::AuthorityKeys;
pub use patient_review::{
    PatientCase, PatientReview, PatientReviewError, ReviewedVisit, VisitRefusal, check_visits,
    review_patient,
};
pub use policy::{
    ClockTime, Finding, LeftOpen, Measure, Policy, PolicyError, Premises, Release, Shipped, Size,
    SizeRange, Verdict, Watch,
};
pub use publish::{
    Cover, MAX_COVER, Trace, cover_entry, covered_count, covered_entries, shuffled_entries,
};
pub use review::{Case, Review, ReviewError, VerifiedPreTrace, review, verify};
pub use sealed_keys::SealedKeysError;
