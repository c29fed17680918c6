//! Signed heads that contradict each other, as files for whoever has to judge the authority.

use sha2::{Digest as _, Sha256};

use crate::log::{LogKeys, SignatureType, SignedCheckpoint, verifier_key};
use crate::profile::{Handover, SignedProfile};

/// Two heads of a log that do not go together, or the new one alone where the other's note is gone:
/// the notes as they came, each in a file of its own, so that any tool for C2SP signed notes reads
/// them, the keys that verify them, and what they mean. Nothing in it tells who found it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Evidence {
    log: String,
    name: String,
    files: Vec<(&'static str, String)>,
}

impl Evidence {
    /// The most pieces that are kept of one log. The first ones stay: later ones add little.
    pub const MOST: usize = 16;
    /// The name of the file with the note that was seen first.
    pub const SEEN: &str = "seen.checkpoint";
    /// The name of the file with the note that does not go with it.
    pub const OFFERED: &str = "offered.checkpoint";

    /// Makes the files of two heads of a profile's log.
    #[must_use]
    pub fn new(
        profile: &SignedProfile,
        seen: Option<&SignedCheckpoint>,
        offered: &SignedCheckpoint,
    ) -> Self {
        // [LOG-14]
        let log = format!("{}_", file_name(profile.profile().origin.as_str()));
        let seen_file = seen.map(|seen| (Self::SEEN, seen.text().to_owned()));
        let others = [
            (Self::OFFERED, offered.text().to_owned()),
            ("keys", keys(profile)),
            ("README", README.to_owned()),
        ];
        let name = format!("{log}{}", name(seen, offered));
        Self { log, name, files: seen_file.into_iter().chain(others).collect() }
    }

    /// Returns a name for a folder or an archive. The same two trees, signed again an hour later, have
    /// the same name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns what the names of all pieces of this log begin with.
    #[must_use]
    pub fn log(&self) -> &str {
        &self.log
    }

    /// Returns the files: their names and what is in them.
    pub fn files(&self) -> impl Iterator<Item = (&'static str, &str)> {
        self.files.iter().map(|(name, text)| (*name, text.as_str()))
    }
}

/// The sizes, and a digest that tells pieces of the same sizes apart.
fn name(seen: Option<&SignedCheckpoint>, offered: &SignedCheckpoint) -> String {
    // The text alone, without the signatures' times.
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

/// The keys that the log may be signed with, as tools for signed notes take them.
fn keys(profile: &SignedProfile) -> String {
    let profile = profile.profile();
    let before = profile.handovers.iter().map(Handover::log_keys);
    let all = before.chain([profile.log_keys()]);
    // [PRO-8]
    let kinds = |keys: LogKeys| {
        [(SignatureType::Ed25519, keys.log), (SignatureType::CosignatureV1, keys.clock)]
    };
    let lines = all.flat_map(kinds).map(|(kind, key)| verifier_key(kind, &profile.origin, &key));
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
