//! `noren auditor compare`: what two signed heads say about each other.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, anyhow, bail, ensure};
use noren::auditor::{Comparison, Evidence, compare};
use noren::keys::SignPublicKey;
use noren::log::{
    CheckpointError, Origin, SignedCheckpoint, TileError, TilePath, TreeHash, decode_hash_tile,
    parse_verifier_key, trees_from_tiles,
};
use serde::Serialize;

use crate::context::Context;
use crate::followed::Followed;
use crate::log_files::LogFiles;
use crate::outcome::{Answer, Outcome};
use crate::text::{clean, counted};
use crate::{files, times};

#[derive(clap::Args)]
pub(crate) struct CompareArguments {
    /// Two signed heads, each in a file, or one file or folder with both, such as one that a device
    /// kept as evidence
    #[arg(required = true, num_args = 1..=2, value_name = "FILE")]
    heads: Vec<PathBuf>,
    /// Whose log it is: an address, a profile file, or a followed authority's name or fingerprint
    #[arg(long, value_name = "AUTHORITY", conflicts_with = "key")]
    authority: Option<OsString>,
    /// The log's public key, as tools for signed notes take it: name+id+key
    #[arg(long, value_name = "KEY")]
    key: Option<String>,
    /// Fetch from this copy of the log what shows whether one tree continues the other
    #[arg(long, value_name = "URL")]
    log: Option<String>,
}

/// What two heads say about each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
enum Verdict {
    /// One tree.
    Same,
    /// The larger tree continues the smaller one.
    Consistent,
    /// Two trees of one size.
    Fork,
    /// The smaller tree was signed after the larger one.
    Rollback,
    /// The larger tree does not continue the smaller one.
    Rewritten,
    /// They do not tell by themselves.
    NeedsLog,
}

#[derive(Serialize)]
struct ComparedHeads {
    verdict: Verdict,
    /// Whether the notes by themselves prove that the log's owner signed two histories.
    proof: bool,
    heads: Vec<Head>,
}

#[derive(Serialize)]
struct Head {
    origin: String,
    size: u64,
    root: String,
    signed: String,
}

pub(super) fn run(context: &Context, arguments: &CompareArguments) -> Outcome {
    // [LOG-10] [LOG-14]
    let notes = notes(&arguments.heads)?;
    let keys = Keys::new(context, arguments)?;
    let heads: Vec<_> = notes.iter().map(|note| keys.open(note)).collect::<anyhow::Result<_>>()?;
    let [one, other] = heads.as_slice() else {
        bail!("two signed heads are needed, and here {} found", count(heads.len()));
    };
    let (smaller, larger) =
        if one.checkpoint().size <= other.checkpoint().size { (one, other) } else { (other, one) };
    let verdict = match compare(smaller, larger) {
        Comparison::Same => Verdict::Same,
        Comparison::Fork => Verdict::Fork,
        Comparison::WentBack => Verdict::Rollback,
        Comparison::NeedsEntries => match &arguments.log {
            Some(address) => continues(&LogFiles::new(address)?, smaller, larger)?,
            None => Verdict::NeedsLog,
        },
        _ => bail!("these are heads of different logs"),
    };
    let proof = matches!(verdict, Verdict::Fork | Verdict::Rollback);
    let shown = ComparedHeads { verdict, proof, heads: heads.iter().map(Head::new).collect() };
    context.output.data(&shown, ComparedHeads::lines)?;
    match verdict {
        Verdict::Same | Verdict::Consistent => Ok(Answer::Yes),
        Verdict::Fork | Verdict::Rollback | Verdict::Rewritten => Ok(Answer::No),
        Verdict::NeedsLog => bail!(
            "two heads of different sizes in the right order say nothing by themselves, be it that \
             entries were taken back in between; name the log's address, or that of a copy, with --log"
        ),
    }
}

