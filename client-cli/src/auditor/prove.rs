//! `noren auditor prove` and `check`: that a log has an entry, in a file that needs no network.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::path::PathBuf;

use anyhow::{Context as _, ensure};
use noren::log::{
    LogError, LogProof, ProofError, TilePath, TileWidth, bundles_needed, inclusion_proof, leaf_hash,
};
use noren::messages::PublishedTrace;
use noren::profile::logged_profile;
use serde::Serialize;

use super::entries::{LOOK, bundle};
use super::keys::{Keys, Whose};
use super::subject::{Which, shown};
use crate::context::Context;
use crate::errors::whole_number;
use crate::log_files::TileFailed;
use crate::outcome::{Answer, Outcome};
use crate::text::{clean, clean_path, counted};
use crate::{files, output, times};

#[derive(clap::Args)]
pub(crate) struct ProveArguments {
    #[command(flatten)]
    which: Which,
    /// The entry's place in the log, from 0
    #[arg(long, value_parser = whole_number::<u64>, value_name = "INDEX")]
    entry: u64,
    /// Write the proof to this file, which must not be there yet [default: the standard output]
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

#[derive(clap::Args)]
pub(crate) struct CheckArguments {
    /// The proof, as C2SP tlog-proof
    #[arg(value_name = "FILE")]
    proof: PathBuf,
    /// The entry, where the proof does not carry it
    #[arg(long, value_name = "FILE")]
    entry: Option<PathBuf>,
    #[command(flatten)]
    whose: Whose,
}

/// What a proof shows.
#[derive(Serialize)]
struct ProvenEntry {
    origin: String,
    index: u64,
    size: u64,
    root: String,
    signed: String,
    leaf_hash: String,
    /// The UTC day of the warned hour, where devices can read the entry.
    day: Option<String>,
    /// The SHA-256 of the profile that the entry tells of, where it does.
    #[serde(skip_serializing_if = "Option::is_none")]
    profile: Option<String>,
}

pub(super) fn prove(context: &Context, arguments: &ProveArguments) -> Outcome {
    // [LOG-20] [CLI-57]
    let shown = shown(context, &arguments.which)?;
    let (index, size) = (arguments.entry, shown.head.checkpoint().size);
    ensure!(index < size, "the log has {}, counted from 0", counted(size, "entry"));
    let place = bundles_needed(index, index + 1).next().map(|needed| needed.path);
    let place = place.context("there is no such entry")?;
    let wanted = TileWidth::new(u16::try_from((size - place.index() * 256).min(256))?)?;
    let path = TilePath::Entries { index: place.index(), width: wanted };
    let at = usize::try_from(index % 256)?;
    let entry = bundle(&shown, &path)?.into_iter().nth(at).context("the entry is not there")?;
    // A level's tile is asked for once, however many of its hashes the proof needs.
    let tiles = RefCell::new(BTreeMap::<TilePath, Vec<u8>>::new());
    let path = inclusion_proof(index, size, |path| {
        if let Some(tile) = tiles.borrow().get(path) {
            return Ok(tile.clone());
        }
        let tile = shown.files.hash_tile(path)?;
        tiles.borrow_mut().insert(*path, tile.clone());
        Ok::<_, TileFailed>(tile)
    });
    let path = path.map_err(|TileFailed(error)| error)?;
    let checkpoint = shown.head.text().to_owned();
    let proof = LogProof { extra: Some(entry.clone()), index, path, checkpoint };
    let profile = shown.subject.profile.profile();
    let proven = proof.verify(&entry, &profile.origin, &profile.log_keys());
    proven.map_err(|_| LogError::RootMismatch).context(LOOK)?;
    match &arguments.out {
        None => context.output.raw(proof.to_text().as_bytes())?,
        Some(out) => {
            files::create_public(out, proof.to_text().as_bytes())?;
            context.output.say(format!(
                "the proof of entry {index} is in {0}; `noren auditor check {0}` reads it",
                clean_path(out)
            ));
        }
    }
    Ok(Answer::Yes)
}

pub(super) fn check(context: &Context, arguments: &CheckArguments) -> Outcome {
    // [LOG-20] [CLI-57]
    let bytes = files::read_input(&arguments.proof, "FILE")?;
    let file = clean_path(&arguments.proof);
    let proof = LogProof::from_text(&bytes).with_context(|| format!("{file} is no proof"))?;
    let given = arguments.entry.as_ref().map(|entry| files::read_input(entry, "--entry"));
    let entry = match (given.transpose()?, &proof.extra) {
        (Some(given), _) => given.to_vec(),
        (None, Some(carried)) => carried.clone(),
        (None, None) => {
            anyhow::bail!("{file} does not carry the entry; name its file with --entry")
        }
    };
    let keys = Keys::new(context, &arguments.whose)?;
    let signed = match keys.try_each(|origin, key| proof.verify(&entry, origin, key))? {
        Ok(signed) => signed,
        // Whose word it would be is known then, and the word is another one.
        Err(error @ ProofError::OtherRoot) => {
            output::error(&format!("{file}: {error}"));
            return Ok(Answer::No);
        }
        // That accuses nobody: whoever gave the file may have taken the wrong one. [CLI-3]
        Err(error) => anyhow::bail!("{file}: {error}"),
    };
    let head = signed.checkpoint();
    let trace = PublishedTrace::from_bytes(&entry).ok();
    let proven = ProvenEntry {
        origin: head.origin.to_string(),
        index: proof.index,
        size: head.size,
        root: head.root.to_string(),
        signed: times::rfc3339(signed.timestamp()),
        leaf_hash: leaf_hash(&entry).to_string(),
        day: trace.map(|trace| times::show_day(trace.day())),
        profile: logged_profile(&entry).map(hex::encode),
    };
    context.output.data(&proven, ProvenEntry::lines)?;
    Ok(Answer::Yes)
}

impl ProvenEntry {
    fn lines(&self) -> String {
        let Self { origin, index, size, root, signed, leaf_hash, day, profile } = self;
        let of = counted(*size, "entry");
        let day = day.as_ref().map_or_else(
            || match profile {
                Some(digest) => format!("it tells of the profile {digest}"),
                None => "devices pass over it: it is no trace".to_owned(),
            },
            |day| format!("it warns of an hour on {day} (UTC)"),
        );
        format!(
            "{} has entry {index}, {leaf_hash}\nunder its head of {of}, signed {signed}, root \
             {root}\n{day}",
            clean(origin)
        )
    }
}
