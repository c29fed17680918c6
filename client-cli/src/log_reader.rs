//! Reads an authority's log: checkpoint, then only the entry bundles that are new, verified before
//! anything in them is believed. What was read is kept as files, so that no request depends on what
//! the reader does with it, and so that a reading that was cut off goes on where it ended.

mod kept;
mod limits;

use std::path::PathBuf;

use anyhow::{Context as _, anyhow, bail};
use noren::auditor::{Comparison, compare};
use noren::authority::profile::SignedProfile;
use noren::log::{
    CompactRange, LogError, LogPosition, NeededBundle, SignedCheckpoint, TileError, bundles_needed,
    leaf_hash,
};
use noren::time::UnixSeconds;

use crate::clock;
use crate::context::Context;
use crate::errors::words;
use crate::evidence;
use crate::log_files::LogFiles;
use crate::output::Output;
use crate::refusal::NoCheckpoint;
use crate::text::{clean, counted};
use kept::Kept;
pub(crate) use kept::entries_of;
use limits::{Limits, Stop};

/// How many entries are held at once.
const PART: usize = 4_096;
/// How many bytes of entries are held at once.
const PART_BYTES: usize = 16 << 20;

/// An authority's log, as one reader sees it.
pub(crate) struct LogReader {
    files: LogFiles,
    profile: SignedProfile,
    kept: Kept,
    limits: Limits,
    evidence: PathBuf,
    output: Output,
}

/// A part of a log's entries, with their indices.
pub(crate) type Part = Vec<(u64, Vec<u8>)>;

impl LogReader {
    /// The log of a profile, with all that one reading of it may cost.
    pub(crate) fn new(context: &Context, profile: &SignedProfile) -> anyhow::Result<Self> {
        let kept = Kept::new(&context.folder("cache"), profile, context.output);
        let limits = Limits::new();
        let files = LogFiles::new(&profile.profile().url)?.until(limits.until());
        let evidence = context.folder("evidence");
        let profile = profile.clone();
        Ok(Self { files, profile, kept, limits, evidence, output: context.output })
    }

    /// The current checkpoint with its signatures verified, however old it is; `None` where the
    /// server has none.
    pub(crate) fn signed_checkpoint(&self) -> anyhow::Result<Option<SignedCheckpoint>> {
        let profile = self.profile.profile();
        let Some(text) = self.files.checkpoint()? else { return Ok(None) };
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
        // [LOG-6] [CLI-41]
        let fresh = checkpoint.check_fresh(now, profile.checkpoint_max_age);
        if let Err(error) = fresh {
            let clocks = clock::suspicion(&error, now, self.files.date());
            let clocks = clocks.map(|clocks| format!(" ({clocks})")).unwrap_or_default();
            let refused = format!("the checkpoint of {name} is refused{clocks}");
            return Err(anyhow::Error::new(error).context(refused));
        }
        Ok(checkpoint)
    }

    /// Downloads and verifies what is new after `position`; the position after it. The entries are
    /// on the disk then: [`LogReader::parts`].
    pub(crate) fn fetch_after(
        &mut self,
        position: &LogPosition,
        now: UnixSeconds,
    ) -> anyhow::Result<LogPosition> {
        let checkpoint = self.checkpoint(now)?;
        // [LOG-15]
        self.fetch_to(&position.by_clock(now), &checkpoint)
    }

    fn fetch_to(
        &mut self,
        position: &LogPosition,
        checkpoint: &SignedCheckpoint,
    ) -> anyhow::Result<LogPosition> {
        // [LOG-7] [LOG-8]
        let seen = self.kept.checkpoint(&self.profile);
        let forked =
            seen.as_ref().is_some_and(|seen| compare(seen, checkpoint) == Comparison::Fork);
        if let Err(error) = position.pending(checkpoint) {
            return Err(self.refused(error, seen.as_ref(), checkpoint));
        }
        if forked {
            let size = checkpoint.checkpoint().size;
            return Err(self.refused(LogError::Fork { size }, seen.as_ref(), checkpoint));
        }
        let (from, size) = (&position.range, checkpoint.checkpoint().size);
        let reached = self.fetch(from, size, |range| position.reach(checkpoint, range))?;
        let next = reached.map_err(|error| self.refused(error, seen.as_ref(), checkpoint))?;
        self.kept.keep_checkpoint(checkpoint);
        self.kept.tidy();
        Ok(next)
    }

    /// Makes sure that every entry before `position` is on the disk, and downloads them again where
    /// one is missing or damaged.
    pub(crate) fn fetch_before(&mut self, position: &LogPosition) -> anyhow::Result<()> {
        // [CLI-26]
        let wanted = &position.range;
        let reached = self.fetch(&CompactRange::new(), wanted.size(), |range| {
            if range == *wanted { Ok(()) } else { Err(LogError::RootMismatch) }
        })?;
        reached.with_context(|| {
            format!(
                "the server of {} does not show any more what it showed before",
                clean(&self.profile.profile().name)
            )
        })
    }

