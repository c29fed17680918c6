//! `noren auditor compare`: what signed heads say about each other, from files and from servers.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail, ensure};
use noren::auditor::{Comparison, Evidence, compare};
use noren::log::{SignedCheckpoint, trees_from_tiles};
use serde::Serialize;

use super::keys::{Keys, Whose};
use crate::context::Context;
use crate::log_files::{LogFiles, TileFailed};
use crate::outcome::{Answer, Outcome};
use crate::text::{clean, counted};
use crate::{evidence, files, http, times};

#[derive(clap::Args)]
pub(crate) struct CompareArguments {
    /// Signed heads: files with one or several, folders that a device kept as evidence, addresses of
    /// servers and mirrors, which are asked for theirs
    #[arg(required = true, value_name = "HEAD")]
    heads: Vec<PathBuf>,
    #[command(flatten)]
    whose: Whose,
    /// Fetch from this copy of the log what shows whether one tree continues the other [default: the
    /// address that gave the larger one]
    #[arg(long, value_name = "URL")]
    log: Option<String>,
}

/// What two heads say about each other, the worst last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
enum Verdict {
    /// One tree.
    Same,
    /// The larger tree continues the smaller one.
    Consistent,
    /// They do not tell by themselves.
    NeedsLog,
    /// The larger tree does not continue the smaller one.
    Rewritten,
    /// The smaller tree was signed after the larger one.
    Rollback,
    /// Two trees of one size.
    Fork,
}

#[derive(Serialize)]
struct ComparedHeads {
    /// The worst of all.
    verdict: Verdict,
    /// What each head says about the next larger one.
    verdicts: Vec<Verdict>,
    /// Whether the notes by themselves prove that the log's owner signed two histories.
    proof: bool,
    heads: Vec<Head>,
}

#[derive(Serialize)]
struct Head {
    from: String,
    origin: String,
    size: u64,
    root: String,
    signed: String,
}

pub(super) fn run(context: &Context, arguments: &CompareArguments) -> Outcome {
    // [LOG-10] [LOG-14] [CLI-55]
    let notes = notes(&arguments.heads)?;
    let keys = keys(context, arguments)?;
    let mut heads = Vec::new();
    for Note { from, bytes } in notes {
        heads.push((keys.open(&bytes, &from)?, from));
    }
    ensure!(heads.len() > 1, "two signed heads are needed, and here {} found", count(heads.len()));
    // Each against the next larger one: what holds for neighbours holds for all.
    heads.sort_by_key(|(head, _)| (head.checkpoint().size, head.timestamp()));
    let mut verdicts = Vec::new();
    for pair in heads.windows(2) {
        if let [(smaller, _), (larger, from)] = pair {
            verdicts.push(verdict(arguments, smaller, larger, from)?);
        }
    }
    let verdict = verdicts.iter().copied().max().unwrap_or(Verdict::Same);
    let proof = matches!(verdict, Verdict::Fork | Verdict::Rollback);
    keep_evidence(context, &keys, &heads, &verdicts)?;
    let heads = heads.iter().map(|(head, from)| Head::new(head, from)).collect();
    let shown = ComparedHeads { verdict, verdicts, proof, heads };
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

/// What two heads say about each other; the address that gave the larger one may show it.
fn verdict(
    arguments: &CompareArguments,
    smaller: &SignedCheckpoint,
    larger: &SignedCheckpoint,
    from: &Path,
) -> anyhow::Result<Verdict> {
    let address = arguments.log.as_deref().or_else(|| address(from));
    Ok(match compare(smaller, larger) {
        Comparison::Same => Verdict::Same,
        Comparison::Fork => Verdict::Fork,
        Comparison::WentBack => Verdict::Rollback,
        Comparison::NeedsEntries => match address {
            Some(address) => continues(&LogFiles::new(address)?, smaller, larger)?,
            None => Verdict::NeedsLog,
        },
        _ => bail!("these are heads of different logs"),
    })
}

/// The keys that the heads are verified with: those that are named, those in the evidence itself, or
/// those that the first address shows.
fn keys(context: &Context, arguments: &CompareArguments) -> anyhow::Result<Keys> {
    let whose = &arguments.whose;
    if whose.is_named() {
        return Keys::new(context, whose);
    }
    if let [folder] = arguments.heads.as_slice()
        && let Some(keys) = Keys::in_evidence(folder)?
    {
        context.output.say(
            "the key is the one in the evidence itself; compare it with the authority's, or \
             name the authority with --authority",
        );
        return Ok(keys);
    }
    let first = arguments.heads.iter().find(|head| address(head).is_some());
    Keys::of(context, first.map(|head| head.as_os_str()))
}

/// Keeps each two heads that contradict each other and of which a server gave one: it may show
/// another one the next time.
fn keep_evidence(
    context: &Context,
    keys: &Keys,
    heads: &[(SignedCheckpoint, PathBuf)],
    verdicts: &[Verdict],
) -> anyhow::Result<()> {
    // [CLI-55]
    let Some(profile) = keys.profile() else { return Ok(()) };
    let folder = context.folder("evidence");
    for (pair, verdict) in heads.windows(2).zip(verdicts) {
        if let [(one, from_one), (other, from_other)] = pair
            && *verdict >= Verdict::Rewritten
            && (address(from_one).is_some() || address(from_other).is_some())
            && let Some(kept) = evidence::keep(&folder, profile, Some(one), other)?
        {
            context.output.say(evidence::words(&kept, profile));
        }
    }
    Ok(())
}

/// The address that an argument is, where it is one.
fn address(argument: &Path) -> Option<&str> {
    argument.to_str().filter(|text| http::is_address(text))
}

const fn count(found: usize) -> &'static str {
    match found {
        0 => "none was",
        _ => "only one was",
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
    let trees = trees_from_tiles(before.size, after.size, |path| log.hash_tile(path));
    let trees = trees.map_err(|TileFailed(error)| error);
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

/// A signed note with nothing verified, and the argument that it came by.
struct Note {
    from: PathBuf,
    bytes: Vec<u8>,
}

/// The signed notes in the files and at the addresses.
fn notes(paths: &[PathBuf]) -> anyhow::Result<Vec<Note>> {
    let mut notes = Vec::new();
    let note = |from: &PathBuf, bytes: Vec<u8>| Note { from: from.clone(), bytes };
    for path in paths {
        if let Some(address) = address(path) {
            let shown = LogFiles::new(address)?.checkpoint()?;
            let shown = shown.with_context(|| format!("{} has no checkpoint", clean(address)))?;
            notes.push(note(path, shown));
        } else if path.is_dir() {
            for name in [Evidence::SEEN, Evidence::OFFERED] {
                let kept = files::read(&path.join(name))?;
                notes.extend(kept.map(|bytes| note(path, bytes.to_vec())));
            }
        } else {
            let bytes = files::read_input(path, "HEAD")?;
            notes.extend(split(&bytes).into_iter().map(|bytes| note(path, bytes)));
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

impl Head {
    fn new(head: &SignedCheckpoint, from: &Path) -> Self {
        Self {
            from: from.to_string_lossy().into_owned(),
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
            let Head { from, origin, size, root, signed } = head;
            let (entries, origin) = (counted(*size, "entry"), clean(origin));
            format!("{}: {origin}, {entries}, signed {signed}, root {root}", clean(from))
        });
        let verdict = match self.verdict {
            Verdict::Same => "the same tree",
            Verdict::Consistent => "consistent: each larger tree continues the smaller one",
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
