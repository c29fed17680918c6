//! The witnesses of the log, who are asked about every head before anybody else sees it.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail, ensure};
use noren::log::{
    AddCheckpoint, Append, LogPosition, TilePath, TreeHash, Witness, append_tiles,
    consistency_proof, continues, decode_bundle, encode_bundle, trees_from_tiles,
    with_cosignatures,
};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::Desk;
use super::event::Event;
use super::store::Change;
use crate::errors::words;
use crate::http::Server;
use crate::log_files::{LogFiles, TileFailed};
use crate::text::{clean, counted};

/// More would not fit into a note beside the log's own signatures and those of others.
const MOST: usize = 16;
/// How long the witnesses are waited for, all of them together.
const PATIENCE: Duration = Duration::from_secs(20);
/// The longest answer of a witness: some lines of signatures.
const LONGEST: usize = 16 << 10;

/// A witness, and where it is asked.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct KnownWitness {
    /// Its verifier key.
    pub(crate) key: String,
    pub(crate) url: String,
}

/// Whom the desk asks.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Witnesses {
    pub(crate) known: Vec<KnownWitness>,
    /// How many have to cosign before a head is published; at 0 it is published in any case.
    pub(crate) quorum: usize,
}

impl Witnesses {
    pub(super) const fn are_none(&self) -> bool {
        self.known.is_empty() && self.quorum == 0
    }
}

/// Asks a witness as well from now on.
pub(super) fn add(desk: &mut Desk<'_>, key: &str, url: &str) -> anyhow::Result<()> {
    // [CLI-61]
    let (key, url) = (key.trim(), url.trim_end_matches('/'));
    let witness = read(key)?;
    Server::new(url)?;
    ensure!(
        !desk.profile.signing_keys().contains(witness.key()),
        "{} is this authority's own key, which is no witness of its log",
        clean(witness.name().as_str())
    );
    let witnesses = &mut desk.settings.witnesses;
    let is_known = |known: &KnownWitness| {
        read(&known.key).is_ok_and(|known| known.key() == witness.key()) || known.url == url
    };
    ensure!(!witnesses.known.iter().any(is_known), "this witness is there already");
    ensure!(witnesses.known.len() < MOST, "a desk asks {MOST} witnesses at most");
    witnesses.known.push(KnownWitness { key: key.to_owned(), url: url.to_owned() });
    let name = witness.name().as_str();
    note(desk, Event::WitnessAdded.about("desk", json!({ "name": name, "key": key, "url": url })))
}

/// Asks a witness no longer; it is named by its name, its key or its address.
pub(super) fn remove(desk: &mut Desk<'_>, named: &str) -> anyhow::Result<()> {
    // [CLI-61]
    let is_meant = |known: &KnownWitness| {
        let name = read(&known.key).map(|witness| witness.name().to_string());
        known.key == named || known.url == named || name.is_ok_and(|name| name == named)
    };
    let witnesses = &mut desk.settings.witnesses;
    let found = witnesses.known.iter().position(is_meant);
    let found = found.with_context(|| {
        format!(
            "{} is no witness of this desk; `noren authority witness list` shows them",
            clean(named)
        )
    })?;
    ensure!(
        witnesses.quorum < witnesses.known.len(),
        "this desk publishes with {} witnesses and has no more; lower that first with `noren authority \
         witness quorum`",
        witnesses.quorum
    );
    let KnownWitness { key, url } = witnesses.known.remove(found);
    note(desk, Event::WitnessRemoved.about("desk", json!({ "key": key, "url": url })))
}

/// Publishes only with so many from now on.
pub(super) fn set_quorum(desk: &mut Desk<'_>, quorum: usize) -> anyhow::Result<()> {
    // [CLI-61]
    let known = desk.settings.witnesses.known.len();
    ensure!(quorum <= known, "this desk has {}; add more first", counted(known, "witness"));
    desk.settings.witnesses.quorum = quorum;
    note(desk, Event::WitnessQuorum.about("desk", json!({ "quorum": quorum })))
}

fn note(desk: &mut Desk<'_>, event: super::event::Noted) -> anyhow::Result<()> {
    desk.apply(Change::default().put(&desk.settings.clone()).note(event))
}

fn read(key: &str) -> anyhow::Result<Witness> {
    Witness::from_verifier_key(key).with_context(|| {
        format!(
            "{} is no verifier key of a witness; it has the form name+id+key, in one piece, and is of \
             the kind for cosignatures",
            clean(key)
        )
    })
}

/// What a witness answered.
enum Answered {
    Line(String),
    /// It has cosigned this much, and that is more than was signed here, or another tree.
    Other(u64),
    Nothing(String),
}

