//! Which entries may be gone from a log: those that are older than what devices keep.

use noren::log::{SignedCheckpoint, TilePath, last_past_day};
use noren::profile::SignedProfile;
use noren::visitor::{File, Wanted};

use super::seen::verified;
use crate::log_files::LogFiles;

/// How many days before the last one are looked at for an archived head.
const DAYS: u32 = 31;

/// The number of entries, from the first one on, whose bundles a server may have removed.
pub(super) fn past(
    log: &LogFiles,
    profile: &SignedProfile,
    head: &SignedCheckpoint,
) -> anyhow::Result<u64> {
    // [API-39] Only a head that the authority signed then says so.
    let last = last_past_day(head.timestamp(), profile.profile().retention_days);
    for day in (0..DAYS).map(|before| last.minus(before)) {
        let wanted = Wanted { file: File::Archived(day), may_be_kept: false };
        let note = log.wanted(&wanted)?;
        let archived = note.and_then(|note| verified(&note, profile));
        if let Some(archived) = archived.filter(|archived| archived.is_of(day)) {
            return Ok(archived.checkpoint().size.min(head.checkpoint().size));
        }
    }
    Ok(0)
}

/// Whether a file is a bundle of such entries.
pub(super) fn is_past(path: &TilePath, past: u64) -> bool {
    let TilePath::Entries { index, width } = path else { return false };
    index.saturating_mul(256).saturating_add(width.get().into()) <= past
}
