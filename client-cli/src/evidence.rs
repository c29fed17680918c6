//! Signed heads that contradict each other, kept for whoever has to judge the authority: each piece of
//! evidence is a folder.

use std::path::{Path, PathBuf};

use noren::auditor::Evidence;
use noren::log::{LogKeys, SignatureType, SignedCheckpoint, verifier_key};
use noren::profile::{Profile, SignedProfile};

use crate::files;
use crate::text::clean;

/// Keeps two heads of a profile's log, or the new one alone where the other's note is gone. The
/// folder; `None` where there are enough of them.
pub(crate) fn keep(
    folder: &Path,
    profile: &SignedProfile,
    seen: Option<&SignedCheckpoint>,
    offered: &SignedCheckpoint,
) -> anyhow::Result<Option<PathBuf>> {
    // [LOG-8] [LOG-14]
    let evidence = Evidence::new(profile, seen, offered);
    let _lock = files::lock(folder)?;
    let piece = folder.join(evidence.name());
    if piece.exists() {
        return Ok(Some(piece));
    }
    let known = std::fs::read_dir(folder)?.flatten();
    let is_of_this = |name: &str| name.starts_with(evidence.log());
    let of_this = known.filter(|known| is_of_this(&known.file_name().to_string_lossy()));
    if of_this.count() >= Evidence::MOST {
        return Ok(None);
    }
    files::create_folder(&piece, |aside| {
        let mut all = evidence.files();
        all.try_for_each(|(name, text)| files::create_public(&aside.join(name), text.as_bytes()))
    })?;
    Ok(Some(piece))
}

/// What a person is told of it.
pub(crate) fn words(folder: &Path, profile: &SignedProfile) -> String {
    let (folder, log) = (folder.display(), clean(&profile.profile().url));
    format!(
        "what was signed is kept in {folder}; `noren auditor compare {folder} --log {log}` says what \
         it proves (without --log where the notes tell it by themselves): show it to those who watch \
         over the authority"
    )
}

/// The present keys of a log as tools for signed notes take them: that of its own signature, and that
/// of the signed time.
pub(crate) fn verifier_keys(profile: &Profile) -> [String; 2] {
    // [CLI-59]
    let LogKeys { log, clock } = profile.log_keys();
    let keys = [(SignatureType::Ed25519, log), (SignatureType::CosignatureV1, clock)];
    keys.map(|(kind, key)| verifier_key(kind, &profile.origin, &key))
}