const fn count(found: usize) -> &'static str {
    match found {
        0 => "none was",
        1 => "only one was",
        _ => "more were",
    }
}

/// Whether the larger tree continues the smaller one, from the hash tiles of a copy of the log.
/// Nothing that it says is believed unless it leads to both signed roots.
fn continues(
    log: &LogFiles,
    smaller: &SignedCheckpoint,
    larger: &SignedCheckpoint,
) -> anyhow::Result<Verdict> {
    // [LOG-14]
    let (before, after) = (smaller.checkpoint(), larger.checkpoint());
    let trees = trees_from_tiles(before.size, after.size, |path| tile(log, path).map_err(Failed));
    let trees = trees.map_err(|Failed(error)| error);
    let (small, large) = trees.context("this copy of the log does not show both trees")?;
    match (small.root() == before.root, large.root() == after.root) {
        (true, true) => Ok(Verdict::Consistent),
        // What is shown is one of the two trees, and whole; the other one is then no part of it.
        (false, true) => Ok(Verdict::Rewritten),
        _ => bail!(
            "this copy of the log does not lead to the larger of the two roots: it is another log, \
             or damaged; `noren auditor verify` looks into it"
        ),
    }
}

struct Failed(anyhow::Error);

impl From<TileError> for Failed {
    fn from(error: TileError) -> Self {
        Self(error.into())
    }
}

/// A hash tile in exactly this width.
fn tile(log: &LogFiles, path: &TilePath) -> anyhow::Result<Vec<u8>> {
    let there = log.tile(path)?;
    let (wide, mut bytes) = there.with_context(|| format!("{path} is not there"))?;
    decode_hash_tile(&bytes, wide.width()).with_context(|| format!("{wide} is damaged"))?;
    bytes.truncate(usize::from(path.width().get()) * TreeHash::LENGTH);
    Ok(bytes)
}

/// The signed notes in the files.
fn notes(paths: &[PathBuf]) -> anyhow::Result<Vec<Vec<u8>>> {
    let mut notes = Vec::new();
    for path in paths {
        if path.is_dir() {
            for name in [Evidence::SEEN, Evidence::OFFERED] {
                notes.extend(files::read(&path.join(name))?.map(|bytes| bytes.to_vec()));
            }
        } else {
            notes.extend(split(&files::read_input(path, "FILE")?));
        }
    }
    Ok(notes)
}

/// The notes of a file that holds one after the other: each ends with its signature lines.
fn split(bytes: &[u8]) -> Vec<Vec<u8>> {
    let (mut notes, mut note, mut signed) = (Vec::new(), Vec::new(), false);
    for line in bytes.split_inclusive(|byte| *byte == b'\n') {
        let is_signature = line.starts_with("\u{2014} ".as_bytes());
        if signed && !is_signature {
            notes.push(std::mem::take(&mut note));
        }
        signed = is_signature;
        // Empty lines between notes belong to none.
        if !note.is_empty() || line != b"\n" {
            note.extend_from_slice(line);
        }
    }
    if !note.is_empty() {
        notes.push(note);
    }
    notes
}

/// The keys that a log may be signed with.
struct Keys {
    origin: Origin,
    keys: Vec<SignPublicKey>,
    /// When the profile was issued that they are from.
    of_profile: Option<String>,
}

impl Keys {
    fn new(context: &Context, arguments: &CompareArguments) -> anyhow::Result<Self> {
        if let Some(text) = &arguments.key {
            let parsed = parse_verifier_key(text.trim());
            let (origin, key) = parsed.context(
                "--key is no public key of a log; it has the form name+id+key, in one piece",
            )?;
            return Ok(Self { origin, keys: vec![key], of_profile: None });
        }
        if let (None, Some(keys)) = (&arguments.authority, evidence_keys(&arguments.heads)?) {
            context.output.say(
                "the key is the one in the evidence itself; compare it with the authority's, or \
                 name the authority with --authority",
            );
            return Ok(keys);
        }
        let signed = Followed::new(context).find(arguments.authority.as_deref())?;
        let profile = signed.profile();
        // [PRO-7]
        let before = profile.handovers.iter().map(|handover| handover.log_key);
        let (origin, keys) = (profile.origin.clone(), before.chain([profile.log_key]).collect());
        Ok(Self { origin, keys, of_profile: Some(times::rfc3339(profile.issued)) })
    }

