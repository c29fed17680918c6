//! The heads that earlier audits saw, kept as signed notes: where two of them contradict each other,
//! both together are the proof.

use std::path::{Path, PathBuf};

use noren::auditor::Sighting;
use noren::log::{LogPosition, SignedCheckpoint};
use noren::profile::{Fingerprint, SignedProfile};
use serde::{Deserialize, Serialize};

use crate::context::Context;
use crate::files;

/// A head as it is kept. Everything else in the file is for people who read it.
#[derive(Serialize, Deserialize)]
struct Kept {
    note: String,
    #[serde(default)]
    size: u64,
    #[serde(default)]
    root: String,
}

/// Every head of one log that was seen, each tree once under its latest signature.
pub(super) struct Seen {
    file: PathBuf,
    heads: Vec<SignedCheckpoint>,
}

impl Seen {
    /// What earlier audits saw, under these keys or the last ones before them that were audited. A
    /// damaged file is put aside, and what is still signed in it counts.
    pub(super) fn read(
        context: &Context,
        folder: &Path,
        profile: &SignedProfile,
    ) -> anyhow::Result<Self> {
        let file = file(folder, &profile.profile().fingerprint());
        // [PRO-6]
        let mut names = profile.predecessors();
        names.push(profile.profile().fingerprint());
        for name in names.iter().rev() {
            let kept = self::file(folder, name);
            let Some(bytes) = read(&kept) else { continue };
            let (heads, damaged) = parse(&bytes, profile);
            if damaged {
                put_aside(context, &kept)?;
            }
            return Ok(Self { file, heads });
        }
        Ok(Self { file, heads: Vec::new() })
    }

    pub(super) fn heads(&self) -> &[SignedCheckpoint] {
        &self.heads
    }

    pub(super) fn sightings(&self) -> Vec<Sighting> {
        self.heads.iter().map(Sighting::from).collect()
    }

    /// The head under which a position was reached.
    pub(super) fn head_of(&self, position: &LogPosition) -> Option<SignedCheckpoint> {
        let (size, root) = (position.range.size(), position.range.root());
        let is_it = |seen: &&SignedCheckpoint| {
            (seen.checkpoint().size, seen.checkpoint().root) == (size, root)
        };
        self.heads.iter().find(is_it).cloned()
    }

    /// Adds a head, or takes the latest signature over a tree that was seen before.
    pub(super) fn note(&mut self, head: &SignedCheckpoint) {
        let same = |known: &&mut SignedCheckpoint| known.checkpoint() == head.checkpoint();
        match self.heads.iter_mut().find(same) {
            Some(known) if known.timestamp() < head.timestamp() => *known = head.clone(),
            Some(_) => {}
            None => self.heads.push(head.clone()),
        }
    }

    pub(super) fn store(&self) -> anyhow::Result<()> {
        let kept = |head: &SignedCheckpoint| Kept {
            note: head.text().to_owned(),
            size: head.checkpoint().size,
            root: head.checkpoint().root.to_string(),
        };
        let kept: Vec<Kept> = self.heads.iter().map(kept).collect();
        files::replace(&self.file, &serde_json::to_vec_pretty(&kept)?)
    }
}

/// The heads in a file whose signatures hold, and whether there is anything else in it.
fn parse(bytes: &[u8], profile: &SignedProfile) -> (Vec<SignedCheckpoint>, bool) {
    let list: Vec<serde_json::Value> = serde_json::from_slice(bytes).unwrap_or_default();
    let count = list.len();
    let notes = list.into_iter().filter_map(|item| serde_json::from_value::<Kept>(item).ok());
    let heads: Vec<_> = notes.filter_map(|kept| verified(kept.note.as_bytes(), profile)).collect();
    let damaged = heads.len() != count || count == 0;
    (heads, damaged)
}

/// A note that these keys signed, or keys that they took over from.
pub(super) fn verified(note: &[u8], profile: &SignedProfile) -> Option<SignedCheckpoint> {
    // [LOG-5] [PRO-7]
    let profile_keys = profile.profile().log_keys();
    let verified = SignedCheckpoint::verify(note, &profile.profile().origin, &profile_keys).ok();
    verified.or_else(|| profile.verify_before_handover(note))
}

fn file(folder: &Path, authority: &Fingerprint) -> PathBuf {
    folder.join(format!("{}.json", hex::encode(authority.as_bytes())))
}

/// What is in a file, where there is one; nothing where it cannot be read.
fn read(path: &Path) -> Option<Vec<u8>> {
    path.symlink_metadata().ok()?;
    Some(files::read(path).ok().flatten().map(|bytes| bytes.to_vec()).unwrap_or_default())
}

/// Moves a damaged file out of the way, under a name that is free.
fn put_aside(context: &Context, file: &Path) -> anyhow::Result<()> {
    // [CLI-26]
    let names = (1..).map(|number| file.with_extension(format!("damaged-{number}")));
    let Some(aside) = names.into_iter().find(|name| name.symlink_metadata().is_err()) else {
        return Ok(());
    };
    std::fs::rename(file, &aside)?;
    context.output.say(format!(
        "what earlier audits saw is damaged; the file is kept as {}, and the heads in it whose \
         signatures hold still count. Give back a copy if you have one",
        aside.display()
    ));
    Ok(())
}
