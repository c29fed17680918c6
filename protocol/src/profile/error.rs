//! Why a profile is refused.

use super::{MAX_CHECKPOINT_AGE, MAX_MINIMUM_OVERLAP, MAX_RETENTION_DAYS};
use crate::log::OriginError;
use crate::messages::{MessageError, Part};
use crate::signing::SignError;

/// Why bytes are no authority's profile, or what it says cannot be signed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ProfileError {
    /// Not a profile, or a part of it that is refused in every message.
    #[error(transparent)]
    Message(#[from] MessageError),
    /// A handover by other keys than the profile's.
    #[error("the keys that are handed over are not those of the profile")]
    HandoverKeys,
    /// Handovers whose times go back.
    #[error("the handovers of keys are not in the order of their times")]
    HandoverOrder,
    /// A handover to a log key that was handed over before.
    #[error("the profile hands a log key over to itself; the next keys have to be new")]
    HandoverRepeats,
    /// A clock key of a later version than 1 that is the log key.
    #[error("the key for the times of checkpoints is the log key; it has to be one of its own")]
    ClockKey,
    /// An index that no entry of a log has.
    #[error("no log has so many entries that one is {0}")]
    LogIndex(u64),
    /// A malformed name of a log.
    #[error("the log's origin is refused: {0}")]
    Origin(OriginError),
    /// A server's address that is none, or has a slash at its end.
    #[error(
        "the server's address is none; it looks like https://health.example, with no slash at its end"
    )]
    ServerAddress,
    /// Days for which devices keep records.
    #[error("records are kept for {0} days; it has to be 1 to {MAX_RETENTION_DAYS}")]
    RetentionDays(u32),
    /// How old a checkpoint may become.
    #[error("a checkpoint may be {0} seconds old; it has to be 1 to {MAX_CHECKPOINT_AGE}")]
    CheckpointAge(u64),
    /// From which overlap on a stay counts.
    #[error("a stay counts from {0} seconds on; it has to be 0 to {MAX_MINIMUM_OVERLAP}")]
    MinimumOverlap(u32),
    /// A name that no time zone has.
    #[error("the time zone is no name of a time zone, like Asia/Tokyo")]
    TimeZone,
    /// An Ed25519 key that is none, or that anybody can sign for.
    #[error("the {0} is no valid Ed25519 public key")]
    Key(Part),
    /// A log key that is kept elsewhere did not sign.
    #[error(transparent)]
    Unsigned(#[from] SignError),
}

/// Why one profile may not take the place of another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ReplaceError {
    /// Other keys or another origin: another authority, or an impostor.
    #[error("the profile has other keys or another origin than the one that is pinned")]
    OtherKeys,
    /// The same keys but for the one that signs times, which changes with a handover only.
    #[error("the profile names another key for the times of checkpoints, without a handover")]
    OtherClockKey,
    /// Another profile of the same keys with the time of the one at hand: somebody is told something
    /// else.
    #[error(
        "the authority has signed two different profiles of the same time: whoever gets this one is told \
         something else"
    )]
    OtherBody,
    /// Of no place in the log, or of an earlier one than the profile at hand: somebody may be told
    /// something else.
    #[error(
        "the authority's profiles stand in its log, and this one does not, or stands before the one that \
         is known"
    )]
    NotInLog,
    /// Issued before the one at hand, or with keys that were handed over since.
    #[error("the profile is older than the one that is known")]
    Older,
}