    fn open(&self, note: &[u8]) -> anyhow::Result<SignedCheckpoint> {
        // [LOG-5]
        let verify = |key| SignedCheckpoint::verify(note, &self.origin, key);
        let mut newest_first = self.keys.iter().rev();
        let newest = newest_first.next().context("there is no key to verify the heads with")?;
        let opened = verify(newest);
        let opened =
            opened.or_else(|error| newest_first.find_map(|key| verify(key).ok()).ok_or(error));
        // Whoever gave the file may have taken the wrong one: that accuses nobody. [CLI-3]
        opened.map_err(|error| match (error, &self.of_profile) {
            // [CLI-24] [PRO-7]
            (CheckpointError::Unsigned, Some(issued)) => anyhow!(
                "one of the two is no head that this log signed with a key of this profile, which is \
                 of {issued}: if the authority has changed its keys since, this profile is from \
                 before that; use the newest one, as --authority ADDRESS fetches it. Otherwise the \
                 head is of another log"
            ),
            _ => anyhow!("one of the two is no head that this log signed: {error}"),
        })
    }
}

/// The keys beside the notes in a folder of evidence.
fn evidence_keys(heads: &[PathBuf]) -> anyhow::Result<Option<Keys>> {
    let [folder] = heads else { return Ok(None) };
    let Some(bytes) = files::read(&Path::new(folder).join("keys")).ok().flatten() else {
        return Ok(None);
    };
    let text = std::str::from_utf8(&bytes).context("the keys of the evidence are damaged")?;
    let parsed: Option<Vec<_>> = text.lines().map(parse_verifier_key).collect();
    let parsed = parsed.context("the keys of the evidence are damaged")?;
    let origin = parsed.first().map(|(origin, _)| origin.clone());
    let origin = origin.context("the evidence has no keys; name the authority with --authority")?;
    ensure!(parsed.iter().all(|(other, _)| *other == origin), "these are keys of several logs");
    let keys = parsed.into_iter().map(|(_, key)| key).collect();
    Ok(Some(Keys { origin, keys, of_profile: None }))
}

impl Head {
    fn new(head: &SignedCheckpoint) -> Self {
        Self {
            origin: head.checkpoint().origin.to_string(),
            size: head.checkpoint().size,
            root: head.checkpoint().root.to_string(),
            signed: times::rfc3339(head.timestamp()),
        }
    }
}

impl ComparedHeads {
    fn lines(&self) -> String {
        let heads = self.heads.iter().map(|head| {
            let Head { origin, size, root, signed } = head;
            let entries = counted(*size, "entry");
            format!("{}: {entries}, signed {signed}, root {root}", clean(origin))
        });
        let verdict = match self.verdict {
            Verdict::Same => "the same tree",
            Verdict::Consistent => "consistent: the larger tree continues the smaller one",
            Verdict::Fork => {
                "FORK: two histories of the same size, both signed. This proves by itself that the \
                 log's owner, or who has its key, shows different people different logs"
            }
            Verdict::Rollback => {
                "ROLLBACK: the smaller tree was signed after the larger one. This proves by itself \
                 that the log's owner, or who has its key, took entries back"
            }
            Verdict::Rewritten => {
                "REWRITTEN: the larger tree does not contain the smaller one. Together with this \
                 copy of the log, it proves that the past was changed"
            }
            Verdict::NeedsLog => "not comparable without the log",
        };
        heads.chain([verdict.to_owned()]).collect::<Vec<_>>().join("\n")
    }
}
