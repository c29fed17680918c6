//! Reads an authority's log: checkpoint, then only the entry bundles that are new, verified before
//! anything in them is believed. What was read is kept as files, so that no request depends on what
//! the reader does with it.

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use noren::authority::profile::SignedProfile;
use noren::log::{LogPosition, NeededBundle, SignedCheckpoint, bundles_needed};
use noren::time::UnixSeconds;

use crate::context::Context;
use crate::files;
use crate::http::Server;
use crate::output::Output;
use crate::refusal::NoCheckpoint;
use crate::text::clean;

/// An authority's log, as one reader sees it.
pub(crate) struct LogReader {
    server: Server,
    profile: SignedProfile,
    cache: PathBuf,
    output: Output,
}

/// The entries after a position, verified.
pub(crate) struct NewEntries {
    /// The verified position after them.
    pub(crate) position: LogPosition,
    /// Indices and bytes.
    pub(crate) entries: Vec<(u64, Vec<u8>)>,
}

impl LogReader {
    pub(crate) fn new(context: &Context, profile: &SignedProfile) -> anyhow::Result<Self> {
        let fingerprint = hex::encode(profile.profile().fingerprint().as_bytes());
        let cache = context.folder("cache").join(fingerprint);
        files::make_private_folder(&cache)?;
        adopt_older(&cache, profile);
        let server = Server::new(&profile.profile().url)?;
        Ok(Self { server, profile: profile.clone(), cache, output: context.output })
    }

    /// The current checkpoint with its signatures verified, however old it is; `None` where the
    /// server has none.
    pub(crate) fn signed_checkpoint(&self) -> anyhow::Result<Option<SignedCheckpoint>> {
        let profile = self.profile.profile();
        let answer = self.server.send("GET", "checkpoint", &[], None)?;
        if answer.status == 404 {
            return Ok(None);
        }
        let text = self.server.expect(answer, 200)?;
        let verified = SignedCheckpoint::verify(&text, &profile.origin, &profile.log_key);
        // [PRO-7]
        anyhow::ensure!(
            verified.is_ok() || self.profile.verify_before_handover(&text).is_none(),
            "{} has handed its keys over and has not signed its log with the new ones yet; try \
             again in a few minutes",
            clean(&profile.name)
        );
        verified
            .with_context(|| format!("the checkpoint of {} is refused", clean(&profile.name)))
            .map(Some)
    }

    /// The current checkpoint, with its signatures verified and fresh at `now`.
    pub(crate) fn checkpoint(&self, now: UnixSeconds) -> anyhow::Result<SignedCheckpoint> {
        let profile = self.profile.profile();
        let name = clean(&profile.name);
        let checkpoint = self.signed_checkpoint()?;
        let checkpoint = checkpoint.ok_or_else(|| NoCheckpoint(name.clone()))?;
        // [LOG-6]
        checkpoint
            .check_fresh(now, profile.checkpoint_max_age)
            .with_context(|| format!("the checkpoint of {name} is refused"))?;
        Ok(checkpoint)
    }

    /// Downloads and verifies what is new after `position`.
    pub(crate) fn read_after(
        &self,
        position: &LogPosition,
        now: UnixSeconds,
    ) -> anyhow::Result<NewEntries> {
        self.read_to(position, self.checkpoint(now)?)
    }

    /// Downloads and verifies what lies between `position` and `checkpoint`.
    pub(crate) fn read_to(
        &self,
        position: &LogPosition,
        checkpoint: SignedCheckpoint,
    ) -> anyhow::Result<NewEntries> {
        let refused = || format!("the log of {} is refused", clean(&self.profile.profile().name));
        // [LOG-7] [LOG-8]
        position.pending(&checkpoint).with_context(refused)?;
        let (seen, size) = (position.range.size(), checkpoint.checkpoint().size);
        let mut entries = Vec::new();
        let needed: Vec<_> = bundles_needed(seen, size).collect();
        let bar = self.output.progress(needed.len() as u64, "downloading");
        for bundle in needed {
            let bytes = self.server.get(&bundle.path.to_string())?;
            entries.extend(bundle.new_entries(&bytes).with_context(refused)?);
            self.keep(&bundle, &bytes)?;
            bar.inc(1);
        }
        bar.finish_and_clear();
        let next = position.advance(&checkpoint, &entries).with_context(refused)?;
        Ok(NewEntries { position: next, entries: (seen..).zip(entries).collect() })
    }

    /// The entries that the server shows under `checkpoint`, from the first one up to the first
    /// bundle that is missing or damaged, unverified: for who judges the log itself.
    pub(crate) fn read_unverified(
        &self,
        checkpoint: &SignedCheckpoint,
    ) -> anyhow::Result<Vec<Vec<u8>>> {
        let size = checkpoint.checkpoint().size;
        let bar = self.output.progress(size, "downloading");
        let mut entries = Vec::new();
        for bundle in bundles_needed(0, size) {
            let answer = self.server.send("GET", &bundle.path.to_string(), &[], None)?;
            if answer.status == 404 {
                break;
            }
            let bytes = self.server.expect(answer, 200)?;
            let Ok(new) = bundle.new_entries(&bytes) else { break };
            entries.extend(new);
            bar.set_position(entries.len() as u64);
        }
        bar.finish_and_clear();
        Ok(entries)
    }

    /// Every entry before `position`, from the kept files, or downloaded again and verified where
    /// one is missing.
    pub(crate) fn read_before(
        &self,
        position: &LogPosition,
        now: UnixSeconds,
    ) -> anyhow::Result<Vec<(u64, Vec<u8>)>> {
        let mut entries = Vec::new();
        for bundle in bundles_needed(0, position.range.size()) {
            let kept = files::read(&self.file(&bundle))?;
            match kept.and_then(|bytes| bundle.new_entries(&bytes).ok()) {
                Some(kept) => entries.extend(kept),
                None => {
                    let mut all = self.read_after(&LogPosition::start(), now)?.entries;
                    all.retain(|(index, _)| *index < position.range.size());
                    return Ok(all);
                }
            }
        }
        Ok((0..).zip(entries).collect())
    }

    fn keep(&self, bundle: &NeededBundle, bytes: &[u8]) -> anyhow::Result<()> {
        files::replace(&self.file(bundle), bytes)
    }

    fn file(&self, bundle: &NeededBundle) -> PathBuf {
        self.cache.join(bundle.path.to_string().replace('/', "_"))
    }
}

/// Takes over what was kept under keys that were handed over: the log is the same. Where that fails,
/// it is downloaded again.
fn adopt_older(cache: &Path, profile: &SignedProfile) {
    // [PRO-6]
    for before in profile.predecessors().iter().rev() {
        let older = cache.with_file_name(hex::encode(before.as_bytes()));
        // Renaming replaces an empty folder and no other.
        let _ = std::fs::rename(older, cache);
    }
}
