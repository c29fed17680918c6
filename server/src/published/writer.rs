//! What the one writer of this server knows from one append to the next.

use noren::time::UnixSeconds;

use super::repair::progress::Repair;

/// What only the writer of this server needs.
#[derive(Debug, Default)]
pub(super) struct Writer {
    /// Whether database and published files were brought together. Not after a failure on the way to
    /// the files: then they are asked before the next append.
    pub(super) is_ready: bool,
    /// The feed has given out everything before this time; nothing is filed under it any more.
    pub(super) settled: UnixSeconds,
    /// What the authority is giving back just now.
    pub(super) repair: Option<Repair>,
}
