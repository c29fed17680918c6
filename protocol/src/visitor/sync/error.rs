//! Why a sync ended without news.

use crate::log::{CheckpointError, Comparison, LogError, SignedCheckpoint, TilePath, compare};
use crate::messages::MessageError;
use crate::profile::{ProfileError, ReplaceError};

/// Why an authority's log, or a feed, was not read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SyncError {
    /// The server gave no answer, or one that is no file and does not say that there is none.
    #[error("{address} cannot be read: {reason}")]
    Unreachable {
        /// What was asked for.
        address: String,
        /// What the program that downloads said.
        reason: String,
    },
    /// The server has no profile.
    #[error("the server has no profile of an authority")]
    NoProfile,
    /// What the server has is no valid profile.
    #[error("the server's profile is refused: {0}")]
    Profile(#[from] ProfileError),
    /// The server's profile may not take the place of the one that is pinned.
    #[error("the server's profile is refused: {0}")]
    Replaced(#[from] ReplaceError),
    /// The server has no checkpoint, and none was seen before.
    #[error("the authority has not signed its log yet")]
    NoCheckpoint,
    /// The server has no checkpoint any more.
    #[error("the log is gone: it had {seen} entries")]
    Vanished {
        /// Entries at the last position.
        seen: u64,
    },
    /// The keys were handed over, and the log has not been signed with the new ones yet.
    #[error("the authority has new keys and has not signed its log with them yet")]
    NotSignedAnew,
    /// The log does not hold the profile: the authority has not finished publishing it, or tells
    /// somebody something else.
    #[error("the authority's log does not tell of its profile; it may tell others another one")]
    ProfileNotInLog,
    /// The checkpoint is refused.
    #[error(transparent)]
    Checkpoint(#[from] CheckpointError),
    /// The log is refused, for a reason that proves nothing.
    #[error(transparent)]
    Log(LogError),
    /// The log contradicts what was seen of it before, or itself.
    #[error("{}", .0.error)]
    Contradiction(Box<Contradiction>),
    /// A file that the checkpoint covers is not there, in no width.
    #[error("{0} is missing, which the checkpoint covers")]
    Missing(TilePath),
    /// A file does not hold the entries of its width.
    #[error("{0} does not hold the entries of its width")]
    Damaged(TilePath),
    /// The entries before the position are not those any more that were read.
    #[error("the log does not show any more what it showed before")]
    Past,
    /// A piece of a feed is no list of events.
    #[error("the feed is refused: {0}")]
    Feed(#[from] MessageError),
    /// Not every file has come, or not every entry was tried.
    #[error("the log has not been read to its end")]
    Unfinished,
    /// Another sync of the same log has come to its end since this one began.
    #[error("the log was read by another sync meanwhile")]
    Overtaken,
}

/// A head that contradicts what was seen: two signatures of the authority that cannot both be
/// honest, where the earlier note was kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contradiction {
    /// What is wrong: [`LogError::Rollback`], [`LogError::Fork`] or [`LogError::RootMismatch`].
    pub error: LogError,
    /// The head that was accepted last.
    pub seen: Option<SignedCheckpoint>,
    /// The head that is refused.
    pub offered: SignedCheckpoint,
}

/// Returns in what a head contradicts one that was signed before it.
pub(super) fn contradiction(
    before: &SignedCheckpoint,
    head: &SignedCheckpoint,
) -> Option<LogError> {
    let (seen, offered) = (before.checkpoint().size, head.checkpoint().size);
    match compare(before, head) {
        Comparison::Fork => Some(LogError::Fork { size: offered }),
        _ if seen > offered => Some(LogError::Rollback { seen, offered }),
        _ => None,
    }
}

/// Returns why a head is refused. One that contradicts what was seen is evidence, together with
/// that.
pub(super) fn refused(
    error: LogError,
    seen: Option<SignedCheckpoint>,
    offered: SignedCheckpoint,
) -> SyncError {
    // [LOG-8] [LOG-14] Another time under the same tree is a delay and no contradiction.
    match error {
        LogError::Rollback { .. } | LogError::Fork { .. } | LogError::RootMismatch => {
            SyncError::Contradiction(Box::new(Contradiction { error, seen, offered }))
        }
        error => SyncError::Log(error),
    }
}