    /// The entries between two positions that were fetched, part by part. The last item is an error
    /// unless all of them together lead from the one to the other.
    pub(crate) fn parts(
        &self,
        from: &LogPosition,
        to: &LogPosition,
    ) -> impl Iterator<Item = anyhow::Result<Part>> + use<'_> {
        let (mut range, wanted) = (from.range.clone(), to.range.clone());
        let mut bundles = bundles_needed(range.size(), wanted.size());
        let mut done = false;
        std::iter::from_fn(move || {
            let (mut part, mut bytes) = (Part::new(), 0);
            while !done && part.len() < PART && bytes < PART_BYTES {
                let Some(bundle) = bundles.next() else {
                    done = true;
                    break;
                };
                let Some((entries, length)) = self.kept.bundle(&bundle) else {
                    done = true;
                    return Some(Err(anyhow!("what was downloaded is gone; sync again")));
                };
                bytes += length;
                for entry in entries {
                    let index = range.size();
                    range.push(leaf_hash(&entry));
                    part.push((index, entry));
                }
            }
            // [LOG-7] The disk may have changed since it was verified.
            if done && range != wanted {
                range = wanted.clone();
                return Some(Err(anyhow!(
                    "what was downloaded was damaged on the disk; sync again"
                )));
            }
            (!part.is_empty()).then_some(Ok(part))
        })
    }

    /// Reads from `from` on to `size`, from kept files and from the server, and has `judge` say
    /// whether the tree is the right one. Where it is not, everything is downloaded once more before
    /// that is believed: a kept file may be damaged.
    fn fetch<T>(
        &mut self,
        from: &CompactRange,
        size: u64,
        judge: impl Fn(CompactRange) -> Result<T, LogError>,
    ) -> anyhow::Result<Result<T, LogError>> {
        let (range, used_kept) = self.read_on(from, size, true)?;
        let judged = judge(range);
        if judged.is_ok() {
            return Ok(judged);
        }
        // [LOG-8] Whether a download was damaged or the past rewritten shows only another one.
        self.kept.discard_from(from.size() / 256);
        if !used_kept {
            return Ok(judged);
        }
        let (range, _) = self.read_on(from, size, false)?;
        let judged = judge(range);
        if judged.is_err() {
            self.kept.discard_from(from.size() / 256);
        }
        Ok(judged)
    }

    /// One pass over the bundles from `from` to `size`, one at a time; the tree, and whether a kept
    /// file was used.
    fn read_on(
        &mut self,
        from: &CompactRange,
        size: u64,
        trust_kept: bool,
    ) -> anyhow::Result<(CompactRange, bool)> {
        let (mut range, mut used_kept, mut read) = (from.clone(), false, 0);
        let bar = self.output.progress(size.saturating_sub(from.size()), "downloading");
        // [CLI-25] Lazily: how many there are is a stranger's number.
        for bundle in bundles_needed(from.size(), size) {
            let kept = trust_kept.then(|| self.kept.bundle(&bundle)).flatten();
            used_kept |= kept.is_some();
            let (entries, length) = match kept {
                Some(kept) => kept,
                None => {
                    let room = self.limits.check(read);
                    room.map_err(|stop| self.stopped(stop, range.size() - from.size(), size))?;
                    self.download(&bundle, size)?
                }
            };
            read += length as u64;
            entries.iter().for_each(|entry| range.push(leaf_hash(entry)));
            bar.set_position(range.size() - from.size());
        }
        bar.finish_and_clear();
        Ok((range, used_kept))
    }

    fn download(
        &mut self,
        bundle: &NeededBundle,
        size: u64,
    ) -> anyhow::Result<(Vec<Vec<u8>>, usize)> {
        let name = clean(&self.profile.profile().name);
        let Some((path, bytes)) = self.files.tile(&bundle.path)? else {
            bail!(
                "the log of {name} is refused: it is said to have {}, and its file {} is not \
                 there",
                counted(size, "entry"),
                bundle.path
            );
        };
        self.limits.spend(bytes.len() as u64);
        let entries =
            entries_of(&path, bundle, &bytes).ok_or(TileError::Bundle).with_context(|| {
                format!(
                    "the log of {name} is refused: {path} does not hold the entries of its width"
                )
            })?;
        self.kept.keep(&path, &bytes)?;
        Ok((entries, bytes.len()))
    }

    fn stopped(&self, stop: Stop, done: u64, size: u64) -> anyhow::Error {
        let name = clean(&self.profile.profile().name);
        match stop {
            Stop::ForNow => anyhow!(
                "{name}: the log has {}, and {} downloaded, which is as much as is done at once; \
                 sync again to go on",
                counted(size, "entry"),
                counted(done, "new one")
            ),
            Stop::TooMuch => anyhow!(
                "the log of {name} is refused: it has grown to {}, more than can be kept; ask the \
                 authority, or unfollow it",
                counted(size, "entry")
            ),
        }
    }

    /// An error about a checkpoint that contradicts what was seen before. Both are kept.
    fn refused(
        &self,
        error: LogError,
        seen: Option<&SignedCheckpoint>,
        offered: &SignedCheckpoint,
    ) -> anyhow::Error {
        let refused = format!("the log of {} is refused", clean(&self.profile.profile().name));
        // [LOG-8] [LOG-14] Another time under the same tree is a delay and no contradiction.
        let kept = match error {
            LogError::Rollback { .. } | LogError::Fork { .. } | LogError::RootMismatch => {
                evidence::keep(&self.evidence, &self.profile, seen, offered)
            }
            _ => Ok(None),
        };
        match kept {
            Ok(Some(folder)) => self.output.say(evidence::words(&folder, &self.profile)),
            Ok(None) => {}
            Err(error) => {
                self.output.say(format!("the evidence could not be kept: {}", words(&error)))
            }
        }
        anyhow::Error::new(error).context(refused)
    }
}
