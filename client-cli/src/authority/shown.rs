//! What commands show: as data, and as lines for people.

pub(super) mod mirrors;
pub(super) mod opened;
pub(super) mod opened_patient;
pub(super) mod policy;
pub(super) mod preview;
pub(super) mod profile;
pub(super) mod proposal;
pub(super) mod published;
pub(super) mod release;
pub(super) mod report;
pub(super) mod restored;
pub(super) mod review;
pub(super) mod rotated;
pub(super) mod signing_keys;
pub(super) mod taken_over;
pub(super) mod visits;
pub(super) mod witnesses;
pub(super) mod zone;