impl Desk<'_> {
    /// Whom the desk asks.
    pub(crate) const fn witnesses(&self) -> &Witnesses {
        &self.settings.witnesses
    }

    /// The note of an append with the cosignatures that its witnesses gave. An error where they are
    /// too few.
    pub(super) fn cosigned(&self, append: &Append) -> anyhow::Result<String> {
        // [LOG-22]
        let Witnesses { known, quorum } = &self.settings.witnesses;
        if known.is_empty() {
            return Ok(append.checkpoint.clone());
        }
        let url = &self.profile.profile().url;
        let root = self.pending_checkpoint(append)?.checkpoint().root;
        let asking = Asking::new(url, &self.log.position, append, root)?;
        let asking = &asking;
        let answers: Vec<Answered> = std::thread::scope(|scope| {
            let ask = |known| scope.spawn(move || asking.ask(known));
            let asked: Vec<_> = known.iter().map(ask).collect();
            let unasked = |_| Answered::Nothing("it was not asked".to_owned());
            asked.into_iter().map(|asked| asked.join().unwrap_or_else(unasked)).collect()
        });
        let mut lines = Vec::new();
        for (known, answered) in known.iter().zip(answers) {
            let name = read(&known.key).map(|witness| witness.name().to_string());
            let name = clean(&name.unwrap_or_else(|_| known.url.clone()));
            match answered {
                Answered::Line(line) => lines.push(line),
                Answered::Other(size) => self.say(format!(
                    "ALARM: the witness {name} has seen another log of {} under this authority's \
                     signature. If no other copy of this desk has signed, its keys are in other hands",
                    counted(size, "entry")
                )),
                Answered::Nothing(why) => {
                    self.say(format!("the witness {name} is behind: it gave no cosignature ({why})"));
                }
            }
        }
        if lines.len() < *quorum {
            bail!(
                "nothing is published: {} of {} gave a cosignature, and this desk publishes with \
                 {quorum}. What was signed is kept, and the next command asks again",
                lines.len(),
                counted(known.len(), "witness")
            );
        }
        Ok(with_cosignatures(&append.checkpoint, &lines)?)
    }
}

/// What the witnesses are asked about, and from what it is shown.
struct Asking<'a> {
    url: &'a str,
    append: &'a Append,
    old_size: u64,
    size: u64,
    root: TreeHash,
    /// The hash tiles that the append makes; the server has the others.
    tiles: BTreeMap<TilePath, Vec<u8>>,
    until: Instant,
}

impl<'a> Asking<'a> {
    fn new(
        url: &'a str,
        position: &LogPosition,
        append: &'a Append,
        root: TreeHash,
    ) -> anyhow::Result<Self> {
        let files = LogFiles::new(url)?;
        let stored = |path: &TilePath| match path {
            TilePath::Hash { .. } => files.hash_tile(path).ok(),
            TilePath::Entries { width, .. } => {
                let (wide, bytes) = files.tile(path).ok()??;
                let mut entries = decode_bundle(&bytes, wide.width()).ok()?;
                entries.truncate(width.get().into());
                encode_bundle(&entries).ok()
            }
        };
        let unread = "the published log cannot be read, so that no witness can be asked";
        let tiles = if append.entries.is_empty() {
            Vec::new()
        } else {
            append_tiles(&position.range, &append.entries, stored).context(unread)?
        };
        let is_hash = |(path, _): &(TilePath, Vec<u8>)| matches!(path, TilePath::Hash { .. });
        let old_size = append.old_size;
        let size = old_size + append.entries.len() as u64;
        let tiles = tiles.into_iter().filter(is_hash).collect();
        Ok(Self { url, append, old_size, size, root, tiles, until: Instant::now() + PATIENCE })
    }

    fn ask(&self, known: &KnownWitness) -> Answered {
        self.try_to_ask(known).unwrap_or_else(|error| Answered::Nothing(words(&error)))
    }

    fn try_to_ask(&self, known: &KnownWitness) -> anyhow::Result<Answered> {
        // [LOG-22]
        let (witness, mut from) = (read(&known.key)?, self.old_size);
        for _ in 0..2 {
            let proof = self.proof(from)?;
            let checkpoint = self.append.checkpoint.clone();
            let request = AddCheckpoint { old_size: from, proof, checkpoint };
            let server = Server::new(&known.url)?.until(self.until);
            let answer = server.post_text("add-checkpoint", &request.to_text(), LONGEST)?;
            let said = String::from_utf8_lossy(&answer.body);
            match answer.status {
                200 => {
                    let line = witness.line_in(&answer.body, &self.append.checkpoint);
                    let line = line.context("what it answered is no cosignature of its own")?;
                    return Ok(Answered::Line(line));
                }
                409 => match said.trim_end_matches('\n').parse::<u64>() {
                    Ok(size) if size > self.size => return Ok(Answered::Other(size)),
                    Ok(size) if size == from && size == self.size => {
                        return Ok(Answered::Other(size));
                    }
                    Ok(size) => from = size,
                    Err(_) => bail!("it answered 409 without a size"),
                },
                422 if from > 0 => return Ok(Answered::Other(from)),
                status => bail!("it answered {status}: {}", clean(said.trim())),
            }
        }
        bail!("its size changed while it was asked")
    }

    /// Why the new tree continues that of the first `from` entries. What the server shows is believed
    /// only where it leads to the root that was signed: a witness must not be blamed for it.
    fn proof(&self, from: u64) -> anyhow::Result<Vec<TreeHash>> {
        let files = LogFiles::new(self.url)?;
        // Each file is asked for once, however many of its hashes the proof needs.
        let read = RefCell::new(BTreeMap::<TilePath, Vec<u8>>::new());
        let tile = |path: &TilePath| {
            let known = self.tiles.get(path).cloned().or_else(|| read.borrow().get(path).cloned());
            if let Some(tile) = known {
                return Ok(tile);
            }
            let tile = files.hash_tile(path)?;
            read.borrow_mut().insert(*path, tile.clone());
            Ok::<_, TileFailed>(tile)
        };
        let failed = |TileFailed(error)| error;
        let (smaller, _) = trees_from_tiles(from, self.size, tile).map_err(failed)?;
        let proof = consistency_proof(from, self.size, tile).map_err(failed)?;
        let shown = continues((from, smaller.root()), (self.size, self.root), &proof);
        ensure!(from == 0 || shown, "the published files do not lead to what was signed");
        Ok(proof)
    }
}
