//! Every entry of a log, in order, and whether they were those that its owner signed.

use anyhow::{Context as _, ensure};
use noren::log::{CompactRange, LogPosition, TilePath, bundles_needed, leaf_hash};

use super::subject::Shown;
use crate::output::Output;

/// Gives every entry with its index to `each`. An error where they do not lead to the signed root:
/// until it is there, nothing that was given is known to be right.
pub(super) fn read(
    shown: &Shown,
    output: Output,
    mut each: impl FnMut(u64, &[u8]) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    // [LOG-7]
    let (size, mut range) = (shown.head.checkpoint().size, CompactRange::new());
    let bar = output.progress(size, "downloading");
    for bundle in bundles_needed(0, size) {
        for entry in self::bundle(shown, &bundle.path)? {
            each(range.size(), &entry)?;
            range.push(leaf_hash(&entry));
        }
        bar.set_position(range.size());
    }
    bar.finish_and_clear();
    LogPosition::start().reach(&shown.head, range).context(LOOK)?;
    Ok(())
}

/// What is said of files that do not lead to the signed root.
pub(super) const LOOK: &str =
    "what this server shows is not what was signed; `noren auditor verify` looks into it";

/// The entries of a bundle, in the width that is asked for.
pub(super) fn bundle(shown: &Shown, path: &TilePath) -> anyhow::Result<Vec<Vec<u8>>> {
    let found = shown.files.tile(path)?;
    let (wide, bytes) = found.with_context(|| format!("{path} is not there"))?;
    let decoded = noren::log::decode_bundle(&bytes, wide.width());
    let mut entries = decoded.with_context(|| format!("{wide} is damaged"))?;
    entries.truncate(path.width().get().into());
    ensure!(entries.len() == usize::from(path.width().get()), "{wide} is too short");
    Ok(entries)
}
