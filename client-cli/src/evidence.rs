//! Signed heads that contradict each other, kept for whoever has to judge the authority.
//!
//! Each piece of evidence is a folder with the notes as they came, each in a file of its own, so that
//! any tool for C2SP signed notes reads them, the key that verifies them, and what they mean. It says
//! nothing about whoever found it.

use std::path::{Path, PathBuf};

use noren::log::{SignatureType, SignedCheckpoint, verifier_key};
use noren::profile::{Profile, SignedProfile};
use sha2::{Digest as _, Sha256};

use crate::files;
use crate::text::clean;

/// The most pieces that are kept of one log. The first ones stay: later ones add little.
const MOST: usize = 16;

/// The note that was seen first.
pub(crate) const SEEN: &str = "seen.checkpoint";
/// The note that does not go with it.
pub(crate) const OFFERED: &str = "offered.checkpoint";

/// Keeps two heads of a profile's log, or the new one alone where the other's note is gone. The
/// folder; `None` where there are enough of them.
pub(crate) fn keep(
    folder: &Path,
    profile: &SignedProfile,
    seen: Option<&SignedCheckpoint>,
    offered: &SignedCheckpoint,
) -> anyhow::Result<Option<PathBuf>> {
    // [LOG-8] [LOG-14]
    let _lock = files::lock(folder)?;
    let begin = format!("{}_", file_name(profile.profile().origin.as_str()));
    let piece = folder.join(format!("{begin}{}", name(seen, offered)));
    if piece.exists() {
        return Ok(Some(piece));
    }
    let known = std::fs::read_dir(folder)?.flatten();
    let of_this = known.filter(|known| known.file_name().to_string_lossy().starts_with(&begin));
    if of_this.count() >= MOST {
        return Ok(None);
    }
    files::create_folder(&piece, |aside| {
        let write =
            |name: &str, text: &str| files::create_public(&aside.join(name), text.as_bytes());
        seen.map(|seen| write(SEEN, seen.text())).transpose()?;
        write(OFFERED, offered.text())?;
        write("keys", &keys(profile))?;
        write("README", README)
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

/// The sizes, and a digest that tells pieces of the same sizes apart.
fn name(seen: Option<&SignedCheckpoint>, offered: &SignedCheckpoint) -> String {
    // The text alone: the same two trees signed again an hour later are the same piece.
    let body = |head: &SignedCheckpoint| head.checkpoint().body();
    let digest = Sha256::new()
        .chain_update(seen.map(body).unwrap_or_default())
        .chain_update([0])
        .chain_update(body(offered))
        .finalize();
    let size = |head: &SignedCheckpoint| head.checkpoint().size.to_string();
    let seen = seen.map_or_else(|| "unknown".to_owned(), size);
    let digest: String = hex::encode(digest).chars().take(8).collect();
    format!("{seen}_{}_{digest}", size(offered))
}

/// An origin as a part of a file's name.
fn file_name(origin: &str) -> String {
    let plain = |c: char| if c.is_ascii_alphanumeric() || c == '.' { c } else { '-' };
    origin.chars().map(plain).take(80).collect::<String>().trim_start_matches('.').to_owned()
}

/// The present keys of a log as tools for signed notes take them: that of its own signature, and that
/// of the signed time.
pub(crate) fn verifier_keys(profile: &Profile) -> [String; 2] {
    // [CLI-60]
    let kinds = [SignatureType::Ed25519, SignatureType::CosignatureV1];
    kinds.map(|kind| verifier_key(kind, &profile.origin, &profile.log_key))
}

/// The keys that the log may be signed with, as tools for signed notes take them.
fn keys(profile: &SignedProfile) -> String {
    let profile = profile.profile();
    let before = profile.handovers.iter().map(|handover| handover.log_key);
    let all = before.chain([profile.log_key]);
    let kinds = [SignatureType::Ed25519, SignatureType::CosignatureV1];
    let lines = all.flat_map(|key| kinds.map(|kind| verifier_key(kind, &profile.origin, &key)));
    lines.map(|line| line + "\n").collect()
}

const README: &str = "\
Two heads of a public log that contradict each other, as C2SP signed notes
(https://c2sp.org/signed-note), each in a file of its own:

  seen.checkpoint     what was signed and accepted before
  offered.checkpoint  what was signed and offered later, and refused
  keys                the log's public keys, one a line, as tools for signed
                      notes take them (the last two are the present ones)

The same number of entries (second line) with different roots (third line), or
a smaller tree signed after a larger one, prove by themselves that the log's
owner signed two histories. Otherwise the log's own tiles decide:

  noren auditor compare FOLDER
  noren auditor compare FOLDER --log https://the-log.example

The second is needed where entries were taken back or changed and the times do
not show it: --log names the log's address, or that of a copy.

Where seen.checkpoint is missing, the device had no copy of it any more.
Nothing in this folder says who found it, or where anybody was.
";
