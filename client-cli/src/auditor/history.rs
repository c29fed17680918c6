//! Every head that was seen of a log, each as a signed note in a file of its own that any tool for
//! C2SP notes reads; and how far the log was verified.

use std::path::{Path, PathBuf};

use noren::log::{LogPosition, SignedCheckpoint};
use noren::profile::{Fingerprint, SignedProfile};
use serde::{Deserialize, Serialize};

use super::seen::verified;
use crate::files;

/// How far a log was verified, as it is kept.
#[derive(Serialize, Deserialize)]
struct Verified {
    version: u64,
    position: LogPosition,
}

/// The present version of the file.
const VERSION: u64 = 1;

/// Keeps a head that was verified.
pub(super) fn keep(
    folder: &Path,
    profile: &SignedProfile,
    head: &SignedCheckpoint,
) -> anyhow::Result<()> {
    // [CLI-54]
    let folder = heads(folder, &profile.profile().fingerprint());
    files::make_private_folder(&folder)?;
    let (time, size) = (head.timestamp(), head.checkpoint().size);
    let root = head.checkpoint().root.as_bytes();
    // Two trees of one size and time are two files.
    let root: String = hex::encode(root).chars().take(8).collect();
    let file = folder.join(format!("{time}-{size}-{root}.checkpoint"));
    // A later copy of the same head may have more cosignatures.
    files::replace_public(&file, head.text().as_bytes())
}

/// Every head that was kept of a profile's log and is still signed, in the order of their times.
pub(super) fn read(
    folder: &Path,
    profile: &SignedProfile,
) -> anyhow::Result<Vec<SignedCheckpoint>> {
    let mut found = Vec::new();
    for name in names(profile) {
        let folder = heads(folder, &name);
        if !folder.is_dir() {
            continue;
        }
        for file in files::list(&folder, "checkpoint")? {
            let note = files::read(&file)?;
            found.extend(note.and_then(|note| verified(&note, profile)));
        }
    }
    found.sort_by_key(|head| (head.timestamp(), head.checkpoint().size));
    Ok(found)
}

/// How far a log was verified; the beginning where nothing is kept that can be read.
pub(super) fn position(folder: &Path, profile: &SignedProfile) -> LogPosition {
    let read = |name: Fingerprint| {
        let bytes = files::read(&position_file(folder, &name)).ok()??;
        let kept: Verified = serde_json::from_slice(&bytes).ok()?;
        (kept.version == VERSION).then_some(kept.position)
    };
    // What is damaged is read again: that costs time and nothing else.
    names(profile).find_map(read).unwrap_or_else(LogPosition::start)
}

/// Keeps how far a log was verified.
pub(super) fn keep_position(
    folder: &Path,
    profile: &SignedProfile,
    position: LogPosition,
) -> anyhow::Result<()> {
    let kept = Verified { version: VERSION, position };
    let file = position_file(folder, &profile.profile().fingerprint());
    files::replace(&file, &serde_json::to_vec(&kept)?)
}

/// The present fingerprint, and those before it, the last one first.
fn names(profile: &SignedProfile) -> impl Iterator<Item = Fingerprint> {
    // [PRO-6]
    let before = profile.predecessors();
    std::iter::once(profile.profile().fingerprint()).chain(before.into_iter().rev())
}

fn heads(folder: &Path, name: &Fingerprint) -> PathBuf {
    folder.join(hex::encode(name.as_bytes()))
}

fn position_file(folder: &Path, name: &Fingerprint) -> PathBuf {
    folder.join(format!("{}.position", hex::encode(name.as_bytes())))
}
